//! What a home knows of validators that contradicted themselves and is not on chain yet: the folder `evidence`.
//!
//! An offence is a file, named by epoch and validator, because all acts of one epoch are one offence. Whoever of the house finds one
//! leaves it here: the node whose engine noticed it, or who met it in what peers say. The node that runs here brings it on chain
//! and removes it.
//!
//! Beside them lies the fork, when the network is known to have forked. Nobody removes that file but the operator: it says why nothing
//! is installed, and only people can find out which of two chains is theirs.

use host::config::Home;
use light::Fork;
use runtime::Genesis;
use staking::{Offence, OffenceName};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Offences that are kept at most: more than there are validators in the epochs that are judged, on any network that is meant to
/// last.
const MOST: usize = 4_096;

/// The offences that a home knows of.
#[derive(Debug, Clone)]
pub struct EvidenceFolder {
    folder: PathBuf,
    fork: PathBuf,
    epoch_length: u64,
}

impl EvidenceFolder {
    /// The folder of a home, which need not exist yet.
    pub fn of(home: &Home, genesis: &Genesis) -> Self {
        Self { folder: home.evidence(), fork: home.fork(), epoch_length: genesis.chain.epoch_length }
    }

    /// Keeps an offence so that it outlives this process; says whether it was [news](Self::lacks). It takes the place of one that
    /// proves less.
    ///
    /// # Errors
    /// The disk refuses, or there are too many already.
    pub fn keep(&self, offence: &Offence) -> io::Result<bool> {
        if !self.lacks(offence) {
            return Ok(false);
        }
        let file = self.file(offence);
        fs::create_dir_all(&self.folder)?;
        if !file.exists() && fs::read_dir(&self.folder)?.count() >= MOST {
            return Err(io::Error::new(ErrorKind::QuotaExceeded, format!("{MOST} offences are kept already")));
        }
        files::replace(&file, None, &serde_json::to_vec(offence)?)?;
        Ok(true)
    }

    /// Whether it would be news: none of this validator's in its epoch is known, or none but one that hangs on a decision, which the
    /// chain may have made otherwise, while two messages of one round prove themselves.
    pub fn lacks(&self, offence: &Offence) -> bool {
        let hangs_on_a_decision = |offence: &Offence| offence.name() == OffenceName::AfterDecision;
        let file = self.file(offence);
        !file.exists()
            || !hangs_on_a_decision(offence) && self.read(&file).is_none_or(|known| hangs_on_a_decision(&known))
    }

