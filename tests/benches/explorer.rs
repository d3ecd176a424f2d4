//! The explorer with a million releases and five million installs, beside bare axum handlers in the same run; and how fast
//! it indexes. With `QUICK` it has a tenth of them.
//!
//! Targets: `GET /releases` of 50 entries with proposer and epochs, not kept, at least 0.9 times the requests per second of
//! a handler that runs the same SQL, and at most 1.2 times its 99th percentile, at 1, 16 and 64 connections; a kept page at
//! least 0.8 times a handler that returns a constant; 20,000 facts per second.
//!
//! The load comes from `wrk`, a process of its own.

mod explorer_index;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use explorer::fold::BlockWriter;
use explorer::index::IndexStore;
use explorer::store::rows::SqlRows;
use explorer::store::table::{Pending, int};
use explorer::store::{Index, IndexPlace, Readers};
use explorer::topics::releases::fold::release_row;
use explorer::topics::releases::installs::Receipts;
use explorer::topics::releases::read::{HISTORY, ReleaseFilter, history};
use explorer::topics::releases::{LISTS, RELEASES as HISTORY_ROWS};
use primitives::{AccountId, BuildHash, ChainPosition, Epoch, Height, ProposalId, Timestamp};
use rpc::views::ReleaseView;
use serde::Deserialize;
use sqlx::{AnyPool, Connection as _, Row as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use tests::ExplorerProcess;
use tests::quick::unless_quick;
use tokio::net::TcpListener;

const INSTALLS_EACH: u64 = 5;
const PROPOSERS: u8 = 16;
/// Releases of one epoch.
const PER_EPOCH: u64 = 4;
const CONNECTIONS: [u32; 3] = [1, 16, 64];

fn releases() -> u64 {
    unless_quick(1_000_000, 100_000)
}

fn main() -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    // Filling takes minutes; a folder that is kept serves the next run too.
    let kept = std::env::var_os("BENCH_DIR").map(PathBuf::from);
    let dir = kept.as_deref().unwrap_or(temporary.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let file = dir.join(format!("releases-{}.sqlite", releases()));
        let store = if file.exists() {
            IndexStore::open(IndexPlace::File(file), false).await?
        } else {
            explorer_index::facts_per_second(temporary.path()).await?;
            filled(&file).await?
        };
        counting(&store).await?;
        store.close().await;
        // Each in a process of its own. The index has its genesis, so no node is needed to serve it.
        let db = dir.join(format!("releases-{}.sqlite", releases())).display().to_string();
        let nobody = ["--rpc", "http://127.0.0.1:9", "--log", "off", "--db", &db];
        let theirs = bare(store.place().clone()).await?;
        let ours = ExplorerProcess::start(&nobody, &temporary.path().join("log"))?;
        uncached(temporary.path(), &ours.url, &theirs)?;
        cached(temporary.path(), &ours.url, &theirs)
    })
}

/// An index of a million releases: rows as the fold writes them, written many at a time.
async fn filled(file: &Path) -> anyhow::Result<IndexStore> {
    let begun = Instant::now();
    let store = IndexStore::open(IndexPlace::File(file.to_owned()), false).await?;
    let genesis = runtime::testing::genesis();
    store.begin(&genesis).await?;
    let vote = runtime::testing::release_vote(&genesis, BuildHash([1; 32]), 3);
    let mut connection = store.writer().acquire().await?;
    let mut transaction = connection.begin().await?;
    let (mut pending, mut receipts) = (Pending::default(), Receipts::default());
    let mut places = vec![0_u64; usize::from(PROPOSERS)];
    for number in 0..releases() {
        let ordinal = number + 2;
        let (view, proposer) = release(number, &vote);
        let at = view.release.activated.context("no moment")?;
        pending.put(&HISTORY_ROWS, release_row(ordinal, &view, None));
        let epoch = view.release.activated_epoch.0;
        let own = &mut places[usize::from(proposer)];
        *own += 1;
        let list = AccountId([proposer + 1; 32]).to_string();
        pending.put(&LISTS, vec![list.into(), (*own).into(), epoch.into(), ordinal.into()]);
        pending.put(&LISTS, vec![String::new().into(), ordinal.into(), epoch.into(), ordinal.into()]);
        for node in 0..INSTALLS_EACH {
            let at = ChainPosition { time: Timestamp(at.time.0 + node), ..at };
            let receipt = releases::Receipt { first: at, last: at, count: 1 };
            let mut account = [0; 32];
            account[24..].copy_from_slice(&node.to_be_bytes());
            receipts.give(view.release.build_hash, AccountId(account), receipt);
        }
        if number % 5_000 == 4_999 {
            let mut rows = SqlRows::new(&mut transaction);
            pending.flush(&mut rows).await?;
            let mut block = BlockWriter::new(&mut rows, at);
            std::mem::take(&mut receipts).write(&mut block).await?;
            block.finish().await?;
            transaction.commit().await?;
            transaction = connection.begin().await?;
        }
    }
    transaction.commit().await?;
    drop(connection);
    println!(
        "{} releases, {} installs: written in {:.0?}, {} MB",
        releases(),
        releases() * INSTALLS_EACH,
        begun.elapsed(),
        std::fs::metadata(file)?.len() >> 20
    );
    Ok(store)
}

