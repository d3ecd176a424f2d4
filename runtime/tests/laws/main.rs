//! Laws that hold whatever is asked: random calls by a few accounts, over blocks and epochs.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

mod actions;
mod arbitrary;
mod cells;
mod checks;
mod held;
mod lifecycle;
#[path = "../network/mod.rs"]
mod network;
mod places;
mod stages;

use actions::{Action, action, concerted, small_network, who};
use checks::{Memo, refusals_cost_only_fee_and_nonce, stays_the_same_through_json_and_scale};
use governance::Shortfall;
use held::Holders;
use lifecycle::Lifecycle;
use network::Network;
use primitives::SecretKey;
use proptest::prelude::*;
use runtime::{Block, Call, Event, Fact, Record};
use stages::Stages;
use std::collections::BTreeSet;

fn blocks() -> impl Strategy<Value = Vec<Vec<(usize, Action)>>> {
    let random = prop::collection::vec((0..actions::ACCOUNTS, action()), 0..7);
    prop::collection::vec(prop_oneof![1 => random, 1 => concerted()], 1..40)
}

/// What accounts ask for, as calls of the next block.
fn calls(network: &Network, asked: &[(usize, Action)]) -> Vec<(SecretKey, Call)> {
    let call = |(index, action): &(usize, Action)| {
        let key = who(*index);
        let call = action.call(network, key.account());
        (key, call)
    };
    asked.iter().map(call).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_block_keeps_the_laws(blocks in blocks()) {
        let mut network = Network::new(small_network());
        let (mut memo, mut life, mut stages) = (Memo::default(), Lifecycle::default(), Stages::default());
        let mut holders = Holders::default();
        for asked in blocks {
            let before = network.memory().clone();
            let done = network.block(&calls(&network, &asked));
            refusals_cost_only_fee_and_nonce(&before, &done);
            memo.check(&network);
            life.check(&network, &done);
            stages.check(&network, &done);
            holders.check(&network, &done);
            places::are_shared_out(&network, &done);
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever others do, a validator without a live expedited motion can propose one; what is live is within the bound; what is
    /// held is the deposits of open proposals.
    #[test]
    fn h03_no_flood_of_proposals_keeps_a_validator_out(blocks in actions::flood()) {
        let mut network = Network::new(small_network());
        let mut memo = Memo::default();
        for asked in blocks {
            let done = network.block(&calls(&network, &asked));
            memo.check(&network);
            places::are_shared_out(&network, &done);
        }
    }
}

/// The law of places means something only where they are scarce, and where some ask for what is no longer theirs alone.
#[test]
fn h03_the_floods_close_the_shared_places_and_withdraw_what_others_voted_on() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        let mut network = Network::new(small_network());
        for asked in actions::flood().new_tree(&mut runner).unwrap().current() {
            for fact in network.block(&calls(&network, &asked)).executed.facts {
                seen.insert(fact.outcome.map_or_else(|error| kind(&error), |event| kind(&event)));
            }
        }
    }
    for wanted in ["too_many_open", "too_many_of_one", "stays_open", "withdrawn", "elected"] {
        assert!(seen.contains(wanted), "{wanted} never came up: {seen:?}");
    }
}

/// The laws mean something only where the calls go: every kind of event must come up, and most kinds of refusals.
#[test]
fn the_random_calls_reach_every_event() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut events, mut errors, mut unheld) = (BTreeSet::new(), BTreeSet::new(), 0);
    for _ in 0..800 {
        let mut network = Network::new(small_network());
        for asked in blocks().new_tree(&mut runner).unwrap().current() {
            for fact in network.block(&calls(&network, &asked)).executed.facts {
                unheld += u32::from(is_rejected_unheld(&fact));
                match fact.outcome {
                    Ok(event) => events.insert(kind(&event)),
                    Err(error) => errors.insert(kind(&error)),
                };
            }
        }
    }
    let all = "activated approved bonded cancelled elected held installed minimum_sequence_raised passed proposed \
               rebuilt rejected reported revealed revoked roster_set support_ends transferred unbonded unbonding voted \
               withdrawn";
    let mut overridden = events.clone();
    overridden.retain(|kind| !all.split_whitespace().any(|known| kind == known));
    assert_eq!(overridden, BTreeSet::from(["voted, overriding".to_string()]));
    assert_eq!(events.len(), all.split_whitespace().count() + 1, "{events:?}");
    assert!(errors.len() >= 14, "{errors:?}");
    assert!(unheld > 0, "no release had the votes and was withheld");
}

fn is_rejected_unheld(fact: &Fact) -> bool {
    let Ok(Event::Governance(governance::Event::Rejected { shortfall, .. })) = &fact.outcome else { return false };
    *shortfall == Shortfall::Unavailable
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
