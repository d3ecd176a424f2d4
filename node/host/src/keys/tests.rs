//! Key files against OpenSSL, and what is refused.

use super::*;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;

/// A key that OpenSSL 3.0 wrote, and its public half.
const FROM_OPENSSL: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
const ITS_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn file(folder: &tempfile::TempDir, text: &str, mode: u32) -> PathBuf {
    let path = folder.path().join("some.key");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn openssl(arguments: &[&str]) -> std::process::Output {
    Command::new("openssl").args(arguments).output().expect("openssl is installed; run scripts/setup.sh")
}

#[test]
fn a_written_key_is_read_back_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("new.key"), generate());
    write(&path, &key).unwrap();
    assert_eq!(read(&path).unwrap().public(), key.public());
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert!(matches!(write(&path, &generate()), Err(KeyFileError::Exists(_))));
    assert_eq!(read(&path).unwrap().public(), key.public(), "the refused write changed nothing");
    assert_ne!(generate().public(), key.public());
}

#[test]
fn a_key_of_openssl_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let key = read(&file(&folder, FROM_OPENSSL, 0o600)).unwrap();
    assert_eq!(key.public().to_string(), ITS_PUBLIC, "RFC 8032, test 1");
    assert_eq!(*pem::write(&key, None).unwrap(), FROM_OPENSSL, "the same bytes are written");
    assert_eq!(read(&file(&folder, FROM_OPENSSL, 0o400)).unwrap().public(), key.public());
}

#[test]
fn openssl_reads_what_is_written_and_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours.key");
    let key = generate();
    write(&ours, &key).unwrap();
    let shown = openssl(&["pkey", "-in", ours.to_str().unwrap(), "-noout", "-text"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    let digits: String = text.split("pub:").nth(1).expect("openssl shows the key").split([' ', '\n', ':']).collect();
    assert_eq!(digits, key.public().to_string());

    let theirs = folder.path().join("theirs.key");
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", theirs.to_str().unwrap()]);
    std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o600)).unwrap();
    read(&theirs).unwrap();
}

#[test]
fn a_file_that_is_no_key_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |text: &str, mode| read(&file(&folder, text, mode)).unwrap_err();
    assert!(matches!(read(&folder.path().join("absent")), Err(KeyFileError::Missing(_))));
    for mode in [0o644, 0o640, 0o604, 0o620] {
        let error = refused(FROM_OPENSSL, mode).to_string();
        assert!(error.contains("chmod 600") && error.contains(&format!("{mode:04o}")), "{error}");
    }
    assert!(matches!(refused("", 0o600), KeyFileError::NotPem { .. }));
    assert!(matches!(refused("not a key", 0o600), KeyFileError::NotPem { .. }));
    let error = refused(&FROM_OPENSSL.replace("PRIVATE KEY", "EC PRIVATE KEY"), 0o600);
    assert!(error.to_string().contains("it holds a EC PRIVATE KEY"), "{error}");
    // X25519 (1.3.101.110) differs from Ed25519 (1.3.101.112) in one byte of the same layout.
    let error = refused(&FROM_OPENSSL.replace("K2Vw", "K2Vu"), 0o600);
    assert!(matches!(error, KeyFileError::NotEd25519 { .. }), "{error}");
    // A seed of 31 bytes in a field of 32.
    let error = refused(&FROM_OPENSSL.replace("BCIEIJ1h", "BCIEH51h"), 0o600);
    assert!(matches!(error, KeyFileError::NotEd25519 { .. }), "{error}");
}

#[test]
fn o45_a_mode_is_held_against_key_files_only() {
    let folder = tempfile::tempdir().unwrap();
    let of_folder = read(folder.path()).unwrap_err();
    assert!(matches!(of_folder, KeyFileError::Folder(_)), "{of_folder}");
    let public = FROM_OPENSSL.replace("PRIVATE", "PUBLIC");
    for (text, mode) in [("root:x:0:0", 0o644), ("", 0o666), (public.as_str(), 0o644)] {
        let error = read(&file(&folder, text, mode)).unwrap_err();
        assert!(matches!(error, KeyFileError::NotPem { .. }) && !error.to_string().contains("chmod"), "{error}");
    }
    let said = [of_folder.to_string(), Passphrase::from_file(folder.path()).unwrap_err().to_string()];
    assert!(said.iter().all(|said| !said.contains("chmod")), "{said:?}");
    let long = Passphrase::from_file(&file(&folder, &"x".repeat(20_000), 0o644)).unwrap_err();
    assert!(!long.to_string().contains("chmod"), "{long}");
}

