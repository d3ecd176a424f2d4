//! What the four programs have in common: which network, how many futures, and how what they say is given.

use crate::futures::{plan_of, play, play_one, play_plan};
use crate::network::Network;
use crate::played::Played;
use crate::run::Simulation;
use crate::shrink::shrink;
use crate::source::Source;
use crate::{report, summary};
use anyhow::{Context as _, Result, ensure};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser};
use host::console;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;

/// How many plans are tried for a simpler one, at most.
const MOST_TRIES: u32 = 200;
/// More futures than anybody waits for.
const MOST_SEEDS: u64 = 10_000_000;

/// The options that all programs have.
#[derive(Args, Clone, Debug)]
pub struct Common {
    #[command(flatten)]
    source: Source,
    /// How many futures are played
    #[arg(long, value_name = "N", help_heading = "Futures")]
    seeds: Option<u64>,
    /// The seed of the first one
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Futures")]
    first_seed: u64,
    /// Play the future of this seed alone
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "first_seed"], help_heading = "Futures")]
    seed: Option<u64>,
    /// Print what happens in it, step by step; needs --seed
    #[arg(long, requires = "seed", conflicts_with = "json", help_heading = "Futures")]
    trace: bool,
    /// On how many threads; by default as many as the machine has cores
    #[arg(long, value_name = "N", help_heading = "Futures")]
    threads: Option<usize>,
    /// Fail also where something that must happen sometimes never did
    #[arg(long, help_heading = "Futures")]
    require_sometimes: bool,
    /// Print JSON for scripts
    #[arg(long, help_heading = "Answers")]
    json: bool,
    /// With --json: the outcome of each future too
    #[arg(long, requires = "json", help_heading = "Answers")]
    futures: bool,
    /// Write a page with charts to this file, which asks no other for anything
    #[arg(long, value_name = "FILE.html", help_heading = "Answers")]
    report: Option<PathBuf>,
    /// No progress on the terminal
    #[arg(long, short, help_heading = "Answers")]
    quiet: bool,
    /// Break a rule, to see that it is noticed; for tests
    #[arg(long = "break", value_name = "RULE", hide = true)]
    broken: Option<String>,
}

#[derive(Parser, Debug)]
#[command(version)]
struct Arguments<A: Args> {
    #[command(flatten)]
    own: A,
    #[command(flatten)]
    common: Common,
}

/// Runs a program: reads what was typed, plays the futures, and says what came of them. `build` makes the simulation of the
/// program's own options, the network, and a rule that is to be broken.
///
/// The exit code is 0 when all properties held, 1 when one was broken, 2 when what was typed cannot be done.
pub fn main<A: Args, S: Simulation>(
    about: &'static str,
    build: impl FnOnce(&A, Network, Option<&str>) -> Result<S>,
    default_seeds: u64,
) -> ExitCode {
    console::tell_panics();
    let command = Arguments::<A>::command()
        .about(about)
        .mut_arg("seeds", |seeds| seeds.help(format!("How many futures are played [default: {default_seeds}]")));
    let matches = command.get_matches();
    let arguments = Arguments::<A>::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let Arguments { own, common } = arguments;
    let ended = run(&common, default_seeds, |network, broken| build(&own, network, broken));
    let code = ended.unwrap_or_else(|error| {
        console::say(&format!("{error:#}"));
        ExitCode::from(2)
    });
    console::finish();
    code
}

fn run<S: Simulation>(
    common: &Common,
    default_seeds: u64,
    build: impl FnOnce(Network, Option<&str>) -> Result<S>,
) -> Result<ExitCode> {
    let network = common.source.network()?;
    let source = network.source.clone();
    let simulation = build(network, common.broken.as_deref())?;
    let seeds = common.seeds(default_seeds)?;
    let threads = common.threads()?;
    if common.trace {
        return traced(&simulation, seeds.start);
    }
    let bar = common.progress(seeds.end - seeds.start);
    let futures = play(&simulation, seeds.clone(), threads, &|done| bar.set_position(done));
    bar.finish_and_clear();
    let played = Played { simulation: &simulation, source: &source, seeds, futures };
    if let Some(file) = &common.report {
        let page = report::page(&played);
        std::fs::write(file, page)
            .with_context(|| format!("cannot write {}; name another --report", file.display()))?;
    }
    if common.json {
        console::print(&format!("{:#}\n", summary::json(&played, common.futures)))?;
    } else {
        console::print(&summary::text(&played))?;
    }
    Ok(verdict(&played, common))
}

