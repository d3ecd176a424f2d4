//! The phases of a product: how far each has come, and what was said about what moves it on.

use super::super::answer::{CheckLine, PhaseLine, PhasesAnswer};
use super::change::{begins_after, check_line, stated};
use super::plan::plan_now;
use crate::store::column::{parsed, typed};
use crate::store::{Index, QueryError};
use crate::topics::{accounts, blocks};
use primitives::Name;
use rollouts::plan::{ListOf, Phase, PhaseState, Plan};
use rollouts::standing::PhaseStanding;
use rollouts::statement::StatementSubject;
use sqlx::Row as _;
use std::collections::BTreeMap;

/// The phases of a plan; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn phases(index: &Index, name: &Name) -> Result<Option<PhasesAnswer>, QueryError> {
    let Some(plan) = plan_now(index, name).await? else { return Ok(None) };
    let sql = "SELECT phase, standing FROM phase_standings WHERE plan=$1";
    let mut standings: BTreeMap<Name, PhaseStanding> = BTreeMap::new();
    for row in index.all(sql, vec![name.as_str().into()]).await? {
        standings.insert(typed("a phase", row.get("phase"))?, parsed("a phase", row.get("standing"))?);
    }
    let mut phases = Vec::new();
    for rules in plan.plan.phases.iter() {
        let standing = standings.remove(&rules.key);
        let state = standing.as_ref().map_or(PhaseState::Planned, |standing| standing.state);
        let checks = checks(index, &plan.plan, rules).await?;
        phases.push(PhaseLine { rules: rules.clone(), state, standing, checks });
    }
    let said = phases.iter().flat_map(|phase| phase.checks.iter()).flat_map(|check| check.said.iter());
    let named = said.map(|stated| stated.actor.account).collect();
    let described = accounts::read::described(index, named).await?;
    Ok(Some(PhasesAnswer { at: blocks::read::moment(index).await?, plan: name.clone(), phases, described }))
}

/// What is asked before a phase is opened, then before it is locked.
async fn checks(index: &Index, plan: &Plan, rules: &Phase) -> Result<Vec<CheckLine>, QueryError> {
    let before = begins_after(plan, &rules.key);
    let mut checks = Vec::new();
    for (keys, from, phase) in
        [(rules.start.as_slice(), ListOf::Start, before), (rules.exit.as_slice(), ListOf::Exit, &rules.key)]
    {
        if keys.is_empty() {
            continue;
        }
        let about = [StatementSubject::Phase(phase.clone()), StatementSubject::Plan];
        let stated = stated(index, &about, &plan.name).await?;
        checks.extend(keys.iter().filter_map(|key| check_line(plan, key, from.clone(), &stated)));
    }
    Ok(checks)
}
