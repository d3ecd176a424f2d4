//! DatabaseConnections to the database: so many of a kind, and others in their place when they are no good any more.

use super::IndexPlace;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Executor as _};
use std::io;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many questions are answered at once: more threads than that wait for the same disk and cores.
const READERS: u32 = 4;
/// What SQLite is asked to map into memory, in bytes: all that it does map, which is 2 GiB of a file. Pages that are mapped are read without a
/// copy, and a connection that only reads keeps none of them.
const MAPPED: u64 = 1 << 40;
/// How many KiB of pages a connection keeps that only reads: those that one question comes back to. What is mapped needs no place, the system
/// has the rest in memory, and all of them are dropped whenever the index is written, which it is every second by whoever says that it does.
const READER_KEEPS: u32 = 2 << 10;
/// The same of the one that writes: it copies every page that it changes, and comes back to those of its indexes block after block.
const WRITER_KEEPS: u32 = 64 << 10;
/// How long a server may take for a question, or for a transaction. One that dies or is cut off says nothing for ever.
const PATIENCE: Duration = Duration::from_secs(15);

/// DatabaseConnections of one kind. Clones are the same connections.
#[derive(Debug, Clone)]
pub struct DatabaseConnections {
    pool: Arc<Mutex<AnyPool>>,
    /// None for a file: nothing stands between that could swallow an answer.
    patience: Option<Duration>,
}

impl DatabaseConnections {
    /// The one that writes.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn writing(place: &IndexPlace) -> sqlx::Result<Self> {
        Self::open(place, 1, false).await
    }

    /// Those that read.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn reading(place: &IndexPlace) -> sqlx::Result<Self> {
        Self::open(place, READERS, true).await
    }

    async fn open(place: &IndexPlace, most: u32, only_reads: bool) -> sqlx::Result<Self> {
        sqlx::any::install_default_drivers();
        let (url, file) = match place {
            IndexPlace::File(path) => (file_url(path), true),
            IndexPlace::Server(url) => (url.clone(), false),
        };
        let options = AnyPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(Duration::from_secs(10))
            // A connection that broke is found when it is used; asking before each use would cost as much as the question.
            .test_before_acquire(!file)
            .after_connect(move |connection, _| Box::pin(async move { set_up(connection, file, only_reads).await }));
        let pool = options.connect_with(AnyConnectOptions::from_str(&url)?).await?;
        Ok(Self { pool: Arc::new(Mutex::new(pool)), patience: (!file).then_some(PATIENCE) })
    }

    /// Those of now.
    pub fn pool(&self) -> AnyPool {
        self.held().clone()
    }

    /// Has others made for what comes next. What is under way ends, or does not, over those it has.
    pub fn renew(&self) {
        let mut pool = self.held();
        *pool = pool.options().clone().connect_lazy_with((*pool.connect_options()).clone());
    }

    /// What is done over them. A server that does not do it in time is left, and connected to anew.
    ///
    /// # Errors
    /// Those of the work, and that nothing came.
    pub async fn timely<T, E: From<sqlx::Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let Some(patience) = self.patience else { return work.await };
        let Ok(done) = tokio::time::timeout(patience, work).await else {
            // Its connection waits for an answer too, and is not given back.
            self.renew();
            let silence = format!("it was not done within {} s", patience.as_secs());
            return Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, silence)).into());
        };
        done
    }

    fn held(&self) -> MutexGuard<'_, AnyPool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a file's connection is told once. A server's keeps nothing: what a session was told, a pooler may give to others.
async fn set_up(connection: &mut AnyConnection, file: bool, only_reads: bool) -> sqlx::Result<()> {
    if !file {
        return Ok(());
    }
    let kept = if only_reads { READER_KEEPS } else { WRITER_KEEPS };
    // Written ahead, a transaction is whole after a crash, and readers do not wait; after a power cut the last blocks may
    // be missing, and are read from the node again.
    let settings = format!(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=10000; PRAGMA temp_store=MEMORY; \
         PRAGMA cache_size=-{kept}; PRAGMA wal_autocheckpoint=16384; \
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

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Row as _;

    #[tokio::test]
    async fn o28_what_waits_for_a_silent_server_keeps_nobody_else_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = DatabaseConnections::writing(&IndexPlace::File(folder.path().join("x.sqlite"))).await.unwrap();
        writer.patience = Some(Duration::from_millis(20));
        let other = writer.clone();
        let only = writer.pool().acquire().await.unwrap();
        let silent: sqlx::Result<()> = writer.timely(std::future::pending()).await;
        assert!(matches!(silent, Err(sqlx::Error::Io(_))), "{silent:?}");
        other.pool().acquire().await.unwrap();
        drop(only);
        let done: sqlx::Result<u8> = writer.timely(async { Ok(1) }).await;
        assert_eq!(done.unwrap(), 1);
    }

    /// How many KiB of pages a connection keeps.
    async fn kept(connections: &DatabaseConnections) -> i64 {
        let pages: i64 = sqlx::query("PRAGMA cache_size").fetch_one(&connections.pool()).await.unwrap().get(0);
        // SQLite has kibibytes as a negative number.
        -pages
    }

    #[tokio::test]
    async fn all_who_read_keep_less_than_the_one_who_writes() {
        let folder = tempfile::tempdir().unwrap();
        let place = IndexPlace::File(folder.path().join("x.sqlite"));
        let writer = DatabaseConnections::writing(&place).await.unwrap();
        let readers = DatabaseConnections::reading(&place).await.unwrap();
        let (reader, writer) = (kept(&readers).await, kept(&writer).await);
        assert!((1..writer / 4).contains(&(i64::from(READERS) * reader)), "{READERS} times {reader}, and {writer}");
    }

    #[test]
    fn paths_may_hold_anything() {
        assert_eq!(file_url(Path::new("/a b/ü?.sqlite")), "sqlite:///a%20b/%C3%BC%3F.sqlite?mode=rwc");
    }
}
