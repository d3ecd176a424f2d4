//! Releases: the history, one of them, and installs over time.

use super::answer::ReleaseAnswer;
use crate::answers::{InstallSeries, Milestone};
use crate::store::column::{parsed, typed};
use crate::store::table::{SqlValue, natural};
use crate::store::{Index, QueryError};
use crate::topics::{accounts, audit, governance, rebuilds, rollouts, validators};
use primitives::{AccountId, Amount, BuildHash, ChainPosition, Digest, Epoch, Height, ProposalId, Subject, Timestamp};
use releases::{Receipt, StageName, StageNodes, Uptake};
use rpc::views::{Descriptions, MOST_PER_PAGE, NodeReport, NodeStage, PageOf, ReleaseDetail, ReleaseView};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Which releases, and which part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFilter {
    /// The list: of a proposer, or of all when empty.
    pub list: String,
    /// The first epoch.
    pub start_epoch: u64,
    /// The last epoch.
    pub end_epoch: u64,
    /// The page, from 0.
    pub page: u64,
    /// Entries on a page.
    pub page_size: u32,
}

/// A build as the API shows it, from its row and that of the minimum: the parts of its JSON, and what is below the minimum is told so.
macro_rules! shown {
    () => {
        "'{' || r.entry || ',\"verdict\":' || \
         CASE WHEN r.sequence < m.minimum AND (r.minimum_until IS NULL OR m.since <= r.minimum_until) \
         THEN '{\"below_minimum_sequence\":{\"sequence\":' || r.sequence || ',\"minimum\":' || m.minimum || '}}' \
         ELSE r.verdict END || ',' || r.installs || '}'"
    };
}

/// One page of the history, as one JSON text: two ends of a list, and the rows between. Nothing is counted.
///
/// `$1` is the list, `$2` and `$3` the epochs, `$4` how many entries stand before the page, and `$5` how many are on it.
pub const HISTORY: &str = concat!(
    "\
WITH span AS (
  SELECT
    (SELECT place FROM release_lists WHERE list=$1 AND activated_epoch<=$3
     ORDER BY activated_epoch DESC, place DESC LIMIT 1) AS newest,
    (SELECT place FROM release_lists WHERE list=$1 AND activated_epoch>=$2
     ORDER BY activated_epoch ASC, place ASC LIMIT 1) AS oldest
)
SELECT newest - oldest + 1 AS total,
  (SELECT string_agg(",
    shown!(),
    ", ',' ORDER BY l.place DESC)
   FROM release_lists l JOIN release_history r ON r.ordinal=l.ordinal LEFT JOIN release_minimum m ON m.id=0
   WHERE l.list=$1 AND l.place<=span.newest-$4 AND l.place>span.newest-$4-$5 AND l.place>=span.oldest) AS entries
FROM span"
);

