//! What is asked before something moves, and what is owed after it did.

use super::{ChangeKind, Duty, Plan, Stage};
use parity_scale_codec::{Decode, Encode};
use primitives::Name;
use serde::{Deserialize, Serialize};

/// Which list of a plan a check is asked from.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ListOf {
    /// What it takes to enter a stage.
    #[codec(index = 0)]
    Readiness,
    /// What it takes to approve a change of its kind.
    #[codec(index = 1)]
    Approve,
    /// What that step of a stage needs.
    #[codec(index = 2)]
    Step(Name),
    /// What it takes to leave a stage.
    #[codec(index = 3)]
    Leave,
    /// What is owed afterwards.
    #[codec(index = 4)]
    Close,
    /// What it takes to open a phase.
    #[codec(index = 5)]
    Start,
    /// What it takes to lock a phase.
    #[codec(index = 6)]
    Exit,
}

/// A check of a list: what is asked, where it comes from, and which stage it asks about where it asks about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedCheck<'p> {
    /// The check.
    pub key: &'p Name,
    /// The stage that it asks about: the one to be entered, or for what that one's predecessor still owes, the predecessor.
    pub stage: &'p Name,
    /// The list that it is from.
    pub from: ListOf,
}

impl Plan {
    /// All that is asked before a stage is entered (ROLLOUTS 7.2), in this order: its readiness, what every promotion to it asks,
    /// then the steps of the stage before and what it takes to leave that. What is asked twice about one stage stands where it is
    /// asked first. Nothing for a stage that is not of the plan.
    pub fn approval_list(&self, to: &Name) -> Vec<AskedCheck<'_>> {
        let Some(stage) = self.stage(to) else { return Vec::new() };
        let mut list = Vec::new();
        ask(&mut list, &stage.name, &stage.readiness, &ListOf::Readiness);
        if let Some(procedure) = self.procedure(ChangeKind::Promote, Some(to)) {
            ask(&mut list, &stage.name, &procedure.approve, &ListOf::Approve);
        }
        if let Some(before) = self.predecessor(to) {
            ask_to_leave(&mut list, before);
        }
        list
    }

    /// What a change of a kind owes once it was carried out, at a stage where it is about one: the duties of its procedure, and
    /// for a promotion those of the stage.
    pub fn duties(&self, kind: ChangeKind, stage: Option<&Name>) -> Vec<&Duty> {
        let of_kind = self.procedure(kind, stage).into_iter().flat_map(|procedure| procedure.close.iter());
        let entered = stage.filter(|_| kind == ChangeKind::Promote).and_then(|stage| self.stage(stage));
        of_kind.chain(entered.into_iter().flat_map(|stage| stage.close.iter())).collect()
    }
}

fn ask_to_leave<'p>(list: &mut Vec<AskedCheck<'p>>, stage: &'p Stage) {
    for step in &stage.steps {
        ask(list, &stage.name, &step.needs, &ListOf::Step(step.key.clone()));
    }
    ask(list, &stage.name, &stage.leave, &ListOf::Leave);
}

fn ask<'p>(list: &mut Vec<AskedCheck<'p>>, stage: &'p Name, keys: &'p [Name], from: &ListOf) {
    for key in keys {
        if !list.iter().any(|asked| asked.key == key && asked.stage == stage) {
            list.push(AskedCheck { key, stage, from: from.clone() });
        }
    }
}
