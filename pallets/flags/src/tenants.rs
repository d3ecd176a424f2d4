//! How the room of a plan for what is set, disabled and asked is shared by path (ROLLOUTS 17).
//!
//! The second name of a path is a tenant. No tenant has more than an eighth of that room, and all of them together have no more than three
//! quarters, so that there is always some for what is of a stage or of the whole plan.

use crate::counts::{MOST_ATTRIBUTES, MOST_FLAGS_BYTES, MOST_SETTINGS, TenantFlags, few, size};
use crate::targeting::Setting;
use crate::{Error, FlagRegister, storage::*};
use primitives::{Name, Path};
use state::State;
use std::collections::{BTreeMap, BTreeSet};

/// How much one tenant has at most of what a plan has.
pub(crate) const fn most_of_one(most: u32) -> u32 {
    most / 8
}

/// How much all tenants together have at most.
pub(crate) const fn most_of_all(most: u32) -> u32 {
    most.saturating_sub(most / 4)
}

/// What a change takes of the room of tenants, as it is put together.
#[derive(Clone, Default)]
pub(crate) struct TenantRoom {
    of_all: Option<TenantFlags>,
    of_each: BTreeMap<Name, TenantFlags>,
    /// What is asked for the first time: by a tenant, and by any of them.
    newly_asked: BTreeSet<(Option<Name>, Name)>,
}

impl TenantRoom {
    /// Takes the room of a setting of so many bytes that asks these attributes, in place of the one that is there.
    ///
    /// # Errors
    /// [`Error::ShareFull`].
    pub fn setting(
        &mut self,
        (state, plan, tenant): (&State, &Name, &Name),
        (before, bytes): (Option<&Setting>, u32),
        asked: &[Name],
    ) -> Result<(), Error> {
        let each = asked.iter().filter(|name| self.is_new(state, plan, Some(tenant), name)).count();
        let any = asked.iter().filter(|name| self.is_new(state, plan, None, name)).count();
        for name in asked {
            self.newly_asked.extend([(None, name.clone()), (Some(tenant.clone()), name.clone())]);
        }
        let of_all = self.of_all.get_or_insert_with(|| OF_TENANTS.get(state, plan).unwrap_or_default());
        take(of_all, (before, bytes), any);
        let place = || (plan.clone(), tenant.clone());
        let own = self.of_each.entry(tenant.clone());
        let own = own.or_insert_with(|| TENANTS.get(state, &place()).unwrap_or_default());
        take(own, (before, bytes), each);
        require_fit(plan, Some(tenant), settings_of(own), most_of_one)?;
        require_fit(plan, None, settings_of(of_all), most_of_all)
    }

    fn is_new(&self, state: &State, plan: &Name, tenant: Option<&Name>, asked: &Name) -> bool {
        !self.newly_asked.contains(&(tenant.cloned(), asked.clone())) && times_asked(state, plan, tenant, asked) == 0
    }
}

fn take(counts: &mut TenantFlags, (before, bytes): (Option<&Setting>, u32), newly_asked: usize) {
    counts.weigh(before.map(size), Some(bytes));
    counts.settings = counts.settings.saturating_add(u32::from(before.is_none()));
    counts.attributes = counts.attributes.saturating_add(few(newly_asked));
}

/// How much there is of something, and how much a plan has room for.
type Filled = (u32, u32, FlagRegister);

/// What is set. Where nothing more may be set, something may still be disabled, and the other way round: who owns a plan disables as much
/// as it likes.
fn settings_of(counts: &TenantFlags) -> [Filled; 3] {
    [
        (counts.settings, MOST_SETTINGS, FlagRegister::Settings),
        (counts.attributes, MOST_ATTRIBUTES, FlagRegister::Attributes),
        (counts.bytes, MOST_FLAGS_BYTES, FlagRegister::Bytes),
    ]
}

fn require_fit(
    plan: &Name,
    tenant: Option<&Name>,
    registers: impl IntoIterator<Item = Filled>,
    share: impl Fn(u32) -> u32,
) -> Result<(), Error> {
    match registers.into_iter().find(|(have, most, _)| *have > share(*most)) {
        Some((_, most, register)) => {
            Err(Error::ShareFull { plan: plan.clone(), tenant: tenant.cloned(), register, most: share(most) })
        }
        None => Ok(()),
    }
}

