//! Stories of networks whose blocks one validator decides alone, until a quorum does (ROLLOUTS 11).

use super::evidence::{double_vote, who};
use super::{ANN, at, begin, begin_by, chain, make, params};
use crate::apply::name_sealer;
use crate::{Call, Election, Error, Event, GenesisBond, StakingGenesis, ValidatorSet, due, queries::*};
use primitives::{AccountId, Amount, Checker, Epoch};
use proptest::prelude::*;
use state::{Apply, Decide, Memory, State};

/// The validators, the strongest first.
const STRONG: u8 = 1;
const SECOND: u8 = 2;
const THIRD: u8 = 3;
const ALL: [u8; 3] = [STRONG, SECOND, THIRD];
/// Who has no stake.
const REPORTER: u8 = 9;

fn genesis() -> StakingGenesis {
    let bond = |(index, amount)| GenesisBond { account: who(index), validator: who(index), amount: Amount(amount) };
    StakingGenesis { params: params(), bonds: [(STRONG, 300), (SECOND, 200), (THIRD, 100)].map(bond).to_vec() }
}

/// Three validators with 300, 200 and 100 of their own and as much as 1,000 altogether, of whom a quorum has two.
fn world_of(memory: &Memory, sealer: Option<u8>) -> State<'_> {
    let mut state = State::over(memory);
    for index in [STRONG, SECOND, THIRD, REPORTER] {
        accounts::Event::Endowed { account: who(index), amount: Amount(1_000) }.apply(&mut state, at(0));
    }
    genesis().events(&chain(), 10, 9, sealer.map(who)).for_each(|event| event.apply(&mut state, at(0)));
    state
}

/// An epoch begins on a sealed network, while the nodes of these were heard of.
fn seal(state: &mut State, epoch: u64, heard: &[u8]) -> Vec<Event> {
    begin_by(state, epoch, Election::Sealer(&|account: &AccountId| heard.iter().any(|index| who(*index) == *account)))
}

fn bond(amount: u64) -> Call {
    Call::Bond { amount: Amount(amount) }
}

/// Takes its own tokens out.
fn leave(state: &mut State, epoch: u64, index: u8, amount: u64) {
    make(state, epoch, who(index), Call::Unbond { validator: who(index), amount: Amount(amount) });
}

fn report(state: &State, epoch: u64, index: u8) -> Result<Event, Error> {
    Call::Evidence(Box::new(double_vote(index, epoch * 10 + 2))).decide(state, at(epoch), who(REPORTER))
}

/// It is proven that a validator contradicted itself.
fn jail(state: &mut State, epoch: u64, index: u8) {
    report(state, epoch, index).unwrap().apply(state, at(epoch));
}

/// The numbers of those who are in a set, the strongest first.
fn numbers(set: &ValidatorSet) -> Vec<u8> {
    let number = |account: AccountId| ALL.into_iter().find(|index| who(*index) == account).unwrap();
    set.validators.iter().map(|member| number(member.account)).collect()
}

/// Who decides the blocks of an epoch, and who would by a quorum.
fn elected(state: &State, epoch: u64) -> (Vec<u8>, Vec<u8>) {
    (numbers(&validator_set(state, Epoch(epoch))), numbers(&candidates(state, Epoch(epoch))))
}

#[test]
fn whoever_is_named_decides_alone_from_the_epoch_on_that_is_elected_next() {
    let memory = Memory::default();
    let mut state = world_of(&memory, None);
    begin(&mut state, 1);
    name_sealer(&mut state, &who(SECOND));
    let both = vec![STRONG, SECOND];
    assert_eq!(
        [1, 2].map(|epoch| elected(&state, epoch)),
        [(both.clone(), both.clone()), (both.clone(), both.clone())]
    );
    let events = seal(&mut state, 2, &[]);
    assert_eq!(elected(&state, 2), (both.clone(), both.clone()), "what was announced stays");
    assert_eq!(elected(&state, 3), (vec![SECOND], both));
    assert!(matches!(events[0], Event::Elected { sealer: Some(sealer), .. } if sealer == who(SECOND)), "{events:?}");
    assert_eq!(validator_set(&state, Epoch(3)).power_of(&who(SECOND)), Some(Amount(200)), "with all its power");
}

