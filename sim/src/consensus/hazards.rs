//! What happens in one future, all of it but chance: how the links are, what is cut, who crashes, whose clock is off, who is dishonest,
//! and which bonds change.

use super::dishonest::dishonest;
use super::setting::Setting;
use crate::chance::Chance;
use crate::drift::Drift;
use crate::links::{LinkRules, Partition, Place};
use crate::world::Moment;
use serde::Serialize;
use std::time::Duration;

/// The plan of one future.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hazards {
    /// How many blocks every honest machine is to come to.
    pub heights: u64,
    /// How messages travel.
    pub links: LinkRules,
    /// Who is cut off when.
    pub partitions: Vec<Partition>,
    /// Which machines crash and come back.
    pub crashes: Vec<MachineCrash>,
    /// The clock of each machine, by its place.
    pub clocks: Vec<Drift>,
    /// Clocks that are set.
    pub jumps: Vec<ClockJump>,
    /// Who is dishonest, and how.
    pub dishonest: Vec<Dishonest>,
    /// Bonds that change by real calls.
    pub moves: Vec<StakeMove>,
    /// How many payments are made in a block's time, in millionths.
    pub payments_per_million: u32,
}

/// A machine crashes and comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachineCrash {
    /// Which machine.
    pub place: Place,
    /// When.
    pub at: Moment,
    /// After how many more effects of its core, so that it falls in the middle of something; with 0 at once.
    pub after_effects: u32,
    /// How long it is away, in microseconds.
    pub down_us: u64,
    /// Whether its disk loses what it had said to be written: the log of votes, and the blocks voted on.
    pub loses_log: bool,
}

/// A machine's clock is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockJump {
    /// Which machine.
    pub place: Place,
    /// When.
    pub at: Moment,
    /// By how much, in milliseconds.
    pub ms: i64,
}

/// A dishonest validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dishonest {
    /// Which machine.
    pub place: Place,
    /// What it does.
    pub vices: Vec<Vice>,
    /// How often it does it where it could, in millionths.
    pub per_million: u32,
}

/// What a dishonest validator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Vice {
    /// Votes for two things, and tells some the one and some the other.
    DoubleVote,
    /// Proposes two blocks in one round, to some the one and to some the other.
    DoubleProposal,
    /// Gives its block to a few, or to nobody.
    Withhold,
    /// Proposes blocks whose header says what execution does not give.
    Invalid,
    /// Proposes blocks of a wrong time.
    FalseTime,
    /// Does not vote, and does not answer those who ask for decided blocks.
    Mute,
}

impl Vice {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::DoubleVote, Self::DoubleProposal, Self::Withhold, Self::Invalid, Self::FalseTime, Self::Mute];
}

/// A bond changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StakeMove {
    /// When it is asked for.
    pub at: Moment,
    /// What is asked for.
    pub what: BondChange,
}

/// How a bond changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum BondChange {
    /// A machine bonds so much to itself; one that is no validator becomes one.
    Bond {
        /// Which machine.
        place: Place,
        /// How much.
        amount: u64,
    },
    /// A holder bonds so much to a validator.
    Delegate {
        /// Which holder.
        holder: usize,
        /// To whom.
        to: Place,
        /// How much.
        amount: u64,
    },
    /// A validator takes so much out of its bond.
    Unbond {
        /// Which machine.
        place: Place,
        /// How much.
        amount: u64,
    },
}

impl Hazards {
    /// Whether a machine does what it should.
    pub fn is_honest(&self, place: Place) -> bool {
        self.dishonest.iter().all(|dishonest| dishonest.place != place)
    }

    /// When the last cut or crash that has begun was over; none while one is not.
    pub fn calm_since(&self, now: Moment) -> Option<Moment> {
        let cuts = self.partitions.iter().map(|cut| (cut.from, cut.until));
        let crashes = self.crashes.iter().map(|crash| (crash.at, crash.back()));
        let begun = cuts.chain(crashes).filter(|(from, _)| *from <= now);
        let over = begun.map(|(_, until)| until).max().unwrap_or(Moment::BEGIN);
        (over <= now).then_some(over)
    }
}

