//! Who writes the index? One process at a time: it leaves its name in the index, and a beat every now and then. Who is silent for a
//! while is gone, unless it is seen to run here; who ended here is gone at once.
//!
//! Nothing is kept in a session of the database, so a pooler may stand between. What a writer writes does not hang on this: each block
//! is written only where the one before it ends (`IndexStore::write`). This is so that two are told, instead of being in each other's way.

use super::table::sql;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, Row as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a writer says that it is there.
pub const BEAT: Duration = Duration::from_secs(1);
/// Who says nothing for so long is gone, unless it is seen to run.
const SILENT: Duration = Duration::from_secs(5);

/// The names in `meta`.
const WRITER: &str = "writer";
const BEATS: &str = "beats";

/// A process that writes, or wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// The name of its machine.
    host: String,
    /// The running system and the space of process numbers, in which `process` is one.
    system: String,
    process: u32,
    /// When it started, so that a number which is used again is another process.
    started: String,
    /// Which of its indexes, because a process may open several.
    opened: u64,
}

impl std::fmt::Display for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} on {}", self.process, self.host)
    }
}

impl Writer {
    /// This process, for an index that it opens.
    pub fn this() -> Self {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        let process = std::process::id();
        Self {
            host: file("/proc/sys/kernel/hostname"),
            system: system(),
            process,
            started: started(process).unwrap_or_default(),
            opened: OPENED.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// What can be seen of it from here.
    fn life(&self) -> Life {
        if self.system.is_empty() || self.started.is_empty() || self.system != system() {
            return Life::Unseen;
        }
        match started(self.process) {
            Some(started) if started == self.started => Life::Runs,
            Some(_) => Life::Ended,
            // The processes of others may be hidden; that there is one is told all the same.
            None if is_there(self.process) => Life::Unseen,
            None => Life::Ended,
        }
    }
}

/// What this process can see of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Runs,
    Ended,
    /// It runs or ran elsewhere, or is hidden.
    Unseen,
}

/// Whether there is a process of this number, whoever's it is.
fn is_there(process: u32) -> bool {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    id.is_some_and(|id| test_kill_process(id) != Err(Errno::SRCH))
}

/// The running system and its space of process numbers; empty where that cannot be said.
fn system() -> String {
    let space = std::fs::read_link("/proc/self/ns/pid").map(|space| space.display().to_string());
    match (file("/proc/sys/kernel/random/boot_id"), space) {
        (boot, Ok(space)) if !boot.is_empty() => format!("{boot} {space}"),
        _ => String::new(),
    }
}

/// When a process started, in ticks of its system; none when none of this number is to be seen, or only what is left of it.
fn started(process: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, which may hold anything, ends with the last bracket; its state follows, and the start is the
    // 22nd field.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    fields.nth(18).filter(|_| !matches!(state, "Z" | "X")).map(str::to_owned)
}

fn file(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The writer that an index names, and its last beat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// As it is written there.
    name: String,
    beat: String,
}

impl Holder {
    /// For a sentence.
    pub fn who(&self) -> String {
        serde_json::from_str(&self.name).map_or_else(|_| self.name.clone(), |writer: Writer| writer.to_string())
    }

    fn life(&self) -> Life {
        serde_json::from_str(&self.name).map_or(Life::Unseen, |writer: Writer| writer.life())
    }
}

/// What is known of another writer by now.
#[derive(Debug, PartialEq, Eq)]
pub enum Other {
    /// It is gone: its place may be taken.
    Gone,
    /// It may be: look again after a [`BEAT`].
    Unknown,
    /// It writes.
    Writes,
}

/// What was seen of another writer.
#[derive(Debug, Default)]
pub struct Watch {
    seen: Option<(Holder, Instant)>,
}

impl Watch {
    /// Looks at what the index names now.
    pub fn judge(&mut self, holder: &Holder, now: Instant) -> Other {
        let life = holder.life();
        if life == Life::Ended {
            return Other::Gone;
        }
        match &self.seen {
            Some((seen, since)) if seen == holder => {
                if now.duration_since(*since) < SILENT {
                    Other::Unknown
                } else if life == Life::Runs {
                    // It is held up. Who came second is the one to be told.
                    Other::Writes
                } else {
                    Other::Gone
                }
            }
            Some(_) => Other::Writes,
            None => {
                self.seen = Some((holder.clone(), now));
                Other::Unknown
            }
        }
    }
}

/// Who an index names; none when nobody writes it.
pub async fn holder(connection: &mut AnyConnection) -> sqlx::Result<Option<Holder>> {
    let question = "SELECT w.value, b.value FROM meta w JOIN meta b ON b.name=$1 WHERE w.name=$2";
    let row = sql(connection, question)
        .bind(BEATS.to_owned())
        .bind(WRITER.to_owned())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Holder { name: row.try_get(0)?, beat: row.try_get(1)? }))
}

