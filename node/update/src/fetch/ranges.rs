//! Every source at once, each for other ranges of the artifact.

use super::{Fetch, Sources, Trouble, held_bytes};
use crate::error::UpdateError;
use crate::fault::Fault;
use crate::ledger::SourceLedger;
use crate::pace::{Paced, within};
use crate::partial::Partial;
use crate::progress::{FetchProgress, Tell};
use crate::source::{ArtifactSource, Body, Part};
use crate::tree::GROUP;
use bytes::BytesMut;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Groups that are verified and written together: 1 MiB.
const BATCH: usize = 64 * GROUP as usize;
/// Groups of the smallest and of the largest piece: 1 MiB and 16 MiB. The SHA-256 waits for whatever is missing before it, so
/// that what came behind the earliest missing piece is left to hash once everything is there.
const PIECE: (u64, u64) = (64, 1024);
/// Breaks in a row, without a byte in between, after which a source is given up.
const BREAKS: u32 = 5;
/// The wait after the first of them; it doubles.
const PAUSE: Duration = Duration::from_millis(100);

/// The work that the sources share.
struct Job {
    fetch: Fetch,
    partial: Arc<Partial>,
    ledger: Arc<SourceLedger>,
    tell: Tell,
    pieces: Mutex<Pieces>,
    /// Told when a piece came back, or everything is there.
    changed: Notify,
}

/// Groups that nobody fetches yet, and how many pieces somebody does.
struct Pieces {
    waiting: VecDeque<Range<u64>>,
    under_way: usize,
}

/// Fetches until everything is there, or no source is left; which of the two, `partial` says.
///
/// # Errors
/// When the disk refuses.
pub(super) async fn fetch(
    fetch: &Fetch,
    sources: Sources,
    partial: Arc<Partial>,
    ledger: Arc<SourceLedger>,
    tell: Tell,
) -> Result<(), UpdateError> {
    let lanes: Vec<Arc<dyn ArtifactSource>> = sources
        .iter()
        .filter(|source| !ledger.blamed(source.as_ref()))
        .flat_map(|source| std::iter::repeat_n(source.clone(), source.lanes()))
        .collect();
    let pieces = Mutex::new(Pieces { waiting: divide(partial.tree().groups(), lanes.len() as u64), under_way: 0 });
    let job = Arc::new(Job { fetch: fetch.clone(), partial, ledger, tell, pieces, changed: Notify::new() });
    let mut working = JoinSet::new();
    for source in lanes {
        working.spawn(work(job.clone(), source));
    }
    while let Some(ended) = working.join_next().await {
        ended.unwrap_or_else(|failed| {
            Err(UpdateError::disk("fetch", &job.fetch.destination)(std::io::Error::other(failed)))
        })?;
        if job.partial.is_complete() {
            break;
        }
    }
    Ok(())
}

/// All groups as pieces: about four for each lane, or more where those were too long. Whoever takes one passes over what is there.
fn divide(groups: u64, lanes: u64) -> VecDeque<Range<u64>> {
    let length = groups.div_ceil(lanes.saturating_mul(4).max(1)).clamp(PIECE.0, PIECE.1);
    let mut pieces = VecDeque::new();
    let mut start = 0;
    while start < groups {
        let end = start.saturating_add(length).min(groups);
        pieces.push_back(start..end);
        start = end;
    }
    pieces
}

/// One lane of one source: piece after piece, until there is none or the source is given up.
async fn work(job: Arc<Job>, source: Arc<dyn ArtifactSource>) -> Result<(), UpdateError> {
    let mut breaks = 0;
    while let Some(piece) = job.take(source.as_ref()).await {
        let before = job.partial.count();
        let outcome = job.run(source.as_ref(), piece.clone()).await;
        job.put_back(piece);
        let fault = match outcome {
            Ok(()) => {
                breaks = 0;
                continue;
            }
            Err(Trouble::Update(error)) => return Err(error),
            Err(Trouble::Source(fault)) => fault,
        };
        breaks = if job.partial.count() > before { 1 } else { breaks + 1 };
        if !fault.may_pass() || breaks > BREAKS {
            job.ledger.blame(source.as_ref(), fault);
            job.changed.notify_waiters();
            return Ok(());
        }
        tokio::time::sleep(PAUSE * 2u32.pow(breaks)).await;
    }
    Ok(())
}

