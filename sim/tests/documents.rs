//! The examples of docs/simulation.md are what the programs say of their default network; `BLESS=1` writes them anew.

use std::path::{Path, PathBuf};
use std::process::Command;

const BEGIN: &str = "<!-- example: ";
const END: &str = "<!-- end -->";

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/simulation.md")
}

/// What a command line says, as it stands in the document.
fn said(line: &str) -> String {
    let mut words = line.split_whitespace();
    let program = match words.next() {
        Some("release_signers") => env!("CARGO_BIN_EXE_release_signers"),
        Some("lagging_release") => env!("CARGO_BIN_EXE_lagging_release"),
        Some("governance") => env!("CARGO_BIN_EXE_governance"),
        Some("consensus") => env!("CARGO_BIN_EXE_consensus"),
        Some("rollouts") => env!("CARGO_BIN_EXE_rollouts"),
        other => panic!("{other:?} is no program"),
    };
    let output = Command::new(program).args(words).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    format!("\n```text\n$ {line}\n{}```\n", text.lines().map(|line| format!("{line}\n")).collect::<String>())
}

/// The document with each example as the programs give it now, and how many there are.
fn written_anew(text: &str) -> (String, usize) {
    let mut parts = text.split(BEGIN);
    let mut anew = parts.next().unwrap_or_default().to_owned();
    let mut examples = 0;
    for part in parts {
        let (line, rest) = part.split_once(" -->").expect("an example has its command line");
        let (_, after) = rest.split_once(END).expect("an example has its end");
        anew += &format!("{BEGIN}{line} -->{}{END}{after}", said(line));
        examples += 1;
    }
    (anew, examples)
}

#[test]
fn the_examples_are_what_the_programs_say() {
    let text = std::fs::read_to_string(document()).unwrap();
    let (anew, examples) = written_anew(&text);
    assert_eq!(examples, 4);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(document(), anew).unwrap();
        return;
    }
    assert_eq!(text, anew, "say `BLESS=1 cargo test --workspace --test documents`, and read the difference");
}
