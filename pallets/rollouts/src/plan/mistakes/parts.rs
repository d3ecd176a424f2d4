//! Does every stage have what a stage has (REQ-002)?

use super::{Found, place};
use crate::plan::{ChangeKind, Plan, Stage};
use flags::{Flag, FlagKind};
use primitives::Name;

pub(super) fn find(plan: &Plan, found: &mut Found) {
    found.require(!plan.stages.is_empty(), "stages", || "the plan has no stage; add one [[stages]] at least".into());
    for (at, stage) in plan.stages.iter().enumerate() {
        has_its_four_parts(plan, at, stage, found);
        has_the_whole_profile(plan, at, stage, found);
        can_be_entered(plan, stage, found);
        ends_its_freeze(plan, stage, found);
        asks_for_a_ticket(plan, stage, found);
    }
}

/// What is checked before it, what holds there, what is done, and what to do when it goes wrong.
fn has_its_four_parts(plan: &Plan, at: usize, stage: &Stage, found: &mut Found) {
    let (name, place) = (&stage.name, place::stage(&stage.name));
    found.require(!stage.readiness.is_empty(), format!("{place}.readiness"), || {
        format!("{name:?} can be entered without a check; name one at least of what has to be so before")
    });
    found.require(!stage.steps.is_empty(), format!("{place}.steps"), || {
        format!("nothing is done once {name:?} is entered; say one step at least, such as deploying")
    });
    let has_values = !plan.is_of_node() || !stage.values.is_empty();
    found.require(has_values, format!("stages[{at}].feature_gates"), || {
        format!("no gate has a value at {name:?}; give all of them one")
    });
    let recovery = &stage.recovery_playbook;
    found.require(!recovery.path.as_str().is_empty(), format!("stages[{at}].recovery_playbook"), || {
        format!("nothing says how {name:?} is recovered; name a section as path#anchor")
    });
}

/// A stage says the value of every flag that any stage says one of, and that of a node's plan of every gate: one that no stage
/// names would be what it falls back to, and nobody would see it.
fn has_the_whole_profile(plan: &Plan, at: usize, stage: &Stage, found: &mut Found) {
    let says = |flag: &Name| stage.values.iter().any(|(other, _)| other == flag);
    let named = || plan.stages.iter().flat_map(|other| other.values.iter()).map(|(flag, _)| flag);
    // That a stage has no value at all is another mistake, and of what another stage names, the next one.
    let asked = plan.is_of_node() && !stage.values.is_empty();
    let is_gate = |flag: &&Flag| flag.kind == FlagKind::Gate && !named().any(|other| *other == flag.key);
    for gate in plan.flags.iter().filter(is_gate) {
        found.require(!asked, place::value(at, &gate.key), || {
            format!("{:?} leaves out the gate {:?}; say whether it is on there", stage.name, gate.key)
        });
    }
    for flag in named() {
        let said = says(flag);
        found.require(said, place::value(at, flag), || {
            format!("{:?} leaves out {flag:?}, which another stage gives a value; say which it has here", stage.name)
        });
    }
    for limit in &stage.limits {
        let said = says(&limit.flag);
        found.require(said, limited(&stage.name, &limit.flag), || {
            format!("{:?} limits {:?} and gives it no value; say one, or leave the limit out", stage.name, limit.flag)
        });
    }
}

fn limited(stage: &Name, flag: &Name) -> String {
    format!("{}.limits.{}", place::stage(stage), place::key(flag))
}

fn can_be_entered(plan: &Plan, stage: &Stage, found: &mut Found) {
    let procedure = plan.procedure(ChangeKind::Promote, Some(&stage.name));
    found.require(procedure.is_some(), "procedures", || {
        format!("nothing says how a promotion to {:?} goes; add a procedure of = \"promote\"", stage.name)
    });
}

/// What stands still while a stage is entered goes on when a duty is met, not only when the time is up (REQ-070).
fn ends_its_freeze(plan: &Plan, stage: &Stage, found: &mut Found) {
    let place = format!("{}.thaws", place::stage(&stage.name));
    let Some(thaws) = &stage.thaws else {
        found.require(!stage.freezes, place, || {
            format!("{:?} freezes and no duty ends that; name the one that does, such as its audit", stage.name)
        });
        return;
    };
    let owed = plan.duties(ChangeKind::Promote, Some(&stage.name)).iter().any(|duty| duty.check == *thaws);
    found.require(owed, place, || {
        format!(
            "{thaws:?} is not owed after a promotion to {:?}, so it would end no freeze; name one of its duties",
            stage.name
        )
    });
}

fn asks_for_a_ticket(plan: &Plan, stage: &Stage, found: &mut Found) {
    let needs = stage.production && !plan.is_of_node();
    let has = !needs || stage.ticket.is_some();
    found.require(has, format!("{}.ticket", place::stage(&stage.name)), || {
        format!("{:?} is in production and asks for no ticket; say its form, such as CHG-{{n}}", stage.name)
    });
}
