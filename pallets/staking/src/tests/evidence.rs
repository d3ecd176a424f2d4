//! Stories of validators that contradict themselves.

use super::{at, begin, chain, make, params, serve};
use crate::storage::{DELEGATORS, PENALTIES, PUNISHED, UNBONDING, UNENFORCED};
use crate::{
    Call, Certificate, Election, Error, Event, GenesisBond, Loss, Offence, SignedProposal, SignedVote, StakingGenesis,
    StakingParams, due, queries::*, sweep, unenforced as unenforced_from,
};
use primitives::{
    AccountId, Amount, BlockHash, ChainId, Epoch, Fraction, Height, List, SecretKey, Signature, VoteKind,
    proposal_payload, vote_payload,
};
use state::{Apply, AuditedRefusal as _, Decide, Memory, State};

/// The validator that contradicts itself.
const LIAR: u8 = 1;
/// The other one.
const OTHER: u8 = 2;
/// Who delegates to the liar.
const DELEGATING: [u8; 2] = [3, 4];
/// Who has no stake.
const REPORTER: u8 = 9;

fn key(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index; 32])
}

pub(super) fn who(index: u8) -> AccountId {
    key(index).account()
}

/// Two validators with 300 of their own each; 200 and 40 are delegated to the liar.
fn world_of(memory: &Memory, params: StakingParams) -> State<'_> {
    let mut state = State::over(memory);
    for index in [LIAR, OTHER, DELEGATING[0], DELEGATING[1], REPORTER] {
        accounts::Event::Endowed { account: who(index), amount: Amount(1_000) }.apply(&mut state, at(0));
    }
    let bonds = [(LIAR, LIAR, 300), (OTHER, OTHER, 300), (DELEGATING[0], LIAR, 200), (DELEGATING[1], LIAR, 40)];
    let bond =
        |(account, to, amount)| GenesisBond { account: who(account), validator: who(to), amount: Amount(amount) };
    let genesis = StakingGenesis { params, bonds: bonds.map(bond).to_vec() };
    genesis.events(&chain(), 10, 9, None).for_each(|event| event.apply(&mut state, at(0)));
    state
}

fn world(memory: &Memory) -> State<'_> {
    world_of(memory, params())
}

fn vote_of(index: u8, kind: VoteKind, height: u64, round: u32, block: Option<u8>) -> SignedVote {
    let block = block.map(|byte| BlockHash([byte; 32]));
    SignedVote { block, signature: key(index).sign(&vote_payload(&chain(), kind, Height(height), round, block)) }
}

/// Two prevotes of one round.
pub(super) fn double_vote(index: u8, height: u64) -> Offence {
    let votes = [Some(1), Some(2)].map(|block| vote_of(index, VoteKind::Prevote, height, 0, block));
    Offence::of_votes(who(index), Height(height), 0, VoteKind::Prevote, votes).unwrap()
}

/// Two proposals of one round.
fn double_proposal(index: u8, height: u64) -> Offence {
    let proposal = |byte: u8| {
        let (block, pol_round) = (BlockHash([byte; 32]), (byte == 2).then_some(0));
        let payload = proposal_payload(&chain(), Height(height), 1, block, pol_round);
        SignedProposal { block, pol_round, signature: key(index).sign(&payload) }
    };
    Offence::of_proposals(who(index), Height(height), 1, [proposal(2), proposal(1)]).unwrap()
}

/// The decision of a block by some validators.
fn decision(signers: &[u8], height: u64, round: u32, block: u8) -> Certificate {
    let precommit = |index: &u8| {
        let vote = vote_of(*index, VoteKind::Precommit, height, round, Some(block));
        (who(*index), vote.signature)
    };
    let signatures = List::truncate_from(signers.iter().map(precommit).collect());
    Certificate { height: Height(height), round, block: BlockHash([block; 32]), signatures }
}

fn evidence(offence: Offence) -> Call {
    Call::Evidence(Box::new(offence))
}

fn judged(state: &State, epoch: u64, offence: Offence) -> Result<Event, Error> {
    evidence(offence).decide(state, at(epoch), who(REPORTER))
}