fn release(number: u64, vote: &releases::ReleaseVote) -> (ReleaseView, u8) {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    hash[24..].copy_from_slice(&number.to_be_bytes());
    let proposer = u8::try_from(number % u64::from(PROPOSERS)).unwrap_or_default();
    let epoch = Epoch(number / PER_EPOCH);
    let at = ChainPosition { height: Height(number), epoch, time: Timestamp(1_700_000_000_000 + number * 1_000) };
    let release = releases::ApprovedRelease {
        build_hash: BuildHash(hash),
        proposal_id: Some(ProposalId(number + 1)),
        proposer: Some(AccountId([proposer + 1; 32])),
        activated_epoch: epoch,
        activated: Some(at),
        sequence: number + 2,
        level: 1,
        standing: releases::Standing::Superseded { by: BuildHash([9; 32]), end_of_support_epoch: None },
        target: vote.first_target(),
        manifest: vote.manifest.brief(),
        signatures: vote.signatures.clone(),
        signature_threshold: vote.signature_threshold,
        signer_set: vote.signer_set.clone(),
        long_parts: vote.manifest.long_parts(vote.build_hash, &vote.platform),
        support_end: None,
        amended: None,
    };
    (ReleaseView::new(release, Default::default(), &Default::default(), epoch), proposer)
}

/// What a total costs by two ends of a list, and by counting.
async fn counting(store: &IndexStore) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for sql in [
        "SELECT (SELECT place FROM release_lists WHERE list='' ORDER BY activated_epoch DESC, place DESC LIMIT 1) - \
         (SELECT place FROM release_lists WHERE list='' ORDER BY activated_epoch ASC, place ASC LIMIT 1) + 1",
        "SELECT count(*) FROM release_history",
    ] {
        let mut best = f64::MAX;
        for _ in 0..5 {
            let begun = Instant::now();
            let row = sqlx::query(sql).fetch_one(&store.readers().pool()).await?;
            ensure!(row.get::<i64, _>(0) == int(releases() + 1), "{}", row.get::<i64, _>(0));
            best = best.min(begun.elapsed().as_secs_f64() * 1e3);
        }
        times.push(best);
    }
    println!("total: {:.3} ms by two ends, {:.1} ms by counting", times[0], times[1]);
    Ok(())
}

#[derive(Deserialize)]
struct Asked {
    proposer: String,
    start_epoch: i64,
    end_epoch: i64,
    page_size: i64,
}