/// Whether there is room to disable so many flags at a path. It is not asked of those who own the plan, whose emergencies never find the
/// door closed.
///
/// # Errors
/// [`Error::ShareFull`].
pub(crate) fn require_room_to_disable(state: &State, plan: &Name, path: &Path, flags: u32) -> Result<(), Error> {
    let Some(tenant) = path.tenant() else { return Ok(()) };
    let with = |counts: Option<TenantFlags>| {
        let disabled = counts.unwrap_or_default().disabled.saturating_add(flags);
        [(disabled, MOST_SETTINGS, FlagRegister::Disabled)]
    };
    let own = TENANTS.get(state, &(plan.clone(), tenant.clone()));
    require_fit(plan, Some(&tenant), with(own), most_of_one)?;
    require_fit(plan, None, with(OF_TENANTS.get(state, plan)), most_of_all)
}

/// Counts a setting of a tenant in place of another, with the attributes that both ask.
pub(crate) fn replace_setting(
    state: &mut State,
    (plan, tenant): (&Name, &Name),
    (before, after): (Option<&Setting>, Option<&Setting>),
    (no_more, newly): (&[Name], &[Name]),
) {
    for of in [Some(tenant), None] {
        let gone = no_more.iter().filter(|name| count_asked(state, plan, of, name, false)).count();
        let new = newly.iter().filter(|name| count_asked(state, plan, of, name, true)).count();
        count(state, plan, of, |counts| {
            counts.weigh(before.map(size), after.map(size));
            counts.settings = counts.settings.saturating_sub(u32::from(before.is_some()));
            counts.settings = counts.settings.saturating_add(u32::from(after.is_some()));
            counts.attributes = counts.attributes.saturating_sub(few(gone)).saturating_add(few(new));
        });
    }
}

/// Counts that a flag is disabled at a path, or is no more.
pub(crate) fn count_disabled(state: &mut State, plan: &Name, path: &Path, change: impl Fn(u32) -> u32) {
    let Some(tenant) = path.tenant() else { return };
    for of in [Some(&tenant), None] {
        count(state, plan, of, |counts| counts.disabled = change(counts.disabled));
    }
}

fn count(state: &mut State, plan: &Name, of: Option<&Name>, change: impl FnOnce(&mut TenantFlags)) {
    let place = of.map(|tenant| (plan.clone(), tenant.clone()));
    let before = match &place {
        Some(place) => TENANTS.get(state, place),
        None => OF_TENANTS.get(state, plan),
    };
    let mut counts = before.unwrap_or_default();
    change(&mut counts);
    let is_nothing = counts == TenantFlags::default();
    match (&place, is_nothing) {
        (Some(place), true) => TENANTS.remove(state, place),
        (Some(place), false) => TENANTS.set(state, place, &counts),
        (None, true) => OF_TENANTS.remove(state, plan),
        (None, false) => OF_TENANTS.set(state, plan, &counts),
    }
}

fn times_asked(state: &State, plan: &Name, tenant: Option<&Name>, asked: &Name) -> u32 {
    let times = match tenant {
        Some(tenant) => ASKED_BY.get(state, &(plan.clone(), tenant.clone(), asked.clone())),
        None => ASKED_BY_ANY.get(state, &(plan.clone(), asked.clone())),
    };
    times.unwrap_or_default()
}

/// Counts that an attribute is asked by one setting more, or less; whether it was or is the only one.
fn count_asked(state: &mut State, plan: &Name, tenant: Option<&Name>, asked: &Name, is_more: bool) -> bool {
    let before = times_asked(state, plan, tenant, asked);
    let after = if is_more { before.saturating_add(1) } else { before.saturating_sub(1) };
    match tenant {
        Some(tenant) => {
            let place = (plan.clone(), tenant.clone(), asked.clone());
            if after == 0 { ASKED_BY.remove(state, &place) } else { ASKED_BY.set(state, &place, &after) }
        }
        None => {
            let place = (plan.clone(), asked.clone());
            if after == 0 { ASKED_BY_ANY.remove(state, &place) } else { ASKED_BY_ANY.set(state, &place, &after) }
        }
    }
    before.min(after) == 0
}
