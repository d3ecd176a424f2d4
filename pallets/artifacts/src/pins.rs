//! What artifacts are needed for, so that none of them is let go.

use crate::{MOST_ARTIFACTS, RegisteredArtifact, storage::*};
use parity_scale_codec::{Decode, Encode};
use primitives::{CaseId, Digest, Name, Path};
use serde::{Deserialize, Serialize};
use state::{Key, KeyBytes, State};
use std::collections::BTreeSet;

/// How many artifacts a plan has at most by what tenants have kept: each of their cases is about a whole stage, so that one tenant could
/// otherwise fill all places (ROLLOUTS 17).
pub(crate) const MOST_FOR_TENANTS: u32 = MOST_ARTIFACTS.saturating_sub(MOST_ARTIFACTS / 4);

/// A case for which the artifacts of its scope are kept until it is over (REQ-120).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CasePin {
    /// An incident that is open.
    #[codec(index = 0)]
    Incident(CaseId),
    /// A legal hold.
    #[codec(index = 1)]
    Hold(CaseId),
}

/// The kind, then the number, so that the rows of a scope are in the order of both.
impl Key for CasePin {
    fn write(&self, out: &mut KeyBytes) {
        let (kind, case) = match self {
            Self::Incident(case) => (0_u32, case),
            Self::Hold(case) => (1_u32, case),
        };
        kind.write(out);
        case.write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (kind, case) = (u32::read(bytes)?, CaseId::read(bytes)?);
        match kind {
            0 => Some(Self::Incident(case)),
            1 => Some(Self::Hold(case)),
            _ => None,
        }
    }
}

/// What an artifact is needed for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ArtifactPin {
    /// An incident that is open is about a place where it stood, or for which it is.
    #[codec(index = 0)]
    #[error("incident {0} is open, and keeps what it is about")]
    Incident(CaseId),
    /// A legal hold is about such a place.
    #[codec(index = 1)]
    #[error("hold {0} keeps it")]
    Hold(CaseId),
    /// It stands in a stage.
    #[codec(index = 2)]
    #[error("it stands in {0}")]
    Stands(Name),
    /// It is the latest good one of a stage, or the latest beside the one that stands there: what a rollback would go back to.
    #[codec(index = 3)]
    #[error("{0} would go back to it")]
    Good(Name),
    /// It stood in a stage before the one that stands there.
    #[codec(index = 4)]
    #[error("it stood in {0} before the one that stands there now")]
    Previous(Name),
}

impl From<CasePin> for ArtifactPin {
    fn from(pin: CasePin) -> Self {
        match pin {
            CasePin::Incident(case) => Self::Incident(case),
            CasePin::Hold(case) => Self::Hold(case),
        }
    }
}

/// The stages by which cases keep an artifact: that for which it is, and those in which it stood.
pub(crate) fn stages_of(artifact: &RegisteredArtifact) -> BTreeSet<Name> {
    let stood = artifact.stood.iter().map(|stood| stood.stage.clone());
    stood.chain(artifact.artifact.target()).collect()
}

/// The first case that keeps all of a plan; however many there are, one is read.
pub(crate) fn first_of_plan(state: &State, plan: &Name) -> Option<CasePin> {
    PINS.iter_under(state, &(plan.clone(), Path::ROOT)).next().map(|(.., pin)| pin)
}

/// The first case that keeps what is of a stage: it is about that, or about what lies below.
pub(crate) fn first_of_stage(state: &State, plan: &Name, stage: &Name) -> Option<CasePin> {
    PINS.iter_under(state, &(plan.clone(), stage.clone())).next().map(|(.., pin)| pin)
}

/// Whether a case that is about a stage itself keeps what is of it, and not one of a tenant alone.
pub(crate) fn is_kept_by_stage(state: &State, plan: &Name, stage: &Name) -> bool {
    // The stage comes before what lies below.
    let first = PINS.iter_under(state, &(plan.clone(), stage.clone())).next();
    first.is_some_and(|(_, scope, _)| scope.tenant().is_none())
}

