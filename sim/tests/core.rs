//! What all simulations have in common: a seed has one trace, a plan that breaks something is shrunk, what cannot be is refused, and
//! the page needs nothing from elsewhere.

use serde::Serialize;
use serde_json::Value;
use sim::answer::{Answer, Chart, Question, Spread};
use sim::chance::Chance;
use sim::futures::{plan_of, play, trace_of};
use sim::property::{Kind, Property};
use sim::run::{Run, Simulation};
use sim::shrink::shrink;
use sim::world::World;
use std::process::{Command, Output};
use std::time::Duration;

static NO_THREE_SEVENS: Property =
    Property { name: "never three sevens", kind: Kind::Never, meaning: "Three of the numbers are seven." };
static A_SEVEN: Property = Property { name: "a seven", kind: Kind::Sometimes, meaning: "One of the numbers is seven." };

/// Numbers, of which three may not be seven.
struct Sevens;

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Numbers(Vec<u64>);

impl Simulation for Sevens {
    type Plan = Numbers;
    type Outcome = u64;

    fn name(&self) -> &'static str {
        "sevens"
    }

    fn properties(&self) -> &'static [&'static Property] {
        static ALL: [&Property; 2] = [&NO_THREE_SEVENS, &A_SEVEN];
        &ALL
    }

    fn plan(&self, chance: &mut Chance) -> Numbers {
        Numbers((0..12).map(|_| chance.within(1..=9)).collect())
    }

    fn run(&self, plan: &Numbers, run: &mut Run) -> u64 {
        let mut world = World::new();
        for number in &plan.0 {
            let later = Duration::from_micros(run.chance.below(100));
            world.after(later, *number);
        }
        let mut sevens = 0;
        while let Some(number) = world.next() {
            run.tell(world.now(), || format!("{number}"));
            if number == 7 {
                run.happened(&A_SEVEN);
                sevens += 1;
            }
            if sevens == 3 && !run.is_broken() {
                run.broken(&NO_THREE_SEVENS, world.now(), "the third");
            }
        }
        run.add_events(world.events());
        sevens
    }

    fn simpler(&self, plan: &Numbers) -> Vec<Numbers> {
        let without = |at: usize| {
            let mut fewer = plan.0.clone();
            fewer.remove(at);
            Numbers(fewer)
        };
        (0..plan.0.len()).map(without).collect()
    }

    fn answer(&self, outcomes: &[u64]) -> Answer {
        let spread = Spread::of(outcomes.iter().copied());
        let chart = spread.map(|spread| Chart::Spread { unit: "sevens", of: vec![("all".into(), spread)] });
        Answer { questions: vec![Question { asks: "How many?".into(), says: "Some.".into(), chart }] }
    }
}

#[test]
fn a_seed_has_one_trace_on_any_number_of_threads() {
    let on = |threads| play(&Sevens, 0..200, threads, &|_| {});
    let (one, two) = (on(1), on(2));
    assert_eq!(trace_of(&one), trace_of(&two));
    assert!(one.iter().zip(&two).all(|(one, two)| (one.seed, &one.trace) == (two.seed, &two.trace)));
    assert_ne!(one[0].trace, one[1].trace);
    assert!(one.iter().all(|future| future.events == 12));
}

#[test]
fn the_last_seeds_there_are_end_on_any_number_of_threads() {
    let last = u64::MAX - 3..u64::MAX;
    for threads in [1, 2, 5] {
        let seeds: Vec<u64> = play(&Sevens, last.clone(), threads, &|_| {}).iter().map(|future| future.seed).collect();
        assert_eq!(seeds, last.clone().collect::<Vec<_>>());
    }
}

#[test]
fn a_plan_is_shrunk_to_what_breaks_it() {
    let futures = play(&Sevens, 0..200, 2, &|_| {});
    let broken = futures.iter().find(|future| !future.broken.is_empty()).unwrap();
    let plan = plan_of(&Sevens, broken.seed);
    assert_eq!(plan.0.len(), 12);
    assert_eq!(shrink(&Sevens, broken.seed, plan.clone(), NO_THREE_SEVENS.name, 200), Numbers(vec![7, 7, 7]));
    assert_eq!(shrink(&Sevens, broken.seed, plan.clone(), NO_THREE_SEVENS.name, 0), plan);
}

