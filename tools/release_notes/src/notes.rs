//! What changed in a cycle?

use crate::{EnactedMotion, History};
use primitives::{AccountId, ChainId, Epoch, Height, ProposalId, PublicKey, Text};
use releases::{ApprovedRelease, Manifest, RosterCause, RosterRecord, Standing, Target};
use serde::Serialize;

/// Where a cycle begins; without anything, at genesis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Since {
    /// Only what took effect in this epoch or later.
    pub epoch: Option<Epoch>,
    /// Only what this proposal or a later one decided; what no proposal decided, from the epoch of the first of them.
    pub proposal: Option<ProposalId>,
}

/// What governance approved in a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notes {
    /// The network.
    pub chain_id: ChainId,
    /// The newest block that the notes know.
    pub height: Height,
    /// Its epoch.
    pub epoch: Epoch,
    /// Where the cycle begins.
    pub since: Since,
    /// Releases that are built on something else than the release before.
    pub switches: Vec<Switch>,
    /// Approved releases.
    pub releases: Vec<Release>,
    /// Changes of the roster of signers.
    pub rosters: Vec<Keys>,
    /// Decisions that take builds out of use.
    pub retirements: Vec<Retirement>,
}

/// A release with all its builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// Its number.
    pub sequence: u64,
    /// The epoch from which it may run.
    pub epoch: Epoch,
    /// The proposal that approved it; none for a build of genesis.
    pub proposal_id: Option<ProposalId>,
    /// Who proposed it.
    pub proposer: Option<AccountId>,
    /// Where it stands.
    pub standing: Standing,
    /// Its builds.
    pub builds: Vec<Target>,
    /// What it is made of.
    pub manifest: Manifest,
    /// The proposal that last corrected what is said here; none when that is what it was approved with.
    pub amended: Option<ProposalId>,
}

/// What a release is built on, in one respect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// What runs its tasks.
    Runtime,
    /// What carries its messages.
    Transport,
    /// What keeps its state.
    Storage,
}

/// A backend that changed from one release to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switch {
    /// The epoch from which the release may run.
    pub epoch: Epoch,
    /// The proposal that approved it; none for a build of genesis.
    pub proposal_id: Option<ProposalId>,
    /// The release's number.
    pub sequence: u64,
    /// What changed.
    pub component: Component,
    /// What releases were built on before; none when none had said so.
    pub from: Option<Text<64>>,
    /// What this one is built on.
    pub to: Text<64>,
}

/// A change of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Keys {
    /// The roster's version.
    pub version: u64,
    /// The epoch since which it is the current one, or from which a key no longer signs.
    pub epoch: Epoch,
    /// What brought it; none when a key left it by its own word.
    pub cause: Option<RosterCause>,
    /// Keys that did not sign before.
    pub joined: Vec<PublicKey>,
    /// Keys that no longer sign.
    pub left: Vec<PublicKey>,
    /// How many of the keys a release needs.
    pub threshold: u32,
    /// How many keys sign.
    pub size: u32,
}

/// A decision that takes builds out of use.
pub type Retirement = EnactedMotion;

impl Notes {
    /// The notes of a cycle.
    pub fn of(history: &History, since: Since) -> Self {
        let releases = releases(&history.releases);
        let first = Epoch(0);
        let keys = keys(&history.rosters);
        let places = releases.iter().map(|r| (r.proposal_id, r.epoch));
        let places = places.chain(keys.iter().map(|k| (k.proposal_id(), k.epoch)));
        let places = places.chain(history.decisions.iter().map(|d| (Some(d.proposal_id), d.epoch)));
        let from = since.proposal.map(|least| {
            let later = places.filter(|(id, _)| id.is_some_and(|id| id >= least)).map(|(_, epoch)| epoch);
            later.min().unwrap_or(Epoch(u64::MAX))
        });
        let within = |proposal: Option<ProposalId>, epoch: Epoch| {
            let late_enough = match (since.proposal, proposal) {
                (Some(least), Some(id)) => id >= least,
                _ => epoch >= from.unwrap_or(first),
            };
            late_enough && epoch >= since.epoch.unwrap_or(first)
        };
        Self {
            chain_id: history.chain_id.clone(),
            height: history.height,
            epoch: history.epoch,
            since,
            switches: switches(&releases).into_iter().filter(|s| within(s.proposal_id, s.epoch)).collect(),
            rosters: keys.into_iter().filter(|k| within(k.proposal_id(), k.epoch)).collect(),
            releases: releases.into_iter().filter(|r| within(r.proposal_id, r.epoch)).collect(),
            retirements: history.decisions.iter().filter(|d| within(Some(d.proposal_id), d.epoch)).cloned().collect(),
        }
    }
}

impl Keys {
    fn proposal_id(&self) -> Option<ProposalId> {
        match self.cause {
            Some(RosterCause::Proposal(id)) => Some(id),
            Some(RosterCause::Genesis) | None => None,
        }
    }
}

/// Builds, in the order of their numbers, as releases.
fn releases(builds: &[ApprovedRelease]) -> Vec<Release> {
    builds
        .chunk_by(|one, other| one.sequence == other.sequence)
        .filter_map(|builds| {
            let first = builds.first()?.clone();
            Some(Release {
                sequence: first.sequence,
                epoch: first.activated_epoch,
                proposal_id: first.proposal_id,
                proposer: first.proposer,
                standing: first.standing,
                builds: builds.iter().map(|build| build.target.clone()).collect(),
                manifest: first.manifest,
                amended: first.amended.map(|amended| amended.proposal_id),
            })
        })
        .collect()
}

/// Where a release names another backend than the last one before it that named any.
fn switches(releases: &[Release]) -> Vec<Switch> {
    let mut switches = Vec::new();
    let mut last = releases::Components::default();
    for release in releases {
        let now = &release.manifest.components;
        let compared = [
            (Component::Runtime, &mut last.runtime, &now.runtime),
            (Component::Transport, &mut last.transport, &now.transport),
            (Component::Storage, &mut last.storage, &now.storage),
        ];
        for (component, before, now) in compared {
            let Some(to) = now.clone().filter(|name| before.as_ref() != Some(name)) else { continue };
            let (epoch, proposal_id, sequence) = (release.epoch, release.proposal_id, release.sequence);
            switches.push(Switch { epoch, proposal_id, sequence, component, from: before.replace(to.clone()), to });
        }
    }
    switches
}

/// Each roster against the one before it, and each key that left it by its own word.
fn keys(rosters: &[RosterRecord]) -> Vec<Keys> {
    let mut before = Vec::new();
    let mut changes = Vec::new();
    for record in rosters {
        let since = record.since.map(|since| since.epoch).unwrap_or_default();
        let mut change = |epoch: Epoch, cause: Option<RosterCause>| {
            let now = record.signing(epoch).into_inner();
            let missing =
                |of: &[PublicKey], from: &[PublicKey]| of.iter().filter(|key| !from.contains(key)).copied().collect();
            changes.push(Keys {
                version: record.roster.version,
                epoch,
                cause,
                joined: missing(&now, &before),
                left: missing(&before, &now),
                threshold: record.roster.threshold,
                size: u32::try_from(now.len()).unwrap_or(u32::MAX),
            });
            before = now;
        };
        change(since, Some(record.cause.clone()));
        let departures = record.left.iter().map(|left| left.from_epoch);
        let mut later: Vec<Epoch> = departures.filter(|epoch| *epoch > since).collect();
        later.dedup();
        later.into_iter().for_each(|epoch| change(epoch, None));
    }
    changes
}
