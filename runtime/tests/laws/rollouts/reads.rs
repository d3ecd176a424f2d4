//! How much verdicts read, what that costs, and how much of it a block has room for.

use crate::governed::plan::{MINUTE, PLAN, Shape, list, name, plan};
use crate::governed::said::{ballot, draft, pause, promote, submit, turns};
use crate::governed::{COMMANDER, COUNCIL, Governed, STRANGER, VALIDATORS, governed, person, signed};
use ::rollouts::change::{ChangeProgress, ChangeRequest, READS_OF_AN_EFFECT};
use ::rollouts::queries::{list_of, live, progress, reads_of_list};
use flags::Gate;
use governance::Choice;
use primitives::{Amount, Height, Moment, ProposalId, SecretKey};
use runtime::testing::{self, CountedRows, transfer, validator};
use runtime::{
    BlockError, Call, Cause, Context, Executed, Genesis, LEAST_BLOCK_READS, Transaction, TxError, assemble, execute,
};
use state::{Apply as _, Decide, Memory, State};

/// What a row costs here.
const PER_READ: u64 = 2;

/// Law 21: what a verdict reads is within what is reckoned before it, however much was said and asked; and by that a block
/// [is bounded](l21_a_block_has_room_for_so_many_reads_and_whoever_asks_pays_for_each).
pub fn l21_a_verdict_reads_no_more_rows_than_are_paid_for(memory: &Memory, at: Moment) {
    let all: Vec<_> = live(&State::over(memory), &name(PLAN)).collect();
    for id in all {
        let counted = CountedRows::of(memory);
        let verdict = list_of(&State::over(&counted), at, id).expect("it was submitted");
        let paid = reads_of_list(&State::over(memory), id).expect("it was submitted") as usize;
        let (rows, checks) = (counted.rows(), verdict.findings.len());
        assert!(rows <= paid, "{rows} rows are read for {checks} checks of change {id}, and {paid} are paid for");
    }
}

/// A network in which rows cost, with the least room for them.
fn costly() -> Genesis {
    let mut genesis = governed(plan(Shape::default()), "testnet", &COUNCIL, 10);
    genesis.chain.limits.max_block_reads = LEAST_BLOCK_READS;
    genesis.accounts.fees.per_read = Amount(PER_READ);
    genesis
}

/// How something stands that was asked for, and whose polls are open.
fn taken(network: &mut Governed, request: ChangeRequest) -> ChangeProgress {
    let change = draft(&network.state(), request, false);
    network.block(MINUTE, &[(person(COMMANDER), submit(change))]);
    network.block(MINUTE, &[]);
    network.change(0).and_then(|id| progress(&network.state(), id)).expect("it was taken")
}

/// The poll of a promotion.
fn asked_for(network: &mut Governed) -> ProposalId {
    taken(network, promote(&name("mainnet"))).poll.expect("the chain opened its poll")
}

/// The poll that ratifies a pause.
fn owed(network: &mut Governed) -> ProposalId {
    let duties = taken(network, pause()).duties;
    duties.iter().find_map(|duty| duty.poll).expect("the chain opened its poll")
}

fn next(network: &Governed) -> Context {
    let (height, time) = (network.height.next(), network.time.plus(MINUTE));
    let context = Context { height, time, ..testing::context(&network.genesis, height.0) };
    let keys = (0..VALIDATORS).map(validator).collect::<Vec<_>>();
    testing::attended(&network.genesis, &network.state(), context, &keys)
}

/// What of the fees of a block is burned.
fn burned(executed: &Executed) -> u64 {
    let of_transactions = executed.facts.iter().filter_map(|fact| match &fact.cause {
        Cause::Transaction { burned, .. } => Some(burned.0),
        _ => None,
    });
    of_transactions.sum()
}

#[test]
fn l21_a_block_has_room_for_so_many_reads_and_whoever_asks_pays_for_each() {
    let mut network = Governed::new(costly());
    let poll = asked_for(&mut network);
    let vote = |member| (person(member), ballot(poll, Choice::Yes));
    let votes: Vec<(SecretKey, Call)> = (0..50).flat_map(|_| COUNCIL.map(vote)).collect();
    // The list is not GO, so each of them is refused; it is judged all the same.
    let asked = [votes.clone(), vec![(person(STRANGER), transfer(person(COMMANDER).account(), 1))]].concat();
    let context = next(&network);
    let transactions = signed(&network.genesis, &network.state(), context.height, &asked);
    let reads = transactions[0].reads(&network.state());
    let room = |most: u32| (most / reads) as usize;
    assert!(room(LEAST_BLOCK_READS) < votes.len(), "{reads} rows a vote do not fill a block");

    let refused = execute(&network.memory, &context, &transactions).unwrap_err();
    let BlockError::TooLarge { have, most, unit } = refused else { panic!("{refused}") };
    assert_eq!((most, unit), (u64::from(LEAST_BLOCK_READS), "rows that verdicts read"));
    assert!(have > most && have <= most + u64::from(reads), "{have}: the first beyond the bound is told");

    for (round, most) in [(0, LEAST_BLOCK_READS), (1, LEAST_BLOCK_READS / 2)] {
        let (taken, executed) = assemble(&network.memory, &context, round, transactions.clone());
        assert_eq!(taken.len(), room(most) + 1, "what asks no verdict has room beside what does not fit");
        assert_eq!(execute(&network.memory, &context, &taken).unwrap(), executed, "and it is a block");
        let base = network.genesis.accounts.fees.base.0;
        let of_a_vote = base + PER_READ * u64::from(reads);
        assert_eq!(burned(&executed), room(most) as u64 * of_a_vote + base, "refused or not");
    }
}

