//! What holds whatever is asked for: law 6 of the rollouts among it, retention never releases what is pinned.

use super::*;
use crate::storage::RELEASABLE;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Register(u64),
    Mark(u64, ArtifactStanding),
    Stand(&'static str, u64),
    Leave(&'static str),
    Good(&'static str, u64),
    Bad(u64),
    Pin(&'static str, CasePin),
    Unpin(&'static str, CasePin),
    Keep(u16, Option<u16>),
    Tick,
}

fn stage() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["DEV", "PROD"])
}

fn standing_asked() -> impl Strategy<Value = ArtifactStanding> {
    use ArtifactStanding::{Bad, Candidate, Good, Released};
    prop::sample::select(vec![Candidate, Good, Bad, Released])
}

fn pinned() -> impl Strategy<Value = (&'static str, CasePin)> {
    let pin = prop_oneof![
        (1u64..3).prop_map(|case| CasePin::Incident(CaseId(case))),
        (1u64..3).prop_map(|case| CasePin::Hold(CaseId(case))),
    ];
    (prop::sample::select(vec!["", "DEV", "PROD", "PROD/t1"]), pin)
}

fn step() -> impl Strategy<Value = Step> {
    let number = || 0u64..12;
    prop_oneof![
        6 => number().prop_map(Step::Register),
        2 => (number(), standing_asked()).prop_map(|(number, standing)| Step::Mark(number, standing)),
        8 => (stage(), number()).prop_map(|(stage, number)| Step::Stand(stage, number)),
        1 => stage().prop_map(Step::Leave),
        4 => (stage(), number()).prop_map(|(stage, number)| Step::Good(stage, number)),
        1 => number().prop_map(Step::Bad),
        1 => pinned().prop_map(|(scope, pin)| Step::Pin(scope, pin)),
        2 => pinned().prop_map(|(scope, pin)| Step::Unpin(scope, pin)),
        1 => (1u16..4, prop::option::of(1u16..4)).prop_map(|(prod, dev)| Step::Keep(prod, dev)),
        6 => Just(Step::Tick),
    ]
}

/// Whether an artifact can come to stand anywhere: only one that was not let go is promoted, or gone back to.
fn is_kept(state: &State, number: u64) -> bool {
    queries::artifact(state, &name("pos"), &digest(number))
        .is_some_and(|row| row.standing != ArtifactStanding::Released)
}

/// Those that are among the last so many of a stage that keeps so many, counted from what is known of each.
fn among_last(state: &State) -> BTreeSet<Digest> {
    let keep = queries::rules(state, &name("pos")).unwrap().rules.keep;
    let of_stage = |(stage, keep): &(Name, u16)| {
        let mut stood: Vec<(u64, Digest)> = listed(state, "pos")
            .into_iter()
            .filter(|row| row.standing != ArtifactStanding::Released)
            .filter_map(|row| Some((row.stood_in(stage)?.number, row.artifact.digest)))
            .collect();
        stood.sort_unstable_by(|a, b| b.cmp(a));
        stood.into_iter().take(usize::from(*keep)).map(|(_, digest)| digest).collect::<Vec<_>>()
    };
    keep.iter().flat_map(of_stage).collect()
}

/// Whether a stage that keeps so many says something of it: one that never stood in such a stage is let go by nobody's clock.
fn is_counted(state: &State, row: &RegisteredArtifact) -> bool {
    let keep = queries::rules(state, &name("pos")).unwrap().rules.keep;
    keep.iter().any(|(stage, _)| row.stood_in(stage).is_some())
}

fn happens(state: &mut State, height: u64, step: &Step) {
    let plan = name("pos");
    match step {
        Step::Register(number) => drop(make(state, height, &register(artifact(*number)))),
        Step::Mark(number, standing) => {
            let (targets, was_needed) = (targets(state), !pins(state, *number).is_empty());
            let made = make(state, height, &mark(*number, *standing));
            assert!(made.is_err() || *standing != ArtifactStanding::Released || !was_needed, "{made:?}");
            for (before, after) in targets.into_iter().zip(self::targets(state)) {
                assert!(before.is_none() || after.is_some(), "a call left a stage without a rollback: {made:?}");
            }
        }
        Step::Stand(stage, number) if is_kept(state, *number) => stand(state, height, stage, *number),
        Step::Stand(..) => {}
        Step::Leave(stage) => apply::leave(state, &plan, &name(stage)),
        Step::Good(stage, number) => apply::good(state, &plan, &name(stage), &digest(*number)),
        Step::Bad(number) => apply::bad(state, &plan, &digest(*number)),
        Step::Pin(scope, pin) => apply::pin(state, &plan, &path(scope), *pin),
        Step::Unpin(scope, pin) => apply::unpin(state, &plan, &path(scope), *pin),
        Step::Keep(prod, dev) => {
            let mut other = rules();
            let dev = dev.map(|keep| (name("DEV"), keep));
            other.rules.keep = list([(name("PROD"), *prod)].into_iter().chain(dev));
            apply::install(state, &plan, Some(&other));
        }
        Step::Tick => ticks(state, height),
    }
}

/// What each stage would go back to.
fn targets(state: &State) -> Vec<Option<Digest>> {
    let plan = name("pos");
    let target = |stage: &str| {
        let current = queries::standing_in(state, &plan, &name(stage));
        queries::good_before(state, &plan, &name(stage), current.as_ref())
    };
    ["DEV", "PROD"].map(target).to_vec()
}

/// Law 6: nothing is let go that is pinned, or among the last so many.
fn ticks(state: &mut State, height: u64) {
    let (last, plan) = (among_last(state), name("pos"));
    let events = due(state, usize::MAX);
    assert!(events.len() <= MOST_RELEASED);
    for event in &events {
        let Event::ArtifactReleased { digest, .. } = event else { panic!("{event:?}") };
        let pins = queries::pins(state, &plan, digest);
        assert!(pins.is_empty() && !last.contains(digest), "{digest} is let go, and is needed: {pins:?}");
    }
    events.iter().for_each(|event| event.apply(state, at(height)));
}

proptest! {
    #[test]
    fn law_6_retention_never_releases_what_is_pinned_and_keeps_nothing_else(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        let memory = Memory::default();
        let mut state = shop(&memory);
        let plan = name("pos");
        for (height, step) in (1u64..).zip(&steps) {
            happens(&mut state, height, step);
            let found: BTreeSet<(Height, Digest)> =
                RELEASABLE.iter_under(&state, &plan).map(|(_, height, digest)| (height, digest)).collect();
            prop_assert_eq!(found, crate::retention::releasable(&state, &plan), "after {:?}", step);
        }
        for height in 100..110 {
            ticks(&mut state, height);
        }
        let last = among_last(&state);
        let rows = listed(&state, "pos");
        let live: Vec<_> = rows.iter().filter(|row| row.standing != ArtifactStanding::Released).collect();
        prop_assert_eq!(queries::count(&state, &plan) as usize, live.len());
        for row in live.iter().filter(|row| is_counted(&state, row)) {
            let digest = row.artifact.digest;
            let is_needed = last.contains(&digest) || !queries::pins(&state, &plan, &digest).is_empty();
            prop_assert!(is_needed, "{} is kept for nothing", row.artifact.name);
        }
    }
}
