//! Asking for a passphrase: a file, the environment, or a terminal, in this order.

use crate::args::keys;
use crate::escape;
use crate::failure::{Failure, failed, unusable, usage};
use host::keys::{PASSPHRASE_VARIABLE, Passphrase};
use std::io::IsTerminal;
use std::path::Path;

/// The passphrase that opens a key file.
///
/// # Errors
/// When none is given and there is no terminal to ask at, or what is given cannot be used.
pub fn present(file: &Path, from: &keys::PassphraseArgs) -> Result<Passphrase, Failure> {
    given(from)?.map_or_else(|| typed(file, "is encrypted", "--passphrase-file", &["Passphrase of"]), Ok)
}

/// The passphrase that a key file is encrypted with from now on; typed twice.
///
/// # Errors
/// As [`present`], and when the two differ.
pub fn chosen(file: &Path, from: &keys::PassphraseArgs) -> Result<Passphrase, Failure> {
    given(from)?.map_or_else(|| twice(file, "--passphrase-file"), Ok)
}

/// As [`chosen`], for a file whose present passphrase is what the environment holds.
///
/// # Errors
/// As [`chosen`].
pub fn changed(file: &Path, from: Option<&Path>) -> Result<Passphrase, Failure> {
    match from {
        Some(path) => Passphrase::from_file(path).map_err(|error| unusable(error.into())),
        None => twice(file, "--new-passphrase-file"),
    }
}

fn given(from: &keys::PassphraseArgs) -> Result<Option<Passphrase>, Failure> {
    let given = match &from.passphrase_file {
        Some(path) => Passphrase::from_file(path).map(Some),
        None => Passphrase::from_environment(),
    };
    given.map_err(|error| unusable(error.into()))
}

fn twice(file: &Path, option: &str) -> Result<Passphrase, Failure> {
    typed(file, "is to be encrypted", option, &["New passphrase of", "The same again for"])
}

/// What is typed at every prompt alike.
fn typed(file: &Path, why: &str, option: &str, prompts: &[&str]) -> Result<Passphrase, Failure> {
    let name = file.display();
    if !std::io::stdin().is_terminal() {
        // The variable holds the present passphrase, never a new one beside it.
        let variable =
            if option == "--passphrase-file" { format!("set {PASSPHRASE_VARIABLE}, or ") } else { String::new() };
        return Err(usage(format!(
            "{name} {why} and there is no terminal to ask for the passphrase; {variable}pass {option}"
        )));
    }
    let ask = |prompt: &&str| rpassword::prompt_password(escape::line(&format!("{prompt} {name}: ")));
    let answers: Vec<String> =
        prompts.iter().map(ask).collect::<Result<_, _>>().map_err(|error| {
            failed(format!("the passphrase cannot be read from the terminal: {error}; pass {option}"))
        })?;
    let mut answers = answers.into_iter().map(zeroize::Zeroizing::new);
    let first = answers.next().unwrap_or_default();
    if answers.any(|again| again != first) {
        return Err(usage("the two passphrases differ; nothing is written, run the command again"));
    }
    Passphrase::new(first).map_err(|error| unusable(error.into()))
}
