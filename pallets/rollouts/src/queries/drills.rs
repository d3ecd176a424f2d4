//! Whether playbooks are tried as often as they say: what checks judge, also of those that no check asks about (REQ-095, REQ-096).

use crate::deadline::ChangeDeadline;
use crate::judge::asked::JudgedIn;
use crate::judge::drill_state;
use crate::plan::Playbook;
use crate::plans::KeptRef;
use crate::storage::PLAYBOOKS;
use crate::verdict::FindingState;
use primitives::{Moment, Name};
use state::State;

/// The drill of a playbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillSeen {
    /// The domain of the playbook.
    pub domain: Name,
    /// The role that keeps it.
    pub owner: Name,
    /// How it stands: met by one that was fast enough and is young enough. While the next one is under way it is missing.
    pub state: FindingState,
    /// What there is of it, in words, such as `one 3 days ago, in 20 min`.
    pub have: String,
    /// When that one will be too old; none of one that is not met.
    pub until: Option<ChangeDeadline>,
}

/// The drills of a version of a plan, in the order of their domains: of each playbook that is to be tried.
pub fn drills(state: &State, at: Moment, plan: &KeptRef) -> Vec<DrillSeen> {
    let judged = JudgedIn::new(state, at, plan, None, None);
    let kept = PLAYBOOKS.iter_under(state, &(plan.name.clone(), plan.version)).map(|(_, playbook)| playbook);
    let tried = kept.filter(|playbook| playbook.drill.is_some()).map(|Playbook { domain, owner, .. }| {
        let (state, have, until) = drill_state(&judged, &domain);
        DrillSeen { domain, owner, state, have, until }
    });
    tried.collect()
}
