//! Blocks, and how fast they come.

use super::answer::{BlockAnswer, BlockRow, MOST_FACTS};
use super::{ChainRun, RUN};
use crate::answers::Match;
use crate::store::column::{parsed, typed};
use crate::store::question::meta;
use crate::store::table::{int, natural};
use crate::store::{Index, QueryError, Readers};
use crate::topics::{accounts, audit};
use primitives::{Epoch, Height, Moment, Timestamp};
use rpc::views::{BlockPace, PageOf};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// How fast blocks come, and where the newest one stands.
pub(crate) async fn pace(index: &Index) -> Result<BlockPace, QueryError> {
    let (genesis, head) = (index.genesis(), index.head().await?);
    let earlier = head.at.height.minus(head.at.height.0.min(BlockPace::MEASURED));
    let row = index.one("SELECT time FROM blocks WHERE height=$1", vec![earlier.0.into()]).await?;
    let chain = &genesis.chain;
    let earlier = row.map(|row| (earlier, Timestamp(natural(row.get(0)))));
    Ok(BlockPace::new(head.at, earlier, chain.epoch_length, chain.consensus.block_time_ms))
}

/// The moment of the newest block, by which the chain judges.
pub(crate) async fn moment(index: &Index) -> Result<Moment, QueryError> {
    let run: Option<ChainRun> = meta(index.readers(), RUN).await?;
    let run = run.ok_or(QueryError::NoPosition)?;
    let at = index.head().await?.at;
    Ok(Moment::of(at, run.running.ms, run.levels.at(at.epoch)))
}

/// The blocks, the latest first. Heights have no gaps, so a page is a range of them.
///
/// # Errors
/// The database cannot be read.
pub async fn blocks(index: &Index, page: u64, page_size: u32) -> Result<PageOf<BlockRow>, QueryError> {
    let head = index.head().await?.at.height.0;
    let last = head.checked_sub(page.saturating_mul(page_size.into()));
    let sql = "SELECT * FROM blocks WHERE height <= $1 ORDER BY height DESC LIMIT $2";
    let rows = match last {
        None => Vec::new(),
        Some(last) => index.all(sql, vec![last.into(), u64::from(page_size).into()]).await?,
    };
    let entries: Result<Vec<BlockRow>, QueryError> = rows.iter().map(block_row).collect();
    Ok(PageOf { total: head.saturating_add(1), page, page_size, entries: entries? })
}

/// The first block up to `head` that is not in the index. Every row is looked at: this is asked once, at the start.
pub(crate) async fn first_missing(readers: &Readers, head: Height) -> Result<Option<Height>, QueryError> {
    let counted = readers.unhurried("SELECT count(*) FROM blocks WHERE height <= $1", vec![head.0.into()]).await?;
    if counted.first().is_some_and(|row| natural(row.get(0)) == head.0.saturating_add(1)) {
        return Ok(None);
    }
    let sql = "SELECT height FROM blocks b WHERE height < $1 AND NOT EXISTS \
               (SELECT 1 FROM blocks n WHERE n.height=b.height+1) ORDER BY height LIMIT 1";
    let before = readers.unhurried(sql, vec![head.0.into()]).await?;
    Ok(Some(before.first().map_or(Height(0), |row| Height(natural(row.get(0))).next())))
}

fn block_row(row: &AnyRow) -> Result<BlockRow, QueryError> {
    Ok(BlockRow {
        height: Height(natural(row.get("height"))),
        hash: typed("a block's hash", row.get("hash"))?,
        epoch: Epoch(natural(row.get("epoch"))),
        time: Timestamp(natural(row.get("time"))),
        proposer: typed("a proposer", row.get("proposer"))?,
        facts: natural(row.get("facts")),
        refused: natural(row.get("refused")),
    })
}

/// One block with its facts; none when it is not in the index.
///
/// # Errors
/// The database cannot be read.
pub async fn block(index: &Index, height: Height) -> Result<Option<BlockAnswer>, QueryError> {
    let sql = "SELECT * FROM blocks WHERE height=$1";
    // A height that no number of the database can be is none of its blocks.
    if i64::try_from(height.0).is_err() {
        return Ok(None);
    }
    let Some(row) = index.one(sql, vec![height.0.into()]).await? else { return Ok(None) };
    let BlockRow { hash, epoch, facts: fact_count, proposer, .. } = block_row(&row)?;
    let facts = audit::read::of_block(index, height, int(MOST_FACTS as u64)).await?;
    let named = facts.iter().filter_map(|entry| entry.account).chain([proposer]).collect();
    Ok(Some(BlockAnswer {
        hash,
        epoch,
        header: parsed("a header", row.get("header"))?,
        round: row.get::<Option<i64>, _>("round").map(|round| u32::try_from(round).unwrap_or_default()),
        precommits: natural(row.get("precommits")),
        facts,
        fact_count,
        described: accounts::read::described(index, named).await?,
    }))
}

/// The block with a hash, for a search.
pub(crate) async fn found_by_hash(index: &Index, hash: &str) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT hash, height FROM blocks WHERE hash=$1", vec![hash.into()]).await?;
    Ok(row.as_ref().map(found))
}

/// The blocks whose hashes begin with some digits, for a search.
pub(crate) async fn found_by_beginning(index: &Index, text: &str) -> Result<Vec<Match>, QueryError> {
    // Everything that begins with the text stands between the text and the text with a letter behind all digits.
    let key = vec![text.into(), format!("{text}g").into()];
    let sql = "SELECT hash, height FROM blocks WHERE hash >= $1 AND hash < $2 ORDER BY hash LIMIT 20";
    Ok(index.all(sql, key).await?.iter().map(found).collect())
}

/// The block with a height, for a search.
pub(crate) async fn found_by_number(index: &Index, number: u64) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT 1 FROM blocks WHERE height=$1", vec![number.into()]).await?;
    Ok(row.map(|_| Match::new("block", number.to_string(), format!("/blocks/{number}"))))
}

fn found(row: &AnyRow) -> Match {
    let (hash, height): (&str, i64) = (row.get("hash"), row.get("height"));
    Match::new("block", hash, format!("/blocks/{}", natural(height)))
}
