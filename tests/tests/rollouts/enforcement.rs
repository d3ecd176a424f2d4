//! Whether whoever signs twice is punished, by what the gate of enforcement was when the epoch of the act began (ROLLOUTS 11).

use crate::founding::Founding;
use crate::network::{Network, SECOND, name};
use crate::people::{Asked, commander, sets};
use flags::Gate;
use primitives::{Epoch, Height};
use runtime::Event;
use runtime::testing::{double_vote, evidence, validator};

/// A network on testnet whose validators answer for so long that what the council decides twice falls into it.
fn network() -> Network {
    let mut genesis = Founding::at("testnet").genesis();
    (genesis.staking.params.unbonding_epochs, genesis.staking.params.remembered_epochs) = (200, 300);
    Network::new(genesis)
}

/// The council has the gate on or off; the epoch in whose third block that is carried out.
fn turned(network: &mut Network, on: bool) -> Epoch {
    let change = network.approved(sets(vec![network.setting("consensus_enforcement", on)]));
    network.outwait_stake(change);
    let window = network.window_of("testnet");
    network.wait_until(window);
    network.reach_place(1);
    network.granted(commander().executes(change));
    let epoch = network.at.epoch;
    network.closed(change);
    assert_eq!((network.at.epoch, network.is_on(Gate::ConsensusEnforcement)), (epoch, on));
    epoch
}

fn height(network: &Network, epoch: Epoch, place: u64) -> Height {
    epoch.first_height(network.genesis.chain.epoch_length).plus(place)
}

/// The last validator proves that another one signed twice at a height.
fn proves(network: &Network, offender: u8, height: Height) -> Asked {
    (validator(3), evidence(double_vote(&network.genesis.chain.chain_id, &validator(offender), height)))
}

fn punished(event: &Event) -> Epoch {
    let Event::Staking(staking::Event::Punished { epoch, .. }) = event else { panic!("{event:?}") };
    *epoch
}

#[test]
fn enforcement_turned_off_and_on_by_a_council_counts_from_the_next_epoch_and_forgives_nothing() {
    let mut network = network();
    let off = turned(&mut network, false);
    let began = network.begin(off.0 + 1);
    let unenforced = Event::Staking(staking::Event::Unenforced { epoch: off.next() });
    assert!(began.iter().any(|fact| fact.outcome.as_ref() == Ok(&unenforced)), "it is on record");
    let on = turned(&mut network, true);
    network.begin(on.0 + 1);
    let between: Vec<Epoch> = (off.0 + 1..=on.0).map(Epoch).collect();
    assert_eq!(staking::queries::unenforced(&network.state(), network.at.epoch), between);

    let second = validator(1).account();
    let bonded = |network: &Network| staking::queries::bonded(&network.state(), &second, &second);
    let before = bonded(&network);
    for epoch in [off.next(), on] {
        let act = height(&network, epoch, 3);
        network.refused(proves(&network, 1, act), "E_GATE_OFF");
    }
    assert_eq!(bonded(&network), before);
    let [in_the_epoch_of_the_vote, after] =
        [(off, 9), (on.next(), 0)].map(|(epoch, place)| height(&network, epoch, place));
    assert_eq!(punished(&network.granted(proves(&network, 0, in_the_epoch_of_the_vote))), off);
    assert_eq!(punished(&network.granted(proves(&network, 1, after))), on.next());
    assert!(bonded(&network) < before);
    let (mut next, mut others) =
        (network.deciding(network.at.epoch.next()), [2, 3].map(|index| validator(index).account()));
    next.sort();
    others.sort();
    assert_eq!(next, others, "the next set lacks both");
}

#[test]
fn in_the_last_block_of_the_epoch_that_turns_enforcement_off_it_is_on_and_in_the_next_block_off_for_what_is_signed_then()
 {
    let mut network = network();
    let off = turned(&mut network, false);
    network.wait_before(off.0 + 1);
    let last = network.at.height.next();
    assert_eq!(punished(&network.granted(proves(&network, 0, last))), off);
    assert!(network.at.height.ends_epoch(network.genesis.chain.epoch_length));
    let first = last.next();
    network.block(SECOND, &[]);
    assert_eq!(
        punished(&network.granted(proves(&network, 1, last))),
        off,
        "brought when it is off, of what was signed before"
    );
    network.refused(proves(&network, 2, first), "E_GATE_OFF");
}

#[test]
fn a_network_that_begins_with_enforcement_off_punishes_nothing_that_is_signed_from_its_first_block_on() {
    let mut genesis = Founding::at("testnet").genesis();
    let plan = &mut genesis.rollouts.as_mut().unwrap().plan;
    plan.policy.monotonic = false;
    let values = plan.stages.iter_mut().flat_map(|stage| stage.values.iter_mut());
    for (_, value) in values.filter(|(flag, _)| flag.as_str() == "consensus_enforcement") {
        *value = name("off");
    }
    let mut network = Network::new(genesis);
    assert!(!network.is_on(Gate::ConsensusEnforcement));
    network.block(SECOND, &[]);
    let of_genesis = network.at.height;
    network.refused(proves(&network, 1, of_genesis), "E_GATE_OFF");
    network.begin(1);
    let of_the_next = network.at.height;
    network.refused(proves(&network, 1, of_the_next), "E_GATE_OFF");
    assert_eq!(staking::queries::unenforced(&network.state(), network.at.epoch), [Epoch(0), Epoch(1)]);
}
