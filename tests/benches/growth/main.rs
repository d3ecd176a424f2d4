//! What a chain costs once it has grown: at each size a state of so many accounts, receipts, ballots, releases and blocks, and an index
//! of as many releases and facts. A vote, a commit, an epoch, a boot, a proof and a page are to cost at most twice what they cost in the
//! smallest.
//!
//!     cargo bench --profile dev --workspace --bench growth
//!
//! `SIZES` names the sizes, such as `10000,10000000`; without it they go up to a million, and with `QUICK` up to a hundred thousand. States
//! are made in a folder that goes afterwards, or in `BENCH_DIR`, which is kept and serves the next run. What was measured is kept besides
//! and joins what later runs measure at other sizes, few samples apart from many; the table and a chart of all of it are written beside
//! it, and `CHART` names another place for the chart.
//!
//! States are written by the store's own import, in bounded memory, and each is filled and measured in a process of its own.

mod base;
mod chart;
mod events;
mod fill;
mod index;
mod measure;
mod spill;
mod table;

use anyhow::{Context as _, ensure};
use base::GrownBase;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use table::{GrowthTable, Measured};
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
        Err(_) => unless_quick("10000,100000,1000000", "10000,100000").into(),
    };
    text.split(',').map(|size| size.trim().parse::<u64>().with_context(|| format!("{size} is no size"))).collect()
}

fn all() -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let kept = std::env::var_os("BENCH_DIR").map(PathBuf::from);
    let folder = kept.as_deref().unwrap_or(temporary.path());
    let results = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unless_quick("growth", "growth_quick"));
    std::fs::create_dir_all(&results)?;
    let mut table = GrowthTable::read(&results.join("measured.tsv"));
    for size in sizes()? {
        ensure!(size >= 1_000, "a state of {size} is too small to be a measure");
        let of_size = folder.join(format!("growth-{size}"));
        std::fs::create_dir_all(&of_size)?;
        run("fill", size, &of_size)?;
        let mut measured = run("measure", size, &of_size)?;
        measured.extend(run("pages", size, &of_size)?);
        table.set(size, &measured);
        table.write(&results.join("measured.tsv"))?;
        if kept.is_none() {
            std::fs::remove_dir_all(&of_size)?;
        }
    }
    let chart = std::env::var_os("CHART").map_or_else(|| results.join("growth.svg"), PathBuf::from);
    std::fs::write(&chart, chart::svg(&table)).with_context(|| format!("cannot write {}", chart.display()))?;
    std::fs::write(results.join("growth.md"), table.markdown())?;
    print!("{}", table.markdown());
    println!("the same as a chart: {}", chart.display());
    Ok(())
}

/// Runs a part in a process of its own, and gives what it measured.
fn run(step: &str, size: u64, folder: &Path) -> anyhow::Result<Vec<Measured>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(STEP, step).env(COUNT, size.to_string()).env(FOLDER, folder).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot run the part {step}"))?;
    ensure!(output.status.success(), "the part {step} at {size} ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(Measured::of_line).collect())
}

fn part(step: &str) -> anyhow::Result<()> {
    let size: u64 = std::env::var(COUNT).context("no count")?.parse()?;
    let folder = PathBuf::from(std::env::var_os(FOLDER).context("no folder")?);
    let measured = match step {
        "fill" => fill(&folder, size).map(|()| Vec::new()),
        "measure" => measure::of_store(&GrownBase::of(size)?, &state_in(&folder), size, rounds()),
        _ => index::pages(&index_in(&folder), &folder.join("explorer.log"), size, rounds()),
    }?;
    for measured in measured {
        println!("{}", measured.line());
    }
    Ok(())
}

fn state_in(folder: &Path) -> PathBuf {
    folder.join("state")
}

fn index_in(folder: &Path) -> PathBuf {
    folder.join("index.sqlite")
}

/// Makes the state and the index of a size. Blocks were committed to a state that is there, so it is made anew; an index is only read.
fn fill(folder: &Path, size: u64) -> anyhow::Result<()> {
    let (state, index, begun) = (state_in(folder), index_in(folder), Instant::now());
    let (pristine, done) = (folder.join("pristine"), folder.join("index.done"));
    if !pristine.exists() {
        let (scratch, making) = (folder.join("scratch"), folder.join("making"));
        for stale in [&scratch, &making].into_iter().filter(|stale| stale.exists()) {
            std::fs::remove_dir_all(stale)?;
        }
        std::fs::create_dir(&scratch)?;
        let keys = fill::grown(&GrownBase::of(size)?, size, &making, &scratch)?;
        std::fs::remove_dir_all(&scratch)?;
        std::fs::rename(&making, &pristine)?;
        eprintln!("{size} of everything: {keys} keys of state in {:.0?}", begun.elapsed());
    }
    copy(&pristine, &state)?;
    if !done.exists() {
        for stale in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"].map(|name| folder.join(name)) {
            if stale.exists() {
                std::fs::remove_file(&stale)?;
            }
        }
        let begun = Instant::now();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(index::grown(&index, size))?;
        std::fs::write(&done, "")?;
        let bytes = std::fs::metadata(&index)?.len();
        eprintln!("{size} releases and facts: an index of {} MiB in {:.0?}", bytes >> 20, begun.elapsed());
    }
    Ok(())
}

/// A copy of a store that no process has open. Its tables are never written again, so they are linked; the rest is copied.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        let target = to.join(file.file_name());
        if file.path().extension().is_some_and(|extension| extension == "sst") {
            std::fs::hard_link(file.path(), target)?;
        } else {
            std::fs::copy(file.path(), target)?;
        }
    }
    Ok(())
}
