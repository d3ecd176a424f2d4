//! Is the table of exit codes in `docs/operations/exit_codes.md` what the programs do?

use anyhow::{Context as _, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tests::binaries;
use tests::explorer::repository;
use the_block::boot::Decision;

const PROGRAMS: [&str; 3] = ["contract", "the-block", "the-block-explorer"];

fn ended(program: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    // No variable of who runs the tests is asked, and no port that somebody else may have.
    Ok(Command::new(program).env_clear().args(arguments).stdin(Stdio::null()).output()?)
}

/// The codes of each program, as the document has them.
fn documented() -> anyhow::Result<BTreeMap<&'static str, BTreeSet<u8>>> {
    let text = std::fs::read_to_string(repository().join("docs/operations/exit_codes.md"))?;
    let mut codes: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Ok(code) = cells[1].parse() else { continue };
        for (program, cell) in PROGRAMS.into_iter().zip(&cells[3..]) {
            ensure!(["yes", ""].contains(cell), "{line}");
            if *cell == "yes" {
                codes.entry(program).or_default().insert(code);
            }
        }
    }
    Ok(codes)
}

#[test]
fn o50_every_program_says_in_its_help_which_codes_the_document_has_of_it() -> anyhow::Result<()> {
    let documented = documented()?;
    ensure!(documented.len() == PROGRAMS.len(), "{documented:?}");
    for program in PROGRAMS {
        let help = String::from_utf8(ended(&binaries::built(program)?, &["--help"])?.stdout)?;
        let (_, said) = help.split_once("Exit codes:").with_context(|| format!("{program}: {help}"))?;
        let codes: BTreeSet<u8> =
            said.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| word.parse().ok()).collect();
        ensure!(codes == documented[program], "{program} says {codes:?}, the document {:?}", documented[program]);
    }
    use Decision::*;
    let refusals = [NotApproved, NoLongerApproved, StoreDamaged, SourceDiffers, LevelDiffers, TicketInvalid];
    for decision in [Run, Unanswered, ClockWrong].into_iter().chain(refusals) {
        ensure!(documented["the-block"].contains(&decision.exit_code()), "{decision:?} is not in the document");
    }
    Ok(())
}

#[test]
fn o50_what_cannot_be_used_is_2_in_every_program_and_what_is_not_approved_is_10() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("home").display().to_string();
    let missing = folder.path().join("nothing").display().to_string();
    let [contract, node, explorer] =
        [binaries::built("contract")?, binaries::built("the-block")?, binaries::built("the-block-explorer")?];
    let begun = ended(&node, &["init", "--home", &home, "--chain-id", "codes-1"])?;
    ensure!(begun.status.success(), "{}", String::from_utf8_lossy(&begun.stderr));
    // Another build, which genesis does not approve.
    let next = binaries::variant("the-block", folder.path(), "x")?;
    let index = folder.path().join("index.sqlite").display().to_string();
    let cases: [(&Path, &[&str], i32); 17] = [
        (&contract, &["--version"], 0),
        (&contract, &["tx", "abc"], 2),
        (&contract, &["status", "--rpc", "nonsense"], 2),
        (&contract, &["keys", "show", &missing], 2),
        (&contract, &["status", "--rpc", "http://127.0.0.1:1"], 1),
        (&node, &["--version"], 0),
        (&node, &["chekc"], 2),
        (&node, &["check", "--home", &missing], 1),
        (&node, &["net", "overlay-status", "--rpc", "nonsense"], 2),
        (&node, &["check", "--home", &home], 0),
        (&next, &["check", "--home", &home], 10),
        (&next, &["check", "--home", &home, "--ticket", &missing], 2),
        (&next, &["start", "--home", &home, "--ticket", &missing], 2),
        (&explorer, &["--version"], 0),
        (&explorer, &["--listen", "nowhere"], 2),
        (&explorer, &["--rpc", "nonsense", "--listen", "127.0.0.1:0", "--db", &index], 2),
        (&explorer, &["--genesis", &missing, "--listen", "127.0.0.1:0", "--db", &index], 2),
    ];
    let documented = documented()?;
    for (program, arguments, code) in cases {
        let output = ended(program, arguments)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(code), "{} {arguments:?} is {}: {said}", program.display(), output.status);
        let name = program.file_name().context("a program has a name")?.to_string_lossy();
        ensure!(documented[&*name].contains(&u8::try_from(code)?), "{name} {code}");
    }
    Ok(())
}

#[test]
fn o49_a_number_that_is_none_is_told_with_an_example_by_the_node_too() -> anyhow::Result<()> {
    let node = binaries::built("the-block")?;
    let numbers: [&[&str]; 4] = [
        &["testnet", "--home", "nowhere", "--nodes"],
        &["testnet", "--home", "nowhere", "--nodes", "1", "--epoch-length"],
        &["dev", "--rpc-port"],
        &["export-state", "--home", "nowhere", "--out", "nowhere", "--height"],
    ];
    for typed in numbers {
        for bad in ["-1", "1.5", "many"] {
            let output = ended(&node, &[typed, &[bad]].concat())?;
            let said = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.code() == Some(2), "{typed:?} {bad} is {}: {said}", output.status);
            ensure!(said.contains(&format!("{bad:?} is not a whole number; write one such as 25")), "{said}");
        }
    }
    Ok(())
}
