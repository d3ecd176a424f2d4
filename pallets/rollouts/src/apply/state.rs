//! What a statement does: it is kept, counted where verdicts read it, and has the duties judged again that may be met by it.

use super::follow::{drop_in_time, hear};
use crate::change::{ChangeState, SubmittedChange};
use crate::check::Ask;
use crate::plans::version_of;
use crate::retention::AGAIN_MS;
use crate::speaking::speaker::place_in;
use crate::statement::{Stated, StatementOutcome, StatementSubject, TalliedWord};
use crate::storage::*;
use flags::queries::is_node_plan;
use primitives::{AccountId, ChangeId, Digest, Moment, Name};
use state::State;

/// How many live changes of a plan have their duties judged again at most because of one statement that is about none of them. The others
/// are judged at their deadlines, and when they are closed.
const MOST_JUDGED: usize = 64;

pub(super) fn stated(state: &mut State, at: Moment, plan: &Name, stated: &Stated, marks: Option<&Name>) {
    let key = &stated.statement.key;
    let about = stated.statement.about.digest();
    STATEMENTS.set(state, &(plan.clone(), key.clone(), (about, stated.actor.account)), stated);
    if let StatementSubject::Change(id) = &stated.statement.about {
        find_again(state, at, *id, key, stated.actor.account);
    }
    count(state, plan, stated);
    if let Some(stage) = marks {
        MARKS.set(state, &(plan.clone(), stage.clone(), key.clone()), &at);
    }
    match &stated.statement.about {
        StatementSubject::Change(id) => have_judged(state, plan, *id),
        _ => have_those_judged_that_owe(state, plan, key),
    }
}

/// What is said about a change goes a while after that is over. The first that is said of one that is over already, because the steps of its
/// stage go on, begins that while.
fn find_again(state: &mut State, at: Moment, id: ChangeId, key: &Name, who: AccountId) {
    let is_first = SAID_ABOUT.iter_under(state, &id).next().is_none();
    SAID_ABOUT.insert(state, &(id, key.clone(), who));
    let is_over = PROGRESS.get(state, &id).is_some_and(|progress| !progress.state.is_live());
    if let Some(change) = CHANGES.get(state, &id).filter(|_| is_first && is_over) {
        drop_in_time(state, at, &change);
    }
}

/// The first statements about a change go, with what was counted of them; and with the last of them who was asked, and what was waived.
pub(super) fn dropped(
    state: &mut State,
    at: Moment,
    plan: &Name,
    id: ChangeId,
    due: u64,
    (statements, is_all): (u32, bool),
) {
    let about = StatementSubject::Change(id).digest();
    let most = usize::try_from(statements).unwrap_or(usize::MAX);
    let rows: Vec<_> = SAID_ABOUT.iter_under(state, &id).take(most).collect();
    for row in rows {
        SAID_ABOUT.remove(state, &row);
        let (_, key, who) = row;
        let place = (plan.clone(), key.clone(), (about, who));
        if let Some(said) = STATEMENTS.get(state, &place) {
            STATEMENTS.remove(state, &place);
            remove_tally(state, plan, key, (about, said.actor.role));
        }
    }
    if is_all {
        remove_rest(state, id);
    }
    let (drops, dropped) = if is_node_plan(state, plan) { (DROPS, DROPPED) } else { (GUEST_DROPS, GUEST_DROPPED) };
    dropped.set(state, &at.height);
    // Where nothing was dropped, it is still needed, and does not keep waiting what comes behind it.
    let is_kept = statements == 0 && !is_all;
    if is_all || is_kept {
        drops.remove(state, &(due, id));
    }
    if is_kept {
        drops.insert(state, &(at.running.saturating_add(AGAIN_MS), id));
    }
}

fn remove_tally(state: &mut State, plan: &Name, key: Name, of: (Digest, Name)) {
    let place = (plan.clone(), key, of);
    if TALLIES.contains(state, &place) {
        TALLIES.remove(state, &place);
    }
}