/// A page of the history by the schema of `api_schema/release_history.json`, as JSON text.
///
/// # Errors
/// The database cannot be read.
pub async fn history(index: &Index, filter: &ReleaseFilter) -> Result<String, QueryError> {
    let ReleaseFilter { list, start_epoch, end_epoch, page, page_size } = filter;
    // A page behind every possible entry: the difference must not overflow in the database.
    let before = page.saturating_mul((*page_size).into()).min(natural(i64::MAX / 4));
    let range = [*start_epoch, *end_epoch, before, u64::from(*page_size)];
    let values = std::iter::once(SqlValue::from(list.clone())).chain(range.map(SqlValue::from)).collect();
    let row = index.one(HISTORY, values).await?.ok_or(sqlx::Error::RowNotFound)?;
    let total = row.get::<Option<i64>, _>(0).map_or(0, natural);
    let entries = row.get::<Option<String>, _>(1).unwrap_or_default();
    Ok(format!(r#"{{"total":{total},"page":{page},"page_size":{page_size},"entries":[{entries}]}}"#))
}

/// Everything about one release; none when there is none of this hash.
///
/// # Errors
/// The database cannot be read.
pub async fn release(index: &Index, hash: &BuildHash) -> Result<Option<ReleaseAnswer>, QueryError> {
    const SQL: &str = concat!(
        "SELECT ",
        shown!(),
        " FROM release_history r LEFT JOIN release_minimum m ON m.id=0 WHERE r.build_hash=$1"
    );
    let Some(row) = index.one(SQL, vec![hash.to_string().into()]).await? else { return Ok(None) };
    let release: ReleaseView = parsed("a release", row.get(0))?;
    let (installs, stages) = ReleaseDetail::nodes(nodes(index, hash).await?);
    let uptake = uptake(index, hash).await?;
    let (rebuild_count, rebuilds) = rebuilds::read::rebuilds(index, hash).await?;
    let proposal = match release.release.proposal_id {
        Some(id) => governance::read::detail(index, id).await?,
        None => None,
    };
    let described = Descriptions::default();
    let release = ReleaseDetail { release, installs, uptake, stages, rebuild_count, rebuilds, described };
    let promotions = rollouts::read::promotions_of(index, &Digest(hash.0)).await?;
    let submitted = promotions.iter().filter_map(|change| Some(change.by.as_ref()?.account));
    let promoters = accounts::read::described(index, submitted.collect()).await?;
    let described = accounts::read::described(index, release.accounts().collect()).await?;
    let release = ReleaseDetail { described, ..release };
    let mut milestones = milestones(index, hash, release.release.release.proposal_id).await?;
    milestones.extend(first_install(index, hash).await?);
    milestones.sort_by_key(|milestone| milestone.at.height);
    Ok(Some(ReleaseAnswer { release, milestones, proposal, promotions, promoters }))
}

/// Whether a build was ever approved.
///
/// # Errors
/// The database cannot be read.
pub async fn has_release(index: &Index, hash: &BuildHash) -> Result<bool, QueryError> {
    let sql = "SELECT ordinal FROM release_history WHERE build_hash=$1";
    Ok(index.one(sql, vec![hash.to_string().into()]).await?.is_some())
}

/// The first install; the others are many.
async fn first_install(index: &Index, hash: &BuildHash) -> Result<Option<Milestone>, QueryError> {
    let sql = "SELECT * FROM installs WHERE build_hash=$1 AND place=1";
    let Some(row) = index.one(sql, vec![hash.to_string().into()]).await? else { return Ok(None) };
    let node: AccountId = typed("a node", row.get("node"))?;
    let sentence = format!("{node} was the first node to boot it");
    Ok(Some(Milestone { kind: "releases.installed".into(), at: receipt(&row).first, sentence }))
}

/// The turns in the life of a build, and of the proposals about it: those named after it, and the one that approved it.
async fn milestones(
    index: &Index,
    hash: &BuildHash,
    approved_by: Option<ProposalId>,
) -> Result<Vec<Milestone>, QueryError> {
    let mut proposals = governance::read::proposals_of(index, hash).await?;
    proposals.extend(approved_by.filter(|id| !proposals.contains(id)));
    let subjects: Vec<Subject> =
        std::iter::once(Subject::Build(*hash)).chain(proposals.into_iter().map(Subject::Proposal)).collect();
    audit::read::milestones(index, &subjects).await
}

/// What the nodes say that first spoke of a build last.
async fn nodes(index: &Index, hash: &BuildHash) -> Result<Vec<NodeReport>, QueryError> {
    let sql = "SELECT s.node AS reporter, s.stage, s.reason, s.height, s.epoch, s.time, i.* FROM stages s \
               LEFT JOIN installs i ON i.build_hash=s.build_hash AND i.node=s.node \
               WHERE s.build_hash=$1 ORDER BY s.number DESC LIMIT $2";
    let rows = index.all(sql, vec![hash.to_string().into(), u64::from(MOST_PER_PAGE).into()]).await?;
    let report = |row: &AnyRow| -> Result<NodeReport, QueryError> {
        let installs = row.get::<Option<i64>, _>("place").map(|_| receipt(row));
        Ok(NodeReport { stage: node_stage(row)?, installs })
    };
    rows.iter().map(report).collect()
}

/// Where a node stands with a build.
fn node_stage(row: &AnyRow) -> Result<NodeStage, QueryError> {
    let reason: Option<&str> = row.get("reason");
    Ok(NodeStage {
        node: typed("a node", row.get("reporter"))?,
        stage: typed("a stage", row.get("stage"))?,
        reason: reason.map(|reason| parsed("a reason", reason)).transpose()?,
        at: position(row, ["height", "epoch", "time"]),
    })
}

/// How many nodes stand at each stage of a build, and with how much of the stake.
async fn uptake(index: &Index, hash: &BuildHash) -> Result<Uptake, QueryError> {
    let row = index.one("SELECT nodes FROM stage_nodes WHERE build_hash=$1", vec![hash.to_string().into()]).await?;
    let nodes: Option<StageNodes> = row.map(|row| parsed("nodes", row.get(0))).transpose()?;
    let set = validators::read::candidates_now(index).await?;
    let mut stands: Vec<(StageName, Amount)> = Vec::new();
    for validator in &set.validators {
        let sql = "SELECT stage FROM stages WHERE build_hash=$1 AND node=$2";
        let row = index.one(sql, vec![hash.to_string().into(), validator.account.to_string().into()]).await?;
        let stage: Option<StageName> = row.map(|row| typed("a stage", row.get(0))).transpose()?;
        stands.extend(stage.map(|stage| (stage, validator.power)));
    }
    Ok(Uptake::over(&nodes.unwrap_or_default(), set.total_power(), stands))
}

/// A receipt from its row.
fn receipt(row: &AnyRow) -> Receipt {
    Receipt {
        first: position(row, ["first_height", "first_epoch", "first_time"]),
        last: position(row, ["last_height", "last_epoch", "last_time"]),
        count: natural(row.get("count")),
    }
}

/// A block's place, from the columns of its height, epoch and time.
fn position(row: &AnyRow, [height, epoch, time]: [&str; 3]) -> ChainPosition {
    ChainPosition {
        height: Height(natural(row.get(height))),
        epoch: Epoch(natural(row.get(epoch))),
        time: Timestamp(natural(row.get(time))),
    }
}

/// Installs over time of some releases: of each node its first.
///
/// # Errors
/// The database cannot be read.
pub async fn timeline(index: &Index, page: &PageOf<ReleaseView>) -> Result<Vec<InstallSeries>, QueryError> {
    /// More lines than this cannot be told apart.
    const MOST_LINES: usize = 6;
    /// Each place of so many, and the last one.
    const POINTS: &str = "\
WITH RECURSIVE points (place) AS (
  SELECT CAST($2 AS BIGINT) UNION ALL SELECT place+$2 FROM points WHERE place+$2<=$3
)
SELECT i.place, i.first_time FROM points p JOIN installs i ON i.build_hash=$1 AND i.place=p.place
UNION
SELECT place, first_time FROM installs WHERE build_hash=$1 AND place=$3
ORDER BY 1";
    let mut timeline = Vec::new();
    for release in page.entries.iter().filter(|release| release.install_count > 0).take(MOST_LINES) {
        let hash = release.release.build_hash;
        let sql = "SELECT install_nodes FROM release_history WHERE build_hash=$1";
        let row = index.one(sql, vec![hash.to_string().into()]).await?;
        let nodes = row.map_or(0, |row| natural(row.get(0)));
        let key = vec![hash.to_string().into(), InstallSeries::step(nodes).into(), nodes.into()];
        let rows = index.all(POINTS, key).await?;
        let points = rows.iter().map(|row| (Timestamp(natural(row.get(1))), natural(row.get(0)))).collect();
        let version = release.release.manifest.version.as_ref().map(|version| version.to_string());
        timeline.push(InstallSeries { build_hash: hash, version, points });
    }
    Ok(timeline)
}
