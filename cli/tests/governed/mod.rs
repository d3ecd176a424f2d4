//! A network that the plan of `config/profiles/chain.toml` governs from its first block on, at the stage `testnet`. Every role has as
//! many members as it has to have, who are the first validators.
#![allow(dead_code, reason = "not every test file needs all of it")]

use primitives::{List, Name, ScopePattern};
use roles::Seat;
use rollouts::RolloutsGenesis;
use rollouts::install::{RoleSeats, SegmentFill};
use rollouts::plan::Plan;
use runtime::Genesis;
use runtime::testing::{genesis, validator};
use std::path::Path;

/// The root of the repository.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Its profile.
pub const CHAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/profiles/chain.toml");

/// A name.
pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn members(plan: &Plan) -> List<RoleSeats, 16> {
    let seat = |index| Seat {
        account: validator(index).account(),
        scopes: List::truncate_from(vec![ScopePattern::everywhere()]),
    };
    let seats = plan.roles.iter().map(|(role, rules)| RoleSeats {
        role: role.clone(),
        seats: List::truncate_from((0..rules.least_members).map(seat).collect()),
    });
    List::truncate_from(seats.collect())
}

/// What it starts from.
pub fn governed() -> Genesis {
    let loaded = profiles::load(Path::new(CHAIN), Path::new(ROOT)).unwrap();
    let fills = loaded.segments.iter();
    let fills = fills.map(|(segment, members)| SegmentFill { segment: segment.clone(), members: members.clone() });
    let (members, segments) = (members(&loaded.plan), List::truncate_from(fills.collect()));
    let stage = Some(name("testnet"));
    let rollouts = RolloutsGenesis { plan: loaded.plan, members, segments, stage, sealer: None };
    Genesis { rollouts: Some(Box::new(rollouts)), ..genesis() }
}
