//! Commands that need no node: keys and builds, against tools nobody here wrote.

mod contract;

use contract::{KEY, contract, key_file};
use primitives::{BuildHash, PublicKey};
use releases::ReleaseAttestation;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Runs with `--json`, expects success and nothing on standard error.
fn json(arguments: &[&str]) -> Value {
    let run = contract(&[arguments, &["--json"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&run.stdout).expect("JSON and nothing else")
}

#[test]
fn the_hash_of_a_file_is_blake3_and_sha256() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("build");
    let bytes: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
    std::fs::write(&path, &bytes).unwrap();
    let file = path.to_str().unwrap();

    let answer = json(&["release", "hash", file]);
    assert_eq!(answer["build_hash"], blake3::hash(&bytes).to_hex().as_str());
    assert_eq!(answer["size"], bytes.len());
    assert_eq!(answer["platform"], Value::Null);
    let sha256 = Command::new("sha256sum").arg(file).output().unwrap();
    assert!(String::from_utf8(sha256.stdout).unwrap().starts_with(answer["sha256"].as_str().unwrap()));

    let text = contract(&["release", "hash", file]).stdout;
    for part in [answer["build_hash"].as_str().unwrap(), answer["sha256"].as_str().unwrap(), "3000000 bytes"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let absent = contract(&["release", "hash", "/nonexistent/build"]);
    assert_eq!(absent.code, 2);
    assert!(absent.stderr.contains("/nonexistent/build cannot be read"), "{}", absent.stderr);
}

#[test]
fn this_very_tool_is_an_executable_of_this_platform() {
    let answer = json(&["release", "hash", env!("CARGO_BIN_EXE_contract")]);
    assert_eq!(answer["platform"], format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS));
}

#[test]
fn a_signature_verifies_and_openssl_makes_the_same() {
    let (key, hash) = (key_file(KEY), BuildHash([0xAB; 32]));
    let path = key.path().to_str().unwrap();
    let upper = hash.to_string().to_uppercase();
    let attestation: ReleaseAttestation =
        serde_json::from_value(json(&["release", "sign", "--hash", &upper, "--key", path])).unwrap();
    assert!(attestation.signer.verify(format!("release:{hash}").as_bytes(), &attestation.signature));

    let message = key_file(&format!("release:{hash}"));
    let message = message.path().to_str().unwrap();
    let made = Command::new("openssl").args(["pkeyutl", "-sign", "-rawin", "-inkey", path, "-in", message]).output();
    assert_eq!(made.unwrap().stdout, attestation.signature.as_bytes(), "Ed25519 is deterministic");

    let text = contract(&["release", "sign", "--hash", &upper, "--key", path]).stdout;
    assert_eq!(text, format!("signer {}\nsignature {}\n", attestation.signer, attestation.signature));
}

#[test]
fn o30_notes_and_manifests_are_read_as_any_editor_saves_them_or_the_encoding_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let genesis = serde_json::to_string(&runtime::testing::genesis()).unwrap();
    std::fs::create_dir_all(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/genesis.json"), format!("\u{feff}{genesis}")).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (notes, said, hash) = (path("notes.md"), path("said.json"), "ab".repeat(32));
    let home = path("");
    let of = |option: &'static str, file: &str| {
        contract(&[
            "release",
            "manifest",
            "--hash",
            &hash,
            "--platform",
            "x86_64-linux",
            "--home",
            &home,
            option,
            file,
            "--json",
        ])
    };
    for (option, file, text) in
        [("--notes", &notes, "Repairs.\nMore.\n"), ("--said", &said, "{\n\"version\":\"1.4.0\"}\n")]
    {
        std::fs::write(file, text).unwrap();
        let plain = of(option, file);
        assert_eq!(plain.code, 0, "{}", plain.stderr);
        std::fs::write(file, format!("\u{feff}{text}")).unwrap();
        assert_eq!(of(option, file).stdout, plain.stdout, "{option}: the mark is no part of it");
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            std::fs::write(file, text.encode_utf16().flat_map(order).collect::<Vec<u8>>()).unwrap();
            let refused = of(option, file);
            assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{option}");
            assert!(refused.stderr.contains("UTF-16") && refused.stderr.contains("as UTF-8"), "{}", refused.stderr);
        }
    }
}

#[test]
fn o31_a_hash_is_taken_as_people_have_it_and_signed_as_ever() {
    let (key, hash) = (key_file(KEY), BuildHash([0xAB; 32]));
    let sign = |typed: &str| json(&["release", "sign", "--hash", typed, "--key", key.path().to_str().unwrap()]);
    let expected = sign(&hash.to_string());
    let upper = hash.to_string().to_uppercase();
    for typed in [format!("0x{hash}"), format!("0X{upper}"), format!(" {hash} "), format!("\t0x{upper}\n")] {
        assert_eq!(sign(&typed), expected, "{typed:?}");
    }
}

