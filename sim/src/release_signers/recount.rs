//! Counts over what the chain decides: from what was signed, voted and said to be held, by the rules of the network
//! that is looked at. It shares no code with the pallets that it is held against.

use super::setting::Setting;
use governance::Choice;
use primitives::{AccountId, Amount, BuildHash, ProposalId, PublicKey};
use releases::{Departure, Roster, RosterRecord};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of proposals and rosters, beside what the chain says of them.
pub(super) struct Books<'s> {
    setting: &'s Setting,
    rosters: BTreeMap<u64, Kept>,
    /// The proposals that are not concluded.
    pub open: BTreeMap<ProposalId, Put>,
    /// The power of the validators that decide blocks.
    power: BTreeMap<AccountId, u64>,
}

/// A roster, who left it and from when on, and the epoch in which another took its place.
struct Kept {
    roster: Roster,
    left: Vec<Departure>,
    replaced: Option<u64>,
}

/// Whose a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// A release of the council, by its number.
    Release(usize),
    /// Another roster, by the council.
    Rotation,
    /// Something that the thief tries, by its number.
    Thief(usize),
    /// A release with which it is asked whether there are keys enough; it is taken back.
    Rehearsal,
}

impl Whose {
    /// Whether honest voters want it.
    pub fn is_announced(self) -> bool {
        matches!(self, Whose::Release(_) | Whose::Rotation)
    }
}

/// What a proposal asks for, and by which keys.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Build { build: BuildHash, signed: Vec<PublicKey>, need: u32 },
    Roster { next: Roster, approved: Vec<PublicKey> },
}

impl Asked {
    /// The build, where it is about one.
    pub fn build(&self) -> Option<BuildHash> {
        match self {
            Asked::Build { build, .. } => Some(*build),
            Asked::Roster { .. } => None,
        }
    }

    /// What is wrong with the version of a roster that is asked for while one of a version is in force; none where it
    /// is the next one, or where a build is asked for.
    pub fn skips(&self, version: u64) -> Option<String> {
        let Asked::Roster { next, .. } = self else { return None };
        let expected = version.saturating_add(1);
        (next.version != expected).then(|| format!("roster {} where {expected} is next", next.version))
    }
}

/// A proposal.
pub(super) struct Put {
    pub whose: Whose,
    pub asked: Asked,
    pub proposer: AccountId,
    /// The version of the roster under which it was made.
    pub version: u64,
    /// Voting ends at the start of this epoch.
    pub voting_ends: u64,
    /// Whether it is still voted on.
    pub is_open: bool,
    pub votes: BTreeMap<AccountId, Choice>,
    pub holders: BTreeSet<AccountId>,
}

/// How all stake has voted.
#[derive(Default)]
struct Count {
    yes: u64,
    no: u64,
    abstain: u64,
    total: u64,
}

impl<'s> Books<'s> {
    pub fn of(setting: &'s Setting) -> Self {
        let genesis = &setting.network.genesis;
        let first = Kept { roster: setting.roster.clone(), left: Vec::new(), replaced: None };
        let members = genesis.validators().validators;
        let power = members.iter().map(|member| (member.account, member.power.0)).collect();
        Self { setting, rosters: BTreeMap::from([(1, first)]), open: BTreeMap::new(), power }
    }

    /// The version of the roster in force.
    pub fn version(&self) -> u64 {
        self.rosters.last_key_value().map_or(0, |(version, _)| *version)
    }

    /// Another roster is in force from an epoch on.
    pub fn replace(&mut self, record: &RosterRecord, now: u64) {
        if let Some(mut last) = self.rosters.last_entry() {
            last.get_mut().replaced = Some(now);
        }
        let kept = Kept { roster: record.roster.clone(), left: record.left.to_vec(), replaced: None };
        self.rosters.insert(record.roster.version, kept);
    }

    /// A key leaves.
    pub fn leave(&mut self, version: u64, departure: Departure) {
        if let Some(kept) = self.rosters.get_mut(&version) {
            kept.left.push(departure);
        }
    }

