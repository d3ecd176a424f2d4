//! Whose advertisements are kept, in real blocks.

use crate::network::*;
use primitives::List;
use releases::queries::advertised;
use runtime::testing::examples::advertisement;
use runtime::{Cause, Event};

#[test]
fn who_takes_the_stake_of_a_reporter_back_leaves_the_fleet_with_the_epoch_and_validators_stay() {
    let mut network = Network::new(genesis());
    let (reporter, to) = (holder(0), validator(0).account());
    assert!(network.block(&[(reporter.clone(), delegate(to, 1_000))]).outcomes()[0].is_ok());
    network.until(1);
    let said = [(reporter.clone(), advertise(advertisement())), (validator(1), advertise(advertisement()))];
    let outcomes = network.block(&said).outcomes();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert!(network.block(&[(reporter.clone(), unbond(to, 1_000))]).outcomes()[0].is_ok());
    assert!(advertised(&network.state(), &reporter.account()).is_some(), "while its stake is in force");

    let facts = network.until(2);
    let left = releases::Event::LeftFleet { nodes: List::truncate_from(vec![reporter.account()]) };
    let told: Vec<_> = facts.iter().filter(|fact| fact.outcome == Ok(Event::Releases(left.clone()))).collect();
    assert!(told.len() == 1 && told[0].cause == Cause::Clock, "{facts:?}");
    assert_eq!(advertised(&network.state(), &reporter.account()), None);
    assert!(advertised(&network.state(), &validator(1).account()).is_some());
    network.until(4);
    assert!(advertised(&network.state(), &validator(1).account()).is_some(), "it has said nothing since");
}
