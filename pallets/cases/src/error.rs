//! Why something is refused that is asked about cases.

use crate::{CaseKind, CaseRegister, CaseStep, MOST_CONTAINMENTS, MOST_REVIEW_MS};
use parity_scale_codec::{Decode, Encode};
use primitives::{CaseId, ChangeId, Height, Name, Path, Span, Text, Timestamp};
use serde::{Deserialize, Serialize};

const _: () = assert!(MOST_CONTAINMENTS == 16 && MOST_REVIEW_MS == 366 * 86_400_000, "sentences say these numbers");

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CasesRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The account may not do that in the role that it acts in.
    #[codec(index = 0)]
    #[error("{0}")]
    Role(Box<roles::Error>),
    /// The deposit cannot be held.
    #[codec(index = 1)]
    #[error("the deposit cannot be paid: {0}")]
    Deposit(accounts::Error),
    /// There is no such plan, or it is retired.
    #[codec(index = 2)]
    #[error("there is no plan {plan} that has cases, or it is retired; name one that is in force")]
    PlanUnknown {
        /// The plan.
        plan: Name,
    },
    /// Nothing of the plan can be at such a path.
    #[codec(index = 3)]
    #[error(
        "{path:?} is no scope of plan {plan}: it begins with a stage of the plan and has at most {most} names; name another, or the \
         root"
    )]
    BadPath {
        /// The plan.
        plan: Name,
        /// The path.
        path: Path,
        /// How many names its paths have.
        most: u8,
    },
    /// The plan has no such case.
    #[codec(index = 4)]
    #[error("plan {plan} has no case {case}; name one that it has")]
    CaseUnknown {
        /// The plan.
        plan: Name,
        /// The number that was named.
        case: CaseId,
    },
    /// The case is of another kind.
    #[codec(index = 5)]
    #[error("case {case} is of kind {is}, and this is done to one of kind {wanted}; name such a one")]
    OtherKind {
        /// Which.
        case: CaseId,
        /// What it is.
        is: CaseKind,
        /// What would do.
        wanted: CaseKind,
    },
    /// The case has not come so far, or is further already (REQ-122).
    #[codec(index = 6)]
    #[error("case {case} is {step}{}", next(*step))]
    OtherStep {
        /// Which.
        case: CaseId,
        /// How far it has come.
        step: CaseStep,
    },
    /// Something is missing that has to be said.
    #[codec(index = 7)]
    #[error("the {field} is blank, and whoever reads the case later has nothing else; say it in a few words")]
    FieldMissing {
        /// What is missing.
        field: Text<32>,
    },
    /// A risk would be answered for by a role that the plan has not.
    #[codec(index = 8)]
    #[error("plan {plan} has no role {owner:?} that could answer for the risk; name one that it has")]
    OwnerUnknown {
        /// The plan.
        plan: Name,
        /// What was named.
        owner: Name,
    },
    /// What is named does not contain the incident (REQ-125).
    #[codec(index = 9)]
    #[error("{0}")]
    Containment(ContainmentFlaw),
    /// The incident is in a stage whose incidents the public can read about (REQ-090).
    #[codec(index = 10)]
    #[error(
        "incident {case} is of a stage in which users are told: resolve it with where its public report is, and the digest of that"
    )]
    PublicReport {
        /// Which.
        case: CaseId,
    },
    /// Nobody would look at an accepted risk again, or not soon (REQ-134).
    #[codec(index = 11)]
    #[error(
        "a risk is looked at again after {at} ms since 1970, and within 366 days of that; {review} is not such a day"
    )]
    ReviewDate {
        /// The day that was named.
        review: Timestamp,
        /// The time of the block.
        at: Timestamp,
    },
    /// A hold cannot be so.
    #[codec(index = 12)]
    #[error("{0}")]
    Hold(HoldFlaw),
    /// There is no place for more (ROLLOUTS 17).
    #[codec(index = 13)]
    #[error("{}plan {plan} has {most} {register}, as many as there is room for; {}", whose(tenant.as_ref()), room(*register))]
    Full {
        /// The plan.
        plan: Name,
        /// Of what.
        register: CaseRegister,
        /// How many there can be.
        most: u16,
        /// The tenant that has no place; none where nobody has.
        tenant: Option<Name>,
    },
}

/// Why something does not contain an incident.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContainmentFlaw {
    /// Nothing is named.
    #[codec(index = 0)]
    #[error("nothing is named that contains the incident; name a change, or the lock that the incident itself is")]
    Nothing,
    /// More is named than there is room for.
    #[codec(index = 1)]
    #[error("an incident names 16 containments at most, and has {has}; name the ones that matter")]
    TooMany {
        /// How many it has.
        has: u8,
    },
    /// There is no such change of the plan, or it was never carried out.
    #[codec(index = 2)]
    #[error("change {change} is none that was carried out under this plan, so it contains nothing; name one that was")]
    NoSuchChange {
        /// The change.
        change: ChangeId,
    },
    /// The change is of another kind.
    #[codec(index = 3)]
    #[error(
        "change {change} is no {wanted}; a flag is contained by a disable or set, a rollback by a rollback, a lock by a freeze"
    )]
    OtherKind {
        /// The change.
        change: ChangeId,
        /// The kind of change that would do.
        wanted: Text<32>,
    },
    /// The change is about something else.
    #[codec(index = 4)]
    #[error("change {change} reaches nothing of {path:?}, where the incident is; name one that does")]
    Elsewhere {
        /// The change.
        change: ChangeId,
        /// Where the incident is.
        path: Path,
    },
}

