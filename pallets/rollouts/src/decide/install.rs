//! When a version of a plan comes into force, and when one is retired (ROLLOUTS 7.4).
//!
//! Nothing moves in silence: what gates serve before and after is compared, and every difference has to be listed by the installation
//! itself. No other flag can move by it. Those that are there may change in what nothing serves or is judged by alone
//! ([`flags::Flag::may_become`]), and what is set of them stays; those that are new were not served before.

use crate::install::*;
use crate::plan::{ChangeKind, Governs, Plan, QUORUM_GATE};
use crate::storage::{AMENDMENTS, LATEST_AMENDMENT, LIVE};
use crate::{Error, Event, freeze, plans, start};
use flags::admit::{self, FlagRoom};
use flags::{Flag, Gate, Gates, Targeting, Value};
use governance::{Deposit, DepositEnd};
use parity_scale_codec::Encode;
use primitives::{AccountId, Amount, List, Mistake, Moment, Name, Path, ScopePattern, Text};
use roles::{Actor, RoleKey};
use state::State;

/// An account installs the first version of an application's plan.
pub(crate) fn decide(state: &State, at: Moment, who: AccountId, asked: &Installation) -> Result<Event, Error> {
    let plan = &asked.plan;
    let named = || plan.name.clone();
    if plan.is_of_node() {
        return Err(Error::StakeOnly { plan: named() });
    }
    if RESERVED_NAMES.contains(&plan.name.as_str()) {
        return Err(Error::NameReserved { plan: named() });
    }
    // A later version is for the vote of the role that owns it, also when that asks for it.
    match plans::head(state, &plan.name) {
        Some(head) if !head.retired && plan.version > 1 => return asked_for(state, at, who, asked),
        Some(_) => return Err(Error::PlanTaken { plan: named() }),
        None => {}
    }
    let applications = plans::applications(state);
    if applications >= MOST_APPLICATIONS {
        return Err(Error::PlansFull(applications));
    }
    if asked.stage.is_some() {
        return Err(Error::StartMissing);
    }
    require_version(plan, 1)?;
    require_whole(state, at, asked)?;
    require_seats(asked)?;
    let deposit = deposit_of(plan);
    accounts::queries::require_free(state, &who, deposit)?;
    Ok(installed(asked, Some(who), deposit))
}

/// A member of the role that owns an application's plan asks for its next version, which could be installed as it is now.
fn asked_for(state: &State, at: Moment, who: AccountId, asked: &Installation) -> Result<Event, Error> {
    let plan = &asked.plan.name;
    let before = plans::current(state, plan)?;
    let Governs::Application { owner } = &before.kept.governs else {
        return Err(Error::StakeOnly { plan: plan.clone() });
    };
    let by = owner_of(state, plan, (owner, owner), who, "amend")?;
    if number(waiting(state, plan)) >= MOST_AMENDMENTS {
        return Err(Error::AmendmentsFull { plan: plan.clone(), most: MOST_AMENDMENTS });
    }
    require_amendment(state, at, &before, asked)?;
    let number = LATEST_AMENDMENT.get_or_default(state).saturating_add(1);
    Ok(Event::AmendmentAsked { plan: plan.clone(), number, installation: Box::new(asked.clone()), by })
}

/// How many later versions of a plan wait to be decided.
fn waiting(state: &State, plan: &Name) -> usize {
    AMENDMENTS.iter_under(state, plan).count()
}

/// The vote of its owner installs a later version of an application's plan. It is judged again: the first that passed wins.
pub(crate) fn by_owner(state: &State, at: Moment, asked: &Installation) -> Result<Event, Error> {
    let before = plans::current(state, &asked.plan.name)?;
    require_amendment(state, at, &before, asked)?;
    Ok(installed(asked, None, Amount::ZERO))
}

/// What is held for an application's plan until it is retired.
pub(crate) fn deposit_of(plan: &Plan) -> Amount {
    let bytes = u64::try_from(plan.encoded_size()).unwrap_or(u64::MAX);
    PLAN_DEPOSIT.saturating_add(Amount(PLAN_DEPOSIT_PER_BYTE.0.saturating_mul(bytes)))
}

