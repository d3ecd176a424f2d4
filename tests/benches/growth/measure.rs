//! What things cost in a state of some size, in a process that has done nothing else.

use crate::base::{EPOCH_LENGTH, GrownBase, VOTERS, signed, validator_keys, voters};
use crate::events::{account, build};
use crate::table::{Beside, Measured, Metric};
use anyhow::{Context as _, bail, ensure};
use governance::Choice;
use ledger::Commit;
use parity_scale_codec::Encode as _;
use primitives::{Epoch, ProposalId, SecretKey};
use rayon::prelude::*;
use rpc::views::{BlockPace, proposal_detail, release_detail, release_ticket};
use runtime::{Block, Context, Event, Fact, Header, Transaction, testing};
use state::{Apply as _, Backend, Decide as _, State};
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use store::StoreView;
use store::db::{Access, Extent, Settings, Store};
use tests::memory;

/// How many epochs ago whoever asks for a ticket has verified the chain: further than one step leads.
const KNOWN_AGO: u64 = 8;
/// Keys and headers that a node's boot check looks at in a large state; of headers a state that was grown has one.
const SAMPLED: (usize, u64) = (32, 64);

/// Tickets that a store was asked for before, so that it has opened its files, each of which takes it some milliseconds once.
const ASKED_BEFORE: u64 = 500;

/// Measures everything of a store, each so many times; `size` is how many there are of everything.
pub fn of_store(base: &GrownBase, place: &Path, size: u64, rounds: u64) -> anyhow::Result<Vec<Measured>> {
    let mut measured = vec![Measured::beside(Metric::Boot, &times(rounds, |_| boot(place))?)];
    let store = Store::open(place, Access::Primary, Settings::default())?;
    let (mut tickets, mut largest) = (Vec::new(), 0);
    for asked in rounds..rounds + ASKED_BEFORE {
        ticket(base, &store, spread(asked, size))?;
    }
    for round in 0..rounds {
        let (time, bytes) = ticket(base, &store, spread(round, size))?;
        tickets.push(time);
        largest = largest.max(bytes);
    }
    let view = store.view();
    measured.extend([
        Measured::beside(Metric::Vote, &times(rounds, |_| in_memory_too(base, &view, votes))?),
        Measured::beside(Metric::FirstBlock, &times(rounds, |_| in_memory_too(base, &view, first_block))?),
        Measured::beside(Metric::Proposal, &times(rounds, |_| proposal(base, &store))?),
        Measured::beside(Metric::Release, &times(rounds, |round| release(base, &store, spread(round, size)))?),
        Measured::time(Metric::Proof, tickets),
        Measured::bytes(Metric::ProofSize, largest as u64),
    ]);
    drop(view);
    let floor_file = place.with_extension("floor");
    let (mut executing, mut committing) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let (execute, commit) = block(base, &store, round, size, &floor_file)?;
        executing.push(execute);
        committing.push(commit);
    }
    measured.extend([
        Measured::beside(Metric::Block, &executing),
        Measured::beside(Metric::Commit, &committing),
        Measured::bytes(Metric::NodeMemory, memory::peak_of(std::process::id())?),
    ]);
    Ok(measured)
}

fn times<T>(rounds: u64, work: impl FnMut(u64) -> anyhow::Result<T>) -> anyhow::Result<Vec<T>> {
    (0..rounds).map(work).collect()
}

/// What takes some time over the grown state, beside the same over the state in memory from which that has grown.
fn in_memory_too(
    base: &GrownBase,
    grown: &dyn Backend,
    work: impl Fn(&GrownBase, &dyn Backend) -> anyhow::Result<Duration>,
) -> anyhow::Result<Beside> {
    Ok(Beside { took: work(base, grown)?, floor: work(base, &base.state)? })
}

/// A number from 1 to `size`, another one in each round, all over it.
fn spread(round: u64, size: u64) -> u64 {
    round.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) % size.max(1) + 1
}

/// Opening a store as a supervisor does, and comparing a part of it with itself; beside the first alone.
fn boot(place: &Path) -> anyhow::Result<Beside> {
    let begun = Instant::now();
    let store = Store::open(place, Access::ReadOnly, Settings::default())?;
    let floor = begun.elapsed();
    let verified = store.verify(Extent::Sample(SAMPLED.0), SAMPLED.1)?;
    let took = begun.elapsed();
    ensure!(verified.keys > 0, "no key was looked at");
    Ok(Beside { took, floor })
}

/// One first ballot: the mean of those of all voters, none of which is kept.
fn votes(base: &GrownBase, committed: &dyn Backend) -> anyhow::Result<Duration> {
    let who: Vec<_> = voters().iter().map(SecretKey::account).collect();
    let call = testing::vote(1, Choice::Yes, None);
    let mut state = State::over(committed);
    let at = testing::context(&base.genesis, base.context.height.next().0).moment(&state);
    let begun = Instant::now();
    for voter in who {
        let Event::Governance(event) = call.decide(&state, at, voter)? else { bail!("a vote is no vote") };
        event.apply(&mut state, at);
    }
    let took = begun.elapsed();
    black_box(&state);
    Ok(took / u32::from(VOTERS))
}

