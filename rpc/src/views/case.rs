//! Cases: reports, incidents, risks and holds, in short for lists, and all that there is to know of one.

use super::found::LookedThrough;
use super::page::missing;
use crate::views::{Descriptions, FoundPage, PageRange};
use cases::{CaseBody, CaseHead, CaseKind, CaseStep, IncidentBody, IncidentCause, queries};
use primitives::{AccountId, CaseId, Height, Name, Path};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// The kinds of cases, in the order of their encoding.
const KINDS: [CaseKind; 4] = [CaseKind::Report, CaseKind::Incident, CaseKind::Risk, CaseKind::Hold];

/// A case in short: what is known of it for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseSummary {
    /// Its number.
    pub id: CaseId,
    /// What is known of it.
    #[serde(flatten)]
    pub head: CaseHead,
    /// Whether it is not over.
    pub is_open: bool,
}

/// All of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseDetail {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The case in short.
    #[serde(flatten)]
    pub summary: CaseSummary,
    /// What was said about it; null once it was over for as long as its plan keeps that.
    pub body: Option<CaseBody>,
    /// What is to be done next about it; null when it is over.
    pub next: Option<String>,
    /// What those who are named here say of themselves.
    #[serde(default)]
    pub described: Descriptions,
}

/// How far cases have come that are asked for: whether they are over, or exactly a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseStateName {
    /// Whatever is not over.
    Open,
    /// Whatever is over.
    Over,
    /// Reports that nobody has looked at.
    Reported,
    /// Reports of which incidents were made.
    Taken,
    /// Reports of which nothing came.
    Dismissed,
    /// Incidents of which nobody has said yet how bad they are.
    Detected,
    /// Incidents of which is known how bad they are.
    Classified,
    /// Incidents that something contains.
    Responded,
    /// Incidents that are over.
    Resolved,
    /// Risks against which something was done.
    Mitigated,
    /// Risks that are lived with until their review.
    Accepted,
    /// Risks that are none any more.
    Closed,
    /// Holds that hold.
    Held,
    /// Holds that are over.
    Released,
    /// Whatever is over because its plan is retired.
    Abandoned,
}

impl CaseStateName {
    fn includes(self, step: CaseStep) -> bool {
        match self {
            Self::Open => !step.is_last(),
            Self::Over => step.is_last(),
            Self::Reported => step == CaseStep::Reported,
            Self::Taken => step == CaseStep::Taken,
            Self::Dismissed => step == CaseStep::Dismissed,
            Self::Detected => step == CaseStep::Detected,
            Self::Classified => step == CaseStep::Classified,
            Self::Responded => step == CaseStep::Responded,
            Self::Resolved => step == CaseStep::Resolved,
            Self::Mitigated => step == CaseStep::Mitigated,
            Self::Accepted => step == CaseStep::Accepted,
            Self::Closed => step == CaseStep::Closed,
            Self::Held => step == CaseStep::Held,
            Self::Released => step == CaseStep::Released,
            Self::Abandoned => step == CaseStep::Abandoned,
        }
    }
}

/// Which cases are asked for; of what is left out, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only of this plan.
    pub plan: Option<Name>,
    /// Only of this kind.
    pub kind: Option<CaseKind>,
    /// Only those that have come so far.
    pub state: Option<CaseStateName>,
    /// Only those at this path, or below.
    pub scope: Option<Path>,
}

impl CaseFilter {
    /// The cases to look through below a number: no others can be meant.
    fn possible(&self, state: &State, before: u64) -> LookedThrough {
        let kinds = self.kind.map_or_else(|| KINDS.to_vec(), |kind| vec![kind]);
        let Some(plan) = &self.plan else { return LookedThrough::latest(before, |numbers| Box::new(numbers)) };
        let open = || {
            let of_kind = |kind: &CaseKind| queries::open(state, plan, *kind).map(|id| id.0);
            LookedThrough::all(kinds.iter().flat_map(of_kind), before)
        };
        let latest = || {
            LookedThrough::latest(before, |numbers| {
                let of_kind = move |kind: &CaseKind| {
                    let from = queries::page(state, plan, *kind, CaseId(numbers.start)).map(|id| id.0);
                    from.take_while(move |number| *number < numbers.end)
                };
                Box::new(kinds.iter().flat_map(of_kind))
            })
        };
        let is_open = self.state == Some(CaseStateName::Open);
        is_open.then(open).flatten().unwrap_or_else(latest)
    }

    fn takes(&self, state: &State, id: CaseId) -> bool {
        let Some(head) = queries::case(state, id) else { return false };
        self.kind.is_none_or(|kind| head.kind == kind)
            && self.state.is_none_or(|state| state.includes(head.step))
            && self.scope.as_ref().is_none_or(|scope| head.path.is_under(scope))
    }
}

impl CaseSummary {
    /// A case in short; none when there is none of this number.
    fn of(state: &State, id: CaseId) -> Option<Self> {
        let head = queries::case(state, id)?;
        Some(Self { id, is_open: !head.step.is_last(), head })
    }
}

/// A page of the cases that are asked for, the latest first, below a number where one is named, for as long as somebody waits for it.
pub(crate) fn case_page<E>(
    state: &State,
    filter: &CaseFilter,
    before: Option<CaseId>,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<FoundPage<CaseSummary>, E> {
    let show = |number| -> Result<CaseSummary, E> {
        go_on()?;
        Ok(CaseSummary::of(state, CaseId(number)).unwrap_or_else(|| missing("case", number)))
    };
    let after_latest = queries::next_id(state).0;
    let before = before.map_or(after_latest, |before| before.0.min(after_latest));
    if *filter == CaseFilter::default() {
        return Ok(FoundPage { found: range.descending(before.saturating_sub(1), show)?, next: None });
    }
    let takes = |number| go_on().map(|()| filter.takes(state, CaseId(number)));
    filter.possible(state, before).page(range, takes, show)
}

/// All of a case as it stands; none when there is none of this number.
pub(crate) fn case_detail(state: &State, height: Height, id: CaseId) -> Option<CaseDetail> {
    let summary = CaseSummary::of(state, id)?;
    let body = queries::body(state, id);
    let named = summary.head.by.into_iter().chain(body.iter().flat_map(named_in));
    let described = Descriptions::of(state, named);
    Some(CaseDetail { height, next: summary.head.step.next().map(str::to_owned), summary, body, described })
}

/// The accounts that are named in what was said about a case.
fn named_in(body: &CaseBody) -> Vec<AccountId> {
    match body {
        CaseBody::Report(report) => {
            let signalled = report.signal.as_ref().map(|by| by.account);
            report.deposit.as_ref().map(|deposit| deposit.account).into_iter().chain(signalled).collect()
        }
        CaseBody::Incident(incident) => {
            let IncidentBody { cause, classified_by, .. } = incident.as_ref();
            let signalled = match cause {
                IncidentCause::Signal(by) => Some(by.account),
                IncidentCause::ByHand { .. } | IncidentCause::Missed(_) | IncidentCause::Rollback(_) => None,
            };
            classified_by.as_ref().map(|by| by.account).into_iter().chain(signalled).collect()
        }
        CaseBody::Risk(risk) => risk.acceptance.iter().map(|accepted| accepted.by.account).collect(),
        CaseBody::Hold(hold) => {
            let confirmed = hold.confirmed.as_ref().map(|confirmed| confirmed.by.account);
            std::iter::once(hold.by.account).chain(confirmed).collect()
        }
    }
}
