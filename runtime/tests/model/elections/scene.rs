//! Where the network stands on one way through it.

use crate::overlay::Overlay;
use ::rollouts::change::{ChangeProgress, ChangeState, EndedWhy, SubmittedChange};
use ::rollouts::queries::{change, latest, progress};
use flags::{Gate, Gates};
use primitives::{AccountId, Amount, ChangeId, Digest, Epoch, Height, Moment, ProposalId, Timestamp};
use runtime::testing::validator;
use staking::ValidatorSet;
use state::{Memory, State};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock, OnceLock};

/// How many validators there are.
pub const VALIDATORS: u8 = 4;
/// The one that is named to decide alone: the second strongest.
pub const NAMED: u8 = 1;
/// The third strongest, whose node is heard of.
pub const HEARD: u8 = 2;
/// The weakest, that becomes the strongest.
pub const GROWING: u8 = 3;

/// The account of a validator, whose key is made once.
pub fn account(index: u8) -> AccountId {
    static ACCOUNTS: LazyLock<Vec<AccountId>> =
        LazyLock::new(|| (0..VALIDATORS).map(|index| validator(index).account()).collect());
    ACCOUNTS[usize::from(index)]
}

/// What is left of the acts that there is one of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Spent {
    pub bonded: bool,
    pub left: bool,
    pub offended: bool,
    pub was_heard: bool,
    pub were_heard: bool,
}

/// A change with how it stands.
pub struct Stands {
    pub change: SubmittedChange,
    pub progress: ChangeProgress,
}

impl Stands {
    /// Whether it has one validator decide alone.
    pub fn ends_quorum(&self) -> bool {
        self.change.asked.sealer.is_some()
    }

    /// The poll on it, while it is open and nobody voted in it yet.
    pub fn fresh_poll(&self, state: &State) -> Option<ProposalId> {
        let is_open = self.progress.state == ChangeState::Open;
        self.progress.poll.filter(|poll| is_open && governance::queries::ballot_count(state, *poll) == 0)
    }

    /// Whether it may be carried out in an epoch.
    pub fn is_ripe(&self, epoch: Epoch) -> bool {
        let in_time = self.progress.not_before.is_none_or(|from| from <= epoch);
        self.progress.state == ChangeState::Approved && in_time
    }

    pub fn is_rejected(&self) -> bool {
        self.progress.state == ChangeState::Ended { why: EndedWhy::Rejected }
    }
}

/// A moment of the network.
#[derive(Clone)]
pub struct Scene {
    pub rows: Overlay,
    pub height: Height,
    pub time: Timestamp,
    pub spent: Spent,
    /// The block for which the one that is named did not precommit.
    pub silent_at: Option<Height>,
    /// Who is to decide alone, as the facts tell it.
    pub alone: Option<AccountId>,
    /// When each validator was heard of last, as the facts tell it.
    pub heard: [Option<Epoch>; VALIDATORS as usize],
    /// The set that the newest header announced.
    pub announced: Digest,
    /// Whether the end of the quorum was tried while the one that is named had been silent, or its beginning while others were.
    pub was_refused: bool,
    /// What happened on the way that must not.
    pub wrong: Option<&'static str>,
    /// The change that was asked for last; it follows from what stands, and is read once.
    newest: Arc<OnceLock<Option<Stands>>>,
    /// The next block, if nobody asks for anything in it; it follows from what stands too.
    ahead: Arc<OnceLock<Scene>>,
}

impl Scene {
    pub fn begin(memory: Memory, time: Timestamp) -> Self {
        let announced = staking::queries::validator_set(&State::over(&memory), Epoch(0)).hash();
        Self {
            rows: Overlay::of(memory),
            height: Height(0),
            time,
            spent: Spent::default(),
            silent_at: None,
            alone: None,
            heard: [None; VALIDATORS as usize],
            announced,
            was_refused: false,
            wrong: None,
            newest: Arc::default(),
            ahead: Arc::default(),
        }
    }

    /// The same, where nothing that follows from it has been read yet: to go on from.
    pub fn copied(&self) -> Self {
        Self { newest: Arc::default(), ahead: Arc::default(), ..self.clone() }
    }

    pub fn state(&self) -> State<'_> {
        self.rows.state()
    }

    /// The moment of the block that comes so many milliseconds after its newest.
    pub fn next_moment(&self, gap_ms: u64) -> Moment {
        runtime::moment_of(&self.state(), self.height.next(), self.time.plus(gap_ms))
    }

    /// The change that was asked for last.
    pub fn newest(&self) -> Option<&Stands> {
        let read = || {
            let state = self.state();
            let id = latest(&state);
            Some(Stands { change: change(&state, id)?, progress: progress(&state, id)? })
        };
        self.newest.get_or_init(read).as_ref()
    }

    /// How many changes were asked for.
    pub fn asked(&self) -> u64 {
        let ChangeId(count) = latest(&self.state());
        count
    }

    /// The next block if nobody asks for anything, made unless it is there.
    pub fn ahead_or(&self, make: impl FnOnce() -> Scene) -> &Scene {
        self.ahead.get_or_init(make)
    }

    /// Whether the next election is one of a quorum.
    pub fn is_by_quorum(&self) -> bool {
        Gates::of(&self.state()).is_on(Gate::MalachiteConsensus)
    }

    /// Who decides the blocks of an epoch.
    pub fn deciding(&self, epoch: Epoch) -> ValidatorSet {
        staking::queries::validator_set(&self.state(), epoch)
    }

    /// What a validator bonded to itself, all changes included. Nobody delegates here.
    pub fn bond_of(&self, who: &AccountId) -> Amount {
        staking::queries::bonded(&self.state(), who, who)
    }

    pub fn is_jailed(&self, who: &AccountId) -> bool {
        staking::queries::jailed_until(&self.state(), who).is_some()
    }

    /// Whether a validator's own bond reaches the minimum, and it is not jailed.
    pub fn stands(&self, who: &AccountId) -> bool {
        let least = staking::queries::params(&self.state()).minimum_bond;
        self.bond_of(who) >= least && !self.is_jailed(who)
    }

    /// Whether a validator precommitted the block of a height: all that decide it do, but the one that is silent there.
    pub fn signed(&self, epoch_length: u64, height: Height, index: u8) -> bool {
        let is_silent = index == NAMED && self.silent_at == Some(height);
        self.deciding(height.epoch(epoch_length)).power_of(&account(index)).is_some() && !is_silent
    }
}

impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        let told = |scene: &Self| (scene.height, scene.spent, scene.silent_at, scene.was_refused, scene.wrong);
        let reckoned = |scene: &Self| (scene.alone, scene.heard);
        told(self) == told(other) && reckoned(self) == reckoned(other) && self.rows == other.rows
    }
}

impl Hash for Scene {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.height, self.spent, self.silent_at, self.was_refused, self.wrong).hash(hasher);
        (self.alone, self.heard).hash(hasher);
        self.rows.hash(hasher);
    }
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rule = if self.is_by_quorum() { "a quorum" } else { "one alone" };
        write!(f, "height {} by {rule}; {:?}", self.height, self.spent)?;
        if let Some(Stands { change, progress }) = self.newest() {
            write!(f, "; change {} is {}", change.id, progress.state)?;
        }
        if let Some(wrong) = self.wrong { write!(f, "; {wrong}") } else { Ok(()) }
    }
}
