//! What a supervisor asks before it changes to a build: two numbers, with proofs.

use crate::world::{World, report};
use light::{FailedStake, NotShown};
use primitives::{Amount, BuildHash, Height, StateRoot};
use releases::{InstallStage, StageReason};
use rpc::api::{ChainApiClient as _, GovApiClient as _};
use rpc::client::FailedStakeError;
use rpc::error::HEIGHT_NOT_YET;
use runtime::testing::validator;
use serde_json::json;
use staking::ValidatorSet;
use state::{ProofError, StateProof};

const BUILD: BuildHash = BuildHash([0xbb; 32]);

/// A chain on which a build failed on two of four validators; one runs it, and one says no more than that it holds it.
async fn failing() -> World {
    let world = World::with_story().await;
    let reason = StageReason::new("no block in 60 s").unwrap();
    report(&world.memory, 1, InstallStage::RolledBack { reason: reason.clone() });
    report(&world.memory, 2, InstallStage::Unusable { reason });
    world.memory.make_block();
    world
}

async fn newest(world: &World) -> (Height, StateRoot, ValidatorSet) {
    let status = world.node.status().await.unwrap();
    (status.height, status.state_root, status.validators)
}

#[tokio::test]
async fn h06_t20_the_two_numbers_come_by_validator_with_proofs_and_nothing_else_is_asked() {
    let world = failing().await;
    let (height, root, validators) = newest(&world).await;
    let answer = world.node.stage_proofs(BUILD, None).await.unwrap();
    assert_eq!((answer.height, answer.proofs.len()), (height, 4));
    let shown = FailedStake::shown(root, &validators, &BUILD, &answer.proofs).unwrap();
    let fourth = validators.power_of(&validator(3).account()).unwrap();
    assert_eq!(shown, FailedStake { failed: Amount(2_000_000), total: Amount(3_000_000).saturating_add(fourth) });
    assert_eq!(world.node.failed_stake(BUILD, height, root, &validators).await.unwrap(), shown);
    let release = world.node.release(BUILD).await.unwrap();
    assert_eq!((release.uptake.failed_stake, release.uptake.total_stake), (shown.failed, shown.total));
    // Of the build before it nobody says anything, which is proven too.
    let silent = world.node.failed_stake(BuildHash([0xaa; 32]), height, root, &validators).await.unwrap();
    assert_eq!((silent.failed, silent.total), (Amount(0), shown.total));
    // Of the block before, when nothing had failed.
    let before = Height(height.0 - 1);
    let header = world.node.block(before).await.unwrap().answer.header;
    let earlier = world.node.failed_stake(BUILD, before, header.state_root, &validators).await.unwrap();
    assert_eq!((earlier.failed, earlier.total), (Amount(0), shown.total));
    let (code, _) = world.refused("gov.stage_proofs", json!({ "hash": BUILD, "height": height.0 + 1 })).await;
    assert_eq!(code, i64::from(HEIGHT_NOT_YET));
}

#[tokio::test]
async fn h06_a_word_that_is_left_out_made_up_or_anothers_shows_nothing() {
    let world = failing().await;
    let (height, root, validators) = newest(&world).await;
    let proofs = world.node.stage_proofs(BUILD, None).await.unwrap().proofs;
    let shown = |proofs: &[StateProof]| FailedStake::shown(root, &validators, &BUILD, proofs);
    assert_eq!(shown(&proofs[..3]), Err(NotShown::Incomplete { have: 3, need: 4 }));
    let mut swapped = proofs.clone();
    swapped.swap(0, 1);
    assert!(matches!(shown(&swapped), Err(NotShown::OtherKey { .. })));
    for place in 0..proofs.len() {
        let mut silent = proofs.clone();
        if silent[place].value.take().is_some() {
            assert!(matches!(shown(&silent), Err(NotShown::Proof(ProofError::Refuted { present: false, .. }))));
        }
    }
    let other = BuildHash([0xaa; 32]);
    let of_another = FailedStake::shown(root, &validators, &other, &proofs);
    assert!(matches!(of_another, Err(NotShown::OtherKey { .. })));
    let stale = FailedStake::shown(StateRoot([0; 32]), &validators, &BUILD, &proofs);
    assert!(matches!(stale, Err(NotShown::Proof(_))));
    let wrong = world.node.failed_stake(BUILD, height, StateRoot([0; 32]), &validators).await;
    assert!(matches!(wrong, Err(FailedStakeError::NotShown(_))));
}