#[test]
fn more_stake_does_not_make_a_sealer() {
    let memory = Memory::default();
    let mut state = world_of(&memory, Some(SECOND));
    seal(&mut state, 1, &[]);
    make(&mut state, 1, who(THIRD), bond(800));
    for epoch in 2..5 {
        seal(&mut state, epoch, &[THIRD, STRONG]);
        let of_quorum = vec![THIRD, STRONG];
        assert_eq!(elected(&state, epoch + 1), (vec![SECOND], of_quorum), "also as no candidate any more");
    }
    leave(&mut state, 4, SECOND, 190);
    seal(&mut state, 5, &[THIRD, STRONG]);
    assert_eq!(elected(&state, 6).0, [SECOND], "the minimum bond is enough");
}

/// Who takes the place of the strongest, which is jailed, while these were heard of.
fn successor(heard: &[u8]) -> u8 {
    let memory = Memory::default();
    let mut state = world_of(&memory, Some(STRONG));
    seal(&mut state, 1, &[]);
    jail(&mut state, 1, STRONG);
    assert_eq!(
        elected(&state, 2),
        (vec![STRONG], vec![SECOND]),
        "it decides what was announced, and speaks for nothing"
    );
    seal(&mut state, 2, heard);
    let (validators, candidates) = elected(&state, 3);
    assert_eq!((validators.len(), candidates), (1, vec![SECOND, THIRD]));
    for epoch in 3..6 {
        seal(&mut state, epoch, &ALL);
        assert_eq!(elected(&state, epoch + 1).0, validators, "whoever took the place stays as long");
    }
    validators[0]
}

#[test]
fn a_jailed_sealer_is_followed_by_the_strongest_candidate_that_was_heard_of_or_the_strongest() {
    let heard: [&[u8]; 5] = [&[THIRD], &[THIRD, SECOND], &[], &[STRONG], &[STRONG, THIRD]];
    assert_eq!(heard.map(successor), [THIRD, SECOND, SECOND, SECOND, THIRD]);
}

#[test]
fn a_sealer_whose_bond_falls_below_the_minimum_is_followed_by_another_and_does_not_come_back_by_bonding() {
    let memory = Memory::default();
    let mut state = world_of(&memory, Some(STRONG));
    seal(&mut state, 1, &[]);
    leave(&mut state, 1, STRONG, 300);
    seal(&mut state, 2, &[THIRD]);
    assert_eq!(elected(&state, 2), (vec![STRONG], vec![STRONG, SECOND]));
    assert_eq!(elected(&state, 3), (vec![THIRD], vec![SECOND, THIRD]));
    make(&mut state, 2, who(STRONG), bond(300));
    seal(&mut state, 3, &ALL);
    assert_eq!(elected(&state, 4), (vec![THIRD], vec![STRONG, SECOND]));
    assert_eq!(sealer(&state), Some(who(THIRD)));
}

#[test]
fn turned_on_all_candidates_decide_from_the_epoch_after_the_next_on_and_nobody_is_the_sealer() {
    let memory = Memory::default();
    let mut state = world_of(&memory, Some(THIRD));
    (1..4).for_each(|epoch| drop(seal(&mut state, epoch, &[])));
    // The gate goes on in epoch 3.
    let events = begin(&mut state, 4);
    assert!(matches!(events[0], Event::Elected { sealer: None, .. }), "{events:?}");
    let both = vec![STRONG, SECOND];
    assert_eq!(elected(&state, 4), (vec![THIRD], both.clone()), "what was announced stays");
    assert_eq!(elected(&state, 5), (both.clone(), both));
    assert_eq!(sealer(&state), None);
    seal(&mut state, 5, &[]);
    assert_eq!(elected(&state, 6).0, [STRONG], "who sealed before is forgotten");
}

#[test]
fn whoever_was_named_in_vain_is_forgotten() {
    let memory = Memory::default();
    let mut state = world_of(&memory, None);
    name_sealer(&mut state, &who(THIRD));
    begin(&mut state, 1);
    assert_eq!(sealer(&state), None);
}

#[test]
fn where_a_quorum_decides_the_candidates_are_the_set_whoever_comes_leaves_or_is_punished() {
    let memory = Memory::default();
    let mut state = world_of(&memory, None);
    begin(&mut state, 1);
    make(&mut state, 1, who(THIRD), bond(500));
    jail(&mut state, 1, STRONG);
    begin(&mut state, 2);
    leave(&mut state, 2, SECOND, 200);
    begin(&mut state, 3);
    let seen: Vec<_> = (0..5).map(|epoch| elected(&state, epoch)).collect();
    assert!(seen.iter().all(|(validators, candidates)| validators == candidates), "{seen:?}");
    let sets = seen.into_iter().map(|(validators, _)| validators).collect::<Vec<_>>();
    assert_eq!(sets[2..], [vec![SECOND], vec![THIRD, SECOND], vec![THIRD]]);
}

