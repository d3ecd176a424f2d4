//! What would come of a call, worked out by what decides and writes it.

use super::clock::RolloutClock;
use super::explain::ExplainedList;
use super::simulate::{RolloutSimulation, SimulatedFlag, SimulatedRefusal};
use crate::error::RpcRefusal;
use crate::views::FlagServed;
use flags::{Gate, Gates};
use primitives::{AccountId, ChangeId, Height, Moment, Name, Path};
use roles::{Actor, RoleKey};
use rollouts::change::{Effected, Execution, SubmittedChange};
use rollouts::plans::{self, KeptRef};
use rollouts::{Call, Error, Event, queries};
use state::{Decide, State};
use std::collections::BTreeSet;

/// A call that moves something, and what it is about.
struct Foreseen<'s> {
    state: &'s State<'s>,
    /// That of the next block.
    at: Moment,
    call: &'s Call,
    plan: KeptRef,
    acting: &'s Name,
    change: Option<SubmittedChange>,
}

/// What would come of a call in a block at a moment after the newest one, which is at `height`.
pub(crate) fn simulation(
    state: &State,
    height: Height,
    clock: &RolloutClock,
    call: &runtime::Call,
    account: Option<AccountId>,
) -> Result<RolloutSimulation, RpcRefusal> {
    let runtime::Call::Rollouts(call) = call else { return Err(moves_nothing()) };
    let foreseen = Foreseen::of(state, clock.at, call)?;
    let (tried, outcome) = foreseen.tried(account);
    let mut refusals: Vec<Error> = outcome.as_ref().err().cloned().into_iter().collect();
    let execution = outcome.as_ref().ok().and_then(execution_of).cloned();
    let effects = match outcome.as_ref().ok().and_then(effects_of) {
        Some(effects) => effects,
        None => foreseen.effects().unwrap_or_else(|error| {
            refusals.push(error);
            Vec::new()
        }),
    };
    refusals.extend(foreseen.further());
    let change = foreseen.change.as_ref().map(|change| change.id);
    let list = change.filter(|_| matches!(call, Call::Execute { .. }));
    let list = list.and_then(|id| queries::list_of(state, clock.at, id));
    let (map, inverse, nodes) = foreseen.once_written(&effects);
    Ok(RolloutSimulation {
        height,
        at: clock.at.position(),
        plan: foreseen.plan.name.clone(),
        change,
        tried: tried.map(|account| Actor { account, role: foreseen.acting.clone() }),
        refusals: each_once(refusals),
        list: list.map(|list| ExplainedList::of(clock, list)),
        execution: execution.map(Box::new),
        paths: paths(&effects),
        effects,
        inverse,
        map,
        nodes,
    })
}

fn moves_nothing() -> RpcRefusal {
    RpcRefusal::Parameter(
        "call moves nothing by itself; name one of rollouts that submits a change, executes one, or takes a step"
            .into(),
    )
}

impl<'s> Foreseen<'s> {
    fn of(state: &'s State<'s>, at: Moment, call: &'s Call) -> Result<Self, RpcRefusal> {
        let (plan, acting, id) = match call {
            Call::Submit { plan, acting, .. } => (plan, acting, None),
            Call::Execute { plan, acting, change, .. } | Call::Step { plan, acting, change, .. } => {
                (plan, acting, Some(*change))
            }
            _ => return Err(moves_nothing()),
        };
        let kept = plans::current(state, plan).map_err(|_| RpcRefusal::UnknownPlan(plan.clone()))?;
        let known = |id: ChangeId| {
            let change = queries::change(state, id).filter(|change| change.plan == *plan);
            change.ok_or(RpcRefusal::UnknownChange(id))
        };
        Ok(Self { state, at, call, plan: kept, acting, change: id.map(known).transpose()? })
    }

    /// What is decided for an account; without one, for the first member of the acting role that may.
    fn tried(&self, account: Option<AccountId>) -> (Option<AccountId>, Result<Event, Error>) {
        let key = RoleKey { plan: self.plan.name.clone(), role: self.acting.clone() };
        let members = || roles::queries::members(self.state, &key).into_iter().map(|(member, _)| member).collect();
        let possible: Vec<AccountId> = account.map_or_else(members, |account| vec![account]);
        let mut first = None;
        for who in possible {
            let outcome = self.call.decide(self.state, self.at, who);
            if !matches!(outcome, Err(Error::Role(_))) {
                return (Some(who), outcome);
            }
            first.get_or_insert((Some(who), outcome));
        }
        // Of a role that nobody has, nobody is told that nobody has it.
        first.unwrap_or_else(|| (None, self.call.decide(self.state, self.at, AccountId([0; 32]))))
    }

