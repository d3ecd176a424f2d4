//! The audit log: every fact, refusals included, by what it is about.

use super::answer::{AuditAnswer, AuditEntry};
use super::fold::{class_number, rank, transaction_prefix};
use super::query::{AuditOutcome, AuditQuery};
use super::retention::RetentionRules;
use super::turns::turn_of;
use super::{PLACE_BITS, fact_id, fact_place};
use crate::answers::{Match, Milestone};
use crate::store::column::parsed;
use crate::store::table::{SqlValue, natural};
use crate::store::{Index, QueryError};
use crate::topics::{accounts, roles};
use primitives::{AlertSeverity, ChainPosition, Epoch, Height, Path, ProposalId, Subject, Timestamp, TransactionHash};
use runtime::{Cause, Fact};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

/// How many facts one question looks at, at most: a filter that nearly nothing passes must not read the whole log.
const WINDOW: u32 = 10_000;

/// What a question asks: the facts of one index, and which of them.
pub(super) struct Asked {
    /// The tables that are looked at, and the number of a fact in the one that is looked at first.
    from: (&'static str, &'static str),
    /// The condition that an index answers.
    first: String,
    /// What is asked of each fact besides.
    rest: Vec<String>,
    /// The values, `$1` being the end of the part, and `$2` the first fact that there may be in it.
    cells: Vec<SqlValue>,
}

impl Asked {
    /// What names the fewest facts goes first. Those `within` are asked for, of which the first is one of them and the last is not.
    pub(super) fn of(query: &AuditQuery, within: Range<u64>) -> Self {
        let subjects = [
            query.proposal_id.map(|id| Subject::Proposal(ProposalId(id))),
            query.build_hash.map(Subject::Build),
            query.account.map(Subject::Account),
        ];
        let mut asked = Self {
            from: ("facts", "id"),
            first: String::new(),
            rest: Vec::new(),
            cells: vec![within.end.into(), within.start.into()],
        };
        for subject in subjects.into_iter().flatten() {
            let place = asked.bind(subject.to_string().into());
            if asked.first.is_empty() {
                asked.from = ("subjects JOIN facts ON facts.id = subjects.fact_id", "fact_id");
                asked.first = format!(" AND subject=${place}");
            } else {
                asked
                    .rest
                    .push(format!("EXISTS (SELECT 1 FROM subjects WHERE fact_id=looked_at.id AND subject=${place})"));
            }
        }
        for (column, number) in [("case_id", query.case_id), ("change_id", query.change_id)] {
            asked.equal(column, number.map(SqlValue::from));
        }
        asked.equal("kind", query.kind.as_deref().map(SqlValue::from));
        asked.equal("plan", query.plan.as_ref().map(|plan| plan.as_str().into()));
        match query.severity {
            Some(AlertSeverity::Info) => asked.rest.push("severity=0".into()),
            // The database is told that there is an index of these.
            Some(severity) => asked.require(format!("severity={} AND severity > 0", rank(severity))),
            None => {}
        }
        match query.outcome {
            Some(AuditOutcome::Refused) => asked.require("refused=1".into()),
            Some(AuditOutcome::Granted) => asked.rest.push("refused=0".into()),
            None => {}
        }
        asked.look_for(query);
        asked
    }

    /// What no index answers: facts are looked at for it, one by one.
    fn look_for(&mut self, query: &AuditQuery) {
        if let Some(class) = query.class {
            self.rest.push(format!("class={}", class_number(class)));
        }
        if let Some(scope) = &query.scope {
            self.look_under(scope);
        }
        for (column, name) in [("role", &query.role), ("action", &query.action)] {
            if let Some(name) = name {
                let place = self.bind(name.as_str().into());
                self.rest.push(format!("{column}=${place}"));
            }
        }
    }

