//! What a statement brings with it: the digest of its body, the commit that was looked at, and until when it counts.

use super::key::AskedKey;
use super::subject::FoundSubject;
use crate::Error;
use crate::check::Ask;
use crate::plan::{Signal, Speakers};
use crate::statement::Statement;
use primitives::{Moment, Text};
use state::State;

/// Refuses a statement that lacks what its key asks for.
///
/// # Errors
/// [`Error::EvidenceMissing`], [`Error::OtherCommit`] and [`Error::AlreadyExpired`].
pub(crate) fn require(
    state: &State,
    at: Moment,
    found: &FoundSubject,
    asked: &AskedKey,
    statement: &Statement,
) -> Result<(), Error> {
    if let Some(end) = statement.expires.filter(|end| *end <= at.time) {
        return Err(Error::AlreadyExpired { key: statement.key.clone(), at: end });
    }
    require_body(asked, statement)?;
    require_commit(state, found, statement)
}

/// What somebody found wrong is heard without: only who says that it is well brings evidence. But what validators notice together they
/// notice about a height, which is their value.
fn require_body(asked: &AskedKey, statement: &Statement) -> Result<(), Error> {
    let missing = |predicate: Option<&Text<96>>| Error::EvidenceMissing {
        key: statement.key.clone(),
        predicate: predicate.cloned(),
    };
    if let AskedKey::Signal(Signal { by: Speakers::Validators, .. }) = asked
        && !statement.outcome.meets()
        && statement.value.is_none()
    {
        return Err(missing(None));
    }
    if !statement.outcome.meets() {
        return Ok(());
    }
    let predicate = match asked {
        AskedKey::Check(check) => match &check.ask {
            Ask::Word { predicate: Some(predicate), .. } => Some(predicate),
            // The check's own key is the row of a phase that has none, when a check asks for those.
            Ask::Rows { .. } => None,
            _ => return Ok(()),
        },
        AskedKey::Row(_) | AskedKey::Signal(_) => None,
        AskedKey::Step | AskedKey::Drill(_) => return Ok(()),
    };
    let is_of_type = predicate.is_none_or(|predicate| statement.predicate == *predicate);
    if is_of_type && statement.digest.is_some() { Ok(()) } else { Err(missing(predicate)) }
}

/// A commit, when one is named, is that of the build or the artifact that this is about; where nothing is known of that, the speaker's word stands.
fn require_commit(state: &State, found: &FoundSubject, statement: &Statement) -> Result<(), Error> {
    let release = found.build.and_then(|build| releases::queries::release(state, &build));
    let built = release.and_then(|release| release.manifest.source_commit).or_else(|| built_from(state, found));
    match (&statement.commit, built) {
        (Some(given), Some(built)) if *given != built => Err(Error::OtherCommit { given: given.clone(), built }),
        _ => Ok(()),
    }
}

/// The commit that is said of an artifact.
fn built_from(state: &State, found: &FoundSubject) -> Option<Text<64>> {
    let artifact = artifacts::queries::artifact(state, &found.plan.name, &found.artifact?)?;
    Text::new(artifact.artifact.said(artifacts::BUILT_FROM)?)
}
