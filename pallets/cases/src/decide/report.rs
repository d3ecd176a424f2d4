//! When something is told of, and when nothing comes of that.

use super::{Asking, INCIDENT, known, require_said, rules_at};
use crate::{CaseBody, CaseHead, CaseKind, CaseRegister, CaseStep, Error, Event, ReportBody, queries, room};
use governance::{Deposit, DepositEnd};
use primitives::{AccountId, CaseId, Name, Path, Reason, Text};
use state::State;

pub(super) fn report(
    state: &State,
    who: AccountId,
    plan: &Name,
    path: &Path,
    observation: &Text<1024>,
) -> Result<Event, Error> {
    let rules = rules_at(state, plan, path)?;
    require_said("observation", observation)?;
    room::require(state, plan, CaseRegister::Reports, path)?;
    accounts::queries::require_free(state, &who, rules.deposit)?;
    let report = ReportBody {
        observation: observation.clone(),
        deposit: Some(Deposit { account: who, amount: rules.deposit }),
        signal: None,
        taken: None,
        dismissed: None,
    };
    let case = queries::next_id(state);
    Ok(Event::Reported { plan: plan.clone(), case, path: path.clone(), by: who, report: Box::new(report) })
}

pub(super) fn dismiss(asking: &Asking, case: CaseId, unfounded: bool, reason: &Reason) -> Result<Event, Error> {
    let head = known(asking.state, asking.plan, case, CaseKind::Report)?;
    let by = asking.require(INCIDENT, &head.path)?;
    require_reported(case, &head)?;
    let end = if unfounded { DepositEnd::Burned } else { DepositEnd::Returned };
    let deposit = deposit(asking.state, case).map(end);
    let (plan, reason) = (asking.plan.clone(), reason.clone());
    Ok(Event::Dismissed { plan, case, path: head.path, by, unfounded, reason, deposit })
}

/// A report is looked at once.
pub(super) fn require_reported(case: CaseId, head: &CaseHead) -> Result<(), Error> {
    if head.step == CaseStep::Reported { Ok(()) } else { Err(Error::OtherStep { case, step: head.step }) }
}

/// What is held for a report.
pub(super) fn deposit(state: &State, case: CaseId) -> Option<Deposit> {
    match queries::body(state, case) {
        Some(CaseBody::Report(report)) => report.deposit,
        _ => None,
    }
}
