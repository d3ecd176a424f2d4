//! Encrypted key files: every way to give a passphrase, and what is said when there is none.

mod contract;

use contract::{KEY, Run, Running, contract, contract_with, key_file};
use serde_json::Value;
use tempfile::{NamedTempFile, TempDir, tempdir};

const HASH: &str = "abababababababababababababababababababababababababababababababab";
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// A key file, and files with passphrases.
struct Keys {
    key: NamedTempFile,
    one: NamedTempFile,
    two: NamedTempFile,
}

impl Keys {
    fn plain() -> Self {
        Self { key: key_file(KEY), one: key_file("passphrase one\n"), two: key_file("passphrase two\n") }
    }

    /// Encrypted with the first passphrase.
    fn encrypted() -> Self {
        let keys = Self::plain();
        succeeded(&contract(&["keys", "encrypt", keys.key(), "--passphrase-file", keys.one()]));
        keys
    }

    fn key(&self) -> &str {
        self.key.path().to_str().unwrap()
    }

    fn one(&self) -> &str {
        self.one.path().to_str().unwrap()
    }

    fn two(&self) -> &str {
        self.two.path().to_str().unwrap()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.key.path()).unwrap()
    }
}

fn succeeded(run: &Run) {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

/// Exit code 2, nothing on standard output; the sentence.
fn misused(run: Run) -> String {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    run.stderr
}

#[test]
fn a_key_is_encrypted_opened_changed_and_decrypted() {
    let keys = Keys::encrypted();
    assert!(keys.text().contains("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{}", keys.text());
    let shown = contract(&["keys", "show", keys.key(), "--passphrase-file", keys.one(), "--json"]);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&shown["public_key"], &shown["encrypted"]), (&Value::from(PUBLIC), &Value::from(true)), "{shown}");

    let change = ["keys", "passwd", keys.key(), "--passphrase-file", keys.one(), "--new-passphrase-file", keys.two()];
    succeeded(&contract(&change));
    assert!(misused(contract(&change)).contains("does not open"), "the first one is not its passphrase any more");
    let shown = contract_with(&["keys", "show", keys.key()], &[("TB_KEY_PASSPHRASE", "passphrase two")]);
    assert!(shown.stdout.contains(PUBLIC), "{}", shown.stderr);

    succeeded(&contract(&["keys", "decrypt", keys.key(), "--passphrase-file", keys.two()]));
    assert_eq!(keys.text(), KEY, "the same bytes as before");
}

