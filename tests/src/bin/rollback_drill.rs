//! Rehearses the rollback of a release on a throwaway network, and writes what it saw.
//!
//!     rollback_drill [OUT]     writes OUT/rollback_drill.json and .md; without OUT, prints the Markdown

use anyhow::Context as _;
use std::path::PathBuf;
use std::process::ExitCode;
use tests::drill::Drill;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let out = std::env::args().nth(1).map(PathBuf::from);
    let folder = tempfile::tempdir().context("cannot make a folder for the network")?;
    eprintln!("setting up a network of one with two releases");
    let drill = Drill::set_up(folder.path()).await?;
    let report = drill.take().await;
    if let Some(out) = out {
        std::fs::create_dir_all(&out)?;
        std::fs::write(out.join("rollback_drill.json"), serde_json::to_string_pretty(&report)?)?;
        std::fs::write(out.join("rollback_drill.md"), report.to_markdown())?;
    }
    print!("{}", report.to_markdown());
    Ok(if report.passed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
