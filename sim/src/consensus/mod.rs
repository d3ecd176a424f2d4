//! Whether validators go on agreeing on one chain when the network, the machines and some of the validators are hostile.
//!
//! Each future is a few validators, each with a chain of its own, over links that delay, lose, double and cut. What decides is
//! Malachite's core, driven without its engine: inputs go in, effects come out as values, and this program carries them out in
//! virtual time. What is decided on is the real application: blocks are built, judged and committed by the ledger; candidates come
//! from the node's own pool; votes, proposals and signatures are those of the node; what the core notices of validators that
//! contradict themselves becomes evidence by the node's own function, and is judged and punished by the chain.
//!
//! # What stands here for something else
//! - A block travels whole, not in parts, and its announcement is not signed: whether parts are taken is what the tests of `consensus`
//!   ask. A message that reaches one honest validator is handed on to those that no copy is on its way to, as gossip does.
//! - The node's loop around the core has its like here (`machine`, `proposals`, `catch_up`), with the same bounds.
//! - A signature that was checked once in a future is remembered with the bytes, the key and the signature; every other one is checked.
//! - An epoch has as many blocks as `--epoch-length` says, and a punished validator may come back after one epoch, whatever the network
//!   says, so that a future of fifty blocks sees both.
//! - The chain of a machine outlives every crash up to the last committed block, because the node commits in one synced write. The
//!   log of votes and the blocks that may be decided lie on a disk that loses what is not synced, or all of it.
//! - The core reads the machine's clock for metrics, and for how long a height took; that is kept out of every decision and trace.

mod answer;
mod byzantine;
mod catch_up;
mod checker;
mod courier;
mod cuts;
mod dishonest;
mod engine;
mod follower;
mod hazards;
mod home;
mod machine;
mod options;
mod oracle;
mod outcome;
mod play;
mod proposals;
mod purse;
mod scene;
mod setting;
mod simpler;
mod standing;

pub use hazards::{BondChange, ClockJump, Dishonest, Hazards, MachineCrash, StakeMove, Vice};
pub use options::HostileOptions;
pub use outcome::ConsensusOutcome;

use crate::answer::Answer;
use crate::chance::Chance;
use crate::network::Network;
use crate::property::{Kind, Property};
use crate::run::{Run, Simulation};
use setting::Setting;

/// What the program is for, as its help begins.
pub const ABOUT: &str = "Whether validators go on agreeing on one chain under partitions, delays, crashes and dishonest validators. \
                         Run it before you change the validators, the timeouts or the bounds of blocks: it plays many futures with the \
                         real consensus core on the real chain, and says how long blocks, healing and catching up take.";

/// How many futures are played where nobody says.
pub const DEFAULT_SEEDS: u64 = 200;

/// One block at a height.
pub static NO_FORK: Property = Property {
    name: "no fork",
    kind: Kind::Never,
    meaning: "Two honest validators committed different blocks at one height.",
};

/// What was decided stays decided.
pub static NOTHING_LOST: Property = Property {
    name: "no confirmed block is lost",
    kind: Kind::Never,
    meaning: "A validator that had confirmed a block has another one, or none, at that height after a restart.",
};

/// The chain goes on.
pub static PROGRESS: Property = Property {
    name: "progress after healing",
    kind: Kind::Never,
    meaning: "No block came within the bound after the network healed and everybody was up, or one honest validator stayed behind.",
};

/// Nobody falls but by a crash of the plan.
pub static ALIVE: Property = Property {
    name: "no honest validator ends by itself",
    kind: Kind::Never,
    meaning: "The core of an honest validator came to an error, or the validator is down although no crash of the plan made it so.",
};

/// Whoever trusts certificates alone can follow.
pub static LIGHT: Property = Property {
    name: "light clients follow",
    kind: Kind::Never,
    meaning: "A certificate by which an honest validator committed a block does not verify, or trust does not reach from genesis to \
              each block.",
};

/// What holds of every block.
pub static LAWS: Property = Property {
    name: "the laws of the runtime hold",
    kind: Kind::Never,
    meaning: "A decided block was refused, was replayed to another state than it wrote, or changed the supply.",
};

/// Contradicting oneself costs stake.
pub static PUNISHED: Property = Property {
    name: "evidence ends on chain",
    kind: Kind::Never,
    meaning: "An honest validator knew that another one had contradicted itself, and that was not punished within the bound.",
};

/// Who is honest loses nothing.
pub static HONEST: Property = Property {
    name: "honest validators keep their word and their stake",
    kind: Kind::Never,
    meaning: "An honest validator signed what contradicts what it had signed, could not take up its own log, or was punished.",
};

/// Rounds are used.
pub static LATER_ROUND: Property = Property {
    name: "a round above zero decides",
    kind: Kind::Sometimes,
    meaning: "A block was decided after a round had failed.",
};

/// Stake was lost.
pub static STAKE_LOST: Property = Property {
    name: "a validator that contradicted itself loses stake",
    kind: Kind::Sometimes,
    meaning: "Evidence was in a block, and part of the offender's bond was burned.",
};

/// Restarts end well.
pub static CAUGHT_UP: Property = Property {
    name: "a validator restarts and catches up",
    kind: Kind::Sometimes,
    meaning: "A machine came back, fetched decided blocks with their certificates, and reached the others.",
};

/// Sets change.
pub static SET_CHANGED: Property = Property {
    name: "an epoch changes the set",
    kind: Kind::Sometimes,
    meaning: "The blocks of an epoch were decided by another set, or with other powers, than those of the epoch before.",
};

static PROPERTIES: [&Property; 12] = [
    &NO_FORK,
    &NOTHING_LOST,
    &PROGRESS,
    &ALIVE,
    &LIGHT,
    &LAWS,
    &PUNISHED,
    &HONEST,
    &LATER_ROUND,
    &STAKE_LOST,
    &CAUGHT_UP,
    &SET_CHANGED,
];

/// The simulation: validators, and what may befall them.
#[derive(Clone, Debug)]
pub struct HostileNetwork {
    setting: Setting,
}

impl HostileNetwork {
    /// Sets it up for a network, with a rule broken if one is named.
    ///
    /// # Errors
    /// A sentence that says which number cannot be, or which rule is not known, and what to give instead.
    pub fn new(options: &HostileOptions, network: Network, broken: Option<&str>) -> anyhow::Result<Self> {
        Ok(Self { setting: Setting::new(options, &network, broken)? })
    }
}

impl Simulation for HostileNetwork {
    type Plan = Hazards;
    type Outcome = ConsensusOutcome;

    fn name(&self) -> &'static str {
        "consensus"
    }

    fn properties(&self) -> &'static [&'static Property] {
        &PROPERTIES
    }

    fn plan(&self, chance: &mut Chance) -> Hazards {
        hazards::make(&self.setting, chance)
    }

    fn run(&self, plan: &Hazards, run: &mut Run) -> ConsensusOutcome {
        play::play(&self.setting, plan, run)
    }

    fn simpler(&self, plan: &Hazards) -> Vec<Hazards> {
        simpler::simpler(plan)
    }

    fn answer(&self, outcomes: &[ConsensusOutcome]) -> Answer {
        answer::answer(&self.setting, outcomes)
    }
}