    /// What would move, whether or not it is granted: of what waits, once it is carried out.
    fn effects(&self) -> Result<Vec<Effected>, Error> {
        let (state, at, plan) = (self.state, self.at, &self.plan.name);
        match (self.call, &self.change) {
            (Call::Submit { change, .. }, _) => queries::simulated(state, at, plan, &change.request),
            (Call::Execute { .. }, Some(change)) => queries::simulated(state, at, plan, &change.asked.request),
            (Call::Step { step, .. }, Some(change)) => {
                let version = queries::version_of(state, change)?;
                let stage = change.asked.request.stage().map(|stage| version.stage(state, stage)).transpose()?;
                stage.map_or(Ok(Vec::new()), |stage| queries::simulated_step(state, at, &version, &stage, step))
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What else keeps it from being carried out, beside what whoever tries is told first.
    fn further(&self) -> Vec<Error> {
        let Call::Execute { change, .. } = self.call else { return Vec::new() };
        queries::refusals_of_execution(self.state, self.at, &self.plan.name, *change).unwrap_or_default()
    }

    /// What every flag serves before and after, what would undo the effects, and whom a gate would change for.
    fn once_written(&self, effects: &[Effected]) -> (Vec<SimulatedFlag>, Vec<Effected>, Vec<AccountId>) {
        let (state, at, plan) = (self.state, self.at, &self.plan.name);
        queries::once_written(state, at, plan, effects, |written| {
            let places = self.places(effects).into_iter();
            let map = places.filter_map(|(flag, path)| self.flag(written, effects, flag, path)).collect();
            (map, queries::inverse(written, at, plan, effects), self.nodes(written))
        })
    }

    /// Every flag of the plan at the root, and those that move at the paths where they do.
    fn places(&self, effects: &[Effected]) -> BTreeSet<(Name, Path)> {
        let of_plan = self.plan.kept.flags.iter().map(|flag| (flag.clone(), Path::ROOT));
        of_plan.chain(effects.iter().filter_map(place_of)).collect()
    }

    fn flag(&self, written: &State, effects: &[Effected], flag: Name, path: Path) -> Option<SimulatedFlag> {
        let before = FlagServed::at(self.state, &self.plan.name, &flag, &path)?;
        let after = FlagServed::at(written, &self.plan.name, &flag, &path)?;
        let is_moved = effects.iter().filter_map(place_of).any(|place| place == (flag.clone(), path.clone()));
        Some(SimulatedFlag { moves: is_moved || !before.is_same(&after), flag, path, before, after })
    }

    fn nodes(&self, written: &State) -> Vec<AccountId> {
        if !self.plan.kept.is_of_node() {
            return Vec::new();
        }
        let (was, is) = (Gates::of(self.state), Gates::of(written));
        let changes_for = |who: &AccountId| {
            Gate::ALL.iter().any(|gate| was.is_on_for(self.state, *gate, who) != is.is_on_for(written, *gate, who))
        };
        let candidates = staking::queries::candidates(self.state, self.at.epoch).validators.into_iter();
        candidates.map(|candidate| candidate.account).filter(changes_for).collect()
    }
}

fn execution_of(event: &Event) -> Option<&Execution> {
    match event {
        Event::Executed { execution, .. } => Some(execution.as_ref()),
        Event::Submitted { execution, .. } => execution.as_deref(),
        _ => None,
    }
}

/// What an event moves; none of one that only asks for a change.
fn effects_of(event: &Event) -> Option<Vec<Effected>> {
    match event {
        Event::Stepped { effects, .. } => Some(effects.to_vec()),
        other => execution_of(other).map(|execution| execution.effects.to_vec()),
    }
}

fn place_of(effect: &Effected) -> Option<(Name, Path)> {
    match effect {
        Effected::Flag { flag, path, .. } => Some((flag.clone(), path.clone())),
        Effected::Segment { .. } => None,
    }
}

/// A segment is of the whole plan.
fn paths(effects: &[Effected]) -> Vec<Path> {
    let paths = effects.iter().map(|effect| place_of(effect).map_or(Path::ROOT, |(_, path)| path));
    paths.collect::<BTreeSet<Path>>().into_iter().collect()
}

fn each_once(refusals: Vec<Error>) -> Vec<SimulatedRefusal> {
    let mut shown: Vec<SimulatedRefusal> = Vec::new();
    for error in refusals {
        if !shown.iter().any(|known| known.error == error) {
            shown.push(SimulatedRefusal { code: error.code().into(), refusal: error.to_string(), error });
        }
    }
    shown
}
