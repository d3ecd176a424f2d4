//! Parts of the sentences of refusals.

use crate::change::ChangeState;
use crate::plan::{Nature, PhaseState};
use primitives::{AccountId, Name, Path, Text, Timestamp};

/// A path as a place.
pub(super) fn place(path: &Path) -> String {
    if path.is_root() { "at the root".into() } else { format!("in {path}") }
}

/// Names as part of a sentence.
pub(super) fn listed(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    if names.is_empty() { "nothing".into() } else { names.join(", ") }
}

pub(super) fn accounts(accounts: &[AccountId]) -> String {
    let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    if accounts.is_empty() { "nobody".into() } else { accounts.join(", ") }
}

/// What to do about a list, with how much of it was not named.
pub(super) fn mend(named: &[Name], of: u16) -> String {
    match usize::from(of).saturating_sub(named.len()) {
        0 => "have that met first".into(),
        more => format!("have that and {more} more met first"),
    }
}

pub(super) fn standing_now(standing: &Option<Name>) -> String {
    match standing {
        Some(stage) => format!("{stage:?} is the last that stands"),
        None => "none stands yet".into(),
    }
}

pub(super) fn enter_next(next: &Option<Name>) -> String {
    match next {
        Some(stage) => format!("promote to {stage:?} next, or to go back, demote"),
        None => "it was the last one; to go back, demote".into(),
    }
}

pub(super) fn when_it_opens(opens: &Option<Timestamp>) -> String {
    match opens {
        Some(at) => format!("wait until it opens, at {at} ms since 1970"),
        None => "announce when it is to be, and wait for that".into(),
    }
}

pub(super) fn what_may_be_done(state: ChangeState) -> &'static str {
    match state {
        ChangeState::Open => "have its list met and voted on, or take it back",
        ChangeState::Approved => "carry it out, or take it back",
        ChangeState::Active => "meet what it owes and close it",
        ChangeState::Closed | ChangeState::Reverted { .. } | ChangeState::Ended { .. } => {
            "it is over, so submit another"
        }
    }
}

pub(super) fn of_type(predicate: &Option<Text<96>>) -> String {
    predicate.as_ref().map(|predicate| format!(", of type {predicate}")).unwrap_or_default()
}

pub(super) fn natures(natures: &[Nature]) -> String {
    let natures: Vec<String> = natures.iter().map(ToString::to_string).collect();
    if natures.is_empty() { "nothing".into() } else { natures.join(", ") }
}

pub(super) fn next_state(from: PhaseState) -> String {
    match from.next() {
        Some(next) => format!("ask for {next}"),
        None => "it is done with for good".into(),
    }
}

pub(super) fn phase_of_artifact(phase: &Option<Name>) -> String {
    match phase {
        Some(phase) => format!("is of phase {phase:?}"),
        None => "is of none".into(),
    }
}