#[test]
fn what_is_reckoned_is_asked_of_who_says_yes_and_of_nobody_else_who_votes() {
    let mut network = Governed::new(costly());
    let poll = asked_for(&mut network);
    let state = network.state();
    let of = |choice| Decide::reads(&ballot(poll, choice), &state);
    assert_eq!([of(Choice::No), of(Choice::Abstain)], [0, 0]);
    let id = network.change(0).expect("it was taken");
    assert_eq!(Some(of(Choice::Yes)), reads_of_list(&state, id));

    let context = next(&network);
    let yes = signed(&network.genesis, &state, context.height, &[(person(COMMANDER), ballot(poll, Choice::Yes))]);
    let Transaction { mut payload, .. } = yes[0].clone();
    payload.fee = Amount(payload.fee.0 - 1);
    let have = payload.fee;
    let cheaper = payload.sign(&person(COMMANDER));
    let need = Amount(have.0 + 1);
    assert_eq!(cheaper.check(&state, network.next_moment(MINUTE)), Err(TxError::FeeTooLow { have, need }));
}

#[test]
fn a_no_reads_its_poll_its_member_and_its_ballot_and_nothing_of_the_plan() {
    let mut network = Governed::new(costly());
    let poll = asked_for(&mut network);
    let (counted, at) = (CountedRows::of(&network.memory), network.next_moment(MINUTE));
    let mut over = State::over(&counted);
    let event = ballot(poll, Choice::No).decide(&over, at, person(COUNCIL[0]).account()).unwrap();
    assert_eq!(counted.rows(), 3);
    event.apply(&mut over, at);
    // The poll once more, to count in it; and what is written are the poll, the ballot and its number.
    assert_eq!((counted.rows(), over.into_writes().len()), (4, 3));
}

#[test]
fn a_yes_on_what_is_owed_reads_its_motion_and_its_change_besides_and_neither_the_plan_nor_a_list() {
    let mut network = Governed::new(costly());
    let yes = ballot(owed(&mut network), Choice::Yes);
    let (counted, at) = (CountedRows::of(&network.memory), network.next_moment(MINUTE));
    let mut over = State::over(&counted);
    let event = yes.decide(&over, at, person(COUNCIL[0]).account()).unwrap();
    // As a no, and the proposal, the change that it is about, and where that stands.
    assert_eq!(counted.rows(), 6);
    event.apply(&mut over, at);
    assert_eq!((counted.rows(), over.into_writes().len()), (7, 3));
}

#[test]
fn what_asks_for_more_than_a_whole_block_has_room_for_can_be_in_none() {
    let mut genesis = costly();
    genesis.chain.limits.max_block_reads = 1;
    // No such network begins: so long a list takes a plan that is longer than any which is tried here.
    assert!(genesis.check().is_err());
    let (memory, time) = (genesis.build(), genesis.time);
    let network = Governed { genesis, memory, height: Height(0), time };
    let change = draft(&network.state(), promote(&name("mainnet")), false);
    let asked = [(person(COMMANDER), submit(change))];
    let transactions = signed(&network.genesis, &network.state(), Height(1), &asked);
    let have = transactions[0].reads(&network.state());
    let refused = Err(TxError::TooManyReads { have, most: 1 });
    assert_eq!(transactions[0].check(&network.state(), network.next_moment(MINUTE)), refused);
}

/// What waits for blocks competes by what it takes of them: who fills the room for verdicts takes all of it.
#[test]
fn what_fills_the_room_for_reads_weighs_as_what_fills_that_for_bytes() {
    let limits = costly().chain.limits;
    assert_eq!(limits.claim(300, 0), 300);
    assert_eq!(limits.claim(300, limits.max_block_reads), u64::from(limits.max_block_bytes));
    assert_eq!(limits.claim(300, limits.max_block_reads / 4), u64::from(limits.max_block_bytes / 4));
}

/// Law 21 of what moves: each gate that a change asks for has its price, as it is asked for and as it is carried out.
#[test]
fn l21_p07_what_a_change_moves_is_paid_for_effect_by_effect_and_reads_no_more() {
    let network = Governed::new(costly());
    let state = network.state();
    let asks = |gates: &[Gate]| {
        let effects = gates.iter().map(|gate| turns(&state, *gate, false));
        submit(draft(&state, ChangeRequest::Set { effects: list(effects) }, false))
    };
    let all = [Gate::Pruning, Gate::Reconstruction, Gate::RecursiveProofs];
    let prices = [1, 2, 3].map(|count| Decide::reads(&asks(&all[..count]), &state));
    assert!(prices.windows(2).all(|pair| pair[0] + READS_OF_AN_EFFECT <= pair[1]), "{prices:?}");
    for count in 1..=3 {
        let (counted, at) = (CountedRows::of(&network.memory), network.next_moment(MINUTE));
        let call = asks(&all[..count]);
        let mut over = State::over(&counted);
        let event = call.decide(&over, at, person(COMMANDER).account()).unwrap();
        event.apply(&mut over, at);
        assert!(counted.rows() <= prices[count - 1] as usize, "{} rows of {prices:?}", counted.rows());
    }

    let (context, call) = (next(&network), asks(&all));
    let Transaction { mut payload, .. } =
        signed(&network.genesis, &state, context.height, &[(person(COMMANDER), call)])[0].clone();
    let need = payload.fee;
    assert!(need.0 > PER_READ * u64::from(prices[2]), "it is paid in full");
    payload.fee = Amount(need.0 - 1);
    let have = payload.fee;
    let cheaper = payload.sign(&person(COMMANDER));
    assert_eq!(cheaper.check(&state, network.next_moment(MINUTE)), Err(TxError::FeeTooLow { have, need }));
}