/// The first of what an artifact is needed for: what cases need first, then what its stages do. None of what nothing needs.
pub(crate) fn first_needed(state: &State, plan: &Name, artifact: &RegisteredArtifact) -> Option<ArtifactPin> {
    let of_stages = || stages_of(artifact).iter().find_map(|stage| first_of_stage(state, plan, stage));
    if let Some(pin) = first_of_plan(state, plan).or_else(of_stages) {
        return Some(pin.into());
    }
    let (installed, digest) = (RULES.get(state, plan)?, &artifact.artifact.digest);
    let mut stages = artifact.stood.iter().map(|stood| &stood.stage).filter(|stage| installed.place(stage).is_some());
    stages.find_map(|stage| NeededOfStage::of(state, plan, stage).reasons(stage, digest).into_iter().next())
}

/// The cases that keep an artifact, each with its scope: those about all of the plan, and those about a stage for which it is, or in which it
/// stood, and what lies below that.
pub(crate) fn of_cases<'s>(
    state: &'s State<'s>,
    plan: &Name,
    artifact: &RegisteredArtifact,
) -> impl Iterator<Item = (Path, CasePin)> + use<'s> {
    let (plan, stages) = (plan.clone(), stages_of(artifact));
    let of_plan = PINS.iter_under(state, &(plan.clone(), Path::ROOT));
    let of_stages = stages.into_iter().flat_map(move |stage| PINS.iter_under(state, &(plan.clone(), stage)));
    of_plan.chain(of_stages).map(|(_, scope, pin)| (scope, pin))
}

/// What is needed of a stage, whatever is kept of it.
pub(crate) struct NeededOfStage {
    current: Option<Digest>,
    previous: Option<Digest>,
    good: Option<Digest>,
    /// The latest good one beside the one that stands.
    target: Option<Digest>,
}

impl NeededOfStage {
    /// That of a stage. Reads what stood there once, the latest first, until it has found everything.
    pub fn of(state: &State, plan: &Name, stage: &Name) -> Self {
        let current = HEADS.get(state, &(plan.clone(), stage.clone())).and_then(|head| head.current);
        let mut needed = Self { current, previous: None, good: None, target: None };
        for digest in latest(state, plan, stage) {
            let other = Some(digest).filter(|digest| Some(*digest) != current);
            needed.previous = needed.previous.or(other);
            if is_good(state, plan, stage, &digest) {
                needed.good = needed.good.or(Some(digest));
                needed.target = needed.target.or(other);
            }
            if needed.previous.is_some() && needed.target.is_some() {
                break;
            }
        }
        needed
    }

    /// All of them.
    pub fn all(&self) -> BTreeSet<Digest> {
        [self.current, self.previous, self.good, self.target].into_iter().flatten().collect()
    }

    /// What an artifact is needed for in the stage.
    pub fn reasons(&self, stage: &Name, digest: &Digest) -> Vec<ArtifactPin> {
        let is = |other: Option<Digest>| other == Some(*digest);
        let stands = is(self.current).then(|| ArtifactPin::Stands(stage.clone()));
        let good = (is(self.good) || is(self.target)).then(|| ArtifactPin::Good(stage.clone()));
        let previous = is(self.previous).then(|| ArtifactPin::Previous(stage.clone()));
        [stands, good, previous].into_iter().flatten().collect()
    }
}

/// What stood in a stage and was not let go, the latest first, with what stands there now in front.
pub(crate) fn latest<'s>(state: &'s State, plan: &Name, stage: &Name) -> impl Iterator<Item = Digest> + use<'s> {
    LATEST.iter_under(state, &(plan.clone(), stage.clone())).map(|(_, digest)| digest)
}

/// Whether an artifact is good in a stage.
pub(crate) fn is_good(state: &State, plan: &Name, stage: &Name, digest: &Digest) -> bool {
    ARTIFACTS.get(state, &(plan.clone(), *digest)).is_some_and(|row| row.is_good_in(stage))
}