    /// Every offence that is kept, by epoch. What is no offence is left where it is, and said.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<Offence>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
        let mut offences: Vec<Offence> = files.iter().filter_map(|file| self.read(file)).collect();
        offences.sort_by_key(|offence| (offence.height(), offence.validator()));
        Ok(offences)
    }

    /// Forgets an offence: it is on chain, or can never be.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn remove(&self, offence: &Offence) -> io::Result<()> {
        match fs::remove_file(self.file(offence)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Keeps a fork, and what those did who signed both its blocks; says whether none was known. One is enough for the alarm; of any
    /// other, what was done is kept.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep_fork(&self, fork: &Fork) -> io::Result<bool> {
        let is_known = self.fork.exists();
        if is_known && self.fork().is_ok_and(|known| known.as_ref() == Some(fork)) {
            return Ok(false);
        }
        fs::create_dir_all(&self.folder)?;
        // The file of the fork last: whoever finds it finds what was done, too.
        fork.offences().iter().try_for_each(|offence| self.keep(offence).map(drop))?;
        if is_known {
            return Ok(false);
        }
        files::replace(&self.fork, None, &serde_json::to_vec(fork)?)?;
        Ok(true)
    }

    /// The fork that is known here.
    ///
    /// # Errors
    /// Its file cannot be read; there is one then.
    pub fn fork(&self) -> io::Result<Option<Fork>> {
        match fs::read(&self.fork) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn file(&self, offence: &Offence) -> PathBuf {
        let epoch = offence.height().epoch(self.epoch_length);
        self.folder.join(format!("{epoch}-{}.json", offence.validator()))
    }

    /// The offence in a file that has its name.
    fn read(&self, file: &Path) -> Option<Offence> {
        let offence: Offence = fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())?;
        if self.file(&offence) != file {
            tracing::warn!(file = %file.display(), "this offence has the name of another; it is left alone");
            return None;
        }
        Some(offence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use light::testing::TestChain;
    use primitives::Height;
    use runtime::testing::{double_vote, genesis, validator};

    #[test]
    fn h15_an_offence_is_kept_once_for_its_epoch_and_outlives_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let (home, genesis) = (Home::at(dir.path()), genesis());
        let open = || EvidenceFolder::of(&home, &genesis);
        let offence = |index, height| double_vote(&genesis.chain.chain_id, &validator(index), Height(height));
        assert!(open().list().unwrap().is_empty());
        assert!(open().keep(&offence(0, 12)).unwrap());
        assert!(!open().keep(&offence(0, 19)).unwrap(), "the same epoch");
        assert!(open().keep(&offence(0, 20)).unwrap() && open().keep(&offence(1, 12)).unwrap());
        fs::write(home.evidence().join("notes.txt"), "not an offence").unwrap();
        fs::copy(
            home.evidence().join(format!("1-{}.json", validator(0).account())),
            home.evidence().join(format!("7-{}.json", validator(0).account())),
        )
        .unwrap();
        let mut expected = vec![offence(0, 12), offence(1, 12), offence(0, 20)];
        expected.sort_by_key(|offence| (offence.height(), offence.validator()));
        assert_eq!(open().list().unwrap(), expected);
        open().remove(&offence(0, 12)).unwrap();
        open().remove(&offence(0, 12)).unwrap();
        assert_eq!(open().list().unwrap().len(), 2);
    }

    #[test]
    fn h15_what_proves_itself_takes_the_place_of_what_hangs_on_a_decision_and_of_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (home, genesis) = (Home::at(dir.path()), genesis());
        let folder = EvidenceFolder::of(&home, &genesis);
        let certificate = TestChain::forked(&genesis, 12)[0].head().certificate.clone();
        let after = Offence::AfterDecision {
            certificate,
            validator: validator(0).account(),
            round: 7,
            block: primitives::BlockHash([7; 32]),
            signature: primitives::Signature([7; 64]),
        };
        let votes = double_vote(&genesis.chain.chain_id, &validator(0), Height(13));
        assert!(folder.keep(&after).unwrap() && !folder.keep(&after).unwrap());
        assert!(folder.lacks(&votes) && folder.keep(&votes).unwrap());
        assert_eq!(folder.list().unwrap(), std::slice::from_ref(&votes));
        assert!(!folder.keep(&after).unwrap() && !folder.keep(&votes).unwrap());
        assert_eq!(folder.list().unwrap(), [votes]);
    }

    #[test]
    fn h15_what_was_done_in_another_fork_is_kept_beside_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let (home, genesis) = (Home::at(dir.path()), genesis());
        let folder = EvidenceFolder::of(&home, &genesis);
        let fork_at = |height| {
            let [ours, theirs] = TestChain::forked(&genesis, height).map(|chain| chain.head().certificate.clone());
            Fork::of(ours, theirs).unwrap()
        };
        let (first, second) = (fork_at(9), fork_at(19));
        assert!(folder.keep_fork(&first).unwrap() && !folder.keep_fork(&second).unwrap());
        assert_eq!(folder.fork().unwrap(), Some(first), "one is enough to stop what is installed");
        assert_eq!(folder.list().unwrap().len(), 8, "of each validator in both epochs");
    }

    #[test]
    fn t30_a_fork_is_kept_with_what_its_signers_did_until_the_operator_removes_it() {
        let dir = tempfile::tempdir().unwrap();
        let (home, genesis) = (Home::at(dir.path()), genesis());
        let folder = EvidenceFolder::of(&home, &genesis);
        let [ours, theirs] = TestChain::forked(&genesis, 9).map(|chain| chain.head().certificate.clone());
        let fork = Fork::of(ours, theirs).unwrap();
        assert_eq!(folder.fork().unwrap(), None);
        assert!(folder.keep_fork(&fork).unwrap() && !folder.keep_fork(&fork).unwrap());
        assert_eq!(folder.fork().unwrap(), Some(fork.clone()));
        let kept = folder.list().unwrap();
        assert_eq!(kept.len(), 4, "one of each validator");
        kept.iter().for_each(|offence| folder.remove(offence).unwrap());
        assert!(!folder.keep_fork(&fork).unwrap() && folder.list().unwrap().is_empty(), "what is on chain stays done");
        fs::write(home.fork(), "{").unwrap();
        assert!(folder.fork().is_err(), "what cannot be read is not nothing");
        fs::remove_file(home.fork()).unwrap();
        assert_eq!(folder.fork().unwrap(), None);
    }
}
