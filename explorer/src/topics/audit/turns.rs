//! Turns in the life of a build or a proposal, and what each was for whom.

use primitives::Subject;
use releases::Event;
use runtime::{Cause, Fact};
use state::Told as _;

/// Whether a fact is a turn in the life of what it is about, and not one of many: ballots, what nodes say, refused calls. Why a
/// decision is not carried out in the end is one.
pub(super) fn is_turn(fact: &Fact) -> bool {
    let many = [
        "governance.voted",
        "releases.held",
        "releases.installed",
        "releases.reported",
        "releases.rebuilt",
        "releases.advertised",
    ];
    let granted_or_decided = fact.outcome.is_ok() || matches!(fact.cause, Cause::Proposal(_));
    granted_or_decided && !many.contains(&fact.kind())
}

/// What a fact was for one of those it is about: an approval puts builds out of their place, and a revocation puts others back.
/// By which list of the event a build stands in.
pub(super) fn turn_of(fact: &Fact, subject: &Subject) -> &'static str {
    match (&fact.outcome, subject) {
        (Ok(runtime::Event::Releases(Event::Approved { superseded, .. })), Subject::Build(hash))
            if superseded.iter().any(|old| old.build_hash == *hash) =>
        {
            "releases.superseded"
        }
        (Ok(runtime::Event::Releases(Event::Revoked { reinstated, .. })), Subject::Build(hash))
            if reinstated.contains(hash) =>
        {
            "releases.reinstated"
        }
        _ => fact.kind(),
    }
}
