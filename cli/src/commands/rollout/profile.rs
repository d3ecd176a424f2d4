//! `contract rollout lint`, and `plan` of a file: what a profile says, before a chain is told.

use crate::answer::CommandAnswer;
use crate::args::rollout::read::ProfileArgs;
use crate::escape;
use crate::failure::{Failure, usage};
use crate::render::{Screen, TableCell};
use primitives::{Digest, Name};
use profiles::{Loaded, ProfileMistake, ProfileMistakes};
use rollouts::plan::Reference;
use serde::Serialize;
use std::path::Path;

/// What a profile was found to be.
#[derive(Debug, Serialize)]
struct LintedProfile {
    plan: Name,
    /// The BLAKE3 of the bundle's bytes.
    bundle: Digest,
    /// The BLAKE3 of the profile's own bytes.
    profile: Digest,
    stages: Vec<Name>,
    /// Every section that it rests on, with its hash.
    references: Vec<Reference>,
    mistakes: [ProfileMistake; 0],
}

/// What is wrong with one.
#[derive(Debug, Serialize)]
struct RefusedProfile {
    mistakes: ProfileMistakes,
}

/// Reads a profile as a chain would take it. One with mistakes is an answer with exit code 1.
///
/// # Errors
/// A profile that is not there.
pub fn lint(arguments: &ProfileArgs, screen: &Screen) -> Result<CommandAnswer, Failure> {
    require_there(&arguments.file)?;
    match profiles::load(&arguments.file, &arguments.root) {
        Ok(loaded) => linted(loaded, screen),
        Err(mistakes) => {
            let text = format!("{}\n", escape::lines(&mistakes.to_string()));
            Ok(CommandAnswer::new(&RefusedProfile { mistakes }, text)?.found(false))
        }
    }
}

fn linted(loaded: Loaded, screen: &Screen) -> Result<CommandAnswer, Failure> {
    let plan = loaded.plan;
    let stages: Vec<Name> = plan.stages.iter().map(|stage| stage.name.clone()).collect();
    let named: Vec<&str> = stages.iter().map(Name::as_str).collect();
    let fields = screen.fields(&[
        ("Plan", plan.name.to_string()),
        ("Stages", named.join(", ")),
        ("Checks", plan.checks.len().to_string()),
        ("Bundle", plan.bundle.to_string()),
        ("Profile", plan.profile.to_string()),
    ]);
    let row = |reference: &Reference| {
        let owner = reference.owner.as_ref().map(Name::to_string).unwrap_or_default();
        vec![TableCell::text(reference), TableCell::text(owner), TableCell::hash(reference.hash)]
    };
    let rows: Vec<Vec<TableCell>> = loaded.references.iter().map(row).collect();
    let sections = screen.table(&["Section", "Signed off by", "BLAKE3"], &rows, "It rests on no section.");
    let view = LintedProfile {
        plan: plan.name,
        bundle: plan.bundle,
        profile: plan.profile,
        stages,
        references: loaded.references,
        mistakes: [],
    };
    CommandAnswer::new(&view, format!("{fields}\n{sections}"))
}

/// Prints the plan that a profile comes to.
///
/// # Errors
/// A profile that is not there, and one with mistakes.
pub fn plan(file: &Path, root: &Path, markdown: bool) -> Result<CommandAnswer, Failure> {
    let loaded = loaded(file, root)?;
    let shown = if markdown { profiles::text::markdown } else { profiles::text::toml };
    CommandAnswer::new(&loaded.plan, escape::lines(&shown(&loaded.plan)))
}

/// A profile without mistakes, and what it names.
///
/// # Errors
/// A profile that is not there, and every mistake of one that is.
pub fn loaded(file: &Path, root: &Path) -> Result<Loaded, Failure> {
    require_there(file)?;
    profiles::load(file, root).map_err(usage)
}

/// That there is a profile to read; what is wrong in it is another question.
fn require_there(file: &Path) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| usage(format!("{} cannot be read: {error}; name the profile's file", file.display()));
    std::fs::File::open(file).map(drop).map_err(unreadable)
}
