//! What a signature agrees to, in words.

use runtime::Payload;

/// One sentence for what the payload asks, and one for its terms.
pub fn meaning(payload: &Payload) -> String {
    let Payload { chain_id, account, nonce, expires_at, fee, call } = payload;
    format!(
        "On chain {chain_id}, account {account} {}. It pays a fee of {}, is transaction {nonce} of the account (from 0), and \
         can be in a block up to height {expires_at}.",
        call.told().sentence(),
        fee.grouped()
    )
}
