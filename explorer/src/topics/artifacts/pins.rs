//! What artifacts are needed for, from what facts say: by the rules of the chain.

use super::answer::{ArtifactName, ArtifactStage};
use crate::topics::cases::answer::CaseEntry;
use artifacts::{ArtifactPin, InstalledArtifactRules, RegisteredArtifact};
use cases::CaseKind;
use primitives::{Digest, Name, Path};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What decides which artifacts of a plan are needed.
pub(crate) struct NeededArtifacts {
    /// What the version in force asks; none where it asks nothing.
    pub rules: Option<InstalledArtifactRules>,
    /// The artifacts that were not let go.
    pub kept: Vec<RegisteredArtifact>,
    /// What stands in the stages.
    pub standing: BTreeMap<Name, Digest>,
    /// The open incidents and the holds of the plan, in the order in which they count.
    pub keeping: Vec<CaseEntry>,
}

/// What is needed of one stage.
struct NeededHere {
    current: Option<Digest>,
    previous: Option<Digest>,
    good: Option<Digest>,
    /// What a rollback goes back to: the latest good one beside the one that stands.
    target: Option<Digest>,
}

impl NeededArtifacts {
    /// What an artifact is needed for, in the order in which the chain names it; nothing of one that was let go.
    pub fn of(&self, artifact: &RegisteredArtifact) -> Vec<ArtifactPin> {
        if !self.kept.iter().any(|kept| kept.artifact.digest == artifact.artifact.digest) {
            return Vec::new();
        }
        let of_cases = self.keeping.iter().filter(|case| is_of(artifact, &case.path)).map(|case| match case.kind {
            CaseKind::Hold => ArtifactPin::Hold(case.id),
            _ => ArtifactPin::Incident(case.id),
        });
        let rules = self.rules.as_ref();
        let is_of_plan = |stage: &&Name| rules.is_some_and(|rules| rules.place(stage).is_some());
        let stages = artifact.stood.iter().map(|stood| &stood.stage).filter(is_of_plan);
        of_cases.chain(stages.flat_map(|stage| self.reasons(stage, &artifact.artifact.digest))).collect()
    }

    /// The stages of the plan, in their order.
    pub fn stages(&self) -> Vec<ArtifactStage> {
        let Some(rules) = &self.rules else { return Vec::new() };
        let shown = rules.stages.iter().map(|stage| {
            let needed = self.needed(stage);
            let keep = rules.rules.keep.iter().find(|(listed, _)| listed == stage);
            ArtifactStage {
                stage: stage.clone(),
                stands: needed.current.and_then(|digest| self.named(&digest)),
                goes_back_to: needed.target.and_then(|digest| self.named(&digest)),
                kept: u32::try_from(self.latest(stage).len()).unwrap_or(u32::MAX),
                keep: keep.map(|(_, count)| *count),
            }
        });
        shown.collect()
    }

    fn named(&self, digest: &Digest) -> Option<ArtifactName> {
        let found = self.kept.iter().find(|kept| kept.artifact.digest == *digest)?;
        Some(ArtifactName { name: found.artifact.name.clone(), digest: *digest })
    }

    fn reasons(&self, stage: &Name, digest: &Digest) -> Vec<ArtifactPin> {
        let needed = self.needed(stage);
        let is = |other: Option<Digest>| other == Some(*digest);
        let stands = is(needed.current).then(|| ArtifactPin::Stands(stage.clone()));
        let good = (is(needed.good) || is(needed.target)).then(|| ArtifactPin::Good(stage.clone()));
        let previous = is(needed.previous).then(|| ArtifactPin::Previous(stage.clone()));
        [stands, good, previous].into_iter().flatten().collect()
    }

    fn needed(&self, stage: &Name) -> NeededHere {
        let (current, latest) = (self.standing.get(stage).copied(), self.latest(stage));
        let is_other = |kept: &&&RegisteredArtifact| Some(kept.artifact.digest) != current;
        let digest = |kept: &&RegisteredArtifact| kept.artifact.digest;
        NeededHere {
            current,
            previous: latest.iter().find(is_other).map(digest),
            good: latest.iter().find(|kept| kept.is_good_in(stage)).map(digest),
            target: latest.iter().filter(is_other).find(|kept| kept.is_good_in(stage)).map(digest),
        }
    }

    /// What stood in a stage and was not let go, the latest first.
    fn latest(&self, stage: &Name) -> Vec<&RegisteredArtifact> {
        let mut all: Vec<(u64, &RegisteredArtifact)> =
            self.kept.iter().filter_map(|kept| Some((kept.stood_in(stage)?.number, kept))).collect();
        all.sort_by_key(|(number, _)| Reverse(*number));
        all.into_iter().map(|(_, kept)| kept).collect()
    }
}

/// Everything is of the root; and an artifact is of what lies with a stage for which it is, or in which it stood.
fn is_of(artifact: &RegisteredArtifact, scope: &Path) -> bool {
    let Some(first) = scope.names().next() else { return true };
    let stood = artifact.stood.iter().any(|stood| stood.stage.as_str() == first);
    stood || artifact.artifact.target().is_some_and(|target| target.as_str() == first)
}