    /// What a proposal has not that it needs to come into force; none where it has all.
    pub fn lacks(&self, put: &Put) -> Option<String> {
        let votes = || self.lacks_votes(put);
        self.lacks_keys(put).or_else(votes).or_else(|| self.lacks_holders(put))
    }

    fn lacks_keys(&self, put: &Put) -> Option<String> {
        let kept = self.rosters.get(&put.version)?;
        if kept.replaced.is_some_and(|epoch| epoch < put.voting_ends) {
            return Some(format!("the signers of roster {}, which another took the place of", put.version));
        }
        self.lacks_signatures(&put.asked, put.version, put.voting_ends)
    }

    /// What of the signatures is missing that a roster of a version asks for, with those who have left it by an epoch
    /// left out.
    pub fn lacks_signatures(&self, asked: &Asked, version: u64, epoch: u64) -> Option<String> {
        let kept = self.rosters.get(&version)?;
        let has_left = |key: &PublicKey| kept.left.iter().any(|left| left.signer == *key && left.from_epoch.0 <= epoch);
        let count = |by: &[PublicKey], of: &[PublicKey]| {
            let counted: BTreeSet<&PublicKey> = by.iter().filter(|key| of.contains(key) && !has_left(key)).collect();
            counted.len() as u64
        };
        let short = |have: u64, need: u32| (have < u64::from(need)).then(|| format!("{have} of {need} signatures"));
        let (old, threshold) = (&kept.roster.signers, kept.roster.threshold);
        match asked {
            Asked::Build { signed, need, .. } => short(count(signed, old), threshold.max(*need)),
            Asked::Roster { next, approved } => {
                let new = || short(count(approved, &next.signers), next.threshold);
                short(count(approved, old), threshold).or_else(new)
            }
        }
    }

    fn lacks_votes(&self, put: &Put) -> Option<String> {
        let count = self.count(&put.votes);
        let (rules, total) = (&self.setting.rules, Amount(count.total));
        let turnout = count.yes + count.no + count.abstain;
        if !rules.quorum.is_met(Amount(turnout), total) {
            Some(format!("the quorum: {turnout} of {total} voted and {} must", rules.quorum))
        } else if !rules.support.is_met(Amount(count.yes), total) {
            Some(format!("the support: {} of {total} voted yes and {} must", count.yes, rules.support))
        } else if count.yes <= count.no {
            Some(format!("the majority: {} yes and {} no", count.yes, count.no))
        } else {
            None
        }
    }

    /// Each bond speaks with its owner's vote, or else with that of the validator that it is bonded to.
    fn count(&self, votes: &BTreeMap<AccountId, Choice>) -> Count {
        let mut count = Count::default();
        for bond in &self.setting.bonds {
            count.total += bond.amount.0;
            match votes.get(&bond.account).or_else(|| votes.get(&bond.validator)) {
                Some(Choice::Yes) => count.yes += bond.amount.0,
                Some(Choice::No) => count.no += bond.amount.0,
                Some(Choice::Abstain) => count.abstain += bond.amount.0,
                None => {}
            }
        }
        count
    }

    fn lacks_holders(&self, put: &Put) -> Option<String> {
        put.asked.build()?;
        let held: u64 = put.holders.iter().filter_map(|node| self.power.get(node)).sum();
        let (total, share) = (self.power.values().sum(), self.setting.available_share);
        let is_held = share.is_met(Amount(held), Amount(total));
        (!is_held).then(|| format!("holders: {held} of {total} say that they hold it and {share} must"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roster_comes_after_the_one_in_force_with_no_version_between() {
        let asked = |version| {
            let next = Roster { version, signers: Default::default(), threshold: 1 };
            Asked::Roster { next, approved: Vec::new() }
        };
        assert_eq!(asked(5).skips(4), None);
        assert_eq!(asked(6).skips(4).as_deref(), Some("roster 6 where 5 is next"));
        assert_eq!(asked(4).skips(4).as_deref(), Some("roster 4 where 5 is next"));
        let build = Asked::Build { build: BuildHash([0; 32]), signed: Vec::new(), need: 1 };
        assert_eq!(build.skips(4), None);
    }
}
