//! Transactions that this node sends by itself, in the name of its validator.

use crate::chain::Chain;
use primitives::{Amount, Height, SecretKey, Signature, TransactionHash};
use rpc::SubmitError;
use runtime::{Call, Payload, Transaction};
use state::State;

/// How many blocks one may wait before it is sent again.
pub const LIFETIME: u64 = 20;

/// Signs a call with the next nonce and the least fee, and sends it.
///
/// # Errors
/// Why this node does not take it.
pub fn send(chain: &Chain, key: &SecretKey, call: Call, expires_at: Height) -> Result<TransactionHash, SubmitError> {
    let transaction = {
        let view = chain.store().view();
        let account = accounts::queries::account(&State::over(&view), &key.account());
        let payload = Payload {
            chain_id: chain.genesis().chain.chain_id.clone(),
            account: key.account(),
            nonce: chain.pool().next_nonce(&key.account(), account.nonce).unwrap_or(account.nonce),
            expires_at,
            fee: Amount::ZERO,
            call,
        };
        with_least_fee(chain, payload).sign(key)
    };
    chain.submit(transaction)
}

/// The payload with the least fee the schedule asks for it.
fn with_least_fee(chain: &Chain, payload: Payload) -> Payload {
    let sized = Transaction { payload, signature: Signature([0; 64]) };
    let length = parity_scale_codec::Encode::encoded_size(&sized) as u64;
    Payload { fee: chain.genesis().accounts.fees.least(length), ..sized.payload }
}
