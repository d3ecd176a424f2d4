//! Blocks, and where the index stands.

use super::{Index, all, audit, natural, one, typed};
use crate::answers::{BlockAnswer, BlockRow, MOST_FACTS};
use crate::fold::work::{FoldError, parsed};
use crate::store::table::int;
use primitives::{Epoch, Height, Timestamp};
use rpc::views::{BlockPace, PageOf};
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row as _};
use staking::ValidatorSet;

/// How fast blocks come, and where the newest one stands.
pub(super) async fn pace(index: &Index) -> Result<BlockPace, FoldError> {
    let (genesis, head) = (index.genesis(), index.head().await?);
    let earlier = head.at.height.minus(head.at.height.0.min(BlockPace::MEASURED));
    let row = one(&index.pool, "SELECT time FROM blocks WHERE height=$1", vec![earlier.0.into()]).await?;
    let chain = &genesis.chain;
    let earlier = row.map(|row| (earlier, Timestamp(natural(row.get(0)))));
    Ok(BlockPace::new(head.at, earlier, chain.epoch_length, chain.consensus.block_time_ms))
}

/// The validators of an epoch; an empty set when it is not known.
pub(crate) async fn validators_of(pool: &AnyPool, epoch: Epoch) -> Result<ValidatorSet, FoldError> {
    let row = one(pool, "SELECT validators FROM elections WHERE epoch=$1", vec![epoch.0.into()]).await?;
    Ok(row.map(|row| parsed("a validator set", row.get(0))).transpose()?.unwrap_or_default())
}

/// The validators of the newest block's epoch.
pub(super) async fn validators_now(index: &Index) -> Result<ValidatorSet, FoldError> {
    validators_of(&index.pool, index.head().await?.at.epoch).await
}

/// The blocks, the latest first. Heights have no gaps, so a page is a range of them.
///
/// # Errors
/// The database cannot be read.
pub async fn blocks(index: &Index, page: u64, page_size: u32) -> Result<PageOf<BlockRow>, FoldError> {
    let head = index.head().await?.at.height.0;
    let last = head.checked_sub(page.saturating_mul(page_size.into()));
    let sql = "SELECT * FROM blocks WHERE height <= $1 ORDER BY height DESC LIMIT $2";
    let rows = match last {
        None => Vec::new(),
        Some(last) => all(&index.pool, sql, vec![last.into(), u64::from(page_size).into()]).await?,
    };
    let entries: Result<Vec<BlockRow>, FoldError> = rows.iter().map(block_row).collect();
    Ok(PageOf { total: head.saturating_add(1), page, page_size, entries: entries? })
}

fn block_row(row: &AnyRow) -> Result<BlockRow, FoldError> {
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
pub async fn block(index: &Index, height: Height) -> Result<Option<BlockAnswer>, FoldError> {
    let sql = "SELECT * FROM blocks WHERE height=$1";
    // A height that no number of the database can be is none of its blocks.
    if i64::try_from(height.0).is_err() {
        return Ok(None);
    }
    let Some(row) = one(&index.pool, sql, vec![height.0.into()]).await? else { return Ok(None) };
    let BlockRow { hash, epoch, facts: fact_count, .. } = block_row(&row)?;
    Ok(Some(BlockAnswer {
        hash,
        epoch,
        header: parsed("a header", row.get("header"))?,
        round: row.get::<Option<i64>, _>("round").map(|round| u32::try_from(round).unwrap_or_default()),
        precommits: natural(row.get("precommits")),
        facts: audit::of_block(index, height, int(MOST_FACTS as u64)).await?,
        fact_count,
    }))
}
