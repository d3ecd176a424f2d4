//! One source at a time, where nobody has the hash tree: the file is judged when it is there as a whole.

use super::claims::{Claims, excess};
use super::turns::{Turn, Turns};
use super::{DownloadedRelease, Fetch, Trouble, part_path, put_in_place, remove, require_space, room};
use crate::error::{UpdateError, is_full};
use crate::fault::Fault;
use crate::ledger::SourceLedger;
use crate::pace::{Deadline, Pace, Paced, within};
use crate::partial::open_file;
use crate::progress::{FetchProgress, Tell};
use crate::release_file;
use crate::source::Part;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

/// Breaks after which a source is given up.
const BREAKS: u32 = 5;
/// Bytes between two reports of progress.
const STRIDE: u64 = 1 << 20;

/// Fetches from the first source whose bytes are the release. What a broken transfer left is gone on with, and thrown away
/// as soon as it turns out to be something else.
///
/// # Errors
/// When no source has the release in time, or the disk refuses.
pub(super) async fn fetch(
    fetch: &Fetch,
    claims: &Claims,
    ledger: &SourceLedger,
    tell: &Tell,
    deadline: Deadline,
) -> Result<DownloadedRelease, UpdateError> {
    let part = part_path(&fetch.destination);
    let file = open_file(&part).map_err(UpdateError::disk("write", &part))?;
    let growing = GrowingFile { fetch, part, file, tell };
    let outcome = match deadline.hold(growing.in_turn(claims, ledger)).await {
        Ok(outcome) => outcome,
        Err(late) => {
            ledger.blame_rest(claims.each().map(|(source, _)| source), &late);
            growing.empty().map(|()| None)
        }
    };
    match outcome {
        Ok(Some(downloaded)) => {
            claims.settle(downloaded.release.size, ledger);
            Ok(downloaded)
        }
        Ok(None) => {
            if growing.length()? == 0 {
                remove(&growing.part);
            }
            // What is kept is not verified, so it is not counted.
            Err(UpdateError::SourcesFailed { hash: fetch.hash, faults: ledger.faults(), kept: 0 })
        }
        Err(error) => {
            remove(&growing.part);
            Err(error)
        }
    }
}

/// What came so far; nothing of it is verified.
struct GrowingFile<'a> {
    fetch: &'a Fetch,
    part: PathBuf,
    file: File,
    tell: &'a Tell,
}