#[test]
fn h09_a_manifest_is_signed_and_verified_without_a_node_and_openssl_makes_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let genesis = runtime::testing::genesis();
    std::fs::create_dir_all(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/genesis.json"), serde_json::to_string(&genesis).unwrap()).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("build"), "a build").unwrap();
    let platform = runtime::testing::platform().to_string();
    let words = ["--artifact", &path("build"), "--platform", &platform, "--version", "1.4.0", "--home", &path("")];
    let made = json(&[&["release", "manifest"][..], &words].concat());
    assert_eq!(made["chain_id"], genesis.chain.chain_id.as_str());
    assert_eq!(made["text"], format!("release:{}", blake3::hash(b"a build").to_hex()));
    std::fs::write(path("manifest.json"), made.to_string()).unwrap();
    std::fs::write(path("said.json"), made["manifest"].to_string()).unwrap();
    let words =
        ["--artifact", &path("build"), "--platform", &platform, "--home", &path(""), "--said", &path("said.json")];
    let as_json = [&["release", "manifest"][..], &words].concat();
    assert_eq!(json(&as_json), made);
    assert_eq!(contract(&[&as_json[..], &["--version", "1.4.1"]].concat()).code, 2, "two manifests");

    let key = key_file(KEY);
    let sign = ["release", "sign", "--manifest", &path("manifest.json"), "--key", key.path().to_str().unwrap()];
    let signed = json(&sign);
    let message = made["message"].as_str().unwrap();
    let bytes: Vec<u8> =
        (0..message.len()).step_by(2).map(|at| u8::from_str_radix(&message[at..at + 2], 16).unwrap()).collect();
    assert!(bytes.starts_with(b"the-block/manifest/v1"));
    let over_build = made["text"].as_str().unwrap().as_bytes();
    for (field, over) in [("signature", over_build), ("manifest_signature", &bytes[..])] {
        std::fs::write(path("message"), over).unwrap();
        let arguments = ["pkeyutl", "-sign", "-rawin", "-inkey", key.path().to_str().unwrap(), "-in", &path("message")];
        let theirs = Command::new("openssl").args(arguments).output().unwrap().stdout;
        let theirs: String = theirs.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(signed[field], theirs.as_str(), "{field}");
    }

    let text = |field: &str| signed[field].as_str().unwrap().to_owned();
    let (signer, signature, over_all) = (text("signer"), text("signature"), text("manifest_signature"));
    let manifest = path("manifest.json");
    let verify = |artifact: &str, over_all: &str| {
        let by = ["--signer", &signer, "--signature", &signature, "--manifest-signature", over_all];
        contract(&[&["release", "verify", "--manifest", &manifest, "--artifact", artifact][..], &by].concat())
    };
    let good = verify(&path("build"), &over_all);
    assert_eq!((good.code, good.stderr.as_str()), (0, ""));
    assert!(good.stdout.contains(&signer), "{}", good.stdout);
    let lent = verify(&path("build"), &signature);
    assert_eq!(lent.code, 1);
    assert!(lent.stderr.contains("is not valid on this network"), "{}", lent.stderr);
    std::fs::write(path("other"), "another build").unwrap();
    let other = verify(&path("other"), &over_all);
    assert_eq!(other.code, 1);
    assert!(other.stderr.contains("E_MIXMATCH"), "{}", other.stderr);
}

#[test]
fn a_key_of_openssl_is_shown_and_a_generated_one_is_read_by_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs.key");
    let openssl = |arguments: &[&str]| Command::new("openssl").args(arguments).output().unwrap().stdout;
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", theirs.to_str().unwrap()]);
    // RFC 8410: the last 32 bytes of the DER form are the key.
    let der = openssl(&["pkey", "-in", theirs.to_str().unwrap(), "-pubout", "-outform", "DER"]);
    let public = PublicKey(der[der.len() - 32..].try_into().unwrap());
    let shown = json(&["keys", "show", theirs.to_str().unwrap()]);
    assert_eq!(shown["public_key"], public.to_string());
    assert_eq!(shown["account"], public.to_string());

    let ours = folder.path().join("ours.key");
    let generated = json(&["keys", "generate", ours.to_str().unwrap()]);
    let der = openssl(&["pkey", "-in", ours.to_str().unwrap(), "-pubout", "-outform", "DER"]);
    assert_eq!(generated["public_key"], PublicKey(der[der.len() - 32..].try_into().unwrap()).to_string());
    let again = contract(&["keys", "generate", ours.to_str().unwrap()]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("exists and is not overwritten"), "{}", again.stderr);
}

#[test]
fn a_folder_of_keys_is_listed_with_what_is_wrong_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    contract(&["keys", "generate", &path("b.key")]);
    contract(&["keys", "generate", &path("a.pem")]);
    std::fs::set_permissions(path("a.pem"), std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::write(path("c.pem"), "nonsense").unwrap();
    std::fs::write(path("notes.txt"), "not a key").unwrap();
    let listed = json(&["keys", "list", folder.path().to_str().unwrap()]);
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert!(listed[0]["error"].as_str().unwrap().contains("chmod 600"), "{listed}");
    assert!(listed[1]["public_key"].is_string());
    assert!(listed[2]["error"].as_str().unwrap().contains("is not a PKCS#8 PEM key"), "{listed}");
    let empty = tempfile::tempdir().unwrap();
    assert!(contract(&["keys", "list", empty.path().to_str().unwrap()]).stdout.contains("No key files"));
}
