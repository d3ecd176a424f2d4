//! Stories of presence and what is paid for it. Four validators have a tenth to four tenths of the power; a delegator has half of the
//! strongest one's. An epoch has three blocks of a second each, and nothing is signed here: the runtime verifies.

use crate::storage::OWED;
use crate::{Bits, Brought, Call, Error, Event, RewardsGenesis, due, queries};
use accounts::{AccountsGenesis, Endowment, FeeSchedule};
use primitives::{AccountId, Amount, BlockHash, ChainPosition, Epoch, Height, List, Moment, Signature, Timestamp};
use proptest::prelude::*;
use staking::{Certificate, Election, GenesisBond, PenaltyParams, StakingGenesis, StakingParams};
use state::{Apply, AuditedRefusal as _, Decide, Memory, State};

const LENGTH: u64 = 3;
const SECOND: u64 = 1_000;
const POT: u64 = 10_000;
const POOL: u64 = 1_000_000;
/// The validators by their power, the strongest first.
const ALL: [u8; 4] = [4, 3, 2, 1];
const DELEGATOR: AccountId = AccountId([9; 32]);

fn who(byte: u8) -> AccountId {
    AccountId([byte; 32])
}

/// A chain of which only presence matters here.
struct Chain<'m> {
    state: State<'m>,
    height: u64,
}

impl<'m> Chain<'m> {
    fn begin(memory: &'m Memory) -> Self {
        let mut state = State::over(memory);
        let at = moment(0);
        let endow = |account| Endowment { account, balance: Amount(10_000) };
        let fees = FeeSchedule { base: Amount(1), per_byte: Amount(0), per_read: Amount(0) };
        let balances = ALL.map(who).into_iter().chain([DELEGATOR]).map(endow).collect();
        AccountsGenesis { fees, balances }.events().for_each(|event| event.apply(&mut state, at));
        let bond = |account, validator, amount| GenesisBond { account, validator, amount: Amount(amount) };
        let own = [(4, 200), (3, 300), (2, 200), (1, 100)];
        let own = own.map(|(byte, amount)| bond(who(byte), who(byte), amount));
        let bonds = own.into_iter().chain([bond(DELEGATOR, who(4), 200)]).collect();
        let params = StakingParams {
            max_validators: 8,
            minimum_bond: Amount(1),
            minimum_delegation: Amount(1),
            unbonding_epochs: 2,
            remembered_epochs: 5,
            penalties: PenaltyParams::default(),
        };
        let stake = StakingGenesis { params, bonds };
        let chain_id = "test".parse().unwrap();
        stake.events(&chain_id, LENGTH, 99, None).for_each(|event| event.apply(&mut state, at));
        let rewards = RewardsGenesis::of(Amount(POOL), Amount(POT));
        rewards.events().for_each(|event| event.apply(&mut state, at));
        Self { state, height: 0 }
    }

    fn at(&self) -> Moment {
        moment(self.height)
    }

    /// The next block by a proposer, which brings the precommits of some for its parent where presence is paid for, to some.
    fn block(&mut self, proposer: u8, brought: &[u8], paid: Option<&[u8]>) -> Vec<Event> {
        self.height += 1;
        let (at, parent) = (self.at(), Height(self.height - 1));
        let mut signers = brought.to_vec();
        signers.sort_unstable();
        let signatures = List::truncate_from(signers.iter().map(|byte| (who(*byte), Signature([0; 64]))).collect());
        let certificate = Certificate { height: parent, round: 0, block: BlockHash::NONE, signatures };
        let is_brought = paid.is_some() && self.height > 1;
        staking::due(&self.state, at, Election::Quorum).into_iter().for_each(|event| event.apply(&mut self.state, at));
        let is_paid = |account: &AccountId| paid.is_some_and(|paid| paid.contains(&account.0[0]));
        let events = due(
            &self.state,
            at,
            &Brought {
                is_on: paid.is_some(),
                begins_epoch: at.height == at.epoch.first_height(LENGTH).max(Height(1)),
                last_commit: is_brought.then_some((parent.epoch(LENGTH), &certificate)),
                proposer: who(proposer),
                ms: SECOND,
                is_paid: &is_paid,
                has_cosigned: &|_, _| false,
            },
        );
        events.iter().for_each(|event| event.apply(&mut self.state, at));
        events
    }

    /// Blocks by the third validator, up to the one that pays an epoch; what that paid.
    fn epoch(&mut self, epoch: u64, brought: impl Fn(u64) -> Vec<u8>, paid: &[u8]) -> Option<Event> {
        let last = Epoch(epoch + 1).first_height(LENGTH).0;
        let mut events = Vec::new();
        while self.height < last {
            let next = self.height + 1;
            events = self.block(3, &brought(next), Some(paid));
        }
        events.into_iter().find(|event| matches!(event, Event::Rewarded { .. }))
    }