impl Job {
    /// A piece that is not there yet; waits for one that another source may give back. None when there is nothing to do.
    async fn take(&self, source: &dyn ArtifactSource) -> Option<Range<u64>> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.partial.is_complete() || self.ledger.blamed(source) {
                return None;
            }
            {
                let mut pieces = self.pieces();
                while let Some(piece) = pieces.waiting.pop_front() {
                    if let Some(first) = piece.clone().find(|group| !self.partial.has(*group)) {
                        pieces.under_way += 1;
                        return Some(first..piece.end);
                    }
                }
                if pieces.under_way == 0 {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// Ends the work on a piece; what of it is still missing waits for whoever comes next.
    fn put_back(&self, piece: Range<u64>) {
        let mut pieces = self.pieces();
        pieces.under_way = pieces.under_way.saturating_sub(1);
        if piece.clone().any(|group| !self.partial.has(group)) {
            pieces.waiting.push_front(piece);
        }
        drop(pieces);
        self.changed.notify_waiters();
    }

    /// Fetches one piece. A source that knows no ranges sends everything from the beginning, and all of it is used.
    async fn run(&self, source: &dyn ArtifactSource, piece: Range<u64>) -> Result<(), Trouble> {
        let tree = self.partial.tree();
        let (start, end) = (tree.bytes_of(piece.start).start, tree.bytes_of(piece.end.saturating_sub(1)).end);
        let Body { starts_at, to_the_end, total, bytes } =
            within(self.fetch.pace, source.read(self.fetch.hash, Part::Data, start..end)).await?;
        if let Some(said) = total.filter(|said| *said != tree.size()) {
            return Err(Fault::OtherSize { said, need: tree.size() }.into());
        }
        if starts_at % GROUP != 0 {
            return Err(Fault::Broken(format!("it begins at byte {starts_at}, which was not asked for")).into());
        }
        let until = if to_the_end { tree.size() } else { end };
        let mut bytes = Paced::new(self.fetch.pace, bytes);
        let (mut buffer, mut at) = (BytesMut::with_capacity(BATCH), starts_at);
        loop {
            let chunk = match bytes.next().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(fault) => {
                    // What came before the fault is worth as much as ever.
                    self.write(at, &mut buffer, until)?;
                    return Err(fault.into());
                }
            };
            if at + buffer.len() as u64 + chunk.len() as u64 > until {
                return Err(Fault::Endless { most: until - starts_at }.into());
            }
            buffer.extend_from_slice(&chunk);
            if buffer.len() >= BATCH {
                at += self.write(at, &mut buffer, until)?;
            }
            if self.partial.is_complete() {
                return Ok(());
            }
        }
        at += self.write(at, &mut buffer, until)?;
        if at < until {
            return Err(Fault::Short { have: at - starts_at + buffer.len() as u64, need: until - starts_at }.into());
        }
        Ok(())
    }

    /// Writes the whole groups of a buffer that begins at `at`; gives their bytes.
    fn write(&self, at: u64, buffer: &mut BytesMut, until: u64) -> Result<u64, Trouble> {
        let ends_here = at + buffer.len() as u64 == until;
        let whole = if ends_here { buffer.len() } else { buffer.len() / GROUP as usize * GROUP as usize };
        let ready = buffer.split_to(whole);
        let written = self.partial.write(at / GROUP, &ready);
        written
            .map_err(UpdateError::disk("write", self.partial.path()))?
            .map_err(|offset| Fault::OtherBytes { offset })?;
        (self.tell)(FetchProgress::Advanced { bytes: held_bytes(&self.partial), size: self.partial.tree().size() });
        Ok(whole as u64)
    }

    fn pieces(&self) -> std::sync::MutexGuard<'_, Pieces> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_leave_no_gap_and_none_is_long() {
        for (groups, lanes) in [(1, 1), (64, 2), (65, 0), (2048, 2), (65_536, 2), (65_537, 1)] {
            let pieces = divide(groups, lanes);
            let ends = pieces.iter().map(|piece| piece.end);
            let starts = pieces.iter().map(|piece| piece.start).chain([groups]);
            assert!(std::iter::once(0).chain(ends).eq(starts), "{groups} groups for {lanes}: {pieces:?}");
            assert!(pieces.iter().all(|piece| (piece.end - piece.start) * GROUP <= 16 << 20), "{pieces:?}");
        }
    }
}
