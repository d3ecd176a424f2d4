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
    "no honest motion is kept out",
    "An honest motion was not open for votes some epochs after it was wanted, though a validator's own place was free.",
);

/// An honest motion that more than two thirds vote for does not pass in its window.
pub static UNDECIDED: Property = never(
    "a supported motion passes within its window",
    "A motion that all honest stake voted for within its window had not passed when that ended.",
);

/// What passed is not done.
pub static NOT_CARRIED_OUT: Property = never(
    "what an honest motion decides is carried out",
    "What an honest motion decided was not in force at the end of its activation epoch.",
);

/// A motion passes that no honest account wants.
pub static UNSUPPORTED: Property =
    never("nothing passes that only the attacker votes for", "A motion passed that nobody but the attacker voted for.");

/// A law of the runtime is broken.
pub static LAWS: Property = never(
    "the laws of the runtime hold",
    "A block was refused, was replayed to another state than it wrote, or changed the supply.",
);

/// A ballot weighs more than the stake behind it.
pub static STAKELESS: Property = never(
    "no vote is without stake",
    "A ballot counted without stake in force when the proposal was made, or for more than it, or stake counted twice.",
);

/// A block is more than its limits say.
pub static LIMITS: Property = never(
    "no block is beyond its limits",
    "A block had more facts, bytes or signatures, or the clock brought more to it, than the limits of genesis give.",
);

/// The properties that hold whatever is played.
pub static NEVER: [&Property; 7] = [&KEPT_OUT, &UNDECIDED, &NOT_CARRIED_OUT, &UNSUPPORTED, &LAWS, &STAKELESS, &LIMITS];

/// The bite of `veto`.
pub static VETO_REFUSED: Property = sometimes(
    "a veto is refused",
    "Whoever proposed an urgent motion first was refused to take it back once others had voted.",
);

/// The bite of `places`.
pub static PLACES_TAKEN: Property = sometimes(
    "the shared places of a track are taken",
    "An honest proposer found no shared place of a track free while what was played to take them held some.",
);

/// The bite of `dust`.
pub static BALLOT_LIGHTER: Property = sometimes(
    "dust makes a ballot lighter",
    "Dust that voted for itself took weight from the ballot of its validator.",
);

/// The bite of `grief`.
pub static DEPOSIT_LOST: Property = sometimes(
    "an honest deposit is lost",
    "An honest proposer that took a mistake back lost its deposit to an early ballot.",
);

/// The bite of `sealed`.
pub static NEVER_OPENED: Property = sometimes(
    "a sealed release is never opened",
    "A sealed copy of an honest release passed, and ended because nobody opened it.",
);

/// The bite of `flip`.
pub static FLIPPED: Property =
    sometimes("a ballot is flipped at the end", "The attacker's ballot changed sides in the last epoch of a vote.");

/// The bite of `leave`.
pub static LEFT_AFTER_VOTING: Property =
    sometimes("stake leaves after it voted", "Stake that had voted left its bond while the vote was open.");

/// The bite of `gap`.
pub static KEPT_APART: Property =
    sometimes("a flood is kept apart", "The pool gave no place to transactions whose turn could not come.");

/// The bite of `full`.
pub static WAITED: Property = sometimes(
    "an honest transaction waits for room",
    "An honest transaction waited for a later block because blocks were full.",
);

/// The bite of `censor`.
pub static LEFT_OUT: Property =
    sometimes("an honest transaction is left out", "A hostile proposer left an honest transaction out of its block.");

/// The bite of `cancel`.
pub static STOP_REJECTED: Property =
    sometimes("a motion to stop another is rejected", "A proposal to stop an honest one was voted on and rejected.");

/// The bite of `grab`.
pub static GRAB_REJECTED: Property =
    sometimes("a grab is rejected", "A motion that only the attacker voted for was rejected.");