#[test]
fn a_public_key_that_is_not_the_secret_keys_own_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pair = |public: [u8; 32]| KeypairBytes {
        secret_key: [7; 32],
        public_key: Some(ed25519_dalek::pkcs8::PublicKeyBytes(public)),
    };
    let text = |public| pair(public).to_pkcs8_pem(pkcs8::LineEnding::LF).unwrap().to_string();
    let own = SecretKey::from_seed(&[7; 32]).public();
    assert_eq!(read(&file(&folder, &text(own.0), 0o600)).unwrap().public(), own);
    let other = SecretKey::from_seed(&[8; 32]).public();
    assert!(matches!(read(&file(&folder, &text(other.0), 0o600)), Err(KeyFileError::NotEd25519 { .. })));
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

fn locked(path: &Path) -> Locked {
    match open(path).unwrap() {
        StoredKey::Encrypted(locked) => locked,
        StoredKey::Plain(_) => panic!("{} is not encrypted", path.display()),
    }
}

#[test]
fn an_encrypted_key_opens_with_its_passphrase_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("new.key"), generate());
    write_encrypted(&path, &key, &passphrase("grün und blau")).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let (public, document) = (format!("Public key: {}\n", key.public()), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    assert!(text.starts_with(&(public.clone() + document)), "{text}");
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(locked(&path).unlock(&passphrase("grün und blau")).unwrap().public(), key.public());
    for wrong in ["grün und rot", "grün und blau ", "x"] {
        let error = locked(&path).unlock(&passphrase(wrong)).unwrap_err();
        assert!(matches!(error, KeyFileError::WrongPassphrase(_)), "{error}");
    }
    let error = write_encrypted(&path, &key, &passphrase("x")).unwrap_err();
    assert!(matches!(error, KeyFileError::Exists(_)), "{error}");

    // Who has no passphrase knows whose it is. What is said there of another key is found out by whoever has one.
    assert_eq!(super::public(&path), Some(key.public()));
    let other = format!("Public key: {}\n", generate().public());
    let forged = file(&folder, &text.replace(&public, &other), 0o600);
    let error = locked(&forged).unlock(&passphrase("grün und blau")).unwrap_err();
    assert!(error.to_string().contains("another key's"), "{error}");
    let silent = file(&folder, &text.replace(&public, ""), 0o600);
    assert_eq!(super::public(&silent), None);
    assert_eq!(locked(&silent).unlock(&passphrase("grün und blau")).unwrap().public(), key.public());
}

#[test]
fn a_wrong_passphrase_that_leaves_valid_padding_is_wrong_all_the_same() {
    let (key, cheap) = (generate(), [5u8; 16]);
    let der = KeypairBytes { secret_key: key.seed(), public_key: None }.to_pkcs8_der().unwrap();
    let scheme = pkcs8::pkcs5::pbes2::Parameters::pbkdf2_sha256_aes256cbc(1, &cheap, &cheap).unwrap();
    let info = pkcs8::PrivateKeyInfo::try_from(der.as_bytes()).unwrap();
    let document = info.encrypt_with_params(scheme, "right").unwrap();
    let text = document.to_pem("ENCRYPTED PRIVATE KEY", pkcs8::LineEnding::LF).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let locked = locked(&file(&folder, &text, 0o600));
    assert_eq!(locked.unlock(&passphrase("right")).unwrap().public(), key.public());
    // Among 2,000 some eight leave padding that looks right.
    for guess in 0..2_000 {
        let error = locked.unlock(&passphrase(&guess.to_string())).unwrap_err();
        assert!(matches!(error, KeyFileError::WrongPassphrase(_)), "{guess}: {error}");
    }
}