/// Takes the place, whoever had it.
pub async fn take(connection: &mut AnyConnection, name: &str) -> sqlx::Result<()> {
    for (key, value) in [(WRITER, name), (BEATS, "0")] {
        let write =
            "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value=excluded.value";
        sql(connection, write).bind(key.to_owned()).bind(value.to_owned()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Says that `name` is still there; gives whether the place is its own.
pub async fn beat(connection: &mut AnyConnection, name: &str, number: u64) -> sqlx::Result<bool> {
    let write = "UPDATE meta SET value=$1 WHERE name=$2 AND EXISTS \
                 (SELECT 1 FROM meta w WHERE w.name=$3 AND w.value=$4)";
    let query = sql(connection, write).bind(number.to_string()).bind(BEATS.to_owned());
    let query = query.bind(WRITER.to_owned()).bind(name.to_owned());
    Ok(query.execute(&mut *connection).await?.rows_affected() == 1)
}

/// Leaves the place, if it is its own.
pub async fn leave(connection: &mut AnyConnection, name: &str) -> sqlx::Result<()> {
    let write = "DELETE FROM meta WHERE name IN ($1, $2) AND EXISTS \
                 (SELECT 1 FROM meta w WHERE w.name=$3 AND w.value=$4)";
    let query = sql(connection, write).bind(BEATS.to_owned()).bind(WRITER.to_owned());
    let query = query.bind(WRITER.to_owned()).bind(name.to_owned());
    query.execute(&mut *connection).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(writer: &Writer, beat: u64) -> Holder {
        Holder { name: serde_json::to_string(writer).unwrap(), beat: beat.to_string() }
    }

    #[test]
    fn o41_who_beats_or_runs_here_writes_who_is_silent_elsewhere_or_ended_is_gone() {
        let (here, now) = (Writer::this(), Instant::now());
        let elsewhere = Writer { system: "another".into(), ..here.clone() };
        let mut watch = Watch::default();
        assert_eq!(watch.judge(&holder(&elsewhere, 1), now), Other::Unknown);
        assert_eq!(watch.judge(&holder(&elsewhere, 1), now + SILENT / 2), Other::Unknown);
        assert_eq!(watch.judge(&holder(&elsewhere, 2), now + SILENT / 2), Other::Writes);
        assert_eq!(watch.judge(&holder(&elsewhere, 1), now + SILENT), Other::Gone);
        // One that waits, or is stopped, runs all the same.
        let mut watch = Watch::default();
        assert_eq!(watch.judge(&holder(&here, 1), now), Other::Unknown);
        assert_eq!(watch.judge(&holder(&here, 1), now + SILENT), Other::Writes);
        // Its number is another process by now.
        let ended = Writer { started: "1".into(), ..here.clone() };
        assert_eq!(Watch::default().judge(&holder(&ended, 1), now), Other::Gone);
        let elsewhere = Writer { system: "another".into(), ..ended };
        assert_eq!(Watch::default().judge(&holder(&elsewhere, 1), now), Other::Unknown);
        assert!(holder(&here, 1).who().contains(&std::process::id().to_string()));
    }

    #[test]
    fn o41_a_process_that_is_hidden_is_there_and_one_that_ended_is_not() {
        // Of process 1 a stranger sees no more than that, where processes are hidden.
        assert!(is_there(std::process::id()) && is_there(1));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = Writer { process: child.id(), ..Writer::this() };
        child.wait().unwrap();
        assert_eq!((is_there(gone.process), gone.life()), (false, Life::Ended));
    }
}
