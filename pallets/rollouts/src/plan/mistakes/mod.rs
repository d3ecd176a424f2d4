//! What is wrong with a plan, everything at once: each in a file by the question that it answers.
//!
//! Places are named as a profile has them: `stage.testnet.readiness[2]`, `checks."testnet.soak".soak.span`. What a profile reads
//! from its bundle stands there, in the order of the stages: `stages[1].feature_gates.pruning`.

mod asks;
mod circles;
mod definitions;
mod duties;
mod lengths;
mod monotonic;
mod parts;
mod place;
mod prerequisites;
mod quorum;
mod rules;
mod spans;
mod twice;
mod unknown;
mod votes;

pub use rules::NEVER_FROZEN;

use super::{ChangeKind, Duty, Plan};
use primitives::{Mistake, Name};
use std::fmt::Display;

impl Plan {
    /// All that is wrong with the plan, each with its place in a profile and what would be right; empty for a plan that can be
    /// installed. Whoever loads, shows or installs one asks this, and nothing else says what a plan may be (ROLLOUTS 7.1).
    ///
    /// It does not know which segments there are, nor who is in a role: those come with a network.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut found = Found::default();
        for question in QUESTIONS {
            question(self, &mut found);
        }
        found.0
    }
}

/// A question about a plan: what it finds wrong, it notes.
type Question = fn(&Plan, &mut Found);

const QUESTIONS: [Question; 14] = [
    twice::find,
    unknown::find,
    parts::find,
    asks::find,
    votes::find,
    duties::find,
    spans::find,
    lengths::find,
    definitions::find,
    monotonic::find,
    prerequisites::find,
    circles::find,
    quorum::find,
    rules::find,
];

/// What was found so far.
#[derive(Default)]
struct Found(Vec<Mistake>);

impl Found {
    /// Notes `problem` with a field, unless what is required `holds`. What is found in two ways is noted once.
    fn require(&mut self, holds: bool, field: impl Display, problem: impl FnOnce() -> String) {
        if holds {
            return;
        }
        let mistake = Mistake { field: field.to_string(), problem: problem() };
        if !self.0.contains(&mistake) {
            self.0.push(mistake);
        }
    }
}

/// Every list of checks that is asked before something moves, with its place.
fn lists(plan: &Plan) -> Vec<(String, &[Name])> {
    let mut lists: Vec<(String, &[Name])> = Vec::new();
    for stage in &plan.stages {
        let place = place::stage(&stage.name);
        lists.push((format!("{place}.readiness"), &stage.readiness));
        for (at, step) in stage.steps.iter().enumerate() {
            lists.push((format!("{place}.steps[{at}].needs"), &step.needs));
        }
        lists.push((format!("{place}.leave"), &stage.leave));
    }
    for (at, procedure) in plan.procedures.iter().enumerate() {
        lists.push((format!("procedures[{at}].approve"), &procedure.approve));
    }
    for phase in &plan.phases {
        let place = place::phase(&phase.key);
        lists.push((format!("{place}.start"), &phase.start));
        lists.push((format!("{place}.exit"), &phase.exit));
    }
    lists
}

/// Duties as a profile lists them: whose they are, and where.
struct DutyList<'p> {
    kind: ChangeKind,
    /// The stage that they are for; for every stage without a list of its own when there is none.
    stage: Option<&'p Name>,
    place: String,
    duties: &'p [Duty],
}

/// Every list of duties.
fn duty_lists(plan: &Plan) -> Vec<DutyList<'_>> {
    let of_procedures = plan.procedures.iter().enumerate().map(|(at, procedure)| DutyList {
        kind: procedure.of,
        stage: procedure.stage.as_ref(),
        place: format!("procedures[{at}].close"),
        duties: &procedure.close,
    });
    let of_stages = plan.stages.iter().map(|stage| DutyList {
        kind: ChangeKind::Promote,
        stage: Some(&stage.name),
        place: format!("{}.close", place::stage(&stage.name)),
        duties: &stage.close,
    });
    of_procedures.chain(of_stages).collect()
}