#[test]
fn on_a_network_of_one_validator_both_rules_elect_it() {
    let memory = Memory::default();
    let state = super::world(&memory);
    let nobody = |_: &AccountId| false;
    let outcomes = [Election::Quorum, Election::Sealer(&nobody)].map(|rule| due(&state, at(1), rule).unwrap());
    let [by_quorum, sealed] = outcomes.map(|event| {
        let Event::Elected { epoch, validators, candidates, sealer, .. } = event else { panic!("{event:?}") };
        ((epoch, validators.is_alone(&ANN), candidates == validators), sealer)
    });
    assert_eq!(by_quorum, ((Epoch(2), true, true), None));
    assert_eq!(sealed, ((Epoch(2), true, true), Some(ANN)));
}

#[test]
fn who_decides_no_blocks_is_not_punished_for_what_it_signs_meanwhile() {
    let memory = Memory::default();
    let mut state = world_of(&memory, Some(STRONG));
    seal(&mut state, 1, &[]);
    let refused = Error::NotInSet { validator: who(SECOND), epoch: Epoch(1) };
    assert_eq!(report(&state, 1, SECOND), Err(refused));
}

#[test]
fn while_nobody_stands_for_election_those_who_decide_go_on_by_either_rule() {
    for sealed in [false, true] {
        let memory = Memory::default();
        let mut state = world_of(&memory, sealed.then_some(SECOND));
        let go_on = |state: &mut State, epoch| if sealed { seal(state, epoch, &ALL) } else { begin(state, epoch) };
        go_on(&mut state, 1);
        let before = elected(&state, 2);
        for (index, own) in [(STRONG, 300), (SECOND, 200), (THIRD, 100)] {
            leave(&mut state, 1, index, own);
        }
        for epoch in 2..5 {
            go_on(&mut state, epoch);
            assert_eq!(elected(&state, epoch + 1), before);
        }
        assert_eq!(sealer(&state), sealed.then_some(who(SECOND)));
        make(&mut state, 4, who(THIRD), bond(10));
        go_on(&mut state, 5);
        assert_eq!(elected(&state, 6), (vec![THIRD], vec![THIRD]));
    }
}

#[test]
fn sets_and_candidates_are_remembered_as_long_as_each_other() {
    let memory = Memory::default();
    let mut state = world_of(&memory, Some(STRONG));
    (1..12).for_each(|epoch| drop(seal(&mut state, epoch, &[])));
    let known = |of: fn(&State, Epoch) -> ValidatorSet| -> Vec<u64> {
        (0..20).filter(|epoch| !of(&state, Epoch(*epoch)).validators.is_empty()).collect()
    };
    assert_eq!(known(validator_set), (6..=12).collect::<Vec<_>>(), "five past ones, this and the next");
    assert_eq!(known(candidates), known(validator_set));
}

#[test]
fn a_genesis_that_names_a_sealer_starts_with_it_alone() {
    let memory = Memory::default();
    let state = world_of(&memory, Some(THIRD));
    assert_eq!([0, 1].map(|epoch| elected(&state, epoch)), [(); 2].map(|()| (vec![THIRD], vec![STRONG, SECOND])));
    assert_eq!(sealer(&state), Some(who(THIRD)));
    assert_eq!(genesis().validators(Some(&who(THIRD))), validator_set(&state, Epoch(0)));
    assert_eq!(genesis().validators(None), candidates(&state, Epoch(0)));
    assert!(is_validator(&state, Epoch(0), &who(THIRD)) && is_validator(&state, Epoch(0), &who(SECOND)));
    assert!(!is_validator(&state, Epoch(0), &who(REPORTER)));
}

#[test]
fn only_an_account_with_the_minimum_bond_can_seal_from_the_start() {
    let mistakes = |bonded: u64, index: u8| {
        let mut genesis = genesis();
        genesis.bonds[2].amount = Amount(bonded);
        let mut mistakes = Vec::new();
        genesis.check_sealer(&who(index), "sealer", &mut Checker::within("rollouts", &mut mistakes));
        mistakes
    };
    assert!(mistakes(10, THIRD).is_empty());
    for (bonded, index) in [(9, THIRD), (10, REPORTER)] {
        let found = mistakes(bonded, index);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].field, "rollouts.sealer");
    }
}

