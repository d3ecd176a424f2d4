//! Whose turn is it, and how fast must it be? For where one source at a time is read, and what it sends is judged at the end:
//! whoever is slow on purpose must not cost the others their chance (T7).
//!
//! Sources are compared by the time that each would need for all that it says, and is held to; one that says no size, for the
//! most that is fetched. Whose turn it is goes on while all who are left could follow each other at its rate within the
//! deadline and, once all were tried, while it needs no more than twice the time of the next best. Else it is set back behind
//! those who need less. Who is set back again was seen at half its rate of before at most, so that does not happen often.

use super::Fetch;
use crate::fault::Fault;
use crate::pace::Pace;
use crate::source::ArtifactSource;
use std::cmp::Ordering;
use std::sync::Arc;

/// The sources that are left.
pub(super) struct Turns {
    waiting: Vec<Turn>,
    pace: Pace,
    /// The most bytes that one source may send.
    most: u64,
}

/// A source that waits, or whose turn it is.
pub(super) struct Turn {
    /// The source.
    pub source: Arc<dyn ArtifactSource>,
    /// The bytes that it is held to, at least 1.
    pub said: u64,
    /// Bytes a second in the last window of its turn; none before its first.
    rate: Option<u64>,
}

impl Turn {
    /// Who was not tried comes first, among those who says least; then who needs the least time for what it says.
    fn compare(&self, other: &Self) -> Ordering {
        let times = |turn: &Self, rate: u64| u128::from(turn.said) * u128::from(rate);
        match (self.rate, other.rate) {
            (None, None) => self.said.cmp(&other.said),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(mine), Some(others)) => times(self, others).cmp(&times(other, mine)),
        }
    }
}

impl Turns {
    /// A turn for each source with the size that it says.
    pub fn new(sources: impl Iterator<Item = (Arc<dyn ArtifactSource>, Option<u64>)>, fetch: &Fetch) -> Self {
        let most = fetch.size.unwrap_or(fetch.most_bytes).max(1);
        let turn = |(source, said): (_, Option<u64>)| Turn { source, said: said.unwrap_or(most).max(1), rate: None };
        Self { waiting: sources.map(turn).collect(), pace: fetch.pace, most }
    }

    /// Takes out whose turn it is, with the pace that it has to keep.
    pub fn take_next(&mut self) -> Option<(Turn, Pace)> {
        let (next, _) = self.waiting.iter().enumerate().min_by(|(_, a), (_, b)| a.compare(b))?;
        let turn = self.waiting.remove(next);
        let least = self.waiting.iter().map(|other| self.asked(&turn, other)).max().unwrap_or(0).max(self.pace.least);
        Some((turn, Pace { least, ..self.pace }))
    }

    /// How fast one has to be for the sake of another: for who was not tried, such that its whole takes no more than its share
    /// of the time in which the least pace gives the most; else such that its whole takes at most twice the other's time.
    fn asked(&self, turn: &Turn, other: &Turn) -> u64 {
        let said = u128::from(turn.said);
        let rate = match other.rate {
            None => {
                let all = self.waiting.len() as u128 + 1;
                said.saturating_mul(u128::from(self.pace.least)).saturating_mul(all) / u128::from(self.most)
            }
            Some(rate) => said.saturating_mul(u128::from(rate)) / u128::from(other.said) / 2,
        };
        u64::try_from(rate).unwrap_or(u64::MAX)
    }

    /// Lets a source wait for another turn when it was only slower than its turn asked.
    ///
    /// # Errors
    /// Any other fault, for which it is given up.
    pub fn set_back(&mut self, turn: Turn, fault: Fault) -> Result<(), Fault> {
        let Fault::TooSlow { bytes, seconds, .. } = fault else { return Err(fault) };
        let (rate, least) = (bytes / seconds.max(1), self.pace.least);
        if rate < least {
            return Err(Fault::TooSlow { bytes, seconds, least });
        }
        self.waiting.push(Turn { rate: Some(rate), ..turn });
        Ok(())
    }
}
