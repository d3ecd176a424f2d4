//! How a release comes to run on the nodes of a network: what a supervisor decides, apart from what it does.
//!
//! A supervisor looks for the [`newest`] release that suits its machine. What lies ready is [changed](Change) to when [too little of the
//! stake says that it failed](Hold), or that was waited for long enough, and the node's [turn](WaveTurns) has come. Then it is on trial: a
//! [`Judge`] takes in what is seen of it, and comes to a verdict. What a build lacks, and that it ended, may have nothing to do with it,
//! so the build before shows the same in its place ([`Comparison`], [`Doing`]). What follows is an [`Act`], and a [`Supervision`] is
//! what has to be kept in mind from one start to the next. Whoever asks carries the acts out: the node's supervisor with processes and
//! files, a simulator with neither.
//!
//! | what happens | who is asked | what follows |
//! |---|---|---|
//! | something is to be started | [`TrialRules::exhausted`] | an act, or it is started |
//! | it may not be | [`Ended::answer`] | an act; where nobody can say, [`Supervision::pause_unanswered`] |
//! | it runs on trial, and is looked at | [`Judge::look`] with [`TrialRules::windows`] | a verdict |
//! | it is unwell, ended, or could not be started | [`Supervision::ended`], [`End::shown_within`], [`Doing::answer`] | an act, then [`Supervision::pause_after`] |
//! | it lacks something | [`Comparison::look`] at the build before, [`Supervision::compared`] | an act |
//! | a release lies ready | [`may_wait`], [`Hold::of`], [`WaveTurns::of`], [`Change::of`] | it waits, or the node changes: [`Supervision::changes`] |
//!
//! ```
//! use rollout::{Act, Doing, End, Judge, Seen, Supervision, TrialRules, TrialVerdict};
//! use std::time::Duration;
//!
//! let rules = TrialRules { window: Duration::from_secs(120), max_attempts: 3 };
//! let mut supervision = Supervision::default();
//! let mut judge = Judge::new(supervision.before(), Some(rules.windows(supervision.open_comparisons())));
//! assert_eq!(judge.look(Duration::from_secs(1), Seen::Silence), None);
//! let Some(TrialVerdict::Unwell(unwell)) = judge.look(Duration::from_secs(121), Seen::Silence) else { panic!("it hangs") };
//!
//! // It is ended, and the build before is run in its place, which answers.
//! let end = End::Unwell(unwell);
//! supervision.ended(&end);
//! let act = Doing::OfTheBuild.answer(&end, true);
//! assert!(matches!(act, Act::Count(_)));
//! assert_eq!(supervision.pause_after(Duration::from_secs(121)), Duration::from_secs(1));
//! ```
//!
//! # Invariants
//! - No clock, process, file or chance: the same questions have the same answers, whoever asks.
//! - An [`Unwell`] is made here alone. A build is counted against, marked and reported for one, and for nothing else.
//! - What is not known is held against no build, and neither is what the build before comes to as well.
//! - Never a third of the power of one epoch changes at one time, as far as every validator has less than that by itself. Where an epoch
//!   begins within a wave, what changes by the set before and what changes by the set after may do so beside each other.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

mod act;
mod backoff;
mod candidate;
mod change;
mod comparison;
mod ended;
mod hold;
mod judge;
mod supervision;
mod unwell;
mod vitals;
mod waves;

pub use act::{Act, Conclusion, Doing};
pub use backoff::Backoff;
pub use candidate::newest;
pub use change::Change;
pub use comparison::{Compared, Comparison, Comparisons, Lack};
pub use ended::{Ended, Exit};
pub use hold::{Hold, HoldRules, MOST_SILENCE, may_wait};
pub use judge::{Judge, NotKnown, TrialVerdict, Windows};
pub use supervision::{LONGEST_PAUSE, Supervision, TrialRules};
pub use unwell::{End, Unwell};
pub use vitals::{Before, Seen, Vitals};
pub use waves::{WaveTurns, distance};