/// Punishes in an epoch; what the validator lost at once, and its reporter got.
fn punish(state: &mut State, epoch: u64, offence: Offence) -> (Loss, Amount) {
    let event = judged(state, epoch, offence).unwrap();
    event.apply(state, at(epoch));
    let Event::Punished { loss, reward, .. } = event else { panic!("{event:?}") };
    (loss, reward)
}

/// Has everybody bear what there is to bear, so many in a block; who lost how much.
fn bear(state: &mut State, epoch: u64, most: usize) -> Vec<(AccountId, Loss)> {
    let mut all = Vec::new();
    loop {
        let events = sweep(state, at(epoch), most);
        assert!(events.len() <= most);
        if events.is_empty() {
            return all;
        }
        for event in events {
            event.apply(state, at(epoch));
            let Event::Slashed { who, loss, .. } = event else { panic!("{event:?}") };
            all.push((who, loss));
        }
    }
}

fn bonded_loss(amount: u64) -> Loss {
    Loss { bonded: Amount(amount), waiting: List::default() }
}

fn waiting_loss(free_epoch: u64, amount: u64) -> Loss {
    Loss { bonded: Amount::ZERO, waiting: List::truncate_from(vec![(Epoch(free_epoch), Amount(amount))]) }
}

fn unbond(amount: u64) -> Call {
    Call::Unbond { validator: who(LIAR), amount: Amount(amount) }
}

fn members(state: &State, epoch: u64) -> Vec<AccountId> {
    validator_set(state, Epoch(epoch)).validators.iter().map(|member| member.account).collect()
}

/// Delegators in the order in which their turn comes.
fn in_turn() -> [(AccountId, u64); 2] {
    let mut delegators = [(who(DELEGATING[0]), 10), (who(DELEGATING[1]), 2)];
    delegators.sort();
    delegators
}

#[test]
fn h15_whoever_contradicts_itself_is_poorer_out_of_the_next_set_and_jailed() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    let supply = accounts::queries::supply(&state);
    assert_eq!(members(&state, 2), [who(LIAR), who(OTHER)], "elected already");
    assert_eq!(punish(&mut state, 1, double_vote(LIAR, 12)), (bonded_loss(100), Amount(5)));

    let account = |index| accounts::queries::account(&state, &who(index));
    assert_eq!((account(LIAR).held, account(LIAR).free), (Amount(200), Amount(700)), "a third");
    assert_eq!((account(REPORTER).free, accounts::queries::burned(&state)), (Amount(1_005), Amount(95)));
    assert_eq!(accounts::queries::supply(&state), supply);
    let own = |epoch| bond_at(&state, &who(LIAR), &who(LIAR), Epoch(epoch));
    assert_eq!([own(1), own(2)], [300, 200].map(Amount), "what counts in an epoch that has begun never changes");
    assert_eq!(power_at(&state, &who(LIAR), Epoch(2)), Amount(440));
    assert_eq!(members(&state, 1).len(), 2);
    assert_eq!(members(&state, 2), [who(OTHER)]);
    assert_eq!(jailed_until(&state, &who(LIAR)), Some(Epoch(4)));
    begin(&mut state, 2);
    assert_eq!(members(&state, 3), [who(OTHER)], "and it is elected no more");
}

#[test]
fn h15_delegators_bear_a_smaller_share_by_the_clock_and_bonds_stand_still_until_all_have() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    make(&mut state, 1, who(DELEGATING[0]), unbond(100));
    punish(&mut state, 1, double_vote(LIAR, 12));
    let held = |state: &State| {
        let delegate = Call::Delegate { validator: who(LIAR), amount: Amount(50) };
        let asked = [(who(REPORTER), delegate), (who(LIAR), Call::Bond { amount: Amount(50) }), (who(LIAR), unbond(5))];
        asked.map(|(who, call)| call.decide(state, at(1), who))
    };
    assert_eq!(held(&state), [(); 3].map(|()| Err(Error::BondsHeld(who(LIAR)))));
    let other = Call::Delegate { validator: who(OTHER), amount: Amount(50) };
    assert!(other.decide(&state, at(1), who(REPORTER)).is_ok(), "those of others move");

    // The first in turn alone; nobody is freed before the other has had its turn, be it due or not.
    let (first, second) = (in_turn()[0], in_turn()[1]);
    let event = sweep(&state, at(1), 1).pop().unwrap();
    event.apply(&mut state, at(1));
    assert!(
        matches!(&event, Event::Slashed { who, next: Some(penalty), .. } if *who == first.0 && penalty.next == second.0)
    );
    assert!(held(&state).iter().all(Result::is_err) && are_bonds_held(&state, &who(LIAR)));
    assert!(serve(&mut state, 9, 9).is_empty(), "nothing ripens");
    let lost = bear(&mut state, 1, 1);
    assert_eq!(lost.iter().map(|(who, loss)| (*who, loss.total())).collect::<Vec<_>>(), [(second.0, Amount(second.1))]);
    assert!(held(&state).iter().all(Result::is_ok) && !are_bonds_held(&state, &who(LIAR)));
    assert!(!serve(&mut state, 9, 9).is_empty());
    // Of what was at stake, half had left; what waits is taken first.
    let bond = bonded(&state, &who(DELEGATING[0]), &who(LIAR));
    assert_eq!((bond, accounts::queries::burned(&state)), (Amount(100), Amount(95 + 12)));
}