    fn ask(&mut self, who: AccountId, call: &Call) -> Result<Event, Error> {
        let at = self.at();
        let event = call.decide(&self.state, at, who)?;
        event.apply(&mut self.state, at);
        Ok(event)
    }

    fn free(&self, who: &AccountId) -> u64 {
        accounts::queries::account(&self.state, who).free.0
    }
}

fn moment(height: u64) -> Moment {
    let (height, time) = (Height(height), Timestamp(height * SECOND));
    Moment::of(ChainPosition::of(height, time, LENGTH), height.0 * SECOND, 1)
}

/// What each validator has of what an epoch paid, with what waits for its delegators.
fn paid_of(event: &Event) -> Vec<(u8, u64)> {
    let Event::Rewarded { paid, .. } = event else { panic!("{event:?}") };
    let of = |payment: &crate::Payment| (payment.validator.0[0], payment.own.0 + payment.delegated.0);
    paid.iter().map(of).collect()
}

#[test]
fn who_is_there_all_the_time_has_its_part_of_the_power_and_proposers_what_they_brought() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    chain.epoch(0, |_| ALL.to_vec(), &ALL);
    let event = chain.epoch(1, |_| ALL.to_vec(), &ALL).unwrap();
    // Eight tenths by power; the third validator proposed every block, and has the whole tenth of proposers.
    assert_eq!(paid_of(&event), [(4, 3_200), (3, 2_400 + 1_000), (2, 1_600), (1, 800)]);
    let Event::Rewarded { leader, witness, pool, .. } = event else { unreachable!() };
    assert_eq!((leader, witness, pool), (Amount(1_000), Amount(0), queries::pool(&chain.state)));
    assert!(pool < Amount(POOL - 9_000), "what the first epoch paid is gone too");
}

#[test]
fn who_is_there_for_two_thirds_of_the_time_has_two_thirds_and_who_is_not_has_nothing() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    chain.epoch(0, |_| ALL.to_vec(), &ALL);
    // The weakest is never there; the third is missing in one of three blocks, in which the others have more than two thirds.
    let brought = |height: u64| if height.is_multiple_of(3) { vec![4, 3] } else { vec![4, 3, 2] };
    let event = chain.epoch(1, brought, &ALL).unwrap();
    let paid = paid_of(&event);
    assert_eq!([paid[0], paid[2], paid[3]], [(4, 3_200), (2, 1_066), (1, 0)], "{paid:?}");
    let Event::Rewarded { leader, .. } = event else { unreachable!() };
    assert!(leader < Amount(1_000), "a proposer that brings less has less");
    assert_eq!(paid[1], (3, 2_400 + leader.0));
}

#[test]
fn whom_a_proposer_leaves_out_has_less_and_so_has_the_proposer() {
    let memory = Memory::default();
    let mut all = Chain::begin(&memory);
    all.epoch(0, |_| ALL.to_vec(), &ALL);
    let mut without = Chain::begin(&memory);
    without.epoch(0, |_| ALL.to_vec(), &ALL);
    let all = paid_of(&all.epoch(1, |_| ALL.to_vec(), &ALL).unwrap());
    let without = paid_of(&without.epoch(1, |_| vec![4, 3, 2], &ALL).unwrap());
    assert_eq!((all[3], without[3]), ((1, 800), (1, 0)));
    assert!(without[1].1 < all[1].1, "leaving the weakest out costs the proposer its part");
    assert_eq!((without[0], without[2]), (all[0], all[2]), "and gives nobody anything");
}

#[test]
fn a_gate_that_is_limited_pays_those_for_whom_it_was_on_when_the_epoch_began() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    chain.epoch(0, |_| ALL.to_vec(), &[2]);
    let first = chain.block(3, &ALL, Some(&[2, 1]));
    assert!(!first.iter().any(|event| matches!(event, Event::Began { .. })), "the epoch has begun");
    let event = chain.epoch(1, |_| ALL.to_vec(), &[2, 1]).unwrap();
    assert_eq!(paid_of(&event), [(2, 1_600)], "of an epoch that began for the second alone");
    let event = chain.epoch(2, |_| ALL.to_vec(), &[]).unwrap();
    assert_eq!(paid_of(&event), [(2, 1_600), (1, 800)]);
    let event = chain.epoch(3, |_| ALL.to_vec(), &[]).unwrap();
    assert!(paid_of(&event).is_empty(), "of an empty segment nobody is paid, and what is brought counts all the same");
}

