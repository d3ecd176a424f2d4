//! A signed transaction, as gossip and `tx.submit` bring it.

use crate::{Outcome, Seed, numbered};
use parity_scale_codec::Encode;
use primitives::{Moment, TrackName};
use runtime::testing::{context, evidence, examples, genesis, propose_on};
use runtime::{Call, Payload, Transaction, TxError};
use state::{Memory, State};
use std::sync::OnceLock;

/// There is one encoding of a transaction, its JSON says the same, and every node can judge it.
pub fn check(bytes: &[u8]) -> Outcome {
    let transaction = match Transaction::from_bytes(bytes) {
        Ok(transaction) => transaction,
        Err(TxError::Undecodable(_)) => return Outcome::Refused,
        Err(other) => panic!("bytes that were not read are judged: {other}"),
    };
    assert_eq!(transaction.encode(), bytes, "two encodings of one transaction");
    let json = serde_json::to_string(&transaction).expect("a transaction has a JSON form");
    let read: Transaction = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(read, transaction, "JSON says something else");

    static STATE: OnceLock<(Memory, Moment)> = OnceLock::new();
    let (memory, at) = STATE.get_or_init(|| {
        let genesis = genesis();
        let memory = genesis.build();
        let at = context(&genesis, 1).moment(&State::over(&memory));
        (memory, at)
    });
    // Any verdict is right for a stranger's transaction, as long as there is one.
    let _ = (transaction.check(&State::over(memory), *at), transaction.check_signature());
    Outcome::Taken
}

/// One of each call, of each motion and of each offence.
pub fn seeds() -> Vec<Seed> {
    let example = examples::transaction();
    let asking = |call: Call| {
        let payload = Payload { call, ..example.payload.clone() };
        Transaction { payload, signature: example.signature }.encode()
    };
    let motions = examples::motions().into_iter().map(|motion| propose_on(TrackName::Expedited, motion));
    let offences = examples::offences().into_iter().map(evidence);
    [
        numbered("call", examples::calls().into_iter().map(asking)),
        numbered("motion", motions.map(asking)),
        numbered("offence", offences.map(asking)),
    ]
    .concat()
}
