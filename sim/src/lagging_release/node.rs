//! A machine with a node and its supervisor: what lies on its disk, what runs, and what its supervisor keeps in mind.

use super::fetch::Fetch;
use super::home::{Content, Home};
use super::install::{InstallStep, Move, Staging};
use super::looks::Looks;
use super::plan::{Bad, How, Plan};
use super::setting::Setting;
use crate::chance::Chance;
use crate::world::Moment;
use primitives::{Height, Timestamp};
use rollout::{Backoff, Comparison, End, Judge, Lack, Supervision};
use std::time::Duration;
use update::Slot;

/// The first pause after sources that failed, and the longest, as the scout of a node has them.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// How long a node takes to stop.
pub(super) const STOPPING: Duration = Duration::from_secs(1);

/// A machine.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its number among the validators; none of who only follows.
    pub validator: Option<usize>,
    /// What lies on its disk.
    pub home: Home,
    /// The builds that it can give to others, a bit for each.
    pub held: u32,
    /// The bytes that an earlier try has left of a build.
    pub partial: (usize, u64),
    /// What is wrong here with each release, by its number.
    pub ails: Vec<Option<How>>,
    /// How fast it is.
    pub speed: Speed,
    /// What goes on.
    pub state: State,
    /// Which of its states this is: what was to happen in an earlier one does not happen any more.
    pub life: u32,
    /// What its supervisor keeps in mind.
    pub supervision: Supervision,
    /// What its scout does.
    pub scout: Scout,
    /// When its scout looks at the chain.
    pub looks: Looks,
    /// Where it is to crash, and after how long it is there again.
    pub crash: Option<(InstallStep, Duration)>,
    /// Whether it did.
    pub was_cut: bool,
    /// From when on it has room for a release.
    pub has_room: Moment,
    /// The build whose start it has still to tell the chain of.
    pub receipt_due: Option<usize>,
    /// Whether it is counted as one that runs the release.
    pub is_counted: bool,
}

/// How fast a machine is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speed {
    /// From the start of a node until it answers.
    pub boots_in: Duration,
    /// Bytes a second that are copied into a slot and hashed.
    pub hashes: u64,
    /// Bytes a second that a source can send to it at most.
    pub takes: u64,
}

/// What goes on at a machine.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// It is down.
    Away,
    /// Nothing runs, and it is decided anew in a while.
    Waits,
    /// A build runs.
    Runs(Box<Process>),
    /// Nothing runs, and the link moves.
    Moves(Box<Move>),
    /// Nothing is started any more.
    Still,
}

/// A build that runs.
#[derive(Clone, Debug)]
pub(super) struct Process {
    /// Its number.
    pub build: usize,
    /// When it was started.
    pub began: Moment,
    /// When it answers, if it does.
    pub answers: Moment,
    /// Whether that has been taken in.
    pub has_booted: bool,
    /// The newest block when it was started.
    pub first: Height,
    /// Why it runs.
    pub role: Role,
}

/// Why a build runs.
#[derive(Clone, Debug)]
pub(super) enum Role {
    /// It is what `current` leads to.
    Current {
        /// What is held of it.
        judge: Judge,
        /// Whether it has proven itself.
        is_proven: bool,
    },
    /// It shows whose doing an end was.
    Shows {
        /// The end of the one on trial.
        end: End,
        /// After how long that came.
        ran: Duration,
        /// For how long it is to go on.
        until: Moment,
    },
    /// It shows whether it lacks the same.
    Compares {
        /// What the one on trial lacks.
        lack: Lack,
        /// What is seen.
        comparison: Comparison,
        /// For how long it is looked at.
        until: Moment,
    },
}

/// What the scout of a supervisor does, from the time on in which a build has proven itself.
#[derive(Clone, Debug)]
pub(super) struct Scout {
    /// The newest block that it has looked at.
    pub looked_at: Option<Height>,
    /// The time of the block that it went by when it began to bring a release.
    pub went_by: Timestamp,
    /// The pauses between tries.
    pub pauses: Backoff,
    /// Not before then it tries again.
    pub again: Moment,
    /// The release that lies ready.
    pub ready: Option<usize>,
    /// What it fetches.
    pub fetch: Option<Box<Fetch>>,
    /// What it installs beside the build that runs.
    pub staging: Option<Staging>,
}

impl Default for Scout {
    fn default() -> Self {
        Self {
            looked_at: None,
            went_by: Timestamp(0),
            pauses: Backoff::new(PAUSES.0, PAUSES.1),
            again: Moment::BEGIN,
            ready: None,
            fetch: None,
            staging: None,
        }
    }
}