    /// At a path or below it; below the root is everything that is anywhere.
    fn look_under(&mut self, scope: &Path) {
        if scope.is_root() {
            return self.rest.push("scope IS NOT NULL".into());
        }
        let (at, below) = (scope.as_str().to_owned(), format!("{scope}/"));
        let length = below.len();
        let (at, below) = (self.bind(at.into()), self.bind(below.into()));
        self.rest.push(format!("(scope=${at} OR substr(scope, 1, {length})=${below})"));
    }

    fn equal(&mut self, column: &str, value: Option<SqlValue>) {
        if let Some(value) = value {
            let place = self.bind(value);
            self.require(format!("{column}=${place}"));
        }
    }

    fn bind(&mut self, cell: SqlValue) -> usize {
        self.cells.push(cell);
        self.cells.len()
    }

    /// What an index answers.
    fn require(&mut self, condition: String) {
        if self.first.is_empty() {
            self.first = format!(" AND {condition}");
        } else {
            self.rest.push(condition);
        }
    }

    /// The facts that are looked at.
    fn facts(&self, columns: &str, most: u32) -> String {
        let (Self { first, .. }, (from, id)) = (self, self.from);
        format!("SELECT {columns} FROM {from} WHERE {id} < $1 AND {id} >= $2{first} ORDER BY {id} DESC LIMIT {most}")
    }
}

/// What an export asks, which names nothing that facts are about.
impl Asked {
    /// The first facts that fit, in the order of the log.
    pub(super) fn forward(&self, most: u32) -> String {
        let (Self { first, .. }, (from, id)) = (self, self.from);
        let rest: String = self.rest.iter().map(|condition| format!(" AND {condition}")).collect();
        format!("SELECT facts.* FROM {from} WHERE {id} < $1 AND {id} >= $2{first}{rest} ORDER BY {id} LIMIT {most}")
    }

    /// The values that it asks with.
    pub(super) fn cells(&self) -> Vec<SqlValue> {
        self.cells.clone()
    }

    /// Has it go on after a fact.
    pub(super) fn begin_after(&mut self, id: u64) {
        if let Some(start) = self.cells.get_mut(1) {
            *start = id.saturating_add(1).into();
        }
    }
}

/// A part of the log. `before` is the number of a fact, see [`fact_id`]; none begins with the newest. Where filters leave
/// little, a part may have fewer entries than asked for, and more after it.
///
/// # Errors
/// The database cannot be read.
pub async fn audit(
    index: &Index,
    query: &AuditQuery,
    before: Option<u64>,
    size: u32,
) -> Result<AuditAnswer, QueryError> {
    audit_within(index, query, before, size, WINDOW).await
}

/// The same, looking at another number of facts at most.
///
/// # Errors
/// The database cannot be read.
pub async fn audit_within(
    index: &Index,
    query: &AuditQuery,
    before: Option<u64>,
    size: u32,
    window: u32,
) -> Result<AuditAnswer, QueryError> {
    let asked = Asked::of(query, within(index, query, before).await?);
    let sql = if asked.rest.is_empty() {
        asked.facts("facts.*", size + 1)
    } else {
        let (facts, rest) = (asked.facts("facts.*", window), asked.rest.join(" AND "));
        format!("SELECT * FROM ({facts}) looked_at WHERE {rest} ORDER BY id DESC LIMIT {}", size + 1)
    };
    let rows = index.readers().all(AssertSqlSafe(sql), asked.cells.clone()).await?;
    let (size, more) = (size as usize, rows.len() > size as usize);
    let mut entries: Vec<AuditEntry> = rows.iter().take(size).map(entry).collect::<Result<_, _>>()?;
    RetentionRules::default().fill(index, &mut entries).await?;
    let next = match entries.last().filter(|_| more) {
        Some(last) => Some(fact_id(last.height.0, last.index)),
        None if asked.rest.is_empty() => None,
        None => looked_through(index, asked, window).await?,
    };
    let head = index.head().await?;
    let roles = match &query.account {
        Some(who) => roles::read::held_by(index, who).await?,
        None => Vec::new(),
    };
    let appointed = roles.iter().filter_map(|held| Some(held.stay.came.by.as_ref()?.account));
    let named = entries.iter().filter_map(|entry| entry.account).chain(query.account).chain(appointed).collect();
    Ok(AuditAnswer {
        roles,
        described: accounts::read::described(index, named).await?,
        entries,
        next: next.map(fact_place).map(|(height, place)| format!("{height}.{place}")),
        verified_height: head.at.height,
        verified_hash: head.hash,
        genesis_hash: index.genesis_hash,
    })
}