/// Who is freed, and whose tokens they had strengthened.
fn freed(events: &[Event]) -> Vec<(AccountId, AccountId)> {
    let of = |event: &Event| match event {
        Event::Unbonded { who, validator, .. } => Some((*who, *validator)),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[test]
fn h15_only_what_was_bonded_to_the_offender_stands_still_and_is_freed_after_what_is_due() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let unbond_from = |to: u8, amount| Call::Unbond { validator: who(to), amount: Amount(amount) };
    make(&mut state, 0, who(LIAR), unbond_from(LIAR, 150));
    make(&mut state, 0, who(DELEGATING[0]), unbond_from(LIAR, 100));
    make(&mut state, 0, who(OTHER), unbond_from(OTHER, 5));
    make(&mut state, 1, who(OTHER), unbond_from(OTHER, 5));
    begin(&mut state, 1);
    punish(&mut state, 1, double_vote(LIAR, 12));
    let (liars, others) = ((who(LIAR), who(LIAR)), (who(OTHER), who(OTHER)));
    assert_eq!(freed(&serve(&mut state, 4, 9)), [others], "in the epoch that was promised");
    assert!(serve(&mut state, 4, 9).is_empty());
    bear(&mut state, 4, 9);
    assert_eq!(freed(&serve(&mut state, 5, 1)), [others], "who was promised this epoch keeps its place");
    let rest = sweep(&state, at(5), 9);
    rest.iter().for_each(|event| event.apply(&mut state, at(5)));
    let mut late = freed(&rest);
    late.sort();
    let mut expected = vec![liars, (who(DELEGATING[0]), who(LIAR))];
    expected.sort();
    assert_eq!(late, expected, "nothing is left to bear, and what stood still for it is freed");
    assert_eq!(UNBONDING.iter(&state).count(), 0);
}

#[test]
fn h15_who_had_nothing_at_stake_in_any_epoch_that_is_judged_is_asked_once_and_again_when_it_comes_back() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 0, who(DELEGATING[0]), unbond(200));
    for epoch in 1..=5 {
        begin(&mut state, epoch);
    }
    let asked = |state: &mut State| bear(state, 5, 1).iter().map(|(who, _)| *who).collect::<Vec<_>>();
    punish(&mut state, 5, double_vote(LIAR, 42));
    assert_eq!(asked(&mut state), in_turn().map(|(who, _)| who));
    assert_eq!(DELEGATORS.iter(&state).collect::<Vec<_>>(), [(who(LIAR), who(DELEGATING[1]))]);
    punish(&mut state, 5, double_vote(LIAR, 52));
    assert_eq!(asked(&mut state), [who(DELEGATING[1])]);
    make(&mut state, 5, who(DELEGATING[0]), Call::Delegate { validator: who(LIAR), amount: Amount(50) });
    assert_eq!(DELEGATORS.iter(&state).count(), 2);
}

