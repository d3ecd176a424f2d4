//! What is said of futures that broke a property, or that never showed what they must show sometimes.

use crate::again::again;
use crate::answer::counted;
use crate::futures::{plan_of, play_plan};
use crate::played::Played;
use crate::property::{Broken, Property};
use crate::run::Simulation;
use crate::shrink::shrink;
use host::console;
use std::fmt::Write as _;

/// How many plans are tried for a simpler one, at most. A number and no time, so that a seed has one simplest plan.
const MOST_TRIES: u32 = 200;

/// Says what is broken, or with `require_sometimes` what never happened, and gives whether there is neither.
pub(crate) fn verdict<S: Simulation>(played: &Played<'_, S>, require_sometimes: bool) -> bool {
    if let Some((seed, broken)) = played.first_broken() {
        let typed = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
        // Once all are played, and before a simpler plan is looked for: who has seen enough need not wait for that.
        console::say(&breach(seed, broken, &again(typed, seed)));
        console::say(&simplest(played.simulation, seed, broken));
        return false;
    }
    let missing = if require_sometimes { played.missing() } else { Vec::new() };
    if missing.is_empty() {
        return true;
    }
    console::say(&unseen(&missing, played.futures.len() as u64));
    false
}

/// What is broken, and the command that shows it again.
fn breach(seed: u64, broken: &Broken, again: &str) -> String {
    format!(
        "BROKEN in seed {seed}: {}\n  at {}: {}\nsee it happen: {again}\n\
         looking for a simpler plan that breaks it, in {MOST_TRIES} tries at most; interrupt it if you have seen \
         enough",
        broken.property, broken.at, broken.what
    )
}

/// The simplest plan found that breaks the same property in a future of the same seed.
fn simplest<S: Simulation>(simulation: &S, seed: u64, broken: &Broken) -> String {
    let plan = shrink(simulation, seed, plan_of(simulation, seed), broken.property, MOST_TRIES);
    let (future, _) = play_plan(simulation, seed, &plan, false);
    let shown = future.broken.iter().find(|shown| shown.property == broken.property).unwrap_or(broken);
    let plan = serde_json::to_string_pretty(&plan).unwrap_or_else(|error| error.to_string());
    format!("the simplest plan found that breaks it (at {}: {}):\n{plan}", shown.at, shown.what)
}

/// What never happened though it must sometimes, and what to do about that.
fn unseen(missing: &[&Property], futures: u64) -> String {
    let played = if futures == 1 { "the only future".into() } else { format!("any of {}", counted(futures, "future")) };
    let mut text = format!("what must happen sometimes did not happen in {played}:\n");
    for property in missing {
        let _ = writeln!(text, "  {}", property.name);
    }
    text + "play more futures (--seeds); where the network or the options leave no way for it, leave out \
            --require-sometimes"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::Kind;
    use crate::world::Moment;

    #[test]
    fn a_breach_is_named_with_its_seed_and_the_command_that_shows_it() {
        let broken = Broken { property: "no fork", at: Moment(1_500_000), what: "two blocks at height 7".into() };
        let said = breach(9, &broken, "consensus --seed 9 --trace");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "BROKEN in seed 9: no fork",
                "  at 1.500000 s: two blocks at height 7",
                "see it happen: consensus --seed 9 --trace"
            ]
        );
        assert!(lines[3].contains("in 200 tries at most"), "{}", lines[3]);
    }

    #[test]
    fn what_never_happened_is_named_in_one_sentence_for_one_future_and_for_many() {
        let property = |name| Property { name, kind: Kind::Sometimes, meaning: "It happened." };
        let (first, second) = (property("a ballot is flipped"), property("a flood is kept apart"));
        let many = unseen(&[&first, &second], 1_000);
        assert!(many.starts_with("what must happen sometimes did not happen in any of 1,000 futures:\n"), "{many}");
        assert!(many.contains("\n  a ballot is flipped\n  a flood is kept apart\n"), "{many}");
        assert!(many.ends_with("leave out --require-sometimes"), "{many}");
        assert!(unseen(&[&first], 1).contains("did not happen in the only future:\n"));
    }
}