impl GrowingFile<'_> {
    /// Source after source, until one has sent the release; none when none is left.
    async fn in_turn(&self, claims: &Claims, ledger: &SourceLedger) -> Result<Option<DownloadedRelease>, UpdateError> {
        if self.length()? > 0
            && let Some(downloaded) = self.finished()?
        {
            return Ok(Some(downloaded));
        }
        let left = claims.each().filter(|(source, _)| !ledger.blamed(source.as_ref()));
        let mut turns = Turns::new(left.map(|(source, said)| (source.clone(), said)), self.fetch);
        while let Some((turn, pace)) = turns.take_next() {
            let fault = match self.turn_of(&turn, pace).await {
                Ok(downloaded) => return Ok(Some(downloaded)),
                Err(Trouble::Update(error)) => return Err(error),
                Err(Trouble::Source(fault)) => fault,
            };
            if !fault.may_pass() {
                self.empty()?;
            }
            let source = turn.source.clone();
            if let Err(fault) = turns.set_back(turn, fault) {
                ledger.blame(source.as_ref(), fault);
            }
        }
        Ok(None)
    }

    /// One turn of one source. What an earlier one left may be wrong, and is no fault of this one.
    async fn turn_of(&self, turn: &Turn, pace: Pace) -> Result<DownloadedRelease, Trouble> {
        let (mut inherited, mut breaks) = (self.length()? > 0, 0);
        loop {
            let fault = match self.read(turn, pace).await {
                Ok(()) => Fault::OtherBytes { offset: 0 },
                Err(Trouble::Source(fault)) => fault,
                Err(trouble) => return Err(trouble),
            };
            // Where it ends, the bytes say, whatever the source announced.
            if (fault.may_pass() || matches!(fault, Fault::OtherBytes { .. }))
                && let Some(downloaded) = self.finished()?
            {
                return Ok(downloaded);
            }
            if fault.may_pass() && breaks < BREAKS {
                breaks += 1;
            } else if inherited && !matches!(fault, Fault::TooSlow { .. }) {
                self.empty()?;
                (inherited, breaks) = (false, 0);
            } else {
                return Err(fault.into());
            }
        }
    }

    /// Reads what is missing at the end of the file.
    async fn read(&self, turn: &Turn, pace: Pace) -> Result<(), Trouble> {
        let (fetch, source, begin) = (self.fetch, &turn.source, self.length()?);
        let most = fetch.size.unwrap_or(fetch.most_bytes);
        if begin >= most {
            return Ok(());
        }
        let body = within(pace, source.read(fetch.hash, Part::Data, begin..most)).await?;
        // Whatever it says now: by what it said before, it has its turn.
        let size = self.end(body.total)?.min(turn.said);
        let names = vec![source.name().to_owned()];
        (self.tell)(FetchProgress::Started { hash: fetch.hash, size, sources: names, resumed: body.starts_at });
        let (mut bytes, mut at, mut told) = (Paced::new(pace, body.bytes), body.starts_at, 0);
        while let Some(chunk) = bytes.next().await? {
            if at + chunk.len() as u64 > size {
                return Err(Fault::Endless { most: size }.into());
            }
            self.file.write_all_at(&chunk, at).map_err(|error| self.refused(error, size, at))?;
            at += chunk.len() as u64;
            if at - told >= STRIDE || at == size {
                told = at;
                (self.tell)(FetchProgress::Advanced { bytes: at, size });
            }
        }
        let known = fetch.size.or(body.total);
        if let Some(need) = known.filter(|need| at < *need) {
            return Err(Fault::Short { have: at, need }.into());
        }
        Ok(())
    }

    /// Where a source has to end: where chain state says, else where it says itself, within what can be fetched.
    fn end(&self, said: Option<u64>) -> Result<u64, Trouble> {
        if let Some(need) = self.fetch.size {
            if let Some(said) = said.filter(|said| *said != need) {
                return Err(Fault::OtherSize { said, need }.into());
            }
            require_space(&self.part, need)?;
            return Ok(need);
        }
        let free = room(&self.part)?;
        let Some(said) = said else { return Ok(self.fetch.most_bytes.min(free)) };
        excess(self.fetch, said, free).map_or(Ok(said), |fault| Err(fault.into()))
    }

    /// What it means that the disk refuses the bytes from `at` on: where only the source says how many there are, that the
    /// disk is full may be its doing.
    fn refused(&self, error: std::io::Error, said: u64, at: u64) -> Trouble {
        if self.fetch.size.is_none() && is_full(&error) {
            return Fault::NoRoom { said, free: at }.into();
        }
        UpdateError::disk("write", &self.part)(error).into()
    }

    /// The release, when the file holds it.
    fn finished(&self) -> Result<Option<DownloadedRelease>, UpdateError> {
        let found = release_file::inspect_open(&self.file).map_err(UpdateError::disk("read", &self.part))?;
        if found.build_hash != self.fetch.hash {
            return Ok(None);
        }
        let file = self.file.try_clone().map_err(UpdateError::disk("open", &self.part))?;
        put_in_place(self.fetch, &self.part, found, file).map(Some)
    }

    fn empty(&self) -> Result<(), UpdateError> {
        self.file.set_len(0).map_err(UpdateError::disk("write", &self.part))
    }

    fn length(&self) -> Result<u64, UpdateError> {
        Ok(self.file.metadata().map_err(UpdateError::disk("read", &self.part))?.len())
    }
}