/// The numbers of the facts of the time that is asked about, before one of them.
pub(super) async fn within(index: &Index, query: &AuditQuery, before: Option<u64>) -> Result<Range<u64>, QueryError> {
    let start = match query.from {
        Some(from) => first_since(index, from).await?,
        None => 0,
    };
    let end = match query.to {
        Some(to) => first_since(index, to).await?,
        None => u64::MAX,
    };
    Ok(start..end.min(before.unwrap_or(u64::MAX)))
}

/// The number of the first fact of that time or later; one that no fact has, where there is none yet.
async fn first_since(index: &Index, time: Timestamp) -> Result<u64, QueryError> {
    // Each block is later than the one before.
    let sql = "SELECT height FROM blocks WHERE time >= $1 ORDER BY time LIMIT 1";
    let row = index.one(sql, vec![time.0.into()]).await?;
    Ok(row.map_or(u64::MAX, |row| fact_id(natural(row.get(0)), 0)))
}

/// Where a question stopped looking before it had seen everything; none when it has.
async fn looked_through(index: &Index, asked: Asked, window: u32) -> Result<Option<u64>, QueryError> {
    let sql = format!("SELECT count(id), min(id) FROM ({}) looked_at", asked.facts("facts.id", window));
    // Values that the window does not ask for would have no type for the database.
    let used = 2 + asked.first.matches('$').count();
    let cells = asked.cells.into_iter().take(used).collect();
    let row = index.readers().one(AssertSqlSafe(sql), cells).await?.ok_or(sqlx::Error::RowNotFound)?;
    let all = natural(row.get(0)) < u64::from(window);
    Ok(row.get::<Option<i64>, _>(1).filter(|_| !all).map(natural))
}

/// The first facts of a block, in order.
pub(crate) async fn of_block(index: &Index, height: Height, most: i64) -> Result<Vec<AuditEntry>, QueryError> {
    let sql = "SELECT * FROM facts WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3";
    let key = vec![fact_id(height.0, 0).into(), fact_id(height.0 + 1, 0).into(), SqlValue::Int(Some(most))];
    let mut entries: Vec<AuditEntry> = index.all(sql, key).await?.iter().map(entry).collect::<Result<_, _>>()?;
    RetentionRules::default().fill(index, &mut entries).await?;
    Ok(entries)
}

/// The fact at a place of a block; none where there is none.
pub(super) async fn one(index: &Index, height: Height, place: u64) -> Result<Option<AuditEntry>, QueryError> {
    if place >= 1 << PLACE_BITS {
        return Ok(None);
    }
    let row = index.one("SELECT * FROM facts WHERE id=$1", vec![fact_id(height.0, place).into()]).await?;
    let mut entries: Vec<AuditEntry> = row.iter().map(entry).collect::<Result<_, _>>()?;
    RetentionRules::default().fill(index, &mut entries).await?;
    Ok(entries.pop())
}

/// A fact of a row, of which nothing is said yet for how long it is kept.
pub(super) fn entry(row: &AnyRow) -> Result<AuditEntry, QueryError> {
    let (height, index) = fact_place(natural(row.get("id")));
    let (epoch, time) = (Epoch(natural(row.get("epoch"))), Timestamp(natural(row.get("time"))));
    let at = ChainPosition { height: Height(height), epoch, time };
    Ok(AuditEntry::of(at, index, parsed("a fact", row.get("fact"))?))
}

