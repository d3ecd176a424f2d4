//! When a statement is taken (ROLLOUTS 7.3).

use crate::judge::asked::stage_of_path;
use crate::judge::forbid::is_found_by_a_third;
use crate::plan::{Signal, Speakers};
use crate::plans::KeptRef;
use crate::speaking::key::AskedKey;
use crate::speaking::speaker::WhoSays;
use crate::speaking::{evidence, key, speaker, subject, waiver};
use crate::statement::{Stated, Statement, StatementOutcome, StatementSubject};
use crate::{Error, Event};
use primitives::{AccountId, Moment, Name};
use state::State;

pub(super) fn decide(
    state: &State,
    at: Moment,
    who: AccountId,
    plan: &Name,
    acting: &Name,
    statement: &Statement,
) -> Result<Event, Error> {
    let found = subject::find(state, plan, statement)?;
    let asked = key::find(state, &found.plan, &statement.key)?;
    let says = WhoSays { who, acting };
    let actor = if statement.outcome == StatementOutcome::Waived {
        waiver::require(state, at, says, &found, &asked, statement)?
    } else {
        if !asked.is_about(statement.about.kind()) {
            return Err(subject::wrong(statement));
        }
        let actor = speaker::require(state, at, says, &found, &asked, statement)?;
        evidence::require(state, at, &found, &asked, statement)?;
        actor
    };
    let marks = match &asked {
        AskedKey::Signal(signal) => marked(state, at, &found.plan, signal, who, statement),
        _ => None,
    };
    let stated = Box::new(Stated { statement: statement.clone(), actor, at });
    Ok(Event::Stated { plan: plan.clone(), stated, marks })
}

/// The stage whose soaks a signal that failed restarts: the one that it is about or lies in, or else the last that stands. What validators
/// notice restarts nothing before more than a third of the power says the same, this word included: one alone would stop every soak.
fn marked(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    signal: &Signal,
    who: AccountId,
    statement: &Statement,
) -> Option<Name> {
    let counts = match &signal.by {
        Speakers::Roles(_) => true,
        Speakers::Validators => is_found_by_a_third(state, at, &signal.key, Some((&who, statement.value))),
    };
    let named = match &statement.about {
        StatementSubject::Stage(stage) => Some(stage.clone()),
        StatementSubject::Scope(path) => stage_of_path(plan, path),
        _ => None,
    };
    let stage = named.or_else(|| plan.last_standing(state).map(|(stage, _)| stage));
    stage.filter(|_| counts && statement.outcome == StatementOutcome::Failed)
}
