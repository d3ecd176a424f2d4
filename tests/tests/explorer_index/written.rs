//! What is written comes in as a whole, and only where the index ends with what was before it.

use crate::Followed;
use anyhow::{Context as _, ensure};
use explorer::index::IndexStore;
use explorer::store::{IndexHead, IndexPlace};
use explorer::topics::PreparedBlock;
use explorer::topics::audit::read::audit;
use explorer::topics::releases::read::{ReleaseFilter, history};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use tests::life::Life;

#[tokio::test]
async fn a_block_that_cannot_be_written_leaves_nothing() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut life = Life::new(5);
    life.blocks(30);
    let followed = Followed::begin(life, IndexPlace::File(folder.path().join("x.sqlite"))).await?;
    let before = dump(&followed).await?;
    // A block that is there already: its first rows are written before its last one is refused.
    let (record, certificate) = followed.life.chain.record(followed.head.at.height).context("no record")?;
    let again = PreparedBlock::new(followed.head, followed.head, record, Some(&certificate))?;
    ensure!(followed.store.write([again]).await.is_err(), "a block was written twice");
    ensure!(dump(&followed).await? == before, "something of it stayed");
    Ok(())
}

#[tokio::test]
async fn blocks_that_are_written_together_give_the_same_rows_and_come_in_all_or_none() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let place = |name: &str| IndexPlace::File(folder.path().join(name));
    let mut one_by_one = Followed::begin(Life::new(5), place("one.sqlite")).await?;
    let mut together = Followed::begin(Life::new(5), place("together.sqlite")).await?;
    one_by_one.life.blocks(40);
    together.life.blocks(40);
    one_by_one.catch_up().await?;
    let (before, elected) = (dump(&together).await?, together.elected.clone());
    let mut blocks = together.rest()?;
    // Behind a gap nothing is written, and nothing of what came before it.
    let lost = blocks.remove(20).before().at.height;
    let refused = together.store.write(blocks).await.err().context("blocks were written behind a gap")?.to_string();
    ensure!(refused.contains(&format!("block {lost}")), "{refused}");
    ensure!(dump(&together).await? == before, "something of them stayed");
    together.elected = elected;
    let blocks = together.rest()?;
    together.store.write(blocks).await?;
    together.head = one_by_one.head;
    let (found, expected) = (rows(&together).await?, rows(&one_by_one).await?);
    let other = expected.iter().find(|(table, rows)| found.get(*table) != Some(*rows));
    ensure!(other.is_none() && found.len() == expected.len(), "they give other rows: {other:?}");
    together.same_history().await?;
    together.same_details().await
}

/// The rows of every table, but for who writes the index.
async fn rows(followed: &Followed) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let pool = followed.store.readers().pool();
    let texts = async |sql: String| -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&pool).await
    };
    let mut all = BTreeMap::new();
    for table in texts("SELECT name FROM sqlite_master WHERE type='table'".into()).await? {
        let columns = texts(format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await?;
        let row = columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || ',' || ");
        let mut rows = texts(format!("SELECT {row} FROM {table} ORDER BY 1")).await?;
        rows.retain(|row| !(table == "meta" && row.starts_with("'writer'")));
        all.insert(table, rows);
    }
    Ok(all)
}

async fn dump(followed: &Followed) -> anyhow::Result<(Option<IndexHead>, String, usize)> {
    let all = ReleaseFilter { list: String::new(), start_epoch: 0, end_epoch: u64::MAX, page: 0, page_size: 100 };
    let facts = audit(&followed.index, &Default::default(), None, 100).await?.entries.len();
    Ok((followed.store.head().await?, history(&followed.index, &all).await?, facts))
}

#[tokio::test]
async fn o40_a_block_is_written_only_where_the_index_ends_with_the_one_before() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut life = Life::new(5);
    life.blocks(30);
    let mut followed = Followed::begin(life, IndexPlace::File(folder.path().join("x.sqlite"))).await?;
    let older = followed.head;
    followed.life.blocks(20);
    followed.catch_up().await?;
    // An older copy of itself takes its place between two blocks.
    let sql = "UPDATE meta SET value=$1 WHERE name='head'";
    let head = serde_json::to_string(&older)?;
    sqlx::query(sql).bind(head).execute(&followed.store.writer()).await?;
    followed.life.block();
    let refused = followed.catch_up().await.err().context("a block was written behind a gap")?.to_string();
    let heights = [older.at.height, followed.head.at.height];
    ensure!(heights.iter().all(|height| refused.contains(&format!("block {height}"))), "{refused}");
    ensure!(followed.store.written().await? == older, "nothing of it stays");
    Ok(())
}

#[tokio::test]
async fn o40_an_index_that_lacks_blocks_is_made_again_and_says_so() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let place = || IndexPlace::File(folder.path().join("x.sqlite"));
    let mut life = Life::new(5);
    life.blocks(30);
    let followed = Followed::begin(life, place()).await?;
    let whole = dump(&followed).await?;
    sqlx::query("DELETE FROM blocks WHERE height IN (11, 12)").execute(&followed.store.writer()).await?;
    followed.store.close().await;
    let again = Followed::begin(followed.life, place()).await?;
    let said = again.store.mended().context("nobody says what happened")?;
    ensure!(said.contains("lacked block 11") && said.contains(&place().to_string()), "{said}");
    ensure!(dump(&again).await? == whole, "it is another index");
    again.store.close().await;
    ensure!(IndexStore::open(place(), false).await?.mended().is_none(), "nothing is wrong with it any more");
    Ok(())
}
