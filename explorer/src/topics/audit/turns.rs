//! Turns in the life of a build or a proposal, and what each was for whom.

use primitives::Subject;
use releases::Event;
use runtime::Fact;
use state::Told as _;

/// Whether facts of a kind are turns in the life of what they are about, and not some of many: ballots, what nodes say, refusals.
pub(super) fn is_turn(kind: &str) -> bool {
    let many = ["governance.voted", "releases.installed", "releases.reported", "releases.rebuilt"];
    !many.contains(&kind) && !kind.ends_with(".refused")
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
