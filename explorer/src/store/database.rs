//! The database: SQLite in a file, or PostgreSQL, by the same SQL.
//!
//! One connection writes; others read what is committed, and never wait for it.

use super::IndexPlace;
use super::column::{json, parsed};
use super::connections::DatabaseConnections;
use super::question::{QueryError, Readers};
use super::table::sql;
use super::tenure::{self, BEAT, Other, Watch, Writer};
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Executor as _, Row as _, Transaction};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The tables that belong to no topic.
pub const TABLES: &str = include_str!("tables.sql");
/// Grows with each change of the schema, or of what is written into it.
const VERSION: u64 = 18;
/// How long a database is waited for by who stops.
const PARTING: Duration = Duration::from_secs(2);

/// Why there is no database to keep an index in.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database cannot be used.
    #[error("{}", sentence(.place, .error))]
    Open {
        /// The file, or the URL without its password.
        place: String,
        /// Why.
        error: sqlx::Error,
    },
    /// Another process writes it.
    #[error(transparent)]
    Taken(#[from] Taken),
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
    /// It cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
}

/// Another process writes this index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("another explorer writes the index at {place} ({who}); stop it, or give this one an index of its own")]
pub struct Taken {
    /// Where the index is.
    pub place: String,
    /// The process that writes it.
    pub who: String,
}

/// What a database said, with its name and what to do. A connection that could not do its work is not used again.
pub fn sentence(place: &str, error: &sqlx::Error) -> String {
    let said = error.as_database_error();
    let code = said.and_then(|said| said.code());
    let (state, remedy) = meaning(code.as_deref(), said.map_or("", |said| said.message()));
    format!("the index at {place} {state}: {error}; {remedy}")
}

/// What a code of a server means, and what to do.
fn meaning(code: Option<&str>, message: &str) -> (&'static str, &'static str) {
    match code {
        // A standby cannot be told to write, either; but that code is of everything that cannot be done.
        Some(code) if code == "25006" || (code == "0A000" && message.contains("recovery")) => (
            "is on a server that takes no writes, such as a standby",
            "lead its name to the primary; it is connected to anew",
        ),
        Some("57P01" | "57P02" | "57P03") => {
            ("is on a server that starts, stops or recovers", "nothing, if that ends; it is connected to anew")
        }
        _ => ("does not do what it is asked", "check its path and disk, or that the database server runs"),
    }
}

/// An open database with the tables of an index. Clones are the same database.
#[derive(Debug, Clone)]
pub struct Database {
    readers: Readers,
    writer: DatabaseConnections,
    place: IndexPlace,
    /// By which name this one writes.
    name: Arc<str>,
    beats: Arc<AtomicU64>,
}

impl Database {
    /// Opens it, and makes the tables of `schema` when they are not there. One that an older version wrote, or that is to be
    /// rebuilt, is emptied. Waits for some seconds where it is not known whether another process writes it.
    ///
    /// # Errors
    /// A database that cannot be used, that another process writes, or that a later version wrote.
    pub async fn open(place: IndexPlace, schema: &str, rebuild: bool) -> Result<Self, DatabaseError> {
        let failed = |error| DatabaseError::Open { place: place.to_string(), error };
        if let IndexPlace::File(path) = &place {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            folder.map(std::fs::create_dir_all).transpose().map_err(|error| failed(error.into()))?;
        }
        let writer = DatabaseConnections::writing(&place).await.map_err(failed)?;
        let readers = Readers::open(&place).await.map_err(failed)?;
        let name = json(&Writer::this()).into();
        let database = Self { readers, writer, place, name, beats: Arc::default() };
        let mut watch = Watch::default();
        while !database.prepare(schema, rebuild, &mut watch).await? {
            tokio::time::sleep(BEAT).await;
        }
        Ok(database)
    }

    /// Where it is.
    pub fn place(&self) -> &IndexPlace {
        &self.place
    }

    /// The connections that read.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// The connection that writes.
    pub fn writer(&self) -> AnyPool {
        self.writer.pool()
    }

