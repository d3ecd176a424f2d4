//! What becomes of a release on nodes with slow sources, slow disks, crashes and bad builds.
//!
//! Each future begins when the chain has approved a release. Its nodes look for it, fetch it from mirrors and from each other, install
//! it in the steps of the real installation, wait for their wave, change to it and have it on trial, as their supervisors do. What is
//! decided is decided by what the node's supervisor asks as well: [`rollout`] (whose turn it is, what others say, whether a build is
//! well, what follows from an end), [`update`] (the journal, what may be installed) and the real chain over memory (approvals,
//! revocations, receipts, and what validators say of a build). What is done about it, with processes and files, is simulated here.
//!
//! | question | file |
//! |---|---|
//! | what happens in a future? | `plan.rs` |
//! | what is voted on and reported? | `votes.rs`; what the newest block says: `view.rs` |
//! | what happens next, and to whom? | `happens.rs`; with a block: `blocks.rs`; when it is over: `over.rs` |
//! | what does a supervisor start, and how does it look at that? | `supervise.rs`, `trial.rs` |
//! | what comes of an end, and what is done then? | `ends.rs`, `acts.rs` |
//! | what does it do beside a node that is well? | `scout.rs`; when: `looks.rs`; whether it may install: `authority.rs` |
//! | how are bytes fetched? | `fetch.rs`; who sends them: `sources.rs`; how a line is shared: `pipe.rs` |
//! | what lies on the disk, and when? | `home.rs`, `install.rs` |
//! | who is away, and since when do how many run it? | `power.rs`; how a node counts: `standing.rs` |
//!
//! # What is simplified
//! - Blocks are [`BETWEEN_BLOCKS`] apart and come as long as more than two thirds of the power are up; an epoch has [`EPOCH_BLOCKS`].
//! - Followers say nothing on chain: it takes stake to be heard.
//! - A node that comes up knows the newest block when it answers: catching up is part of the time that it takes to start.
//! - A supervisor asks a build on trial every two seconds, and not twice a second.

mod acts;
mod answer;
mod authority;
mod blocks;
mod ends;
mod fetch;
mod fleet;
mod happens;
mod home;
mod install;
mod looks;
mod node;
mod options;
mod outcome;
mod over;
mod pipe;
mod plan;
mod power;
mod properties;
mod scout;
mod setting;
mod simpler;
mod sources;
mod standing;
mod supervise;
#[cfg(test)]
mod testing;
mod trial;
mod view;
mod votes;

pub use install::InstallStep;
pub use options::Options;
pub use outcome::{Counts, Outcome, Without};
pub use plan::{Bad, Crash, Does, FullDisk, How, Mirror, Plan, Release, Revoke};
pub use power::Reached;
pub use properties::*;
pub use setting::{BETWEEN_BLOCKS, EPOCH_BLOCKS};

use crate::answer::Answer;
use crate::chance::Chance;
use crate::network::Network;
use crate::property::Property;
use crate::run::{Run, Simulation};
use crate::world::Moment;
use fleet::Fleet;
use setting::Setting;

/// What the program is for, as its help begins.
pub const ABOUT: &str = "What becomes of a release on nodes that fetch slowly, crash and lag behind. Run it before you add or drop a \
                         mirror, or change the distance of waves: it plays many futures with the decisions of the real supervisor \
                         and says how long a release takes to spread, how much power is away at once, and what a mirror's failure \
                         does.";

/// How many futures are played where nobody says.
pub const DEFAULT_SEEDS: u64 = 100;

/// The simulation: a network, its nodes and mirrors, and how often what goes wrong.
#[derive(Clone, Debug)]
pub struct LaggingRelease {
    setting: Setting,
}

impl LaggingRelease {
    /// Sets it up for a network, with a rule broken if one is named.
    ///
    /// # Errors
    /// A sentence that says which number cannot be, or which rule is not known, and what to give instead.
    pub fn new(options: &Options, network: Network, broken: Option<&str>) -> anyhow::Result<Self> {
        Ok(Self { setting: Setting::new(options, network, broken)? })
    }
}

impl Simulation for LaggingRelease {
    type Plan = Plan;
    type Outcome = Outcome;

    fn name(&self) -> &'static str {
        "lagging_release"
    }

    fn properties(&self) -> &'static [&'static Property] {
        &properties::PROPERTIES
    }

    fn plan(&self, chance: &mut Chance) -> Plan {
        Plan::make(&self.setting, chance)
    }

    fn run(&self, plan: &Plan, run: &mut Run) -> Outcome {
        let chance = run.chance.fork("future");
        let outcome = self.play(plan, &chance, run);
        if !plan.without_first {
            return outcome;
        }
        run.tell(Moment::BEGIN, || "once more, without the first mirror".into());
        let without = self.play(&plan.without_first(), &chance, run);
        Outcome { without_first: Some(without.part()), ..outcome }
    }

    fn simpler(&self, plan: &Plan) -> Vec<Plan> {
        simpler::simpler(plan, self.setting.validators())
    }

    fn answer(&self, outcomes: &[Outcome]) -> Answer {
        answer::answer(&self.setting, outcomes)
    }
}

impl LaggingRelease {
    /// Plays a plan: as often as it is played with the same chance, the same happens.
    fn play(&self, plan: &Plan, chance: &Chance, run: &mut Run) -> Outcome {
        let fleet = Fleet::begin(&self.setting, plan, chance.fork("fleet"), run);
        fleet.map_or_else(|| Outcome::none(plan.nodes), Fleet::play)
    }
}