impl MachineCrash {
    /// When the machine is started again.
    pub fn back(&self) -> Moment {
        self.at.plus(Duration::from_micros(self.down_us))
    }
}

/// Draws a future.
pub(super) fn make(setting: &Setting, chance: &mut Chance) -> Hazards {
    let dishonest = dishonest(setting, chance);
    let draft = Draft { setting, dishonest: &dishonest };
    Hazards {
        heights: setting.heights,
        links: links(setting, chance),
        partitions: draft.partitions(chance),
        crashes: draft.crashes(chance),
        clocks: clocks(setting, chance),
        jumps: draft.jumps(chance),
        moves: draft.moves(chance),
        payments_per_million: 500_000,
        dishonest,
    }
}

/// What the rest of a plan is drawn from.
struct Draft<'s> {
    setting: &'s Setting,
    dishonest: &'s [Dishonest],
}

/// As fast as a house and as slow as half of what a vote is waited for.
fn links(setting: &Setting, chance: &mut Chance) -> LinkRules {
    let slowest = setting.genesis.chain.consensus.vote_timeout_ms.saturating_mul(500).max(2_000);
    let least_delay_us = chance.within(500..=40_000).min(slowest / 2);
    let spread = chance.tail(60_000, slowest.saturating_sub(least_delay_us));
    let rate = |chance: &mut Chance| u32::try_from(chance.below(20_000)).unwrap_or_default();
    LinkRules {
        least_delay_us,
        most_delay_us: least_delay_us.saturating_add(spread),
        lost_per_million: rate(chance),
        twice_per_million: rate(chance),
    }
}

fn clocks(setting: &Setting, chance: &mut Chance) -> Vec<Drift> {
    let span = setting.genesis.chain.consensus.max_clock_drift_ms / 4;
    let drift = |_| Drift { ahead_ms: either_way(span, chance), per_million: either_way(200, chance) };
    (0..setting.places()).map(drift).collect()
}

/// A number from `-span` to `span`.
fn either_way(span: u64, chance: &mut Chance) -> i64 {
    let span = i64::try_from(span).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    let drawn = chance.within(0..=span.unsigned_abs().saturating_mul(2));
    i64::try_from(drawn).unwrap_or_default() - span
}