#[test]
fn a_gate_that_goes_off_drops_the_epoch_and_counts_again_from_the_next_one_on() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    chain.epoch(0, |_| ALL.to_vec(), &ALL);
    let before = queries::pool(&chain.state);
    assert_eq!(chain.block(3, &[], None), [Event::Dropped { epoch: Epoch(1) }]);
    let again = chain.block(3, &ALL, Some(&ALL));
    assert!(matches!(again.as_slice(), [Event::Attended { epoch: Epoch(1), .. }]), "{again:?}");
    assert_eq!(queries::attendance(&chain.state), None, "but nothing counts");
    let begun = chain.block(3, &ALL, Some(&ALL));
    assert!(matches!(begun.last(), Some(Event::Began { epoch: Epoch(2), .. })), "{begun:?}");
    assert_eq!(queries::pool(&chain.state), before, "nothing is paid of the epoch that was dropped");
    assert!(chain.epoch(2, |_| ALL.to_vec(), &ALL).is_some());
}

#[test]
fn the_first_block_brings_nothing_and_the_first_epoch_counts_from_it_on() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let paid = ALL.iter().map(|_| true).collect::<Bits>();
    assert_eq!(chain.block(3, &[], Some(&ALL)), [Event::Began { epoch: Epoch(0), paid }]);
    let event = chain.epoch(0, |_| ALL.to_vec(), &ALL).unwrap();
    assert_eq!(paid_of(&event)[0], (4, 3_200), "for two blocks, which are all of it");
}

#[test]
fn delegators_collect_their_part_once_and_of_what_the_commission_leaves() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let supply = queries::supply(&chain.state);
    chain.epoch(0, |_| ALL.to_vec(), &ALL);
    let collect = Call::Collect { validator: who(4) };
    let first = chain.ask(DELEGATOR, &collect).unwrap();
    let Event::Collected { epochs, .. } = first else { panic!("{first:?}") };
    assert_eq!(epochs.as_slice(), [(Epoch(0), Amount(1_600))], "half of the bonds to it are its");
    assert_eq!(chain.ask(DELEGATOR, &collect).unwrap_err().code(), Some("E_POOL"));
    let own = chain.ask(who(4), &collect).unwrap_err();
    assert_eq!(own, Error::NothingDue { who: who(4), validator: who(4) }, "its own part was paid out");

    let tenth = staking::Call::SetCommission { millionths: 100_000 };
    let at = chain.at();
    let set = tenth.decide(&chain.state, at, who(4)).unwrap();
    set.apply(&mut chain.state, at);
    let before = chain.free(&who(4));
    chain.epoch(1, |_| ALL.to_vec(), &ALL);
    assert_eq!(chain.free(&who(4)) - before, 1_600, "a commission counts from the next epoch on");
    chain.epoch(2, |_| ALL.to_vec(), &ALL);
    assert_eq!(chain.free(&who(4)) - before, 1_600 + 1_760);
    assert_eq!(queries::due(&chain.state, chain.at().epoch, &DELEGATOR), [(who(4), Amount(1_600 + 1_440))]);
    let had = chain.free(&DELEGATOR);
    chain.ask(DELEGATOR, &collect).unwrap();
    assert_eq!((chain.free(&DELEGATOR) - had, queries::to_collect(&chain.state)), (3_040, Amount(0)));
    assert_eq!(queries::supply(&chain.state), supply);
}

#[test]
fn who_delegates_later_has_nothing_of_earlier_epochs_and_who_left_keeps_what_was_earned() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    chain.epoch(0, |_| ALL.to_vec(), &ALL);
    let (left, came) = (staking::Call::Unbond { validator: who(4), amount: Amount(200) }, who(2));
    let came_to = staking::Call::Delegate { validator: who(4), amount: Amount(200) };
    let at = chain.at();
    for (account, call) in [(DELEGATOR, left), (came, came_to)] {
        let event = call.decide(&chain.state, at, account).unwrap();
        event.apply(&mut chain.state, at);
    }
    for epoch in 1..4 {
        chain.epoch(epoch, |_| ALL.to_vec(), &ALL);
    }
    let due = |account| queries::due_of(&chain.state, chain.at().epoch, &account, &who(4));
    let epochs = |account| due(account).iter().map(|(epoch, _)| epoch.0).collect::<Vec<_>>();
    assert_eq!(epochs(DELEGATOR), [0, 1, 2], "the bonds of an epoch elect those of the next one");
    assert_eq!(epochs(came), [3]);
}

#[test]
fn what_nobody_collects_goes_back_to_the_pool_once_its_bonds_are_remembered_no_longer() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let supply = queries::supply(&chain.state);
    for epoch in 0..6 {
        chain.epoch(epoch, |_| ALL.to_vec(), &ALL);
    }
    assert_eq!(chain.at().epoch, Epoch(6));
    assert_eq!(queries::oldest_due(&chain.state, Epoch(6)), Epoch(2));
    // One epoch in each block.
    let lapsed = chain.block(3, &ALL, Some(&ALL));
    assert!(lapsed.iter().any(|event| matches!(event, Event::Lapsed { epoch: Epoch(1), amount: Amount(1_600) })));
    assert_eq!(OWED.get(&chain.state, &(who(4), Epoch(0))), None);
    let due = queries::due_of(&chain.state, Epoch(6), &DELEGATOR, &who(4));
    assert_eq!(due.iter().map(|(epoch, _)| epoch.0).collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert_eq!(queries::supply(&chain.state), supply);
}

