//! What is open, and what it stops or has kept: reports, incidents, risks and holds (ROLLOUTS 8).
//!
//! A case is something open at a path of a plan until it is over. An incident stops promotions there and below; a risk keeps a register
//! from being clear; a hold, and an incident too, has records and artifacts kept, whatever their time is; a report does nothing until a
//! member of a role takes it up. Each goes through [steps](CaseStep) of its own, one way. Incidents are opened by members of roles and by
//! the chain itself, when a vote was missed, a stage is rolled back or a signal failed; how bad one is is said by whoever classifies it,
//! and never less than what opened it says.
//!
//! What stops what is asked of [`queries`]; what the chain opens is made there and written by [`apply`], by the facts of `rollouts` that
//! bring it. What a plan says about cases comes with its installation, as [`CaseRules`].
//!
//! ```
//! use cases::{CaseKind, queries};
//! use primitives::{Name, Path};
//! use state::{Memory, State};
//!
//! let memory = Memory::default();
//! let state = State::over(&memory);
//! let plan = Name::new("pos").ok_or("no name")?;
//! assert_eq!(queries::first_open_at(&state, &plan, &Path::ROOT), None);
//! assert_eq!(queries::open(&state, &plan, CaseKind::Incident).count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! - No case goes back a step, and none that is over is opened again.
//! - No incident is less bad than what opened it says, or than somebody said before.
//! - Nothing that is open somewhere stops what is elsewhere, or what is wider but by the word of somebody who can reach that.
//! - No tenant takes the places of others, and no stranger stops anything.
//! - Nothing of an application's plan has anything kept at nodes that do not keep that plan.
//! - No deposit is lost but by a report that was unfounded.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod audit;
mod call;
mod case;
mod counts;
mod decide;
mod due;
mod error;
mod event;
mod hold;
mod incident;
pub mod queries;
mod report;
mod risk;
mod room;
mod rules;
mod signal;
mod storage;
#[cfg(test)]
mod tests;
mod words;

pub use call::Call;
pub use case::{BodyEnd, CaseBody, CaseHead, CaseKind, CaseRegister, CaseStep};
pub use due::{MOST_ENDED, due};
pub use error::{ContainmentFlaw, Error, HoldFlaw};
pub use event::Event;
pub use hold::{ALONE_MS, HoldBody, HoldConfirmation};
pub use incident::{
    Containment, DutyOfChange, IncidentBody, IncidentCause, MOST_CONTAINMENTS, OpenedCase, PublicReport, Recovery,
    SignalledBy,
};
pub use report::ReportBody;
pub use risk::{Acceptance, MOST_REVIEW_MS, RiskBody};
pub use rules::CaseRules;