#[test]
fn h15_an_offence_is_borne_to_the_end_when_the_next_in_turn_has_left_the_index() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 0, who(DELEGATING[0]), unbond(200));
    make(&mut state, 0, who(DELEGATING[1]), unbond(40));
    for epoch in 1..=5 {
        begin(&mut state, epoch);
    }
    // The walk for the later act begins, and that for the earlier one, which comes first, leaves nobody in the index.
    punish(&mut state, 5, double_vote(LIAR, 52));
    punish(&mut state, 5, double_vote(LIAR, 42));
    bear(&mut state, 5, 1);
    assert_eq!((DELEGATORS.iter(&state).count(), PENALTIES.iter(&state).count()), (0, 0));
    assert!(!are_bonds_held(&state, &who(LIAR)));
}

#[test]
fn h15_all_unbonded_right_after_the_act_is_burned_all_the_same() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    make(&mut state, 1, who(LIAR), unbond(300));
    make(&mut state, 1, who(DELEGATING[0]), unbond(200));
    make(&mut state, 1, who(DELEGATING[1]), unbond(40));
    for epoch in 2..=4 {
        begin(&mut state, epoch);
    }
    assert_eq!(punish(&mut state, 4, double_vote(LIAR, 12)), (waiting_loss(5, 100), Amount(5)));
    let expected = in_turn().map(|(who, lost)| (who, waiting_loss(5, lost)));
    assert_eq!(bear(&mut state, 4, 9), expected);
    begin(&mut state, 5);
    let account = |index| accounts::queries::account(&state, &who(index));
    assert_eq!([LIAR, DELEGATING[0], DELEGATING[1]].map(|index| account(index).free.0), [900, 990, 998]);
    assert_eq!([LIAR, DELEGATING[0], DELEGATING[1]].map(|index| account(index).held.0), [0; 3]);
    assert_eq!(accounts::queries::supply(&state), Amount(5_000));
}

#[test]
fn h15_whoever_unbonds_once_it_is_elected_answers_with_what_it_was_elected_by() {
    let memory = Memory::default();
    let mut state = world(&memory);
    make(&mut state, 0, who(LIAR), unbond(300));
    begin(&mut state, 1);
    assert_eq!(
        bond_at(&state, &who(LIAR), &who(LIAR), Epoch(1)),
        Amount(0),
        "nothing is in force in the epoch of the act"
    );
    assert!(members(&state, 1).contains(&who(LIAR)), "and it decides its blocks");
    assert_eq!(punish(&mut state, 1, double_vote(LIAR, 12)).0, waiting_loss(4, 100));
}

#[test]
fn h15_stake_that_came_later_is_untouched() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    make(&mut state, 1, who(LIAR), unbond(300));
    begin(&mut state, 2);
    make(&mut state, 2, who(LIAR), Call::Bond { amount: Amount(600) });
    make(&mut state, 2, who(DELEGATING[0]), Call::Delegate { validator: who(LIAR), amount: Amount(400) });
    make(&mut state, 2, who(REPORTER), Call::Delegate { validator: who(LIAR), amount: Amount(400) });
    begin(&mut state, 3);
    assert_eq!(
        punish(&mut state, 3, double_vote(LIAR, 12)).0,
        waiting_loss(5, 100),
        "a third of what was at stake then"
    );
    let lost = bear(&mut state, 3, 9);
    let of = |index| lost.iter().find(|(account, _)| *account == who(index)).map(|(_, loss)| loss.clone()).unwrap();
    assert_eq!([DELEGATING[0], DELEGATING[1], REPORTER].map(of), [10, 2, 0].map(bonded_loss));
    assert_eq!(bonded(&state, &who(LIAR), &who(LIAR)), Amount(600));
    assert_eq!(bonded(&state, &who(DELEGATING[0]), &who(LIAR)), Amount(590));
}