/// What may happen in an epoch.
#[derive(Debug, Clone)]
enum Step {
    Bond(u8, u64),
    Unbond(u8, u64),
    Report(u8),
    Unjail(u8),
    Name(u8),
}

/// What happens in an epoch, whether the next one is elected by the rule of a sealer, and who was heard of then.
type EpochOfSteps = (Vec<Step>, bool, Vec<u8>);

fn epochs() -> impl Strategy<Value = Vec<EpochOfSteps>> {
    let index = || prop::sample::select(ALL.to_vec());
    let amount = || prop::sample::select(vec![10u64, 50, 100, 200, 300]);
    let step = prop_oneof![
        3 => (index(), amount()).prop_map(|(index, amount)| Step::Bond(index, amount)),
        3 => (index(), amount()).prop_map(|(index, amount)| Step::Unbond(index, amount)),
        2 => index().prop_map(Step::Report),
        2 => index().prop_map(Step::Unjail),
        1 => index().prop_map(Step::Name),
    ];
    let heard = prop::sample::subsequence(ALL.to_vec(), 0..=3);
    let epoch = (prop::collection::vec(step, 0..4), prop::bool::weighted(0.6), heard);
    prop::collection::vec(epoch, 1..16)
}

/// Does what is granted.
fn take(state: &mut State, epoch: u64, step: &Step) {
    let (index, asked) = match step {
        Step::Bond(index, amount) => (*index, bond(*amount)),
        Step::Unbond(index, amount) => (*index, Call::Unbond { validator: who(*index), amount: Amount(*amount) }),
        Step::Report(index) => (REPORTER, Call::Evidence(Box::new(double_vote(*index, epoch * 10 + 2)))),
        Step::Unjail(index) => (*index, Call::Unjail),
        Step::Name(index) => return name_sealer(state, &who(*index)),
    };
    if let Ok(event) = asked.decide(state, at(epoch), who(index)) {
        event.apply(state, at(epoch));
    }
}

fn stands(state: &State, who: &AccountId) -> bool {
    bonded(state, who, who) >= params().minimum_bond && jailed_until(state, who).is_none()
}

proptest! {
    /// Whatever happens to stake and whichever rule holds: there is a set, it was known an epoch before, and the rule elected it.
    #[test]
    fn an_election_follows_its_rule_and_changes_nothing_that_was_announced(epochs in epochs()) {
        let memory = Memory::default();
        let mut state = world_of(&memory, None);
        for (epoch, (steps, sealed, heard)) in (1u64..).zip(epochs) {
            let was_heard = |account: &AccountId| heard.iter().any(|index| who(*index) == *account);
            let named = sealer(&state).filter(|sealer| stands(&state, sealer));
            let somebody = ALL.iter().any(|index| stands(&state, &who(*index)));
            let (now, next) = (Epoch(epoch), Epoch(epoch + 1));
            let deciding = validator_set(&state, now);
            let Some(Event::Elected { candidates: strongest, .. }) = due(&state, at(epoch), Election::Quorum) else {
                panic!("no election");
            };
            begin_by(&mut state, epoch, if sealed { Election::Sealer(&was_heard) } else { Election::Quorum });
            let (set, of_quorum) = (validator_set(&state, next), candidates(&state, next));
            prop_assert!(!set.validators.is_empty());
            if !somebody {
                prop_assert_eq!(&set, &deciding);
            } else if sealed {
                prop_assert_eq!(&of_quorum, &strongest);
                let heard = strongest.validators.iter().find(|member| was_heard(&member.account));
                let follows = heard.or(strongest.validators.first()).unwrap().account;
                let expected = named.unwrap_or(follows);
                prop_assert!(set.is_alone(&expected), "{:?}", set);
                prop_assert_eq!(sealer(&state), Some(expected));
            } else {
                prop_assert_eq!(&set, &of_quorum);
                prop_assert_eq!(sealer(&state), None);
            }
            steps.iter().for_each(|step| take(&mut state, epoch, step));
            prop_assert_eq!(validator_set(&state, now), deciding, "what decides an epoch that has begun");
            let before = [&set, &of_quorum].map(|set| set.validators.len());
            let left = [validator_set(&state, next), candidates(&state, next)].map(|set| set.validators.len());
            prop_assert!(left[0] >= 1 && left[1] >= 1 && left[0] <= before[0] && left[1] <= before[1]);
            if set == of_quorum {
                prop_assert_eq!(validator_set(&state, next), candidates(&state, next), "who is punished leaves both");
            }
        }
    }
}
