//! Releases: the history, one of them, and installs over time.

use super::answer::ReleaseAnswer;
use crate::answers::{InstallSeries, Milestone};
use crate::store::column::{parsed, typed};
use crate::store::table::{int, natural};
use crate::store::{Index, QueryError};
use crate::topics::{audit, governance, rebuilds, validators};
use primitives::{Amount, BuildHash, Epoch, Height, Moment, ProposalId, Subject, Timestamp};
use releases::{Receipt, Rollout, StageName};
use rpc::views::{Install, MOST_STAGES, NodeStage, PageOf, ReleaseDetail, ReleaseView};
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

/// One page of the history, as one JSON text: two ends of a list, and the rows between. Nothing is counted.
///
/// `$1` is the list, `$2` and `$3` the epochs, `$4` how many entries stand before the page, and `$5` how many are on it.
pub const HISTORY: &str = "\
WITH span AS (
  SELECT
    (SELECT place FROM release_lists WHERE list=$1 AND activated_epoch<=$3
     ORDER BY activated_epoch DESC, place DESC LIMIT 1) AS newest,
    (SELECT place FROM release_lists WHERE list=$1 AND activated_epoch>=$2
     ORDER BY activated_epoch ASC, place ASC LIMIT 1) AS oldest
)
SELECT newest - oldest + 1 AS total,
  (SELECT string_agg('{' || entry || ',' || installs || '}', ',' ORDER BY place DESC)
   FROM release_lists l JOIN release_history r ON r.ordinal=l.ordinal
   WHERE l.list=$1 AND l.place<=span.newest-$4 AND l.place>span.newest-$4-$5 AND l.place>=span.oldest) AS entries
FROM span";

/// A page of the history by the schema of `api_schema/release_history.json`, as JSON text.
///
/// # Errors
/// The database cannot be read.
pub async fn history(index: &Index, filter: &ReleaseFilter) -> Result<String, QueryError> {
    let ReleaseFilter { list, start_epoch, end_epoch, page, page_size } = filter;
    let before = int(page.saturating_mul((*page_size).into()));
    // A page behind every possible entry: the difference must not overflow in the database.
    let before = before.min(i64::MAX / 4);
    let query = sqlx::query(HISTORY).bind(list.clone()).bind(int(*start_epoch)).bind(int(*end_epoch));
    let row = query.bind(before).bind(i64::from(*page_size)).fetch_one(index.pool()).await?;
    let total = row.get::<Option<i64>, _>(0).map_or(0, natural);
    let entries = row.get::<Option<String>, _>(1).unwrap_or_default();
    Ok(format!(r#"{{"total":{total},"page":{page},"page_size":{page_size},"entries":[{entries}]}}"#))
}

/// Everything about one release; none when there is none of this hash.
///
/// # Errors
/// The database cannot be read.
pub async fn release(index: &Index, hash: &BuildHash) -> Result<Option<ReleaseAnswer>, QueryError> {
    let key = || vec![hash.to_string().into()];
    let sql = "SELECT entry, installs, proposal_id FROM release_history WHERE build_hash=$1";
    let Some(row) = index.one(sql, key()).await? else { return Ok(None) };
    let release = view_of(&row)?;
    let installs = index.all("SELECT * FROM installs WHERE build_hash=$1 ORDER BY node", key()).await?;
    let installs: Result<Vec<Install>, QueryError> = installs
        .iter()
        .map(|row| Ok(Install { node: typed("a node", row.get("node"))?, receipt: receipt(row) }))
        .collect();
    let (rollout, stages) = stages(index, hash).await?;
    let (rebuild_count, rebuilds) = rebuilds::read::rebuilds(index, hash).await?;
    let proposal = match release.release.proposal_id {
        Some(id) => governance::read::detail(index, id).await?,
        None => None,
    };
    let release = ReleaseDetail { release, installs: installs?, rollout, stages, rebuild_count, rebuilds };
    let mut milestones = milestones(index, hash, release.release.release.proposal_id).await?;
    milestones.extend(first_install(&release.installs));
    milestones.sort_by_key(|milestone| milestone.at.height);
    Ok(Some(ReleaseAnswer { release, milestones, proposal }))
}

/// Whether a build was ever approved.
///
/// # Errors
/// The database cannot be read.
pub async fn has_release(index: &Index, hash: &BuildHash) -> Result<bool, QueryError> {
    let sql = "SELECT ordinal FROM release_history WHERE build_hash=$1";
    Ok(index.one(sql, vec![hash.to_string().into()]).await?.is_some())
}

/// The first install is the earliest receipt; the others are many.
fn first_install(installs: &[Install]) -> Option<Milestone> {
    let first = installs.iter().min_by_key(|install| install.receipt.first.height)?;
    let sentence = format!("{} was the first node to boot it", first.node);
    Some(Milestone { kind: "releases.installed".into(), at: first.receipt.first, sentence })
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

async fn stages(index: &Index, hash: &BuildHash) -> Result<(Rollout, Vec<NodeStage>), QueryError> {
    let set = validators::read::validators_now(index).await?;
    let rows = index.all("SELECT report FROM stages WHERE build_hash=$1", vec![hash.to_string().into()]).await?;
    let mut stages: Vec<NodeStage> = rows.iter().map(|row| parsed("a stage", row.get(0))).collect::<Result<_, _>>()?;
    let at_stage =
        |stage: &NodeStage| -> (StageName, Amount) { (stage.stage, set.power_of(&stage.node).unwrap_or_default()) };
    let rollout = Rollout::over(set.total_power(), stages.iter().map(at_stage));
    stages.sort_by_key(|stage| (std::cmp::Reverse(stage.at.height), stage.node));
    stages.truncate(MOST_STAGES);
    Ok((rollout, stages))
}

/// A receipt from its row.
fn receipt(row: &AnyRow) -> Receipt {
    let moment = |height, epoch, time| Moment {
        height: Height(natural(row.get(height))),
        epoch: Epoch(natural(row.get(epoch))),
        time: Timestamp(natural(row.get(time))),
    };
    Receipt {
        first: moment("first_height", "first_epoch", "first_time"),
        last: moment("last_height", "last_epoch", "last_time"),
        count: natural(row.get("count")),
    }
}

/// A build as the API shows it, from the two halves of its entry.
fn view_of(row: &AnyRow) -> Result<ReleaseView, QueryError> {
    let (entry, installs): (&str, &str) = (row.get("entry"), row.get("installs"));
    Ok(parsed("a release", &format!("{{{entry},{installs}}}"))?)
}

/// Installs over time of some releases: of each node its first.
///
/// # Errors
/// The database cannot be read.
pub async fn timeline(index: &Index, page: &PageOf<ReleaseView>) -> Result<Vec<InstallSeries>, QueryError> {
    /// More lines than this cannot be told apart.
    const MOST_LINES: usize = 6;
    let mut timeline = Vec::new();
    for release in page.entries.iter().filter(|release| release.install_count > 0).take(MOST_LINES) {
        let hash = release.release.build_hash;
        let sql = "SELECT first_time FROM installs WHERE build_hash=$1 ORDER BY first_time";
        let rows = index.all(sql, vec![hash.to_string().into()]).await?;
        let times: Vec<Timestamp> = rows.iter().map(|row| Timestamp(natural(row.get(0)))).collect();
        let version = release.release.manifest.version.as_ref().map(|version| version.to_string());
        timeline.push(InstallSeries::over(hash, version, &times));
    }
    Ok(timeline)
}
