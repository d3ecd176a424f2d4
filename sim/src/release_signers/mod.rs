//! What becomes of releases when signers join, leave, lose their keys or have them stolen, and when the roster changes.
//!
//! Each future is the real chain over memory. A council of signers makes releases at a cadence, signs them with the
//! keys that it has at hand, and replaces keys that are gone and signers that leave; validators vote for what the
//! council announced and against all else; a thief with some of the keys has a build of its own voted on, another
//! roster, and takes keys out of the roster. What the chain then approves is counted over from what was signed and
//! voted (`recount`), by the rules of the network that is looked at.
//!
//! # What is compressed
//! An epoch has [`EPOCH_LENGTH`] blocks, whatever it has on the network, and stands for a year divided by
//! `--epochs-per-year`. Voting windows and delays are those of the options, in such epochs. Deposits and fees are made
//! so small that everybody can pay them, and the thief has just the stake that a proposer needs. Thresholds, quorums,
//! supports, shares and stakes are the network's. Blocks always come: whether they do is what the simulation of
//! consensus asks.

mod answer;
mod council;
mod options;
mod outcome;
mod plan;
mod play;
mod recount;
mod seats;
mod setting;
mod signed;
mod simpler;
mod thief;

pub use options::Options;
pub use outcome::{Attempt, End, Outcome, Waits};
pub use plan::{Happening, Plan, Trick, What};
pub use setting::EPOCH_LENGTH;

use crate::answer::Answer;
use crate::chance::Chance;
use crate::network::Network;
use crate::property::{Kind, Property};
use crate::run::{Run, Simulation};
use setting::Setting;

/// What the program is for, as its help begins.
pub const ABOUT: &str = "What becomes of releases when signers join, leave, lose their keys or have them stolen. \
                         Run it before you change the threshold or the roster: it plays many futures on the real \
                         chain and says how often a release activates in time, how many keys may be lost, and what \
                         stolen keys can do.";

/// How many futures are played where nobody says.
pub const DEFAULT_SEEDS: u64 = 200;

/// Nothing comes into force without signatures and votes.
pub static UNSUPPORTED: Property = Property {
    name: "no approval without its quorum",
    kind: Kind::Never,
    meaning: "A build or a roster came into force, or a proposal was stored, without the signatures, the votes or the \
              holders that the network's rules ask for.",
};

/// Who has enough living keys can release.
pub static LOCKED_OUT: Property = Property {
    name: "no lock-out while the threshold lives",
    kind: Kind::Never,
    meaning: "As many keys as the threshold asks for signed, the votes were there, and the chain refused all the same.",
};

/// Roster versions have no gaps.
pub static SKIPPED: Property = Property {
    name: "roster versions step by one",
    kind: Kind::Never,
    meaning: "A roster came into force, or was put to the vote, whose version is not the one in force plus one.",
};

/// What holds of every block.
pub static LAWS: Property = Property {
    name: "the laws of the runtime hold",
    kind: Kind::Never,
    meaning: "A block was refused, was replayed to another state than it wrote, or changed the supply.",
};

/// A release was approved when it should be.
pub static IN_TIME: Property = Property {
    name: "a release activates in time",
    kind: Kind::Sometimes,
    meaning: "A release activated in the epoch for which it was planned.",
};

/// A rotation met an open vote.
pub static ROTATED_WHILE_OPEN: Property = Property {
    name: "a roster changes while a proposal is open",
    kind: Kind::Sometimes,
    meaning: "Another roster came into force while something else was still voted on.",
};

/// A thief got nowhere.
pub static THIEF_REFUSED: Property = Property {
    name: "a thief is refused",
    kind: Kind::Sometimes,
    meaning: "What a thief asked for was refused at once, or was voted down.",
};

/// The last key that counted was lost.
pub static STOPPED: Property = Property {
    name: "releases stop once too many keys are lost",
    kind: Kind::Sometimes,
    meaning: "A release was refused because fewer keys than the threshold are left to sign it.",
};

static PROPERTIES: [&Property; 8] =
    [&UNSUPPORTED, &LOCKED_OUT, &SKIPPED, &LAWS, &IN_TIME, &ROTATED_WHILE_OPEN, &THIEF_REFUSED, &STOPPED];

/// The simulation: a network, the change that is planned for its roster, and how often what happens.
#[derive(Clone, Debug)]
pub struct ReleaseSigners {
    setting: Setting,
}

impl ReleaseSigners {
    /// Sets it up for a network, with a rule broken if one is named.
    ///
    /// # Errors
    /// A sentence that says which number cannot be, or which rule is not known, and what to give instead.
    pub fn new(options: &Options, network: Network, broken: Option<&str>) -> anyhow::Result<Self> {
        Ok(Self { setting: Setting::new(options, network, broken)? })
    }
}

impl Simulation for ReleaseSigners {
    type Plan = Plan;
    type Outcome = Outcome;

    fn name(&self) -> &'static str {
        "release_signers"
    }

    fn properties(&self) -> &'static [&'static Property] {
        &PROPERTIES
    }

    fn plan(&self, chance: &mut Chance) -> Plan {
        plan::make(&self.setting, chance)
    }

    fn run(&self, plan: &Plan, run: &mut Run) -> Outcome {
        play::play(&self.setting, plan, run)
    }

    fn simpler(&self, plan: &Plan) -> Vec<Plan> {
        simpler::simpler(plan)
    }

    fn answer(&self, outcomes: &[Outcome]) -> Answer {
        answer::answer(&self.setting, outcomes)
    }
}
