//! Plans: where each stands, and all of one.

use crate::views::page::missing;
use crate::views::{Descriptions, PageOf, PageRange};
use flags::queries::is_node_plan;
use primitives::{Digest, Height, Name, Text};
use rollouts::install::PlanHead;
use rollouts::plan::{Governs, Plan};
use rollouts::plans::{self, KeptRef};
use rollouts::queries::live_counts;
use rollouts::standing::{LiveCounts, StageStanding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// A plan in short. Of one that is retired, what its version said is no longer known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanSummary {
    /// What it is called.
    pub name: Name,
    /// The version in force, since when, and whose it is.
    #[serde(flatten)]
    pub head: PlanHead,
    /// Whether it governs this network.
    pub is_of_node: bool,
    /// Its title.
    pub title: Option<Text<128>>,
    /// The BLAKE3 of the bundle's bytes, which changes name.
    pub bundle: Option<Digest>,
    /// The BLAKE3 of the profile's bytes.
    pub profile: Option<Digest>,
    /// What it governs.
    pub governs: Option<Governs>,
    /// Its stages, in their order.
    #[schemars(length(max = 8))]
    pub stages: Vec<Name>,
    /// The last stage that stands; null before any does.
    pub stage: Option<Name>,
    /// Since when that stands, and by which promotion.
    pub standing: Option<StageStanding>,
    /// The stage that is entered next; null after the last.
    pub next_stage: Option<Name>,
    /// How many of its changes are live.
    pub live: LiveCounts,
}

/// All of a plan that is in force. Roles and flags are those of now, and there is no mistake in it: no other is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanDetail {
    /// The newest block, after which this is so.
    pub height: Height,
    /// Where it stands.
    #[serde(flatten)]
    pub summary: PlanSummary,
    /// The plan itself: its stages and flags in their order, its other lists in the order of their keys.
    pub plan: Plan,
    /// What its owner says of itself.
    #[serde(default)]
    pub described: Descriptions,
}

impl PlanSummary {
    /// A plan by its name and head.
    pub(crate) fn of(state: &State, name: Name, head: PlanHead) -> Self {
        let kept = plans::current(state, &name).ok();
        let standing = kept.as_ref().and_then(|kept| kept.last_standing(state));
        let next_stage = kept.as_ref().and_then(|kept| next_stage(state, kept));
        let (stage, standing) = standing.unzip();
        let of_kept = |kept: &KeptRef| (kept.kept.bundle, kept.kept.profile);
        let (bundle, profile) = kept.as_ref().map(of_kept).unzip();
        Self {
            is_of_node: is_node_plan(state, &name),
            title: kept.as_ref().map(|kept| kept.kept.document.title.clone()),
            bundle,
            profile,
            governs: kept.as_ref().map(|kept| kept.kept.governs.clone()),
            stages: kept.map(|kept| kept.kept.stages.into_inner()).unwrap_or_default(),
            stage,
            standing,
            next_stage,
            live: live_counts(state, &name),
            name,
            head,
        }
    }
}

/// The stage that is entered next: the one after the last that stands.
pub(super) fn next_stage(state: &State, plan: &KeptRef) -> Option<Name> {
    let standing = plan.last_standing(state).map(|(stage, _)| stage);
    plan.successor(standing.as_ref()).cloned()
}

/// The plans that were ever installed, the first one first, for as long as somebody waits for them. Those of the page alone are read.
pub(crate) fn plan_page<E>(
    state: &State,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<PlanSummary>, E> {
    let total = plans::installed(state);
    go_on()?;
    range.ascending(total, |number| {
        go_on()?;
        let (name, head) = plans::numbered(state, number).unwrap_or_else(|| missing("plan", number));
        Ok(PlanSummary::of(state, name, head))
    })
}

/// All of the version that is in force; none of a plan that there is not, or that is retired.
pub(crate) fn plan_detail(state: &State, height: Height, name: &Name) -> Option<PlanDetail> {
    let kept = plans::current(state, name).ok()?;
    let head = plans::head(state, name)?;
    let described = Descriptions::of(state, head.owner);
    let (plan, summary) = (kept.whole(state), PlanSummary::of(state, name.clone(), head));
    Some(PlanDetail { height, summary, plan, described })
}
