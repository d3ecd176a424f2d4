//! Can a release be told from anything that is not one? The scripts of `docs/operations/provenance.md`, as operators run them.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::provenance::{Workshop, list_again, new_key, refuses, script, shell};

/// A way to spoil a release: its name, what is done in a copy of the folder, whether the checksums follow, the sentence.
type Spoiling = (&'static str, &'static str, bool, &'static str);

const SPOILED: [Spoiling; 12] = [
    (
        "flipped",
        "printf X | dd of=contract conv=notrunc status=none",
        false,
        "E_CHECKSUM: contract is not the file that B3SUMS lists",
    ),
    ("extra", "touch libevil.so", false, "E_EXTRA: libevil.so is not listed in B3SUMS"),
    ("linked", "ln -s /etc/passwd notes", true, "E_EXTRA: notes is neither a file nor a folder"),
    ("lost", "rm contract.cdx.json", false, "E_MISSING: contract.cdx.json is listed in B3SUMS and is not there"),
    ("less", "rm contract.cdx.json", true, "E_MISSING: contract.cdx.json is missing"),
    ("odd", "sed -i 1d SHA256SUMS", false, "stands in one of B3SUMS and SHA256SUMS only"),
    (
        "sbom",
        "cp contract.cdx.json the-block.cdx.json",
        true,
        "E_MIXMATCH: the-block.cdx.json is not the file that the provenance",
    ),
    (
        "binary",
        "cp contract the-block",
        true,
        "E_MIXMATCH: the-block is not the file that the provenance statement describes",
    ),
    (
        "statement",
        "sed -i s/urn:/URN:/ provenance.json",
        true,
        "E_MIXMATCH: provenance.dsse.json and provenance.json are not",
    ),
    (
        "unsigned",
        "sed -i '/\"signatures\"/,/\\]/c\\  \"signatures\": []' provenance.dsse.json",
        true,
        "E_UNSIGNED: nobody has signed",
    ),
    ("forged", "sed -i 's/\"sig\": \"..../&AAAA/;s/AAAA..../AAAA/' provenance.dsse.json", true, "E_SIGNATURE: "),
    ("facts", "sed -i 's/\"size\": 1*/&9/' release.json", true, "E_MIXMATCH: release.json says size is"),
];

/// A copy of a release that can be spoiled without a trace in the other.
fn copy(release: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let to = release.with_file_name(format!("spoiled-{name}"));
    shell(&format!("cp -r '{}' '{}'", release.display(), to.display()), Path::new("/"))?;
    Ok(to)
}

#[test]
fn a_release_verifies_and_each_way_to_spoil_it_has_its_own_sentence() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let workshop = Workshop::open(dir.path(), "")?;
    let release = workshop.release()?;
    let verified = workshop.verify(&release).output()?;
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert_eq!(fs::read_dir(workshop.out())?.count(), 2, "something was left beside the release and its archive");

    for (name, spoil, lists_follow, sentence) in SPOILED {
        let spoiled = copy(&release, name)?;
        shell(spoil, &spoiled)?;
        if lists_follow && name != "linked" {
            list_again(&spoiled)?;
        }
        refuses(&mut workshop.verify(&spoiled), 1, sentence);
        fs::remove_dir_all(spoiled)?;
    }
    trust(&workshop, &release)?;
    policy(&workshop, &release, dir.path())?;
    archives(&workshop, &release, dir.path())
}

/// Who is trusted, and whether one of them signed.
fn trust(workshop: &Workshop, release: &Path) -> anyhow::Result<()> {
    let stranger = "ab".repeat(32);
    let verify = || workshop.verify_for(release, &[]);
    refuses(verify().args(["--signer", &stranger]), 1, "E_SIGNER: no trusted signer has signed");
    refuses(verify().env("TB_RELEASE_SIGNERS", &stranger), 1, "E_SIGNER: ");
    refuses(&mut verify(), 2, "no signer is trusted");
    refuses(verify().args(["--signer", "abc"]), 2, "'abc' is not a release signer");
    refuses(
        verify().args(["--signer", &workshop.signer, "--rpc", "http://127.0.0.1:9", "--contract", "/nowhere"]),
        2,
        "/nowhere is missing",
    );
    let written = format!("{}\n# ours\n", workshop.signer.to_uppercase());
    assert!(verify().env("TB_RELEASE_SIGNERS", written).output()?.status.success());
    Ok(())
}

