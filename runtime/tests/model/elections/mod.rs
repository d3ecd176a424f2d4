//! Who decides blocks (ROLLOUTS 11 and 19, "Model"): the gate of the quorum goes off and on again while stake moves, validators leave and
//! are punished, and whoever is to decide alone is silent.

mod acts;
mod scene;
mod told;
mod world;

use acts::Act;
use stateright::{Checker, Model};
use std::ops::RangeInclusive;
use world::{Story, World};

/// How many moments a walk has: fewer are no walk, and more are not waited for.
const MOMENTS: RangeInclusive<usize> = 300..=60_000;

#[test]
fn no_way_out_of_a_quorum_leaves_a_height_without_a_set_or_has_another_decide_alone_than_who_stands() {
    walk(Story::Ends);
}

#[test]
fn no_way_back_to_a_quorum_leaves_a_height_without_a_set_or_has_another_decide_than_who_stands() {
    walk(Story::Begins);
}

/// On the straight way nothing is missed: it takes the vote of the stake, then one certificate of the epoch before.
#[test]
fn the_stake_ends_a_quorum_in_three_epochs_when_all_of_it_votes_at_once() {
    let world = World::of(Story::Ends);
    let straight = [Act::EndQuorum, Act::Agree, Act::Nothing, Act::Execute, Act::Nothing, Act::Nothing];
    let scenes = world.walked(&straight);
    let by_quorum: Vec<bool> = scenes.iter().map(|scene| scene.is_by_quorum()).collect();
    assert_eq!(by_quorum, [true, true, true, false, false, false]);
    let deciding: Vec<usize> = scenes.iter().map(|scene| scene.deciding(world.epoch(scene)).validators.len()).collect();
    assert_eq!(
        deciding,
        [4, 4, 4, 4, 4, 1],
        "it is carried out in the fourth, elected in the fifth, and decides the sixth"
    );
}

fn walk(story: Story) {
    let checker = World::of(story).checker().threads(2).spawn_dfs().join();
    let moments = checker.unique_state_count();
    println!("{story:?}: {moments} states of {} blocks", checker.state_count());
    checker.assert_properties();
    assert!(MOMENTS.contains(&moments), "{story:?} has {moments} moments");
}
