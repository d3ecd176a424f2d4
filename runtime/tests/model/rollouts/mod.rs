//! The life of changes (ROLLOUTS 19, "Model"): two stages, a council of three, a promotion that freezes, an emergency and a pause. Rollbacks
//! are dormant at this level; going on again after an emergency is in their place.

mod acts;
mod scene;
mod told;
mod world;

use stateright::{Checker, Model};
use world::{Story, World};

#[test]
fn no_way_through_a_promotion_passes_what_was_asked_or_freezes_for_ever() {
    walk(Story::Promotion);
}

#[test]
fn no_way_through_an_emergency_leaves_it_undecided_or_for_ever() {
    walk(Story::Emergency);
}

fn walk(story: Story) {
    let checker = World::of(story).checker().threads(2).spawn_dfs().join();
    println!("{story:?}: {} states of {} blocks", checker.unique_state_count(), checker.state_count());
    checker.assert_properties();
}
