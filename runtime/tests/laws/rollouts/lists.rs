//! What was asked before a change becomes active, counted from the words that were said.

use super::chronicle::Chronicle;
use ::rollouts::change::{ChangeRequest, SubmittedChange};
use ::rollouts::check::Ask;
use ::rollouts::plan::{ChangeKind, Plan};
use ::rollouts::statement::StatementSubject;
use ::rollouts::verdict::Answer;
use primitives::{ChangeId, Name};
use runtime::{Event, Fact};

/// Law 1: "No change becomes Active whose list had a NO-GO in that block."
///
/// What failed by the latest word of those who still have the role, what is missing that means no, and what was noticed and not taken
/// back; and a stage is left only once all of its steps are taken.
pub fn l01_no_change_becomes_active_on_a_no_go(told: &Chronicle, fact: &Fact) {
    let Ok(Event::Rollouts(event)) = &fact.outcome else { return };
    let (change, execution) = match event {
        ::rollouts::Event::Submitted { change, execution: Some(execution), .. } => (&**change, execution),
        ::rollouts::Event::Executed { change, execution, .. } => (&told.changes[change].change, execution),
        _ => return,
    };
    assert_eq!(execution.verdict, Answer::Go, "{change:?}");
    every_word_is_there(told, change);
}

/// Every word that the list of a change asks for is said and says yes, as far as nobody waived it.
pub fn every_word_is_there(told: &Chronicle, change: &SubmittedChange) {
    let plan = &told.plans[&change.asked.version];
    for (key, about) in asked(told, plan, change) {
        let check = plan.checks.iter().find(|check| check.key == key).expect("it is a check of the plan");
        let is_waived = told.waivers.contains_key(&(about, key.clone()));
        match &check.ask {
            Ask::Word { .. } if !is_waived => {
                let role = check.by.as_ref().expect("somebody owns it");
                let word = told.newest(&key, &StatementSubject::Change(about), role);
                let is_said = word.is_some_and(|word| word.statement.outcome.meets());
                assert!(is_said, "change {} without {key} about change {about}: {word:?}", change.id);
            }
            Ask::Forbid { .. } => assert!(!told.is_alarmed(), "change {} while somebody is alarmed", change.id),
            _ => {}
        }
    }
}

/// The checks of a list, each with the change that it is about.
fn asked(told: &Chronicle, plan: &Plan, change: &SubmittedChange) -> Vec<(Name, ChangeId)> {
    let procedure = plan.procedures.iter().find(|procedure| procedure.of == change.kind());
    let of_kind = procedure.map(|procedure| procedure.approve.to_vec()).unwrap_or_default();
    let mut keys: Vec<(Name, ChangeId)> = of_kind.into_iter().map(|key| (key, change.id)).collect();
    let ChangeRequest::Promote { to, .. } = &change.asked.request else { return keys };
    assert_eq!(change.kind(), ChangeKind::Promote);
    let place = plan.stages.iter().position(|stage| stage.name == *to).expect("it is of the plan");
    keys.extend(plan.stages[place].readiness.iter().map(|key| (key.clone(), change.id)));
    let before = place.checked_sub(1).map(|before| &plan.stages[before]);
    let standing = before.and_then(|before| told.standing.get(&before.name));
    // Of the first change every step is taken, and nothing is asked.
    if let (Some(before), Some(by)) = (before, standing.filter(|by| by.0 > 0)) {
        for step in &before.steps {
            assert!(told.changes[by].steps.contains(&step.key), "{} is left without {}", before.name, step.key);
            keys.extend(step.needs.iter().map(|key| (key.clone(), *by)));
        }
        keys.extend(before.leave.iter().map(|key| (key.clone(), *by)));
    }
    keys
}
