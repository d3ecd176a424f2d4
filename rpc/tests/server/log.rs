//! Proofs of what is on record and of what flags serve, as a node gives them out and whoever trusts genesis verifies them.

use crate::plan::{PLAN, name};
use crate::world::World;
use flags::EvaluationContext;
use light::{Anchor, BlockProof, FactInBlock, FactProof, FlagQuestion};
use primitives::{Epoch, Height, Path};
use rpc::api::*;
use rpc::error::{GATE_OFF, HEIGHT_NOT_YET, HEIGHT_PRUNED, INVALID_PARAMS, NO_LOG};
use runtime::testing::validator;
use serde_json::{Value, json};

fn anchor(world: &World) -> Anchor {
    Anchor::genesis(world.memory.genesis())
}

async fn require(world: &World, method: &str, params: Value, code: i32, sentence: &str) {
    let (found, message) = world.refused(method, params.clone()).await;
    assert_eq!(found, i64::from(code), "{method} {params}: {message}");
    assert!(message.contains(sentence), "{method} {params}: {message}");
}

#[tokio::test]
async fn a_fact_of_an_old_block_is_proven_under_the_newest_header() {
    let world = World::under_a_plan().await;
    let proof = world.node.audit_proof(Height(2), 0, None).await.unwrap();
    let BlockProof::Tree { inclusion, head, .. } = &proof.proof else { panic!("{:?}", proof.proof) };
    assert_eq!((inclusion.size, head.height()), (12, Height(12)), "all blocks before the newest are in the tree");
    assert_eq!(proof.verify(&anchor(&world)).unwrap().height(), Height(12));
    let record = world.node.record(Height(2)).await.unwrap().answer;
    assert_eq!(proof.fact.fact, record.facts[0]);

    let newest = world.node.audit_block_proof(Height(12), None).await.unwrap();
    assert!(matches!(newest.proof, BlockProof::Direct { .. }), "no state has a tree with its own block in it");
}

#[tokio::test]
async fn a_block_that_is_pruned_is_proven_and_with_it_the_record_that_others_kept() {
    let world = World::under_a_plan().await;
    let record = world.node.record(Height(2)).await.unwrap().answer;
    world.memory.prune_to(Height(10));
    require(&world, "audit.proof", json!({ "height": 2, "index": 0 }), HEIGHT_PRUNED, "ask a node that keeps all")
        .await;
    let block = world.node.audit_block_proof(Height(2), None).await.unwrap();
    assert_eq!(block.hash, record.header.hash());
    let proof = FactProof { fact: FactInBlock::of(&record, 0).unwrap(), proof: block.proof };
    proof.verify(&anchor(&world)).unwrap();
}

#[tokio::test]
async fn while_the_tree_stands_still_a_fact_is_proven_by_the_header_of_its_block_or_not_at_all() {
    let world = World::with_story().await;
    for height in [2, 9, 15, 25].map(Height) {
        let block = world.node.audit_block_proof(height, None).await.unwrap();
        assert!(matches!(block.proof, BlockProof::Direct { .. }), "{height}");
        assert_eq!(block.proof.head().header.hash(), block.hash);
    }
    let proof = world.node.audit_proof(Height(2), 0, None).await.unwrap();
    assert_eq!(proof.verify(&anchor(&world)).unwrap().height(), Height(2));
    let asked = |height: u64, index: u64, from: u64| json!({ "height": height, "index": index, "from": from });
    require(&world, "audit.proof", asked(2, 0, 5), INVALID_PARAMS, "trust does not go back").await;
    require(&world, "audit.proof", asked(2, 99, 0), INVALID_PARAMS, "index 99 is none").await;
    require(&world, "audit.proof", asked(99, 0, 0), HEIGHT_NOT_YET, "the newest block is 25").await;
    require(&world, "audit.checkpoint", json!({ "epoch": 1 }), NO_LOG, "of epoch 1").await;
    require(&world, "audit.checkpoint", json!({}), NO_LOG, "recursive_proofs").await;
    let witnesses = world.node.audit_witnesses().await.unwrap();
    assert_eq!((witnesses.grows, witnesses.is_open, witnesses.log_size), (false, false, None));

    world.memory.prune_to(Height(10));
    require(&world, "audit.proof", asked(2, 0, 0), GATE_OFF, "recursive_proofs is off").await;
    require(&world, "audit.proof", asked(2, 0, 0), GATE_OFF, "ask a node that keeps all").await;
}

#[tokio::test]
async fn the_checkpoint_of_an_epoch_is_that_of_its_first_block() {
    let world = World::under_a_plan().await;
    let checkpoint = world.node.audit_checkpoint(Some(Epoch(1))).await.unwrap();
    assert_eq!(
        (checkpoint.size, checkpoint.cosignatures.len()),
        (10, 0),
        "blocks 0 to 9, and block 10 begins the epoch"
    );
    assert_eq!(checkpoint, world.node.audit_checkpoint(None).await.unwrap(), "it is the newest");
    assert!(checkpoint.note.starts_with("the-block/the-block-test/"), "{}", checkpoint.note);
    let head = world.node.audit_integrity().await.unwrap().anchor_head.unwrap();
    assert_eq!((head.log_size, head.cosignatures), (Some(12), Some(0)));
}

#[tokio::test]
async fn the_ticket_of_a_flag_says_what_the_node_says() {
    let world = World::under_a_plan().await;
    for key in ["pruning", "timetoke_rewards", "malachite_consensus"] {
        let ticket = world.node.flags_proof(name(PLAN), name(key), None, None).await.unwrap();
        let asked = FlagQuestion { plan: name(PLAN), key: name(key), scope: Path::ROOT };
        let proven = ticket.verify(&anchor(&world), &asked).unwrap();
        let who = validator(0).account().to_string();
        let known = serde_json::from_value(json!({ "targetingKey": who })).unwrap();
        let said = world.node.flags_evaluate(name(PLAN), name(key), None, Some(known)).await.unwrap();
        let resolution = proven.resolve(&EvaluationContext::of(&who));
        let variant = &proven.scoped.flag.flag.variants[usize::from(resolution.variant)].name;
        assert_eq!(
            (variant, resolution.reason, resolution.version),
            (&said.variant, said.reason, said.version),
            "{key}"
        );
    }
    let params = json!({ "plan": PLAN, "key": "nothing" });
    let (code, _) = world.refused("flags.proof", params).await;
    assert_eq!(code, i64::from(rpc::error::UNKNOWN_FLAG));
}