/// The stake installs a version of the node's plan: asked when that is proposed, and again when it is carried out.
pub(crate) fn by_stake(state: &State, at: Moment, asked: &Installation) -> Result<Event, Error> {
    let plan = &asked.plan;
    if !plan.is_of_node() {
        return Err(Error::OfApplication { plan: plan.name.clone() });
    }
    match plans::of_node(state) {
        Some(before) if before.name == plan.name => amendment(state, at, &before, asked),
        Some(before) => Err(Error::NodePlanTaken { current: before.name }),
        None if plans::head(state, &plan.name).is_some() => Err(Error::PlanTaken { plan: plan.name.clone() }),
        None => first_of_node(state, at, asked),
    }
}

fn first_of_node(state: &State, at: Moment, asked: &Installation) -> Result<Event, Error> {
    require_version(&asked.plan, 1)?;
    require_whole(state, at, asked)?;
    require_seats(asked)?;
    require_start(state, asked)?;
    require_listed(state, asked)?;
    Ok(installed(asked, None, Amount::ZERO))
}

fn amendment(state: &State, at: Moment, before: &plans::KeptRef, asked: &Installation) -> Result<Event, Error> {
    require_amendment(state, at, before, asked)?;
    require_listed(state, asked)?;
    Ok(installed(asked, None, Amount::ZERO))
}

/// What every later version is: the next one, with the document that says why, and without what a first version alone has.
fn require_amendment(state: &State, at: Moment, before: &plans::KeptRef, asked: &Installation) -> Result<(), Error> {
    let plan = &asked.plan;
    freeze::require_unfrozen(state, at, &plan.name, ChangeKind::Promote, None)?;
    require_version(plan, before.version.saturating_add(1))?;
    if asked.document.is_none() {
        return Err(Error::DocumentMissing { plan: plan.name.clone(), version: plan.version });
    }
    if asked.stage.is_some() {
        return Err(Error::StartMissing);
    }
    if let Some(RoleSeats { role, .. }) = asked.members.first() {
        return Err(Error::SeatedAgain { plan: plan.name.clone(), role: role.clone() });
    }
    require_whole(state, at, asked)?;
    require_stages_kept(state, before, plan)
}

/// Genesis installs the first version of the node's plan.
pub(crate) fn of_genesis(asked: &Installation) -> Event {
    installed(asked, None, Amount::ZERO)
}

fn installed(asked: &Installation, by: Option<AccountId>, deposit: Amount) -> Event {
    let effects = List::truncate_from(start::effects(&asked.plan, asked.stage.as_ref()));
    Event::Installed { installation: Box::new(asked.clone()), by, deposit, effects }
}

fn require_version(plan: &Plan, next: u32) -> Result<(), Error> {
    let asked = plan.version;
    if asked == next { Ok(()) } else { Err(Error::NotNextVersion { plan: plan.name.clone(), asked, next }) }
}

/// What every installation is: no larger than it may be, its plan without a mistake, its flags and segments such as fit.
pub(crate) fn require_whole(state: &State, at: Moment, asked: &Installation) -> Result<(), Error> {
    let (plan, bytes) = (&asked.plan, asked.encoded_size());
    if bytes > MOST_INSTALLATION_BYTES {
        return Err(Error::InstallationTooLarge { bytes: number(bytes), most: number(MOST_INSTALLATION_BYTES) });
    }
    require_valid(plan)?;
    let mut room = FlagRoom::of(state, &plan.name);
    room.flags(at, plan.is_of_node(), &plan.flags)?;
    for SegmentFill { segment, members } in &asked.segments {
        room.filled_segment(plan.is_of_node(), segment, members)?;
    }
    let is_there = |segment: &Name| {
        let comes = asked.segments.iter().any(|fill| fill.segment == *segment);
        comes || flags::queries::segment(state, &plan.name, segment).is_some()
    };
    match start::segments_of(plan).into_iter().find(|segment| !is_there(segment)) {
        Some(segment) => {
            let (plan, segment) = (plan.name.clone(), segment.clone());
            Err(flags::Error::SegmentUnknown { plan, segment }.into())
        }
        None => Ok(()),
    }
}

/// A refusal names the first mistake and says how many there are; whoever has the plan can have all of them.
fn require_valid(plan: &Plan) -> Result<(), Error> {
    let mistakes = plan.mistakes();
    let Some(Mistake { field, problem }) = mistakes.first() else { return Ok(()) };
    Err(Error::PlanInvalid {
        plan: plan.name.clone(),
        count: number(mistakes.len()),
        field: shortened(field),
        problem: shortened(problem),
    })
}

