//! What a signature agrees to, in words.

use runtime::{Lane, Payload};

/// One sentence for what the payload asks, and one for its terms.
pub fn meaning(payload: &Payload) -> String {
    let Payload { chain_id, account, lane, nonce, expires_at, fee, call } = payload;
    let counted = match lane {
        Lane::Wallet => "the account",
        Lane::Node => "the account's node",
    };
    format!(
        "On chain {chain_id}, account {account} {}. It pays a fee of {}, is transaction {nonce} of {counted} (from 0), \
         and can be in a block up to height {expires_at}.",
        call.told().sentence(),
        fee.grouped()
    )
}
