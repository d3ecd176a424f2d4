//! Stake as the facts say it moved: counted beside the runtime, so that its ballots are held against something else
//! than its own words.

use ::governance::{Ballot, Tally};
use primitives::{AccountId, Amount, Epoch};
use staking::{Event, StakingGenesis};
use std::collections::BTreeMap;

/// How many changes of an amount are remembered: more than there are while a proposal lives.
const REMEMBERED: usize = 256;

/// An amount by the epoch from which it is in force.
#[derive(Debug, Default)]
struct Steps(Vec<(Epoch, u64)>);

impl Steps {
    fn at(&self, epoch: Epoch) -> u64 {
        self.0.iter().rev().find(|(since, _)| *since <= epoch).map_or(0, |(_, amount)| *amount)
    }

    fn change(&mut self, from: Epoch, change: impl FnOnce(u64) -> u64) {
        let amount = change(self.0.last().map_or(0, |(_, amount)| *amount));
        match self.0.last_mut() {
            Some(last) if last.0 == from => last.1 = amount,
            _ => self.0.push((from, amount)),
        }
        if self.0.len() > REMEMBERED {
            self.0.remove(0);
        }
    }
}

/// All bonds, and their sums.
#[derive(Debug, Default)]
pub struct Shadow {
    bonds: BTreeMap<(AccountId, AccountId), Steps>,
    powers: BTreeMap<AccountId, Steps>,
    total: Steps,
}

impl Shadow {
    /// The bonds of a genesis.
    pub fn new(genesis: &StakingGenesis) -> Self {
        let mut shadow = Self::default();
        for bond in &genesis.bonds {
            let Amount(amount) = bond.amount;
            shadow.change(bond.account, bond.validator, Epoch(0), |before| before.saturating_add(amount));
        }
        shadow
    }

    /// Follows what happened to stake. Nobody contradicts itself here, so no stake is lost.
    pub fn see(&mut self, event: &Event) {
        match event {
            Event::Bonded { who, validator, amount: Amount(amount), from_epoch, .. } => {
                self.change(*who, *validator, *from_epoch, |before| before.saturating_add(*amount));
            }
            Event::Unbonding { who, validator, amount: Amount(amount), from_epoch, .. } => {
                self.change(*who, *validator, *from_epoch, |before| before.saturating_sub(*amount));
            }
            _ => {}
        }
    }

    fn change(&mut self, who: AccountId, validator: AccountId, from: Epoch, change: impl Fn(u64) -> u64) {
        self.bonds.entry((who, validator)).or_default().change(from, &change);
        self.powers.entry(validator).or_default().change(from, &change);
        self.total.change(from, &change);
    }

    fn own(&self, who: &AccountId, epoch: Epoch) -> u64 {
        let bonds = self.bonds.range((*who, AccountId([0; 32]))..=(*who, AccountId([0xff; 32])));
        bonds.map(|(_, steps)| steps.at(epoch)).sum()
    }

    fn delegated(&self, who: &AccountId, epoch: Epoch) -> u64 {
        let power = self.powers.get(who).map_or(0, |steps| steps.at(epoch));
        power.saturating_sub(self.bonds.get(&(*who, *who)).map_or(0, |steps| steps.at(epoch)))
    }

    /// What is wrong about a ballot on a proposal whose stake is that of an epoch, if anything is.
    pub fn flaw(&self, ballot: &Ballot, tally: &Tally, epoch: Epoch) -> Option<String> {
        let (own, delegated) = (self.own(&ballot.voter, epoch), self.delegated(&ballot.voter, epoch));
        let (weight, represented) = (ballot.weight.0, ballot.represented.0);
        let (turnout, total) = (tally.turnout().0, self.total.at(epoch));
        let id = ballot.proposal_id;
        if represented > delegated || weight > own.saturating_add(represented) || own.saturating_add(delegated) == 0 {
            return Some(format!(
                "a ballot on proposal {id} counts {weight}, {represented} of it for others; its voter had {own} bonded \
                 and {delegated} delegated in epoch {epoch}"
            ));
        }
        (turnout > total).then(|| format!("{turnout} voted on proposal {id}, and epoch {epoch} had {total}"))
    }
}
