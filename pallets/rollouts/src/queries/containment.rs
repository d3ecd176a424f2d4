//! Whether a change contains an incident, and whether one may stand for a duty of it (ROLLOUTS 8): asked by whatever grants that somebody
//! responds to an incident or opens one, because changes stand right of cases.

use super::{change, progress};
use crate::Error;
use crate::plan::ChangeKind;
use crate::scope;
use cases::{Containment, ContainmentFlaw, DutyOfChange};
use primitives::{CaseId, Name, Path, Text};
use state::State;

/// Refuses an incident that is to stand for a duty of a change of another plan (REQ-035): for which incident a duty is looked up by its
/// change, and nobody says anything there but about changes of its own plan.
///
/// # Errors
/// [`Error::ChangeUnknown`].
pub fn require_duty(state: &State, plan: &Name, duty: &DutyOfChange) -> Result<(), Error> {
    match change(state, duty.change).filter(|change| change.plan == *plan) {
        Some(_) => Ok(()),
        None => Err(Error::ChangeUnknown { plan: plan.clone(), change: duty.change }),
    }
}

/// Refuses what an incident names as its containment (REQ-125): each change is of the kind that is said, was carried out under the plan of
/// the incident, and reaches where that is. Of an incident that there is not nothing is said.
///
/// # Errors
/// [`ContainmentFlaw`], as a refusal of cases.
pub fn require_containment(
    state: &State,
    plan: &Name,
    case: CaseId,
    containments: &[Containment],
) -> Result<(), cases::Error> {
    let Some(head) = cases::queries::case(state, case) else { return Ok(()) };
    containments.iter().try_for_each(|containment| require_contains(state, plan, &head.path, containment))
}

fn require_contains(
    state: &State,
    plan: &Name,
    incident: &Path,
    containment: &Containment,
) -> Result<(), cases::Error> {
    let Some(id) = containment.change() else { return Ok(()) };
    let is_done = progress(state, id).is_some_and(|progress| progress.executed.is_some());
    let asked = change(state, id).filter(|change| change.plan == *plan && is_done);
    let asked = asked.ok_or(ContainmentFlaw::NoSuchChange { change: id })?;
    let (fits, wanted) = match containment {
        Containment::FeatureFlag(_) => {
            (matches!(asked.kind(), ChangeKind::Disable | ChangeKind::Set), "disable or set")
        }
        Containment::Rollback(_) => (asked.kind() == ChangeKind::Rollback, "rollback"),
        Containment::PolicyLock(_) => (asked.kind() == ChangeKind::Freeze, "freeze"),
    };
    if !fits {
        return Err(ContainmentFlaw::OtherKind { change: id, wanted: Text::new(wanted).unwrap_or_default() }.into());
    }
    let paths = scope::paths_of(state, &asked);
    let reaches = paths.iter().any(|path| path.is_under(incident) || incident.is_under(path));
    if reaches { Ok(()) } else { Err(ContainmentFlaw::Elsewhere { change: id, path: incident.clone() }.into()) }
}
