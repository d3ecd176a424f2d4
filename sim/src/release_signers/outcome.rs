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
    /// How many of the releases had to wait, and for what.
    pub waits: Waits,
    /// How many other rosters came into force.
    pub rosters: u64,
    /// The epoch in which the planned roster came into force; 0 where it was so from the beginning, none where it never
    /// did.
    pub planned_since: Option<u64>,
    /// The first epoch since then in which the living keys of the roster were fewer than its threshold; none where they
    /// were always enough, or the planned roster was never in force.
    pub first_stranded: Option<u64>,
    /// The epoch from which on the living keys were fewer than the threshold, to the end, whichever roster was in force
    /// and with no other on its way; none where they were enough in the end.
    pub stranded_since: Option<u64>,
    /// In the end: with which key that is lost, counted from 1, releases stop; 0 where they had stopped, none where it
    /// was not tried.
    pub stopped_with: Option<u64>,
    /// How many keys were stolen.
    pub stolen: u64,
    /// What the thief tried.
    pub attempts: Vec<Attempt>,
}

/// How many releases had to wait, by what for. One that waited for several things counts for each, and once for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waits {
    /// Too few signers were at hand.
    pub for_signatures: u64,
    /// Nobody could propose it: no validator was up, or no place was free.
    pub for_a_proposer: u64,
    /// The roster changed during the vote, which was void then.
    pub for_another_roster: u64,
    /// A signer left during the vote, so that too few were left.
    pub for_a_signer_who_left: u64,
    /// Too few voted, or voted yes.
    pub for_votes: u64,
    /// Too few validators had the build.
    pub for_holders: u64,
}

/// Something that a release waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wait {
    Signatures,
    Proposer,
    AnotherRoster,
    SignerWhoLeft,
    Votes,
    Holders,
}

impl Waits {
    /// A release more waits for something.
    pub(super) fn count(&mut self, wait: Wait) {
        let releases = match wait {
            Wait::Signatures => &mut self.for_signatures,
            Wait::Proposer => &mut self.for_a_proposer,
            Wait::AnotherRoster => &mut self.for_another_roster,
            Wait::SignerWhoLeft => &mut self.for_a_signer_who_left,
            Wait::Votes => &mut self.for_votes,
            Wait::Holders => &mut self.for_holders,
        };
        *releases += 1;
    }
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
