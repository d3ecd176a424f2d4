//! What is asked before something moves, and what is owed after it did.

use super::{ChangeKind, Duty, Plan, Procedure, Stage};
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
pub struct AskedCheck {
    /// The check.
    pub key: Name,
    /// The stage that it asks about: the one to be entered, or for what that one's predecessor still owes, the predecessor. None of
    /// what is about no stage, such as the list of a phase.
    pub stage: Option<Name>,
    /// The list that it is from.
    pub from: ListOf,
}

/// The lists of a promotion put together, in their order (ROLLOUTS 7.2): its stage's readiness, what every promotion to it asks, then
/// the steps of the stage before and what it takes to leave that. What is asked twice about one stage stands where it is asked first; but
/// what a step needs and the stage is left by as well is asked by the latter, which a step that is taken does not answer: of a stage that
/// stood from the beginning every step is.
pub(crate) fn joined(to: &Stage, promote: Option<&Procedure>, before: Option<&Stage>) -> Vec<AskedCheck> {
    let mut list = Vec::new();
    ask(&mut list, Some(&to.name), &to.readiness, &ListOf::Readiness);
    if let Some(procedure) = promote {
        ask(&mut list, Some(&to.name), &procedure.approve, &ListOf::Approve);
    }
    if let Some(before) = before {
        for step in &before.steps {
            let from = ListOf::Step(step.key.clone());
            let needs = step.needs.iter().filter(|need| !before.leave.contains(need)).cloned().collect::<Vec<_>>();
            ask(&mut list, Some(&before.name), &needs, &from);
            // It has to be taken all the same where it needs nothing, or nothing that is not asked already: then it stands there itself.
            if !list.iter().any(|asked| asked.from == from) {
                ask(&mut list, Some(&before.name), std::slice::from_ref(&step.key), &from);
            }
        }
        ask(&mut list, Some(&before.name), &before.leave, &ListOf::Leave);
    }
    list
}

/// One list, about a stage where it is about one.
pub(crate) fn asked_of(stage: Option<&Name>, keys: &[Name], from: &ListOf) -> Vec<AskedCheck> {
    let mut list = Vec::new();
    ask(&mut list, stage, keys, from);
    list
}

impl Plan {
    /// All that is asked before a stage is entered, with its vote. Nothing for a stage that is not of the plan.
    pub fn approval_list(&self, to: &Name) -> Vec<AskedCheck> {
        let Some(stage) = self.stage(to) else { return Vec::new() };
        joined(stage, self.procedure(ChangeKind::Promote, Some(to)), self.predecessor(to))
    }

    /// What a change of a kind owes once it was carried out, at a stage where it is about one: the duties of its procedure, and
    /// for a promotion those of the stage.
    pub fn duties(&self, kind: ChangeKind, stage: Option<&Name>) -> Vec<&Duty> {
        let of_kind = self.procedure(kind, stage).into_iter().flat_map(|procedure| procedure.close.iter());
        let entered = stage.filter(|_| kind == ChangeKind::Promote).and_then(|stage| self.stage(stage));
        of_kind.chain(entered.into_iter().flat_map(|stage| stage.close.iter())).collect()
    }
}

fn ask(list: &mut Vec<AskedCheck>, stage: Option<&Name>, keys: &[Name], from: &ListOf) {
    for key in keys {
        if !list.iter().any(|asked| asked.key == *key && asked.stage.as_ref() == stage) {
            list.push(AskedCheck { key: key.clone(), stage: stage.cloned(), from: from.clone() });
        }
    }
}