/// Says what is broken, with the simplest plan that breaks it and the command that shows it again.
fn verdict<S: Simulation>(played: &Played<'_, S>, common: &Common) -> ExitCode {
    if let Some((seed, broken)) = played.first_broken() {
        let plan = plan_of(played.simulation, seed);
        let plan = shrink(played.simulation, seed, plan, broken.property, MOST_TRIES);
        let (future, _) = play_plan(played.simulation, seed, &plan, false);
        let shown = future.broken.iter().find(|shown| shown.property == broken.property).unwrap_or(broken);
        let plan = serde_json::to_string_pretty(&plan).unwrap_or_else(|error| error.to_string());
        console::say(&format!(
            "BROKEN in seed {seed}: {}\n  at {}: {}\n  the simplest plan found that breaks it (at {}: {}):\n{plan}\n\
             see it happen: {}",
            broken.property,
            broken.at,
            broken.what,
            shown.at,
            shown.what,
            again(seed)
        ));
        return ExitCode::FAILURE;
    }
    let missing = played.missing();
    for property in &missing {
        console::say(&format!(
            "in none of {} futures: {}; play more of them (--seeds) to see it",
            played.futures.len(),
            property.name
        ));
    }
    if missing.is_empty() || !common.require_sometimes { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What was typed, for one seed and with its trace.
fn again(seed: u64) -> String {
    let mut words = std::env::args();
    let program = words.next().unwrap_or_default();
    let mut kept = vec![program];
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        match name {
            "--seeds" | "--first-seed" | "--seed" | "--report" | "--threads" => {
                if !word.contains('=') {
                    words.next();
                }
            }
            "--json" | "--futures" | "--trace" | "--require-sometimes" | "--quiet" | "-q" => {}
            _ => kept.push(word),
        }
    }
    format!("{} --seed {seed} --trace", kept.join(" "))
}

/// Prints the trace of one future, then what broke.
fn traced<S: Simulation>(simulation: &S, seed: u64) -> Result<ExitCode> {
    let (future, lines, plan) = play_one(simulation, seed, true);
    let plan = serde_json::to_string_pretty(&plan)?;
    let mut text = format!("plan: {plan}\n");
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(&format!("trace: {}\n", future.trace));
    console::print(&text)?;
    for broken in &future.broken {
        console::say(&format!("BROKEN: {} at {}: {}", broken.property, broken.at, broken.what));
    }
    Ok(if future.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Common {
    fn seeds(&self, default: u64) -> Result<Range<u64>> {
        if let Some(seed) = self.seed {
            ensure!(seed < u64::MAX, "--seed {seed} is the last number there is; give a smaller one");
            return Ok(seed..seed + 1);
        }
        let count = self.seeds.unwrap_or(default);
        ensure!((1..=MOST_SEEDS).contains(&count), "--seeds {count} cannot be; give 1 to {MOST_SEEDS} futures");
        let end = self.first_seed.checked_add(count);
        Ok(self.first_seed..end.context("--first-seed is too large for so many --seeds; give a smaller one")?)
    }

    fn threads(&self) -> Result<usize> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or_else(cores);
        ensure!((1..=1024).contains(&threads), "--threads {threads} cannot be; give 1 to 1024");
        Ok(threads)
    }

    fn progress(&self, count: u64) -> ProgressBar {
        if self.quiet || self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} futures, {eta} left");
        ProgressBar::new(count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}