impl Draft<'_> {
    /// When something happens: not at the very beginning, and so that most of it is over before the end.
    fn moment(&self, chance: &mut Chance, percent: u64) -> Moment {
        let (block, heights) = (self.setting.block_us(), self.setting.heights);
        let last = block.saturating_mul(heights).saturating_mul(percent) / 100;
        Moment(chance.within(block..=last.max(block)))
    }

    fn is_honest(&self, place: Place) -> bool {
        self.dishonest.iter().all(|dishonest| dishonest.place != place)
    }

    fn honest(&self) -> Vec<Place> {
        (0..self.setting.validators()).filter(|place| self.is_honest(*place)).collect()
    }

    fn partitions(&self, chance: &mut Chance) -> Vec<Partition> {
        let count = chance.within(0..=self.setting.partitions);
        (0..count).map(|_| self.partition(chance)).collect()
    }

    fn partition(&self, chance: &mut Chance) -> Partition {
        let mut places: Vec<Place> = (0..self.setting.places()).collect();
        chance.shuffle(&mut places);
        let apart = usize::try_from(chance.within(1..=places.len() as u64 / 2)).unwrap_or(1);
        places.truncate(apart);
        places.sort_unstable();
        let (from, block) = (self.moment(chance, 70), self.setting.block_us());
        let long = chance.tail(block.saturating_mul(8), block.saturating_mul(40));
        Partition { from, until: from.plus(Duration::from_micros(long)), apart: places }
    }

    fn crashes(&self, chance: &mut Chance) -> Vec<MachineCrash> {
        let honest: Vec<Place> = (0..self.setting.places()).filter(|place| self.is_honest(*place)).collect();
        let forgetful = self.forgetful(chance);
        let count = chance.within(0..=self.setting.restarts);
        let mut crashes = Vec::new();
        for _ in 0..count {
            let Some(place) = chance.pick(&honest).copied() else { break };
            let loses_log = forgetful == Some(place) && chance.happens(700_000);
            crashes.push(self.crash(place, loses_log, chance));
        }
        if let Some(place) = forgetful
            && crashes.iter().all(|crash| !crash.loses_log)
            && self.setting.restarts > 0
        {
            crashes.pop();
            crashes.push(self.crash(place, true, chance));
        }
        crashes
    }

    fn crash(&self, place: Place, loses_log: bool, chance: &mut Chance) -> MachineCrash {
        let block = self.setting.block_us();
        let after_effects =
            if chance.happens(400_000) { 0 } else { u32::try_from(chance.within(1..=30)).unwrap_or_default() };
        MachineCrash {
            place,
            at: self.moment(chance, 70),
            after_effects,
            down_us: chance.tail(block.saturating_mul(4), block.saturating_mul(25)).max(block / 2),
            loses_log,
        }
    }

    /// The one whose disk may lose its log, in a quarter of all futures. For a while it signs nothing, as after a copy of its home was
    /// started, so all others who are honest have to be enough.
    fn forgetful(&self, chance: &mut Chance) -> Option<Place> {
        if !self.setting.disks_lie || !chance.happens(250_000) {
            return None;
        }
        let place = chance.pick(&self.honest()).copied()?;
        let power = |place: Place| u128::from(self.setting.powers.get(place).copied().unwrap_or_default());
        let total: u128 = (0..self.setting.validators()).map(power).sum();
        let dishonest: u128 = self.dishonest.iter().map(|dishonest| power(dishonest.place)).sum();
        // Bonds that move take up to a fiftieth; and once the dishonest ones are out, the others have to be enough without it.
        let left = total.saturating_sub(total / 50);
        let is_spare = (power(place) + dishonest).saturating_mul(3) < left
            && power(place).saturating_mul(3) < left.saturating_sub(dishonest);
        is_spare.then_some(place)
    }

    fn jumps(&self, chance: &mut Chance) -> Vec<ClockJump> {
        let span = self.setting.genesis.chain.consensus.max_clock_drift_ms / 8;
        let count = chance.below(3);
        let mut jumps = Vec::new();
        for _ in 0..count {
            let Some(place) = chance.pick(&self.honest()).copied() else { break };
            jumps.push(ClockJump { place, at: self.moment(chance, 80), ms: either_way(span, chance) });
        }
        jumps
    }

    /// Whoever joins and is delegated to is honest, so that the dishonest ones come to have less; what honest ones take out is little.
    fn moves(&self, chance: &mut Chance) -> Vec<StakeMove> {
        let validators = self.setting.validators();
        let average = self.setting.powers.iter().sum::<u64>() / (validators as u64).max(1);
        let mut moves = Vec::new();
        if chance.happens(600_000) {
            let what = BondChange::Bond { place: validators, amount: average };
            moves.push(StakeMove { at: self.moment(chance, 40), what });
        }
        for _ in 0..chance.below(3) {
            let holder = usize::try_from(chance.below(self.setting.holders.len() as u64)).unwrap_or_default();
            let Some(to) = chance.pick(&self.honest()).copied() else { break };
            let amount = (average / 50).max(self.least_delegation());
            moves.push(StakeMove { at: self.moment(chance, 60), what: BondChange::Delegate { holder, to, amount } });
        }
        if let Some(place) = chance.pick(&self.honest()).copied()
            && chance.happens(300_000)
            && self.can_spare(average / 50)
        {
            let what = BondChange::Unbond { place, amount: average / 50 };
            moves.push(StakeMove { at: self.moment(chance, 60), what });
        }
        moves
    }

    fn least_delegation(&self) -> u64 {
        self.setting.genesis.staking.params.minimum_delegation.0
    }

    /// Whether the dishonest ones have less than a third also where so much is taken out.
    fn can_spare(&self, amount: u64) -> bool {
        let power = |place: Place| u128::from(self.setting.powers.get(place).copied().unwrap_or_default());
        let total: u128 = (0..self.setting.validators()).map(power).sum();
        let dishonest: u128 = self.dishonest.iter().map(|dishonest| power(dishonest.place)).sum();
        dishonest.saturating_mul(3) < total.saturating_sub(amount.into())
    }
}
