//! The database: SQLite in a file, or PostgreSQL, by the same SQL.
//!
//! One connection writes; others read what is committed, and never wait for it.

use super::IndexPlace;
use super::column::parsed;
use super::question::QueryError;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Executor as _, Row as _};
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

/// The tables that belong to no topic.
pub const TABLES: &str = include_str!("tables.sql");
/// Grows with each change of the schema, or of what is written into it.
const VERSION: u64 = 8;
/// How many questions are answered at once: more threads than that wait for the same disk and cores.
const READERS: u32 = 4;
/// What SQLite maps into memory at most, in bytes; pages that are mapped are read without a copy.
const MAPPED: u64 = 1 << 40;

/// Why there is no database to keep an index in.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database cannot be used.
    #[error("the index at {place} cannot be opened: {error}; check the path, or that the database server runs")]
    Open {
        /// The file, or the URL without its password.
        place: String,
        /// Why.
        error: sqlx::Error,
    },
    /// A later version of this program wrote it.
    #[error(
        "the index at {place} was written by a later version (schema {found}, this one writes {VERSION}); run that \
         version, or make the index anew with --rebuild"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// The schema found.
        found: u64,
    },
    /// It cannot be prepared.
    #[error("the index cannot be written: {0}; check the disk, or the database server")]
    Refused(#[from] sqlx::Error),
    /// It cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
}

/// An open database with the tables of an index. Clones are the same database.
#[derive(Debug, Clone)]
pub struct Database {
    readers: AnyPool,
    writer: AnyPool,
    place: IndexPlace,
}

impl Database {
    /// Opens it, and makes the tables of `schema` when they are not there. One that an older version wrote, or that is to be
    /// rebuilt, is emptied.
    ///
    /// # Errors
    /// A database that cannot be used, or that a later version wrote.
    pub async fn open(place: IndexPlace, schema: &str, rebuild: bool) -> Result<Self, DatabaseError> {
        sqlx::any::install_default_drivers();
        let failed = |error| DatabaseError::Open { place: place.to_string(), error };
        if let IndexPlace::File(path) = &place {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            folder.map(std::fs::create_dir_all).transpose().map_err(|error| failed(error.into()))?;
        }
        let writer = pool(&place, 1, false).await.map_err(failed)?;
        prepare(&writer, &place, schema, rebuild).await?;
        let readers = pool(&place, READERS, true).await.map_err(failed)?;
        Ok(Self { readers, writer, place })
    }

    /// Where it is.
    pub fn place(&self) -> &IndexPlace {
        &self.place
    }

    /// The connections that read.
    pub fn readers(&self) -> &AnyPool {
        &self.readers
    }

    /// The connection that writes.
    pub fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// Waits until every question is answered, and closes the database.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn pool(place: &IndexPlace, most: u32, only_reads: bool) -> sqlx::Result<AnyPool> {
    let (url, file) = match place {
        IndexPlace::File(path) => (file_url(path), true),
        IndexPlace::Server(url) => (url.clone(), false),
    };
    let options = AnyConnectOptions::from_str(&url)?;
    AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(10))
        // A connection that broke is found when it is used; asking before each use would cost as much as the question.
        .test_before_acquire(!file)
        .after_connect(move |connection, _| Box::pin(async move { set_up(connection, file, only_reads).await }))
        .connect_with(options)
        .await
}

async fn set_up(connection: &mut AnyConnection, file: bool, only_reads: bool) -> sqlx::Result<()> {
    if !file {
        let access = if only_reads { "READ ONLY" } else { "READ WRITE" };
        let sql = format!("SET SESSION CHARACTERISTICS AS TRANSACTION {access}");
        connection.execute(AssertSqlSafe(sql)).await?;
        return Ok(());
    }
    // Written ahead, a transaction is whole after a crash, and readers do not wait; after a power cut the last blocks may
    // be missing, and are read from the node again.
    let settings = format!(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=10000; PRAGMA temp_store=MEMORY; \
         PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=16384; \
         PRAGMA mmap_size={MAPPED}; PRAGMA query_only={};",
        i32::from(only_reads)
    );
    connection.execute(AssertSqlSafe(settings)).await?;
    Ok(())
}

