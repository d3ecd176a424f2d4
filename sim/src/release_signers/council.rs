//! The signers: who has which key, who is to sign from now on, and which releases wait.

use super::options::Shape;
use super::outcome::Wait;
use crate::keys::{Role, key};
use primitives::{BuildHash, Digest, ProposalId, PublicKey, SecretKey};
use releases::{MAX_SIGNERS, Roster};
use std::collections::{BTreeMap, BTreeSet};

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
    /// What it has had to wait for.
    pub waits: BTreeSet<Wait>,
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

    /// The numbers of those signers, of some keys in their order, of whom something holds.
    fn those(&self, keys: &[PublicKey], holds: impl Fn(&Signer) -> bool) -> Vec<usize> {
        let numbers = keys.iter().filter_map(|key| self.numbers.get(key).copied());
        numbers.filter(|number| holds(&self.signers[*number])).collect()
    }

    fn keys_of(&self, numbers: &[usize]) -> Vec<SecretKey> {
        numbers.iter().map(|number| self.signers[*number].key.clone()).collect()
    }

    /// Those of some keys that somebody of the council still has.
    pub fn living(&self, keys: &[PublicKey]) -> Vec<SecretKey> {
        self.keys_of(&self.those(keys, |signer| !signer.is_lost))
    }

    /// Those of some keys that a thief has as well.
    pub fn stolen(&self, keys: &[PublicKey]) -> Vec<SecretKey> {
        self.keys_of(&self.those(keys, |signer| signer.is_stolen))
    }

    /// A key that still lives among these is lost, which is noticed in an epoch.
    pub fn lose(&mut self, keys: &[PublicKey], rank: u64, noticed: u64) {
        if let Some(number) = at_rank(&self.those(keys, |signer| !signer.is_lost), rank).copied() {
            self.signers[number].is_lost = true;
            self.notices.push((noticed, number));
        }
    }

    /// A thief copies keys that still live among these, from a rank on, which is noticed in an epoch. Returns how many.
    pub fn steal(&mut self, keys: &[PublicKey], rank: u64, count: u64, noticed: u64) -> u64 {
        let living = self.those(keys, |signer| !signer.is_lost);
        let count = count.min(living.len() as u64);
        for step in 0..count {
            let Some(number) = at_rank(&living, rank + step).copied() else { continue };
            self.signers[number].is_stolen = true;
            self.notices.push((noticed, number));
        }
        count
    }

    /// There is to be a signer more.
    pub fn join(&mut self) {
        self.aim.signers = (self.aim.signers + 1).min(MAX_SIGNERS);
    }

    /// A signer leaves, of those that nobody is to replace yet and that still have their key; somebody else is to sign
    /// in its place. Returns its key; none where no such signer is left.
    pub fn leave(&mut self, keys: &[PublicKey], rank: u64) -> Option<SecretKey> {
        let staying = self.those(keys, |signer| !signer.is_lost && !signer.is_out);
        let signer = &mut self.signers[*at_rank(&staying, rank)?];
        signer.is_out = true;
        Some(signer.key.clone())
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
        let mut wanted = self.those(signing, |signer| !signer.is_out);
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
        self.releases.push(Release { build, made, planned, slow, stage: Stage::Waits, waits: BTreeSet::new() });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;

    /// A council of three of whom two sign, and its keys.
    fn council() -> (Council, Vec<PublicKey>) {
        let roster = Network::small().genesis.releases.roster;
        assert_eq!((roster.threshold, roster.size()), (2, 3));
        (Council::of(&roster), roster.signers.to_vec())
    }

    #[test]
    fn somebody_else_comes_in_the_place_of_a_signer_that_leaves() {
        let (mut council, keys) = council();
        for rank in 0..3 {
            assert!(council.leave(&keys, rank).is_some());
            assert_eq!(council.wanted(&keys).len(), 3);
        }
        assert!(council.wanted(&keys).iter().all(|key| !keys.contains(key)), "all three have left");
        assert!(council.leave(&keys, 0).is_none(), "nobody leaves twice");
        council.join();
        assert_eq!(council.wanted(&keys).len(), 4, "who joins comes beside them");
    }

    #[test]
    fn whose_key_is_lost_gives_no_word_that_it_leaves_and_is_replaced_once() {
        let (mut council, keys) = council();
        council.lose(&keys, 0, 5);
        let left = council.leave(&keys, 0).map(|key| key.public());
        assert_eq!(left, Some(keys[1]), "the first of those that have their key");
        assert!(council.notice(5).is_empty());
        let wanted = council.wanted(&keys);
        assert_eq!((wanted.len(), wanted[0]), (3, keys[2]));
        council.lose(&keys[2..], 0, 5);
        assert!(council.leave(&keys, 0).is_none());
    }

    #[test]
    fn a_thief_copies_keys_that_somebody_has() {
        let (mut council, keys) = council();
        council.lose(&keys, 1, 5);
        assert_eq!(council.steal(&keys, 1, 3, 5), 2);
        let stolen: Vec<PublicKey> = council.stolen(&keys).iter().map(SecretKey::public).collect();
        assert_eq!(stolen, [keys[0], keys[2]]);
        assert_eq!(council.notice(5).len(), 2, "their holders see it");
    }
}
