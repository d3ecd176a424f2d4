//! The waiting transactions of one account, by nonce.

use super::Waiting;
use primitives::Amount;
use rpc::SubmitError;
use std::collections::BTreeMap;

/// A replacement must pay at least this many percent of what it replaces, so that replacing is not free bandwidth.
const REPLACEMENT_PERCENT: u64 = 110;

#[derive(Debug, Default)]
pub(super) struct Queue(BTreeMap<u64, Waiting>);

impl Queue {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What waits for this nonce.
    pub fn at(&self, nonce: u64) -> Option<&Waiting> {
        self.0.get(&nonce)
    }

    /// The transaction that no other of the account waits for: the first to be dropped when the pool is full.
    pub fn last(&self) -> Option<&Waiting> {
        self.0.last_key_value().map(|(_, waiting)| waiting)
    }

    /// Refuses what does not clearly outbid the transaction that waits for its nonce.
    pub fn require_outbids(&self, newcomer: &Waiting) -> Result<(), SubmitError> {
        let nonce = newcomer.transaction.payload.nonce;
        let Some(waiting) = self.at(nonce) else { return Ok(()) };
        let need = waiting.fee().0.saturating_mul(REPLACEMENT_PERCENT).div_ceil(100).max(waiting.fee().0 + 1);
        if newcomer.fee().0 < need { Err(SubmitError::ReplacementFee { nonce, need: Amount(need) }) } else { Ok(()) }
    }

    /// Adds or replaces; gives back what was replaced.
    pub fn insert(&mut self, waiting: Waiting) -> Option<Waiting> {
        self.0.insert(waiting.transaction.payload.nonce, waiting)
    }

    pub fn remove(&mut self, nonce: u64) -> Option<Waiting> {
        self.0.remove(&nonce)
    }

    /// Drops what `keep` does not want; gives it back.
    pub fn retain(&mut self, mut keep: impl FnMut(&Waiting) -> bool) -> Vec<Waiting> {
        self.0.extract_if(.., |_, waiting| !keep(waiting)).map(|(_, waiting)| waiting).collect()
    }

    /// The transactions that can follow each other from `nonce` on.
    pub fn ready(&self, nonce: u64) -> impl Iterator<Item = &Waiting> {
        self.0
            .range(nonce..)
            .zip(nonce..)
            .take_while(|((have, _), want)| *have == want)
            .map(|((_, waiting), _)| waiting)
    }
}