fn release_signers(line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_release_signers")).args(line.split_whitespace()).output().unwrap()
}

#[test]
fn what_cannot_be_is_refused_with_what_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("other.json"), r#"{"chain_id": "of another program"}"#).unwrap();
    std::fs::create_dir(path("empty")).unwrap();
    for (line, says) in [
        ("--rpc http://127.0.0.1:1".to_owned(), "127.0.0.1:1"),
        ("--rpc nowhere".into(), "nowhere"),
        (format!("--genesis {}", path("none.json")), "cannot read"),
        (format!("--genesis {}", path("other.json")), "is not a genesis"),
        (format!("--state {}", path("empty")), "give the home of a node"),
        ("--seeds 0".into(), "--seeds 0 cannot be; give 1 to"),
        ("--threads 0".into(), "--threads 0 cannot be; give 1 to 1024"),
        ("--seed 1 --seeds 2".into(), "cannot be used with"),
        ("--seed 1 --trace --require-sometimes".into(), "cannot be used with"),
        (format!("--seed 1 --trace --report {}", path("page.html")), "cannot be used with"),
        ("--rpc http://127.0.0.1:1 --genesis x".into(), "cannot be used with"),
        ("--break nothing".into(), "nothing"),
        (format!("--seeds 1 --quiet --report {}/none/page.html", path("empty")), "name another --report"),
    ] {
        let output = release_signers(&line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains(says), "{line}: {said}");
    }
}

/// How many points the chart of a question draws: the median of each spread, all points of each line.
fn points(question: &Value) -> usize {
    let of = |kind: &str| question["chart"][kind]["of"].as_array().cloned().unwrap_or_default();
    let lines = of("lines").iter().map(|line| line[1].as_array().map_or(0, Vec::len)).sum::<usize>();
    of("spread").len() + lines
}

#[test]
fn a_breach_is_named_with_its_command_before_a_simpler_plan_is_looked_for() {
    let output = release_signers("--seeds 40 --threads=2 --require-sometimes --quiet --break quorum-skipped");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let (named, simpler) = said.split_once("\nlooking for a simpler plan").unwrap();
    let (broken, again) = named.split_once("\nsee it happen: ").unwrap();
    let seed = broken.strip_prefix("BROKEN in seed ").unwrap().split(':').next().unwrap();
    assert!(again.ends_with(&format!("release_signers --break quorum-skipped --seed {seed} --trace")), "{again}");
    assert!(simpler.contains("the simplest plan found that breaks it"), "{simpler}");
    // It can be typed as it is said, and shows the same.
    let shown = Command::new("sh").args(["-c", again]).output().unwrap();
    assert_eq!(shown.status.code(), Some(1));
    let property = broken.lines().next().unwrap().split_once(": ").unwrap().1;
    assert!(String::from_utf8_lossy(&shown.stderr).contains(property), "{shown:?}");
}

#[test]
fn what_is_said_for_scripts_and_on_the_page_is_the_same_and_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html").display().to_string();
    let output = release_signers(&format!("--seeds 4 --json --futures --report {page}"));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["simulation"], "release_signers");
    assert_eq!(document["futures"].as_array().unwrap().len(), 4);
    let page = std::fs::read_to_string(page).unwrap();
    for foreign in ["http:", "https:", "<script", "url(", "@import", "<link", "src="] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let questions = document["answer"]["questions"].as_array().unwrap();
    assert!(!questions.is_empty() && page.matches("<h2>").count() == questions.len() + 1);
    assert!(page.contains(document["trace"].as_str().unwrap()) && page.matches("role=\"img\"").count() > 1);
    assert_eq!(page.matches("<circle").count(), questions.iter().map(points).sum::<usize>(), "each number is drawn");
    for element in ["svg", "table", "section", "details"] {
        assert_eq!(page.matches(&format!("<{element}")).count(), page.matches(&format!("</{element}>")).count());
    }
    // One future, step by step; the same twice.
    let [once, twice] = [0, 1].map(|_| release_signers("--seed 3 --trace").stdout);
    assert_eq!(once, twice);
    assert!(String::from_utf8(once).unwrap().lines().count() > 20);
}
