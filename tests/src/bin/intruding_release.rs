//! A release in which somebody else executes code: when it is started as a node, it tries to write at every file and in every folder of
//! its home, and leaves a list of what it reached in a folder of its own. It is the product's own code in everything.

use anyhow::Context as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tests::intrusion::{Intrusion, REPORT};
use the_block::commands::{arguments, run};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if words.get(1).map(String::as_str) == Some("start")
        && let Err(error) = intrude(&words)
    {
        eprintln!("it cannot tell what it reached: {error:#}");
        return ExitCode::FAILURE;
    }
    run(arguments())
}

fn intrude(words: &[String]) -> anyhow::Result<()> {
    let home = words.iter().skip_while(|word| *word != "--home").nth(1).context("no home is named")?;
    let home = Path::new(home);
    let mut intrusion = Intrusion::default();
    try_below(home, &mut intrusion)?;
    let report = home.join(REPORT);
    fs::create_dir_all(report.parent().context("no folder")?)?;
    fs::write(report, serde_json::to_vec(&intrusion)?).context("it has no folder of its own")
}

/// Tries a folder and everything below it; what it must not even read is tried all the same.
fn try_below(folder: &Path, intrusion: &mut Intrusion) -> anyhow::Result<()> {
    intrusion.tried.insert(folder.into());
    if makes_a_file(folder) {
        intrusion.reached.insert(folder.into());
    }
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            try_below(&path, intrusion)?;
        } else if kind.is_file() {
            intrusion.tried.insert(path.clone());
            // Opening it is enough, and leaves the file as the node needs it.
            if File::options().append(true).open(&path).is_ok() {
                intrusion.reached.insert(path);
            }
        } else if kind.is_symlink() {
            intrusion.tried.insert(path.clone());
            if moves(&path) {
                intrusion.reached.insert(path);
            }
        }
    }
    Ok(())
}

fn makes_a_file(folder: &Path) -> bool {
    let path = folder.join("intruder");
    fs::write(&path, "").is_ok() && fs::remove_file(&path).is_ok()
}

/// Whether a link can be put elsewhere; it is put back.
fn moves(link: &Path) -> bool {
    let elsewhere: PathBuf = link.with_extension("moved");
    fs::rename(link, &elsewhere).is_ok() && fs::rename(&elsewhere, link).is_ok()
}
