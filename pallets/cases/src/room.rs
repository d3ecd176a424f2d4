//! How many cases a plan can have open, and how those places are shared by path (ROLLOUTS 17).
//!
//! The second name of a path is a tenant. No tenant has more than an eighth of a register, and all of them together have no more than
//! three quarters, so that there is always room for what is of a stage or of the whole plan.

use crate::counts::CaseCounts;
use crate::{CaseRegister, Error, storage::*};
use primitives::{Name, Path};
use state::State;

impl CaseRegister {
    /// How many of them a plan has at most.
    pub const fn most(self) -> u16 {
        match self {
            Self::Reports | Self::Holds => 64,
            Self::Cases | Self::Signals => 256,
        }
    }

    /// How many of them one tenant has at most: an eighth.
    pub const fn most_of_tenant(self) -> u16 {
        match self {
            Self::Reports | Self::Holds => 8,
            Self::Cases | Self::Signals => 32,
        }
    }

    /// How many of them all tenants together have at most: three quarters.
    pub const fn most_of_tenants(self) -> u16 {
        match self {
            Self::Reports | Self::Holds => 48,
            Self::Cases | Self::Signals => 192,
        }
    }
}

/// In which register what a signal opens has its place: a report is one more that nobody has looked at.
pub(crate) fn of_signals(as_report: bool) -> CaseRegister {
    if as_report { CaseRegister::Reports } else { CaseRegister::Signals }
}

/// Refuses what there is no place for.
pub(crate) fn require(state: &State, plan: &Name, register: CaseRegister, path: &Path) -> Result<(), Error> {
    let counts = COUNTS.get(state, &(plan.clone(), register)).unwrap_or_default();
    let full = |most: u16, tenant: Option<Name>| Error::Full { plan: plan.clone(), register, most, tenant };
    if counts.all >= register.most() {
        return Err(full(register.most(), None));
    }
    let Some(tenant) = path.tenant() else { return Ok(()) };
    let own = OF_TENANTS.get(state, &(plan.clone(), register, tenant.clone())).unwrap_or_default();
    if own >= register.most_of_tenant() {
        return Err(full(register.most_of_tenant(), Some(tenant)));
    }
    if counts.of_tenants >= register.most_of_tenants() {
        return Err(full(register.most_of_tenants(), Some(tenant)));
    }
    Ok(())
}

/// A place is taken.
pub(crate) fn take(state: &mut State, plan: &Name, register: CaseRegister, path: &Path) {
    count(state, plan, register, path, |number| number.saturating_add(1));
}

/// A place is free again.
pub(crate) fn free(state: &mut State, plan: &Name, register: CaseRegister, path: &Path) {
    count(state, plan, register, path, |number| number.saturating_sub(1));
}

fn count(state: &mut State, plan: &Name, register: CaseRegister, path: &Path, change: impl Fn(u16) -> u16) {
    let place = (plan.clone(), register);
    let mut counts = COUNTS.get(state, &place).unwrap_or_default();
    counts.all = change(counts.all);
    if let Some(tenant) = path.tenant() {
        counts.of_tenants = change(counts.of_tenants);
        let own = (plan.clone(), register, tenant);
        match change(OF_TENANTS.get(state, &own).unwrap_or_default()) {
            0 => OF_TENANTS.remove(state, &own),
            left => OF_TENANTS.set(state, &own, &left),
        }
    }
    if counts == CaseCounts::default() {
        COUNTS.remove(state, &place);
    } else {
        COUNTS.set(state, &place, &counts);
    }
}
