//! Stories of what nodes advertise of themselves. ANN, BEN and CLO have 40, 40 and 20 power, and DAN as much stake as it takes to report.

use super::*;
use crate::queries::{advertised, fleet_share, has_advertised_since};
use crate::{Advertisement, FleetShare, left_fleet};
use primitives::{Name, Subject};
use state::{AuditedRefusal as _, Told as _};

const DAN: AccountId = AccountId([10; 32]);
const EVE: AccountId = AccountId([11; 32]);

/// What a node with a build says that knows four gates and sees the first of them on.
fn runs(build: BuildHash) -> Advertisement {
    let channel = Name::new("mainnet").unwrap();
    Advertisement { channel, gates: 0b1, known: 0b1111, held: 0, bundle: Digest([4; 32]), build }
}

fn say(state: &mut State, epoch: u64, node: AccountId, advertisement: Advertisement) -> Result<Event, Error> {
    let event = Call::Advertise(advertisement).decide(state, at(epoch), node)?;
    event.apply(state, at(epoch));
    Ok(event)
}

fn bond(state: &mut State, who: AccountId, amount: u64) {
    let (validator, amount, from_epoch, remembered_from) = (ANN, Amount(amount), Epoch(1), Epoch(0));
    staking::Event::Bonded { who, validator, amount, from_epoch, remembered_from }.apply(state, at(0));
}

#[test]
fn a_node_says_all_of_it_once_an_epoch_in_place_of_what_it_said_before() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    assert_eq!(advertised(&state, &ANN), None);
    let event = say(&mut state, 3, ANN, runs(FIRST)).unwrap();
    assert_eq!(event, Event::Advertised { node: ANN, advertisement: runs(FIRST) });
    let refused = Error::AlreadyAdvertised { node: ANN, epoch: Epoch(3) };
    assert_eq!(say(&mut state, 3, ANN, runs(FIRST)), Err(refused.clone()));
    assert_eq!(say(&mut state, 3, ANN, runs(NEW)), Err(refused.clone()), "whatever it says");
    assert_eq!((refused.code(), refused.number()), (Some("E_ADVERTISED"), 605));
    assert_eq!(advertised(&state, &ANN), Some((Epoch(3), runs(FIRST))));
    say(&mut state, 3, BEN, runs(NEW)).unwrap();
    let held = Advertisement { held: 0b10, ..runs(NEW) };
    say(&mut state, 4, ANN, held.clone()).unwrap();
    assert_eq!(advertised(&state, &ANN), Some((Epoch(4), held)));
    assert_eq!(FLEET.iter(&state).count(), 2);
}

#[test]
fn it_takes_the_stake_of_who_reports_on_builds_and_strangers_leave_nothing() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    bond(&mut state, DAN, 10);
    bond(&mut state, EVE, 9);
    say(&mut state, 3, DAN, runs(FIRST)).unwrap();
    let refused = |have| Err(Error::NotReporter { have: Amount(have), need: Amount(10) });
    assert_eq!(say(&mut state, 3, EVE, runs(FIRST)), refused(9));
    assert_eq!(say(&mut state, 3, AccountId([12; 32]), runs(FIRST)), refused(0));
    assert_eq!(FLEET.iter(&state).map(|(node, _)| node).collect::<Vec<_>>(), [DAN]);
}

#[test]
fn where_one_decides_blocks_alone_it_advertises_and_so_do_the_candidates_whose_power_counts() {
    let memory = Memory::default();
    let mut state = sealed(&memory);
    [ANN, BEN].into_iter().for_each(|node| drop(say(&mut state, 3, node, runs(FIRST)).unwrap()));
    let share = fleet_share(&state, Epoch(3), |_, _, said| said.build == FIRST);
    assert_eq!(share, FleetShare { power: Amount(40), total: Amount(60), drifting: vec![CLO] });
}

#[test]
fn the_share_counts_the_power_of_those_who_said_what_is_asked_and_names_the_others() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    bond(&mut state, DAN, 900);
    for (epoch, node, build) in [(3, ANN, NEW), (5, CLO, NEW), (5, BEN, FIRST), (5, DAN, NEW)] {
        say(&mut state, epoch, node, runs(build)).unwrap();
    }
    let of = |power, drifting: &[AccountId]| FleetShare {
        power: Amount(power),
        total: Amount(100),
        drifting: drifting.to_vec(),
    };
    let now = Epoch(5);
    assert_eq!(fleet_share(&state, now, |_, _, said| said.build == NEW), of(60, &[BEN]), "no candidate, no weight");
    let fresh = fleet_share(&state, now, |_, epoch, said| epoch >= Epoch(4) && said.build == NEW);
    assert_eq!(fresh, of(20, &[ANN, BEN]), "the strongest first");
    assert_eq!(fleet_share(&state, now, |who, _, _| *who == BEN), of(40, &[ANN, CLO]));
    assert_eq!(fleet_share(&state, now, |_, _, _| true), of(100, &[]));
    let nobody = fleet_share(&state, Epoch(99), |_, _, _| true);
    assert_eq!(nobody, FleetShare { power: Amount(0), total: Amount(0), drifting: vec![] }, "of no known epoch");
}

