//! What a chain costs once it has grown: at each size a state of so many accounts, receipts, ballots, releases and blocks, and an index
//! of as many releases and facts. A vote, a commit, an epoch, a boot, a proof and a page are to cost at most twice what they cost in the
//! smallest.
//!
//!     cargo bench --profile dev --workspace --bench growth
//!
//! `SIZES` names the sizes, such as `10000,10000000`; without it they go up to a million, and with `QUICK` up to fifty thousand. One that
//! the disk has no room for is left out, and said to be. States are made in a folder that goes afterwards, or in `BENCH_DIR`, which is kept
//! and serves the next run. What was measured is kept besides and joins what later runs measure at other sizes, few samples apart from
//! many; the table and a chart of all of it are written beside it, and `CHART` names another place for the chart.
//!
//! States are written by the store's own import, in bounded memory, and each is filled and measured in a process of its own.

mod base;
mod chart;
mod events;
mod fill;
mod index;
mod measure;
mod places;
mod spill;
mod table;

use anyhow::{Context as _, ensure};
use base::GrownBase;
use places::SizePlaces;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use table::{GrowthTable, Measured, named};
use tests::quick::unless_quick;

/// What a process of this bench is to do; none of the first one.
const STEP: &str = "GROWTH_STEP";
/// How many there are of everything, for such a process.
const COUNT: &str = "GROWTH_COUNT";
/// Where it keeps what it makes.
const FOLDER: &str = "GROWTH_FOLDER";

fn main() -> anyhow::Result<()> {
    match std::env::var(STEP) {
        Ok(step) => part(&step),
        Err(_) => all(),
    }
}

fn rounds() -> u64 {
    unless_quick(25, 7)
}

fn sizes() -> anyhow::Result<Vec<u64>> {
    let text = match std::env::var("SIZES") {
        Ok(text) => text,
        Err(_) => unless_quick("10000,100000,1000000", "10000,50000").into(),
    };
    text.split(',').map(|size| size.trim().parse::<u64>().with_context(|| format!("{size} is no size"))).collect()
}

/// Says what is done, and how long whoever says so is at work.
pub fn tell(begun: Instant, what: impl std::fmt::Display) {
    eprintln!("[{:>6.1} s] {what}", begun.elapsed().as_secs_f64());
}

fn all() -> anyhow::Result<()> {
    let (begun, sizes) = (Instant::now(), sizes()?);
    for size in &sizes {
        ensure!(*size >= 1_000, "a state of {size} is too small to be a measure");
    }
    let temporary = tempfile::tempdir()?;
    let folder = places::kept().unwrap_or_else(|| temporary.path().to_owned());
    let results = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unless_quick("growth", "growth_quick"));
    std::fs::create_dir_all(&results)?;
    let mut table = GrowthTable::read(&results.join("measured.tsv"));
    let mut left_out = Vec::new();
    for size in sizes {
        let places = SizePlaces::of(&folder, size)?;
        if let Some(lack) = places.lack()? {
            tell(begun, &lack);
            left_out.push(lack);
            continue;
        }
        table.set(size, &measured_at(begun, &places)?);
        table.write(&results.join("measured.tsv"))?;
    }
    let chart = std::env::var_os("CHART").map_or_else(|| results.join("growth.svg"), PathBuf::from);
    std::fs::write(&chart, chart::svg(&table)).with_context(|| format!("cannot write {}", chart.display()))?;
    std::fs::write(results.join("growth.md"), table.markdown())?;
    print!("{}", table.markdown());
    left_out.iter().for_each(|lack| println!("{lack}"));
    println!("the same as a chart: {}", chart.display());
    Ok(())
}

/// Fills and measures a size: the state first, which is gone before the index comes where nothing is kept.
fn measured_at(begun: Instant, places: &SizePlaces) -> anyhow::Result<Vec<Measured>> {
    let name = named(places.size);
    tell(begun, format!("{name}: its state is filled"));
    let mut measured = measured_again(begun, places, ["state", "measure"])?;
    places.forget()?;
    tell(begun, format!("{name}: its index is filled"));
    measured.extend(measured_again(begun, places, ["index", "pages"])?);
    places.forget()?;
    Ok(measured)
}

/// Makes something and measures it, twice: what counts is the second time, for which the system has in memory what is read.
fn measured_again(begun: Instant, places: &SizePlaces, parts: [&str; 2]) -> anyhow::Result<Vec<Measured>> {
    let [making, measuring] = parts;
    run(making, places)?;
    tell(begun, format!("{}: {measuring}, once for the system's memory", named(places.size)));
    run(measuring, places)?.iter().for_each(|first| tell(begun, first));
    run(making, places)?;
    tell(begun, format!("{}: {measuring}, again", named(places.size)));
    run(measuring, places)
}

/// Runs a part in a process of its own, and gives what it measured.
fn run(step: &str, places: &SizePlaces) -> anyhow::Result<Vec<Measured>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(STEP, step).env(COUNT, places.size.to_string()).env(FOLDER, &places.folder).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot run the part {step}"))?;
    ensure!(output.status.success(), "the part {step} at {} ended with {}", places.size, output.status);
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(Measured::of_line).collect())
}

fn part(step: &str) -> anyhow::Result<()> {
    let size: u64 = std::env::var(COUNT).context("no count")?.parse()?;
    let places = SizePlaces { folder: PathBuf::from(std::env::var_os(FOLDER).context("no folder")?), size };
    let measured = match step {
        "state" => fill::state(&places).map(|()| Vec::new()),
        "measure" => measure::of_store(&GrownBase::of(size)?, &places.state(), size, rounds()),
        "index" => index::filled(&places).map(|()| Vec::new()),
        _ => index::pages(&places.index(), &places.folder.join("explorer.log"), size, rounds()),
    }?;
    for measured in measured {
        println!("{}", measured.line());
    }
    Ok(())
}
