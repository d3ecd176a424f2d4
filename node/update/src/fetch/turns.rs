//! Whose turn is it, and how fast must it be? For where one source at a time is read, and what it sends is judged at the end:
//! whoever is slow on purpose must not cost the others their chance (T7).
//!
//! A source whose turn it is goes on while it is so fast that all who are left could follow each other within the deadline,
//! and, once all were tried, while it is at least half as fast as the next best was. Else it is set back behind those who
//! were seen faster. Who is set back again was seen at less than half its pace of before, so it does not happen often.

use crate::fault::Fault;
use crate::pace::Pace;
use crate::source::ArtifactSource;
use std::cmp::Reverse;
use std::sync::Arc;

/// The sources that are left.
pub(super) struct Turns {
    waiting: Vec<Turn>,
    pace: Pace,
}

struct Turn {
    source: Arc<dyn ArtifactSource>,
    /// Bytes a second in the last window of its turn; none before its first.
    rate: Option<u64>,
}

impl Turns {
    /// A turn for each source, at no less than a pace.
    pub fn new(sources: impl Iterator<Item = Arc<dyn ArtifactSource>>, pace: Pace) -> Self {
        Self { waiting: sources.map(|source| Turn { source, rate: None }).collect(), pace }
    }

    /// Takes out whose turn it is: who was not tried, then the fastest. With it the pace that it has to keep.
    pub fn take_next(&mut self) -> Option<(Arc<dyn ArtifactSource>, Pace)> {
        let turns = self.waiting.iter().enumerate();
        let (next, _) = turns.min_by_key(|(_, turn)| Reverse(turn.rate.unwrap_or(u64::MAX)))?;
        let Turn { source, .. } = self.waiting.remove(next);
        let share = self.pace.least.saturating_mul(self.waiting.len() as u64 + 1);
        let others = self.waiting.iter().map(|other| other.rate.map_or(share, |rate| rate / 2));
        let least = others.max().unwrap_or(0).max(self.pace.least);
        Some((source, Pace { least, ..self.pace }))
    }

    /// Lets a source wait for another turn when it was only slower than its turn asked.
    ///
    /// # Errors
    /// Any other fault, for which it is given up.
    pub fn set_back(&mut self, source: &Arc<dyn ArtifactSource>, fault: Fault) -> Result<(), Fault> {
        let Fault::TooSlow { bytes, seconds, .. } = fault else { return Err(fault) };
        let (rate, least) = (bytes / seconds.max(1), self.pace.least);
        if rate < least {
            return Err(Fault::TooSlow { bytes, seconds, least });
        }
        self.waiting.push(Turn { source: source.clone(), rate: Some(rate) });
        Ok(())
    }
}
