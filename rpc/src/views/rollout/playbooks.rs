//! The playbooks of a plan, and whether each is tried as often as it says.

use super::clock::{DueEstimate, RolloutClock};
use primitives::{Height, Name};
use rollouts::plan::Playbook;
use rollouts::plans::KeptRef;
use rollouts::queries;
use rollouts::verdict::FindingState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// The playbooks of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlaybooksOfPlan {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// Its playbooks, in the order of their domains.
    #[schemars(length(max = 32))]
    pub playbooks: Vec<PlaybookView>,
}

/// A playbook, with its drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlaybookView {
    /// What the plan says about it: its owner, its document, what it switches off and goes back to, and how often it is tried.
    pub playbook: Playbook,
    /// How its drill stands; null of one that nobody has to try.
    pub drill: Option<DrillView>,
}

/// How the drill of a playbook stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DrillView {
    /// Met by one that was fast enough and is young enough; while the next one is under way it is missing.
    pub state: FindingState,
    /// Whether it has to be tried, because there is none that counts.
    pub is_stale: bool,
    /// What there is of it, for people.
    pub said: String,
    /// When the last good one will be too old; null where there is none.
    pub due: Option<DueEstimate>,
}

/// The playbooks of the version of a plan that is in force.
pub(crate) fn playbooks_of_plan(state: &State, clock: &RolloutClock, plan: &KeptRef) -> PlaybooksOfPlan {
    let mut drills = queries::drills(state, clock.at, plan);
    let kept = plan.whole(state).playbooks;
    let shown = kept.iter().map(|playbook| {
        let place = drills.iter().position(|seen| seen.domain == playbook.domain);
        let drill = place.map(|place| drills.swap_remove(place)).map(|seen| DrillView {
            is_stale: !seen.state.is_settled(),
            state: seen.state,
            said: seen.have,
            due: seen.until.map(|until| clock.due(until)),
        });
        PlaybookView { playbook: playbook.clone(), drill }
    });
    let playbooks = shown.collect();
    PlaybooksOfPlan { height: clock.at.height, plan: plan.name.clone(), playbooks }
}
