//! A plan as it stands.

use super::super::answer::PlanLine;
use super::super::fold::InstalledVersion;
use crate::store::column::{parsed, typed};
use crate::store::{Index, QueryError};
use primitives::{ChangeId, Name, Path};
use rollouts::change::ChangeProgress;
use rollouts::install::PlanHead;
use rollouts::plan::{Plan, Stage};
use rollouts::standing::StageStanding;
use rpc::views::StageStep;
use sqlx::Row as _;
use std::collections::BTreeMap;

/// A plan in force, with where it stands.
pub(super) struct PlanNow {
    pub head: PlanHead,
    pub plan: Plan,
    pub is_of_node: bool,
    pub standings: BTreeMap<Name, StageStanding>,
}

impl PlanNow {
    /// The last stage that stands.
    pub fn last(&self) -> Option<(&Stage, &StageStanding)> {
        self.plan.stages.iter().rev().find_map(|stage| Some((stage, self.standings.get(&stage.name)?)))
    }

    /// The stage that is entered next.
    pub fn next(&self) -> Option<&Stage> {
        match self.last() {
            Some((stage, _)) => self.plan.successor(&stage.name),
            None => self.plan.first_stage(),
        }
    }

    /// Where values of a stage are written: a plan of a node has the root alone.
    pub fn path_of(&self, stage: &Name) -> Path {
        if self.is_of_node { Path::ROOT } else { Path::new([stage.clone()]).unwrap_or(Path::ROOT) }
    }

    /// In short.
    pub fn line(&self) -> PlanLine {
        let last = self.last();
        PlanLine {
            name: self.plan.name.clone(),
            version: self.head.version,
            installed: self.head.installed,
            owner: self.head.owner,
            retired: self.head.retired,
            is_of_node: self.is_of_node,
            title: self.plan.document.title.as_str().to_owned(),
            bundle: self.plan.bundle,
            profile: self.plan.profile,
            stages: self.plan.stages.iter().map(|stage| stage.name.clone()).collect(),
            stage: last.map(|(stage, _)| stage.name.clone()),
            standing: last.map(|(_, standing)| standing.clone()),
            next_stage: self.next().map(|stage| stage.name.clone()),
        }
    }
}

/// A plan as it stands; none of a name that no plan has.
pub(super) async fn plan_now(index: &Index, name: &Name) -> Result<Option<PlanNow>, QueryError> {
    let sql = "SELECT head, of_node FROM plans WHERE plan=$1";
    let Some(row) = index.one(sql, vec![name.as_str().into()]).await? else { return Ok(None) };
    let head: PlanHead = parsed("a plan", row.get("head"))?;
    let is_of_node = row.get::<i64, _>("of_node") == 1;
    let plan = version(index, name, head.version).await?.ok_or(QueryError::NoPosition)?;
    let sql = "SELECT stage, standing FROM standings WHERE plan=$1 AND standing IS NOT NULL";
    let mut standings = BTreeMap::new();
    for row in index.all(sql, vec![name.as_str().into()]).await? {
        standings.insert(typed("a stage", row.get("stage"))?, parsed("a standing", row.get("standing"))?);
    }
    Ok(Some(PlanNow { head, plan, is_of_node, standings }))
}

/// A version of a plan; none that there never was.
pub(super) async fn version(index: &Index, name: &Name, version: u32) -> Result<Option<Plan>, QueryError> {
    let sql = "SELECT installed FROM plan_versions WHERE plan=$1 AND version=$2";
    let row = index.one(sql, vec![name.as_str().into(), u64::from(version).into()]).await?;
    let installed = row.map(|row| parsed::<InstalledVersion>("a plan", row.get(0))).transpose()?;
    Ok(installed.map(|installed| installed.installation.plan))
}

/// The steps of a stage, in their order, by the promotion that entered it; of what stands since a first version all are taken.
pub(super) fn steps(stage: &Stage, by: Option<ChangeId>, progress: Option<&ChangeProgress>) -> Vec<StageStep> {
    let is_taken =
        |key: &Name| by == Some(ChangeId(0)) || progress.is_some_and(|progress| progress.steps.contains(key));
    let shown = stage.steps.iter().map(|step| StageStep {
        key: step.key.clone(),
        text: step.text.as_str().to_owned(),
        needs: step.needs.to_vec(),
        is_taken: is_taken(&step.key),
    });
    shown.collect()
}