/// The first block of the next epoch, which elects the validators of the one after it and closes the poll.
fn first_block(base: &GrownBase, committed: &dyn Backend) -> anyhow::Result<Duration> {
    let context = testing::context(&base.genesis, base.epoch().next().first_height(EPOCH_LENGTH).0);
    let begun = Instant::now();
    let executed = runtime::execute(committed, &context, &[])?;
    let took = begun.elapsed();
    let closes = |fact: &Fact| matches!(fact.outcome, Ok(Event::Governance(governance::Event::Rejected { .. })));
    ensure!(executed.facts.iter().any(closes), "the epoch does not close the poll: {:?}", executed.facts);
    Ok(took)
}

/// `gov.proposal` of the one with all ballots, as it is sent; beside putting it into JSON alone.
fn proposal(base: &GrownBase, store: &Store) -> anyhow::Result<Beside> {
    let view = StoreView::new(store.view(), EPOCH_LENGTH);
    let begun = Instant::now();
    let pace = BlockPace::measure(&view, EPOCH_LENGTH, base.genesis.chain.consensus.block_time_ms)?;
    let detail = proposal_detail(&State::over(&view), base.epoch(), pace, ProposalId(1)).context("no proposal")?;
    let read = begun.elapsed();
    let sent = serde_json::to_vec(&detail)?;
    let took = begun.elapsed();
    ensure!(detail.ballots.len() == 100 && !sent.is_empty(), "{} ballots", detail.ballots.len());
    Ok(Beside { took, floor: took - read })
}

/// `gov.release` of the build that all nodes run, and of another one, as they are sent; beside putting them into JSON alone.
fn release(base: &GrownBase, store: &Store, number: u64) -> anyhow::Result<Beside> {
    let view = store.view();
    let state = State::over(&view);
    let (begun, mut writing) = (Instant::now(), Duration::ZERO);
    for number in [0, number] {
        let detail = release_detail(&state, base.epoch(), &build(number)).context("no release")?;
        let read = Instant::now();
        black_box(serde_json::to_vec(&detail)?);
        writing += read.elapsed();
    }
    Ok(Beside { took: begun.elapsed() / 2, floor: writing / 2 })
}

/// The ticket of a build, for whoever knows an end of an epoch some time ago; and how many bytes it has.
fn ticket(base: &GrownBase, store: &Store, number: u64) -> anyhow::Result<(Duration, usize)> {
    let view = StoreView::new(store.view(), EPOCH_LENGTH);
    let known = Epoch(base.epoch().0.saturating_sub(KNOWN_AGO)).first_height(EPOCH_LENGTH).minus(1);
    let begun = Instant::now();
    let ticket = release_ticket(&view, &base.genesis, build(number), known)?;
    let took = begun.elapsed();
    ensure!(
        ticket.approval.value.is_some() && !ticket.hops.is_empty(),
        "the build is not approved, or no header leads there"
    );
    Ok((took, ticket.encode().len()))
}

/// A block of a transfer from each voter to any of the accounts: how long executing it takes, beside the checks of its signatures alone; and
/// then until it is on disk, beside writing as much to a file and syncing that.
fn block(
    base: &GrownBase,
    store: &Store,
    round: u64,
    size: u64,
    floor_file: &Path,
) -> anyhow::Result<(Beside, Beside)> {
    let head = store.view().head()?.context("no head")?;
    let height = head.height.next();
    let pays = |(index, key): (u64, &SecretKey)| {
        let to = account(spread(round * u64::from(VOTERS) + index, size));
        signed(&base.genesis, key, round, head.height, testing::transfer(to, 1))
    };
    let transactions: Vec<Transaction> = (0..).zip(&voters()).map(pays).collect();
    let begun = Instant::now();
    transactions.par_iter().try_for_each(Transaction::check_signature)?;
    let checks = begun.elapsed();
    let context = Context { parent: head.hash, ..testing::context(&base.genesis, height.0) };
    let begun = Instant::now();
    let executed = runtime::execute(&store.view(), &context, &transactions)?;
    let execute = Beside { took: begun.elapsed(), floor: checks };
    let refused = executed.facts.iter().find_map(|fact| fact.outcome.as_ref().err());
    ensure!(refused.is_none(), "a transfer was refused: {refused:?}");

    let writes = executed.writes.clone();
    let begun = Instant::now();
    let prepared = store.prepare(writes)?;
    let preparing = begun.elapsed();
    let header = Header::over(&context, &transactions, &executed, prepared.root());
    let certificate = testing::certificate(&header, &validator_keys());
    let block = Block { header, last_commit: None, transactions };
    let (facts, epoch_end) = (executed.facts.as_slice(), None);
    let begun = Instant::now();
    store.commit(Commit { block: &block, certificate: &certificate, facts, prepared, epoch_end })?;
    let took = preparing + begun.elapsed();
    let bytes = [block.encode(), executed.facts.encode(), executed.writes.encode()].concat();
    Ok((execute, Beside { took, floor: synced(floor_file, &bytes)? }))
}

/// How long it takes until some bytes are on disk.
fn synced(place: &Path, bytes: &[u8]) -> std::io::Result<Duration> {
    let begun = Instant::now();
    let mut file = std::fs::File::create(place)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    Ok(begun.elapsed())
}
