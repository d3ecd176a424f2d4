//! What a council gets through and what lapses, where its members are not always there, and nodes neither.
//!
//! Each future is the real chain over memory under the plan of `config/profiles/chain.toml`, exactly as it is. In its first half the
//! commander wants the network promoted from development to testnet: on the days on which they are there, members of the council look once
//! and vote, and whoever acts alone says what its checks ask for, carries out, takes the steps and closes. In the second half gates are
//! disabled in emergencies and changes are paused, and the council has a day to say whether it agrees. All the while nodes go down and
//! are cut off from each other: where no side has more than two thirds of the power that decides, no block comes, and the time of
//! deadlines stands still.
//!
//! What comes of it is counted over (`recount`): whether what was carried out had its council, and whether what nobody ratified ended when
//! it had to.
//!
//! # What is compressed
//! A block is an hour, and an epoch [`EPOCH_LENGTH`] of them, whatever they are on the network. Fees are one token. Spans, windows, shares
//! and duties are the plan's; stakes are the network's. The build that is promoted is the first one, whose description genesis has. Nobody
//! resolves an incident that a lapse opens.

mod acts;
mod answer;
mod options;
mod outcome;
mod people;
mod plan;
mod play;
mod recount;
mod said;
mod setting;
mod simpler;

pub use options::Options;
pub use outcome::Outcome;
pub use plan::{Day, Happening, Plan, What};
pub use setting::EPOCH_LENGTH;

use crate::answer::Answer;
use crate::chance::Chance;
use crate::network::Network;
use crate::property::{Kind, Property};
use crate::run::{Run, Simulation};
use setting::Setting;

/// What the program is for, as its help begins.
pub const ABOUT: &str = "What a council gets through and what lapses. Run it before you give somebody a role, or change a span or a window \
                         of the plan: it plays many futures on the real chain and says how often a promotion gets through in its window, \
                         what is missed, and how long freezes stand.";

/// How many futures are played where nobody says.
pub const DEFAULT_SEEDS: u64 = 20;

/// Nothing is carried out that the council did not agree to.
pub static UNAPPROVED: Property = Property {
    name: "nothing is carried out without its council",
    kind: Kind::Never,
    meaning: "A promotion or a setting was carried out to which fewer members had agreed than two thirds of the council.",
};

/// Nothing that waits for a ratification outlasts it.
pub static UNDECIDED: Property = Property {
    name: "what is not ratified in a day ends in the next block",
    kind: Kind::Never,
    meaning: "An emergency was neither decided nor missed, or a pause still stood, more than an hour after the day that the council has.",
};

/// Deadlines stand still with the chain.
pub static TOO_SOON: Property = Property {
    name: "nothing is missed before its time, however long the chain stands",
    kind: Kind::Never,
    meaning: "A ratification was missed before the chain had run for a day since the emergency.",
};

/// What holds of every block.
pub static LAWS: Property = Property {
    name: "the laws of the runtime hold",
    kind: Kind::Never,
    meaning: "A block was refused, was replayed to another state than it wrote, or changed the supply.",
};

/// A promotion went all its way.
pub static PROMOTED: Property = Property {
    name: "a promotion is carried out and closed",
    kind: Kind::Sometimes,
    meaning: "The network came to testnet, and everything that was owed for that was met.",
};

/// The council was there in time.
pub static RATIFIED: Property = Property {
    name: "an emergency is ratified in time",
    kind: Kind::Sometimes,
    meaning: "Two thirds of the council agreed to an emergency within a day.",
};

/// The council was not.
pub static LAPSED: Property = Property {
    name: "an emergency lapses and is held",
    kind: Kind::Sometimes,
    meaning: "Nobody decided about an emergency within a day; the gate stays off, and that stops promotions.",
};

/// A pause ended by itself.
pub static RESTORED: Property = Property {
    name: "a pause ends because nobody ratifies it",
    kind: Kind::Sometimes,
    meaning: "A pause that was neither lifted nor ratified within a day is over.",
};

/// No side had enough power.
pub static STOOD: Property = Property {
    name: "the chain stands and goes on",
    kind: Kind::Sometimes,
    meaning: "No side of the network had more than two thirds of the power that decides, and later one had.",
};

static PROPERTIES: [&Property; 9] =
    [&UNAPPROVED, &UNDECIDED, &TOO_SOON, &LAWS, &PROMOTED, &RATIFIED, &LAPSED, &RESTORED, &STOOD];

/// The simulation: a network, its council, and how often who is there.
#[derive(Clone, Debug)]
pub struct Rollouts {
    setting: Setting,
}

impl Rollouts {
    /// Sets it up for a network, with a rule broken if one is named.
    ///
    /// # Errors
    /// A sentence that says which number cannot be, or which rule is not known, and what to give instead.
    pub fn new(options: &Options, network: Network, broken: Option<&str>) -> anyhow::Result<Self> {
        Ok(Self { setting: Setting::new(options, network, broken)? })
    }
}

impl Simulation for Rollouts {
    type Plan = Plan;
    type Outcome = Outcome;

    fn name(&self) -> &'static str {
        "rollouts"
    }

    fn properties(&self) -> &'static [&'static Property] {
        &PROPERTIES
    }

    fn plan(&self, chance: &mut Chance) -> Plan {
        plan::make(&self.setting.options, self.setting.network.validators.len(), chance)
    }

    fn run(&self, plan: &Plan, run: &mut Run) -> Outcome {
        play::play(&self.setting, plan, run)
    }

    fn simpler(&self, plan: &Plan) -> Vec<Plan> {
        simpler::simpler(plan)
    }

    fn answer(&self, outcomes: &[Outcome]) -> Answer {
        answer::answer(outcomes)
    }
}