    /// A transaction that writes: it says so itself, whatever the session was set to by whoever had it before.
    ///
    /// # Errors
    /// The database does not answer, or takes no writes.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Any>> {
        let statement = match self.place {
            IndexPlace::File(_) => "BEGIN IMMEDIATE",
            IndexPlace::Server(_) => "BEGIN READ WRITE",
        };
        self.writer.pool().begin_with(statement).await
    }

    /// What is done by the connection that writes, unless a server says nothing for too long.
    ///
    /// # Errors
    /// Those of the work, and that nothing came.
    pub async fn timely<T, E: From<sqlx::Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        self.writer.timely(work).await
    }

    /// Has every connection made anew before it is used again: what a name stands for may have moved.
    pub fn renew(&self) {
        self.writer.renew();
        self.readers.renew();
    }

    /// Says that this process writes the index; gives who else it names, if it does. Whose place is known to be free is taken.
    ///
    /// # Errors
    /// The database does not answer, or takes no writes.
    pub async fn beat(&self, watch: &mut Watch) -> sqlx::Result<Result<(), Taken>> {
        let beaten = async {
            let mut transaction = self.begin().await?;
            let number = self.beats.fetch_add(1, Ordering::Relaxed);
            let mut outcome = Ok(());
            if tenure::beat(&mut transaction, &self.name, number).await? {
                *watch = Watch::default();
            } else {
                outcome = self.replace(&mut transaction, watch).await?.map(drop);
            }
            transaction.commit().await?;
            Ok(outcome)
        };
        self.timely(beaten).await
    }

    /// Takes the place of a writer that is gone; gives whether it did, unless another one writes.
    async fn replace(&self, connection: &mut AnyConnection, watch: &mut Watch) -> sqlx::Result<Result<bool, Taken>> {
        let holder = tenure::holder(connection).await?;
        match holder.as_ref().map_or(Other::Gone, |holder| watch.judge(holder, Instant::now())) {
            Other::Gone => tenure::take(connection, &self.name).await?,
            Other::Unknown => return Ok(Ok(false)),
            Other::Writes => {
                let who = holder.map(|holder| holder.who()).unwrap_or_default();
                return Ok(Err(Taken { place: self.place.to_string(), who }));
            }
        }
        Ok(Ok(true))
    }

    /// Waits until every question is answered, and closes the database. Another process may write it then. A database that is gone is
    /// not waited for.
    pub async fn close(&self) {
        let left = tokio::time::timeout(PARTING, self.leave()).await;
        if let Err(error) = left.unwrap_or_else(|_| Err("the database does not answer".into())) {
            tracing::debug!(error, "the index still names this process as its writer");
        }
        let (readers, writer) = (self.readers.pool(), self.writer.pool());
        if tokio::time::timeout(PARTING, async { tokio::join!(readers.close(), writer.close()) }).await.is_err() {
            tracing::debug!("the database still has questions to answer");
        }
    }

    async fn leave(&self) -> Result<(), String> {
        let left = async {
            let mut transaction = self.begin().await?;
            tenure::leave(&mut transaction, &self.name).await?;
            transaction.commit().await
        };
        left.await.map_err(|error| sentence(&self.place.to_string(), &error))
    }

    /// Sees to it that the tables are those of this version, and that this process writes them; gives whether that is so by now.
    async fn prepare(&self, schema: &str, rebuild: bool, watch: &mut Watch) -> Result<bool, DatabaseError> {
        let failed = |error| DatabaseError::Open { place: self.place.to_string(), error };
        let mut transaction = self.begin().await.map_err(failed)?;
        let found = version(&mut transaction, &self.place).await?;
        if let Some(found) = found.filter(|found| *found > VERSION && !rebuild) {
            return Err(DatabaseError::Newer { place: self.place.to_string(), found });
        }
        if found.is_some() && !self.replace(&mut transaction, watch).await.map_err(failed)?? {
            return Ok(false);
        }
        if found != Some(VERSION) || rebuild {
            if let Some(found) = found.filter(|_| !rebuild) {
                tracing::info!(found, now = VERSION, "the index was written by an older version, and is made anew");
            }
            make(&mut transaction, &self.place, schema, found.is_some()).await.map_err(failed)?;
            tenure::take(&mut transaction, &self.name).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)?;
        Ok(true)
    }
}

/// Makes the tables, in place of those that are there.
async fn make(connection: &mut AnyConnection, place: &IndexPlace, schema: &str, is_index: bool) -> sqlx::Result<()> {
    if is_index {
        // Only what is an index already: the tables of another program that have such names stay.
        for table in table_names(schema).chain(FORMER) {
            connection.execute(AssertSqlSafe(format!("DROP TABLE IF EXISTS {table}"))).await?;
        }
    }
    for statement in statements(place, schema) {
        connection.execute(AssertSqlSafe(statement)).await?;
    }
    let insert = sql(connection, "INSERT INTO meta (name, value) VALUES ('schema', $1)").bind(VERSION.to_string());
    insert.execute(&mut *connection).await.map(drop)
}

async fn version(connection: &mut AnyConnection, place: &IndexPlace) -> Result<Option<u64>, QueryError> {
    let tables = match place {
        IndexPlace::File(_) => "SELECT count(*) FROM sqlite_master WHERE type='table' AND name='meta'",
        IndexPlace::Server(_) => {
            "SELECT count(*) FROM information_schema.tables WHERE table_name='meta' \
                             AND table_schema = ANY (current_schemas(false))"
        }
    };
    if sql(connection, tables).fetch_one(&mut *connection).await?.get::<i64, _>(0) == 0 {
        return Ok(None);
    }
    let written =
        sql(connection, "SELECT value FROM meta WHERE name='schema'").fetch_optional(&mut *connection).await?;
    Ok(written.map(|row| parsed("the schema", row.get(0))).transpose()?)
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
    fn o28_a_standby_is_known_by_what_it_cannot_do() {
        let standby = meaning(Some("25006"), "cannot execute INSERT in a read-only transaction");
        assert!(standby.0.contains("standby"));
        assert_eq!(meaning(Some("0A000"), "cannot set transaction read-write mode during recovery"), standby);
        assert_ne!(meaning(Some("0A000"), "cached plan must not change result type"), standby);
        assert_eq!(meaning(Some("0A000"), "cached plan must not change result type"), meaning(None, ""));
    }
}
