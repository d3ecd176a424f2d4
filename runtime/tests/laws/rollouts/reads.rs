//! How much verdicts read, what that costs, and how much of it a block has room for.

use crate::governed::plan::{MINUTE, PLAN, Shape, name, plan};
use crate::governed::said::{ballot, draft, promote, submit};
use crate::governed::{COMMANDER, COUNCIL, Governed, STRANGER, governed, person, signed};
use ::rollouts::queries::{list_of, live, progress, reads_of_list};
use governance::Choice;
use primitives::{Amount, Height, Moment, ProposalId, SecretKey};
use runtime::testing::{self, transfer};
use runtime::{
    BlockError, Call, Cause, Context, Executed, Genesis, LEAST_BLOCK_READS, Transaction, TxError, assemble, execute,
};
use state::{Backend, Memory, State, StateEntry};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a row costs here.
const PER_READ: u64 = 2;

/// State that counts the rows which are read of it.
struct Counted<'m> {
    memory: &'m Memory,
    rows: AtomicUsize,
}

impl Backend for Counted<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.memory.read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        let rows = &self.rows;
        Box::new(self.memory.scan(prefix, from).inspect(move |_| {
            rows.fetch_add(1, Ordering::Relaxed);
        }))
    }
}

/// Law 21: what a verdict reads is within what is reckoned before it, however much was said and asked; and by that a block
/// [is bounded](l21_a_block_has_room_for_so_many_reads_and_whoever_asks_pays_for_each).
pub fn l21_a_verdict_reads_no_more_rows_than_are_paid_for(memory: &Memory, at: Moment) {
    let all: Vec<_> = live(&State::over(memory), &name(PLAN)).collect();
    for id in all {
        let counted = Counted { memory, rows: AtomicUsize::new(0) };
        let verdict = list_of(&State::over(&counted), at, id).expect("it was submitted");
        let paid = reads_of_list(&State::over(memory), id).expect("it was submitted") as usize;
        let (rows, checks) = (counted.rows.load(Ordering::Relaxed), verdict.findings.len());
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

/// A promotion is asked for, and its poll is open.
fn asked_for(network: &mut Governed) -> ProposalId {
    let change = draft(&network.state(), promote(&name("mainnet")), false);
    network.block(MINUTE, &[(person(COMMANDER), submit(change))]);
    network.block(MINUTE, &[]);
    let id = network.change(0).expect("it was taken");
    progress(&network.state(), id).and_then(|progress| progress.poll).expect("the chain opened its poll")
}

fn next(network: &Governed) -> Context {
    let (height, time) = (network.height.next(), network.time.plus(MINUTE));
    Context { height, time, ..testing::context(&network.genesis, height.0) }
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
    let of = |choice| state::Decide::reads(&ballot(poll, choice), &state);
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
