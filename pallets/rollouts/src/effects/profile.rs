//! Whether the chain's own map is what the stage that stands says, with its limits and the steps taken so far (ROLLOUTS 7.2, `Fleet`).

use crate::change::ChangeProgress;
use crate::plan::Stage;
use crate::plans::{FIRST_CHANGE, KeptRef};
use crate::standing::StageStanding;
use crate::start::served;
use crate::storage::PROGRESS;
use flags::{Flag, Serve, Targeting};
use primitives::{Name, Path};
use state::State;

/// The flags of the plan that serve something else than the stage which stands says, in the order of the plan. None where no stage
/// stands: then the fallbacks hold, and nothing is said of them.
pub(crate) fn drifting(state: &State, plan: &KeptRef) -> Vec<Name> {
    let Some((stage, standing)) = plan.last_standing(state) else { return Vec::new() };
    let progress = PROGRESS.get(state, &standing.change);
    let flags = plan.kept.flags.iter().filter(|key| {
        let defined = flags::queries::flag(state, &plan.name, key);
        defined.is_none_or(|defined| is_drifting(state, plan, &defined.flag, &stage, &standing, progress.as_ref()))
    });
    flags.cloned().collect()
}

fn is_drifting(
    state: &State,
    plan: &KeptRef,
    flag: &Flag,
    stage: &Name,
    standing: &StageStanding,
    progress: Option<&ChangeProgress>,
) -> bool {
    let path = path_of(plan, stage);
    if flags::queries::disabled_above(state, &plan.name, &flag.key, &path).is_some() {
        // What an emergency disabled is drift, also where the stage has it off: it would stay off when a step turns it on.
        return true;
    }
    let wanted = after_steps(state, plan, flag, stage, standing, progress);
    wanted.is_none_or(|wanted| plain(wanted) != plain(actual(state, plan, flag, &path)))
}

/// Where values of a stage are written: a node's plan has the root alone.
fn path_of(plan: &KeptRef, stage: &Name) -> Path {
    let of_stage = || Path::new([stage.clone()]).unwrap_or_default();
    if plan.kept.is_of_node() { Path::ROOT } else { of_stage() }
}

fn actual(state: &State, plan: &KeptRef, flag: &Flag, path: &Path) -> Targeting {
    let set = path.ancestors().find_map(|path| flags::queries::setting(state, &plan.name, &flag.key, &path));
    let mut targeting = set.map_or_else(|| Targeting::constant(flag.fallback), |setting| setting.targeting);
    if targeting.otherwise == Serve::Inherit {
        targeting.otherwise = Serve::Variant(flag.fallback);
    }
    targeting
}

/// What a flag serves at a stage that stands, as its limits and the steps taken there left it; none of a stage that does not stand.
pub(crate) fn wanted_at(state: &State, plan: &KeptRef, flag: &Flag, stage: &Name) -> Option<Targeting> {
    let standing = plan.standing(state, stage)?;
    let progress = PROGRESS.get(state, &standing.change);
    after_steps(state, plan, flag, stage, &standing, progress.as_ref())
}

/// What a flag serves at a stage with the steps that were taken; none of one that has not the variants which are named.
fn after_steps(
    state: &State,
    plan: &KeptRef,
    flag: &Flag,
    stage: &Name,
    standing: &StageStanding,
    progress: Option<&ChangeProgress>,
) -> Option<Targeting> {
    let said = plan.stage(state, stage).ok()?;
    let is_taken =
        |step: &Name| standing.change == FIRST_CHANGE || progress.is_some_and(|progress| progress.steps.contains(step));
    let mut targeting = at_stage(state, plan, flag, &said)?;
    let taken = said.steps.iter().filter(|step| is_taken(&step.key));
    for (_, variant, only) in taken.flat_map(|step| step.sets.iter()).filter(|(key, ..)| *key == flag.key) {
        targeting = served(flag.place_of(variant)?, only.as_ref(), targeting);
    }
    Some(targeting)
}

/// What a flag serves as a stage is entered: of one that is limited to a segment, all others have what the stage before serves.
fn at_stage(state: &State, plan: &KeptRef, flag: &Flag, stage: &Stage) -> Option<Targeting> {
    let before = || match plan.predecessor(&stage.name) {
        Some(before) => at_stage(state, plan, flag, &plan.stage(state, before).ok()?),
        None => Some(Targeting::constant(flag.fallback)),
    };
    let said = stage.values.iter().find(|(key, _)| *key == flag.key);
    let variant = said.map_or(Some(flag.fallback), |(_, variant)| flag.place_of(variant))?;
    match stage.limits.iter().find(|limit| limit.flag == flag.key) {
        Some(limit) => Some(served(variant, Some(&limit.segment), before()?)),
        None => Some(Targeting::constant(variant)),
    }
}

/// Without the cases that serve what all others have.
fn plain(targeting: Targeting) -> Targeting {
    let Targeting { cases, otherwise } = targeting;
    let cases = cases.into_iter().filter(|arm| arm.serve != otherwise).collect();
    Targeting { cases: primitives::List::truncate_from(cases), otherwise }
}