#[test]
fn h15_however_many_acts_are_punished_they_take_no_more_than_was_at_stake_in_them() {
    let memory = Memory::default();
    let mut rules = params();
    rules.penalties.delegated_share = Fraction::new(1, 2).unwrap();
    let mut state = world_of(&memory, rules);
    for epoch in 1..=3 {
        begin(&mut state, epoch);
    }
    let mut lost = Vec::new();
    for height in [2, 12, 22] {
        lost.push(punish(&mut state, 3, double_vote(LIAR, height)).0);
        bear(&mut state, 3, 9);
    }
    assert_eq!(lost, [100, 66, 44].map(bonded_loss), "each of what the others left");
    let delegated = |state: &State| bonded(state, &who(DELEGATING[0]), &who(LIAR));
    assert_eq!(delegated(&state), Amount(25), "of 200, three times half of what was left");

    // What comes later leaves again, and waits where the losses would be looked for.
    make(&mut state, 3, who(LIAR), Call::Bond { amount: Amount(500) });
    make(&mut state, 3, who(DELEGATING[0]), Call::Delegate { validator: who(LIAR), amount: Amount(500) });
    begin(&mut state, 4);
    make(&mut state, 4, who(LIAR), unbond(500));
    make(&mut state, 4, who(DELEGATING[0]), unbond(500));
    assert_eq!(punish(&mut state, 4, double_vote(LIAR, 32)).0, bonded_loss(30), "a third of 90, and none of the 500");
    bear(&mut state, 4, 9);
    assert_eq!(delegated(&state), Amount(13));
    let waiting: u64 = UNBONDING.iter(&state).map(|(_, amount)| amount.0).sum();
    assert_eq!(waiting, 1_000, "nothing of what came later");
}

#[test]
fn h15_an_act_is_judged_for_the_unbonding_period_and_not_an_epoch_longer() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let offence = || double_vote(LIAR, 19);
    for epoch in 1..=5 {
        begin(&mut state, epoch);
        let judged = judged(&state, epoch, offence());
        let oldest = Epoch(epoch.saturating_sub(3));
        let late = Error::OutOfReach { epoch: Epoch(1), oldest, newest: Epoch(epoch) };
        if epoch <= 4 { assert!(judged.is_ok(), "{judged:?}") } else { assert_eq!(judged, Err(late)) }
    }
    let ahead = Error::OutOfReach { epoch: Epoch(6), oldest: Epoch(2), newest: Epoch(5) };
    assert_eq!(judged(&state, 5, double_vote(LIAR, 60)), Err(ahead), "an epoch that has not begun");
}

#[test]
fn h15_the_acts_of_one_epoch_are_punished_once_in_whatever_form() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    begin(&mut state, 2);
    punish(&mut state, 2, double_vote(LIAR, 12));
    bear(&mut state, 2, 9);
    let again = Err(Error::AlreadyPunished { validator: who(LIAR), epoch: Epoch(1) });
    let mut nil = [None, Some(1)].map(|block| vote_of(LIAR, VoteKind::Precommit, 15, 3, block));
    nil.reverse();
    let nil = Offence::of_votes(who(LIAR), Height(15), 3, VoteKind::Precommit, nil).unwrap();
    for offence in [double_vote(LIAR, 12), double_vote(LIAR, 19), double_proposal(LIAR, 12), nil] {
        assert_eq!(judged(&state, 2, offence), again);
    }
    let (loss, _) = punish(&mut state, 2, double_proposal(LIAR, 20));
    assert_eq!(loss, bonded_loss(66), "another epoch is another offence, of what is left of the stake of that one");
    assert_eq!(bonded(&state, &who(LIAR), &who(LIAR)), Amount(134));
    assert_eq!(PUNISHED.iter(&state).collect::<Vec<_>>(), [(Epoch(1), who(LIAR)), (Epoch(2), who(LIAR))]);
    bear(&mut state, 2, 9);
    for epoch in 3..9 {
        begin(&mut state, epoch);
    }
    assert_eq!(PUNISHED.iter(&state).count(), 0, "what cannot be judged any more needs no memory");
}

