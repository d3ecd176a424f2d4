//! What happened to plans: which version is in force, and which stages stand.

use super::super::{MARKS, PLANS, STANDINGS, VERSIONS};
use super::flags::{self, MovedBy};
use super::kept::InstalledVersion;
use super::spans;
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::topics::{artifacts, roles};
use ::artifacts::InstalledArtifactRules;
use ::roles::RoleKey;
use primitives::{AccountId, Amount, ChangeId, List, Moment, Name, Path};
use rollouts::change::Effected;
use rollouts::install::{Installation, PlanHead};
use rollouts::plan::{EMERGENCY, Plan};
use rollouts::standing::StageStanding;
use std::collections::BTreeSet;

/// The change by which stands what a first version says that stands.
const FIRST: ChangeId = ChangeId(0);

/// A version of a plan is in force.
pub(super) async fn installed(
    block: &mut BlockWriter<'_>,
    at: Moment,
    installation: &Installation,
    by: Option<AccountId>,
    deposit: Amount,
    effects: &[Effected],
) -> Result<(), FoldError> {
    let plan = &installation.plan;
    let before = head(block, &plan.name).await?;
    let (owner, deposit) = before.map_or((by, deposit), |before| (before.owner, before.deposit));
    let head = PlanHead { version: plan.version, installed: at, owner, deposit, retired: false };
    put_head(block, &plan.name, &head, plan.is_of_node());
    let version = InstalledVersion { installation: installation.clone(), at, by };
    block.put(&VERSIONS, vec![plan.name.as_str().into(), u64::from(plan.version).into(), json(&version).into()]);
    roles::fold::define(block, &plan.name, &plan.roles).await?;
    for seats in &installation.members {
        let key = RoleKey { plan: plan.name.clone(), role: seats.role.clone() };
        for seat in &seats.seats {
            roles::fold::seat(block, &key, seat).await?;
        }
    }
    for fill in &installation.segments {
        flags::make_segment(block, &plan.name, &fill.segment, &fill.members).await?;
    }
    artifacts::fold::install(block, &plan.name, artifact_rules(plan).as_ref());
    flags::come_with_plan(block, at, &plan.name, &plan.flags).await?;
    flags::moved(block, at, &MovedBy { plan: &plan.name, change: FIRST, ticket: None }, effects).await?;
    if let Some(last) = installation.stage.as_ref().and_then(|stage| plan.place(stage)) {
        for stage in plan.stages.iter().take(last.saturating_add(1)) {
            let standing = StageStanding { subject: None, since: at, change: FIRST };
            stand(block, &plan.name, &stage.name, Some(&standing));
        }
    }
    spans::stages_moved(block, at, &plan.name).await
}

/// What a plan asks of artifacts; nothing where they are builds of this network.
fn artifact_rules(plan: &Plan) -> Option<InstalledArtifactRules> {
    let rules = plan.artifacts.clone().filter(|_| !plan.is_of_node())?;
    let stages = plan.stages.iter().map(|stage| stage.name.clone()).collect();
    let phases = plan.phases.iter().map(|phase| phase.key.clone()).collect();
    Some(InstalledArtifactRules { rules, stages: List::truncate_from(stages), phases: List::truncate_from(phases) })
}

/// A plan governs nothing any more.
pub(super) async fn retired(block: &mut BlockWriter<'_>, at: Moment, plan: &Name) -> Result<(), FoldError> {
    let before = head(block, plan).await?.ok_or_else(|| missing(plan))?;
    put_head(block, plan, &PlanHead { retired: true, deposit: Amount::ZERO, ..before }, false);
    for (stage, _) in standing(block, plan).await? {
        stand(block, plan, &stage, None);
    }
    spans::stages_moved(block, at, plan).await?;
    artifacts::fold::install(block, plan, None);
    roles::fold::retire(block, plan).await
}

/// A stage stands from now on, or no longer.
pub(super) fn stand(block: &mut BlockWriter<'_>, plan: &Name, stage: &Name, standing: Option<&StageStanding>) {
    block.put(&STANDINGS, vec![plan.as_str().into(), stage.as_str().into(), standing.map(json).into()]);
}