/// Any path as a URL: bytes that mean something there are escaped.
fn file_url(path: &Path) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let escaped: String = path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("sqlite://{escaped}?mode=rwc")
}

/// Sees to it that the tables are those of this version.
async fn prepare(writer: &AnyPool, place: &IndexPlace, schema: &str, rebuild: bool) -> Result<(), DatabaseError> {
    let found = version(writer, place).await?;
    match found {
        Some(VERSION) if !rebuild => return Ok(()),
        Some(found) if found > VERSION && !rebuild => {
            return Err(DatabaseError::Newer { place: place.to_string(), found });
        }
        Some(found) if !rebuild => {
            tracing::info!(found, now = VERSION, "the index was written by an older version, and is made anew");
        }
        _ => {}
    }
    let mut connection = writer.acquire().await?;
    let mut transaction = connection.begin().await?;
    if found.is_some() {
        // Only what is an index already: the tables of another program that have such names stay.
        for table in table_names(schema).chain(FORMER) {
            transaction.execute(AssertSqlSafe(format!("DROP TABLE IF EXISTS {table}"))).await?;
        }
    }
    for statement in statements(place, schema) {
        transaction.execute(AssertSqlSafe(statement)).await?;
    }
    let insert = sqlx::query("INSERT INTO meta (name, value) VALUES ('schema', $1)").bind(VERSION.to_string());
    insert.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

async fn version(writer: &AnyPool, place: &IndexPlace) -> Result<Option<u64>, DatabaseError> {
    let sql = match place {
        IndexPlace::File(_) => "SELECT count(*) FROM sqlite_master WHERE type='table' AND name='meta'",
        IndexPlace::Server(_) => {
            "SELECT count(*) FROM information_schema.tables WHERE table_name='meta' \
                             AND table_schema = ANY (current_schemas(false))"
        }
    };
    if sqlx::query(sql).fetch_one(writer).await?.get::<i64, _>(0) == 0 {
        return Ok(None);
    }
    let row = sqlx::query("SELECT value FROM meta WHERE name='schema'").fetch_optional(writer).await?;
    Ok(row.map(|row| parsed("the schema", row.get(0))).transpose().map_err(QueryError::from)?)
}

/// Tables of older versions that this one does not have.
const FORMER: [&str; 1] = ["milestones"];

fn table_names(schema: &str) -> impl Iterator<Item = &str> {
    schema.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" ("))
}

/// The statements of the schema, in the words of the database.
fn statements(place: &IndexPlace, schema: &str) -> Vec<String> {
    let code: String =
        schema.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    let worded = match place {
        IndexPlace::File(_) => code,
        // SQLite's INTEGER has 64 bits, PostgreSQL's has 32; PostgreSQL keeps no rows in the order of their key, and sorts
        // hex digits by the rules of a language unless it is told not to.
        IndexPlace::Server(_) => {
            let columns = code.replace("INTEGER", "BIGINT").replace(" TEXT", " TEXT COLLATE \"C\"");
            columns.replace(" WITHOUT ROWID", "")
        }
    };
    worded.split(';').map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_dropped_that_is_made() {
        let made = statements(&IndexPlace::File("x".into()), TABLES);
        let made = made.iter().filter(|statement| statement.starts_with("CREATE TABLE")).count();
        assert_eq!(table_names(TABLES).count(), made);
        assert!(table_names(TABLES).any(|name| name == "meta"));
    }

    #[test]
    fn a_server_gets_its_own_words() {
        let server = statements(&IndexPlace::Server("postgres://x/y".into()), TABLES).join(";");
        assert!(server.contains("BIGINT") && server.contains("COLLATE"), "{server}");
        assert!(!server.contains("INTEGER") && !server.contains("ROWID") && !server.contains("--"), "{server}");
    }

    #[test]
    fn paths_may_hold_anything() {
        assert_eq!(file_url(Path::new("/a b/ü?.sqlite")), "sqlite:///a%20b/%C3%BC%3F.sqlite?mode=rwc");
    }
}