/// What the committed policy says of the dependencies.
fn policy(workshop: &Workshop, release: &Path, dir: &Path) -> anyhow::Result<()> {
    let cases = [
        ("sed -i '/^blake3 1/d' config/dependency_baseline.txt", "E_BASELINE: blake3 1"),
        ("echo 'zzz 1 a b' >> config/dependency_baseline.txt", "E_BASELINE: zzz 1 of the committed"),
        (
            "sed -i '/^blake3 1/s/.$/x/' config/dependency_baseline.txt",
            "has another source or checksum than the committed",
        ),
        ("sed -i '/\"Apache-2.0\",/d' deny.toml", "which deny.toml does not allow"),
        ("printf '\\n[[bans.deny]]\\ncrate = \"blake3@1\"\\n' >> deny.toml", "is banned by deny.toml"),
    ];
    for (number, (spoil, sentence)) in cases.into_iter().enumerate() {
        let other = dir.join(format!("policy{number}"));
        fs::create_dir_all(other.join("config"))?;
        for file in ["deny.toml", "config/dependency_baseline.txt"] {
            fs::copy(workshop.repository().join(file), other.join(file))?;
        }
        assert!(workshop.verify(release).arg("--policy").arg(&other).output()?.status.success());
        shell(spoil, &other)?;
        refuses(workshop.verify(release).arg("--policy").arg(&other), 1, sentence);
    }
    Ok(())
}

/// T8, T28: an archive is opened only when there is nothing in it but a release.
fn archives(workshop: &Workshop, release: &Path, dir: &Path) -> anyhow::Result<()> {
    let name = release.file_name().context("a release has a name")?.to_string_lossy().into_owned();
    let packed = release.with_file_name(format!("{name}.tar.zst"));
    assert!(workshop.verify(&packed).output()?.status.success(), "the archive beside the release does not verify");
    let out = workshop.out();
    // What is packed instead of what is there, and why it is refused; TOP is the folder's name.
    let cases = [
        ("good", "tar -czf PACKED TOP", ""),
        (
            "extra",
            "touch TOP/libevil.so; tar -czf PACKED TOP; rm TOP/libevil.so",
            "E_EXTRA: the archive holds libevil.so",
        ),
        (
            "symlink",
            "ln -s /etc/passwd TOP/notes; tar -czf PACKED TOP; rm TOP/notes",
            "E_ARCHIVE: 'TOP/notes' is no plain file",
        ),
        ("hardlink", "ln TOP/B3SUMS TOP/notes; tar -czf PACKED TOP; rm TOP/notes", "is no plain file"),
        (
            "climbing",
            "touch evil; tar -czPf PACKED TOP --transform 's,evil,TOP/../../evil,' evil; rm evil",
            "'TOP/../../evil' is not a file in",
        ),
        (
            "absolute",
            "touch evil; tar -czPf PACKED TOP --transform 's,evil,/tmp/evil,' evil; rm evil",
            "'/tmp/evil' is not a file in",
        ),
        ("below", "mkdir TOP/lib; tar -czf PACKED TOP; rmdir TOP/lib", "E_ARCHIVE: 'TOP/lib"),
        ("twice", "tar --hard-dereference -czf PACKED TOP TOP/B3SUMS", "there twice"),
        ("other", "mkdir else; touch else/x; tar -czf PACKED TOP else; rm -r else", "is in another folder"),
        (
            "foreign",
            "mkdir else; touch else/x; tar -czf PACKED else; rm -r else",
            "E_MISSING: the archive has no B3SUMS",
        ),
        ("cut", "tar -czf PACKED TOP; truncate -s 100000 PACKED", "E_ARCHIVE: "),
        ("noise", "head -c 100000 /dev/zero > PACKED", "E_ARCHIVE: "),
    ];
    for (case, pack, sentence) in cases {
        let archive = dir.join(format!("{case}.tar.gz"));
        let fill = |text: &str| text.replace("TOP", &name).replace("PACKED", &archive.display().to_string());
        shell(&fill(pack), &out)?;
        let work = dir.join(format!("work-{case}"));
        fs::create_dir(&work)?;
        let mut verify = workshop.verify(&archive);
        verify.env("TMPDIR", &work);
        match sentence {
            "" => assert!(verify.output()?.status.success(), "{case}"),
            sentence => refuses(&mut verify, 1, &fill(sentence)),
        }
        assert_eq!(fs::read_dir(&work)?.count(), 0, "{case} left something behind");
        fs::remove_file(archive)?;
    }
    refuses(&mut workshop.verify(&dir.join("none.tar.gz")), 2, "there is no ");
    refuses(&mut workshop.verify(&workshop.key), 2, "is neither a folder nor a .tar.zst or .tar.gz");
    Ok(())
}

