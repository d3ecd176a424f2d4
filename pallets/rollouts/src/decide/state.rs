//! When a statement is taken (ROLLOUTS 7.3).

use super::guards;
use crate::change::ChangeRequest;
use crate::judge::asked::stage_of_path;
use crate::judge::forbid::is_found_by_a_third;
use crate::judge::rows::rows_of;
use crate::plan::{ChangeKind, Phase, PhaseState, Signal, Speakers};
use crate::plans::KeptRef;
use crate::speaking::key::AskedKey;
use crate::speaking::speaker::{WhoSays, path_of_subject};
use crate::speaking::subject::FoundSubject;
use crate::speaking::{evidence, key, speaker, subject, waiver};
use crate::statement::{Stated, Statement, StatementOutcome, StatementSubject};
use crate::{Error, Event, PhaseFlaw, phase};
use cases::{OpenedCase, SignalledBy};
use primitives::{AccountId, AlertSeverity, Digest, Moment, Name};
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
    require_phase(state, &found.plan, statement)?;
    let mut brings = SignalBrings::default();
    if let AskedKey::Signal(signal) = &asked
        && statement.outcome == StatementOutcome::Failed
    {
        brings = brought(state, at, &found, signal, who, statement);
    }
    let stated = Box::new(Stated { statement: statement.clone(), actor, at });
    let SignalBrings { marks, opened, rolls_back } = brings;
    Ok(Event::Stated { plan: plan.clone(), stated, marks, opened, rolls_back })
}

/// What is said about a phase, or about an artifact of one, is said while that phase is open or frozen (ROLLOUTS 7.6).
fn require_phase(state: &State, plan: &KeptRef, statement: &Statement) -> Result<(), Error> {
    let of_artifact = |digest: &Digest| artifacts::queries::artifact(state, &plan.name, digest)?.artifact.phase;
    let phase = match &statement.about {
        StatementSubject::Phase(phase) => Some(phase.clone()),
        StatementSubject::Artifact(digest) if !plan.kept.is_of_node() => of_artifact(digest),
        _ => None,
    };
    // A phase of an earlier version of the plan stops nobody any more.
    match phase.filter(|phase| plan.phase(state, phase).is_some()) {
        Some(phase) => require_spoken(state, plan, &phase, &statement.key),
        None => Ok(()),
    }
}

/// What a signal that failed brings.
#[derive(Default)]
struct SignalBrings {
    marks: Option<Name>,
    opened: Option<Box<OpenedCase>>,
    rolls_back: Option<Name>,
}

/// A signal restarts the soaks of its stage, opens an incident, and asks for a rollback of that stage, as the plan says (REQ-084, REQ-097).
fn brought(
    state: &State,
    at: Moment,
    found: &FoundSubject,
    signal: &Signal,
    who: AccountId,
    statement: &Statement,
) -> SignalBrings {
    let (plan, counts) = (&found.plan, counts(state, at, signal, who, statement));
    let marks = stage_of(state, plan, statement).filter(|_| counts);
    let floor = if counts { signal.severity } else { AlertSeverity::Warn };
    let path = path_of_subject(found, statement);
    let by = SignalledBy { key: signal.key.clone(), account: who };
    let opens = || cases::queries::opened_by_signal(state, &plan.name, &path, floor, by);
    let rolls_back = marks.clone().filter(|stage| signal.opens_rollback && can_be_rolled_back(state, plan, stage));
    SignalBrings { opened: signal.opens_incident.then(opens).flatten().map(Box::new), marks, rolls_back }
}

/// A rollback of a stage that stands and of which none lives or is asked for.
fn can_be_rolled_back(state: &State, plan: &KeptRef, stage: &Name) -> bool {
    let (trigger, source) = (stage.clone(), stage.clone());
    let request = ChangeRequest::Rollback { stage: stage.clone(), trigger, source };
    let is_free = guards::require_sole(state, plan, &request, None).is_ok();
    let has_procedure = plan.procedure(state, ChangeKind::Rollback, Some(stage)).is_some();
    let stands = guards::require_stage(state, plan, &request).is_ok();
    is_free && has_procedure && stands && !guards::is_asked_back(state, &plan.name, stage)
}

/// Whether a signal counts at once. What validators notice does not before more than a third of the power says the same, this word
/// included: one alone would stop every soak.
fn counts(state: &State, at: Moment, signal: &Signal, who: AccountId, statement: &Statement) -> bool {
    match &signal.by {
        Speakers::Roles(_) => true,
        Speakers::Validators => is_found_by_a_third(state, at, &signal.key, Some((&who, statement.value))),
    }
}

/// The stage of what a signal is about: the one that it names or lies in, or else the last that stands.
fn stage_of(state: &State, plan: &KeptRef, statement: &Statement) -> Option<Name> {
    let named = match &statement.about {
        StatementSubject::Stage(stage) => Some(stage.clone()),
        StatementSubject::Scope(path) => stage_of_path(plan, path),
        _ => None,
    };
    named.or_else(|| plan.last_standing(state).map(|(stage, _)| stage))
}

/// Refuses to speak about a phase, or about what belongs to it, before it has begun and when it is done with. Before it begins is said
/// alone what it begins with, where no other phase comes before it.
fn require_spoken(state: &State, plan: &KeptRef, phase: &Name, key: &Name) -> Result<(), Error> {
    let rules = phase::known(state, plan, phase)?;
    match phase::state_of(state, &plan.name, phase) {
        PhaseState::Planned if !begins_with(state, plan, &rules, key) => {
            Err(PhaseFlaw::Planned { phase: phase.clone() }.into())
        }
        PhaseState::Locked => Err(PhaseFlaw::Locked { phase: phase.clone() }.into()),
        PhaseState::Planned | PhaseState::Open | PhaseState::Frozen => Ok(()),
    }
}

fn begins_with(state: &State, plan: &KeptRef, rules: &Phase, key: &Name) -> bool {
    let is_row = |check: &Name| {
        let check = plan.check(state, check);
        check.is_some_and(|check| rows_of(state, plan, &check).iter().any(|row| row.key == *key))
    };
    rules.requires.is_empty() && rules.start.iter().any(|check| check == key || is_row(check))
}