#[test]
fn a_generated_key_can_be_encrypted_from_the_start() {
    let (keys, folder) = (Keys::plain(), tempdir().unwrap());
    let path = folder.path().join("new.key");
    let file = path.to_str().unwrap();
    let made = contract(&["keys", "generate", file, "--encrypt", "--passphrase-file", keys.one(), "--json"]);
    succeeded(&made);
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!(made["encrypted"], true, "{made}");
    let shown = contract(&["keys", "show", file, "--passphrase-file", keys.one(), "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&shown.stdout).unwrap(), made);
    let other = folder.path().join("other.key");
    let message = misused(contract(&["keys", "generate", other.to_str().unwrap(), "--passphrase-file", keys.one()]));
    assert!(message.contains("add --encrypt") && !other.exists(), "{message}");
}

#[test]
fn an_encrypted_key_signs_releases() {
    let keys = Keys::encrypted();
    let sign = ["release", "sign", "--hash", HASH, "--key", keys.key()];
    let signed = contract_with(&sign, &[("TB_KEY_PASSPHRASE", "passphrase one")]);
    let plain = Keys::plain();
    let expected = contract(&["release", "sign", "--hash", HASH, "--key", plain.key()]);
    assert_eq!((signed.code, signed.stdout), (0, expected.stdout), "{}", signed.stderr);
    let both = [&sign[..], &["--passphrase-file", keys.one()]].concat();
    succeeded(&contract_with(&both, &[("TB_KEY_PASSPHRASE", "wrong")]));
}

#[test]
fn without_a_terminal_a_missing_passphrase_names_every_way_to_give_one() {
    let keys = Keys::encrypted();
    for command in [
        &["release", "sign", "--hash", HASH, "--key", keys.key()][..],
        &["gov", "approve-release", "--id", "1", "--key", keys.key()],
        &["account", "show", "--key", keys.key()],
        &["keys", "decrypt", keys.key()],
    ] {
        let message = misused(contract(command));
        assert!(message.contains("TB_KEY_PASSPHRASE") && message.contains("--passphrase-file"), "{message}");
        assert!(message.contains("is encrypted and there is no terminal"), "{message}");
    }
    let message = misused(contract(&["keys", "passwd", keys.key(), "--passphrase-file", keys.one()]));
    assert!(message.contains("pass --new-passphrase-file") && !message.contains("TB_KEY_PASSPHRASE"), "{message}");
    let plain = Keys::plain();
    assert!(misused(contract(&["keys", "encrypt", plain.key()])).contains("is to be encrypted"));
    assert_eq!(plain.text(), KEY, "nothing is written");
}

#[test]
fn o44_a_key_is_opened_before_the_deadline_of_a_proposal_is_worked_out() {
    let keys = Keys::encrypted();
    // Nobody is there to be asked for the epoch, and nobody is.
    let propose = ["gov", "propose-cancel", "--id", "1", "--reason", "a bug", "--rpc", "http://127.0.0.1:9", "--key"];
    let message = misused(contract(&[&propose[..], &[keys.key()]].concat()));
    assert!(message.contains("is encrypted and there is no terminal"), "{message}");
}

#[test]
fn a_passphrase_that_does_not_fit_says_what_to_check() {
    let keys = Keys::encrypted();
    let message = misused(contract(&["keys", "show", keys.key(), "--passphrase-file", keys.two()]));
    assert!(message.contains("does not open") && message.contains("type it again"), "{message}");
    contract::set_mode(&keys.one, 0o644);
    let message = misused(contract(&["keys", "show", keys.key(), "--passphrase-file", keys.one()]));
    assert!(message.contains("chmod 600"), "{message}");
    let message = misused(contract(&["keys", "show", keys.key(), "--passphrase-file", "/nonexistent/file"]));
    assert!(message.contains("first line is the passphrase"), "{message}");
    let message = misused(contract(&["keys", "encrypt", keys.key(), "--passphrase-file", keys.two()]));
    assert!(message.contains("contract keys passwd"), "{message}");
    let plain = Keys::plain();
    for command in ["decrypt", "passwd"] {
        let message = misused(contract(&["keys", command, plain.key(), "--passphrase-file", keys.two()]));
        assert!(message.contains("is not encrypted") && message.contains("contract keys encrypt"), "{message}");
    }
}

#[test]
fn a_passphrase_is_never_an_argument() {
    for command in [&["keys", "show", "k"][..], &["keys", "encrypt", "k"], &["release", "sign", "--hash", HASH]] {
        let message = misused(contract(&[command, &["--passphrase", "secret"]].concat()));
        assert!(message.contains("--passphrase"), "{message}");
    }
}

#[test]
fn a_list_leaves_encrypted_keys_closed() {
    let (keys, folder): (Keys, TempDir) = (Keys::encrypted(), tempdir().unwrap());
    std::fs::copy(keys.key(), folder.path().join("a.key")).unwrap();
    let list = |extra: &[&str]| contract(&[&["keys", "list", folder.path().to_str().unwrap()], extra].concat()).stdout;
    let listed: Value = serde_json::from_str(&list(&["--json"])).unwrap();
    assert_eq!((&listed[0]["encrypted"], &listed[0]["public_key"]), (&Value::from(true), &Value::Null), "{listed}");
    assert!(list(&[]).contains("`contract keys show` opens it"));
}

#[test]
fn at_a_terminal_a_passphrase_is_typed_and_a_new_one_twice() {
    let keys = Keys::plain();
    let mut run = Running::on_terminal(&["keys", "encrypt", keys.key()]);
    run.until("New passphrase of");
    run.type_line("typed words");
    run.until("The same again for");
    run.type_line("other words");
    let ended = run.end();
    assert_eq!(ended.code, 2, "{}", ended.stdout);
    assert!(ended.stdout.contains("the two passphrases differ; nothing is written"), "{}", ended.stdout);
    assert_eq!(keys.text(), KEY);

    let mut run = Running::on_terminal(&["keys", "encrypt", keys.key()]);
    for prompt in ["New passphrase of", "The same again for"] {
        run.until(prompt);
        run.type_line("typed words");
    }
    assert_eq!(run.end().code, 0);
    let mut run = Running::on_terminal(&["keys", "show", keys.key()]);
    run.until("Passphrase of");
    run.type_line("typed words");
    let ended = run.end();
    assert!(ended.code == 0 && ended.stdout.contains("yes"), "{}", ended.stdout);
}
