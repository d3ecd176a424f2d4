//! Who has the roles of the shop: each with a key of its own, and a place in which it may act.

use super::name;
use crate::{Network, TestWallet};
use anyhow::Context as _;
use primitives::{List, Name, ScopePattern};
use roles::Seat;
use rollouts::change::ChangeDraft;
use rollouts::install::RoleSeats;
use rollouts::statement::Statement;
use runtime::Call;
use std::path::Path;

/// Somebody who has a role of the shop.
#[derive(Debug, Clone)]
pub struct ShopMember {
    /// What it signs with.
    pub wallet: TestWallet,
    /// The file of that key.
    pub key: String,
    /// The role.
    pub role: Name,
    /// Where it may act.
    pub scope: ScopePattern,
}

/// Everybody who has a role of the shop.
#[derive(Debug, Clone)]
pub struct ShopPeople {
    /// The owner of the application.
    pub owner: ShopMember,
    /// The owners of the tenants t1 and t2, each of whom may act in that tenant alone.
    pub tenants: [ShopMember; 2],
    /// Who signs that a phase is frozen.
    pub release_owner: ShopMember,
    /// What builds, tests and deploys.
    pub ci: ShopMember,
}

impl ShopPeople {
    /// A holder of tokens owns the application; the others get keys below a folder.
    pub(super) fn write(dir: &Path, network: &Network) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let at = |key: String, role: &str, scope: &str| {
            let (wallet, scope) = (TestWallet::open(&key)?, scope.parse::<ScopePattern>().map_err(anyhow::Error::msg)?);
            anyhow::Ok(ShopMember { wallet, key, role: name(role), scope })
        };
        let newcomer = |file: &str, role: &str, scope: &str| {
            let key = dir.join(file);
            host::keys::write(&key, &host::keys::generate())?;
            at(key.display().to_string(), role, scope)
        };
        Ok(Self {
            owner: at(network.holder(0), "APPLICATION_OWNER", "**")?,
            tenants: [newcomer("t1.key", "TENANT_OWNER", "*/t1/**")?, newcomer("t2.key", "TENANT_OWNER", "*/t2/**")?],
            release_owner: newcomer("release_owner.key", "RELEASE_OWNER", "**")?,
            ci: newcomer("ci.key", "CI", "**")?,
        })
    }

    /// All of them, the owner first.
    pub(super) fn all(&self) -> [&ShopMember; 5] {
        let [first, second] = &self.tenants;
        [&self.owner, first, second, &self.release_owner, &self.ci]
    }

    /// The first who has a role.
    pub(super) fn of(&self, role: &Name) -> anyhow::Result<ShopMember> {
        let found = self.all().into_iter().find(|member| member.role == *role);
        found.cloned().with_context(|| format!("nobody in the shop has the role {role}"))
    }

    /// Their seats, as the plan is installed with them.
    pub(super) fn seats(&self) -> List<RoleSeats, 16> {
        let mut seats: Vec<(Name, Vec<Seat>)> = Vec::new();
        for member in self.all() {
            let scopes = List::truncate_from(vec![member.scope.clone()]);
            let seat = Seat { account: member.wallet.account(), scopes };
            match seats.iter_mut().find(|(role, _)| *role == member.role) {
                Some((_, others)) => others.push(seat),
                None => seats.push((member.role.clone(), vec![seat])),
            }
        }
        let of_role = |(role, seats)| RoleSeats { role, seats: List::truncate_from(seats) };
        List::truncate_from(seats.into_iter().map(of_role).collect())
    }
}

/// What each asks for.
impl ShopMember {
    /// Asks for a change.
    pub fn submits(&self, change: ChangeDraft) -> Call {
        self.calls(|plan, acting| rollouts::Call::Submit { plan, acting, change: Box::new(change) })
    }

    /// States something.
    pub fn states(&self, statement: Statement) -> Call {
        self.calls(|plan, acting| rollouts::Call::State { plan, acting, statement: Box::new(statement) })
    }

    /// Something about a plan and its changes.
    pub(super) fn calls(&self, call: impl FnOnce(Name, Name) -> rollouts::Call) -> Call {
        Call::Rollouts(call(name(super::PLAN), self.role.clone()))
    }

    /// Something about cases.
    pub(super) fn of_cases(&self, call: impl FnOnce(Name, Name) -> cases::Call) -> Call {
        Call::Cases(call(name(super::PLAN), self.role.clone()))
    }
}
