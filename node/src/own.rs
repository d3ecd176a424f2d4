//! Transactions that this node sends by itself, in the name of its validator, and in the lane of nodes: so none of them takes a nonce
//! that the validator's wallet has prepared.
//!
//! Whoever wants one of them to come too late fills blocks or pools with what pays a little more than the least fee. So each time
//! that one was not heard it bids four times as much, and what a full pool asks it bids at once, up to what the operator allows.

use crate::chain::Chain;
use primitives::{AccountId, Amount, Height, SecretKey, Signature, TransactionHash};
use rpc::SubmitError;
use runtime::{Call, Lane, Payload, Transaction};
use state::State;

/// How many blocks one may wait before it is sent again.
pub const LIFETIME: u64 = 20;

/// In whose name this node speaks, and what a word may cost.
#[derive(Clone)]
pub struct Voice {
    key: SecretKey,
    max_fee_multiple: u64,
}

impl Voice {
    /// Speaks for a validator, for at most so many times the least fee.
    pub fn new(key: SecretKey, max_fee_multiple: u64) -> Self {
        Self { key, max_fee_multiple }
    }

    /// Whose name that is.
    pub fn account(&self) -> AccountId {
        self.key.account()
    }
}

/// Signs a call with the next nonce of the node's lane, and sends it; `unheard` is how often it was sent before and came into no block.
///
/// # Errors
/// Why this node does not take it.
pub fn send(
    chain: &Chain,
    voice: &Voice,
    call: Call,
    expires_at: Height,
    unheard: u32,
) -> Result<TransactionHash, SubmitError> {
    let (who, chain_id) = (voice.account(), chain.genesis().chain.chain_id.clone());
    let account = {
        let view = chain.store().view();
        accounts::queries::account(&State::over(&view), &who)
    };
    let (lane, on_chain) = (Lane::Node, account.nonce_in(Lane::Node));
    let nonce = chain.pool().next_nonce(&who, lane, on_chain).unwrap_or(on_chain);
    let payload = Payload { chain_id, account: who, lane, nonce, expires_at, fee: Amount::ZERO, call };
    let bids = Bids::new(least_fee(chain, payload.clone()), voice.max_fee_multiple, account.free);
    let mut fee = bids.after(unheard);
    loop {
        let sent = chain.submit(Payload { fee, ..payload.clone() }.sign(&voice.key));
        let more = match &sent {
            Err(SubmitError::PoolFull { least }) => bids.above(fee, *least),
            _ => None,
        };
        match (more, &sent) {
            (Some(more), _) => {
                fee = more;
                continue;
            }
            (None, Ok(transaction)) if fee > bids.least => {
                tracing::warn!(%transaction, %fee, least = %bids.least, "others bid for blocks, so this node does, too");
            }
            (None, Err(SubmitError::PoolFull { least })) => {
                tracing::warn!(%least, most = %bids.most, "the pool is full of what pays more than this node may bid; raise validator.max_fee_multiple");
            }
            (None, _) => {}
        }
        return sent;
    }
}

/// What may be bid for one transaction.
#[derive(Debug, Clone, Copy)]
struct Bids {
    least: Amount,
    most: Amount,
}

impl Bids {
    /// From the least fee up to so many times that, as far as there are tokens for it.
    fn new(least: Amount, multiple: u64, free: Amount) -> Self {
        Self { least, most: least.saturating_mul(multiple).min(free).max(least) }
    }

    /// After so many that were not heard.
    fn after(self, unheard: u32) -> Amount {
        self.least.saturating_mul(4u64.saturating_pow(unheard)).min(self.most)
    }

    /// More than a fee that was refused and what was asked instead; none when that is too much.
    fn above(self, refused: Amount, asked: Amount) -> Option<Amount> {
        let raised = refused.saturating_add(Amount((refused.0 / 2).max(1)));
        let more = raised.max(asked.saturating_add(Amount(1))).min(self.most);
        (more > refused && more > asked).then_some(more)
    }
}

