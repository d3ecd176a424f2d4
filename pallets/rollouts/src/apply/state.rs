//! What a statement does: it is kept, counted where verdicts read it, and has the duties judged again that may be met by it.

use crate::change::{ChangeState, SubmittedChange};
use crate::check::Ask;
use crate::plans::version_of;
use crate::speaking::speaker::place_in;
use crate::statement::{Stated, StatementOutcome, StatementSubject, TalliedWord};
use crate::storage::*;
use primitives::{ChangeId, Moment, Name};
use state::State;

/// How many live changes of a plan have their duties judged again at most because of one statement that is about none of them. The others
/// are judged at their deadlines, and when they are closed.
const MOST_JUDGED: usize = 64;

pub(super) fn stated(state: &mut State, at: Moment, plan: &Name, stated: &Stated, marks: Option<&Name>) {
    let key = &stated.statement.key;
    let about = stated.statement.about.digest();
    STATEMENTS.set(state, &(plan.clone(), key.clone(), (about, stated.actor.account)), stated);
    count(state, plan, stated);
    if let Some(stage) = marks {
        MARKS.set(state, &(plan.clone(), stage.clone(), key.clone()), &at);
    }
    match &stated.statement.about {
        StatementSubject::Change(id) => have_judged(state, plan, *id),
        _ => have_those_judged_that_owe(state, plan, key),
    }
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
