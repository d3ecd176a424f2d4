//! What transactions ask for, what happens and what is refused is described to the last field.

use crate::schema::require_type;
use crate::world::World;
use primitives::Epoch;
use releases::{RosterCause, RosterRecord, Standing};
use runtime::Event;
use runtime::testing::examples::*;
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
    let sealed = runtime::Motion::Releases(releases::Motion::Approve(Box::new(sealed_vote())));
    for motion in motions().into_iter().chain([sealed]) {
        require_type(document, "Motion", &serde_json::to_value(&motion).unwrap());
        let track = governance::TrackName::Expedited;
        let (vote_deadline_epoch, activation_delay) = (Some(Epoch(9)), None);
        let propose = governance::Call::Propose { motion, track, vote_deadline_epoch, activation_delay };
        require_type(document, "Call", &serde_json::to_value(runtime::Call::Governance(propose)).unwrap());
    }
    for stage in stages() {
        let call = runtime::Call::Releases(releases::Call::RecordInstall { build_hash: HASH, stage });
        require_type(document, "Call", &serde_json::to_value(call).unwrap());
    }
}

/// The events whose parts have more than one form, in each of them.
fn forms() -> Vec<Event> {
    let causes = [RosterCause::Proposal(ID), RosterCause::Genesis];
    let rosters = causes.map(|cause| releases::Event::RosterSet(RosterRecord { cause, ..roster_record() }));
    let superseded = Standing::Superseded { by: HASH, end_of_support_epoch: Some(Epoch(900)) };
    let revoked = Standing::Revoked { reason: text("leaks keys"), effective_epoch: Epoch(102) };
    let builds = [Standing::Active, superseded, revoked].map(approved).into();
    let approved = releases::Event::Approved { builds, superseded: Vec::new(), applied_threshold: 2 };
    let reported = stages().into_iter().map(|stage| releases::Event::Reported {
        build_hash: HASH,
        node: WHO,
        report: releases::StageReport::after(None, stage, AT),
        running: Some(HASH),
    });
    rosters.into_iter().chain([approved]).chain(reported).map(Event::Releases).collect()
}

#[tokio::test]
async fn every_event_is_described_and_so_is_each_fact_of_a_whole_story() {
    let world = World::with_story().await;
    let document = rpc::openrpc();
    for event in events().into_iter().chain(forms()) {
        require_type(document, "Event", &serde_json::to_value(event).unwrap());
    }
    for height in 1..=25 {
        let record = world.call("chain.record", serde_json::json!({ "height": height })).await.unwrap();
        for fact in record["facts"].as_array().unwrap() {
            require_type(document, "Fact", fact);
        }
    }
}
