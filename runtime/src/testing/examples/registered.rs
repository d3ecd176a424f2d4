//! Examples of artifacts, and of what is asked, happens and is refused about them.
#![expect(missing_docs, reason = "each is an example of the type that it gives")]

use super::plans::owner;
use super::*;
use artifacts::{
    ArtifactEntry, ArtifactPin, ArtifactRules, ArtifactStanding, InstalledArtifactRules, RegisteredArtifact, StoodIn,
    TARGET,
};
use primitives::{List, Path, Pattern};

fn format() -> Pattern {
    "shop-{YYYY}.{MM}.{DD}.{n}".parse().unwrap_or_else(|_| state::corrupt("an example is no pattern"))
}

fn target_form() -> Pattern {
    "{name}".parse().unwrap_or_else(|_| state::corrupt("an example is no pattern"))
}

pub fn artifact_entry() -> ArtifactEntry {
    let meta = List::truncate_from(vec![(named(TARGET), text("DEV"))]);
    ArtifactEntry { name: named("shop-2026.11.28.7"), digest: digest(), phase: Some(named("P1")), meta }
}

pub fn artifact_rules() -> InstalledArtifactRules {
    InstalledArtifactRules {
        rules: ArtifactRules {
            format: format(),
            meta: List::truncate_from(vec![(named(TARGET), target_form())]),
            keep: List::truncate_from(vec![(named("DEV"), 30)]),
        },
        stages: List::truncate_from(vec![named("DEV")]),
        phases: List::truncate_from(vec![named("P1")]),
    }
}

pub fn registered_artifact() -> RegisteredArtifact {
    let stood = StoodIn { stage: named("DEV"), height: AT.height, number: 3, good: true };
    RegisteredArtifact {
        artifact: artifact_entry(),
        by: owner(),
        registered: AT,
        standing: ArtifactStanding::Good,
        stood: List::truncate_from(vec![stood]),
    }
}

/// Each call about artifacts.
pub(super) fn calls_of_artifacts() -> [Call; 2] {
    let (plan, acting) = (named("shop"), named("OWNER"));
    let register = artifacts::Call::Register { plan: plan.clone(), acting: acting.clone(), artifact: artifact_entry() };
    let mark = artifacts::Call::Mark { plan, acting, digest: digest(), standing: ArtifactStanding::Bad };
    [register, mark].map(Call::Artifacts)
}

/// One of each event of artifacts.
pub(super) fn events_of_artifacts() -> [Event; 3] {
    use artifacts::Event::*;
    let (plan, artifact) = (named("shop"), artifact_entry());
    let (name, scope) = (artifact.name.clone(), Path::new([named("DEV")]).unwrap_or_default());
    let events = [
        Registered { plan: plan.clone(), artifact, scope: scope.clone(), by: owner() },
        Marked {
            plan: plan.clone(),
            name: name.clone(),
            digest: digest(),
            before: ArtifactStanding::Candidate,
            standing: ArtifactStanding::Bad,
            scope,
            by: owner(),
        },
        ArtifactReleased { plan, name, digest: digest(), before: ArtifactStanding::Good },
    ];
    events.map(Event::Artifacts)
}

/// Refusals about artifacts: of each way in which they are told, one.
pub(super) fn errors_of_artifacts() -> [Error; 7] {
    use artifacts::Error::*;
    let (plan, name, key) = (named("shop"), artifact_entry().name, named(TARGET));
    let errors = [
        NoRules { plan: plan.clone() },
        BadName { name: named("shop-7"), format: format() },
        Phase { plan: plan.clone(), name: name.clone(), phase: None },
        MetaMissing { name: name.clone(), key, form: target_form() },
        Unknown { plan, digest: digest() },
        NotMarkable { name: name.clone(), before: ArtifactStanding::Candidate, standing: ArtifactStanding::Good },
        Needed { name, by: ArtifactPin::Stands(named("DEV")) },
    ];
    errors.map(Error::Artifacts)
}
