//! What must never happen while a release spreads, and what has to happen sometimes, or the futures show too little.

use crate::property::{Kind, Property};

/// Receipts are in the order of time.
pub static BACKWARDS: Property = Property {
    name: "install times never go backwards on a node",
    kind: Kind::Never,
    meaning: "The chain has a receipt of a node that is earlier than one that the same node gave before.",
};

/// Nothing runs but whole builds.
pub static MIXTURE: Property = Property {
    name: "no node runs a mixture",
    kind: Kind::Never,
    meaning: "A node was to start bytes that are not one whole build, or not the one that its journal has for them.",
};

/// Nothing runs that the chain does not let run.
pub static UNAPPROVED: Property = Property {
    name: "no build runs that may not",
    kind: Kind::Never,
    meaning: "A node ran a build that was never approved, or one that was revoked and whose notice was over.",
};

/// The waves have a bound. It is one on those that change: the next wave comes by the clock, whatever becomes of the trials of the one
/// before. Where a release hangs, a trial takes somewhat more than a window for each attempt; where it stands still, more than two, and
/// longer while the chain stalls.
pub static THIRD_CHANGES: Property = Property {
    name: "never a third of the power changes at one time",
    kind: Kind::Never,
    meaning: "Several validators with a third of the power or more were between two builds at one time, because they changed to a \
              release: the build before had ended, and the new one was not yet to answer. Those whose new build is not well then do \
              not count here, but in the answer that says how much of the power is away.",
};

/// The way back is no way in.
pub static BACK_TO_REFUSED: Property = Property {
    name: "rollback only to what may run",
    kind: Kind::Never,
    meaning: "A node went back to a build that the chain did not let run any more.",
};

/// Nobody is left in between.
pub static STRANDED: Property = Property {
    name: "every node ends on an approved build or in safe mode",
    kind: Kind::Never,
    meaning: "When all was over, a node neither had a whole approved build to run nor had said that it runs nothing.",
};

/// What holds of every block.
pub static LAWS: Property = Property {
    name: "the laws of the runtime hold",
    kind: Kind::Never,
    meaning: "A block was refused, was replayed to another state than it wrote, or changed the supply; or a release that all \
              validators voted for was not approved.",
};

/// A source was found out.
pub static LIED_AND_LEFT: Property = Property {
    name: "a mirror lies and is left",
    kind: Kind::Sometimes,
    meaning: "A mirror sent other bytes than the release has, and the node went on with other sources.",
};

/// A crash did no harm.
pub static CRASHED_AND_BACK: Property = Property {
    name: "a node crashes within an install and comes back",
    kind: Kind::Sometimes,
    meaning: "A machine went down between two steps of an installation, and a build ran on it again later.",
};

/// A trial did what it is for.
pub static ROLLED_BACK: Property = Property {
    name: "a bad build is rolled back",
    kind: Kind::Sometimes,
    meaning: "A build did not stay healthy, and the node went back to the one before.",
};

/// Governance changed its mind meanwhile.
pub static REVOKED_MEANWHILE: Property = Property {
    name: "a build is revoked during the rollout",
    kind: Kind::Sometimes,
    meaning: "The revocation of a build came into force while nodes still had to change.",
};

/// Waves do something.
pub static WAVES_WAIT: Property = Property {
    name: "a validator waits for its wave",
    kind: Kind::Sometimes,
    meaning: "A validator had the release ready and waited for its turn.",
};

pub(super) static PROPERTIES: [&Property; 12] = [
    &BACKWARDS,
    &MIXTURE,
    &UNAPPROVED,
    &THIRD_CHANGES,
    &BACK_TO_REFUSED,
    &STRANDED,
    &LAWS,
    &LIED_AND_LEFT,
    &CRASHED_AND_BACK,
    &ROLLED_BACK,
    &REVOKED_MEANWHILE,
    &WAVES_WAIT,
];
