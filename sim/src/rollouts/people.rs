//! Who has the roles of the plan, each with a key that the simulation has.

use super::options::Options;
use crate::keys::{Role, key};
use primitives::{AccountId, List, Name, ScopePattern, SecretKey};
use roles::Seat;
use rollouts::install::RoleSeats;

/// Keys of holders from here on are people's: no network has as many holders that are played.
const FIRST: u64 = 1 << 32;

/// Somebody who has a role.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub key: SecretKey,
    pub role: Name,
}

impl Person {
    pub fn account(&self) -> AccountId {
        self.key.account()
    }
}

/// A name that is one.
pub(super) fn name(text: &str) -> Name {
    Name::new(text).unwrap_or_else(|| state::corrupt("a name of the simulation is none"))
}

/// The role that asks for promotions and emergencies.
pub(super) const COMMANDER: &str = "release_commander";
/// The role that watches the network.
pub(super) const SRE_LEAD: &str = "sre_lead";
/// The role that answers for what releases are made of.
pub(super) const STEWARD: &str = "security_steward";
/// The role that votes.
pub(super) const COUNCIL: &str = "governance_council";

/// Everybody who has a role: one of each that acts alone, then the council.
pub(super) fn all(options: &Options) -> Vec<Person> {
    let alone = [COMMANDER, SRE_LEAD, STEWARD].into_iter();
    let of_council = (0..options.council).map(|_| COUNCIL);
    let person = |(number, role): (u64, &str)| Person { key: key(Role::Holder, FIRST + number), role: name(role) };
    (0..).zip(alone.chain(of_council)).map(person).collect()
}

/// The same, as a genesis names them.
pub(super) fn seats(people: &[Person]) -> List<RoleSeats, 16> {
    let of = |role: &str| {
        let members = people.iter().filter(|person| person.role.as_str() == role);
        let seat = |person: &Person| Seat {
            account: person.account(),
            scopes: List::truncate_from(vec![ScopePattern::everywhere()]),
        };
        RoleSeats { role: name(role), seats: List::truncate_from(members.map(seat).collect()) }
    };
    List::truncate_from([COMMANDER, SRE_LEAD, STEWARD, COUNCIL].map(of).to_vec())
}
