//! What a node asks of the chain by itself, in the name of its own account and at the least fee.

use crate::chain::Chain;
use crate::service::Service;
use primitives::{Amount, Height, SecretKey};
use rpc::{NodeSource, SubmitError};
use runtime::{Call, Payload, Transaction};
use state::State;

/// How many blocks a call may wait before it is sent again.
pub const LIFETIME: u64 = 20;

/// Signs a call and sends it, after what already waits of the account.
///
/// # Errors
/// As for anybody's transaction.
pub fn send(
    chain: &Chain,
    service: &Service,
    key: &SecretKey,
    call: Call,
    expires_at: Height,
) -> Result<(), SubmitError> {
    let transaction = {
        let view = chain.store().view();
        let state = State::over(&view);
        let account = accounts::queries::account(&state, &key.account());
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
    service.submit(transaction).map(|_| ())
}

/// The payload with the least fee the schedule asks for it.
fn with_least_fee(chain: &Chain, payload: Payload) -> Payload {
    let signature = primitives::Signature([0; 64]);
    let sized = Transaction { payload, signature };
    let length = parity_scale_codec::Encode::encoded_size(&sized) as u64;
    Payload { fee: chain.genesis().accounts.fees.least(length), ..sized.payload }
}