fn remove_rest(state: &mut State, id: ChangeId) {
    macro_rules! remove_under {
        ($($rows:ident)+) => { $(
            let keys: Vec<_> = $rows.iter_under(state, &id).map(|(key, _)| key).collect();
            keys.iter().for_each(|key| $rows.remove(state, key));
        )+ };
    }
    remove_under!(WAIVERS CHORUSES CHORUS_TALLIES);
}

/// A waiver is kept with its change, a voice of a chorus at its place, and every other word with those of its role.
fn count(state: &mut State, plan: &Name, stated: &Stated) {
    let (statement, word) = (&stated.statement, TalliedWord::from(stated));
    match (statement.outcome, &statement.about) {
        (StatementOutcome::Waived, StatementSubject::Change(id)) => {
            WAIVERS.set(state, &(*id, statement.key.clone()), &word);
        }
        (_, StatementSubject::Change(id)) if is_voice(state, *id, &statement.key) => join(state, *id, stated),
        _ => {
            let row = (plan.clone(), statement.key.clone(), (statement.about.digest(), stated.actor.role.clone()));
            let mut tally = TALLIES.get(state, &row).unwrap_or_default();
            tally.say(word);
            TALLIES.set(state, &row, &tally);
        }
    }
}

/// Whether a check asks for a chorus in the version of the plan that the change is judged by.
fn is_voice(state: &State, id: ChangeId, key: &Name) -> bool {
    let version = CHANGES.get(state, &id).and_then(|change| version_of(state, &change).ok());
    let check = version.and_then(|plan| plan.check(state, key));
    check.is_some_and(|check| matches!(check.ask, Ask::Chorus { .. }))
}

/// The latest word of a speaker counts, and whether it came after the latest announcement.
fn join(state: &mut State, id: ChangeId, stated: &Stated) {
    let Some(place) = place_in(state, id, &stated.actor.role, &stated.actor.account) else { return };
    let announced = PROGRESS.get(state, &id).map(|progress| progress.announced).unwrap_or_default();
    let row = (id, stated.statement.key.clone());
    let mut tally = CHORUS_TALLIES.get(state, &row).unwrap_or_default();
    tally.say(place, stated.statement.outcome.meets(), announced);
    CHORUS_TALLIES.set(state, &row, &tally);
}

/// The duties of a change of a plan are judged in the next block.
pub(super) fn have_looked_at(state: &mut State, at: Moment, plan: &Name, id: ChangeId) {
    if CHANGES.get(state, &id).is_some_and(|change| change.plan == *plan) {
        hear(state, at, plan);
        have_judged(state, plan, id);
    }
}

fn have_judged(state: &mut State, plan: &Name, id: ChangeId) {
    if is_active(state, id) {
        TO_JUDGE.insert(state, &(plan.clone(), id));
    }
}

/// A word about a stage or a build may meet a duty as well as one about the change.
fn have_those_judged_that_owe(state: &mut State, plan: &Name, key: &Name) {
    let live: Vec<ChangeId> = LIVE.iter_under(state, plan).map(|(_, id)| id).take(MOST_JUDGED).collect();
    for id in live {
        let change = CHANGES.get(state, &id);
        if is_active(state, id) && change.is_some_and(|change| owes(state, &change, key)) {
            TO_JUDGE.insert(state, &(plan.clone(), id));
        }
    }
}

/// Whether a change owes a check that the key answers: that check, or one that asks for rows, of which the key may be one.
fn owes(state: &State, change: &SubmittedChange, key: &Name) -> bool {
    let (Some(progress), Ok(plan)) = (PROGRESS.get(state, &change.id), version_of(state, change)) else { return false };
    let is_answered = |check: &Name| {
        let asks_rows = || plan.check(state, check).is_some_and(|check| matches!(check.ask, Ask::Rows { .. }));
        check == key || asks_rows()
    };
    progress.owed().any(|duty| is_answered(&duty.check))
}

fn is_active(state: &State, id: ChangeId) -> bool {
    PROGRESS.get(state, &id).is_some_and(|progress| progress.state == ChangeState::Active)
}
