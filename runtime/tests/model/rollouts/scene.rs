//! Where the network stands on one way through it.

use crate::governed::plan::{PLAN, name};
use crate::overlay::Overlay;
use ::rollouts::change::{ChangeProgress, SubmittedChange};
use ::rollouts::queries::{change, latest, progress};
use primitives::{ChangeId, Height, Moment, ProposalId, Timestamp};
use runtime::Fact;
use state::{Memory, State, Writes};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// What is left of the acts that there are only so many of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Spent {
    pub idle: u8,
    pub halted: bool,
    pub spoke_ill: bool,
    pub asked_besides: bool,
    pub aborted: bool,
}

/// The next block if nobody asks for anything: how the next block begins for whoever does, once the clock has brought what it brings.
pub struct Ahead {
    /// Where the network stands after it.
    pub scene: Scene,
    /// What it brings.
    pub facts: Vec<Fact>,
    /// The number of the first proposal of an account.
    pub proposal: ProposalId,
}

/// A moment of the network.
#[derive(Clone)]
pub struct Scene {
    pub rows: Overlay,
    pub height: Height,
    pub time: Timestamp,
    pub spent: Spent,
    /// What happened on the way that must not.
    pub wrong: Option<&'static str>,
    /// Every change, the first one first; it follows from what stands, and is read once.
    changes: Arc<OnceLock<Vec<Stands>>>,
    /// It follows from what stands too, and is made only where somebody goes on from here.
    ahead: Arc<OnceLock<Ahead>>,
}

/// A change with how it stands.
pub struct Stands {
    pub change: SubmittedChange,
    pub progress: ChangeProgress,
}

impl Stands {
    pub fn id(&self) -> ChangeId {
        self.change.id
    }
}

impl Scene {
    pub fn begin(memory: Memory, time: Timestamp) -> Self {
        let (rows, spent) = (Overlay::of(memory), Spent::default());
        let (changes, ahead) = (Arc::default(), Arc::default());
        Self { rows, height: Height(0), time, spent, wrong: None, changes, ahead }
    }

    pub fn state(&self) -> State<'_> {
        self.rows.state()
    }

    /// The moment of its newest block.
    pub fn moment(&self) -> Moment {
        runtime::moment_of(&self.state(), self.height, self.time)
    }

    /// Every change, the first one first.
    pub fn changes(&self) -> &[Stands] {
        self.changes.get_or_init(|| {
            let state = self.state();
            let ids = (1..=latest(&state).0).map(ChangeId);
            let stands = |id| Some(Stands { change: change(&state, id)?, progress: progress(&state, id)? });
            ids.filter_map(stands).collect()
        })
    }

    /// How the next block begins, which was [made](Self::ahead_or) before.
    pub fn ahead(&self) -> &Ahead {
        self.ahead.get().expect("the next block is made before anybody asks what makes sense in it")
    }

    /// How the next block begins, made unless it is there.
    pub fn ahead_or(&self, make: impl FnOnce() -> Ahead) -> &Ahead {
        self.ahead.get_or_init(make)
    }

    /// Whether everything that is not urgent stands still.
    pub fn is_frozen(&self) -> bool {
        ::rollouts::queries::frozen(&self.state(), self.moment(), &name(PLAN)).is_some()
    }

    /// Takes a block's writes.
    pub fn commit(&mut self, writes: Writes) {
        (self.changes, self.ahead) = (Arc::default(), Arc::default());
        self.rows.commit(writes);
    }
}

impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        let told = |scene: &Self| (scene.height, scene.time, scene.spent, scene.wrong);
        told(self) == told(other) && self.rows == other.rows
    }
}

impl Hash for Scene {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.height, self.time, self.spent, self.wrong).hash(hasher);
        self.rows.hash(hasher);
    }
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "height {}", self.height)?;
        for Stands { change, progress } in self.changes() {
            write!(f, "; {} {} is {}", change.kind(), change.id, progress.state)?;
        }
        if let Some(wrong) = self.wrong { write!(f, "; {wrong}") } else { Ok(()) }
    }
}