#[test]
fn who_never_said_anything_drifts_from_whatever_is_asked() {
    let memory = Memory::default();
    let state = decided(&memory);
    let share = fleet_share(&state, Epoch(3), |_, _, _| true);
    assert_eq!((share.power, share.drifting), (Amount(0), vec![ANN, BEN, CLO]));
}

#[test]
fn a_share_is_exact_at_its_boundary_and_one_of_nobody_is_never_met() {
    let of = |power, total| FleetShare { power: Amount(power), total: Amount(total), drifting: Vec::new() };
    let (most, nothing) = (Fraction::new(3, 4).unwrap(), Fraction::new(0, 1).unwrap());
    assert_eq!([74, 75, 76].map(|power| of(power, 100).is_met(most)), [false, true, true]);
    assert_eq!([74, 75, 76].map(|power| of(power, 100).is_exceeded(most)), [false, false, true]);
    assert_eq!([of(0, 0).is_met(most), of(0, 0).is_met(nothing), of(0, 0).is_exceeded(nothing)], [false; 3]);
    assert!(of(0, 9).is_met(nothing));
}

#[test]
fn whether_a_node_was_heard_of_lately_is_a_matter_of_epochs() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    say(&mut state, 4, ANN, runs(FIRST)).unwrap();
    let heard = |who, since| has_advertised_since(&state, &who, Epoch(since));
    assert_eq!([3, 4, 5].map(|since| heard(ANN, since)), [true, true, false]);
    assert!(!heard(BEN, 0));
}

#[test]
fn who_may_not_advertise_any_more_leaves_the_fleet_and_who_may_stays_however_long_it_says_nothing() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    bond(&mut state, DAN, 10);
    [ANN, DAN].into_iter().for_each(|node| drop(say(&mut state, 3, node, runs(FIRST)).unwrap()));
    assert_eq!(left_fleet(&state, at(19)), None, "ANN is a validator, and DAN has the stake");
    // Nobody was elected for that epoch, and ANN has bonded nothing.
    let left = left_fleet(&state, at(25)).unwrap();
    assert_eq!(left, Event::LeftFleet { nodes: List::truncate_from(vec![ANN]) });
    assert!(left.sentence().contains(&ANN.to_string()));
    assert_eq!(left.about(), [Subject::Account(ANN)]);
    left.apply(&mut state, at(25));
    assert_eq!((advertised(&state, &ANN), left_fleet(&state, at(25))), (None, None));
    assert_eq!(FLEET.iter(&state).map(|(node, _)| node).collect::<Vec<_>>(), [DAN]);
}

#[test]
fn a_few_of_the_fleet_are_looked_at_in_an_epoch_and_others_in_the_next() {
    let memory = Memory::default();
    let mut state = decided(&memory);
    let strangers = || (100..140u8).map(|index| AccountId([index; 32]));
    strangers().for_each(|node| FLEET.set(&mut state, &node, &(Epoch(3), runs(FIRST))));
    let Some(Event::LeftFleet { nodes }) = left_fleet(&state, at(120)) else { panic!("all of them have to go") };
    let expected: Vec<AccountId> = strangers().skip(20).chain(strangers().take(12)).collect();
    assert_eq!(nodes.as_slice(), expected, "from an account on that moves with the epoch, and then from the first one");
    Event::LeftFleet { nodes }.apply(&mut state, at(120));
    let Some(Event::LeftFleet { nodes }) = left_fleet(&state, at(121)) else { panic!("eight are left") };
    assert_eq!(nodes.len(), 8);
}

#[test]
fn a_word_of_a_node_is_told_with_its_gates_by_number_and_is_about_its_build() {
    let said = Advertisement { gates: 0b1_0001, held: 1 << 63, ..runs(FIRST) };
    let event = Event::Advertised { node: ANN, advertisement: said.clone() };
    let sentence = event.sentence();
    assert!(sentence.contains("sees 0, 4 on, knows 0, 1, 2, 3 and declines 63"), "{sentence}");
    let nothing = Advertisement { known: 0, ..said };
    let sentence = Call::Advertise(nothing).sentence();
    assert!(sentence.contains("channel mainnet") && sentence.contains("knows none"), "{sentence}");
    assert_eq!((event.about(), event.kind()), (vec![Subject::Build(FIRST)], "releases.advertised"));
}