/// The stages of a plan that stand, in the order of their names.
pub(super) async fn standing(
    block: &mut BlockWriter<'_>,
    plan: &Name,
) -> Result<Vec<(Name, StageStanding)>, FoldError> {
    let filter = RowFilter::Equal("plan", plan.as_str().into());
    let selection =
        Selection { table: &STANDINGS, columns: &["stage", "standing"], filter, order: RowOrder::By("stage") };
    let mut all = Vec::new();
    for row in block.select(selection).await? {
        if let (Some(stage), Some(standing)) = (row[0].text().and_then(Name::new), row[1].text()) {
            all.push((stage, parsed("a standing", standing)?));
        }
    }
    Ok(all)
}

/// The last stage of a plan that stands.
///
/// # Errors
/// The database refuses.
pub(super) async fn last_stage(block: &mut BlockWriter<'_>, name: &Name) -> Result<Option<Name>, FoldError> {
    let Some(head) = head(block, name).await? else { return Ok(None) };
    let (plan, standing) = (version(block, name, head.version).await?, standing(block, name).await?);
    let mut stages = plan.iter().flat_map(|plan| plan.stages.iter().rev());
    let last = stages.find(|stage| standing.iter().any(|(standing, _)| *standing == stage.name));
    Ok(last.map(|stage| stage.name.clone()))
}

/// A version of a plan; of one that there never was, none.
pub(super) async fn version(block: &mut BlockWriter<'_>, plan: &Name, version: u32) -> Result<Option<Plan>, FoldError> {
    let key = vec![plan.as_str().into(), u64::from(version).into()];
    let filter = RowFilter::Among(&["plan", "version"], vec![key]);
    let selection = Selection { table: &VERSIONS, columns: &["installed"], filter, order: RowOrder::Any };
    let row = block.select(selection).await?.pop();
    let text = row.as_ref().and_then(|row| row[0].text());
    let installed: Option<InstalledVersion> = text.map(|text| parsed("a plan", text)).transpose()?;
    Ok(installed.map(|installed| installed.installation.plan))
}

/// Every flag that an emergency switches off, or that is switched on again after one, restarts the soaks of the stages that it touches and
/// that stand.
pub(super) async fn restart_soaks(
    block: &mut BlockWriter<'_>,
    at: Moment,
    plan: &Name,
    effects: &[Effected],
) -> Result<(), FoldError> {
    let flipped = effects.iter().filter_map(|effect| match effect {
        Effected::Flag { path, before, after, .. } => (before.disabled != after.disabled).then_some(path),
        Effected::Segment { .. } => None,
    });
    let paths: BTreeSet<&Path> = flipped.collect();
    if paths.is_empty() {
        return Ok(());
    }
    let lies_with = |path: &Path, stage: &Name| path.names().next().is_none_or(|first| first == stage.as_str());
    mark_emergency(block, at, plan, |stage| paths.iter().any(|path| lies_with(path, stage))).await
}

/// An emergency restarts the soaks of some stages, as far as they stand.
///
/// # Errors
/// The database refuses.
pub(super) async fn mark_emergency(
    block: &mut BlockWriter<'_>,
    at: Moment,
    plan: &Name,
    is_touched: impl Fn(&Name) -> bool,
) -> Result<(), FoldError> {
    for (stage, _) in standing(block, plan).await? {
        if is_touched(&stage) {
            block.put(&MARKS, vec![plan.as_str().into(), stage.as_str().into(), EMERGENCY.into(), json(&at).into()]);
        }
    }
    Ok(())
}

async fn head(block: &mut BlockWriter<'_>, plan: &Name) -> Result<Option<PlanHead>, FoldError> {
    let row = block.find(&PLANS, &["head"], "plan", plan.as_str().into()).await?;
    let text = row.as_ref().and_then(|row| row[0].text());
    Ok(text.map(|text| parsed("a plan", text)).transpose()?)
}

fn put_head(block: &mut BlockWriter<'_>, plan: &Name, head: &PlanHead, of_node: bool) {
    let version = u64::from(head.version);
    let row = vec![plan.as_str().into(), version.into(), head.retired.into(), of_node.into(), json(head).into()];
    block.put(&PLANS, row);
}

fn missing(plan: &Name) -> FoldError {
    FoldError::Damaged(format!("plan {plan} is not in it"))
}
