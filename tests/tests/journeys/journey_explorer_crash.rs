//! The explorer is killed in the midst of indexing, again and again: its rows are those of an index made at one go.

use anyhow::{Context as _, ensure};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use sqlx::{AnyPool, AssertSqlSafe, Row as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;
use tests::ExplorerProcess;
use tests::life::Life;
use tests::stored::store_of;

/// How often it is killed.
const KILLS: u32 = 50;
/// How many blocks the store has: more than are indexed between two kills.
const BLOCKS: u64 = 1_500;

fn explorer(state: &Path, db: &Path, log: &Path) -> anyhow::Result<Child> {
    let mut command = ExplorerProcess::command(log)?;
    command.args(["--listen", "127.0.0.1:0", "--log", "info", "--state"]).arg(state).arg("--db").arg(db);
    command.stdout(Stdio::null()).spawn().context("cannot run the-block-explorer")
}

/// Every row of every table, in order.
async fn dump(db: &Path) -> anyhow::Result<Vec<String>> {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&format!("sqlite://{}", db.display())).await?;
    let tables =
        sqlx::query("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name").fetch_all(&pool).await?;
    let mut rows = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let columns = sqlx::query("SELECT name FROM pragma_table_info($1)").bind(&table).fetch_all(&pool).await?;
        let columns: Vec<String> = columns.iter().map(|row| format!("quote({})", row.get::<String, _>(0))).collect();
        let sql = format!("SELECT {} FROM {table} ORDER BY 1", columns.join("||'|'||"));
        for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(&pool).await? {
            rows.push(format!("{table}: {}", row.get::<String, _>(0)));
        }
    }
    pool.close().await;
    Ok(rows)
}

async fn height(db: &Path) -> anyhow::Result<u64> {
    let url = format!("sqlite://{}?mode=rwc", db.display());
    let pool = AnyPool::connect(&url).await?;
    let row = sqlx::query("SELECT max(height) FROM blocks").fetch_one(&pool).await;
    pool.close().await;
    let height = row.ok().and_then(|row| row.get::<Option<i64>, _>(0)).unwrap_or(0);
    Ok(u64::try_from(height)?)
}

#[tokio::test]
async fn killed_fifty_times_it_has_the_rows_of_an_index_made_at_one_go() -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir()?;
    let place = |name: &str| -> PathBuf { folder.path().join(name) };
    let mut life = Life::new(11);
    life.blocks(BLOCKS - life.height().0);
    store_of(&life.chain, &place("governance_db"))?;

    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (db, log) = (place("killed.sqlite"), place("log"));
    let (mut midway, mut last) = (0, 0);
    for _ in 0..KILLS {
        let mut process = explorer(&place("governance_db"), &db, &log)?;
        // A moment is the only thing that can be drawn: no event says that a transaction is half done.
        std::thread::sleep(Duration::from_millis(random.gen_range(20..160)));
        process.kill()?;
        process.wait()?;
        if db.exists() {
            let now = height(&db).await?;
            ensure!(now >= last, "after a kill the index was at {now}, and before at {last}");
            midway += u32::from(now > last && now < BLOCKS);
            last = now;
        }
    }
    ensure!(
        midway >= 5,
        "it was killed only {midway} times in the midst of indexing; {last} of {BLOCKS} blocks are in"
    );
    let arguments = |db: &Path| {
        let (state, db) = (place("governance_db").display().to_string(), db.display().to_string());
        ["--state".to_owned(), state, "--db".into(), db]
    };
    for db in [&db, &place("whole.sqlite")] {
        let arguments = arguments(db);
        let explorer = ExplorerProcess::start(&arguments.each_ref().map(String::as_str), &log)?;
        explorer.reach(BLOCKS).await?;
        explorer.stop()?;
    }
    let (killed, whole) = (dump(&db).await?, dump(&place("whole.sqlite")).await?);
    let differs = killed.iter().zip(&whole).find(|(killed, whole)| killed != whole);
    ensure!(killed.len() == whole.len() && differs.is_none(), "{} and {} rows; {differs:?}", killed.len(), whole.len());
    ensure!(whole.len() as u64 > BLOCKS, "there is too little to compare");

    // Made anew, it is the same again.
    let mut anew = arguments(&db).to_vec();
    anew.push("--rebuild".into());
    let anew: Vec<&str> = anew.iter().map(String::as_str).collect();
    let explorer = ExplorerProcess::start(&anew, &log)?;
    explorer.reach(BLOCKS).await?;
    explorer.stop()?;
    ensure!(dump(&db).await? == whole, "a rebuilt index has other rows");
    Ok(())
}
