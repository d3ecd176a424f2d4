//! What transactions ask for, what happens and what is refused is described to the last field.

use crate::schema::require_type;
use crate::world::World;
use primitives::Epoch;
use runtime::testing::examples::*;
use runtime::testing::{approve, propose_for, report};
use serde_json::Value;
use std::collections::BTreeSet;

/// One of each refusal, as the workspace's golden file of them has it.
const REFUSALS: &str = include_str!("../../../tests/golden/errors.txt");

#[test]
fn every_refusal_is_described() {
    let document = rpc::openrpc();
    let pallets: BTreeSet<&str> = runtime::kinds().iter().filter_map(|kind| kind.split('.').next()).collect();
    let (mut of_pallets, mut of_transactions) = (0, 0);
    for line in REFUSALS.lines().filter(|line| line.starts_with(['{', '"'])) {
        let refusal: Value = serde_json::from_str(line).unwrap();
        if pallets.iter().any(|pallet| refusal.get(pallet).is_some()) {
            require_type(document, "Refusal", &refusal);
            of_pallets += 1;
        } else {
            require_type(document, "TxRefusal", &refusal);
            of_transactions += 1;
        }
    }
    assert!(of_pallets > 40 && of_transactions >= 10, "{of_pallets} and {of_transactions} were read");
}

#[test]
fn every_motion_and_call_is_described() {
    let document = rpc::openrpc();
    for call in calls() {
        require_type(document, "Call", &serde_json::to_value(call).unwrap());
    }
    for motion in motions().into_iter().chain([approve(sealed_vote())]) {
        require_type(document, "Motion", &serde_json::to_value(&motion).unwrap());
        let propose = propose_for(governance::TrackName::Expedited, motion, Some(Epoch(9)), None);
        require_type(document, "Call", &serde_json::to_value(propose).unwrap());
    }
    for stage in stages() {
        require_type(document, "Call", &serde_json::to_value(report(HASH, stage)).unwrap());
    }
}

#[tokio::test]
async fn every_event_is_described_and_so_is_each_fact_of_a_whole_story() {
    let world = World::with_story().await;
    let document = rpc::openrpc();
    for event in events().into_iter().chain(event_forms()) {
        require_type(document, "Event", &serde_json::to_value(event).unwrap());
    }
    for height in 1..=25 {
        let record = world.call("chain.record", serde_json::json!({ "height": height })).await.unwrap();
        for fact in record["facts"].as_array().unwrap() {
            require_type(document, "Fact", fact);
        }
    }
}
