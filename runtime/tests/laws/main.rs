//! Laws that hold whatever is asked: random calls by a few accounts, over blocks and epochs.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

mod actions;
mod arbitrary;
mod cells;
mod checks;
mod departures;
mod fees;
#[path = "../governed/mod.rs"]
mod governed;
mod held;
mod lifecycle;
mod manifests;
#[path = "../network/mod.rs"]
mod network;
mod offences;
mod places;
mod rewards;
mod rollouts;
mod running;
mod stages;
mod stops;
mod storms;
mod tree;

use actions::{Action, action, concerted, small_network, who};
use checks::{
    Memo, h02_free_tokens_fall_only_by_own_transactions_and_by_no_more_than_they_say, refusals_cost_only_fee_and_nonce,
    stays_the_same_through_json_and_scale,
};
use governance::Shortfall;
use held::Holders;
use lifecycle::Lifecycle;
use network::Network;
use primitives::SecretKey;
use proptest::prelude::*;
use runtime::{Block, Call, Error, Event, Record, execute};
use stages::Stages;
use state::Told as _;
use std::collections::BTreeSet;

fn blocks() -> impl Strategy<Value = Vec<Vec<(usize, Action)>>> {
    let random = prop::collection::vec((0..actions::ACCOUNTS, action()), 0..7);
    let one = prop_oneof![1 => random, 1 => concerted()].prop_map(|block| vec![block]);
    let scenes = prop_oneof![12 => one, 1 => actions::seen_through(actions::proposal())];
    prop::collection::vec(scenes, 1..36).prop_map(|scenes| scenes.concat())
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
            let executed = execute(&before, &done.context, &done.transactions).unwrap();
            prop_assert_eq!(&executed, &done.executed, "who judges a block comes to what its proposer came to");
            refusals_cost_only_fee_and_nonce(&before, &done);
            stops::h10_no_routine_vote_brings_a_stop_nearer(&before, &done);
            manifests::h09_what_is_said_is_signed_and_an_amendment_changes_nothing_else(&network, &before, &done);
            h02_free_tokens_fall_only_by_own_transactions_and_by_no_more_than_they_say(&before, &done);
            memo.check(&network);
            life.check(&network, &done);
            stages.check(&network, &done);
            holders.check(&network, &done);
            places::are_shared_out(&network, &done);
            let Ok(()) = stays_the_same_through_json_and_scale(&Block {
                header: done.header.clone(),
                last_commit: done.context.last_commit,
                transactions: done.transactions,
            }) else { unreachable!() };
            let Ok(()) = stays_the_same_through_json_and_scale(&Record {
                header: done.header,
                facts: done.executed.facts,
            }) else { unreachable!() };
        }
    }
}

/// What genesis alone brings.
const OF_GENESIS: [&str; 7] = [
    "chain.began",
    "accounts.fees_set",
    "accounts.endowed",
    "staking.params_set",
    "governance.params_set",
    "releases.params_set",
    "rewards.params_set",
];
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
                seen.insert(match &fact.outcome {
                    Ok(_) => fact.kind().to_owned(),
                    Err(error) => name(error),
                });
            }
        }
    }
    for wanted in ["too_many_open", "too_many_of_one", "stays_open", "governance.withdrawn", "staking.elected"] {
        assert!(seen.contains(wanted), "{wanted} never came up: {seen:?}");
    }
}

/// What happens only where a plan is installed whose members act, which no chain has yet.
const OF_PLANS: [&str; 6] = [
    "roles.member_came",
    "roles.member_went",
    "roles.members_set",
    "governance.opened",
    "governance.decided",
    "governance.recounted",
];

