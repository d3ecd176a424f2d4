//! What witnesses say of the log of blocks, as peers and witnesses elsewhere tell it: collected here until it is on chain, and beside it.
//!
//! Nobody is believed: a cosignature counts by the key that is registered on chain, over the checkpoint that the chain has itself.

use super::{AdmissionRefusal, Chain};
use parity_scale_codec::{Decode, DecodeAll as _, Encode};
use primitives::{AccountId, Epoch, Signature};
use state::State;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tlog::verify_cosignature;
use witnesses::{LogWitness, MOST_WITNESSES, queries};

/// Of so many epochs, the newest, cosignatures are collected.
const EPOCHS: usize = 4;

/// What a witness says of the checkpoint of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CosignatureWord {
    /// The epoch.
    pub epoch: Epoch,
    /// Who says so.
    pub witness: AccountId,
    /// When it was signed, in seconds since 1970.
    pub timestamp: u64,
    /// By the key that is registered for the witness.
    pub signature: Signature,
}

/// Words by epoch and account, each with the witness as it was registered when the word was verified by its key.
type Words = BTreeMap<Epoch, BTreeMap<AccountId, (LogWitness, CosignatureWord)>>;

/// The words that were verified.
#[derive(Debug, Default)]
pub struct CollectedCosignatures(Mutex<Words>);

impl CollectedCosignatures {
    /// Those of an epoch, in the order of their accounts, each with the witness as it was when the word was verified.
    pub fn of(&self, epoch: Epoch) -> Vec<(LogWitness, CosignatureWord)> {
        self.words().get(&epoch).map_or_else(Vec::new, |words| words.values().cloned().collect())
    }

    /// Whether there is a place for that of an account which is registered so.
    fn lacks(&self, epoch: Epoch, who: &AccountId, witness: &LogWitness) -> bool {
        has_place(&self.words(), epoch, who, witness)
    }

    /// Keeps what was verified by the key of a witness, unless its place was taken meanwhile; whether it did.
    fn keep(&self, witness: LogWitness, word: CosignatureWord) -> bool {
        let mut words = self.words();
        if !has_place(&words, word.epoch, &word.witness, &witness) {
            return false;
        }
        words.entry(word.epoch).or_default().insert(word.witness, (witness, word));
        while words.len() > EPOCHS {
            words.pop_first();
        }
        true
    }

    fn words(&self) -> MutexGuard<'_, Words> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether there is a place for the word of an account. One that was verified by another key than is registered now holds none.
fn has_place(words: &Words, epoch: Epoch, who: &AccountId, witness: &LogWitness) -> bool {
    if words.len() >= EPOCHS && words.keys().next().is_some_and(|oldest| epoch < *oldest) {
        return false;
    }
    let Some(of_epoch) = words.get(&epoch) else { return true };
    match of_epoch.get(who) {
        Some((by, _)) => by != witness,
        None => of_epoch.len() < MOST_WITNESSES as usize,
    }
}

impl Chain {
    /// What was collected.
    pub fn cosignatures(&self) -> &CollectedCosignatures {
        &self.cosignatures
    }

    /// Takes what a peer tells that a witness said.
    ///
    /// # Errors
    /// Whether the peer is to blame, when it is not worth passing on.
    pub fn hear_cosignature(&self, bytes: &[u8]) -> Result<(), AdmissionRefusal> {
        let word = CosignatureWord::decode_all(&mut &bytes[..]).map_err(|_| AdmissionRefusal::PeerFault)?;
        self.take_cosignature(word)
    }

    /// Takes what a witness said, whoever brings it.
    ///
    /// # Errors
    /// What that says about whoever brings it: what is known, of an epoch or a witness that this node does not know, or of an epoch that the
    /// witness does not vouch for, is harmless, and costs no signature; what is not signed by the witness's key is of no use to anybody.
    pub fn take_cosignature(&self, word: CosignatureWord) -> Result<(), AdmissionRefusal> {
        let view = self.store().view();
        let state = State::over(&view);
        let witness = queries::witness(&state, &word.witness).ok_or(AdmissionRefusal::Harmless)?;
        if !witness.vouches_for(word.epoch) || !self.cosignatures.lacks(word.epoch, &word.witness, &witness) {
            return Err(AdmissionRefusal::Harmless);
        }
        let checkpoint = queries::signed_checkpoint(&state, word.epoch).ok_or(AdmissionRefusal::Harmless)?;
        if !verify_cosignature(&witness.key, word.timestamp, &checkpoint, &word.signature) {
            return Err(AdmissionRefusal::Useless);
        }
        if self.cosignatures.keep(witness, word) { Ok(()) } else { Err(AdmissionRefusal::Harmless) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Name, PublicKey};

    fn registered(key: u8) -> LogWitness {
        let (name, key) = (Name::new("witness").unwrap(), PublicKey([key; 32]));
        LogWitness { name, key, registered: Epoch(0), is_member: false }
    }

    fn word(epoch: u64, witness: u8) -> CosignatureWord {
        let (epoch, witness) = (Epoch(epoch), AccountId([witness; 32]));
        CosignatureWord { epoch, witness, timestamp: 7, signature: Signature([1; 64]) }
    }

    #[test]
    fn w07_one_word_of_each_witness_is_kept_of_the_newest_epochs_alone() {
        let collected = CollectedCosignatures::default();
        for epoch in 3..9 {
            for witness in 0..100 {
                let word = word(epoch, witness);
                let has_place = collected.lacks(word.epoch, &word.witness, &registered(1));
                assert_eq!(has_place, u32::from(witness) < MOST_WITNESSES, "of epoch {epoch}: {witness}");
                assert_eq!(collected.keep(registered(1), word), has_place, "whoever keeps it looks once more");
            }
        }
        assert!(!collected.lacks(Epoch(8), &AccountId([1; 32]), &registered(1)), "it is known");
        assert!(!collected.lacks(Epoch(4), &AccountId([1; 32]), &registered(1)), "it is too old");
        let counts: Vec<usize> = (3..10).map(|epoch| collected.of(Epoch(epoch)).len()).collect();
        let all = MOST_WITNESSES as usize;
        assert_eq!(counts, [0, 0, all, all, all, all, 0]);
    }

    #[test]
    fn a_word_by_another_key_than_is_registered_now_gives_its_place_to_one_by_that_key_and_no_second_one_does() {
        let (collected, later) = (CollectedCosignatures::default(), CosignatureWord { timestamp: 8, ..word(3, 1) });
        assert!(collected.keep(registered(1), word(3, 1)));
        assert!(!collected.keep(registered(1), later.clone()));
        assert_eq!(collected.of(Epoch(3)), [(registered(1), word(3, 1))]);
        assert!(collected.keep(registered(2), later.clone()));
        assert_eq!(collected.of(Epoch(3)), [(registered(2), later)]);
    }

    #[test]
    fn a_word_has_one_encoding_of_little_more_than_a_hundred_bytes() {
        let told = word(5, 1).encode();
        assert_eq!(told.len(), 8 + 32 + 8 + 64);
        assert!(told.len() < overlay::MOST_COSIGNATURE_BYTES);
        assert_eq!(CosignatureWord::decode_all(&mut &told[..]).unwrap(), word(5, 1));
        assert!(CosignatureWord::decode_all(&mut &[&told[..], &[0]].concat()[..]).is_err());
    }
}
