//! Which plans are evaluated, and when each is compiled.

use crate::testing::{PLAN, World, name};
use flags::Targeting;
use host::config::WebSection;
use std::sync::Arc;

#[tokio::test]
async fn a_plan_that_is_installed_later_is_evaluated_from_its_block_on_and_the_other_stays_as_it_is() {
    let settings = WebSection { plans: vec![name(PLAN), name("kiosk")], ..WebSection::default() };
    let world = World::with(settings);
    let served = |plan: &str| world.plane.plans.get(&name(plan));
    assert!(served("kiosk").is_none());
    let before = served(PLAN).unwrap();
    world.chain.install("kiosk");
    world.plane.refresh();
    assert!(served("kiosk").is_some());
    assert!(Arc::ptr_eq(&before, &served(PLAN).unwrap()), "nothing was written about it");
    let mut moved = world.plane.plans.moved();
    moved.mark_unchanged();
    world.chain.set("limit", "PROD", Targeting::constant(1));
    world.plane.refresh();
    assert!(moved.has_changed().unwrap() && served(PLAN).unwrap().height > before.height);
    moved.mark_unchanged();
    world.chain.block(|_, _| {});
    world.plane.refresh();
    assert!(!moved.has_changed().unwrap(), "a block that wrote nothing about flags wakes nobody");
}
