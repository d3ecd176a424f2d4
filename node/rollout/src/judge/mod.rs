//! What is held of a build on trial: that it is well, that it is not, or that it cannot be known.
//!
//! A build is given up only for what it did itself. That it hangs is its own doing, and that it ends. That its chain stands
//! still, that its peers are gone, or that it has nothing but errors for its supervisor, may have nothing to do with it: then the
//! build before is run on the same machine, and only what that one has and this one lacks is held against it. What the supervisor
//! could not ask says nothing.

#[cfg(test)]
mod tests;

use crate::comparison::{BLOCKS, Lack};
use crate::unwell::Unwell;
use crate::vitals::{Before, Seen, Vitals};
use primitives::Height;
use std::time::Duration;

/// Windows in a row in which a build comes nearer to the newest block, to be well before it is there: that may take days.
const GAINS: u32 = 3;

/// What is held of a build on trial.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialVerdict {
    /// It has proven itself.
    Well,
    /// It is not well, by its own doing.
    Unwell(Unwell),
    /// Whether it is well is not known.
    NotKnown(NotKnown),
}

/// Why it is not known whether a build is well.
#[derive(Debug, Clone, PartialEq)]
pub enum NotKnown {
    /// The supervisor could not ask; why.
    Unasked(String),
    /// It answers, and something is missing that may be missing here whatever build runs.
    Lacks(Lack),
}

/// How long a build on trial may take, and has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// To say something.
    pub silence: Duration,
    /// To get what it lacks; longer, each time that it turned out to be missing whatever build runs.
    pub lack: Duration,
    /// From its first answer on, before it is well: blocks alone may come faster than a build fails.
    pub least: Duration,
}

/// How a node is judged against what it was before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judge {
    before: Before,
    /// None for who has proven itself before: it may take as long as it takes.
    windows: Option<Windows>,
    /// When it last said something.
    answered: Duration,
    /// From when on nothing was heard of it, although it could have been.
    silent_since: Duration,
    /// From when on it answered, if at all, and never how it is; none while it says that.
    erring_since: Option<Duration>,
    progress: Option<Progress>,
}

/// How far a node has come that answers. Times are since its start.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Progress {
    first: Height,
    since: Duration,
    newest: Height,
    /// When its newest block came.
    advanced: Duration,
    /// How old its newest block was, and when that was.
    age_ms: u64,
    aged: Duration,
    /// In how many windows in a row it became younger.
    gained: u32,
}

impl Judge {
    /// Judges against `before`, from the start of the node on.
    pub fn new(before: Before, windows: Option<Windows>) -> Self {
        let (answered, silent_since) = (Duration::ZERO, Duration::ZERO);
        Self { before, windows, answered, silent_since, erring_since: None, progress: None }
    }

    /// How long one answer may take: who needs a whole window for it hangs.
    pub fn longest_answer(&self) -> Duration {
        self.windows.map_or(Duration::MAX, |windows| windows.silence)
    }

    /// Takes in what was seen at a time since the start of the node; none while it may still become well.
    pub fn look(&mut self, at: Duration, seen: Seen) -> Option<TrialVerdict> {
        match seen {
            Seen::Health(vitals) => {
                (self.answered, self.silent_since, self.erring_since) = (at, at, None);
                self.weigh(at, &vitals)
            }
            Seen::Silence => {
                let most = self.windows?.silence;
                let hangs = at.saturating_sub(self.silent_since) >= most;
                hangs.then(|| TrialVerdict::Unwell(Unwell::silent(most)))
            }
            Seen::NoHealth => {
                self.silent_since = at;
                let since = *self.erring_since.get_or_insert(at);
                let is_over = at.saturating_sub(since) >= self.windows?.lack;
                is_over.then_some(TrialVerdict::NotKnown(NotKnown::Lacks(Lack::Health)))
            }
            Seen::Unasked(why) => {
                (self.silent_since, self.erring_since) = (at, None);
                let is_over = at.saturating_sub(self.answered) >= self.windows?.silence;
                is_over.then_some(TrialVerdict::NotKnown(NotKnown::Unasked(why)))
            }
        }
    }

    fn weigh(&mut self, at: Duration, vitals: &Vitals) -> Option<TrialVerdict> {
        let before = self.before;
        let progress = self.progress.get_or_insert_with(|| Progress::begin(at, vitals));
        if vitals.height > progress.newest {
            (progress.newest, progress.advanced) = (vitals.height, at);
        }
        let least = self.windows.map_or(Duration::ZERO, |windows| windows.least);
        match progress.missing(before, vitals) {
            None => (at.saturating_sub(progress.since) >= least).then_some(TrialVerdict::Well),
            Some(missing) => {
                let lack = progress.lacks(missing, at, vitals, self.windows?.lack);
                if progress.gained >= GAINS {
                    return Some(TrialVerdict::Well);
                }
                lack.map(|lack| TrialVerdict::NotKnown(NotKnown::Lacks(lack)))
            }
        }
    }
}

impl Progress {
    fn begin(at: Duration, vitals: &Vitals) -> Self {
        let height = vitals.height;
        Self {
            first: height,
            since: at,
            newest: height,
            advanced: at,
            age_ms: vitals.block_age_ms,
            aged: at,
            gained: 0,
        }
    }

    /// What is still to come.
    fn missing(&self, before: Before, vitals: &Vitals) -> Option<Lack> {
        let need = self.first.plus(BLOCKS).max(before.height);
        if vitals.height < need {
            Some(Lack::Blocks(self.newest))
        } else if !vitals.ok {
            Some(Lack::Freshness)
        } else {
            (before.peers > 0 && vitals.peers == 0).then_some(Lack::Peers(before.peers))
        }
    }

    /// What did not come within a window.
    fn lacks(&mut self, missing: Lack, at: Duration, vitals: &Vitals, window: Duration) -> Option<Lack> {
        let is_over = |since: Duration| at.saturating_sub(since) >= window;
        if is_over(self.advanced) {
            return Some(Lack::Blocks(self.newest));
        }
        match missing {
            // They come, and there are not enough yet.
            Lack::Blocks(_) => None,
            Lack::Freshness if !is_over(self.aged) => None,
            // Coming nearer to the newest block is not being behind.
            Lack::Freshness if vitals.block_age_ms < self.age_ms => {
                (self.age_ms, self.aged, self.gained) = (vitals.block_age_ms, at, self.gained.saturating_add(1));
                None
            }
            Lack::Freshness => Some(missing),
            Lack::Peers(_) | Lack::Health => is_over(self.since).then_some(missing),
        }
    }
}