#[test]
fn whoever_funds_the_pool_needs_the_tokens_and_an_epoch_pays_no_more_than_there_is() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let supply = queries::supply(&chain.state);
    let zero = chain.ask(who(1), &Call::Fund { amount: Amount(0) }).unwrap_err();
    assert_eq!((zero.code(), zero), (None, Error::Accounts(accounts::Error::ZeroAmount)));
    assert!(chain.ask(who(1), &Call::Fund { amount: Amount(10_001) }).is_err());
    chain.ask(who(1), &Call::Fund { amount: Amount(7) }).unwrap();
    assert_eq!(queries::pool(&chain.state), Amount(POOL + 7));
    assert_eq!(queries::supply(&chain.state), supply);
    crate::storage::POOL.set(&mut chain.state, &Amount(10));
    let event = chain.epoch(0, |_| ALL.to_vec(), &ALL).unwrap();
    assert!(paid_of(&event).iter().map(|(_, amount)| amount).sum::<u64>() <= 10, "{event:?}");
}

#[test]
fn bits_are_places_and_are_written_as_they_are_read() {
    let bits: Bits = (0..128).map(|place| place % 3 == 0).collect();
    assert_eq!((bits.count(), bits.has(0), bits.has(1), bits.has(126), bits.has(128)), (43, true, false, true, false));
    let json = serde_json::to_string(&bits).unwrap();
    assert_eq!(serde_json::from_str::<Bits>(&json).unwrap(), bits);
    for wrong in ["\"\"", "\"+0000000000000000000000000000001\"", "7", "\"zz\""] {
        assert!(serde_json::from_str::<Bits>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_genesis_is_refused_that_promises_more_than_there_is() {
    let mistakes = |genesis: &RewardsGenesis, endowed| {
        let mut mistakes = Vec::new();
        genesis.check(endowed, primitives::Checker::within("rewards", &mut mistakes));
        mistakes.into_iter().map(|mistake| mistake.field).collect::<Vec<_>>()
    };
    let good = RewardsGenesis::of(Amount(5), Amount(5));
    assert_eq!(mistakes(&good, Some(Amount(u64::MAX - 5))), [""; 0]);
    assert_eq!(mistakes(&good, Some(Amount(u64::MAX - 4))), ["rewards.pool"]);
    assert_eq!(mistakes(&good, None), [""; 0], "that is another mistake");
    let half = primitives::Fraction::new(6, 10).unwrap();
    assert_eq!(mistakes(&RewardsGenesis { leader: half, witness: half, ..good }, None), ["rewards.leader"]);
}

/// Who is there in an epoch, by block, and who is paid.
fn presence() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<u8>)> {
    let some = || prop::sample::subsequence(ALL.to_vec(), 0..=4);
    (prop::collection::vec(some(), 3), some())
}

proptest! {
    /// Whatever precommits come, an epoch pays no more than its pot, and the supply is constant.
    #[test]
    fn an_epoch_pays_no_more_than_its_pot(epochs in prop::collection::vec(presence(), 1..5), collects: bool) {
        let memory = Memory::default();
        let mut chain = Chain::begin(&memory);
        let supply = queries::supply(&chain.state);
        for (epoch, (there, paid)) in (0..).zip(epochs) {
            let brought = |height: u64| there[(height % LENGTH) as usize].clone();
            if let Some(event) = chain.epoch(epoch, brought, &paid) {
                prop_assert!(paid_of(&event).iter().map(|(_, amount)| amount).sum::<u64>() <= POT);
            }
            if collects {
                let _ = chain.ask(DELEGATOR, &Call::Collect { validator: who(4) });
            }
            prop_assert_eq!(queries::supply(&chain.state), supply);
        }
    }

    /// Nobody has more because another is not there, whoever proposes.
    #[test]
    fn nobody_gains_by_the_absence_of_another(there in prop::sample::subsequence(ALL.to_vec(), 1..=4), away in 0..4usize) {
        let played = |there: &[u8]| {
            let memory = Memory::default();
            let mut chain = Chain::begin(&memory);
            chain.epoch(0, |_| ALL.to_vec(), &ALL);
            paid_of(&chain.epoch(1, |_| there.to_vec(), &ALL).unwrap())
        };
        let fewer: Vec<u8> = there.iter().copied().filter(|byte| *byte != ALL[away]).collect();
        for (before, after) in played(&there).into_iter().zip(played(&fewer)) {
            prop_assert!(after.1 <= before.1, "{:?} {:?}", before, after);
        }
    }
}
