//! Cases: those of a kind, and one of them.

use super::answer::{CaseAnswer, CaseEntry, CasesAnswer};
use super::query::CasesQuery;
use super::{half_list, section_of, step_list};
use crate::answers::{Match, Milestone};
use crate::store::column::parsed;
use crate::store::table::SqlValue;
use crate::store::{Index, QueryError};
use crate::topics::{accounts, blocks};
use cases::CaseKind;
use primitives::{CaseId, Name};
use rpc::views::PageOf;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// How many turns in the life of a case are shown.
const MOST_TURNS: u64 = 200;
/// How many cases keep something of one plan that are asked for: more than a plan has places for.
const MOST_KEEPING: u64 = 1_000;

/// A page of the cases of a kind: those that are open first, of these and of the others the latest first.
///
/// # Errors
/// The database cannot be read.
pub async fn cases(
    index: &Index,
    kind: CaseKind,
    query: &CasesQuery,
    page_size: u32,
) -> Result<CasesAnswer, QueryError> {
    let (page, plan) = (query.page.unwrap_or(0), query.plan.as_ref().map(Name::as_str));
    let lists = match query.step {
        // Whether a case is open is said by its step.
        Some(step) => vec![step_list(kind, plan, step)],
        None => [true, false].map(|is_open| half_list(kind, plan, is_open)).to_vec(),
    };
    let (total, parts) = index.parts_of_page(&lists, page, page_size).await?;
    let mut rows = Vec::new();
    for part in parts {
        let (column, value) = match query.step {
            Some(step) => ("step", SqlValue::from(step.to_string())),
            None => ("is_open", (part.list == 0).into()),
        };
        let which = if plan.is_some() { " AND plan=$5" } else { "" };
        let sql = format!(
            "SELECT entry FROM cases WHERE kind=$3 AND {column}=$4{which} AND id<=$1 ORDER BY id DESC LIMIT $2"
        );
        let values = [kind.to_string().into(), value].into_iter().chain(plan.map(SqlValue::from)).collect();
        rows.extend(part.rows(index, sql, values).await?);
    }
    let entries = entries(&rows)?;
    let named = entries.iter().flat_map(CaseEntry::accounts).collect();
    let described = accounts::read::described(index, named).await?;
    Ok(CasesAnswer { kind, page: PageOf { total, page, page_size, entries }, described })
}

/// A case of whichever kind; none when there is none of this number.
///
/// # Errors
/// The database cannot be read.
pub async fn case(index: &Index, id: CaseId) -> Result<Option<CaseAnswer>, QueryError> {
    let Some(row) = index.one("SELECT entry FROM cases WHERE id=$1", vec![id.0.into()]).await? else {
        return Ok(None);
    };
    let entry: CaseEntry = parsed("a case", row.get(0))?;
    let sql = "SELECT turn FROM case_turns WHERE case_id=$1 ORDER BY number LIMIT $2";
    let rows = index.all(sql, vec![id.0.into(), MOST_TURNS.into()]).await?;
    let milestones: Result<Vec<Milestone>, _> = rows.iter().map(|row| parsed("a turn", row.get(0))).collect();
    Ok(Some(CaseAnswer {
        at: blocks::read::moment(index).await?,
        next: entry.step.next().map(str::to_owned),
        milestones: milestones?,
        described: accounts::read::described(index, entry.accounts().into_iter().collect()).await?,
        entry,
    }))
}

/// The open incidents of a plan, then its holds: what has artifacts and records of it kept, in the order in which they came.
pub(crate) async fn keeping(index: &Index, plan: &Name) -> Result<Vec<CaseEntry>, QueryError> {
    let mut keeping = Vec::new();
    for kind in [CaseKind::Incident, CaseKind::Hold] {
        let sql = "SELECT entry FROM cases WHERE plan=$1 AND kind=$2 AND is_open=1 ORDER BY id LIMIT $3";
        let key = vec![plan.as_str().into(), kind.to_string().into(), MOST_KEEPING.into()];
        keeping.extend(entries(&index.all(sql, key).await?)?);
    }
    Ok(keeping)
}

/// The case with a number, for a search.
pub(crate) async fn found_by_number(index: &Index, number: u64) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT entry FROM cases WHERE id=$1", vec![number.into()]).await?;
    let found: Option<CaseEntry> = row.map(|row| parsed("a case", row.get(0))).transpose()?;
    Ok(found.map(|case| Match::new("case", number.to_string(), format!("{}/{number}", section_of(case.kind)))))
}

fn entries(rows: &[AnyRow]) -> Result<Vec<CaseEntry>, QueryError> {
    let entries: Result<Vec<CaseEntry>, _> = rows.iter().map(|row| parsed("a case", row.get(0))).collect();
    Ok(entries?)
}
