//! What can be asked about cases: what is open and stops what, what is kept, and what the chain opens by itself.

use crate::storage::*;
use crate::{
    CaseBody, CaseHead, CaseKind, CaseRules, CaseStep, DutyOfChange, IncidentCause, OpenedCase, SignalledBy, room,
};
use flags::Gates;
use primitives::{AccountId, AlertSeverity, CaseId, ChangeId, Height, Moment, Name, Path};
use state::State;
use std::collections::BTreeSet;

/// How many open cases are looked at to say whether a register is clear: as many as it has places for, and as many again for those that
/// signals opened. The chain opens others beside these, which somebody who owns a plan could heap up.
pub const MOST_LOOKED_AT: u32 = 512;

/// What the version of a plan that is in force says about cases; nothing of a plan that is retired, or never was.
pub fn rules(state: &State, plan: &Name) -> Option<CaseRules> {
    RULES.get(state, plan)
}

/// The number that the next case gets.
pub fn next_id(state: &State) -> CaseId {
    LATEST.get_or_default(state).next()
}

/// What is known of a case for good.
pub fn case(state: &State, id: CaseId) -> Option<CaseHead> {
    CASES.get(state, &id)
}

/// What was said about a case; nothing once it was over for as long as its plan says.
pub fn body(state: &State, id: CaseId) -> Option<CaseBody> {
    BODIES.get(state, &id)
}

/// The cases of a plan and a kind that are open, in the order in which they came.
pub fn open<'s>(state: &'s State, plan: &Name, kind: CaseKind) -> impl Iterator<Item = CaseId> + use<'s> {
    OPEN.iter_under(state, &(plan.clone(), kind)).map(|(.., id)| id)
}

/// All cases of a plan and a kind from a number on, in the order in which they came.
pub fn page<'s>(
    state: &'s State,
    plan: &Name,
    kind: CaseKind,
    first: CaseId,
) -> impl Iterator<Item = CaseId> + use<'s> {
    let under = (plan.clone(), kind);
    let all = OF_KIND.iter_from(state, &(plan.clone(), kind, first));
    all.take_while(move |(plan, kind, _)| (plan, kind) == (&under.0, &under.1)).map(|(.., id)| id)
}

/// The first open incident that stops a change at a path (ROLLOUTS 7.4), if there is any: of those at that path and above it; else of
/// those below it that are CRITICAL, where whoever said so can reach that path too. Reads few rows, however many are open.
pub fn first_open_at(state: &State, plan: &Name, path: &Path) -> Option<CaseId> {
    let of = (plan.clone(), CaseKind::Incident);
    let above = path.ancestors().find_map(|path| AT.iter_under(state, &(of.clone(), path)).next());
    let below = || WIDER.iter_under(state, &(of.clone(), path.clone())).next();
    above.or_else(below).map(|(.., id)| id)
}

/// What keeps a register from being clear at some paths (ROLLOUTS 7.2, `Clear`): the open incidents, or the open risks that nobody
/// accepted until later than this block, that are so bad or worse and stop a change at one of them. What nobody classified yet counts as
/// the worst; and where more are open than are [looked at](MOST_LOOKED_AT), the next one counts as well.
pub fn not_clear(
    state: &State,
    at: Moment,
    plan: &Name,
    paths: &BTreeSet<Path>,
    kind: CaseKind,
    severity: AlertSeverity,
) -> BTreeSet<CaseId> {
    let (of, most) = ((plan.clone(), kind), MOST_LOOKED_AT as usize);
    let above: BTreeSet<Path> = paths.iter().flat_map(Path::ancestors).collect();
    let there = above.iter().flat_map(|path| AT.iter_under(state, &(of.clone(), path.clone())));
    let wider = paths.iter().flat_map(|path| WIDER.iter_under(state, &(of.clone(), path.clone())));
    let found = there.chain(wider).map(|(.., id)| id).take(most.saturating_add(1)).enumerate();
    found.filter(|(place, id)| *place >= most || counts(state, at, *id, severity)).map(|(_, id)| id).collect()
}

/// How many rows [that](not_clear) reads at most of so many paths, which is what whoever has it judged pays for. What is open is counted in
/// powers of two, so that this seldom changes while a call waits.
pub fn most_read_clear(state: &State, plan: &Name, paths: u32, kind: CaseKind) -> u32 {
    let most = MOST_LOOKED_AT.saturating_add(1);
    let open = open(state, plan, kind).take(most as usize).count();
    let open = u32::try_from(open).ok().and_then(u32::checked_next_power_of_two).unwrap_or(u32::MAX);
    // Each is at its own path and at four wider ones at most. Of each place the case is read, and what was said about it.
    let found = if open > 1 { open.saturating_mul(5).min(most) } else { 5 };
    paths.saturating_mul(6).saturating_add(found.saturating_mul(3))
}

fn counts(state: &State, at: Moment, id: CaseId, severity: AlertSeverity) -> bool {
    let Some(head) = case(state, id) else { return false };
    let is_so_bad = head.step == CaseStep::Detected || head.severity.is_some_and(|has| has >= severity);
    is_so_bad && !is_accepted(state, at, id, &head)
}