/// The laws mean something only where the calls go: every kind of event must come up, and most kinds of refusals.
#[test]
fn the_random_calls_reach_every_event() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut events, mut errors) = (BTreeSet::from(OF_GENESIS), BTreeSet::new());
    let (mut overriding, mut unheld) = (0, 0);
    for _ in 0..800 {
        let mut network = Network::new(small_network());
        for asked in blocks().new_tree(&mut runner).unwrap().current() {
            for fact in network.block(&calls(&network, &asked)).executed.facts {
                events.insert(fact.kind());
                match &fact.outcome {
                    Ok(Event::Governance(governance::Event::Voted { overridden, .. })) => {
                        overriding += overridden.len();
                    }
                    Ok(Event::Governance(governance::Event::Rejected { shortfall, .. })) => {
                        unheld += u32::from(*shortfall == Shortfall::Unavailable);
                    }
                    Ok(_) => {}
                    Err(error) => {
                        errors.insert(name(error));
                    }
                }
            }
        }
    }
    events.extend(OF_PLANS);
    // A story is about it (`runtime/tests/stories/fleet.rs`): few here advertise, and of those few take all of their stake back.
    events.insert("releases.left_fleet");
    // No level of this software brings a migration.
    events.insert("chain.migrated");
    // Stories are about it (`tests/tests/rollouts/enforcement.rs`): no plan sets the gates of these networks.
    events.insert("staking.unenforced");
    // A law of their own is held over rewards that are paid (`runtime/tests/laws/rewards.rs`).
    events
        .extend(runtime::kinds().into_iter().filter(|kind| kind.starts_with("rewards.") && *kind != "rewards.funded"));
    // Stories are about it (`runtime/tests/stories/cosigning.rs`): no plan opens the log of these networks to witnesses.
    events.extend(["witnesses.registered", "witnesses.retired", "witnesses.cosigned"]);
    // Nobody acts in a role of the plans that are installed here.
    let of_members = |kind: &&str| {
        let pallets = ["rollouts.", "flags.", "artifacts.", "cases."];
        pallets.iter().any(|pallet| kind.starts_with(pallet)) && !kind.ends_with(".refused")
    };
    events.extend(runtime::kinds().into_iter().filter(of_members).filter(|kind| *kind != "rollouts.installed"));
    let missing: Vec<_> = runtime::kinds().into_iter().filter(|kind| !events.contains(kind)).collect();
    assert!(missing.is_empty(), "no law was held over {missing:?}");
    assert!(overriding > 0, "nobody voted with stake that another spoke for");
    assert!(errors.len() >= 14, "{errors:?}");
    assert!(unheld > 0, "no release had the votes and was withheld");
}

/// How many texts anywhere in it are a signature: nothing else has 128 hex digits.
fn signatures_in(value: &serde_json::Value) -> u64 {
    match value {
        serde_json::Value::Object(fields) => fields.values().map(signatures_in).sum(),
        serde_json::Value::Array(list) => list.iter().map(signatures_in).sum(),
        serde_json::Value::String(text) => {
            u64::from(text.len() == 128 && text.chars().all(|digit| digit.is_ascii_hexdigit()))
        }
        _ => 0,
    }
}

/// The name of the innermost variant.
fn name(error: &Error) -> String {
    let json = serde_json::to_value(error).unwrap();
    let (_, inner) = json.as_object().unwrap().iter().next().unwrap();
    inner.as_object().and_then(|fields| fields.keys().next()).cloned().unwrap_or_else(|| inner.to_string())
}

proptest! {
    #[test]
    fn a_transaction_stays_the_same_through_json_and_scale(transaction in arbitrary::transaction()) {
        prop_assert!(stays_the_same_through_json_and_scale(&transaction).is_ok());
    }

    #[test]
    fn h04_every_signature_inside_a_call_is_counted(transaction in arbitrary::transaction()) {
        let call = serde_json::to_value(&transaction.payload.call).unwrap();
        prop_assert_eq!(transaction.signatures_inside(), signatures_in(&call));
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
    fn h01_what_a_proposer_fills_under_any_limits_can_be_carried(
        (count, most, most_count) in (28usize..60, 0u32..9_000, 28u32..60), to_the_byte: bool, round in 0u32..6,
        name in "[a-z]{1,32}",
    ) {
        use parity_scale_codec::Encode;
        let mut genesis = runtime::testing::genesis();
        genesis.chain.chain_id = name.parse().unwrap();
        let asked = vec![(runtime::testing::holder(0), network::transfer(runtime::testing::holder(1).account(), 1)); count];
        let bytes = |transactions: &[runtime::Transaction]| -> usize {
            transactions.iter().map(Encode::encoded_size).sum()
        };
        let all = bytes(&Network::new(genesis.clone()).sign(&asked));
        (genesis.governance.params.max_live_proposals, genesis.staking.params.max_validators) = (2, 4);
        let limits = &mut genesis.chain.limits;
        limits.max_transaction_bytes = 1_024;
        limits.max_block_bytes = if to_the_byte { all as u32 } else { 1_024 + most };
        limits.max_block_transactions = if to_the_byte { count as u32 } else { most_count };
        let (limits, room) = (limits.clone(), limits.room(round));
        let mut network = Network::new(genesis);
        let candidates = network.sign(&asked);
        let block = network.propose(round, candidates.clone());
        prop_assert!(block.encoded_size() <= limits.most_encoded_block() as usize);
        prop_assert!(bytes(&block.transactions) <= room.bytes as usize);
        prop_assert!(block.transactions.len() <= room.transactions as usize);
        prop_assert!(round < 3 || block.transactions.is_empty(), "no height hangs on its content");
        if to_the_byte && round == 0 {
            prop_assert_eq!(&block.transactions, &candidates);
            prop_assert_eq!(bytes(&block.transactions), limits.max_block_bytes as usize);
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