#[test]
fn h15_what_is_forged_mirrored_or_no_contradiction_is_refused() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    let Offence::Votes { validator, height, round, kind, first, second } = double_vote(LIAR, 12) else { panic!() };
    let votes = |first, second| Offence::Votes { validator, height, round, kind, first, second };
    let refused = |offence| judged(&state, 1, offence).unwrap_err();
    assert_eq!(refused(votes(second, first)), Error::NoOffence, "the other way round");
    assert_eq!(refused(votes(first, first)), Error::NoOffence);
    let forged = |vote: SignedVote| SignedVote { signature: Signature([7; 64]), ..vote };
    assert_eq!(refused(votes(forged(first), second)), Error::NotSigned(who(LIAR)));
    assert_eq!(refused(votes(first, forged(second))), Error::NotSigned(who(LIAR)));
    let moved = Offence::Votes { validator, height: Height(13), round, kind, first, second };
    assert_eq!(refused(moved), Error::NotSigned(who(LIAR)), "signed for another height");
    let lent = Offence::Votes { validator: who(OTHER), height, round, kind, first, second };
    assert_eq!(refused(lent), Error::NotSigned(who(OTHER)));
    assert_eq!(refused(double_vote(REPORTER, 12)), Error::NotInSet { validator: who(REPORTER), epoch: Epoch(1) });

    let same = |pol_round: Option<u32>| {
        let payload = proposal_payload(&chain(), Height(12), 1, BlockHash([1; 32]), pol_round);
        SignedProposal { block: BlockHash([1; 32]), pol_round, signature: key(LIAR).sign(&payload) }
    };
    assert_eq!(Offence::of_proposals(who(LIAR), Height(12), 1, [same(None), same(Some(0))]), None);
    let (first, second) = (same(None), same(Some(0)));
    let repeated = Offence::Proposals { validator, height, round: 1, first, second };
    assert_eq!(refused(repeated), Error::NoOffence, "one block with another round of prevotes");
    let foreign = |block: Option<u8>| {
        let block = block.map(|byte| BlockHash([byte; 32]));
        let other: ChainId = "stake-2".parse().unwrap();
        SignedVote { block, signature: key(LIAR).sign(&vote_payload(&other, kind, height, round, block)) }
    };
    assert_eq!(refused(votes(foreign(None), foreign(Some(1)))), Error::NotSigned(who(LIAR)), "another network");
}

#[test]
fn h15_a_later_precommit_for_another_block_than_the_decided_one_is_an_offence() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    let (both, alone) = (decision(&[LIAR, OTHER], 12, 1, 1), decision(&[LIAR], 12, 1, 1));
    let after = |certificate: Certificate, round: u32, block: u8| Offence::AfterDecision {
        certificate,
        validator: who(LIAR),
        round,
        block: BlockHash([block; 32]),
        signature: vote_of(LIAR, VoteKind::Precommit, 12, round, Some(block)).signature,
    };
    let refused = |offence| judged(&state, 1, offence).unwrap_err();
    assert_eq!(refused(after(both.clone(), 1, 2)), Error::NoOffence, "not in a later round");
    assert_eq!(refused(after(both.clone(), 2, 1)), Error::NoOffence, "for the same block");
    assert_eq!(refused(after(decision(&[OTHER], 12, 1, 1), 2, 2)), Error::NoOffence, "it did not take part");
    assert_eq!(refused(after(alone, 2, 2)), Error::Undecided(Height(12)), "300 and 240 of 840 are not two thirds");
    let mut forged = after(both.clone(), 2, 2);
    if let Offence::AfterDecision { signature, .. } = &mut forged {
        signature.0[0] ^= 1;
    }
    assert_eq!(refused(forged), Error::NotSigned(who(LIAR)));
    assert_eq!(after(both.clone(), 2, 2).signatures(), 3);
    assert!(judged(&state, 1, after(both, 2, 2)).is_ok());
}

#[test]
fn h15_two_decisions_of_one_height_convict_everybody_who_is_in_both() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    let all = [LIAR, OTHER];
    for (one, other) in [
        (decision(&all, 12, 0, 2), decision(&all, 12, 0, 1)),
        (decision(&all, 12, 0, 2), decision(&all, 12, 3, 1)),
        (decision(&all, 12, 3, 1), decision(&all, 12, 0, 2)),
    ] {
        let offences = Offence::of_two_decisions(&one, &other);
        assert_eq!(offences.iter().map(Offence::validator).collect::<Vec<_>>(), all.map(who));
        for offence in offences {
            assert!(judged(&state, 1, offence.clone()).is_ok(), "{offence:?}");
        }
    }
    let one = decision(&all, 12, 0, 1);
    assert!(Offence::of_two_decisions(&one, &decision(&all, 12, 2, 1)).is_empty(), "of one block");
    assert!(Offence::of_two_decisions(&one, &decision(&all, 13, 0, 2)).is_empty(), "of two heights");
    assert_eq!(Offence::of_two_decisions(&one, &decision(&[OTHER], 12, 0, 2)).len(), 1);
}

