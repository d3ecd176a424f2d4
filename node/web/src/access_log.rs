//! `web/access.log`: who was denied what. A denied read is no fact, because strangers must not write to the chain by being refused; so
//! the node keeps it, as lines of JSON of which each has the BLAKE3 of the one before (ROLLOUTS 9).
//!
//! It is bounded: at most [`MOST_A_SECOND`] lines a second, the rest counted in one; files of [`MOST_BYTES`], of which [`MOST_FILES`] are
//! kept. No line has a token, or a value of the context. How its lines hang together: [`host::access_log`].

use host::access_log::{FILE_NAME, LONGEST_LINE, NOTHING_BEFORE, full_file, line_hash};
use primitives::{AccountId, Name, Path as Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// How many refusals of one second are written; the others are counted.
pub const MOST_A_SECOND: u64 = 100;
/// How many bytes a file has before the next is begun.
pub const MOST_BYTES: u64 = 16 << 20;
/// How many files are kept, the one that is written among them.
pub const MOST_FILES: u32 = 8;
/// How many refusals wait to be written.
const MOST_WAITING: usize = 1_024;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLine {
    /// The BLAKE3 of the line before, without its end; zeros of the first.
    pub prev: String,
    /// What it says.
    #[serde(flatten)]
    pub entry: AccessEntry,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AccessEntry {
    /// Somebody was denied something.
    Denied(Box<DeniedAccess>),
    /// So many more were denied since the line before.
    Uncounted {
        /// When, in milliseconds since 1970, by this machine's clock.
        at: Timestamp,
        /// How many.
        more_denied: u64,
    },
}

/// Somebody was denied something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeniedAccess {
    /// When, in milliseconds since 1970, by this machine's clock.
    pub at: Timestamp,
    /// From where; of IPv6, the network of one subscriber.
    pub address: IpAddr,
    /// The status of the answer.
    pub status: u16,
    /// Why: `token`, `tenant`, `audience` or `rate`, as in `flags_denied_total`.
    pub reason: String,
    /// The plan, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Name>,
    /// Whose token it was, where one was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<AccountId>,
    /// The scope of that token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The flag that was asked, where it was one; OpenTelemetry's name.
    #[serde(rename = "feature_flag.key", default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

/// The log, as those who answer have it: writing never waits.
#[derive(Debug, Clone)]
pub struct AccessLog {
    lines: Option<SyncSender<DeniedAccess>>,
    lost: Arc<AtomicU64>,
}

impl AccessLog {
    /// Opens the log in a folder, on a thread of its own that ends with the last of those who have it.
    ///
    /// # Errors
    /// When the folder or the file cannot be made, or not be read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let file = LogFile::open(folder.join(FILE_NAME), MOST_BYTES)?;
        let (lines, waiting) = sync_channel(MOST_WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = lost.clone();
        thread::Builder::new().name("access log".into()).spawn(move || write_all(file, &waiting, &counted))?;
        Ok(Self { lines: Some(lines), lost })
    }

    /// One that keeps nothing, for tests and benches.
    pub fn none() -> Self {
        Self { lines: None, lost: Arc::default() }
    }

    /// Writes that somebody was denied something, or counts it where too many wait.
    pub fn denied(&self, denied: DeniedAccess) {
        let full = self.lines.as_ref().is_some_and(|lines| lines.try_send(denied).is_err());
        if full {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes lines until nobody sends any more.
fn write_all(mut file: LogFile, waiting: &Receiver<DeniedAccess>, lost: &AtomicU64) {
    let mut second = Second::default();
    let mut warned = false;
    while let Ok(denied) = waiting.recv() {
        let at = denied.at;
        let (over, is_written) = second.count(at, lost.swap(0, Ordering::Relaxed));
        let counted = over.map(|more_denied| AccessEntry::Uncounted { at, more_denied });
        let written = is_written.then(|| AccessEntry::Denied(Box::new(denied)));
        for entry in counted.into_iter().chain(written) {
            if let Err(error) = file.append(entry)
                && !warned
            {
                // Answers do not hang on it; once is enough to know.
                tracing::error!(%error, "the access log cannot be written");
                warned = true;
            }
        }
    }
    let left = second.over + lost.load(Ordering::Relaxed);
    if left > 0 {
        let last = AccessEntry::Uncounted { at: Timestamp(second.number * 1_000), more_denied: left };
        if let Err(error) = file.append(last) {
            tracing::error!(%error, "the access log lacks its last line");
        }
    }
}

/// What was denied in one second.
#[derive(Debug, Default)]
struct Second {
    number: u64,
    written: u64,
    over: u64,
}

impl Second {
    /// How many were not written before this one, where that is to be said now; and whether this one is written.
    fn count(&mut self, at: Timestamp, lost: u64) -> (Option<u64>, bool) {
        self.over += lost;
        let number = at.0 / 1_000;
        let mut said = None;
        if number != self.number {
            said = Some(self.over).filter(|over| *over > 0);
            *self = Self { number, written: 0, over: 0 };
        }
        let is_written = self.written < MOST_A_SECOND;
        if is_written {
            self.written += 1
        } else {
            self.over += 1
        }
        (said, is_written)
    }
}

/// The file that is written.
#[derive(Debug)]
struct LogFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    most_bytes: u64,
    /// The BLAKE3 of the last line.
    last: String,
}

impl LogFile {
    fn open(path: PathBuf, most_bytes: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&path)?;
        let mut bytes = file.metadata()?.len();
        let mut last = last_line(&mut file, bytes)?;
        if last.as_ref().is_some_and(|(_, is_ended)| !is_ended) {
            // A crash cut it off; as it stands, it is a line of its own.
            file.write_all(b"\n")?;
            bytes += 1;
        }
        if last.is_none() {
            // A file that was begun anew goes on where the one before ended.
            let before = full_file(&path, 1);
            if let Ok(mut before) = File::open(before) {
                let length = before.metadata()?.len();
                last = last_line(&mut before, length)?;
            }
        }
        let last = last.map_or_else(|| NOTHING_BEFORE.to_owned(), |(line, _)| line_hash(&line));
        Ok(Self { path, file, bytes, most_bytes, last })
    }

    fn append(&mut self, entry: AccessEntry) -> io::Result<()> {
        let line = serde_json::to_vec(&AccessLine { prev: self.last.clone(), entry })?;
        let hash = line_hash(&line);
        let mut ended = line;
        ended.push(b'\n');
        let length = ended.len() as u64;
        if self.bytes > 0 && self.bytes + length > self.most_bytes {
            self.rotate()?;
        }
        if let Err(error) = self.file.write_all(&ended) {
            // What came of the line goes again, or the next one would stand on it when there is room once more.
            let _ = self.file.set_len(self.bytes);
            return Err(error);
        }
        self.bytes += length;
        self.last = hash;
        Ok(())
    }

    /// Begins another file; the oldest goes.
    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..MOST_FILES).rev() {
            let from = if number == 1 { self.path.clone() } else { full_file(&self.path, number - 1) };
            match std::fs::rename(from, full_file(&self.path, number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.file = OpenOptions::new().create(true).read(true).append(true).open(&self.path)?;
        self.bytes = 0;
        Ok(())
    }
}

/// The last line of a file, without its end, and whether it has one; none of an empty file.
fn last_line(file: &mut File, length: u64) -> io::Result<Option<(Vec<u8>, bool)>> {
    let from = length.saturating_sub(LONGEST_LINE);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let is_ended = tail.last() == Some(&b'\n');
    let whole = tail.strip_suffix(b"\n").unwrap_or(&tail);
    let line = whole.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok((!tail.is_empty()).then(|| (line.to_vec(), is_ended)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::access_log::AccessChain;

    fn denied(at_ms: u64) -> DeniedAccess {
        DeniedAccess {
            at: Timestamp(at_ms),
            address: [203, 0, 113, 9].into(),
            status: 403,
            reason: "tenant".into(),
            plan: Name::new("pos"),
            issuer: Some(AccountId([1; 32])),
            scope: Some("PROD/t1".parse().unwrap()),
            flag: Some("risk_mode".into()),
        }
    }

    fn entry(at_ms: u64) -> AccessEntry {
        AccessEntry::Denied(Box::new(denied(at_ms)))
    }

    fn read(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    /// How many lines there are, each behind the one before; or the number of the first that is not, counted from 1.
    fn verify(text: &str, before: Option<&str>) -> Result<usize, usize> {
        let mut chain = AccessChain::behind(before.unwrap_or(NOTHING_BEFORE));
        let wrong = text.lines().position(|line| !chain.take(line.as_bytes()));
        wrong.map_or(Ok(text.lines().count()), |place| Err(place + 1))
    }

    #[test]
    fn each_line_has_the_hash_of_the_one_before_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        for start in 0..3 {
            let mut file = LogFile::open(path.clone(), MOST_BYTES).unwrap();
            (0..3).for_each(|number| file.append(entry(start * 10 + number)).unwrap());
        }
        let text = read(&path);
        assert_eq!(verify(&text, None), Ok(9));
        assert!(text.lines().next().unwrap().contains(NOTHING_BEFORE));
        assert!(text.contains("\"feature_flag.key\":\"risk_mode\""), "{text}");
        let forged = text.replacen("203.0.113.9", "203.0.113.8", 1);
        assert_eq!(verify(&forged, None), Err(2));
        let cut: String =
            text.lines().enumerate().filter(|(at, _)| *at != 4).map(|(_, line)| format!("{line}\n")).collect();
        assert_eq!(verify(&cut, None), Err(5));
    }

    #[test]
    fn a_line_that_a_crash_cut_off_stays_and_the_chain_goes_on_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        LogFile::open(path.clone(), MOST_BYTES).unwrap().append(entry(1)).unwrap();
        let whole = read(&path);
        std::fs::write(&path, format!("{whole}{{\"prev\":\"12")).unwrap();
        LogFile::open(path.clone(), MOST_BYTES).unwrap().append(entry(2)).unwrap();
        assert_eq!(verify(&read(&path), None), Ok(3));
    }

    #[test]
    fn files_are_bounded_and_so_is_their_number_and_the_chain_goes_through_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        let mut file = LogFile::open(path.clone(), 1_000).unwrap();
        (0..100).for_each(|number| file.append(entry(number)).unwrap());
        drop(file);
        let kept = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(kept, MOST_FILES as usize);
        let before = read(&full_file(&path, 1));
        let last = line_hash(before.lines().next_back().unwrap().as_bytes());
        assert!(before.len() <= 1_000 && verify(&read(&path), Some(&last)).is_ok());
        std::fs::write(&path, "").unwrap();
        LogFile::open(path.clone(), 1_000).unwrap().append(entry(1)).unwrap();
        assert!(verify(&read(&path), Some(&last)).is_ok(), "an empty file goes on where the one before ended");
    }

    #[test]
    fn a04_of_a_second_so_many_are_written_and_the_others_counted_once() {
        let mut second = Second::default();
        let counted: Vec<_> = (0..150).map(|_| second.count(Timestamp(5_000), 0)).collect();
        assert_eq!(counted.iter().filter(|(_, is_written)| *is_written).count() as u64, MOST_A_SECOND);
        assert!(counted.iter().all(|(said, _)| said.is_none()));
        assert_eq!(second.count(Timestamp(6_000), 7), (Some(57), true), "with those that nobody had room for");
        assert_eq!(second.count(Timestamp(7_000), 0), (None, true));
    }

    #[test]
    fn whoever_has_the_log_never_waits_and_the_thread_ends_with_the_last_line_written() {
        let folder = tempfile::tempdir().unwrap();
        let log = AccessLog::open(folder.path()).unwrap();
        for number in 0..300 {
            log.denied(denied(1_000 + number));
        }
        drop(log);
        let path = folder.path().join("access.log");
        let total = || -> u64 {
            let text = read(&path);
            let lines = text.lines().filter_map(|line| serde_json::from_str::<AccessLine>(line).ok());
            lines
                .map(|line| if let AccessEntry::Uncounted { more_denied, .. } = line.entry { more_denied } else { 1 })
                .sum()
        };
        while total() < 300 {
            thread::yield_now();
        }
        assert_eq!((total(), verify(&read(&path), None)), (300, Ok(MOST_A_SECOND as usize + 1)));
    }
}
