//! The artifacts of a plan, with what each is needed for.

use crate::views::page::missing;
use crate::views::{PageOf, PageRange};
use artifacts::queries::{self, MOST_PINS};
use artifacts::{ArtifactPin, RegisteredArtifact};
use primitives::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// An artifact of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactView {
    /// The artifact, what it is taken for, and where it stood.
    #[serde(flatten)]
    pub registered: RegisteredArtifact,
    /// What it is needed for, so that it is not let go: open incidents and holds first; at most the first 64.
    #[schemars(length(max = MOST_PINS))]
    pub pins: Vec<ArtifactPin>,
}

impl ArtifactView {
    fn of(state: &State, plan: &Name, registered: RegisteredArtifact) -> Self {
        Self { pins: queries::pins(state, plan, &registered.artifact.digest), registered }
    }
}

/// A page of the artifacts of a plan, for as long as somebody waits for it, the latest first: of a stage those that stood there and were not
/// let go; otherwise all that were ever registered, of which those of the page alone are read.
pub(crate) fn artifact_page<E>(
    state: &State,
    plan: &Name,
    stage: Option<&Name>,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<ArtifactView>, E> {
    let Some(stage) = stage else {
        return range.descending(queries::listed_count(state, plan), |number| {
            go_on()?;
            let registered = queries::listed(state, plan, number).unwrap_or_else(|| missing("artifact", number));
            Ok(ArtifactView::of(state, plan, registered))
        });
    };
    let mut stood = Vec::new();
    for registered in queries::of_stage(state, plan, stage) {
        go_on()?;
        stood.push(registered);
    }
    range.ascending(stood.len() as u64, |number| {
        go_on()?;
        Ok(ArtifactView::of(state, plan, stood[number as usize - 1].clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use artifacts::{ArtifactEntry, ArtifactRules, CasePin, Event, InstalledArtifactRules, apply};
    use primitives::{AccountId, CaseId, Digest, Epoch, Height, List, Moment, Path, Timestamp};
    use roles::Actor;
    use runtime::testing::CountedRows;
    use state::{Apply as _, Memory};
    use std::convert::Infallible;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn at(height: u64) -> Moment {
        let (time, running) = (Timestamp(height * 1_000), height * 1_000);
        Moment { height: Height(height), epoch: Epoch(0), time, running, level: 1 }
    }

    /// A shop that registered so many builds, of which the first two came to stand in PROD.
    fn shop(memory: &Memory, many: u8) -> State<'_> {
        let mut state = State::over(memory);
        let rules = ArtifactRules { format: "pos-{n}".parse().unwrap(), meta: List::new(), keep: List::new() };
        let stages = List::truncate_from(vec![name("PROD")]);
        let installed = InstalledArtifactRules { rules, stages, phases: List::new() };
        apply::install(&mut state, &name("pos"), Some(&installed));
        for number in 1..=many {
            let named = name(&format!("pos-{number}"));
            let artifact = ArtifactEntry { name: named, digest: Digest([number; 32]), phase: None, meta: List::new() };
            let by = Actor { account: AccountId([1; 32]), role: name("CI") };
            let event = Event::Registered { plan: name("pos"), artifact, scope: Path::ROOT, by };
            event.apply(&mut state, at(number.into()));
        }
        for number in 1..=2 {
            apply::stand(&mut state, &name("pos"), &name("PROD"), &Digest([number; 32]), at(9));
        }
        state
    }

    #[test]
    fn artifacts_are_listed_the_latest_first_with_what_each_is_needed_for() {
        let memory = Memory::default();
        let state = shop(&memory, 3);
        let listed = |stage: Option<&Name>| {
            let page = artifact_page(&state, &name("pos"), stage, PageRange::FIRST, || Ok::<_, Infallible>(()));
            let page = PageOf::read(page);
            let shown = page.entries.into_iter().map(|view| (view.registered.artifact.digest.0[0], view.pins));
            shown.collect::<Vec<_>>()
        };
        let (stands, previous) = (ArtifactPin::Stands(name("PROD")), ArtifactPin::Previous(name("PROD")));
        let both = vec![(2, vec![stands]), (1, vec![previous])];
        assert_eq!(listed(Some(&name("PROD"))), both, "the one that never stood there is not among them");
        assert_eq!(listed(None), [vec![(3, Vec::new())], both].concat());
    }

    #[test]
    fn h06_a_page_of_artifacts_reads_as_much_however_many_were_registered_and_are_kept_elsewhere() {
        let read = |many: u8, page: u64| {
            let mut memory = Memory::default();
            let mut state = shop(&memory, many);
            for number in 1..=u64::from(many) {
                let of_tenant = CasePin::Incident(CaseId(number));
                apply::pin(&mut state, &name("pos"), &"DEV/t1".parse::<Path>().unwrap(), of_tenant);
            }
            let writes = state.into_writes();
            memory.commit(writes);
            let counted = CountedRows::of(&memory);
            let (state, range) = (State::over(&counted), PageRange::new(Some(page), Some(10)).unwrap());
            let page = PageOf::read(artifact_page(&state, &name("pos"), None, range, || Ok::<_, Infallible>(())));
            assert_eq!((page.total, page.entries.len()), (many.into(), 10));
            counted.rows()
        };
        assert_eq!([read(250, 0), read(250, 20)], [read(50, 0); 2]);
    }
}
