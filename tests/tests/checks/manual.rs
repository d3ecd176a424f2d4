//! Has every command its manual page and its completions?

use anyhow::{Context as _, ensure};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use tests::binaries;

/// Runs an executable of ours; its standard output.
fn run(name: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(binaries::built(name)?).args(arguments).output()?;
    ensure!(output.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The commands below a command, as its help lists them.
fn below(name: &str, path: &[&str]) -> anyhow::Result<Vec<String>> {
    let help = run(name, &[path, &["--help"]].concat())?;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let words = named.filter_map(|line| line.split_whitespace().next().map(str::to_owned));
    Ok(words.filter(|word| word != "help").collect())
}

/// The page names of a command and all below it.
fn expected(name: &str, path: &[&str], pages: &mut BTreeSet<String>) -> anyhow::Result<()> {
    pages.insert(format!("{}.1", [&[name], path].concat().join("-")));
    below(name, path)?.iter().try_for_each(|word| expected(name, &[path, &[word.as_str()]].concat(), pages))
}

/// Roff that a manual reader understands: by groff where there is one, and by its structure anyway.
fn readable(page: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(page)?;
    let name = page.file_stem().context("a page without a name")?.to_string_lossy().into_owned();
    let title = text.lines().find(|line| line.starts_with(".TH ")).context("no title")?;
    ensure!(title.starts_with(&format!(".TH {name} 1")), "{}: {title}", page.display());
    let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    ensure!(sections.starts_with(&["NAME", "SYNOPSIS", "DESCRIPTION"]), "{}: {sections:?}", page.display());
    let requests = ["TH", "SH", "SS", "TP", "PP", "RS", "RE", "br", "ie", "el", "nf", "fi", "IP"];
    for request in text.lines().filter_map(|line| line.strip_prefix('.')) {
        let word = request.split([' ', '\\']).next().unwrap_or_default();
        ensure!(requests.contains(&word), "{}: .{request}", page.display());
    }
    let groff = Command::new("groff").args(["-man", "-Tutf8", "-ww", "-z"]).arg(page).stdin(Stdio::null()).output();
    let Ok(read) = groff else { return Ok(()) };
    ensure!(read.status.success() && read.stderr.is_empty(), "{}: {read:?}", page.display());
    Ok(())
}

#[test]
fn every_command_has_a_page_and_its_name_in_every_shells_completions() -> anyhow::Result<()> {
    for name in ["contract", "the-block"] {
        let dir = tempfile::tempdir()?;
        let folder = dir.path().join("man1");
        let listed = run(name, &["man", "--out", &folder.display().to_string(), "--json"])?;
        let listed: serde_json::Value = serde_json::from_str(&listed)?;
        let mut wanted = BTreeSet::new();
        expected(name, &[], &mut wanted)?;
        assert!(wanted.len() > 8, "{wanted:?}");
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            readable(&path)?;
            found.insert(path.file_name().context("no name")?.to_string_lossy().into_owned());
        }
        assert_eq!(found, wanted);
        assert_eq!(listed["pages"].as_array().map(Vec::len), Some(wanted.len()), "{listed}");
        let first = std::fs::read_to_string(folder.join(format!("{name}.1")))?;
        assert_eq!(run(name, &["man"])?, first, "without a folder, the first page is printed");
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let script = run(name, &["completions", shell])?;
            let words = wanted.iter().filter_map(|page| page.trim_end_matches(".1").rsplit('-').next());
            assert!(words.clone().all(|word| script.contains(word)), "{name} {shell}");
        }
    }
    Ok(())
}

#[test]
fn a_folder_that_cannot_be_written_says_so() -> anyhow::Result<()> {
    for name in ["contract", "the-block"] {
        let output = Command::new(binaries::built(name)?).args(["man", "--out", "/dev/null/man1"]).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("/dev/null/man1") && said.contains("name a folder of yours"), "{said}");
    }
    Ok(())
}
