//! What happened.

use crate::{Acceptance, CaseKind, Containment, DutyOfChange, HoldBody, Recovery, ReportBody};
use flags::Gates;
use governance::DepositEnd;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, AlertSeverity, CaseId, List, Name, Path, Reason, Text};
use roles::Actor;
use serde::{Deserialize, Serialize};

/// What happened. Each says of which case, where that is, who did it in which role, and, of what has one, how bad it is.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CasesEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "cases.")]
pub enum Event {
    /// Somebody told of something.
    #[codec(index = 0)]
    Reported {
        /// The plan.
        plan: Name,
        /// The number of the report.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who.
        by: AccountId,
        /// What was said.
        report: Box<ReportBody>,
    },
    /// Nothing comes of a report.
    #[codec(index = 1)]
    Dismissed {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who said so.
        by: Actor,
        /// Whether there was nothing to it.
        unfounded: bool,
        /// Why.
        reason: Reason,
        /// What became of its deposit; of a signal there is none.
        deposit: Option<DepositEnd>,
    },
    /// An incident is open.
    #[codec(index = 2)]
    Detected {
        /// The plan.
        plan: Name,
        /// Its number.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who opened it.
        by: Actor,
        /// How bad it is at least.
        severity: AlertSeverity,
        /// What was noticed.
        observation: Text<1024>,
        /// What it did to whom.
        impact: Text<1024>,
        /// The stage in which it is; none where it is in all of them.
        stage: Option<Name>,
        /// The gates of this network at that moment.
        gates: Gates,
        /// The report that it takes up.
        report: Option<CaseId>,
        /// The duty for which it stands.
        duty: Option<DutyOfChange>,
        /// What became of the deposit of that report.
        deposit: Option<DepositEnd>,
    },
    /// Somebody said how bad an incident is.
    #[codec(index = 3)]
    Classified {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who.
        by: Actor,
        /// How bad it is said to be.
        asked: AlertSeverity,
        /// How bad it is: more than what was asked where that was less than it has to be, which is an attempt to play it down.
        severity: AlertSeverity,
        /// What it is about.
        module: Name,
        /// The paths above its own at which it stops from now on as well.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Path>", length(max = 4)))]
        wider: List<Path, 4>,
    },
    /// Somebody said what contains an incident.
    #[codec(index = 4)]
    Responded {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who.
        by: Actor,
        /// How bad it is.
        severity: AlertSeverity,
        /// What contains it, beside what was said before.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Containment>", length(max = 8)))]
        containments: List<Containment, 8>,
    },
    /// An incident is over.
    #[codec(index = 5)]
    Resolved {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who said so.
        by: Actor,
        /// How bad it was.
        severity: AlertSeverity,
        /// What is known now.
        recovery: Box<Recovery>,
    },
    /// A risk is in the register.
    #[codec(index = 6)]
    RiskOpened {
        /// The plan.
        plan: Name,
        /// Its number.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who entered it.
        by: Actor,
        /// How bad it would be.
        severity: AlertSeverity,
        /// What could happen.
        text: Text<1024>,
        /// The role that answers for it.
        owner: Name,
        /// The paths above its own at which it counts as well.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Path>", length(max = 4)))]
        wider: List<Path, 4>,
    },
    /// Something was done against a risk.
    #[codec(index = 7)]
    RiskMitigated {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who said so.
        by: Actor,
        /// How bad it would be.
        severity: AlertSeverity,
        /// What was done.
        mitigation: Text<1024>,
    },
    /// A risk is lived with.
    #[codec(index = 8)]
    RiskAccepted {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
        /// How bad it would be.
        severity: AlertSeverity,
        /// By whom, until when, and why.
        acceptance: Acceptance,
    },
    /// A risk is none any more.
    #[codec(index = 9)]
    RiskClosed {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
        /// Who said so.
        by: Actor,
        /// How bad it was.
        severity: AlertSeverity,
        /// Why.
        reason: Reason,
    },
    /// Records and artifacts are kept; or, of one that was held already, somebody confirmed that.
    #[codec(index = 10)]
    Held {
        /// The plan.
        plan: Name,
        /// Its number.
        case: CaseId,
        /// Of what.
        path: Path,
        /// Who holds, or confirms.
        by: Actor,
        /// The hold, as it is now.
        hold: Box<HoldBody>,
    },
    /// A hold is over.
    #[codec(index = 11)]
    Released {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Of what.
        path: Path,
        /// Who released it; nobody when its time was over.
        by: Option<Actor>,
        /// Why; nothing when its time was over.
        reason: Option<Reason>,
    },
    /// What was open of a plan is over, because the plan is retired.
    #[codec(index = 12)]
    Abandoned {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// What kind of thing it was.
        kind: CaseKind,
        /// Where.
        path: Path,
        /// What became of its deposit.
        deposit: Option<DepositEnd>,
    },
    /// What was said about a case that is over for long is kept in this state no longer. That it was, stays.
    #[codec(index = 13)]
    Dropped {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
    },
    /// What was said about such a case is kept for a day more, because an incident or a hold needs it.
    #[codec(index = 14)]
    Retained {
        /// The plan.
        plan: Name,
        /// Which.
        case: CaseId,
        /// Where.
        path: Path,
        /// What needs it.
        by: CaseId,
    },
}
