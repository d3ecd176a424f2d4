//! What every case has: a kind, a place, how far it has come; and what is kept of it for as long as it is open and a while longer.

use crate::{HoldBody, IncidentBody, ReportBody, RiskBody};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, AlertSeverity, Epoch, Height, List, Moment, Name, Path};
use serde::{Deserialize, Serialize};
use state::{Key, KeyBytes};

/// What kind of thing is open.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CaseKind {
    /// What somebody noticed and nobody has looked at; it stops nothing.
    #[codec(index = 0)]
    Report,
    /// What went wrong.
    #[codec(index = 1)]
    Incident,
    /// What could go wrong.
    #[codec(index = 2)]
    Risk,
    /// What has records and artifacts kept, whatever their time is.
    #[codec(index = 3)]
    Hold,
}

/// As the byte of its encoding, which sorts as the kinds do.
impl Key for CaseKind {
    fn write(&self, out: &mut KeyBytes) {
        self.using_encoded(|bytes| out.extend_from_slice(bytes));
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
}

/// How far a case has come. Of each kind these only ever go on, in the order in which they stand here.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CaseStep {
    /// A report that nobody has looked at.
    #[codec(index = 0)]
    Reported,
    /// A report of which an incident was made.
    #[codec(index = 1)]
    Taken,
    /// A report of which nothing came.
    #[codec(index = 2)]
    Dismissed,
    /// An incident of which nobody has said yet how bad it is.
    #[codec(index = 3)]
    Detected,
    /// An incident of which is known how bad it is.
    #[codec(index = 4)]
    Classified,
    /// An incident that something contains.
    #[codec(index = 5)]
    Responded,
    /// An incident that is over.
    #[codec(index = 6)]
    Resolved,
    /// A risk against which nothing was done.
    #[codec(index = 7)]
    Open,
    /// A risk against which something was done.
    #[codec(index = 8)]
    Mitigated,
    /// A risk that is lived with until its review.
    #[codec(index = 9)]
    Accepted,
    /// A risk that is none any more.
    #[codec(index = 10)]
    Closed,
    /// A hold that holds.
    #[codec(index = 11)]
    Held,
    /// A hold that is over.
    #[codec(index = 12)]
    Released,
    /// Whatever it was, its plan is retired.
    #[codec(index = 13)]
    Abandoned,
}

impl CaseStep {
    /// Whether nothing comes after it.
    pub fn is_last(self) -> bool {
        self.next().is_none()
    }

    /// What is to be done next about a case at this step; nothing when it is over.
    pub fn next(self) -> Option<&'static str> {
        match self {
            Self::Reported => Some("take it up with an incident, or dismiss it"),
            Self::Detected => Some("classify it"),
            Self::Classified => Some("respond to it"),
            Self::Responded => Some("resolve it"),
            Self::Open => Some("mitigate or accept it"),
            Self::Mitigated => Some("accept or close it"),
            Self::Accepted => Some("close it"),
            Self::Held => Some("release it"),
            Self::Taken | Self::Dismissed | Self::Resolved | Self::Closed | Self::Released | Self::Abandoned => None,
        }
    }
}

/// What there is bounded room for in a plan.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseRegister {
    /// Reports that nobody has looked at.
    #[codec(index = 0)]
    #[strum(to_string = "reports that nobody has looked at")]
    Reports,
    /// Incidents and risks that members of its roles opened.
    #[codec(index = 1)]
    #[strum(to_string = "open incidents and risks")]
    Cases,
    /// Holds.
    #[codec(index = 2)]
    #[strum(to_string = "holds")]
    Holds,
    /// Incidents that signals opened.
    #[codec(index = 3)]
    #[strum(to_string = "incidents opened by signals")]
    Signals,
}

/// As the byte of its encoding.
impl Key for CaseRegister {
    fn write(&self, out: &mut KeyBytes) {
        self.using_encoded(|bytes| out.extend_from_slice(bytes));
    }
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
}

/// What is known of a case for good. Its [body](CaseBody) goes once it was over for as long as its plan says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseHead {
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
    /// How bad it is: of an incident that nobody classified, at least so. Reports and holds have none.
    pub severity: Option<AlertSeverity>,
    /// When it was opened.
    pub opened: Moment,
    /// Who opened it; nobody when the chain did.
    pub by: Option<AccountId>,
    /// From which block on it has records kept.
    pub keeps_from: Height,
    /// In which register it has a place; of what the chain opens for a change, none.
    pub register: Option<CaseRegister>,
    /// The paths above its own at which it stops as well: those that whoever said that it is CRITICAL can reach.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Path>", length(max = 4)))]
    pub wider: List<Path, 4>,
    /// When its body may go; of what is open, and of what has none any more, nothing.
    pub drops: Option<BodyEnd>,
}

/// When the body of a case that is over may go: the end of its plan's span, in the unit of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BodyEnd {
    /// When the chain has run for so many milliseconds.
    #[codec(index = 0)]
    Running(u64),
    /// When that epoch begins.
    #[codec(index = 1)]
    Epoch(Epoch),
}

/// What was said about a case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseBody {
    /// Of a report.
    #[codec(index = 0)]
    Report(Box<ReportBody>),
    /// Of an incident.
    #[codec(index = 1)]
    Incident(Box<IncidentBody>),
    /// Of a risk.
    #[codec(index = 2)]
    Risk(Box<RiskBody>),
    /// Of a hold.
    #[codec(index = 3)]
    Hold(Box<HoldBody>),
}
