//! Artifacts: those of a plan, with what each is needed for.

use super::answer::{ArtifactLine, ArtifactsAnswer};
use super::artifact_list;
use super::pins::NeededArtifacts;
use super::query::ArtifactsQuery;
use crate::store::column::{parsed, typed};
use crate::store::table::SqlValue;
use crate::store::{Index, QueryError};
use crate::topics::{accounts, cases};
use artifacts::queries::MOST_PINS;
use artifacts::{InstalledArtifactRules, MOST_ARTIFACTS, RegisteredArtifact};
use primitives::{Digest, Name};
use rpc::views::PageOf;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// A page of the artifacts of a plan, those first that were registered last; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn artifacts(
    index: &Index,
    plan: &Name,
    query: &ArtifactsQuery,
    page_size: u32,
) -> Result<Option<ArtifactsAnswer>, QueryError> {
    let Some(needed) = needed(index, plan).await? else { return Ok(None) };
    let page = query.page.unwrap_or(0);
    let (total, parts) = index.parts_of_page(&[artifact_list(plan.as_str(), query.standing)], page, page_size).await?;
    let mut rows = Vec::new();
    for part in parts {
        let which = if query.standing.is_some() { " AND standing=$4" } else { "" };
        let sql = format!(
            "SELECT artifact FROM artifacts WHERE plan=$3{which} AND height<=$1 ORDER BY height DESC, name DESC LIMIT $2"
        );
        let standing = query.standing.map(|standing| SqlValue::from(standing.to_string()));
        rows.extend(part.rows(index, sql, [plan.as_str().into()].into_iter().chain(standing).collect()).await?);
    }
    let entries: Vec<ArtifactLine> = registered(&rows)?
        .into_iter()
        .map(|registered| {
            let mut pins = needed.of(&registered);
            pins.truncate(MOST_PINS);
            ArtifactLine { registered, pins }
        })
        .collect();
    let named = entries.iter().map(|line| line.registered.by.account).collect();
    let described = accounts::read::described(index, named).await?;
    let page = PageOf { total, page, page_size, entries };
    Ok(Some(ArtifactsAnswer { plan: plan.clone(), stages: needed.stages(), rules: needed.rules, page, described }))
}

/// What decides which artifacts of a plan are needed; none of a plan that there never was.
async fn needed(index: &Index, plan: &Name) -> Result<Option<NeededArtifacts>, QueryError> {
    let key = || vec![plan.as_str().into()];
    let Some(row) = index.one("SELECT rules FROM artifact_rules WHERE plan=$1", key()).await? else {
        return Ok(None);
    };
    let rules: Option<&str> = row.get(0);
    let rules: Option<InstalledArtifactRules> = rules.map(|rules| parsed("rules", rules)).transpose()?;
    let sql = "SELECT artifact FROM artifacts WHERE kept_of=$1 ORDER BY digest LIMIT $2";
    let most = SqlValue::from(u64::from(MOST_ARTIFACTS));
    let kept = registered(&index.all(sql, key().into_iter().chain([most]).collect()).await?)?;
    let sql = "SELECT stage, stands FROM artifact_stages WHERE plan=$1 AND stands IS NOT NULL";
    let mut standing: BTreeMap<Name, Digest> = BTreeMap::new();
    for row in index.all(sql, key()).await? {
        standing.insert(typed("a stage", row.get("stage"))?, typed("an artifact", row.get("stands"))?);
    }
    let keeping = cases::read::keeping(index, plan).await?;
    Ok(Some(NeededArtifacts { rules, kept, standing, keeping }))
}

fn registered(rows: &[AnyRow]) -> Result<Vec<RegisteredArtifact>, QueryError> {
    let all: Result<Vec<RegisteredArtifact>, _> = rows.iter().map(|row| parsed("an artifact", row.get(0))).collect();
    Ok(all?)
}
