//! Who said what.

use crate::views::MOST_PER_PAGE;
use primitives::Name;
use rollouts::queries::{self, StatementPlace};
use rollouts::statement::{Stated, StatementSubject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// A part of what was stated under a plan, in the order of places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementPage {
    /// The statements.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub entries: Vec<Stated>,
    /// The place of the first that has no room here, to be asked for as `from`; null where nothing is left.
    pub next: Option<StatementPlace>,
}

/// So many of what was stated under a plan, on one key and about one subject where these are named, from a place on where one is: for as
/// long as somebody waits for it.
pub(crate) fn statement_page<E>(
    state: &State,
    plan: &Name,
    key: Option<&Name>,
    about: Option<&StatementSubject>,
    from: Option<&StatementPlace>,
    size: u32,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<StatementPage, E> {
    let mut entries = Vec::new();
    for stated in queries::statements(state, plan, key, about, from) {
        go_on()?;
        if entries.len() == size as usize {
            return Ok(StatementPage { entries, next: Some(StatementPlace::of(&stated)) });
        }
        entries.push(stated);
    }
    Ok(StatementPage { entries, next: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{AccountId, ChangeId, Epoch, Height, Moment, Timestamp};
    use roles::Actor;
    use rollouts::Event;
    use rollouts::statement::{Statement, StatementOutcome};
    use runtime::testing::CountedRows;
    use state::{Apply as _, Memory};
    use std::convert::Infallible;

    const KEYS: [&str; 3] = ["ci", "load", "sre"];
    const CHANGES: u64 = 50;
    const SPEAKERS: u8 = 20;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn said(plan: &str, key: &str, about: StatementSubject, speaker: u8) -> Event {
        let actor = Actor { account: AccountId([speaker; 32]), role: name("sre") };
        let statement = Statement::new(name(key), about, StatementOutcome::Passed);
        let at = moment();
        let stated = Box::new(Stated { statement, actor, at });
        Event::Stated { plan: name(plan), stated, marks: None, opened: None, rolls_back: None }
    }

    fn moment() -> Moment {
        Moment { height: Height(1), epoch: Epoch(0), time: Timestamp(1_000), running: 1_000, level: 1 }
    }

    /// A plan under which everybody spoke about every change on two keys, and one about the plan on the third; beside two others.
    fn spoken() -> Memory {
        let mut memory = Memory::default();
        let mut state = State::over(&memory);
        let mut say = |plan, key, about, speaker| said(plan, key, about, speaker).apply(&mut state, moment());
        for number in 1..=CHANGES {
            for speaker in 1..=SPEAKERS {
                say("pos", KEYS[0], StatementSubject::Change(ChangeId(number)), speaker);
                say("pos", KEYS[2], StatementSubject::Change(ChangeId(number)), speaker);
            }
        }
        say("pos", KEYS[1], StatementSubject::Plan, 1);
        for plan in ["oss", "pos2"] {
            say(plan, KEYS[0], StatementSubject::Plan, 1);
        }
        let writes = state.into_writes();
        memory.commit(writes);
        memory
    }

    /// All of what is asked for, page by page, and the most rows that one of them read.
    fn pages(memory: &Memory, key: Option<&str>, about: Option<StatementSubject>, size: u32) -> (Vec<Stated>, usize) {
        let (plan, key) = (name("pos"), key.map(name));
        let (mut all, mut most, mut from) = (Vec::new(), 0, None);
        loop {
            let counted = CountedRows::of(memory);
            let state = State::over(&counted);
            let go_on = || Ok::<_, Infallible>(());
            let page = statement_page(&state, &plan, key.as_ref(), about.as_ref(), from.as_ref(), size, go_on).unwrap();
            assert!(page.entries.len() <= size as usize);
            most = most.max(counted.rows());
            all.extend(page.entries);
            let Some(next) = page.next else { return (all, most) };
            assert!(from.is_none_or(|from| from < next), "it comes further");
            from = Some(next);
        }
    }

    #[test]
    fn h06_a_page_of_statements_reads_what_it_shows_and_all_pages_show_all_of_them() {
        let memory = spoken();
        let places: Vec<StatementPlace> = pages(&memory, None, None, 100).0.iter().map(StatementPlace::of).collect();
        assert_eq!(places.len() as u64, 2 * CHANGES * u64::from(SPEAKERS) + 1);
        assert!(places.is_sorted(), "in the order of places");
        let subjects =
            [StatementSubject::Plan, StatementSubject::Change(ChangeId(7)), StatementSubject::Change(ChangeId(99))];
        let subjects: Vec<_> = subjects.into_iter().map(Some).chain([None]).collect();
        for key in KEYS.map(Some).into_iter().chain([Some("none"), None]) {
            for (about, size) in subjects.iter().flat_map(|about| [1, 7, 100].map(|size| (about.clone(), size))) {
                let sought = |place: &&StatementPlace| {
                    key.is_none_or(|key| place.key.as_str() == key)
                        && about.as_ref().is_none_or(|about| place.about == about.digest())
                };
                let expected: Vec<&StatementPlace> = places.iter().filter(sought).collect();
                let (found, most) = pages(&memory, key, about.clone(), size);
                let found: Vec<StatementPlace> = found.iter().map(StatementPlace::of).collect();
                assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{key:?} {about:?}");
                // One row more than it shows says where the next one begins, and one finds each key.
                let passed = if key.is_none() && about.is_some() { KEYS.len() } else { 0 };
                assert!(most <= size as usize + 1 + passed, "{most} rows of {size}: {key:?} {about:?}");
            }
        }
    }

    #[test]
    fn a_page_begins_at_any_place_that_is_typed() {
        let memory = spoken();
        let state = State::over(&memory);
        let first = |from: &StatementPlace| {
            let page = statement_page(&state, &name("pos"), None, None, Some(from), 1, || Ok::<_, Infallible>(()));
            page.unwrap().entries.first().map(StatementPlace::of)
        };
        let about = StatementSubject::Change(ChangeId(7)).digest();
        let place = StatementPlace { key: name("sre"), about, account: AccountId([9; 32]) };
        let typed: StatementPlace = place.to_string().parse().unwrap();
        assert_eq!((first(&typed), &typed), (Some(place.clone()), &place));
        let removed = StatementPlace { key: name("load"), account: AccountId([0; 32]), ..place.clone() };
        assert!(first(&removed).is_some_and(|found| found > removed), "nothing stands there");
        assert_eq!(first(&StatementPlace { key: name("zoo"), ..place }), None);
        assert!(["", "sre", "sre/7/9", "/a/b"].iter().all(|text| text.parse::<StatementPlace>().is_err()));
    }
}