fn is_accepted(state: &State, at: Moment, id: CaseId, head: &CaseHead) -> bool {
    head.step == CaseStep::Accepted
        && match body(state, id) {
            Some(CaseBody::Risk(risk)) => risk.acceptance.is_some_and(|accepted| accepted.review > at.time),
            _ => false,
        }
}

/// The incident that stands for a duty of a change at a path, if one does: one that a member of a role opened for exactly that, at that
/// path or above it, since the duty is owed. That it is over since does not undo that it was told of in time.
pub fn stands_for(state: &State, plan: &Name, path: &Path, duty: &DutyOfChange, since: Moment) -> Option<CaseId> {
    path.ancestors().find_map(|above| {
        let id = STANDS_FOR.get(state, &(duty.change, duty.check.clone(), above))?;
        case(state, id).filter(|head| head.plan == *plan && head.opened.height >= since.height).map(|_| id)
    })
}

/// The latest incident that the chain opened for a change.
pub fn of_change(state: &State, change: ChangeId) -> Option<CaseId> {
    OF_CHANGES.get(state, &change)
}

/// What the chain opens for a change that missed a duty, or is rolled back. Nothing while an incident that it opened for the same change
/// is open: that one is it.
pub fn opened(
    state: &State,
    plan: &Name,
    path: &Path,
    floor: AlertSeverity,
    cause: IncidentCause,
) -> Option<OpenedCase> {
    let change = match &cause {
        IncidentCause::Missed(duty) => Some(duty.change),
        IncidentCause::Rollback(change) => Some(*change),
        IncidentCause::ByHand { .. } | IncidentCause::Signal(_) => None,
    };
    let stands = change.and_then(|change| of_change(state, change)).is_some_and(|id| is_open(state, id));
    (!stands).then(|| newly_opened(state, plan, path, floor, cause))
}

/// What a signal opens that failed at a path, by the word of an account. Nothing while one that the same account opened by the same
/// signal there is open, or while there is no place for more: the word counts all the same. A report where the last was unfounded.
pub fn opened_by_signal(
    state: &State,
    plan: &Name,
    path: &Path,
    floor: AlertSeverity,
    by: SignalledBy,
) -> Option<OpenedCase> {
    let signalled = SIGNALLED.get(state, &signal_place(plan, path, &by)).unwrap_or_default();
    let register = room::of_signals(signalled.unfounded);
    if signalled.open.is_some() || room::require(state, plan, register, path).is_err() {
        return None;
    }
    let opened = newly_opened(state, plan, path, floor, IncidentCause::Signal(by));
    Some(OpenedCase { as_report: signalled.unfounded, ..opened })
}

pub(crate) fn signal_place(plan: &Name, path: &Path, by: &SignalledBy) -> ((Name, Name), Path, AccountId) {
    ((plan.clone(), by.key.clone()), path.clone(), by.account)
}

fn newly_opened(state: &State, plan: &Name, path: &Path, floor: AlertSeverity, cause: IncidentCause) -> OpenedCase {
    let (id, stage) = (next_id(state), stage_of(state, plan, path));
    OpenedCase { id, path: path.clone(), floor, cause, stage, gates: Gates::of(state), as_report: false }
}

/// The stage in which something at a path is: of an application's plan the first name of the path, of the node's the last that stands.
/// None where it is in all of them.
pub fn stage_of(state: &State, plan: &Name, path: &Path) -> Option<Name> {
    let is_of_node = flags::queries::is_node_plan(state, plan);
    if is_of_node { NODE_STAGE.get(state) } else { path.names().next().and_then(Name::new) }
}

fn is_open(state: &State, id: CaseId) -> bool {
    case(state, id).is_some_and(|head| !head.step.is_last())
}

/// What has records at a path of a plan kept that are of a height, whatever their time is: an open incident or a hold there or above,
/// which began no later. The first that is found.
pub fn pinned_by(state: &State, plan: &Name, path: &Path, height: Height) -> Option<CaseId> {
    let keeps = |id: &CaseId| case(state, *id).is_some_and(|head| head.keeps_from <= height);
    let at = |kind: CaseKind, path: Path| AT.iter_under(state, &((plan.clone(), kind), path)).map(|(.., id)| id);
    let hold = path.ancestors().find_map(|path| at(CaseKind::Hold, path).find(keeps));
    // Each incident has kept what there is since it was opened, so that the first of a path says it of all, however many are open.
    hold.or_else(|| path.ancestors().find_map(|path| at(CaseKind::Incident, path).next().filter(keeps)))
}

/// From which block on records have to be kept: the first that an open incident or a hold of the node's plan, or of one of some others,
/// has kept (ROLLOUTS 8). Nothing of any other plan moves it.
pub fn keep_from(state: &State, plans: &[Name]) -> Option<Height> {
    let of_node = flags::queries::node_plan(state);
    let first = |plan: &Name| HOLDS.iter_under(state, plan).next().map(|(_, height, _)| height);
    of_node.iter().chain(plans).filter_map(first).min()
}

/// Whether anything of a plan is open.
pub fn has_open(state: &State, plan: &Name) -> bool {
    OPEN.iter_under(state, plan).next().is_some()
}
