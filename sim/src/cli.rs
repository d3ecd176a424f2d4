//! What the programs have in common: which network, how many futures, and how what they say is given.

use crate::futures::{play, play_one};
use crate::network::Network;
use crate::page_file::PageFile;
use crate::played::Played;
use crate::run::Simulation;
use crate::source::Source;
use crate::verdict::verdict;
use crate::{report, summary};
use anyhow::{Context as _, Result, ensure};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser};
use host::console;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;

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
    /// Print what happens in it, step by step, and nothing else; needs --seed
    #[arg(
        long,
        requires = "seed",
        conflicts_with_all = ["json", "report", "require_sometimes"],
        help_heading = "Futures"
    )]
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
    let code = match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            console::say(&format!("{error:#}"));
            ExitCode::from(2)
        }
    };
    console::finish();
    code
}

/// Gives whether all was as it must be.
fn run<S: Simulation>(
    common: &Common,
    default_seeds: u64,
    build: impl FnOnce(Network, Option<&str>) -> Result<S>,
) -> Result<bool> {
    let network = common.source.network()?;
    let source = network.source.clone();
    let simulation = build(network, common.broken.as_deref())?;
    let seeds = common.seeds(default_seeds)?;
    let threads = common.threads()?;
    if common.trace {
        return traced(&simulation, seeds.start);
    }
    let page_file = common.report.as_deref().map(PageFile::open).transpose()?;
    let bar = common.progress(seeds.end - seeds.start);
    let futures = play(&simulation, seeds.clone(), threads, &|done| bar.set_position(done));
    bar.finish_and_clear();
    let played = Played { simulation: &simulation, source: &source, seeds, futures };
    if let Some(file) = page_file {
        file.write(&report::page(&played))?;
    }
    if common.json {
        console::print(&format!("{:#}\n", summary::json(&played, common.futures)))?;
    } else {
        console::print(&summary::text(&played))?;
    }
    Ok(verdict(&played, common.require_sometimes))
}

/// Prints the trace of one future, then what broke. Gives whether nothing did.
fn traced<S: Simulation>(simulation: &S, seed: u64) -> Result<bool> {
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
    Ok(future.broken.is_empty())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::chance::Chance;
    use crate::property::{Kind, Property};
    use crate::run::Run;
    use std::sync::atomic::{AtomicU64, Ordering};

    static NEVER_HAPPENS: Property =
        Property { name: "a miracle", kind: Kind::Sometimes, meaning: "Something happened that cannot." };

    /// Counts how often it was played.
    struct Counted<'c>(&'c AtomicU64);

    impl Simulation for Counted<'_> {
        type Plan = ();
        type Outcome = ();

        fn name(&self) -> &'static str {
            "counted"
        }

        fn properties(&self) -> &'static [&'static Property] {
            static ALL: [&Property; 1] = [&NEVER_HAPPENS];
            &ALL
        }

        fn plan(&self, _chance: &mut Chance) {}

        fn run(&self, _plan: &(), _run: &mut Run) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn simpler(&self, _plan: &()) -> Vec<()> {
            Vec::new()
        }

        fn answer(&self, _outcomes: &[()]) -> Answer {
            Answer::default()
        }
    }

    #[derive(Args, Debug)]
    struct NoOptions {}

    fn typed(words: &[&str]) -> Result<Common, clap::Error> {
        Ok(Arguments::<NoOptions>::try_parse_from([&["counted"][..], words].concat())?.common)
    }

    /// What came of a line, and how many futures were played for it.
    fn played(words: &[&str]) -> (Result<bool>, u64) {
        let played = AtomicU64::new(0);
        let ended = run(&typed(words).unwrap(), 3, |_, _| Ok(Counted(&played)));
        (ended, played.into_inner())
    }

    #[test]
    fn a_page_that_cannot_be_written_is_refused_before_anything_is_played() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none/page.html").display().to_string();
        let (refused, futures) = played(&["--report", &path]);
        assert!(refused.unwrap_err().to_string().contains("name another --report"));
        assert_eq!(futures, 0);
        let path = folder.path().join("page.html").display().to_string();
        let (ended, futures) = played(&["--report", &path]);
        assert_eq!((ended.unwrap(), futures), (true, 3));
        assert!(std::fs::read_to_string(path).unwrap().contains("a miracle"));
    }

    #[test]
    fn what_never_happened_fails_only_who_requires_it() {
        assert!(played(&[]).0.unwrap());
        assert!(!played(&["--require-sometimes"]).0.unwrap());
    }

    #[test]
    fn a_trace_is_given_alone_or_refused() {
        assert!(typed(&["--seed", "1", "--trace", "--threads", "2"]).unwrap().trace);
        for other in [&["--report", "page.html"][..], &["--require-sometimes"], &["--json"]] {
            let refused = typed(&[&["--seed", "1", "--trace"][..], other].concat()).unwrap_err();
            assert_eq!((refused.kind(), refused.exit_code()), (clap::error::ErrorKind::ArgumentConflict, 2));
            assert!(refused.to_string().contains(other[0]), "{refused}");
        }
        assert!(typed(&["--trace"]).is_err(), "of which future?");
    }

    #[test]
    fn the_last_seeds_there_are_can_be_played() {
        let first = (u64::MAX - 5).to_string();
        for threads in ["1", "2"] {
            let (ended, futures) = played(&["--first-seed", &first, "--seeds", "5", "--threads", threads]);
            assert_eq!((ended.unwrap(), futures), (true, 5));
        }
        let (refused, futures) = played(&["--first-seed", &first, "--seeds", "6"]);
        assert!(refused.unwrap_err().to_string().contains("give a smaller one"));
        assert_eq!(futures, 0);
    }
}