/// The most turns that are shown of one life.
const MOST_TURNS: u64 = 200;

/// The turns in the lives of a build or a proposal and of others that belong to it, the earliest first, each fact once: as what
/// it was for the first of them that it is about.
///
/// # Errors
/// The database cannot be read.
pub async fn milestones(index: &Index, subjects: &[Subject]) -> Result<Vec<Milestone>, QueryError> {
    let sql = "SELECT id, epoch, time, sentence, fact FROM turns JOIN facts ON facts.id = turns.fact_id \
               WHERE subject=$1 ORDER BY fact_id LIMIT $2";
    let mut turns: BTreeMap<u64, Milestone> = BTreeMap::new();
    for subject in subjects {
        for row in index.all(sql, vec![subject.to_string().into(), MOST_TURNS.into()]).await? {
            let id = natural(row.get("id"));
            if let Entry::Vacant(turn) = turns.entry(id) {
                turn.insert(milestone(&row, id, subject)?);
            }
        }
    }
    Ok(turns.into_values().take(MOST_TURNS as usize).collect())
}

fn milestone(row: &AnyRow, id: u64, subject: &Subject) -> Result<Milestone, QueryError> {
    let fact: Fact = parsed("a fact", row.get("fact"))?;
    let height = Height(fact_place(id).0);
    let (epoch, time) = (Epoch(natural(row.get("epoch"))), Timestamp(natural(row.get("time"))));
    Ok(Milestone {
        kind: turn_of(&fact, subject).to_owned(),
        at: ChainPosition { height, epoch, time },
        sentence: row.get("sentence"),
    })
}

/// The transaction with a hash, for a search.
pub(crate) async fn found_transaction(index: &Index, hash: &str) -> Result<Option<Match>, QueryError> {
    let Ok(wanted) = hash.parse::<TransactionHash>() else { return Ok(None) };
    let beginning = vec![SqlValue::Int(Some(transaction_prefix(&wanted)))];
    for row in index.all("SELECT id, fact FROM facts WHERE tx=$1", beginning).await? {
        let fact: Fact = parsed("a fact", row.get("fact"))?;
        if matches!(fact.cause, Cause::Transaction { hash, .. } if hash == wanted) {
            let (height, place) = fact_place(natural(row.get("id")));
            return Ok(Some(Match::new("transaction", hash, format!("/blocks/{height}#fact-{place}"))));
        }
    }
    Ok(None)
}

/// The account with a key that facts are about, for a search.
pub(crate) async fn found_account(index: &Index, key: &str) -> Result<Option<Match>, QueryError> {
    let sql = "SELECT 1 FROM subjects WHERE subject=$1 LIMIT 1";
    let row = index.one(sql, vec![format!("account/{key}").into()]).await?;
    Ok(row.map(|_| Match::new("account", key, format!("/audit?account={key}"))))
}

/// The number of the fact that `height.index` names; none when it is no such name.
pub fn cursor(text: &str) -> Option<u64> {
    let (height, index) = text.split_once('.')?;
    let (height, index): (u64, u64) = (height.parse().ok()?, index.parse().ok()?);
    (height < 1 << 39 && index < 1 << PLACE_BITS).then(|| fact_id(height, index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::table::int;

    #[test]
    fn a_fact_has_one_number_and_one_name() {
        assert_eq!(cursor("12.3").map(fact_place), Some((12, 3)));
        assert_eq!(["", "12", "12.", ".3", "x.1", "-1.2", "99999999999999999.0", "1.99999999"].map(cursor), [None; 8]);
        assert!(fact_id(12, 3) < fact_id(12, 4) && fact_id(12, u64::from(u16::MAX)) < fact_id(13, 0));
        assert!(int(fact_id((1 << 39) - 1, 0)) < i64::MAX);
    }
}
