//! When a call about the members of a role is granted, and what a motion makes of them.

use crate::queries::{self, Powers, head, known, member, refusal};
use crate::{Call, Error, Event, Member, Motion, Role, RoleKey, Scopes, Seat, Seated};
use primitives::{AccountId, Amount, Epoch, List, Mandate, Moment, Name, Reason, ScopePattern, TrackName};
use state::{Decide, Enact, State};
use std::collections::BTreeMap;

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, _at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::Appoint { key, acting, account, scopes } => appoint(state, who, key, acting, *account, scopes),
            Call::Dismiss { key, acting, account } => dismiss(state, who, key, acting, *account),
            Call::Resign { key } => leave(state, key, &known(state, key)?, who).map(|version| {
                let (key, account) = (key.clone(), who);
                Event::MemberWent { key, version, account, by: None }
            }),
        }
    }

    fn most_spent(&self, _state: &State) -> Amount {
        match self {
            Call::Appoint { .. } | Call::Dismiss { .. } | Call::Resign { .. } => Amount::ZERO,
        }
    }
}

fn appoint(
    state: &State,
    who: AccountId,
    key: &RoleKey,
    acting: &Name,
    account: AccountId,
    scopes: &Scopes,
) -> Result<Event, Error> {
    known(state, key)?;
    let powers = appointing(state, who, key, acting, scopes)?;
    require_within(&powers, key, acting, scopes)?;
    if member(state, key, &account).is_some() {
        return Err(Error::AlreadyMember { key: key.clone(), account });
    }
    let head = head(state, key);
    if head.count >= head.places {
        return Err(Error::Full { key: key.clone(), places: head.places });
    }
    let version = head.version.saturating_add(1);
    let member = Member::since(version, scopes, None);
    Ok(Event::MemberCame { key: key.clone(), version, account, member, by: Some(powers.actor()) })
}

fn dismiss(state: &State, who: AccountId, key: &RoleKey, acting: &Name, account: AccountId) -> Result<Event, Error> {
    let role = known(state, key)?;
    let member = member(state, key, &account);
    let scopes = member.as_ref().map(|member| member.scopes.clone()).unwrap_or_default();
    let powers = appointing(state, who, key, acting, &scopes)?;
    if !powers.role.covers(&role) {
        return Err(Error::WiderRole { key: key.clone(), acting: acting.clone() });
    }
    // Whoever is no member is outside of nothing: it is told that.
    if member.is_some() {
        require_within(&powers, key, acting, &scopes)?;
    }
    let version = leave(state, key, &role, account)?;
    Ok(Event::MemberWent { key: key.clone(), version, account, by: Some(powers.actor()) })
}

/// What lets appoint to a role, and dismiss from it.
fn appointment(role: &Name) -> String {
    format!("appoint.{role}")
}

/// The powers of somebody who may appoint to a role somewhere; whoever may not is told who may in the first of some scopes.
fn appointing(state: &State, who: AccountId, key: &RoleKey, acting: &Name, scopes: &Scopes) -> Result<Powers, Error> {
    let (powers, action) = (Powers::of(state, &key.plan, acting, who)?, appointment(&key.role));
    if powers.reach_somewhere(&action) {
        return Ok(powers);
    }
    let first = scopes.first().cloned().unwrap_or_else(ScopePattern::everywhere);
    Err(refusal(state, &key.plan, acting, who, &action, first))
}

/// Each scope of a member lies within one in which whoever appoints may do that. A member without any votes about the whole plan, so
/// only who may appoint everywhere makes one or dismisses it: an empty list is no smaller scope than the caller's, but the widest.
fn require_within(powers: &Powers, key: &RoleKey, acting: &Name, scopes: &Scopes) -> Result<(), Error> {
    let action = appointment(&key.role);
    let is_outside = |scope: &&ScopePattern| !powers.reach(&action, |own| own.includes(scope));
    let everywhere = scopes.is_empty().then(ScopePattern::everywhere);
    match scopes.iter().chain(&everywhere).find(is_outside) {
        Some(scope) => Err(Error::OutsideScope { acting: acting.clone(), scope: scope.clone() }),
        None => Ok(()),
    }
}

/// The version of a roster without an account, which is one of those that can be spared.
fn leave(state: &State, key: &RoleKey, role: &Role, account: AccountId) -> Result<u64, Error> {
    if member(state, key, &account).is_none() {
        return Err(Error::NotMember { key: key.clone(), account });
    }
    let head = head(state, key);
    require_least(key, role, head.count.saturating_sub(1))?;
    Ok(head.version.saturating_add(1))
}

fn require_least(key: &RoleKey, role: &Role, left: u16) -> Result<(), Error> {
    let least = role.least_members;
    if left < u16::from(least) { Err(Error::LastMember { key: key.clone(), left, least }) } else { Ok(()) }
}

impl Enact for Motion {
    type Event = Event;
    type Error = Error;

    fn admit(&self, state: &State, _at: Moment, _activation: Epoch) -> Result<(), Error> {
        let Motion::SetMembers { key, members, reason } = self;
        set_members(state, key, members, reason).map(|_| ())
    }

    fn enact(&self, state: &State, _at: Moment, _mandate: &Mandate) -> Result<Event, Error> {
        let Motion::SetMembers { key, members, reason } = self;
        set_members(state, key, members, reason)
    }

    /// Who has a role can stop things, so changing it needs the high bar; and it must not wait, where keys are lost.
    fn tracks(&self, _state: &State) -> &'static [TrackName] {
        &[TrackName::Expedited]
    }

    /// After what may stop one of them.
    fn order(&self) -> u8 {
        1
    }
}

fn set_members(state: &State, key: &RoleKey, members: &List<Seat, 100>, reason: &Reason) -> Result<Event, Error> {
    let role = known(state, key)?;
    let mut named = BTreeMap::new();
    for seat in members.iter() {
        if named.insert(seat.account, seat).is_some() {
            return Err(Error::NamedTwice(seat.account));
        }
    }
    require_least(key, &role, u16::try_from(named.len()).unwrap_or(u16::MAX))?;
    let version = head(state, key).version.saturating_add(1);
    let before: BTreeMap<AccountId, Member> = queries::members(state, key).into_iter().collect();
    let went = before.keys().filter(|account| !named.contains_key(*account)).copied().collect();
    let came = named.values().filter_map(|seat| seated(seat, before.get(&seat.account), version)).collect();
    let (came, went) = (List::truncate_from(came), List::truncate_from(went));
    Ok(Event::MembersSet { key: key.clone(), version, came, went, reason: reason.clone() })
}

/// As what somebody is a member from a version on; none where nothing changes for it.
fn seated(seat: &Seat, before: Option<&Member>, version: u64) -> Option<Seated> {
    let is_the_same = before.is_some_and(|member| member.scopes == seat.scopes);
    let member = Member::since(version, &seat.scopes, before);
    (!is_the_same).then_some(Seated { account: seat.account, member })
}
