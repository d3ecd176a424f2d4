//! Laws that hold whatever is asked: random calls by a few accounts, over blocks and epochs.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

mod actions;
mod arbitrary;
mod cells;
mod checks;
mod lifecycle;
#[path = "../network/mod.rs"]
mod network;
mod stages;

use actions::{Action, action, concerted, small_network, who};
use checks::{Memo, refusals_cost_only_fee_and_nonce, stays_the_same_through_json_and_scale};
use lifecycle::Lifecycle;
use network::Network;
use proptest::prelude::*;
use runtime::{Block, Record, execute};
use stages::Stages;
use std::collections::BTreeSet;

fn blocks() -> impl Strategy<Value = Vec<Vec<(usize, Action)>>> {
    let random = prop::collection::vec((0..actions::ACCOUNTS, action()), 0..7);
    prop::collection::vec(prop_oneof![1 => random, 1 => concerted()], 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_block_keeps_the_laws(blocks in blocks()) {
        let mut network = Network::new(small_network());
        let (mut memo, mut life, mut stages) = (Memo::default(), Lifecycle::default(), Stages::default());
        for asked in blocks {
            let asked: Vec<_> = asked.iter().map(|(index, action)| (who(*index), action.call(&network))).collect();
            let before = network.memory().clone();
            let done = network.block(&asked);
            let executed = execute(&before, &done.context, &done.transactions).unwrap();
            prop_assert_eq!(&executed, &done.executed, "who judges a block comes to what its proposer came to");
            refusals_cost_only_fee_and_nonce(&before, &done);
            memo.check(&network);
            life.check(&network, &done);
            stages.check(&network, &done);
            let Ok(()) = stays_the_same_through_json_and_scale(&Block {
                header: done.header.clone(),
                transactions: done.transactions,
            }) else { unreachable!() };
            let Ok(()) = stays_the_same_through_json_and_scale(&Record {
                header: done.header,
                facts: done.executed.facts,
            }) else { unreachable!() };
        }
    }
}

/// The laws mean something only where the calls go: every kind of event must come up, and most kinds of refusals.
#[test]
fn the_random_calls_reach_every_event() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut events, mut errors) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..800 {
        let mut network = Network::new(small_network());
        for asked in blocks().new_tree(&mut runner).unwrap().current() {
            let asked: Vec<_> = asked.iter().map(|(index, action)| (who(*index), action.call(&network))).collect();
            for fact in network.block(&asked).executed.facts {
                match fact.outcome {
                    Ok(event) => events.insert(kind(&event)),
                    Err(error) => errors.insert(kind(&error)),
                };
            }
        }
    }
    let all = "activated approved bonded cancelled elected installed minimum_sequence_raised passed proposed rebuilt \
               rejected reported revealed revoked roster_set support_ends transferred unbonded unbonding voted withdrawn";
    let mut overridden = events.clone();
    overridden.retain(|kind| !all.split_whitespace().any(|known| kind == known));
    assert_eq!(overridden, BTreeSet::from(["voted, overriding".to_string()]));
    assert_eq!(events.len(), all.split_whitespace().count() + 1, "{events:?}");
    assert!(errors.len() >= 14, "{errors:?}");
}

/// The name of the innermost variant.
fn kind(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).unwrap();
    let (_, inner) = json.as_object().unwrap().iter().next().unwrap();
    match inner.as_object().and_then(|fields| fields.iter().next()) {
        Some((_, fields)) if fields["overridden"].as_array().is_some_and(|list| !list.is_empty()) => {
            "voted, overriding".into()
        }
        Some((name, _)) => name.clone(),
        None => inner.to_string(),
    }
}

proptest! {
    #[test]
    fn a_transaction_stays_the_same_through_json_and_scale(transaction in arbitrary::transaction()) {
        prop_assert!(stays_the_same_through_json_and_scale(&transaction).is_ok());
    }

    #[test]
    fn a_genesis_stays_the_same_through_json_and_scale(genesis in arbitrary::genesis()) {
        prop_assert!(stays_the_same_through_json_and_scale(&genesis).is_ok());
    }

    #[test]
    fn bytes_from_anywhere_never_stop_a_decoder(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        use parity_scale_codec::Encode;
        if let Ok(transaction) = runtime::Transaction::from_bytes(&bytes) {
            prop_assert_eq!(transaction.encode(), bytes.clone());
        }
        if let Ok(block) = Block::from_bytes(&bytes) {
            prop_assert_eq!(block.encode(), bytes);
        }
    }

    #[test]
    fn a_changed_transaction_is_either_undecodable_or_another_one(
        transaction in arbitrary::transaction(), place in any::<prop::sample::Index>(), flip in 1u8..,
    ) {
        use parity_scale_codec::Encode;
        let mut bytes = transaction.encode();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        if let Ok(other) = runtime::Transaction::from_bytes(&bytes) {
            prop_assert_ne!(&other, &transaction);
            prop_assert_eq!(other.encode(), bytes, "one value, one encoding");
        }
    }
}
