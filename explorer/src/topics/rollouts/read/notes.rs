//! Release notes: the changes for a milestone (REQ-158).

use super::super::answer::{NoteEntry, NotesAnswer};
use super::change::submitter;
use super::summary::{COLUMNS, ChangeNow, ChangeReader};
use crate::store::column::typed;
use crate::store::table::SqlValue;
use crate::store::{Index, QueryError};
use crate::topics::accounts;
use primitives::Name;
use rollouts::change::ChangeRequest;
use sqlx::{AssertSqlSafe, Row as _};

/// The most changes for a milestone that notes are made of, without those that were ended: they are whole, or refused.
pub const MOST_NOTED: u64 = 256;
/// How many milestones of a plan are named.
const MOST_MILESTONES: u64 = 100;

/// Notes, or why there are none.
pub enum FoundNotes {
    /// The notes.
    Notes(Box<NotesAnswer>),
    /// The plan has no such milestone.
    NoMilestone,
    /// The milestone has more changes than notes are made of.
    TooMany,
}

/// The notes of a milestone, or of the one with the latest change; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn notes(index: &Index, plan: &Name, asked: Option<&Name>) -> Result<Option<FoundNotes>, QueryError> {
    if index.one("SELECT 1 FROM plans WHERE plan=$1", vec![plan.as_str().into()]).await?.is_none() {
        return Ok(None);
    }
    let sql = "SELECT milestone FROM milestones WHERE plan=$1 ORDER BY latest DESC LIMIT $2";
    let rows = index.all(sql, vec![plan.as_str().into(), MOST_MILESTONES.into()]).await?;
    let milestones = rows.iter().map(|row| typed("a milestone", row.get(0))).collect::<Result<Vec<Name>, _>>()?;
    let milestone = asked.or(milestones.first()).cloned();
    let mut reader = ChangeReader::new(index).await?;
    let mut entries = Vec::new();
    if let Some(milestone) = &milestone {
        let key: Vec<SqlValue> = vec![plan.as_str().into(), milestone.as_str().into()];
        if index.one("SELECT 1 FROM milestones WHERE plan=$1 AND milestone=$2", key.clone()).await?.is_none() {
            return Ok(Some(FoundNotes::NoMilestone));
        }
        // What was ended is not noted, so it does not count either: whoever asks and withdraws would keep a milestone from its notes.
        let sql = format!(
            "SELECT {COLUMNS} FROM changes WHERE plan=$1 AND milestone=$2 AND milestone IS NOT NULL AND state<>'ended' ORDER BY id LIMIT $3"
        );
        let key = key.into_iter().chain([(MOST_NOTED + 1).into()]).collect();
        let rows = index.readers().all(AssertSqlSafe(sql), key).await?;
        if rows.len() as u64 > MOST_NOTED {
            return Ok(Some(FoundNotes::TooMany));
        }
        for row in &rows {
            entries.push(entry(&mut reader, &ChangeNow::of(row)?).await?);
        }
    }
    let named = entries.iter().filter_map(|entry| submitter(&entry.summary)).collect();
    let described = accounts::read::described(index, named).await?;
    let (at, plan) = (reader.clock.at, plan.clone());
    let answer = NotesAnswer { at, plan, milestones, milestone, entries, described };
    Ok(Some(FoundNotes::Notes(Box::new(answer))))
}

async fn entry(reader: &mut ChangeReader<'_>, now: &ChangeNow) -> Result<NoteEntry, QueryError> {
    let asked = &now.change.asked;
    Ok(NoteEntry {
        summary: reader.summary(now).await?,
        impact: asked.impact.as_str().to_owned(),
        features: asked.features.to_vec(),
        artifact: match &asked.request {
            ChangeRequest::Promote { artifact, .. } => *artifact,
            _ => None,
        },
    })
}
