//! What happens in a future: which honest motions are wanted when, and which strategies are played meanwhile.

use super::strategy::StrategyName;
use crate::chance::Chance;
use ::governance::TrackName;
use serde::Serialize;

/// The epochs that a motion is left from being wanted to being carried out, beside its window and delay.
pub const MARGIN: u64 = 12;

/// The longest time from one honest motion to the next, in epochs.
const MOST_APART: u64 = 7;

/// The most epochs that a window is longer than honest voters need.
const MOST_LONGER: u64 = 3;

/// The most epochs that a delay is longer than the least.
const MOST_DELAYED: u64 = 2;

/// A future.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Epochs until it ends.
    pub epochs: u64,
    /// Honest motions, the first one first.
    pub motions: Vec<PlannedMotion>,
    /// What the attacker does, the first one first.
    pub campaigns: Vec<Campaign>,
}

/// An honest motion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedMotion {
    /// The epoch in which it is wanted.
    pub epoch: u64,
    /// What it does.
    pub subject: Subject,
    /// The track it is wanted on. What revokes is always expedited.
    pub track: TrackName,
    /// Epochs that its window is longer than honest voters need.
    pub longer: u64,
    /// Epochs that its delay is longer than the least.
    pub delayed: u64,
    /// Whether it is a mistake, which its proposer takes back after a few blocks.
    pub mistaken: bool,
}

/// What a motion does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Approves a new build.
    Release,
    /// Revokes a build that has a later one; a new build instead, while there is none.
    Revocation,
}

/// A strategy for some epochs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Campaign {
    /// Which.
    pub strategy: StrategyName,
    /// Its first epoch.
    pub from: u64,
    /// The first epoch after it.
    pub until: u64,
    /// Whether honest accounts vote against what they do not want meanwhile; else they leave it alone.
    pub watched: bool,
}

/// The epochs in which at least the first two motions of a plan can come to their end, if each takes `longest` epochs
/// from its vote to its activation, and waits for a place for `patience` epochs.
pub fn least_epochs(longest: u64, patience: u64) -> u64 {
    let others = 2 * MOST_APART + MOST_LONGER + MOST_DELAYED + patience + MARGIN;
    longest.saturating_add(others)
}

impl Plan {
    /// A random future of so many epochs in which these strategies are played, each about as often as the others.
    pub fn draw(chance: &mut Chance, epochs: u64, strategies: &[StrategyName]) -> Self {
        let motions = motions(&mut chance.fork("motions"), epochs);
        let campaigns = campaigns(&mut chance.fork("campaigns"), epochs, strategies);
        Self { epochs, motions, campaigns }
    }

    /// Plans that are simpler by one thing: a half of the motions or of the campaigns, a single one of few, the time
    /// after the last.
    pub fn simpler(&self) -> Vec<Self> {
        let mut plans: Vec<Self> = without_some(&self.campaigns)
            .into_iter()
            .map(|campaigns| Self { campaigns, ..self.clone() })
            .chain(without_some(&self.motions).into_iter().map(|motions| Self { motions, ..self.clone() }))
            .collect();
        let of_motions = self.motions.last().map_or(0, |motion| motion.epoch + motion.longer + motion.delayed);
        let last = self.campaigns.last().map_or(0, |campaign| campaign.until).max(of_motions) + 4 * MARGIN;
        if last < self.epochs {
            plans.push(Self { epochs: last, ..self.clone() });
        }
        plans
    }
}

/// The list without its first or last half, and without one each if there are few.
fn without_some<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let (first, last) = list.split_at(list.len() / 2);
    let mut shorter = Vec::new();
    if list.len() > 1 {
        shorter.extend([first.to_vec(), last.to_vec()]);
    }
    if list.len() <= 8 {
        shorter.extend((0..list.len()).map(|left_out| {
            let kept = list.iter().enumerate().filter(|(place, _)| *place != left_out);
            kept.map(|(_, one)| one.clone()).collect()
        }));
    }
    shorter
}

fn motions(chance: &mut Chance, epochs: u64) -> Vec<PlannedMotion> {
    let mut motions = Vec::new();
    let mut epoch = chance.below(MOST_APART);
    while epoch < epochs {
        let subject = if chance.happens(350_000) { Subject::Revocation } else { Subject::Release };
        let is_expedited = subject == Subject::Revocation || chance.happens(300_000);
        let track = if is_expedited { TrackName::Expedited } else { TrackName::Routine };
        let mistaken = track == TrackName::Routine && chance.happens(250_000);
        let (longer, delayed) = (chance.below(MOST_LONGER + 1), chance.below(MOST_DELAYED + 1));
        motions.push(PlannedMotion { epoch, subject, track, longer, delayed, mistaken });
        epoch += 1 + chance.below(MOST_APART);
    }
    motions
}

/// Strategies are dealt like cards, none to three at once, so that each has its turn.
fn campaigns(chance: &mut Chance, epochs: u64, strategies: &[StrategyName]) -> Vec<Campaign> {
    let (mut campaigns, mut deck) = (Vec::new(), Vec::new());
    let mut from = 0;
    while from < epochs && !strategies.is_empty() {
        let until = from + chance.within(15..=45);
        for _ in 0..[0, 1, 1, 2, 2, 3][chance.below(6) as usize] {
            if deck.is_empty() {
                deck = strategies.to_vec();
                chance.shuffle(&mut deck);
            }
            let watched = chance.happens(500_000);
            if let Some(strategy) = deck.pop().filter(|strategy| !is_played(&campaigns, *strategy, from)) {
                campaigns.push(Campaign { strategy, from, until, watched });
            }
        }
        from = until;
    }
    campaigns
}

fn is_played(campaigns: &[Campaign], strategy: StrategyName, from: u64) -> bool {
    campaigns.iter().any(|campaign: &Campaign| campaign.strategy == strategy && campaign.from == from)
}
