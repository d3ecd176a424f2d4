//! Can a release be told from anything that is not one? The scripts of `docs/operations/provenance.md`, as operators run them.

use anyhow::Context as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::provenance::{TAG, Workshop, list_again, refusal, shell};

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

#[track_caller]
fn refuses(command: &mut Command, code: i32, sentence: &str) {
    let (found, said) = refusal(command).unwrap();
    assert!(
        found == Some(code) && said.contains(sentence),
        "expected {code} and {sentence:?}, got {found:?} and {said:?}"
    );
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

/// Who has to have signed.
fn trust(workshop: &Workshop, release: &Path) -> anyhow::Result<()> {
    let stranger = "ab".repeat(32);
    let verify = || {
        let mut command = tests::provenance::script("verify_release.sh");
        command.arg(release);
        command
    };
    refuses(verify().args(["--signer", &stranger]), 1, "E_SIGNER: no trusted signer has signed");
    refuses(verify().env("TB_RELEASE_SIGNERS", &stranger), 1, "E_SIGNER: ");
    refuses(&mut verify(), 2, "no signer is trusted");
    refuses(verify().args(["--signer", "abc"]), 2, "'abc' is not a release signer");
    refuses(
        verify().args(["--signer", &workshop.signer, "--rpc", "http://127.0.0.1:9", "--contract", "/nowhere"]),
        2,
        "/nowhere is missing",
    );
    let both = format!("{stranger},\n{} # ours", workshop.signer.to_uppercase());
    assert!(
        verify().env("TB_RELEASE_SIGNERS", both).output()?.status.success(),
        "one of two trusted signers is enough"
    );
    Ok(())
}

/// What the committed policy says of the dependencies.
fn policy(workshop: &Workshop, release: &Path, dir: &Path) -> anyhow::Result<()> {
    let cases = [
        ("sed -i '/^serde 1/d' config/dependency_baseline.txt", "E_BASELINE: serde 1"),
        ("echo 'zzz 1 a b' >> config/dependency_baseline.txt", "E_BASELINE: zzz 1 of the committed"),
        (
            "sed -i '/^serde 1/s/.$/x/' config/dependency_baseline.txt",
            "has another source or checksum than the committed",
        ),
        ("sed -i '/\"MIT\",/d' deny.toml", "which deny.toml does not allow"),
        ("printf '\\n[[bans.deny]]\\ncrate = \"serde@1\"\\n' >> deny.toml", "is banned by deny.toml"),
    ];
    for (number, (spoil, sentence)) in cases.into_iter().enumerate() {
        let other = dir.join(format!("policy{number}"));
        fs::create_dir_all(other.join("config"))?;
        for file in ["deny.toml", "config/dependency_baseline.txt"] {
            fs::copy(tests::provenance::root().join(file), other.join(file))?;
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

#[test]
fn no_release_is_written_of_what_does_not_agree() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let workshop = Workshop::open(dir.path(), "")?;
    refuses(&mut workshop.write("v9"), 1, "E_REF: v9 is neither a tag nor a commit");
    refuses(workshop.write(TAG).args(["--key", "/nowhere.key"]), 2, "there is no key file /nowhere.key");
    refuses(
        workshop.write(TAG).args(["--profile", "release"]),
        1,
        "E_SOURCE_HASH: the-block was built with profile debug",
    );

    shell("echo '// changed' >> pallets/releases/src/lib.rs && git add -A", &workshop.repository())?;
    workshop.commit("v1.0.1")?;
    refuses(&mut workshop.write("v1.0.1"), 1, "E_SOURCE_HASH: the-block was built from source");

    shell("mv the-block elsewhere && cp contract the-block", &workshop.binaries())?;
    refuses(&mut workshop.write(TAG), 1, "E_PROGRAM: ");
    fs::remove_file(workshop.binaries().join("the-block"))?;
    refuses(&mut workshop.write(TAG), 2, "there is no the-block in");
    assert_eq!(fs::read_dir(workshop.out())?.count(), 0, "a refused release left something behind");
    Ok(())
}