/// What the explorer is held against: handlers with the same SQL on a pool like its own, and with a constant.
async fn bare(place: IndexPlace) -> anyhow::Result<String> {
    async fn page(
        State(pool): State<AnyPool>,
        Query(asked): Query<Asked>,
    ) -> ([(axum::http::HeaderName, &'static str); 1], String) {
        let query = sqlx::query(HISTORY).bind(asked.proposer).bind(asked.start_epoch).bind(asked.end_epoch);
        let row = query.bind(0_i64).bind(asked.page_size).fetch_one(&pool).await.expect("the question is answered");
        let (total, entries): (Option<i64>, Option<String>) = (row.get(0), row.get(1));
        let body = format!(
            r#"{{"total":{},"page":0,"page_size":{},"entries":[{}]}}"#,
            total.unwrap_or(0),
            asked.page_size,
            entries.unwrap_or_default()
        );
        ([(CONTENT_TYPE, "application/json")], body)
    }
    let other = Readers::open(&place).await?;
    let page_of = ReleaseFilter { list: String::new(), start_epoch: 0, end_epoch: u64::MAX, page: 0, page_size: 50 };
    let index = Index::new(&other, runtime::testing::genesis());
    let constant = Bytes::from(history(&index, &page_of).await?);
    println!("an answer of 50 entries has {} bytes", constant.len());
    let app = Router::new()
        .route("/releases", get(page))
        .route("/constant", get(async move || ([(CONTENT_TYPE, "application/json")], constant.clone())))
        .with_state(other.pool());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(format!("http://{address}"))
}

#[derive(Debug, Clone, Copy)]
struct Load {
    per_second: f64,
    p99_ms: f64,
}

/// One load: each request another question, or always the same.
fn wrk(dir: &Path, url: &str, connections: u32, script: Option<&str>) -> anyhow::Result<Load> {
    let mut command = Command::new("wrk");
    let seconds = unless_quick("-d3s", "-d1s");
    command.args(["-t1", seconds, "--latency", &format!("-c{connections}")]);
    if let Some(script) = script {
        let file = dir.join("questions.lua");
        std::fs::write(&file, script)?;
        command.arg("-s").arg(&file);
    }
    let output = command.arg(url).output().context("cannot run wrk; run scripts/setup.sh bench")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success() && !text.contains("Non-2xx"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let field =
        |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name).map(|rest| rest.trim().to_owned()));
    let per_second = field("Requests/sec:").and_then(|text| text.parse().ok()).context(text.clone())?;
    let p99 = field("99%").context(text.clone())?;
    let (number, unit) = p99.split_at(p99.find(|c: char| c.is_ascii_alphabetic()).context("no unit")?);
    let scale = match unit {
        "us" => 0.001,
        "ms" => 1.0,
        _ => 1_000.0,
    };
    Ok(Load { per_second, p99_ms: number.parse::<f64>()? * scale })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Pairs of loads, one after the other; the median of their ratios counts.
fn compare(name: &str, run: impl Fn(bool) -> anyhow::Result<Load>, least: f64, most: f64) -> anyhow::Result<()> {
    let (mut rates, mut tails, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..unless_quick(5, 2) {
        let (theirs, ours) = (run(false)?, run(true)?);
        rates.push(ours.per_second / theirs.per_second);
        tails.push(ours.p99_ms / theirs.p99_ms);
        shown.push((ours, theirs));
    }
    let (rate, tail) = (median(rates), median(tails));
    let of = |pick: fn(&Load) -> f64| {
        let ours = median(shown.iter().map(|(ours, _)| pick(ours)).collect());
        (ours, median(shown.iter().map(|(_, theirs)| pick(theirs)).collect()))
    };
    let ((ours, theirs), (p99, bare)) = (of(|load| load.per_second), of(|load| load.p99_ms));
    let verdict = if rate >= least && tail <= most { "met" } else { "missed" };
    println!(
        "{name}: {ours:>7.0} against {theirs:>7.0} per second, {rate:.2} ({least} needed); p99 {p99:.2} against {bare:.2} ms, \
         {tail:.2} ({most} allowed): {verdict}"
    );
    Ok(())
}

fn uncached(dir: &Path, ours: &str, theirs: &str) -> anyhow::Result<()> {
    // Each question is another one: a proposer, and two of all epochs.
    let epochs = releases() / PER_EPOCH;
    let (starts, span) = (epochs / 25 * 12, epochs / 25 * 6);
    let script = format!(
        "math.randomseed(os.time())\n\
         local n = math.random(1000)\n\
         request = function()\n\
           n = n + 1\n\
           local p = string.rep(string.format('%02x', n % {PROPOSERS} + 1), 32)\n\
           local a = (n * 7919) % {starts}\n\
           return wrk.format('GET', '/releases?page_size=50&proposer=' .. p .. '&start_epoch=' .. a .. '&end_epoch=' .. \
         (a + {span} + n % {span}))\n\
         end\n"
    );
    for connections in CONNECTIONS {
        let run = |is_ours| wrk(dir, if is_ours { ours } else { theirs }, connections, Some(&script));
        compare(&format!("not kept, {connections:>2} connections"), run, 0.9, 1.2)?;
    }
    Ok(())
}

fn cached(dir: &Path, ours: &str, theirs: &str) -> anyhow::Result<()> {
    for connections in CONNECTIONS {
        let (kept, constant) = (format!("{ours}/releases?page_size=50"), format!("{theirs}/constant"));
        let run = |is_ours| wrk(dir, if is_ours { &kept } else { &constant }, connections, None);
        compare(&format!("kept,     {connections:>2} connections"), run, 0.8, f64::INFINITY)?;
    }
    Ok(())
}
