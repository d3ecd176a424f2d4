//! Who witnesses the tree of blocks, and what they cosigned.

use super::CHECKPOINT_LIST;
use super::answer::{CosignedCheckpoint, CosignedIn, MOST_WITNESSES, WitnessStay, WitnessesAnswer};
use crate::store::column::typed;
use crate::store::table::natural;
use crate::store::{Index, QueryError};
use crate::topics::accounts;
use primitives::{Epoch, Height};
use rpc::views::PageOf;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// The witnesses of now, and a page of the checkpoints that somebody cosigned.
///
/// # Errors
/// The database cannot be read.
pub async fn witnesses(index: &Index, page: u64, page_size: u32) -> Result<WitnessesAnswer, QueryError> {
    let sql = "SELECT account, name, key, since, last_epoch FROM witnesses WHERE retired IS NULL \
               ORDER BY since, account LIMIT $1";
    let witnesses = index.all(sql, vec![(MOST_WITNESSES as u64).into()]).await?;
    let witnesses: Vec<WitnessStay> = witnesses.iter().map(stay).collect::<Result<_, _>>()?;
    let (total, parts) = index.parts_of_page(&[CHECKPOINT_LIST.to_owned()], page, page_size).await?;
    let mut entries: Vec<CosignedCheckpoint> = Vec::new();
    for part in parts {
        let sql = "SELECT epoch, size, root FROM checkpoints WHERE epoch<=$1 ORDER BY epoch DESC LIMIT $2";
        for row in part.rows(index, sql.to_owned(), Vec::new()).await? {
            entries.push(checkpoint(&row)?);
        }
    }
    fill(index, &mut entries).await?;
    let cosigners = entries.iter().flat_map(|entry| entry.cosigned.iter().map(|one| one.witness));
    let named = witnesses.iter().map(|witness| witness.account).chain(cosigners).collect();
    let described = accounts::read::described(index, named).await?;
    Ok(WitnessesAnswer { witnesses, page: PageOf { total, page, page_size, entries }, described })
}

/// The latest checkpoint that somebody cosigned.
///
/// # Errors
/// The database cannot be read.
pub async fn newest(index: &Index) -> Result<Option<CosignedCheckpoint>, QueryError> {
    let sql = "SELECT epoch, size, root FROM checkpoints ORDER BY epoch DESC LIMIT 1";
    let Some(row) = index.one(sql, Vec::new()).await? else { return Ok(None) };
    let mut found = [checkpoint(&row)?];
    fill(index, &mut found).await?;
    let [newest] = found;
    Ok(Some(newest))
}

/// Says who cosigned each, of which the latest is the first.
async fn fill(index: &Index, checkpoints: &mut [CosignedCheckpoint]) -> Result<(), QueryError> {
    let (Some(last), Some(first)) = (checkpoints.first(), checkpoints.last()) else { return Ok(()) };
    let sql =
        "SELECT epoch, witness, height FROM cosignatures WHERE epoch >= $1 AND epoch <= $2 ORDER BY epoch, witness";
    let rows = index.all(sql, vec![first.epoch.0.into(), last.epoch.0.into()]).await?;
    for row in &rows {
        let epoch = Epoch(natural(row.get("epoch")));
        let one = CosignedIn {
            witness: typed("an account", row.get("witness"))?,
            height: Height(natural(row.get("height"))),
        };
        if let Some(checkpoint) = checkpoints.iter_mut().find(|checkpoint| checkpoint.epoch == epoch) {
            checkpoint.cosigned.push(one);
        }
    }
    Ok(())
}

fn checkpoint(row: &AnyRow) -> Result<CosignedCheckpoint, QueryError> {
    Ok(CosignedCheckpoint {
        epoch: Epoch(natural(row.get("epoch"))),
        size: natural(row.get("size")),
        root: typed("a root", row.get("root"))?,
        cosigned: Vec::new(),
    })
}

fn stay(row: &AnyRow) -> Result<WitnessStay, QueryError> {
    Ok(WitnessStay {
        account: typed("an account", row.get("account"))?,
        name: typed("the name of a witness", row.get("name"))?,
        key: typed("a key", row.get("key"))?,
        since: Height(natural(row.get("since"))),
        last_epoch: row.get::<Option<i64>, _>("last_epoch").map(|epoch| Epoch(natural(epoch))),
    })
}
