//! The signers: who has which key, who is to sign from now on, and which releases wait.

use super::options::Shape;
use crate::keys::{Role, key};
use primitives::{BuildHash, Digest, ProposalId, PublicKey, SecretKey};
use releases::{MAX_SIGNERS, Roster};
use std::collections::BTreeMap;

/// Those who make releases together.
pub(super) struct Council {
    signers: Vec<Signer>,
    numbers: BTreeMap<PublicKey, usize>,
    /// What the roster is to be.
    pub aim: Shape,
    /// The proposal of another roster that is not concluded yet.
    pub rotation: Option<ProposalId>,
    /// The releases, in the order in which they were made.
    pub releases: Vec<Release>,
    notices: Vec<(u64, usize)>,
}

struct Signer {
    key: SecretKey,
    is_lost: bool,
    is_stolen: bool,
    /// Somebody else is to sign in its place.
    is_out: bool,
}

/// A release on its way.
pub(super) struct Release {
    pub build: BuildHash,
    /// The epoch in which it was made.
    pub made: u64,
    /// The epoch in which it activates if nothing comes between.
    pub planned: u64,
    /// Ranks in the roster of those who are not at hand in the epoch in which it is made.
    pub slow: Vec<u64>,
    pub stage: Stage,
}

/// How far a release has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// To be proposed, or proposed again.
    Waits,
    /// Proposed.
    Proposed,
    /// Approved.
    Active,
    /// A later one was made before it could be proposed.
    Dropped,
}

impl Council {
    /// The signers of the first roster, whose keys are numbered in its order.
    pub fn of(roster: &Roster) -> Self {
        let mut council = Self {
            signers: Vec::new(),
            numbers: BTreeMap::new(),
            aim: Shape::of(roster),
            rotation: None,
            releases: Vec::new(),
            notices: Vec::new(),
        };
        for _ in 0..roster.signers.len() {
            council.enrol();
        }
        council
    }

    fn enrol(&mut self) -> usize {
        let number = self.signers.len();
        let key = key(Role::Signer, number as u64);
        self.numbers.insert(key.public(), number);
        self.signers.push(Signer { key, is_lost: false, is_stolen: false, is_out: false });
        number
    }

    fn signer(&self, key: &PublicKey) -> Option<&Signer> {
        self.signers.get(*self.numbers.get(key)?)
    }

    /// Those of some keys that somebody of the council still has.
    pub fn living(&self, keys: &[PublicKey]) -> Vec<SecretKey> {
        let signers = keys.iter().filter_map(|key| self.signer(key));
        signers.filter(|signer| !signer.is_lost).map(|signer| signer.key.clone()).collect()
    }

    /// Those of some keys that a thief has as well.
    pub fn stolen(&self, keys: &[PublicKey]) -> Vec<SecretKey> {
        let signers = keys.iter().filter_map(|key| self.signer(key));
        signers.filter(|signer| signer.is_stolen).map(|signer| signer.key.clone()).collect()
    }

    /// A key that still lives among these is lost, which is noticed in an epoch.
    pub fn lose(&mut self, keys: &[PublicKey], rank: u64, noticed: u64) -> Option<PublicKey> {
        let living: Vec<PublicKey> = self.living(keys).iter().map(SecretKey::public).collect();
        let lost = *at_rank(&living, rank)?;
        let number = *self.numbers.get(&lost)?;
        self.signers[number].is_lost = true;
        self.notices.push((noticed, number));
        Some(lost)
    }

    /// A thief copies the keys of some ranks, which is noticed in an epoch.
    pub fn steal(&mut self, keys: &[PublicKey], rank: u64, count: u64, noticed: u64) {
        let count = count.min(keys.len() as u64);
        for step in 0..count {
            let Some(number) = at_rank(keys, rank + step).and_then(|key| self.numbers.get(key)).copied() else {
                continue;
            };
            self.signers[number].is_stolen = true;
            self.notices.push((noticed, number));
        }
    }

    /// There is to be a signer more.
    pub fn join(&mut self) {
        self.aim.signers = (self.aim.signers + 1).min(MAX_SIGNERS);
    }

    /// A signer is to leave: nobody comes in its place, as long as the others are enough. Returns its key.
    pub fn leave(&mut self, keys: &[PublicKey], rank: u64) -> Option<SecretKey> {
        let key = *at_rank(keys, rank)?;
        self.let_go(&key);
        if self.aim.signers > self.aim.threshold {
            self.aim.signers -= 1;
        }
        self.living(&[key]).pop()
    }

    /// Somebody else is to sign in the place of a key.
    pub fn let_go(&mut self, key: &PublicKey) {
        if let Some(number) = self.numbers.get(key) {
            self.signers[*number].is_out = true;
        }
    }

    /// What is noticed by an epoch: those keys are to be replaced. Returns the ones that were copied and that their
    /// holders still have.
    pub fn notice(&mut self, now: u64) -> Vec<SecretKey> {
        let (noticed, later): (Vec<_>, Vec<_>) = self.notices.drain(..).partition(|(epoch, _)| *epoch <= now);
        self.notices = later;
        let mut stolen = Vec::new();
        for (_, number) in noticed {
            let signer = &mut self.signers[number];
            signer.is_out = true;
            if signer.is_stolen && !signer.is_lost {
                stolen.push(signer.key.clone());
            }
        }
        stolen
    }

    /// The keys that are to sign: of those that do, all that are not to be replaced, and new ones after them.
    pub fn wanted(&mut self, signing: &[PublicKey]) -> Vec<PublicKey> {
        let size = self.aim.signers as usize;
        let mut wanted: Vec<usize> = signing.iter().filter_map(|key| self.numbers.get(key).copied()).collect();
        wanted.retain(|number| !self.signers[*number].is_out);
        wanted.truncate(size);
        let free = |number: &usize| !self.signers[*number].is_out && !self.signers[*number].is_lost;
        let others: Vec<usize> =
            (0..self.signers.len()).filter(free).filter(|number| !wanted.contains(number)).collect();
        wanted.extend(others);
        while wanted.len() < size {
            wanted.push(self.enrol());
        }
        wanted.truncate(size);
        wanted.into_iter().map(|number| self.signers[number].key.public()).collect()
    }

    /// Makes a release. Those that nobody could propose before it are dropped, because it has what they have.
    pub fn make(&mut self, slow: Vec<u64>, made: u64, planned: u64) {
        for earlier in self.releases.iter_mut().filter(|release| release.stage == Stage::Waits) {
            earlier.stage = Stage::Dropped;
        }
        let build = build("release", self.releases.len() as u64);
        self.releases.push(Release { build, made, planned, slow, stage: Stage::Waits });
    }
}

impl Release {
    /// Which of some keys sign it in an epoch.
    pub fn at_hand<'k>(&'k self, keys: &'k [PublicKey], now: u64) -> impl Iterator<Item = PublicKey> + 'k {
        let is_slow = move |rank: u64| now == self.made && self.slow.contains(&rank);
        (0u64..).zip(keys).filter(move |(rank, _)| !is_slow(*rank)).map(|(_, key)| *key)
    }
}

/// A build of somebody, by number.
pub(super) fn build(of: &str, number: u64) -> BuildHash {
    BuildHash(Digest::blake3(format!("sim/release_signers/{of}/{number}").as_bytes()).0)
}

fn at_rank<T>(list: &[T], rank: u64) -> Option<&T> {
    list.get(rank.checked_rem(list.len() as u64)? as usize)
}
