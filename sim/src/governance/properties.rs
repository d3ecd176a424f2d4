//! What must never happen to a vote, and what an attack must be able to do at all.

use crate::property::{Kind, Property};

const fn never(name: &'static str, meaning: &'static str) -> Property {
    Property { name, kind: Kind::Never, meaning }
}

const fn sometimes(name: &'static str, meaning: &'static str) -> Property {
    Property { name, kind: Kind::Sometimes, meaning }
}

/// An honest motion finds no place, although an honest validator has its own.
pub static KEPT_OUT: Property = never(
    "honest-motion-kept-out",
    "an honest motion is not open for votes some epochs after it was wanted, though a validator's own place is free",
);

/// An honest motion that more than two thirds vote for does not pass in its window.
pub static UNDECIDED: Property = never(
    "honest-motion-undecided",
    "a motion that all honest stake voted for within its window has not passed when that ends",
);

/// What passed is not done.
pub static NOT_CARRIED_OUT: Property = never(
    "honest-decision-not-carried-out",
    "what an honest motion decided is not in force at the end of its activation epoch",
);

/// A motion passes that no honest account wants.
pub static UNSUPPORTED: Property =
    never("unsupported-motion-passes", "a motion passes that nobody but the attacker voted for");

/// A law of the runtime is broken.
pub static LAWS: Property = never("laws-broken", "the supply changes, or the facts of a block do not give its state");

/// A ballot weighs more than the stake behind it.
pub static STAKELESS: Property = never(
    "vote-without-stake",
    "a ballot counts without stake in force when the proposal was made, or for more than that, or stake counts twice",
);

/// A block is more than its limits say.
pub static LIMITS: Property = never(
    "block-beyond-its-limits",
    "a block has more facts, bytes or signatures, or the clock brings more to it, than the limits of genesis give",
);

/// The properties that hold whatever is played.
pub static NEVER: [&Property; 7] = [&KEPT_OUT, &UNDECIDED, &NOT_CARRIED_OUT, &UNSUPPORTED, &LAWS, &STAKELESS, &LIMITS];

/// The bite of `veto`.
pub static VETO_REFUSED: Property =
    sometimes("veto-refused", "whoever proposed an urgent motion first is refused to take it back once others voted");

/// The bite of `places`.
pub static PLACES_TAKEN: Property =
    sometimes("shared-places-taken", "an honest proposer finds all shared places of a track taken by the attacker");

/// The bite of `dust`.
pub static BALLOT_LIGHTER: Property =
    sometimes("ballot-made-lighter", "dust that votes for itself takes weight from the ballot of its validator");

/// The bite of `grief`.
pub static DEPOSIT_LOST: Property = sometimes(
    "honest-deposit-lost",
    "an honest proposer that takes a mistake back loses its deposit to an early ballot",
);

/// The bite of `sealed`.
pub static NEVER_OPENED: Property =
    sometimes("sealed-never-opened", "a sealed copy of an honest release passes, and ends because nobody opens it");

/// The bite of `flip`.
pub static FLIPPED: Property =
    sometimes("ballot-flipped", "the attacker's ballot changes sides in the last epoch of a vote");

/// The bite of `leave`.
pub static LEFT_AFTER_VOTING: Property =
    sometimes("stake-left-after-voting", "stake that voted leaves its bond while the vote is open");

/// The bite of `gap`.
pub static KEPT_APART: Property =
    sometimes("flood-kept-apart", "the pool gives no place to transactions whose turn cannot come");

/// The bite of `full`.
pub static WAITED: Property =
    sometimes("honest-transaction-waited", "an honest transaction waits for a later block because blocks are full");

/// The bite of `censor`.
pub static LEFT_OUT: Property =
    sometimes("honest-transaction-left-out", "a hostile proposer leaves an honest transaction out of its block");

/// The bite of `cancel`.
pub static STOP_REJECTED: Property =
    sometimes("stop-rejected", "a proposal to stop an honest one is voted on and rejected");

/// The bite of `grab`.
pub static GRAB_REJECTED: Property =
    sometimes("grab-rejected", "a motion that only the attacker votes for is rejected");