#[test]
fn h15_whoever_proves_its_own_offence_gets_nothing_for_it() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    let event = evidence(double_vote(LIAR, 12)).decide(&state, at(1), who(LIAR)).unwrap();
    event.apply(&mut state, at(1));
    let Event::Punished { loss, reward, .. } = event else { panic!("{event:?}") };
    assert_eq!((loss.total(), reward, accounts::queries::burned(&state)), (Amount(100), Amount(0), Amount(100)));
}

#[test]
fn h15_a_jailed_validator_comes_back_by_its_own_call_after_its_time_and_with_the_minimum_bond() {
    let memory = Memory::default();
    let mut state = world_of(&memory, StakingParams { minimum_bond: Amount(250), ..params() });
    begin(&mut state, 1);
    punish(&mut state, 1, double_vote(LIAR, 12));
    bear(&mut state, 1, 9);
    let unjail = |state: &State, epoch, index| Call::Unjail.decide(state, at(epoch), who(index));
    assert_eq!(unjail(&state, 3, LIAR), Err(Error::StillJailed { until: Epoch(4) }));
    assert_eq!(unjail(&state, 4, OTHER), Err(Error::NotJailed(who(OTHER))));
    assert_eq!(unjail(&state, 4, LIAR), Err(Error::BelowMinimumBond { have: Amount(200), need: Amount(250) }));
    for epoch in 2..=4 {
        begin(&mut state, epoch);
    }
    make(&mut state, 4, who(LIAR), Call::Bond { amount: Amount(50) });
    begin(&mut state, 5);
    assert_eq!(members(&state, 6), [who(OTHER)], "enough stake alone does not bring it back");
    make(&mut state, 5, who(LIAR), Call::Unjail);
    assert_eq!(unjail(&state, 5, LIAR), Err(Error::NotJailed(who(LIAR))));
    begin(&mut state, 6);
    assert_eq!(members(&state, 7).len(), 2);
}

#[test]
fn h15_the_next_set_is_never_emptied() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    punish(&mut state, 1, double_vote(LIAR, 12));
    bear(&mut state, 1, 9);
    let event = judged(&state, 1, double_vote(OTHER, 12)).unwrap();
    event.apply(&mut state, at(1));
    assert!(matches!(event, Event::Punished { leaves_set_of: None, .. }), "{event:?}");
    assert_eq!(members(&state, 2), [who(OTHER)]);
    begin(&mut state, 2);
    assert_eq!(members(&state, 3), [who(OTHER)], "without candidates the set stays");
}

#[test]
fn h15_what_waits_in_more_rows_than_a_fact_has_room_for_is_lost_by_the_clock() {
    let memory = Memory::default();
    let mut rules = StakingParams { unbonding_epochs: 20, remembered_epochs: 30, ..params() };
    rules.penalties.own_share = Fraction::new(1, 1).unwrap();
    let mut state = world_of(&memory, rules);
    begin(&mut state, 1);
    for epoch in 1..=20 {
        make(&mut state, epoch, who(LIAR), unbond(15));
        begin(&mut state, epoch + 1);
    }
    let (loss, reward) = punish(&mut state, 21, double_vote(LIAR, 12));
    assert_eq!((loss.waiting.len(), loss.total(), reward), (16, Amount(240), Amount(12)));
    let lost = bear(&mut state, 21, 9);
    assert_eq!((lost[0].0, lost[0].1.waiting.len(), lost[0].1.total()), (who(LIAR), 4, Amount(60)));
    assert_eq!(lost.len(), 3, "and its delegators after it");
    assert_eq!(UNBONDING.iter(&state).count(), 0);
    assert_eq!(accounts::queries::account(&state, &who(LIAR)).held, Amount(0));
    assert_eq!(accounts::queries::supply(&state), Amount(5_000));
}

#[test]
fn h15_delegators_are_found_by_their_validator_until_they_are_forgotten() {
    let memory = Memory::default();
    let mut state = world(&memory);
    let mut all: Vec<_> = DELEGATING.map(|index| (who(LIAR), who(index))).to_vec();
    all.sort();
    assert_eq!(DELEGATORS.iter(&state).collect::<Vec<_>>(), all);
    make(&mut state, 0, who(DELEGATING[0]), unbond(200));
    for epoch in 1..=6 {
        begin(&mut state, epoch);
    }
    assert_eq!(DELEGATORS.iter(&state).collect::<Vec<_>>(), [(who(LIAR), who(DELEGATING[1]))]);
    assert_eq!(PENALTIES.iter(&state).count(), 0);
}

