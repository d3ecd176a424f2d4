//! An index of the explorer that has grown, written as its fold writes it and many rows at a time; and what its pages cost then.

use crate::base::EPOCH_LENGTH;
use crate::events::{GrownEvents, GrownKind, account};
use crate::places::SizePlaces;
use crate::table::{Beside, Measured, Metric, named};
use crate::tell;
use anyhow::ensure;
use explorer::fold::{BlockDraft, BlockWriter};
use explorer::index::IndexStore;
use explorer::store::IndexPlace;
use explorer::store::rows::SqlRows;
use explorer::store::table::Pending;
use explorer::topics::audit;
use explorer::topics::releases::fold::release_row;
use explorer::topics::releases::{LISTS, RELEASES};
use primitives::{Amount, ChainPosition, Digest, Height, Moment, TransactionHash};
use rpc::views::ReleaseView;
use runtime::{Cause, Event, Fact, Lane, testing};
use sqlx::Connection as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::{ExplorerProcess, memory};

/// Releases, and facts, of one block; so many are written at once.
const OF_A_BLOCK: u64 = 5_000;
/// Pages of each kind that are asked for in a round.
const PAGES: u64 = 20;
/// Entries on a page.
const PAGE: u64 = 50;

/// After how many blocks it is said how far the index is.
const BLOCKS_AT_ONCE: u64 = 50;

/// Makes the index of a size, unless it is there: it is only read.
pub fn filled(places: &SizePlaces) -> anyhow::Result<()> {
    let (done, index) = (places.index_done(), places.index());
    if done.exists() {
        return Ok(());
    }
    for stale in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"].map(|name| places.folder.join(name)) {
        if stale.exists() {
            std::fs::remove_file(&stale)?;
        }
    }
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(grown(&index, places.size, begun))?;
    std::fs::write(&done, "")?;
    let (name, bytes) = (named(places.size), std::fs::metadata(&index)?.len());
    let (mib, each) = (bytes >> 20, bytes / places.size);
    tell(begun, format!("{name} releases and facts: an index of {mib} MiB, {each} bytes for one of each"));
    Ok(())
}

/// Makes an index that has so many releases, and as many facts, which are transfers.
async fn grown(file: &Path, size: u64, begun: Instant) -> anyhow::Result<()> {
    let genesis = testing::genesis();
    let store = IndexStore::open(IndexPlace::File(file.to_owned()), false).await?;
    store.begin(&genesis).await?;
    let mut connection = store.writer().acquire().await?;
    for (height, first) in (1..).zip((1..=size).step_by(OF_A_BLOCK as usize)) {
        let numbers = first..=size.min(first + OF_A_BLOCK - 1);
        let at = ChainPosition::of(Height(height), genesis.time.plus(height * 1_000), EPOCH_LENGTH);
        let events = GrownEvents::at(Moment::of(at, 0, 1), &genesis);
        let mut pending = Pending::default();
        for number in numbers.clone() {
            release(&mut pending, &events, number, at);
        }
        let facts: Vec<Fact> = numbers.map(transfer).collect();
        let mut draft = BlockDraft::new(at);
        audit::fold::count(&mut draft, &facts)?;
        for (index, fact) in (0..).zip(&facts) {
            audit::fold::write(&mut draft, index, fact);
        }
        let mut transaction = connection.begin().await?;
        let mut rows = SqlRows::new(&mut transaction);
        pending.flush(&mut rows).await?;
        BlockWriter::going_on(&mut rows, draft).finish().await?;
        transaction.commit().await?;
        if height % BLOCKS_AT_ONCE == 0 {
            tell(begun, format!("{} releases and facts are in the index", height * OF_A_BLOCK));
        }
    }
    drop(connection);
    store.close().await;
    Ok(())
}

/// The row of a release, and its place in the list of all.
fn release(pending: &mut Pending, events: &GrownEvents, number: u64, at: ChainPosition) {
    let Event::Releases(releases::Event::Approved { builds, .. }) = events.of(GrownKind::Releases, number) else {
        return;
    };
    // Genesis has the first.
    let ordinal = number + 1;
    for build in builds {
        let view = ReleaseView::new(build, Default::default(), &Default::default(), at.epoch);
        pending.put(&RELEASES, release_row(ordinal, &view, None));
        pending.put(&LISTS, vec![String::new().into(), ordinal.into(), at.epoch.0.into(), ordinal.into()]);
    }
}

fn transfer(number: u64) -> Fact {
    let (from, to, amount) = (account(number), account(number + 1), Amount(number));
    let hash = TransactionHash(Digest::blake3(&number.to_le_bytes()).0);
    let cause = Cause::Transaction { hash, account: from, lane: Lane::Wallet, fee: Amount(10), burned: Amount(10) };
    Fact { cause, outcome: Ok(Event::Accounts(accounts::Event::Transferred { from, to, amount })) }
}

/// Measures pages from anywhere in an index, each so many times, in a process of the explorer's own.
pub fn pages(file: &Path, log: &Path, size: u64, rounds: u64) -> anyhow::Result<Vec<Measured>> {
    let db = file.display().to_string();
    // The index has its genesis, so no node is needed to serve it: it is asked for in vain while pages are measured.
    let explorer = ExplorerProcess::start(&["--rpc", "http://127.0.0.1:9", "--log", "off", "--db", &db], log)?;
    let (mut releases, mut audits) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // The last epoch is another one each time, and none there is, so that no answer is one that was kept.
        let release = |page: u64| {
            let last = 1_000_000 + page;
            format!("/releases?page_size={PAGE}&page={}&end_epoch={last}", page % (size / PAGE).max(1))
        };
        let fact = |page: u64| {
            let number = page.wrapping_mul(0x9e37_79b9) % size.max(1);
            let (height, place) = (number / OF_A_BLOCK + 1, number % OF_A_BLOCK);
            format!("/audit?page_size={PAGE}&before={height}.{}", place.max(PAGE))
        };
        let floor = mean(|_| explorer.get("/healthz").map(|_| ()))?;
        releases.push(Beside { took: asked(&explorer, round, release)?, floor });
        audits.push(Beside { took: asked(&explorer, round, fact)?, floor });
    }
    // What it has mapped of the index is no memory of its own: the kernel takes that back. What it keeps is still there,
    // but for pages that its readers had before it last said that it writes the index, which it does every second.
    let own = memory::own_of(explorer.process_id())?;
    Ok(vec![
        Measured::beside(Metric::Releases, &releases),
        Measured::beside(Metric::Audit, &audits),
        Measured::bytes(Metric::ExplorerMemory, own),
    ])
}

/// The mean of some pages that nobody asked for before.
fn asked(explorer: &ExplorerProcess, round: u64, path: impl Fn(u64) -> String) -> anyhow::Result<Duration> {
    mean(|number| {
        let path = path((round * PAGES + number).wrapping_mul(7_919));
        let answer = explorer.get(&path)?;
        ensure!(answer.status == 200 && answer.body.len() > 1_000, "{path}: {} {}", answer.status, answer.body);
        Ok(())
    })
}

/// How long each of as many pages takes as are asked for in a round.
fn mean(ask: impl Fn(u64) -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    (0..PAGES).try_for_each(ask)?;
    Ok(begun.elapsed() / PAGES as u32)
}
