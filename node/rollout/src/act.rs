//! What follows from an end, once it is known whose doing it was: a build is started again, counted against, given up for the one
//! before, or nothing is started any more.

use crate::ended::Ended;
use crate::unwell::{End, Unwell};

/// Whose doing it is that a node ended, or was not even started, though nobody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// The build's that is on trial: the one before goes on in its place.
    OfTheBuild,
    /// Not that build's, for the one before ends too; how.
    OfBoth(Ended),
    /// Not known, for the one before does not say how it is either, or cannot be asked now; why.
    Open(String),
    /// Nothing is on trial, or no build before it may be run.
    Unasked,
}

/// What is done next; then it is decided anew what may be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Nothing: what ran is started again; why.
    Again(String),
    /// An attempt of the build on trial failed.
    Count(Unwell),
    /// The build on trial is given up for the one before, if that may run.
    GoBack {
        /// What for.
        unwell: Unwell,
        /// The exit code where that one may not run either.
        code: u8,
    },
    /// What ran may run no more, by this exit code, and is no longer on trial: the release that lies ready takes its place, if it may.
    Retire(u8),
    /// Nothing is started any more.
    Conclude(Conclusion),
    /// The same, for a node that cannot be started at all; why.
    Fail(String),
}

/// How supervising ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// It was asked to stop, or the node ended well.
    Stopped,
    /// Nothing may run here; with the node's exit code and a sentence.
    Refused(u8, String),
}

impl Doing {
    /// Where the build before is not run because it may not: by the exit code of that refusal.
    pub fn where_refused(code: u8) -> Self {
        match Ended::refused_with(code) {
            of_the_home @ (Ended::Misconfigured | Ended::Damaged) => Doing::OfBoth(of_the_home),
            // The chain does not let it run.
            _ => Doing::Unasked,
        }
    }

    /// What follows from an end.
    pub fn answer(self, end: &End, on_trial: bool) -> Act {
        match (self, end) {
            (Doing::OfTheBuild, end) => Act::Count(Unwell::by(end)),
            // Only what both say alike is the operator's: the one before may refuse what was set for the one on trial.
            (Doing::OfBoth(ended @ (Ended::Misconfigured | Ended::Damaged)), End::Ended(own)) if ended == *own => {
                ended.answer(on_trial)
            }
            (Doing::OfBoth(ended), end) => {
                Act::Again(format!("{end}, and with the build before it is so too: {ended}; it is tried again"))
            }
            (Doing::Open(why), end) => Act::Again(format!("{end}, and it is tried again: {why}")),
            (Doing::Unasked, End::Ended(ended)) => ended.answer(on_trial),
            (Doing::Unasked, End::Unwell(unwell)) => Act::Count(unwell.clone()),
            (Doing::Unasked, End::NotStarted(why)) => Act::Fail(format!("the node is not started: {why}")),
        }
    }
}

impl Ended {
    /// What follows from how the node ended, where no other build has anything to show.
    pub fn answer(self, on_trial: bool) -> Act {
        let refused = |code: u8| Act::Conclude(Conclusion::Refused(code, format!("the node cannot start: {self}")));
        match self {
            // Who is on trial and ends, has not proven itself, however well it ended.
            Ended::Well | Ended::Crashed(_) if on_trial => Act::Count(Unwell::ended(self)),
            Ended::Well => Act::Conclude(Conclusion::Stopped),
            Ended::Misconfigured => refused(2),
            Ended::Damaged => refused(12),
            Ended::Refused(code) if on_trial => Act::GoBack { unwell: Unwell::ended(self), code },
            Ended::Refused(code) => Act::Retire(code),
            Ended::Crashed(_) => Act::Again(format!("the node is started again: {self}")),
        }
    }
}

impl Conclusion {
    /// With what was found before.
    pub fn because(self, why: &str) -> Self {
        match self {
            Conclusion::Stopped => Conclusion::Stopped,
            Conclusion::Refused(code, sentence) => Conclusion::Refused(code, format!("{why}; {sentence}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ended::Exit;

    const CRASHED: Ended = Ended::Crashed(Exit::Code(1));

    fn ends() -> impl Iterator<Item = End> {
        let codes = [0, 1, 2, 12, 101].map(|code| Ended::from(Exit::Code(code)));
        let ended = codes.into_iter().chain([Ended::from(Exit::Signal(11))]).map(End::Ended);
        ended.chain([End::NotStarted("Exec format error".into()), End::Unwell(Unwell::ended(Ended::Well))])
    }

    #[test]
    fn o20_whatever_a_build_ends_with_counts_if_the_build_before_goes_on() {
        for end in ends() {
            assert_eq!(Doing::OfTheBuild.answer(&end, true), Act::Count(Unwell::by(&end)), "{end}");
        }
    }

    #[test]
    fn o20_what_both_builds_come_to_or_nobody_shows_counts_against_none() {
        for end in ends() {
            for doing in [Doing::OfBoth(CRASHED), Doing::Open("no answer".into())] {
                let act = doing.clone().answer(&end, true);
                assert!(matches!(act, Act::Again(_)), "{end} by {doing:?}: {act:?}");
            }
        }
        for (ended, code) in [(Ended::Misconfigured, 2), (Ended::Damaged, 12)] {
            let both = Doing::where_refused(code);
            assert_eq!(both, Doing::OfBoth(ended));
            let act = both.clone().answer(&End::Ended(ended), true);
            assert!(matches!(&act, Act::Conclude(Conclusion::Refused(found, _)) if *found == code), "{act:?}");
            // What only the one before refuses, because it was set for the one on trial, ends nobody.
            assert!(matches!(both.answer(&End::Ended(CRASHED), true), Act::Again(_)));
        }
        assert_eq!(Doing::where_refused(11), Doing::Unasked);
    }

    #[test]
    fn only_what_is_on_trial_is_gone_back_from_and_what_is_not_is_retired_or_started_again() {
        let refused = Ended::Refused(11);
        assert_eq!(refused.answer(true), Act::GoBack { unwell: Unwell::ended(refused), code: 11 });
        assert_eq!(refused.answer(false), Act::Retire(11));
        for ended in [CRASHED, Ended::Well] {
            assert_eq!(ended.answer(true), Act::Count(Unwell::ended(ended)));
        }
        assert!(matches!(CRASHED.answer(false), Act::Again(_)));
        assert_eq!(Ended::Well.answer(false), Act::Conclude(Conclusion::Stopped));
    }
}
