//! What epochs paid.

use super::answer::{EpochPaid, RewardsAnswer};
use super::query::RewardsQuery;
use crate::store::column::{parsed, typed};
use crate::store::question::on_pages_before;
use crate::store::table::natural;
use crate::store::{Index, QueryError};
use crate::topics::accounts;
use primitives::{Epoch, Height};
use rewards::Payment;
use rpc::views::PageOf;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// What an epoch paid, or the last one that paid something; of one that paid nothing, nothing.
///
/// # Errors
/// The database cannot be read.
pub async fn rewards(index: &Index, query: &RewardsQuery, page_size: u32) -> Result<RewardsAnswer, QueryError> {
    let latest = "SELECT epoch, paid_at, payments, leader, witness, pool FROM reward_epochs WHERE epoch<=$1 ORDER BY epoch DESC LIMIT 1";
    let exact = "SELECT epoch, paid_at, payments, leader, witness, pool FROM reward_epochs WHERE epoch=$1";
    let row = match query.epoch {
        Some(epoch) => index.one(exact, vec![epoch.0.into()]).await?,
        None => index.one(latest, vec![u64::MAX.into()]).await?,
    };
    let page = query.page.unwrap_or(0);
    let (epoch, total) = match row {
        Some(row) => (Some(paid(&row)?), natural(row.get("payments"))),
        None => (None, 0),
    };
    let asked = epoch.as_ref().map(|paid| paid.epoch).or(query.epoch).unwrap_or_default();
    // Places have no gaps, and the first is 0.
    let sql = "SELECT payment FROM rewards WHERE epoch=$1 AND place>=$2 ORDER BY place LIMIT $3";
    let range = vec![asked.0.into(), on_pages_before(page, page_size).into(), u64::from(page_size).into()];
    let entries: Result<Vec<Payment>, _> =
        index.all(sql, range).await?.iter().map(|row| parsed("a payment", row.get(0))).collect();
    let entries = entries?;
    let before = index.one("SELECT MAX(epoch) FROM reward_epochs WHERE epoch<$1", vec![asked.0.into()]).await?;
    let earlier: Option<i64> = before.and_then(|row| row.get(0));
    let described = accounts::read::described(index, entries.iter().map(|one| one.validator).collect()).await?;
    let earlier = earlier.map(|epoch| Epoch(natural(epoch)));
    Ok(RewardsAnswer { epoch, earlier, page: PageOf { total, page, page_size, entries }, described })
}

fn paid(row: &AnyRow) -> Result<EpochPaid, QueryError> {
    Ok(EpochPaid {
        epoch: Epoch(natural(row.get("epoch"))),
        paid_at: Height(natural(row.get("paid_at"))),
        leader: typed("an amount", row.get("leader"))?,
        witness: typed("an amount", row.get("witness"))?,
        pool: typed("an amount", row.get("pool"))?,
    })
}
