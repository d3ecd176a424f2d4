//! Is what README, `docs/operations` and the runbooks have people type what the programs read? Nothing is run; `journey_documents` does that.

use anyhow::{Context as _, ensure};
use clap::{Arg, Command, CommandFactory as _};
use host::config::Config;
use std::path::PathBuf;
use tests::documents::{Document, PROGRAMS, commands};
use tests::explorer::repository;

/// Programs of others that lines begin with.
const OTHERS: &str = "apt-get b3sum cargo cd chmod chown curl echo export find git jq LC_ALL=C make mkdir openssl podman sed \
     systemctl systemd-tmpfiles xargs xxd";

/// Lines that take their key from `TB_KEY`, which is not set where they are read; and what they say with it.
const BY_VARIABLE: [(&str, &str); 3] = [
    ("contract keys generate", "contract keys generate me.key"),
    ("contract gov approve-release --id 1", "contract gov approve-release --id 1 --key me.key"),
    (
        "contract account describe --name \"Acme Validators\" --link https://acme.example/about",
        "contract account describe --name \"Acme Validators\" --link https://acme.example/about --key me.key",
    ),
];

/// What a program of this product reads.
fn read_by(program: &str) -> Option<Command> {
    Some(match program {
        "contract" => cli::args::ContractArgs::command(),
        "the-block" => the_block::commands::NodeArgs::command(),
        "the-block-explorer" => explorer::arguments::ExplorerArguments::command(),
        _ => return None,
    })
}

/// The words of a command with values where the document has placeholders.
fn with_values(words: &[String]) -> Vec<String> {
    let mut valued: Vec<String> = Vec::new();
    for word in words {
        let word = word.trim_start_matches('[').trim_end_matches(']');
        let before = valued.last().map(String::as_str).unwrap_or_default();
        let value = match word {
            "..." if before.starts_with("--") => "x".to_owned(),
            "..." => continue,
            "H" if before == "--height" => "1".into(),
            "H" | "HASH" | "BLAKE3" | "P" | "HEX" | "NEW" | "OLD" => "ab".repeat(32),
            "S" | "M" => "ab".repeat(64),
            "ID" => "1".into(),
            word => word.to_owned(),
        };
        valued.push(value);
    }
    valued
}

/// That a command is read by its program, or is of a program of others that is known here.
fn require_read(words: &[String]) -> anyhow::Result<()> {
    let program = words.first().context("there is no program")?;
    if let Some(reader) = read_by(program) {
        reader.try_get_matches_from(with_values(words))?;
        return Ok(());
    }
    if program.starts_with("scripts/") {
        return require_script(program, words);
    }
    if program == "make" {
        let makefile = std::fs::read_to_string(repository().join("Makefile"))?;
        let target = format!("\n{}:", words.get(1).context("make of what?")?);
        ensure!(makefile.contains(&target), "the Makefile has no such target");
        return Ok(());
    }
    ensure!(OTHERS.split(' ').any(|other| other == program), "{program} is not known here");
    Ok(())
}

/// That a script is there and that it, or what it asks in `scripts/provenance`, knows the options.
fn require_script(program: &str, words: &[String]) -> anyhow::Result<()> {
    let mut files: Vec<PathBuf> = vec![repository().join(program)];
    for entry in std::fs::read_dir(repository().join("scripts/provenance"))? {
        files.push(entry?.path());
    }
    let mut text = std::fs::read_to_string(&files[0]).with_context(|| format!("there is no {program}"))?;
    for file in files.iter().skip(1).filter(|file| file.extension().is_some_and(|ending| ending == "py")) {
        text += &std::fs::read_to_string(file)?;
    }
    let unknown = words.iter().find(|word| word.starts_with("--") && !text.contains(word.as_str()));
    ensure!(unknown.is_none(), "{program} does not know {unknown:?}");
    Ok(())
}

#[test]
fn every_command_line_of_the_documents_is_read_by_the_program_it_names() -> anyhow::Result<()> {
    let (mut wrong, mut ours) = (Vec::new(), 0);
    for document in Document::all()? {
        for line in &document.lines {
            let by_variable = BY_VARIABLE.iter().find(|(text, _)| *text == line.text);
            for words in commands(by_variable.map_or(line.text.as_str(), |(_, said)| *said)) {
                ours += usize::from(PROGRAMS.contains(&words[0].as_str()));
                if let Err(error) = require_read(&words) {
                    wrong.push(format!("{}:{}: {}: {error:#}", document.path, line.at, line.text));
                }
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(ours > 40, "only {ours} commands were found");
    Ok(())
}

/// That the words of a sentence lead to a command that is there, and that it has the options.
fn require_known(mentioned: &str) -> anyhow::Result<()> {
    let mut words = mentioned.split_whitespace();
    let mut command = words.next().and_then(read_by).context("there is no such program")?;
    command.build();
    let mut at = &command;
    for word in words {
        if let Some(option) = word.strip_prefix("--") {
            let option = option.split_once('=').map_or(option, |(name, _)| name);
            let has = |arg: &Arg| arg.get_long() == Some(option);
            ensure!(at.get_arguments().any(has), "{} has no --{option}", at.get_name());
        } else if let Some(below) = at.find_subcommand(word) {
            at = below;
        } else {
            let is_value = !at.has_subcommands() || !word.starts_with(|c: char| c.is_ascii_lowercase());
            ensure!(is_value, "{} has no command {word}", at.get_name());
        }
    }
    Ok(())
}

#[test]
fn every_command_that_a_sentence_of_the_documents_speaks_of_is_there_with_its_options() -> anyhow::Result<()> {
    let (mut wrong, mut found) = (Vec::new(), 0);
    for document in Document::all()? {
        for mentioned in &document.mentions {
            found += 1;
            if let Err(error) = require_known(mentioned) {
                wrong.push(format!("{}: `{mentioned}`: {error:#}", document.path));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(found > 30, "only {found} commands were found");
    Ok(())
}

#[test]
fn every_block_of_settings_in_the_documents_is_one_that_a_node_takes() -> anyhow::Result<()> {
    let mut found = 0;
    for document in Document::all()? {
        for settings in &document.settings {
            found += 1;
            Config::parse(settings, &document.path)?;
        }
    }
    ensure!(found > 1, "only {found} blocks of settings were found");
    Ok(())
}