/// The least fee that the schedule asks for a payload.
fn least_fee(chain: &Chain, payload: Payload) -> Amount {
    let genesis = chain.genesis();
    let weighed = Transaction { payload, signature: Signature([0; 64]) };
    genesis.accounts.fees.least(weighed.weight(&genesis.chain.limits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mempool::MempoolBounds;
    use crate::metrics::NodeMetrics;
    use host::provenance::TrustedSigners;
    use primitives::BuildHash;
    use releases::InstallStage;
    use runtime::testing::{genesis, holder, report, signed, transfer, validator};
    use store::db::{Access, Settings, Store};
    use tempfile::TempDir;

    const PLACES: u64 = 32;

    fn chain_of(me: &SecretKey, dir: &TempDir) -> Chain {
        let store = Store::open(dir.path().join("db"), Access::Primary, Settings::default()).unwrap();
        let bounds = MempoolBounds { max_bytes: 1 << 20, max_count: PLACES as usize, max_per_account: 16 };
        let signers = TrustedSigners::default();
        Chain::open(store, genesis(), me.account(), bounds, signers, NodeMetrics::new()).unwrap()
    }

    #[test]
    fn what_the_wallet_of_a_validator_has_prepared_is_taken_after_its_node_spoke() {
        let (me, dir) = (validator(0), tempfile::tempdir().unwrap());
        let chain = chain_of(&me, &dir);
        let prepared = signed(&genesis(), &me, 0, transfer(holder(0).account(), 5));
        for (nonce, stage) in (0..).zip([InstallStage::Booted, InstallStage::Held, InstallStage::Healthy]) {
            let word = report(BuildHash([0xaa; 32]), stage);
            let sent = send(&chain, &Voice::new(me.clone(), 1), word, Height(20), 0).unwrap();
            let waiting = chain.waiting(PLACES as usize).into_iter().find(|waiting| waiting.hash() == sent).unwrap();
            assert_eq!((waiting.payload.lane, waiting.payload.nonce), (Lane::Node, nonce));
        }
        chain.submit(prepared.clone()).unwrap();
        let waiting = chain.waiting(PLACES as usize);
        assert_eq!((waiting.len(), waiting.contains(&prepared)), (4, true));
    }

    #[test]
    fn h28_h15_whoever_fills_the_pool_with_a_little_more_keeps_no_word_of_this_node_out() {
        let (me, dir) = (validator(0), tempfile::tempdir().unwrap());
        let chain = chain_of(&me, &dir);
        for number in 0..PLACES {
            let from = holder((number % 2) as u8);
            let cheap = signed(&genesis(), &from, number / 2, transfer(me.account(), 5)).payload;
            chain.submit(Payload { fee: Amount(11), ..cheap }.sign(&from)).unwrap();
        }
        let say = |most| {
            let word = report(BuildHash([1; 32]), InstallStage::Held);
            send(&chain, &Voice::new(me.clone(), most), word, Height(20), 0)
        };
        assert!(matches!(say(1), Err(SubmitError::PoolFull { .. })), "for no more than the least fee");
        let sent = say(1_000).unwrap();
        let first = chain.waiting(1).pop().unwrap();
        assert_eq!(first.hash(), sent, "it is in the next block");
        assert!(first.payload.fee < Amount(100), "for little more than the others: {}", first.payload.fee);
    }

    #[test]
    fn h28_what_was_not_heard_bids_more_each_time_up_to_what_is_allowed_and_there() {
        let bids = Bids::new(Amount(10), 1_000, Amount(5_000));
        assert_eq!([0, 1, 2, 9].map(|unheard| bids.after(unheard)), [10, 40, 160, 5_000].map(Amount));
        assert_eq!(bids.above(Amount(10), Amount(20)), Some(Amount(21)));
        assert_eq!(bids.above(Amount(40), Amount(40)), Some(Amount(60)));
        assert_eq!(bids.above(Amount(4_000), Amount(4_500)), Some(Amount(5_000)));
        assert_eq!(bids.above(Amount(40), Amount(5_000)), None);
        assert_eq!(bids.above(Amount(5_000), Amount(7)), None);
        assert_eq!(Bids::new(Amount(10), 1_000, Amount(3)).after(7), Amount(10), "what is too poor says so");
    }
}
