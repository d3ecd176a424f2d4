//! A stage: what holds there, what it takes to enter it, and what to leave it.

use super::Reference;
use parity_scale_codec::{Decode, Encode};
use primitives::{List, Name, Pattern, Span, Text};
use serde::{Deserialize, Serialize};

/// A stage of a plan (REQ-002). Its place among the others is that in the plan's list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What it is called.
    pub name: Name,
    /// The channel that builds for it are released in.
    pub channel: Name,
    /// The window in which something may move there (REQ-013).
    pub window: Name,
    /// Whether what moves there asks for a grant that names it, and in an application's plan for a ticket.
    pub production: bool,
    /// Whether what is not urgent stands still while it is entered (REQ-070).
    pub freezes: bool,
    /// The duty that ends this when it is met.
    pub thaws: Option<Name>,
    /// The form of the ticket that every effect which touches it has (REQ-111).
    pub ticket: Option<Pattern>,
    /// Whether an incident there is resolved with a report in public (REQ-090).
    pub public_report: bool,
    /// Which variant each flag serves there: the whole profile, not what differs from the stage before.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, Name)>", length(max = 64)))]
    pub values: List<(Name, Name), 64>,
    /// The flags whose value only the members of a segment get; all others have that of the stage before (REQ-009).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Limit>", length(max = 8)))]
    pub limits: List<Limit, 8>,
    /// The checks before it is entered.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 64)))]
    pub readiness: List<Name, 64>,
    /// What is done once it is entered, in this order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ActivationStep>", length(max = 32)))]
    pub steps: List<ActivationStep, 32>,
    /// The checks, beside all of its steps, before the next stage is entered.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 32)))]
    pub leave: List<Name, 32>,
    /// What is owed after it was entered, beside what every promotion owes.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Duty>", length(max = 32)))]
    pub close: List<Duty, 32>,
    /// The sections to go through before a release is done with, each signed off by its owner.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Reference>", length(max = 8)))]
    pub release_checks: List<Reference, 8>,
    /// What to do when it goes wrong.
    pub recovery_playbook: Reference,
    /// What a rollback of it does.
    pub playbook: Name,
}

/// A flag whose value at a stage only the members of a segment get.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The flag.
    pub flag: Name,
    /// The segment.
    pub segment: Name,
}

/// Something that is done at a stage, after everything before it in the list (REQ-066).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActivationStep {
    /// What it is called; no other step of the stage is.
    pub key: Name,
    /// What is done.
    pub text: Text<160>,
    /// The checks before it counts as done.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 8)))]
    pub needs: List<Name, 8>,
    /// What it moves: a flag, the variant it then serves, and the segment that alone gets it, where there is one.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, Name, Option<Name>)>", length(max = 8)))]
    pub sets: List<(Name, Name, Option<Name>), 8>,
}

/// A check that is owed after a change was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// The check.
    pub check: Name,
    /// How long there is to meet it; for ever when there is none.
    pub within: Option<Span>,
    /// What comes of it when that time is over.
    pub missed: Missed,
    /// Whether an incident that stands for it meets it too (REQ-035); of a vote none does.
    pub or_incident: bool,
}

/// What comes of a duty that was not met in time.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Missed {
    /// Nothing is promoted until it is met.
    #[default]
    #[codec(index = 0)]
    Block,
    /// The same, and what the change did stays.
    #[codec(index = 1)]
    Hold,
    /// The same, and what the change did is undone.
    #[codec(index = 2)]
    Restore,
}
