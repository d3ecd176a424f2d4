//! The boot check of an executable of 60 MB, or as many as it has by now, with 100,000 releases in state, beside `b3sum` of the same file, both as processes.
//!
//! Target: at most 1.5 times `b3sum`, plus 15 ms.

use anyhow::{Context as _, ensure};
use host::config::{Config, Home};
use ledger::Commit;
use primitives::{BuildHash, Digest, Height, List, VoteKind, vote_payload};
use releases::{ApprovedRelease, Event};
use runtime::{Block, Certificate, Context, Genesis, Header};
use state::{Apply as _, State};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use store::db::{Access, Extent, Settings, Store};
use tests::quick::unless_quick;
use tests::{Network, binaries};
use update::release_file::measure_file;

const SIZE: u64 = 60_000_000;
const RELEASES: u64 = 100_000;

fn main() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let executable = dir.path().join("the-block");
    let size = padded(&binaries::built("the-block")?, &executable)?;
    let network = Network::write_with(&executable, &dir.path().join("net"), 1, 26600, &[])?;
    let home = Home::at(&network.nodes[0].home);
    fill(&home, measure_file(&executable)?)?;

    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    let rounds = unless_quick(15, 7);
    for _ in 0..rounds {
        theirs.push(time(Command::new("b3sum").arg(&executable))?);
        ours.push(time(Command::new(&executable).args(["check", "--home"]).arg(home.path()))?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let bound = theirs.mul_f64(1.5) + Duration::from_millis(15);
    println!("executable {size} bytes, {RELEASES} releases in state, median of {rounds} alternating runs");
    println!("b3sum            {theirs:>10.1?}");
    println!("the-block check  {ours:>10.1?}  {:.2} x b3sum", ours.as_secs_f64() / theirs.as_secs_f64());
    println!(
        "target           {bound:>10.1?}  (1.5 x b3sum + 15 ms): {}",
        if ours <= bound { "met" } else { "missed" }
    );
    parts(&home, &executable)
}

/// What the check spends its time on; the measuring runs beside the rest.
fn parts(home: &Home, executable: &Path) -> anyhow::Result<()> {
    let config = Config::load(home)?;
    let (_, measuring) = timed(|| measure_file(executable));
    let (store, opening) =
        timed(|| Store::open(home.gov_db(&config), Access::ReadOnly, Settings::of(&config, Access::ReadOnly)));
    let store = store?;
    let (verified, verifying) = timed(|| store.verify(Extent::Sample(32), 64));
    verified?;
    let starting = time(Command::new(executable).arg("--version"))?;
    println!(
        "of which: start of the process {starting:.1?}, measuring {measuring:.1?}, opening {opening:.1?}, sample {verifying:.1?}"
    );
    Ok(())
}

fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let outcome = what();
    (outcome, started.elapsed())
}

/// The executable with zeros behind it up to that size; the kernel does not mind. Gives how many bytes it has.
fn padded(from: &Path, to: &Path) -> anyhow::Result<u64> {
    let size = std::fs::copy(from, to)?;
    let missing = SIZE.saturating_sub(size);
    let mut file = std::fs::File::options().append(true).open(to)?;
    file.write_all(&vec![0; usize::try_from(missing)?])?;
    Ok(size + missing)
}

/// Makes the store of a chain whose first block approves many builds beside the one that genesis approves.
fn fill(home: &Home, hash: BuildHash) -> anyhow::Result<()> {
    let genesis: Genesis = serde_json::from_str(&std::fs::read_to_string(home.genesis())?)?;
    let config = Config::load(home)?;
    let key = host::keys::read(&home.default_validator_key())?;
    let store = Store::open(home.gov_db(&config), Access::Primary, Settings::of(&config, Access::Primary))?;
    let parent = store.commit_genesis(&genesis)?.hash;
    let context = Context {
        chain_id: genesis.chain.chain_id.clone(),
        height: Height(1),
        time: genesis.time.next(),
        proposer: key.account(),
        parent,
        last_commit: None,
        missing: Vec::new(),
    };
    let mut executed = runtime::execute(&store.view(), &context, &[])?;
    {
        let view = store.view();
        let mut state = State::over(&view);
        let release = releases::queries::release(&state, &hash).context("genesis approves another executable")?;
        let build = |number: u64| BuildHash(Digest::blake3(&number.to_be_bytes()).0);
        let builds = (1..RELEASES).map(|number| ApprovedRelease { build_hash: build(number), ..release.clone() });
        let at = context.moment(&state);
        Event::Approved { builds: builds.collect(), superseded: Vec::new(), applied_threshold: 1 }
            .apply(&mut state, at);
        executed.writes.extend(state.into_writes());
    }
    let prepared = store.prepare(executed.writes.clone())?;
    let header = Header::over(&context, &[], &executed, prepared.root());
    let (height, block) = (header.height, header.hash());
    let payload = vote_payload(&header.chain_id, VoteKind::Precommit, height, 0, Some(block));
    let signatures = List::truncate_from(vec![(key.account(), key.sign(&payload))]);
    let certificate = Certificate { height, round: 0, block, signatures };
    let block = Block { header, last_commit: None, transactions: Vec::new() };
    let facts = &executed.facts;
    store.commit(Commit { block: &block, certificate: &certificate, facts, prepared, epoch_end: None })?;
    Ok(())
}

fn time(command: &mut Command) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).status()?;
    let elapsed = started.elapsed();
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(elapsed)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
