//! What shows that whoever registers a key of a witness has it.

use primitives::{AccountId, ChainId};

/// What a witness's key signs to be registered for an account on a network: a line that nothing else begins with, the name of the network in
/// a line, and the account in hex. Without it anybody could have the key of somebody else refused as taken.
pub fn witness_key_proof(chain_id: &ChainId, account: &AccountId) -> Vec<u8> {
    format!("the-block/witness/v1\n{chain_id}\n{account}").into_bytes()
}