/// An epoch begins on a network whose gate of enforcement is off.
fn begin_unenforced(state: &mut State, epoch: u64) {
    let began = unenforced_from(state, at(epoch), false);
    assert_eq!(began, Some(Event::Unenforced { epoch: Epoch(epoch) }));
    let elected = due(state, at(epoch), Election::Quorum);
    elected.into_iter().chain(began).for_each(|event| event.apply(state, at(epoch)));
    assert_eq!(unenforced_from(state, at(epoch), false), None, "it is decided in the first block of the epoch");
}

#[test]
fn h15_what_was_signed_while_the_gate_was_off_is_punished_by_nobody_and_all_else_as_ever() {
    let memory = Memory::default();
    let mut state = world(&memory);
    assert_eq!(unenforced_from(&state, at(1), true), None, "nothing is written where it is on");
    begin(&mut state, 1);
    begin_unenforced(&mut state, 2);
    begin(&mut state, 3);
    let before = |state: &State| (accounts::queries::burned(state), bonded(state, &who(LIAR), &who(LIAR)));
    let stands = before(&state);
    for offence in [double_vote(LIAR, 20), double_proposal(LIAR, 29)] {
        assert_eq!(judged(&state, 3, offence), Err(Error::GateOff { epoch: Epoch(2) }));
    }
    assert_eq!((before(&state), PUNISHED.iter(&state).count()), (stands, 0), "nothing is stored of a refusal");
    assert_eq!(jailed_until(&state, &who(LIAR)), None);
    assert_eq!(Error::GateOff { epoch: Epoch(2) }.code(), Some("E_GATE_OFF"));

    let (loss, _) = punish(&mut state, 3, double_vote(LIAR, 19));
    assert_eq!(loss, bonded_loss(100), "turning it off forgives nothing that was signed before");
    bear(&mut state, 3, 9);
    assert_eq!(punish(&mut state, 3, double_vote(LIAR, 30)).0, bonded_loss(66), "nor what is signed afterwards");
    assert!(!is_punished(&state, &who(LIAR), Epoch(2)));
}

#[test]
fn h15_evidence_in_the_last_block_of_an_epoch_without_enforcement_is_judged_by_the_epoch_of_the_act() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    begin_unenforced(&mut state, 2);
    let last = primitives::Moment { height: Height(29), ..at(2) };
    let brought = |state: &State, height| evidence(double_vote(LIAR, height)).decide(state, last, who(REPORTER));
    assert_eq!(brought(&state, 29), Err(Error::GateOff { epoch: Epoch(2) }));
    assert!(brought(&state, 19).is_ok(), "the act is of the last block of an epoch with it on");
    begin(&mut state, 3);
    assert_eq!(judged(&state, 3, double_vote(LIAR, 29)), Err(Error::GateOff { epoch: Epoch(2) }), "it is on again");
}

#[test]
fn h15_an_epoch_without_enforcement_is_remembered_as_long_as_its_set_and_is_out_of_reach_before() {
    let memory = Memory::default();
    let mut state = world(&memory);
    begin(&mut state, 1);
    begin_unenforced(&mut state, 2);
    for epoch in 3..=5 {
        begin(&mut state, epoch);
        assert_eq!(judged(&state, epoch, double_vote(LIAR, 22)), Err(Error::GateOff { epoch: Epoch(2) }), "{epoch}");
        assert_eq!(unenforced(&state, Epoch(epoch)), [Epoch(2)]);
    }
    for epoch in 6..=7 {
        begin(&mut state, epoch);
        let late = judged(&state, epoch, double_vote(LIAR, 22));
        assert!(matches!(late, Err(Error::OutOfReach { .. })), "{late:?}");
        assert_eq!((unenforced(&state, Epoch(epoch)), UNENFORCED.iter(&state).count()), (vec![], 1));
    }
    begin(&mut state, 8);
    assert_eq!(UNENFORCED.iter(&state).count(), 0, "with the set of the epoch");
    assert!(validator_set(&state, Epoch(2)).validators.is_empty());
}