#[test]
fn openssl_opens_what_is_encrypted_here_and_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, key) = (folder.path().join("ours.key"), generate());
    write_encrypted(&ours, &key, &passphrase("two words")).unwrap();
    let shown = openssl(&["pkey", "-in", ours.to_str().unwrap(), "-passin", "pass:two words"]);
    assert_eq!(String::from_utf8(shown.stdout).unwrap(), *pem::write(&key, None).unwrap());

    let plain = file(&folder, FROM_OPENSSL, 0o600);
    let theirs = folder.path().join("theirs.key");
    for kind in [&["-v2", "aes-256-cbc"][..], &["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"], &["-scrypt"]] {
        let names = ["-in", plain.to_str().unwrap(), "-out", theirs.to_str().unwrap(), "-passout", "pass:two words"];
        openssl(&[&["pkcs8", "-topk8"], kind, &names].concat());
        std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(locked(&theirs).unlock(&passphrase("two words")).unwrap().public().to_string(), ITS_PUBLIC);
    }
    let names = ["-in", plain.to_str().unwrap(), "-out", theirs.to_str().unwrap(), "-passout", "pass:two words"];
    openssl(&[&["pkcs8", "-topk8", "-v2", "aria-256-cbc"][..], &names].concat());
    let error = locked(&theirs).unlock(&passphrase("two words")).unwrap_err();
    assert!(matches!(error, KeyFileError::UnknownEncryption { .. }), "{error}");
    assert!(error.to_string().contains("-v2 aes-256-cbc"), "{error}");
}

#[test]
fn a_key_changes_its_form_where_it_lies_and_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("a.key"), generate());
    let link = folder.path().join("link.key");
    write(&path, &key).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    rewrite(&link, &key, Some(&passphrase("one"))).unwrap();
    assert!(link.is_symlink(), "the link stays");
    assert_eq!(locked(&path).unlock(&passphrase("one")).unwrap().public(), key.public());
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    rewrite(&path, &key, None).unwrap();
    assert_eq!(read(&link).unwrap().public(), key.public());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "nothing else is left behind");
}

#[test]
fn a_passphrase_is_the_first_line_of_a_private_file() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str, mode| Passphrase::from_file(&file(&folder, text, mode));
    assert_eq!(read("two words\r\nand more\n", 0o600).unwrap(), passphrase("two words"));
    assert_eq!(read(" kept \t", 0o400).unwrap(), passphrase(" kept \t"));
    assert!(matches!(read("\nsecond", 0o600), Err(PassphraseError::Empty)));
    assert!(matches!(read("", 0o600), Err(PassphraseError::Empty)));
    assert!(matches!(read(&"x".repeat(1024), 0o600), Err(PassphraseError::TooLong(1024))));
    let error = read("two words", 0o644).unwrap_err().to_string();
    assert!(error.contains("chmod 600") && error.contains("0644"), "{error}");
    let error = Passphrase::from_file(&folder.path().join("absent")).unwrap_err().to_string();
    assert!(error.contains("absent cannot be read") && error.contains("first line"), "{error}");
    assert_eq!(format!("{:?}", passphrase("secret")), "Passphrase(..)");
}

#[test]
fn o30_keys_and_passphrases_are_read_as_any_editor_saves_them_or_the_encoding_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = Passphrase::new("four plain words".to_owned()).unwrap();
    for saved in [format!("\u{feff}{FROM_OPENSSL}"), FROM_OPENSSL.replace('\n', "\r\n")] {
        assert_eq!(read(&file(&folder, &saved, 0o600)).unwrap().public().to_string(), ITS_PUBLIC);
    }
    for saved in ["\u{feff}four plain words\n", "four plain words\r\n", "four plain words"] {
        assert_eq!(Passphrase::from_file(&file(&folder, saved, 0o600)).unwrap(), passphrase);
    }
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let path = file(&folder, "", 0o600);
        std::fs::write(&path, FROM_OPENSSL.encode_utf16().flat_map(order).collect::<Vec<u8>>()).unwrap();
        let said = read(&path).unwrap_err().to_string();
        assert!(said.contains("UTF-16") && !said.contains("openssl"), "{said}");
        let said = Passphrase::from_file(&path).unwrap_err().to_string();
        assert!(said.contains("UTF-16") && said.ends_with("save it as UTF-8"), "{said}");
    }
}
