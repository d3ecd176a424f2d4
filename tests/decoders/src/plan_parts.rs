//! A plan in its parts, as installations bring it and rows keep it: the first byte says which part follows.

use crate::{Outcome, Seed};
use flags::Flag;
use parity_scale_codec::{DecodeAll, Encode};
use profiles::text::toml;
use roles::Role;
use rollouts::check::Check;
use rollouts::install::Installation;
use rollouts::plan::{Phase, Plan, Playbook, Procedure, Signal, Stage, Window};
use runtime::testing::examples;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// There is one encoding of each part, and its JSON says the same; and of a plan all mistakes are told, whatever it is.
pub fn check(bytes: &[u8]) -> Outcome {
    let Some((part, rest)) = bytes.split_first() else { return Outcome::Refused };
    match part {
        0 => read::<Installation>(rest, |installation| told(&installation.plan)),
        1 => read::<Plan>(rest, told),
        2 => read::<Stage>(rest, |_| ()),
        3 => read::<Check>(rest, |_| ()),
        4 => read::<Procedure>(rest, |_| ()),
        5 => read::<Window>(rest, |_| ()),
        6 => read::<Phase>(rest, |_| ()),
        7 => read::<Playbook>(rest, |_| ()),
        8 => read::<Signal>(rest, |_| ()),
        9 => read::<Flag>(rest, |flag| drop(flag.check(false))),
        10 => read::<Role>(rest, |_| ()),
        _ => Outcome::Refused,
    }
}

fn read<T>(bytes: &[u8], also: impl FnOnce(&T)) -> Outcome
where
    T: DecodeAll + Encode + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let Ok(part) = T::decode_all(&mut &bytes[..]) else { return Outcome::Refused };
    assert_eq!(part.encode(), bytes, "two encodings of one part");
    let json = serde_json::to_string(&part).expect("a part has a JSON form");
    let read: T = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(read, part, "JSON says something else");
    also(&part);
    Outcome::Taken
}

/// Each mistake names its field; a plan without one can be written as a profile.
fn told(plan: &Plan) {
    let mistakes = plan.mistakes();
    for mistake in &mistakes {
        assert!(!mistake.field.is_empty() && !mistake.problem.is_empty(), "{mistake:?}");
    }
    if mistakes.is_empty() {
        assert!(!toml(plan).is_empty());
    }
}

/// The parts of the plan that is an example.
pub fn seeds() -> Vec<Seed> {
    let plan = examples::plan();
    let part =
        |name: &str, number: u8, bytes: Vec<u8>| Seed { name: name.into(), bytes: [vec![number], bytes].concat() };
    let mut seeds = vec![
        part("installation", 0, examples::installation().encode()),
        part("plan", 1, plan.encode()),
        part("stage", 2, plan.stages[0].encode()),
        part("window", 5, plan.windows[0].encode()),
        part("phase", 6, plan.phases[0].encode()),
        part("playbook", 7, plan.playbooks[0].encode()),
        part("signal", 8, plan.signals[0].encode()),
        part("flag", 9, plan.flags[0].encode()),
        part("role", 10, plan.roles[0].1.encode()),
    ];
    seeds.extend(plan.checks.iter().map(|check| part(&format!("check_{}", check.key), 3, check.encode())));
    seeds.extend(
        plan.procedures.iter().map(|procedure| part(&format!("procedure_{}", procedure.of), 4, procedure.encode())),
    );
    seeds
}