/// Why a hold cannot be so.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HoldFlaw {
    /// It would keep records that are not there yet.
    #[codec(index = 0)]
    #[error("a hold keeps what there is: block {from} comes after this one; name a block up to it")]
    FromLater {
        /// The block that was named.
        from: Height,
    },
    /// It would be over at once.
    #[codec(index = 1)]
    #[error("the hold would be over at {until} ms since 1970, which is before this block; name a later time")]
    OverAlready {
        /// The time that was named.
        until: Timestamp,
    },
    /// It would last longer than one may.
    #[codec(index = 2)]
    #[error(
        "a hold of this plan lasts {most} at most, and can be renewed by another; name a time up to {latest} ms since 1970"
    )]
    TooLong {
        /// How long one lasts.
        most: Span,
        /// The latest time that would do.
        latest: Timestamp,
    },
    /// It confirms nothing.
    #[codec(index = 3)]
    #[error("hold {case} waits for nobody to confirm it; ask for a hold of your own")]
    WaitsForNobody {
        /// Which.
        case: CaseId,
    },
    /// It confirms something else.
    #[codec(index = 4)]
    #[error("hold {case} is of another path, block or time than this; confirm it as it was asked for")]
    AnotherHold {
        /// Which.
        case: CaseId,
    },
    /// Somebody would confirm its own hold.
    #[codec(index = 5)]
    #[error("hold {case} was asked for by this account, and another member of a role with that grant confirms it")]
    OwnHold {
        /// Which.
        case: CaseId,
    },
}

impl From<roles::Error> for Error {
    fn from(error: roles::Error) -> Self {
        Self::Role(Box::new(error))
    }
}

impl From<accounts::Error> for Error {
    fn from(error: accounts::Error) -> Self {
        Self::Deposit(error)
    }
}

impl From<ContainmentFlaw> for Error {
    fn from(flaw: ContainmentFlaw) -> Self {
        Self::Containment(flaw)
    }
}

impl From<HoldFlaw> for Error {
    fn from(flaw: HoldFlaw) -> Self {
        Self::Hold(flaw)
    }
}

impl Error {
    /// The name by which tools know it; it never changes (ROLLOUTS 16).
    pub fn code(&self) -> &'static str {
        match self {
            Error::Role(error) => error.code(),
            Error::Deposit(_) => "E_DEPOSIT",
            Error::PlanUnknown { .. } => "E_PLAN",
            Error::BadPath { .. } => "E_PATH",
            Error::CaseUnknown { .. } | Error::OtherKind { .. } => "E_CASE",
            Error::OtherStep { .. } => "E_CASE_STEP",
            Error::FieldMissing { .. } | Error::OwnerUnknown { .. } => "E_CASE_FIELD",
            Error::Containment(_) => "E_CONTAINMENT",
            Error::PublicReport { .. } => "E_PUBLIC_REPORT",
            Error::ReviewDate { .. } => "E_RISK_REVIEW",
            Error::Hold(_) => "E_HOLD",
            Error::Full { .. } => "E_FULL",
        }
    }

    /// The number by which programs know it, from 300 on; it never changes, and is of no other refusal (REQ-137).
    pub fn number(&self) -> u16 {
        match self {
            Error::Role(error) => error.number(),
            Error::Deposit(_) => 300,
            Error::PlanUnknown { .. } => 301,
            Error::BadPath { .. } => 302,
            Error::CaseUnknown { .. } => 303,
            Error::OtherKind { .. } => 304,
            Error::OtherStep { .. } => 305,
            Error::FieldMissing { .. } => 306,
            Error::OwnerUnknown { .. } => 307,
            Error::Containment(_) => 308,
            Error::PublicReport { .. } => 309,
            Error::ReviewDate { .. } => 310,
            Error::Hold(_) => 311,
            Error::Full { .. } => 312,
        }
    }
}

/// What is to be done next, as the end of a sentence.
fn next(step: CaseStep) -> String {
    match step.next() {
        Some(next) => format!(", so that is not its turn; next, {next}"),
        None => ", which is the end of it; open another".into(),
    }
}

fn whose(tenant: Option<&Name>) -> String {
    tenant.map(|tenant| format!("tenant {tenant} of ")).unwrap_or_default()
}

fn room(register: CaseRegister) -> &'static str {
    match register {
        CaseRegister::Reports => "one that is looked at makes room",
        CaseRegister::Cases | CaseRegister::Signals => "one that is resolved or closed makes room",
        CaseRegister::Holds => "one that is released makes room",
    }
}
