//! What is kept in mind of a node from one start to the next, and when a build on trial has failed often enough.

use crate::act::Act;
use crate::backoff::Backoff;
use crate::comparison::{Compared, Comparisons, Lack};
use crate::judge::Windows;
use crate::unwell::{End, Unwell};
use crate::vitals::Before;
use std::time::Duration;

/// The pause before a build is started again; it doubles with every failure in a row.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest such pause; a node that ran longer begins anew.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often the window for what a build lacks doubles at most.
const DOUBLINGS: u32 = 6;
/// How long a build on trial has to be well before it is called so; a third of the window where that is less.
const LEAST: Duration = Duration::from_secs(30);
/// The exit code where a build was given up for its attempts, and nothing may take its place.
const FAILED: u8 = 1;

/// How a build on trial is judged, as the operator set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialRules {
    /// How long it may say nothing, and lack something.
    pub window: Duration,
    /// How often it fails before it is given up.
    pub max_attempts: u32,
}

/// What is kept in mind of a node that is supervised. What has to outlive its supervisor, as the attempts of a build, is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervision {
    before: Before,
    pauses: Backoff,
    /// How the build on trial failed the last time.
    last: Option<Unwell>,
    comparisons: Comparisons,
}

impl TrialRules {
    /// How long a build on trial may take, where so many comparisons with the build before have shown nothing.
    pub fn windows(&self, open_comparisons: u32) -> Windows {
        let longer = 2u32.saturating_pow(open_comparisons.min(DOUBLINGS));
        let third = self.window.checked_div(3).unwrap_or_default();
        Windows { silence: self.window, lack: self.window.saturating_mul(longer), least: LEAST.min(third) }
    }

    /// What follows from the attempts that failed of the build on trial: it is given up when they are enough. `last` is how it did the
    /// last time, as far as that was seen.
    pub fn exhausted(&self, attempts: u32, last: Option<&Unwell>) -> Option<Act> {
        // There may have been more, where the number of those allowed was lowered, or the way back was interrupted.
        let often = || Unwell::often(attempts.min(self.max_attempts), last);
        (attempts >= self.max_attempts).then(|| Act::GoBack { unwell: often(), code: FAILED })
    }
}

impl Default for Supervision {
    fn default() -> Self {
        let pauses = Backoff::new(PAUSE, LONGEST_PAUSE);
        Self { before: Before::default(), pauses, last: None, comparisons: Comparisons::default() }
    }
}

impl Supervision {
    /// What the node was like before it was changed to the build that runs.
    pub fn before(&self) -> Before {
        self.before
    }

    /// How many comparisons of the build that runs have shown nothing.
    pub fn open_comparisons(&self) -> u32 {
        self.comparisons.open
    }

    /// How the build on trial failed the last time, as far as that was seen.
    pub fn last(&self) -> Option<&Unwell> {
        self.last.as_ref()
    }

    /// Takes in that the node changes to another build; what it was like until then.
    pub fn changes(&mut self, before: Before) {
        *self = Self { before, ..Self::default() };
    }

    /// Takes in that the node came to an end which nobody asked for.
    pub fn ended(&mut self, end: &End) {
        self.last = Some(Unwell::by(end));
    }

    /// The pause before the next start, where the node came to an end after so long.
    pub fn pause_after(&mut self, ran: Duration) -> Duration {
        if ran > LONGEST_PAUSE {
            self.pauses.succeeded();
        }
        self.pauses.failed()
    }

    /// The pause before it is asked again what may be started, where nobody can say that.
    pub fn pause_unanswered(&mut self) -> Duration {
        self.pauses.failed()
    }

    /// Takes in what the build before, run in the place of the one on trial, has shown of what that one lacks; what follows.
    pub fn compared(&mut self, lack: Lack, compared: Compared) -> Act {
        match compared {
            Compared::Against(unwell) => {
                self.last = Some(unwell.clone());
                if self.comparisons.take(true) {
                    return Act::Count(unwell);
                }
                Act::Again(format!("the build on trial runs once more, which does not count yet: {unwell}"))
            }
            Compared::Open(why) => {
                self.comparisons.take(false);
                Act::Again(format!("the build on trial goes on, though {lack}: {why}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ended::Ended;

    const RULES: TrialRules = TrialRules { window: Duration::from_secs(60), max_attempts: 2 };

    #[test]
    fn a_build_is_given_up_once_it_failed_as_often_as_it_may() {
        let last = Unwell::ended(Ended::Well);
        assert_eq!((RULES.exhausted(0, None), RULES.exhausted(1, Some(&last))), (None, None));
        for attempts in [2, 3, u32::MAX] {
            let Some(Act::GoBack { unwell, code: 1 }) = RULES.exhausted(attempts, Some(&last)) else {
                panic!("it stays")
            };
            assert!(unwell.to_string().contains("in 2 attempts; the last time, it ended"), "{unwell}");
        }
    }

    #[test]
    fn the_window_for_what_is_lacking_doubles_up_to_a_bound_and_the_least_is_a_third_at_most() {
        let lack = |open: u32| RULES.windows(open).lack.as_secs();
        assert_eq!([0, 1, 2, 6, 7, u32::MAX].map(lack), [60, 120, 240, 3_840, 3_840, 3_840]);
        let least = |window: u64| TrialRules { window: Duration::from_secs(window), ..RULES }.windows(0).least;
        assert_eq!([3, 60, 120].map(least), [1, 20, 30].map(Duration::from_secs));
    }

    #[test]
    fn a_node_that_ran_for_long_is_started_again_soon_and_a_change_forgets_what_was() {
        let mut supervision = Supervision::default();
        let pauses = [1, 1, 61, 1].map(|ran| supervision.pause_after(Duration::from_secs(ran)).as_secs());
        assert_eq!(pauses, [1, 2, 1, 2]);
        assert_eq!(supervision.pause_unanswered(), Duration::from_secs(4));
        supervision.ended(&End::NotStarted("no disk".into()));
        let before = Before { height: primitives::Height(7), peers: 3 };
        supervision.changes(before);
        assert_eq!(supervision, Supervision { before, ..Supervision::default() });
    }

    #[test]
    fn h14_what_is_shown_twice_in_a_row_counts_and_what_is_not_does_not() {
        let (mut supervision, lack) = (Supervision::default(), Lack::Freshness);
        let against = || Compared::Against(Unwell::lacking(&lack));
        assert!(matches!(supervision.compared(lack, against()), Act::Again(_)));
        assert!(matches!(supervision.compared(lack, Compared::Open("it is so too".into())), Act::Again(_)));
        assert_eq!(supervision.open_comparisons(), 1);
        assert!(matches!(supervision.compared(lack, against()), Act::Again(_)));
        assert!(matches!(supervision.compared(lack, against()), Act::Count(_)));
        assert_eq!(supervision.last(), Some(&Unwell::lacking(&lack)));
    }
}