/// The beginning of a text, as much of it as fits.
fn shortened<const MOST: u32>(text: &str) -> Text<MOST> {
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let end = (0..=text.len().min(most)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    Text::new(text.get(..end).unwrap_or_default()).unwrap_or_default()
}

/// A first version says who has its roles: each role once, each account once in it, and as many as the role has at least.
pub(crate) fn require_seats(asked: &Installation) -> Result<(), Error> {
    let plan = &asked.plan;
    let key = |role: &Name| RoleKey { plan: plan.name.clone(), role: role.clone() };
    for (at, RoleSeats { role, seats }) in asked.members.iter().enumerate() {
        if plan.role(role).is_none() {
            return Err(roles::Error::UnknownRole(key(role)).into());
        }
        if asked.members.iter().take(at).any(|other| other.role == *role) {
            return Err(Error::SeatedAgain { plan: plan.name.clone(), role: role.clone() });
        }
        for (at, seat) in seats.iter().enumerate() {
            if seats.iter().take(at).any(|other| other.account == seat.account) {
                return Err(roles::Error::NamedTwice(seat.account).into());
            }
        }
    }
    for (role, rules) in &plan.roles {
        let seats = asked.members.iter().find(|seats| seats.role == *role);
        let (left, least) = (seats.map_or(0, |seats| seats.seats.len()), rules.least_members);
        if left < usize::from(least) {
            let left = u16::try_from(left).unwrap_or(u16::MAX);
            return Err(roles::Error::LastMember { key: key(role), left, least }.into());
        }
    }
    Ok(())
}

/// The first version of a node's plan begins at a stage, in which the network decides as it did, and nobody is left out of what is for
/// some alone because nobody is among these.
fn require_start(state: &State, asked: &Installation) -> Result<(), Error> {
    let stage = asked.stage.as_ref().ok_or(Error::StartMissing)?;
    require_beginning(asked, stage)?;
    if Gates::of(state).is_on(Gate::MalachiteConsensus) && !begins_by_quorum(&asked.plan, Some(stage)) {
        return Err(Error::StartSealed { stage: stage.clone() });
    }
    Ok(())
}

/// What a first version asks of the stage that it begins at, on whatever network.
pub(crate) fn require_beginning(asked: &Installation, stage: &Name) -> Result<(), Error> {
    let plan = &asked.plan;
    if plan.stage(stage).is_none() {
        return Err(Error::StageUnknown { plan: plan.name.clone(), stage: stage.clone() });
    }
    require_filled(asked, stage)?;
    for flag in &plan.flags {
        admit::targeting_of_plan(flag, plan.is_of_node(), &targeting(plan, flag, Some(stage)))?;
    }
    Ok(())
}

/// Whether validators decide by quorum where a plan begins at a stage, or without one.
pub(crate) fn begins_by_quorum(plan: &Plan, stage: Option<&Name>) -> bool {
    begins_with(plan, stage, Gate::MalachiteConsensus)
}

/// Whether a gate is on for anybody where a first version begins at a stage, or at none.
pub(crate) fn begins_with(plan: &Plan, stage: Option<&Name>, gate: Gate) -> bool {
    let Some(flag) = plan.flags.iter().find(|flag| Gate::named(&flag.key) == Some(gate)) else {
        return gate.without_plan();
    };
    targeting(plan, flag, stage).variants().into_iter().any(|variant| flag.is_on(variant))
}

/// What a flag of a first version serves.
fn targeting(plan: &Plan, flag: &Flag, stage: Option<&Name>) -> Targeting {
    let stage = stage.and_then(|stage| plan.stage(stage));
    let at_stage = stage.and_then(|stage| start::targeting_after_steps(plan, flag, stage));
    at_stage.unwrap_or_else(|| Targeting::constant(flag.fallback))
}

/// Refuses that something begins for the members of a segment which has none. A first version has the segments alone that come with it.
fn require_filled(asked: &Installation, stage: &Name) -> Result<(), Error> {
    let limited = asked.plan.stage(stage).map(start::limited_to).unwrap_or_default();
    let is_empty = |segment: &Name| {
        let fill = asked.segments.iter().find(|fill| fill.segment == *segment);
        fill.is_none_or(|fill| fill.members.is_empty())
    };
    match limited.into_iter().find(|segment| is_empty(segment)) {
        Some(segment) => Err(Error::SegmentEmpty { stage: stage.clone(), segment: segment.clone() }),
        None => Ok(()),
    }
}

/// Every gate that serves something else by it is listed, with what it serves then; the quorum's never is.
fn require_listed(state: &State, asked: &Installation) -> Result<(), Error> {
    if let Some(listed) = asked.moves.iter().find(|listed| listed.flag.as_str() == QUORUM_GATE) {
        return Err(Error::QuorumListed { flag: listed.flag.clone() });
    }
    let (plan, gates) = (&asked.plan, Gates::of(state));
    for flag in &plan.flags {
        let is_there = flags::queries::flag(state, &plan.name, &flag.key).is_some();
        let Some(gate) = Gate::named(&flag.key).filter(|_| !is_there) else { continue };
        let serves = targeting(plan, flag, asked.stage.as_ref());
        let Some((before, after)) = moved(flag, gates.is_on_for_all(gate), &serves) else { continue };
        let is_listed = asked.moves.iter().any(|listed| listed.flag == flag.key && listed.to == after);
        if !is_listed {
            return Err(Error::MovesInSilence { flag: flag.key.clone(), path: Path::ROOT, before, after });
        }
    }
    Ok(())
}

/// What a gate served that was on or off for everybody, and the first other variant that it serves to anybody from now on, by name.
fn moved(flag: &Flag, was_on: bool, serves: &Targeting) -> Option<(Name, Name)> {
    let before = flag.variants.iter().find(|variant| variant.value == Value::Bool(was_on))?;
    let served = serves.variants().into_iter().filter_map(|place| flag.variant(place));
    let after = served.into_iter().find(|variant| variant.value != before.value)?;
    Some((before.name.clone(), after.name.clone()))
}

/// Stages that stand or were left keep their places; whatever follows the last that stands is the plan's to change.
pub(crate) fn require_stages_kept(state: &State, before: &plans::KeptRef, plan: &Plan) -> Result<(), Error> {
    let last = before.last_standing(state).and_then(|(stage, _)| before.kept.place(&stage));
    let kept = last.map_or(0, |place| place.saturating_add(1));
    let mut stages = before.kept.stages.iter().take(kept).enumerate();
    match stages.find(|(place, stage)| plan.place(stage) != Some(*place)) {
        Some((_, stage)) => Err(Error::StageGone { stage: stage.clone() }),
        None => Ok(()),
    }
}

/// Who installed an application's plan ends it, while it still has the role that owns it, and while nothing is live.
pub(crate) fn retire(state: &State, who: AccountId, plan: &Name, acting: &Name) -> Result<Event, Error> {
    let current = plans::current(state, plan)?;
    let Governs::Application { owner } = &current.kept.governs else {
        return Err(Error::StakeOnly { plan: plan.clone() });
    };
    let by = owner_of(state, plan, (owner, acting), who, "retire")?;
    let head = plans::head(state, plan).ok_or_else(|| Error::PlanUnknown { plan: plan.clone() })?;
    let installer = head.owner.unwrap_or(who);
    if installer != who {
        return Err(Error::NotInstaller { plan: plan.clone(), installer });
    }
    let live = number(LIVE.iter_under(state, plan).count().saturating_add(waiting(state, plan)));
    if live > 0 {
        return Err(Error::StillLive { plan: plan.clone(), live });
    }
    let deposit = DepositEnd::Returned(Deposit { account: installer, amount: head.deposit });
    Ok(Event::Retired { plan: plan.clone(), by, deposit })
}

/// Who acts as a member of the role that owns a plan.
fn owner_of(
    state: &State,
    plan: &Name,
    (owner, acting): (&Name, &Name),
    who: AccountId,
    action: &str,
) -> Result<Actor, Error> {
    let key = RoleKey { plan: plan.clone(), role: owner.clone() };
    if acting == owner && roles::queries::member(state, &key, &who).is_some() {
        return Ok(Actor { account: who, role: key.role });
    }
    let refusal = roles::Error::Role {
        plan: plan.clone(),
        role: acting.clone(),
        action: Text::new(action).unwrap_or_default(),
        scope: Box::new(ScopePattern::exactly(&Path::ROOT)),
        held_by: List::truncate_from(vec![key.role]),
        insider: roles::queries::has_role(state, plan, &who),
    };
    Err(refusal.into())
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
