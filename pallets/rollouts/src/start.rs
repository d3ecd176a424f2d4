//! What holds from the block on in which the first version of a plan says that a stage stands: at genesis, or when it is installed.

use crate::change::{Effected, FlagSide};
use crate::check::Ask;
use crate::plan::{Plan, Stage, VALIDATORS};
use flags::{Arm, Flag, Rule, RuleNode, Serve, Targeting};
use primitives::{List, Name, Path};
use std::collections::BTreeSet;

/// What flags serve at the root once a stage stands, steps of it included: those alone that serve something else than their fallback.
/// Nothing without a stage, where the fallbacks hold.
pub(crate) fn effects(plan: &Plan, stage: Option<&Name>) -> Vec<Effected> {
    let Some(stage) = stage.and_then(|stage| plan.stage(stage)) else { return Vec::new() };
    let moved = plan.flags.iter().filter_map(|flag| {
        let after = targeting_after_steps(plan, flag, stage)?;
        (after != Targeting::constant(flag.fallback)).then(|| Effected::Flag {
            flag: flag.key.clone(),
            path: Path::ROOT,
            before: FlagSide::default(),
            after: FlagSide { targeting: Some(after), disabled: false },
        })
    });
    moved.collect()
}

/// What a flag serves once everything that a stage does is done; none of one that has not the variants which are named.
pub(crate) fn targeting_after_steps(plan: &Plan, flag: &Flag, stage: &Stage) -> Option<Targeting> {
    let mut targeting = targeting_at(plan, flag, stage)?;
    let sets = stage.steps.iter().flat_map(|step| step.sets.iter());
    for (_, variant, only) in sets.filter(|(key, ..)| *key == flag.key) {
        targeting = served(flag.place_of(variant)?, only.as_ref(), targeting);
    }
    Some(targeting)
}

/// What a flag serves as a stage is entered: of one that is limited there to a segment, all others have what the stage before serves
/// (REQ-009).
pub(crate) fn targeting_at(plan: &Plan, flag: &Flag, stage: &Stage) -> Option<Targeting> {
    let (_, at_stage) = plan.values_at(&stage.name).into_iter().find(|(key, _)| **key == flag.key)?;
    let before = match plan.predecessor(&stage.name) {
        Some(before) => targeting_at(plan, flag, before)?,
        None => Targeting::constant(flag.fallback),
    };
    Some(served(flag.place_of(at_stage.variant)?, at_stage.only, before))
}

/// A variant for everybody; or for the members of a segment, where all others have what was served before.
pub(crate) fn served(variant: u8, only: Option<&Name>, before: Targeting) -> Targeting {
    let Some(segment) = only else { return Targeting::constant(variant) };
    let when = Rule::from(List::truncate_from(vec![RuleNode::Segment(segment.clone())]));
    let others = before.cases.iter().filter(|arm| arm.when != when).cloned();
    let cases = std::iter::once(Arm { when: when.clone(), serve: Serve::Variant(variant) }).chain(others);
    Targeting { cases: List::truncate_from(cases.collect()), otherwise: before.otherwise.clone() }
}

/// The segments that limits and steps of a stage serve something to alone.
pub(crate) fn limited_to(stage: &Stage) -> BTreeSet<&Name> {
    let of_steps = stage.steps.iter().flat_map(|step| step.sets.iter()).filter_map(|(_, _, only)| only.as_ref());
    stage.limits.iter().map(|limit| &limit.segment).chain(of_steps).collect()
}

/// The segments that anything of a plan asks about or serves something to, but for the one that every network has.
pub(crate) fn segments_of(plan: &Plan) -> BTreeSet<&Name> {
    let asked = plan.checks.iter().filter_map(|check| match &check.ask {
        Ask::Chorus { segment, .. } | Ask::Installed { segment, .. } => Some(segment),
        _ => None,
    });
    // Nothing is served to those who could be elected alone: of them words are asked, and reports.
    let asked = asked.filter(|segment| segment.as_str() != VALIDATORS);
    asked.chain(plan.stages.iter().flat_map(limited_to)).collect()
}
