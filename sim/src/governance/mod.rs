//! Votes under attack: honest accounts propose and vote at random times, on the real chain and through the real pool,
//! while an attacker with less than a third of the stake, spread over many accounts, plays one strategy after the other
//! or a few at once.
//!
//! What must hold is that an honest motion which all honest stake votes for is decided in its window, whatever is
//! played; and that nothing passes which nobody else wants. See [`properties`] for all of it, [`strategy`] for what is
//! played.
//!
//! The rules are those of the network that is asked about. Its epochs and blocks are made short and small, its
//! validators keep their power, and the attacker's stake comes on top.

mod answer;
mod arena;
mod cast;
mod costs;
mod honest;
mod known;
mod outcome;
mod plan;
mod play;
pub mod properties;
mod purse;
mod shadow;
pub mod strategy;
mod verdicts;
mod wallet;

pub use outcome::{Attack, Decided, Outcome, Places};
pub use plan::{Campaign, Plan, PlannedMotion, Subject};

use crate::answer::{Answer, counted};
use crate::chance::Chance;
use crate::cli;
use crate::network::Network;
use crate::property::Property;
use crate::run::{Run, Simulation};
use anyhow::{bail, ensure};
use cast::Cast;
use honest::{PATIENCE, longest_vote};
use plan::least_epochs;
use play::Play;
use primitives::{Fraction, grouped};
use std::process::ExitCode;
use strategy::StrategyName;

/// What `--help` says it is.
const ABOUT: &str = "Plays hostile accounts against the rules of votes, and says what they delay, what that costs \
                     them, and whether an honest motion is ever kept from being decided";

/// Futures that are played unless it is said how many.
const SEEDS: u64 = 20;

/// Fewer than so many epochs decide hardly anything, however short votes are.
const LEAST_EPOCHS: u64 = 40;

/// More than so many are no matter of minutes.
const MOST_EPOCHS: u64 = 100_000;

/// The most that the attacker can have beyond a third, in percent.
const MOST_PERCENT: u64 = 90;

/// What can be asked.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Epochs of each future, more than a vote takes; 10,000 take minutes, so name one seed with them
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub epochs: u64,
    /// The attacker's share of all stake in percent, spread over its accounts; below a third, so 33 at most
    #[arg(long, value_name = "PERCENT", default_value_t = 33)]
    pub attacker_percent: u64,
    /// Lets the attacker have a third or more, and shows what that breaks
    #[arg(long)]
    pub beyond_a_third: bool,
    /// Plays only this strategy; without it, all of them have their turns
    #[arg(long, value_name = "NAME", value_enum)]
    pub strategy: Option<StrategyName>,
}

impl Default for Options {
    fn default() -> Self {
        Self { epochs: 500, attacker_percent: 33, beyond_a_third: false, strategy: None }
    }
}

/// A rule that is broken on purpose, to show that it would be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BrokenRule {
    /// Nobody goes to the place that a validator has for itself: all wait for a shared one.
    OwnPlaceUnused,
    /// A fifth of the stake is enough of a quorum for a routine motion.
    QuorumLowered,
}

impl BrokenRule {
    const ALL: [(&'static str, Self); 2] =
        [("own-place-unused", Self::OwnPlaceUnused), ("quorum-lowered", Self::QuorumLowered)];

    fn named(name: &str) -> anyhow::Result<Self> {
        match Self::ALL.iter().find(|(known, _)| *known == name) {
            Some((_, rule)) => Ok(*rule),
            None => bail!(
                "there is no rule {name:?} to break; name one of: {}",
                Self::ALL.map(|(known, _)| known).join(", ")
            ),
        }
    }
}

/// Refuses so few epochs that no vote comes to its end in them: all would hold, with nothing tried. Also where no number
/// of epochs that is played is enough.
fn require_epochs(epochs: u64, longest: u64) -> anyhow::Result<()> {
    let least = LEAST_EPOCHS.max(least_epochs(longest, PATIENCE));
    ensure!(
        least <= MOST_EPOCHS,
        "a motion takes {} on this network from its vote to its activation, which is longer than is played: that is {} \
         at most, and some to spare; name a network (--genesis) with shorter windows",
        counted(longest, "epoch"),
        grouped(MOST_EPOCHS)
    );
    ensure!(
        (least..=MOST_EPOCHS).contains(&epochs),
        "--epochs is {}; name {} to {}: a motion takes {} on this network from its vote to its activation",
        grouped(epochs),
        grouped(least),
        grouped(MOST_EPOCHS),
        counted(longest, "epoch")
    );
    Ok(())
}

/// The simulation of votes under attack.
pub struct Governance {
    cast: Cast,
    epochs: u64,
    strategies: Vec<StrategyName>,
    broken: Option<BrokenRule>,
    properties: &'static [&'static Property],
}

impl Governance {
    /// On a network, with a rule broken if one is named.
    ///
    /// # Errors
    /// Options or a network that cannot be, or an unknown rule: a sentence that says what to change.
    pub fn new(options: &Options, mut network: Network, broken: Option<&str>) -> anyhow::Result<Self> {
        let percent = options.attacker_percent;
        require_epochs(options.epochs, longest_vote(&network.genesis.governance.params))?;
        ensure!(
            options.beyond_a_third || percent <= 33,
            "--attacker-percent is {percent}, and the rules hold against less than a third; name 33 at most, or add \
             --beyond-a-third to see what that breaks"
        );
        ensure!((1..=MOST_PERCENT).contains(&percent), "--attacker-percent is {percent}; name 1 to {MOST_PERCENT}");
        let broken = broken.map(BrokenRule::named).transpose()?;
        if broken == Some(BrokenRule::QuorumLowered)
            && let Some(fifth) = Fraction::new(1, 5)
        {
            network.genesis.governance.params.routine.quorum = fifth;
        }
        let strategies = options.strategy.map_or_else(|| StrategyName::ALL.to_vec(), |only| vec![only]);
        let bites = strategies.iter().map(|strategy| strategy.bite());
        // Once for each simulation, of which a process has one or a few.
        let properties = properties::NEVER.into_iter().chain(bites).collect::<Vec<_>>().leak();
        let cast = Cast::new(&network, percent)?;
        Ok(Self { cast, epochs: options.epochs, strategies, broken, properties })
    }
}

impl Simulation for Governance {
    type Plan = Plan;
    type Outcome = Outcome;

    fn name(&self) -> &'static str {
        "governance"
    }

    fn properties(&self) -> &'static [&'static Property] {
        self.properties
    }

    fn plan(&self, chance: &mut Chance) -> Plan {
        Plan::draw(chance, self.epochs, &self.strategies)
    }

    fn run(&self, plan: &Plan, run: &mut Run) -> Outcome {
        let uses_own_places = self.broken != Some(BrokenRule::OwnPlaceUnused);
        Play::new(&self.cast, plan, uses_own_places, run).until_its_end()
    }

    fn simpler(&self, plan: &Plan) -> Vec<Plan> {
        plan.simpler()
    }

    fn answer(&self, outcomes: &[Outcome]) -> Answer {
        answer::answer(outcomes)
    }
}

/// The program `governance`.
pub fn main() -> ExitCode {
    cli::main(ABOUT, Governance::new, SEEDS)
}
