//! What a future came to.

use serde::Serialize;

/// The numbers of one future.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// How many releases were made.
    pub releases: u64,
    /// How many of them activated in the epoch for which they were planned.
    pub in_time: u64,
    /// How many activated later.
    pub late: u64,
    /// Of those that activated, the epochs from the making to the activation.
    pub took: Vec<u64>,
    /// What releases waited for.
    pub waits: Waits,
    /// How many other rosters came into force.
    pub rosters: u64,
    /// The epoch in which the planned roster came into force; 0 where it was so from the beginning, none where it never
    /// did.
    pub planned_since: Option<u64>,
    /// The fewest living keys of the roster in any epoch since the planned one is in force; none where it never was.
    pub fewest_living: Option<u64>,
    /// The epoch from which on the living keys were fewer than the threshold, to the end; none where they were enough.
    pub stranded_since: Option<u64>,
    /// In the end: with which key that is lost, counted from 1, releases stop; 0 where they had stopped, none where it
    /// was not tried.
    pub stopped_with: Option<u64>,
    /// How many keys were stolen.
    pub stolen: u64,
    /// What the thief tried.
    pub attempts: Vec<Attempt>,
}

/// How often a release had to wait, and for what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waits {
    /// Epochs in which too few signers were at hand.
    pub for_signatures: u64,
    /// Epochs in which nobody could propose it: no validator was up, or no place was free.
    pub for_a_proposer: u64,
    /// Proposals that were void because the roster changed.
    pub for_another_roster: u64,
    /// Proposals of which a signer left, so that too few were left.
    pub for_a_signer_who_left: u64,
    /// Proposals for which too few voted, or voted yes.
    pub for_votes: u64,
    /// Proposals of which too few validators had the build.
    pub for_holders: u64,
}

/// Something that a thief tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// What.
    pub trick: super::Trick,
    /// With how many keys of the roster in force.
    pub keys: u64,
    /// How many that roster asks for.
    pub threshold: u32,
    /// How it ended.
    pub end: End,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It is still voted on.
    Open,
    /// It was refused when it was asked for.
    Refused,
    /// It came to a vote, and the vote rejected it.
    VotedDown,
    /// It was carried out.
    Succeeded,
}