/// Signs a release with a key, by the script.
fn sign(release: &Path, key: &Path) -> anyhow::Result<()> {
    let output = script("sign_release.sh").arg(release).arg("--key").arg(key).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[test]
fn h21_one_signature_of_two_is_refused() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let workshop = Workshop::open(dir.path(), "")?;
    let release = workshop.release()?;
    let (other_key, ours) = (dir.path().join("other.key"), workshop.signer.as_str());
    let other = new_key(&other_key)?;
    let verify = |signers: &[&str], words: &[&str]| {
        let mut command = workshop.verify_for(&release, signers);
        command.args(words);
        command
    };
    let missing = format!("and 2 have to; without the signature of {other}");
    refuses(&mut verify(&[ours, &other], &[]), 1, "E_SIGNER: 1 of 2 trusted signers signed");
    refuses(&mut verify(&[ours, &other], &[]), 1, &missing);
    refuses(verify(&[], &[]).env("TB_RELEASE_SIGNERS", format!("{ours},{other}")), 1, &missing);
    refuses(&mut verify(&[ours, &other], &["--threshold", "2"]), 1, &missing);
    assert!(verify(&[ours, &other], &["--threshold", "1"]).output()?.status.success());
    // As people have a key at hand (O31).
    let typed = format!("0X{}", ours.to_uppercase());
    assert!(verify(&[], &[]).env("TB_RELEASE_SIGNERS", typed).output()?.status.success());
    // What can be asked of nobody is a slip, and none that lets a release pass.
    refuses(&mut verify(&[ours, &other], &["--threshold", "0"]), 2, "--threshold 0 cannot be asked of 2");
    refuses(&mut verify(&[ours, &other], &["--threshold", "3"]), 2, "say 1 to 2");
    refuses(&mut verify(&[ours, ours], &["--threshold", "2"]), 2, "cannot be asked of 1");

    // The one signature twice, and the one signature under both names.
    for (name, key) in [("twice", ours), ("borrowed", other.as_str())] {
        let spoiled = copy(&release, name)?;
        let envelope = spoiled.join("provenance.dsse.json");
        let mut read: Value = serde_json::from_slice(&fs::read(&envelope)?)?;
        let signatures = read["signatures"].as_array_mut().context("an envelope has signatures")?;
        let mut again = signatures[0].clone();
        again["keyid"] = key.into();
        signatures.push(again);
        fs::write(&envelope, serde_json::to_vec(&read)?)?;
        list_again(&spoiled)?;
        let sentence = if key == ours { missing.clone() } else { format!("E_SIGNATURE: the signature of {key}") };
        refuses(&mut workshop.verify_for(&spoiled, &[ours, &other]), 1, &sentence);
    }

    sign(&release, &other_key)?;
    assert!(verify(&[ours, &other], &[]).output()?.status.success(), "both have signed");
    assert!(verify(&[ours], &[]).output()?.status.success(), "the second signer took the first one's signature away");
    Ok(())
}

#[test]
fn h21_neither_signing_nor_checking_runs_what_lies_in_the_release() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let workshop = Workshop::open(dir.path(), "")?;
    let release = workshop.release()?;
    let mark = dir.path().join("mark");
    // What Python would take for a module of its own, if it looked where one stands.
    fs::write(release.join("json.py"), format!("open({:?}, 'w')\n", mark.display().to_string()))?;
    let by_hand = Command::new("python3").args(["-c", "import json"]).current_dir(&release).status()?;
    assert!(by_hand.success() && mark.exists(), "the trap does not work");
    shell("rm -rf mark releases/*/__pycache__", dir.path())?;
    refuses(workshop.verify(Path::new(".")).current_dir(&release), 1, "E_EXTRA: json.py");
    refuses(workshop.sign(Path::new(".")).current_dir(&release), 1, "E_EXTRA: json.py");
    assert!(!mark.exists(), "a file of the release was run");
    Ok(())
}
