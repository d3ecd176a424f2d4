//! This node's own witness: it signs the checkpoint of each epoch once it is held against the one before, and says so on chain.

use super::latest::LatestCosigned;
use super::{CosignRefusal, WitnessTrouble, is_on};
use crate::chain::{Chain, CosignatureWord};
use crate::own::{self, Voice};
use host::clock;
use primitives::{AccountId, Height, SecretKey, TransactionHash};
use rpc::SubmitError;
use runtime::{Call, TxError};
use state::{Decide as _, State};
use std::sync::Arc;
use store::db::View;
use witnesses::{LogWitness, queries};

/// Why the witness of this node does not sign.
#[derive(Debug, thiserror::Error)]
enum NoCosignature {
    /// Nobody registered it.
    #[error(
        "this node has the key of a witness, and {who} is not registered as one; register it, with `contract witness register`, or leave \
         witness.key empty"
    )]
    Unregistered { who: AccountId },
    /// Another key is registered.
    #[error(
        "this node has another key of a witness than is registered for {who}; give it the one that is, or retire the witness and register \
         it anew"
    )]
    OtherKey { who: AccountId },
    /// What was signed before, or the disk, keeps it from signing.
    #[error(transparent)]
    Refused(#[from] CosignRefusal),
}

/// The witness of this node, which speaks in the name of its validator.
pub struct Cosigner {
    chain: Arc<Chain>,
    voice: Voice,
    key: SecretKey,
    latest: LatestCosigned,
    trouble: WitnessTrouble,
    declines: bool,
    /// What was sent and is not heard yet: the last block it may be in, and how often it was sent by now.
    sent: Option<(TransactionHash, Height, u32)>,
}

impl Cosigner {
    /// Signs with a key for the account that `voice` speaks for, unless the operator declines.
    pub fn new(
        chain: Arc<Chain>,
        voice: Voice,
        key: SecretKey,
        latest: LatestCosigned,
        trouble: WitnessTrouble,
        declines: bool,
    ) -> Self {
        Self { chain, voice, key, latest, trouble, declines, sent: None }
    }

    /// Signs what is to be signed now, and sees to it that the chain hears of it. Gives what peers may be told; none where nothing is.
    pub(super) fn look(&mut self) -> Option<CosignatureWord> {
        let (word, trouble) = match self.signed() {
            Ok(Some(word)) => {
                // What peers tell of it later is known then.
                let _ = self.chain.take_cosignature(word.clone());
                let unsaid = self.say(&word);
                (Some(word), unsaid)
            }
            Ok(None) => (None, None),
            Err(refused) => (None, Some(refused.to_string())),
        };
        self.trouble.set(trouble, self.chain.metrics());
        word
    }

    /// What this witness says of the newest checkpoint; none where there is none, or the network has no witnesses here.
    fn signed(&self) -> Result<Option<CosignatureWord>, NoCosignature> {
        let view = self.chain.store().view();
        let (state, who) = (State::over(&view), self.voice.account());
        if !is_on(&view, self.declines) {
            return Ok(None);
        }
        let witness = queries::witness(&state, &who).ok_or(NoCosignature::Unregistered { who })?;
        if witness.key != self.key.public() {
            return Err(NoCosignature::OtherKey { who });
        }
        self.sign(&view, &state, &witness)
    }

    /// Signs the newest checkpoint, unless its epoch began before the witness was registered: then the next one is the first.
    fn sign(
        &self,
        view: &View<'_>,
        state: &State,
        witness: &LogWitness,
    ) -> Result<Option<CosignatureWord>, NoCosignature> {
        let newest = queries::newest_checkpoint(state).map(|(epoch, _)| epoch);
        let newest = newest.filter(|epoch| witness.vouches_for(*epoch));
        let signable = newest.and_then(|epoch| Some((epoch, queries::signed_checkpoint(state, epoch)?)));
        let Some((epoch, checkpoint)) = signable else { return Ok(None) };
        let now = clock::now().0 / 1_000;
        let (timestamp, signature) = self.latest.cosign(view, &checkpoint, (witness.name.as_str(), &self.key), now)?;
        Ok(Some(CosignatureWord { epoch, witness: self.voice.account(), timestamp, signature }))
    }

    /// Sends what was signed to the chain, unless that has it or still may get it. Gives what the operator has to mend for that, if anything.
    fn say(&mut self, word: &CosignatureWord) -> Option<String> {
        let CosignatureWord { epoch, timestamp, signature, .. } = *word;
        let call = Call::Witnesses(witnesses::Call::Cosign { epoch, timestamp, signature });
        let is_taken = {
            let view = self.chain.store().view();
            call.decide(&State::over(&view), self.chain.next_moment(), self.voice.account()).is_ok()
        };
        if !is_taken {
            // It was heard, or is not to be said any more.
            self.sent = None;
            return None;
        }
        let now = self.chain.head().at.height;
        let waits = |(hash, expires_at, _): &(TransactionHash, Height, u32)| {
            now <= *expires_at && self.chain.pool().contains(hash)
        };
        if self.sent.as_ref().is_some_and(waits) {
            return None;
        }
        let (times, expires_at) = (self.sent.map_or(0, |(.., times)| times), now.plus(own::LIFETIME));
        match own::send(&self.chain, &self.voice, call, expires_at, times) {
            Ok(hash) => self.sent = Some((hash, expires_at, times.saturating_add(1))),
            Err(SubmitError::Invalid(TxError::CannotPayFee { have, need })) => {
                return Some(format!(
                    "this node's witness cannot say on chain what it cosigned: its account has {have} tokens, and the fee is {need}"
                ));
            }
            Err(error) => tracing::debug!(%error, "what this node cosigned has to be said on chain later"),
        }
        None
    }
}
