//! What the networks of the stories start with: the plan, a stage that stands, and who has its roles.
#![allow(dead_code, reason = "each story uses a part of it")]

use crate::network::{HOUR, MONDAY, NEWCOMERS, Network, SEALER, VALIDATORS, chain_plan, name};
use crate::people::{commander, member, sre_lead, steward, stranger};
use accounts::Endowment;
use primitives::{AccountId, Amount, List, Name, ScopePattern, Text, Timestamp};
use roles::Seat;
use rollouts::RolloutsGenesis;
use rollouts::install::{RoleSeats, SegmentFill};
use runtime::Genesis;
use runtime::testing::{self, validator};
use std::collections::BTreeMap;

/// What a network starts with.
pub struct Founding {
    stage: Option<&'static str>,
    council: u8,
    bonds: [u64; VALIDATORS as usize],
    segments: BTreeMap<&'static str, Vec<AccountId>>,
}

impl Founding {
    /// A council of three, where that stage stands.
    pub fn at(stage: &'static str) -> Self {
        Self { stage: Some(stage), council: 3, bonds: [1_000_000; VALIDATORS as usize], segments: BTreeMap::new() }
    }

    /// A council of three, where no stage stands.
    pub fn before_any_stage() -> Self {
        Self { stage: None, ..Self::at("development") }
    }

    /// With so many members of the council: 3 to 16.
    pub fn council(self, members: u8) -> Self {
        Self { council: members, ..self }
    }

    /// With what each validator has bonded.
    pub fn bonds(self, bonds: [u64; VALIDATORS as usize]) -> Self {
        Self { bonds, ..self }
    }

    /// With some validators in a segment of the plan.
    pub fn segment(mut self, segment: &'static str, nodes: &[u8]) -> Self {
        self.segments.insert(segment, nodes.iter().map(|index| validator(*index).account()).collect());
        self
    }

    /// The genesis of it.
    pub fn genesis(&self) -> Genesis {
        let mut genesis = testing::genesis();
        genesis.time = Timestamp(MONDAY);
        genesis.chain.most_block_ms = HOUR;
        let richer = (VALIDATORS..VALIDATORS + NEWCOMERS).map(|index| validator(index).account());
        let members = (0..self.council).map(|index| member(index).account());
        let people = [commander(), sre_lead(), steward(), stranger(0), stranger(1)].map(|person| person.account());
        let endowed = richer.chain(members).chain(people);
        let endow = |account| Endowment { account, balance: Amount(10_000_000) };
        genesis.accounts.balances.extend(endowed.map(endow));
        for (bond, amount) in genesis.staking.bonds.iter_mut().zip(self.bonds) {
            bond.amount = Amount(amount);
        }
        genesis.rollouts = Some(Box::new(RolloutsGenesis {
            plan: chain_plan().plan.clone(),
            members: self.members(),
            segments: self.segments(),
            stage: self.stage.map(name),
            sealer: self.is_sealed().then(|| validator(SEALER).account()),
        }));
        genesis
    }

    /// A network that begins so.
    pub fn network(&self) -> Network {
        Network::new(self.genesis())
    }

    fn is_sealed(&self) -> bool {
        self.stage.is_none_or(|stage| stage == "development")
    }

    fn members(&self) -> List<RoleSeats, 16> {
        let seat = |account| Seat { account, scopes: List::truncate_from(vec![ScopePattern::everywhere()]) };
        let council = (0..self.council).map(|index| member(index).account()).collect();
        let of_role = |(role, accounts): (Name, Vec<AccountId>)| RoleSeats {
            role,
            seats: List::truncate_from(accounts.into_iter().map(seat).collect()),
        };
        let alone = [commander(), sre_lead(), steward()].map(|person| (person.acting.clone(), vec![person.account()]));
        let all = alone.into_iter().chain([(name("governance_council"), council)]);
        List::truncate_from(all.map(of_role).collect())
    }

    /// Those of the profile, with who is named.
    fn segments(&self) -> List<SegmentFill, 64> {
        let filled = |(segment, members): &(Name, List<Text<64>, 256>)| SegmentFill {
            segment: segment.clone(),
            members: self.segments.get(segment.as_str()).map_or_else(|| members.clone(), |named| accounts_of(named)),
        };
        List::truncate_from(chain_plan().segments.iter().map(filled).collect())
    }
}

/// Accounts as a segment has them: in order, each once.
pub fn accounts_of<const MOST: u32>(accounts: &[AccountId]) -> List<Text<64>, MOST> {
    let mut members: Vec<Text<64>> = accounts.iter().map(|account| Text::new(account.to_string()).unwrap()).collect();
    members.sort();
    members.dedup();
    List::truncate_from(members)
}
