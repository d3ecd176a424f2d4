//! When things are kept, for how long, and on whose word.

use super::{Asking, HOLD, known, rules_at};
use crate::{
    ALONE_MS, CaseBody, CaseHead, CaseKind, CaseRegister, CaseRules, CaseStep, Error, Event, HoldBody,
    HoldConfirmation, HoldFlaw, queries, room,
};
use primitives::{CaseId, Epoch, Height, Moment, Path, Reason, Span, Text, Timestamp};
use roles::Actor;

/// What is to be kept, and why.
pub(super) struct Wanted<'c> {
    pub path: &'c Path,
    pub reason: &'c Reason,
    pub reference: &'c Text<160>,
    pub from: Height,
    pub until: Timestamp,
}

pub(super) fn hold(asking: &Asking, at: Moment, wanted: &Wanted) -> Result<Event, Error> {
    let Asking { state, plan, .. } = *asking;
    let rules = rules_at(state, plan, wanted.path)?;
    let by = asking.require(HOLD, wanted.path)?;
    require_times(at, &rules, wanted)?;
    room::require(state, plan, CaseRegister::Holds, wanted.path)?;
    let is_of_node = flags::queries::is_node_plan(state, plan);
    let alone = at.time.plus(ALONE_MS);
    let hold = HoldBody {
        reason: wanted.reason.clone(),
        reference: wanted.reference.clone(),
        from: wanted.from,
        asked: wanted.until,
        until: if is_of_node { wanted.until.min(alone) } else { wanted.until },
        until_epoch: last_epoch(at, &rules),
        by: by.clone(),
        confirmed: None,
        released: None,
    };
    let (plan, case) = (plan.clone(), queries::next_id(state));
    Ok(Event::Held { plan, case, path: wanted.path.clone(), by, hold: Box::new(hold) })
}

fn require_times(at: Moment, rules: &CaseRules, wanted: &Wanted) -> Result<(), Error> {
    if wanted.from > at.height {
        return Err(HoldFlaw::FromLater { from: wanted.from }.into());
    }
    if wanted.until <= at.time {
        return Err(HoldFlaw::OverAlready { until: wanted.until }.into());
    }
    match rules.hold_at_most {
        Span::Millis(most) if wanted.until > at.time.plus(most) => {
            Err(HoldFlaw::TooLong { most: rules.hold_at_most, latest: at.time.plus(most) }.into())
        }
        Span::Millis(_) | Span::Epochs(_) => Ok(()),
    }
}

/// Epochs are counted whole, as with every span.
fn last_epoch(at: Moment, rules: &CaseRules) -> Option<Epoch> {
    match rules.hold_at_most {
        Span::Millis(_) => None,
        Span::Epochs(epochs) => Some(at.epoch.plus(epochs.saturating_add(1))),
    }
}

/// A hold of the plan that holds, and who acts on it.
fn held(asking: &Asking, case: CaseId) -> Result<(CaseHead, Actor), Error> {
    let head = known(asking.state, asking.plan, case, CaseKind::Hold)?;
    let by = asking.require(HOLD, &head.path)?;
    if head.step == CaseStep::Held { Ok((head, by)) } else { Err(Error::OtherStep { case, step: head.step }) }
}

pub(super) fn confirm(asking: &Asking, case: CaseId, wanted: &Wanted) -> Result<Event, Error> {
    let (head, by) = held(asking, case)?;
    let hold = match queries::body(asking.state, case) {
        Some(CaseBody::Hold(hold)) if hold.waits() => hold,
        _ => return Err(HoldFlaw::WaitsForNobody { case }.into()),
    };
    if (&head.path, hold.from, hold.asked) != (wanted.path, wanted.from, wanted.until) {
        return Err(HoldFlaw::AnotherHold { case }.into());
    }
    if hold.by.account == by.account {
        return Err(HoldFlaw::OwnHold { case }.into());
    }
    let confirmed = HoldConfirmation { by: by.clone(), reason: wanted.reason.clone() };
    let hold = HoldBody { until: hold.asked, confirmed: Some(confirmed), ..*hold };
    Ok(Event::Held { plan: head.plan, case, path: head.path, by, hold: Box::new(hold) })
}

pub(super) fn release(asking: &Asking, case: CaseId, reason: &Reason) -> Result<Event, Error> {
    let (head, by) = held(asking, case)?;
    let (by, reason) = (Some(by), Some(reason.clone()));
    Ok(Event::Released { plan: head.plan, case, path: head.path, by, reason })
}
