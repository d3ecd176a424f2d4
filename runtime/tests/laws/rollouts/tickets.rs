//! Tickets of what moves, counted from what moved.

use super::chronicle::Chronicle;
use super::course::Course;
use ::rollouts::change::{ChangeRequest, Effected, OwedDuty, SubmittedChange};
use ::rollouts::plan::ChangeKind;
use ::rollouts::statement::StatementSubject;
use primitives::{ChangeId, Name};
use runtime::{Event, Fact};

/// Law 5: "Every effect that touches a stage with a ticket has one, or is an emergency with an open backfill."
pub fn l05_what_touches_a_stage_with_a_ticket_has_one(told: &Chronicle, fact: &Fact) {
    let Ok(Event::Rollouts(event)) = &fact.outcome else { return };
    match event {
        ::rollouts::Event::Submitted { change, execution: Some(execution), .. } => {
            has_one(told, change, &execution.effects, &execution.duties);
        }
        ::rollouts::Event::Executed { change, execution, .. } => {
            has_one(told, &told.changes[change].change, &execution.effects, &execution.duties);
        }
        ::rollouts::Event::Stepped { change, effects, duties, .. } => {
            has_one(told, &told.changes[change].change, effects, duties);
        }
        ::rollouts::Event::Met { change, check, .. } if check.as_str() == "ticket" => backfilled(told, *change),
        ::rollouts::Event::Closed { change, .. } => {
            let owes = told.changes[change].duties.iter().any(|duty| duty.check.as_str() == "ticket");
            if owes {
                backfilled(told, *change);
            }
        }
        _ => {}
    }
}

fn has_one(told: &Chronicle, change: &SubmittedChange, effects: &[Effected], duties: &[OwedDuty]) {
    let touched = match &change.asked.request {
        ChangeRequest::Promote { to, .. } => told.plan().stages.iter().find(|stage| stage.name == *to),
        _ => told.last_standing(),
    };
    if effects.is_empty() || touched.is_none_or(|stage| stage.ticket.is_none()) {
        return;
    }
    if change.kind() == ChangeKind::Disable {
        let is_owed = duties.iter().any(|duty| duty.check.as_str() == "ticket" && !duty.state.is_met());
        assert!(is_owed, "{} owes no ticket", change.id);
    } else {
        assert!(change.asked.ticket.as_ref().is_some_and(is_ticket), "{} has no ticket: {effects:?}", change.id);
    }
}

fn is_ticket(ticket: &Name) -> bool {
    let number = ticket.as_str().strip_prefix("CHG-");
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whoever did without one has named it since.
fn backfilled(told: &Chronicle, id: ChangeId) {
    let course: &Course = &told.changes[&id];
    let (key, role) = (Name::new("ticket").unwrap(), Name::new("commander").unwrap());
    let named = told.words.iter().filter(|word| {
        let said = &word.statement;
        said.key == key && said.about == StatementSubject::Change(course.id()) && word.actor.role == role
    });
    let mut named = named.filter(|word| word.statement.outcome.meets());
    assert!(named.any(|word| word.statement.refs.iter().any(is_ticket)), "{id} was never given a ticket");
}
