//! How a risk comes into the register, and what is said about it there.

use super::{ACCEPT_RISK, Asking, RISK, known, require_said, rules_at};
use crate::{Acceptance, CaseHead, CaseKind, CaseRegister, CaseStep, Error, Event, MOST_REVIEW_MS, queries, room};
use primitives::{AlertSeverity, CaseId, List, Moment, Name, Path, Reason, Text, Timestamp};
use roles::{Actor, RoleKey};

pub(super) fn open(
    asking: &Asking,
    path: &Path,
    severity: AlertSeverity,
    text: &Text<1024>,
    owner: &Name,
) -> Result<Event, Error> {
    let Asking { state, plan, .. } = *asking;
    rules_at(state, plan, path)?;
    let by = asking.require(RISK, path)?;
    require_said("risk", text)?;
    require_owner(asking, owner)?;
    room::require(state, plan, CaseRegister::Cases, path)?;
    let is_critical = severity == AlertSeverity::Critical;
    let wider = if is_critical { asking.reached_above(RISK, path) } else { List::new() };
    Ok(Event::RiskOpened {
        plan: plan.clone(),
        case: queries::next_id(state),
        path: path.clone(),
        by,
        severity,
        text: text.clone(),
        owner: owner.clone(),
        wider,
    })
}

fn require_owner(asking: &Asking, owner: &Name) -> Result<(), Error> {
    let key = RoleKey { plan: asking.plan.clone(), role: owner.clone() };
    match roles::queries::role(asking.state, &key) {
        Some(_) => Ok(()),
        None => Err(Error::OwnerUnknown { plan: key.plan, owner: key.role }),
    }
}

/// A risk of the plan at one of some steps, and who acts on it.
fn at_step(asking: &Asking, case: CaseId, action: &str, steps: &[CaseStep]) -> Result<(CaseHead, Actor), Error> {
    let head = known(asking.state, asking.plan, case, CaseKind::Risk)?;
    let by = asking.require(action, &head.path)?;
    if steps.contains(&head.step) { Ok((head, by)) } else { Err(Error::OtherStep { case, step: head.step }) }
}

pub(super) fn mitigate(asking: &Asking, case: CaseId, mitigation: &Text<1024>) -> Result<Event, Error> {
    let (head, by) = at_step(asking, case, RISK, &[CaseStep::Open])?;
    require_said("mitigation", mitigation)?;
    let (plan, severity, mitigation) = (asking.plan.clone(), severity_of(&head), mitigation.clone());
    Ok(Event::RiskMitigated { plan, case, path: head.path, by, severity, mitigation })
}

pub(super) fn accept(
    asking: &Asking,
    at: Moment,
    case: CaseId,
    review: Timestamp,
    reason: &Reason,
) -> Result<Event, Error> {
    let steps = [CaseStep::Open, CaseStep::Mitigated, CaseStep::Accepted];
    let (head, by) = at_step(asking, case, ACCEPT_RISK, &steps)?;
    if review <= at.time || review > at.time.plus(MOST_REVIEW_MS) {
        return Err(Error::ReviewDate { review, at: at.time });
    }
    let (plan, severity) = (asking.plan.clone(), severity_of(&head));
    let acceptance = Acceptance { by, review, reason: reason.clone() };
    Ok(Event::RiskAccepted { plan, case, path: head.path, severity, acceptance })
}

pub(super) fn close(asking: &Asking, case: CaseId, reason: &Reason) -> Result<Event, Error> {
    let (head, by) = at_step(asking, case, RISK, &[CaseStep::Mitigated, CaseStep::Accepted])?;
    let (plan, severity, reason) = (asking.plan.clone(), severity_of(&head), reason.clone());
    Ok(Event::RiskClosed { plan, case, path: head.path, by, severity, reason })
}

fn severity_of(head: &CaseHead) -> AlertSeverity {
    head.severity.unwrap_or(AlertSeverity::Info)
}
