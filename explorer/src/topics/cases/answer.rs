//! What is answered about cases.

use crate::answers::Milestone;
use cases::{CaseBody, CaseKind, CaseStep, IncidentCause};
use primitives::{AccountId, AlertSeverity, CaseId, Height, Moment, Name, Path};
use rpc::views::{Descriptions, PageOf};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A case: where it is, how far it has come, and what was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseEntry {
    /// Its number.
    pub id: CaseId,
    /// Its plan.
    pub plan: Name,
    /// What kind of thing it is.
    pub kind: CaseKind,
    /// Where it is; the empty path is everywhere.
    pub path: Path,
    /// How far it has come.
    pub step: CaseStep,
    /// Since when.
    pub since: Moment,
    /// How bad it is: of an incident that nobody classified, at least so. Null of reports and holds.
    pub severity: Option<AlertSeverity>,
    /// When it was opened.
    pub opened: Moment,
    /// Who opened it; null when the chain did.
    pub by: Option<AccountId>,
    /// From which block on it has records kept while it is open: of an incident and of a hold.
    pub keeps_from: Height,
    /// The paths above its own at which it stops promotions as well.
    #[schemars(length(max = 4))]
    pub wider: Vec<Path>,
    /// What was said about it.
    pub body: CaseBody,
}

impl CaseEntry {
    /// Everybody whom it names, some more than once.
    pub(super) fn accounts(&self) -> Vec<AccountId> {
        let mut named: Vec<AccountId> = self.by.into_iter().collect();
        match &self.body {
            CaseBody::Report(report) => named.extend(report.signal.as_ref().map(|signal| signal.account)),
            CaseBody::Incident(incident) => {
                if let IncidentCause::Signal(signal) = &incident.cause {
                    named.push(signal.account);
                }
                named.extend(incident.classified_by.as_ref().map(|by| by.account));
            }
            CaseBody::Risk(risk) => named.extend(risk.acceptance.as_ref().map(|accepted| accepted.by.account)),
            CaseBody::Hold(hold) => {
                named.push(hold.by.account);
                named.extend(hold.confirmed.as_ref().map(|confirmed| confirmed.by.account));
            }
        }
        named
    }
}

/// A page of the cases of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CasesAnswer {
    /// What kind.
    pub kind: CaseKind,
    /// The cases: those that are open first, of these and of the others the latest first.
    #[serde(flatten)]
    pub page: PageOf<CaseEntry>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A case, and how it came to stand where it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CaseAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The case.
    #[serde(flatten)]
    pub entry: CaseEntry,
    /// What is to be done next about it; null when it is over.
    #[schemars(length(max = 64))]
    pub next: Option<String>,
    /// What happened to it, the earliest first; at most two hundred.
    #[schemars(length(max = 200))]
    pub milestones: Vec<Milestone>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}