impl Scout {
    /// Whether a release is on its way, which is waited for.
    pub fn is_busy(&self) -> bool {
        self.fetch.is_some() || self.staging.is_some()
    }

    /// Sources failed: they are left in peace, and never quite as long as by everybody else.
    pub fn pause(&mut self, now: Moment, chance: &mut Chance) {
        let pause = self.pauses.failed();
        let most = u64::try_from(pause.as_micros()).unwrap_or(u64::MAX);
        self.again = now.plus(Duration::from_micros(chance.within(most / 2..=most)));
    }
}

impl Node {
    /// A machine that has run the first build for long.
    pub fn new(number: usize, setting: &Setting, plan: &Plan, chance: &mut Chance) -> Self {
        let crash = plan.crashes.binary_search_by_key(&number, |crash| crash.node).ok().map(|at| &plan.crashes[at]);
        let full = plan.full_disks.binary_search_by_key(&number, |full| full.node).ok().map(|at| &plan.full_disks[at]);
        let has_room = full.map_or(Moment::BEGIN, |full| Moment::BEGIN.plus(Duration::from_secs(full.until_s)));
        Self {
            validator: Some(number).filter(|number| *number < setting.validators()),
            home: Home::adopted(setting.first_build),
            held: 1,
            partial: (0, 0),
            ails: plan.releases.iter().map(|release| ails(release.bad, chance)).collect(),
            speed: Speed::draw(setting, chance),
            state: State::Still,
            life: 0,
            supervision: Supervision::default(),
            scout: Scout::default(),
            looks: Looks::begin(Moment::BEGIN),
            crash: crash.map(|crash| (crash.step, Duration::from_secs(crash.back_after_s))),
            was_cut: false,
            has_room,
            receipt_due: None,
            is_counted: false,
        }
    }

    /// What is wrong here with a build.
    pub fn ailment(&self, build: usize) -> Option<How> {
        *self.ails.get(build.checked_sub(1)?)?
    }

    /// Whether it has a build for others.
    pub fn holds(&self, build: usize) -> bool {
        self.held & (1 << build) != 0
    }

    /// What runs.
    pub fn process(&self) -> Option<&Process> {
        match &self.state {
            State::Runs(process) => Some(process),
            State::Away | State::Waits | State::Moves(_) | State::Still => None,
        }
    }

    /// Whether a node answers here, whatever build it is.
    pub fn answers(&self, now: Moment) -> bool {
        let hangs = |build: usize| self.ailment(build) == Some(How::Hangs);
        self.process().is_some_and(|process| now >= process.answers && !hangs(process.build))
    }

    /// Whether the scout looks: once the build has proven itself, and where that takes long, after a window.
    pub fn is_scouting(&self, now: Moment, window: Duration) -> bool {
        let Some(process) = self.process() else { return false };
        match process.role {
            Role::Current { is_proven, .. } => {
                now >= process.answers && (is_proven || now >= process.began.plus(window))
            }
            Role::Shows { .. } | Role::Compares { .. } => false,
        }
    }

    /// Whether it runs something that has proven itself.
    pub fn is_proven(&self) -> bool {
        matches!(self.process().map(|process| &process.role), Some(Role::Current { is_proven: true, .. }))
    }

    /// The slot to go back to, while a build is on trial that came from one.
    pub fn slot_before(&self) -> Option<Slot> {
        match self.home.step() {
            update::Step::Trying { from, .. } => from.filter(|slot| self.home.content(*slot) != Content::Nothing),
            update::Step::Settled | update::Step::Switching { .. } => None,
        }
    }
}

impl Speed {
    fn draw(setting: &Setting, chance: &mut Chance) -> Self {
        let most_ms = setting.options.restart.saturating_mul(1_000) - 1_500;
        let is_slow = chance.below(20) == 0;
        let hashes = if is_slow { chance.within(1..=4) } else { chance.within(50..=400) };
        Self {
            boots_in: Duration::from_millis(chance.within(most_ms.min(1_000)..=most_ms)),
            hashes: hashes << 20,
            takes: (1 + chance.tail(10, 100)) << 20,
        }
    }
}

fn ails(bad: Option<Bad>, chance: &mut Chance) -> Option<How> {
    let Bad { how, on_percent } = bad?;
    super::plan::happens(chance, on_percent).then_some(how)
}

/// How long so many bytes take at a rate in bytes a second.
pub(super) fn takes(bytes: u64, rate: u64) -> Duration {
    let micros = u128::from(bytes) * 1_000_000 / u128::from(rate.max(1));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}
