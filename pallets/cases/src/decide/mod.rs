//! When a call about a case is granted.

mod hold;
mod incident;
mod report;
mod risk;

use crate::{Call, CaseHead, CaseKind, CaseRules, Error, Event, queries};
use primitives::{AccountId, Amount, CaseId, List, Moment, Name, Path, Reason, Text};
use roles::Actor;
use state::{Decide, State};

/// What a role is granted to open incidents and see to them, and to look at reports.
const INCIDENT: &str = "incident";
/// What a role is granted to keep the risk register.
const RISK: &str = "risk";
/// What a role is granted to accept a risk.
const ACCEPT_RISK: &str = "accept_risk";
/// What a role is granted to have things kept.
const HOLD: &str = "hold";

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        let asking = |plan, acting| Asking { state, plan, acting, who };
        match self {
            Call::Report { plan, path, observation } => report::report(state, who, plan, path, observation),
            Call::Dismiss { plan, acting, case, unfounded, reason } => {
                report::dismiss(&asking(plan, acting), *case, *unfounded, reason)
            }
            Call::Detect { plan, acting, path, observation, impact, report, duty } => {
                let said = incident::Detection { path, observation, impact, report: *report, duty: duty.as_ref() };
                incident::detect(&asking(plan, acting), &said)
            }
            Call::Classify { plan, acting, case, severity, module } => {
                incident::classify(&asking(plan, acting), *case, *severity, module)
            }
            Call::Respond { plan, acting, case, containments } => {
                incident::respond(&asking(plan, acting), *case, containments)
            }
            Call::Resolve { plan, acting, case, recovery } => incident::resolve(&asking(plan, acting), *case, recovery),
            Call::OpenRisk { plan, acting, path, severity, text, owner } => {
                risk::open(&asking(plan, acting), path, *severity, text, owner)
            }
            Call::Mitigate { plan, acting, case, mitigation } => {
                risk::mitigate(&asking(plan, acting), *case, mitigation)
            }
            Call::Accept { plan, acting, case, review, reason } => {
                risk::accept(&asking(plan, acting), at, *case, *review, reason)
            }
            Call::CloseRisk { plan, acting, case, reason } => risk::close(&asking(plan, acting), *case, reason),
            Call::Hold { plan, acting, path, reason, reference, from, until, confirms } => {
                let (from, until, confirms) = (*from, *until, *confirms);
                let wanted = hold::Wanted { path, reason, reference, from, until };
                match confirms {
                    Some(case) => hold::confirm(&asking(plan, acting), case, &wanted),
                    None => hold::hold(&asking(plan, acting), at, &wanted),
                }
            }
            Call::Release { plan, acting, case, reason } => hold::release(&asking(plan, acting), *case, reason),
        }
    }

    /// What has artifacts kept, or has them kept no longer, has it found anew which are let go.
    fn reads(&self, state: &State) -> u32 {
        match self {
            Call::Detect { plan, .. }
            | Call::Resolve { plan, .. }
            | Call::Hold { plan, .. }
            | Call::Release { plan, .. } => artifacts::queries::most_read(state, plan),
            Call::Report { .. }
            | Call::Dismiss { .. }
            | Call::Classify { .. }
            | Call::Respond { .. }
            | Call::OpenRisk { .. }
            | Call::Mitigate { .. }
            | Call::Accept { .. }
            | Call::CloseRisk { .. } => 0,
        }
    }

    fn most_spent(&self, state: &State) -> Amount {
        match self {
            Call::Report { plan, .. } => queries::rules(state, plan).map(|rules| rules.deposit).unwrap_or_default(),
            _ => Amount::ZERO,
        }
    }
}

/// Whoever asks, with the plan and the role in which it acts.
struct Asking<'s> {
    state: &'s State<'s>,
    plan: &'s Name,
    acting: &'s Name,
    who: AccountId,
}

impl Asking<'_> {
    /// Who acts, if it may do something at a path.
    fn require(&self, action: &str, path: &Path) -> Result<Actor, Error> {
        Ok(roles::queries::require(self.state, self.plan, self.acting, self.who, action, path)?)
    }

    /// The paths above one at which it may do something as well.
    fn reached_above(&self, action: &str, path: &Path) -> List<Path, 4> {
        let above = path.ancestors().skip(1);
        List::truncate_from(above.filter(|above| self.require(action, above).is_ok()).collect())
    }
}

/// What a plan says, if something can be at a path of it.
fn rules_at(state: &State, plan: &Name, path: &Path) -> Result<CaseRules, Error> {
    let rules = queries::rules(state, plan).ok_or_else(|| Error::PlanUnknown { plan: plan.clone() })?;
    if rules.has_path(path) {
        Ok(rules)
    } else {
        Err(Error::BadPath { plan: plan.clone(), path: path.clone(), most: rules.depth })
    }
}

/// A case of a plan and a kind.
fn known(state: &State, plan: &Name, case: CaseId, kind: CaseKind) -> Result<CaseHead, Error> {
    let head = queries::case(state, case).filter(|head| head.plan == *plan);
    let head = head.ok_or_else(|| Error::CaseUnknown { plan: plan.clone(), case })?;
    if head.kind == kind { Ok(head) } else { Err(Error::OtherKind { case, is: head.kind, wanted: kind }) }
}

/// Refuses a text in which nothing is said.
fn require_said<const N: u32>(field: &str, text: &Text<N>) -> Result<(), Error> {
    let is_blank = Reason::new(text.as_str()).is_none();
    if is_blank { Err(Error::FieldMissing { field: Text::new(field).unwrap_or_default() }) } else { Ok(()) }
}
