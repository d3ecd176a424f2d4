//! What an account can ask for.

use crate::{Containment, DutyOfChange, Recovery};
use parity_scale_codec::{Decode, Encode};
use primitives::{AlertSeverity, CaseId, Height, List, Name, Path, Reason, Text, Timestamp};
use serde::{Deserialize, Serialize};

/// What an account can ask for: a report anybody; everything else in a role that has the grant at the case's path.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CasesCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "cases.")]
pub enum Call {
    /// Tells of something that was noticed, for a deposit. It comes back when somebody takes the report up or dismisses it, but for
    /// one that is unfounded.
    #[codec(index = 0)]
    Report {
        /// The plan.
        plan: Name,
        /// Where it was noticed.
        path: Path,
        /// What was noticed.
        observation: Text<1024>,
    },
    /// Says that nothing comes of a report; grant `incident`.
    #[codec(index = 1)]
    Dismiss {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which report.
        case: CaseId,
        /// Whether there was nothing to it, so that its deposit is forfeited.
        unfounded: bool,
        /// Why.
        reason: Reason,
    },
    /// Opens an incident (REQ-127); grant `incident`. It stops promotions at its path and below until it is resolved.
    #[codec(index = 2)]
    Detect {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Where it is.
        path: Path,
        /// What was noticed.
        observation: Text<1024>,
        /// What it did to whom.
        impact: Text<1024>,
        /// The report that it takes up.
        report: Option<CaseId>,
        /// The duty of a change for which it stands: of one whose plan takes an incident in its place (REQ-035).
        duty: Option<DutyOfChange>,
    },
    /// Says how bad an incident is, and what it is about; grant `incident`. Less than what opened it, or than was said before, is raised
    /// to that. It may be said again while the incident is open.
    #[codec(index = 3)]
    Classify {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which incident.
        case: CaseId,
        /// How bad it is.
        severity: AlertSeverity,
        /// What it is about, such as `checkout`.
        module: Name,
    },
    /// Says what contains an incident (REQ-125); grant `incident`. More may be said while it is open.
    #[codec(index = 4)]
    Respond {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which incident.
        case: CaseId,
        /// What contains it.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Containment>", length(max = 8)))]
        containments: List<Containment, 8>,
    },
    /// Says that an incident is over; grant `incident`.
    #[codec(index = 5)]
    Resolve {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which incident.
        case: CaseId,
        /// What is known now.
        recovery: Box<Recovery>,
    },
    /// Enters a risk into the register (REQ-134); grant `risk`.
    #[codec(index = 6)]
    OpenRisk {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Where it is.
        path: Path,
        /// How bad it would be.
        severity: AlertSeverity,
        /// What could happen.
        text: Text<1024>,
        /// The role of the plan that answers for it.
        owner: Name,
    },
    /// Says what was done against a risk; grant `risk`. It counts until it is accepted or closed.
    #[codec(index = 7)]
    Mitigate {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which risk.
        case: CaseId,
        /// What was done.
        mitigation: Text<1024>,
    },
    /// Says that a risk is lived with until it is looked at again; grant `accept_risk`. It may be accepted again.
    #[codec(index = 8)]
    Accept {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which risk.
        case: CaseId,
        /// The block time from which on it counts again: after this block, and within a year.
        review: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// Says that a risk is none any more; grant `risk`. One against which nothing was done is mitigated or accepted first.
    #[codec(index = 9)]
    CloseRisk {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which risk.
        case: CaseId,
        /// Why.
        reason: Reason,
    },
    /// Has records and artifacts kept (REQ-155); grant `hold`. Under the node's plan one that lasts for more than 30 days ends after 30
    /// days unless another member of a role with that grant confirms it, by the same call with its number: what every node keeps is no
    /// decision of one.
    #[codec(index = 10)]
    Hold {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Of what: of what is at this path and below; of the root, everything of the plan.
        path: Path,
        /// Why.
        reason: Reason,
        /// What it refers to, such as the number of a case in court.
        reference: Text<160>,
        /// The first block whose records are kept.
        from: Height,
        /// The block time at which it ends.
        until: Timestamp,
        /// The hold of another that this confirms: of the same path, from the same block, until the same time.
        confirms: Option<CaseId>,
    },
    /// Ends a hold; grant `hold`.
    #[codec(index = 11)]
    Release {
        /// The plan.
        plan: Name,
        /// The role in which the caller acts.
        acting: Name,
        /// Which hold.
        case: CaseId,
        /// Why.
        reason: Reason,
    },
}
