//! One source after another, where nobody has the hash tree: the file is judged when it is there as a whole.

use super::{DownloadedRelease, Fetch, Sources, Trouble, part_path, put_in_place, remove, require_space};
use crate::error::UpdateError;
use crate::fault::Fault;
use crate::ledger::SourceLedger;
use crate::pace::{Paced, within};
use crate::partial::open_file;
use crate::progress::{FetchProgress, Tell};
use crate::release_file;
use crate::source::{ArtifactSource, Part};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Breaks after which a source is given up.
const BREAKS: u32 = 5;
/// Bytes between two reports of progress.
const STRIDE: u64 = 1 << 20;

/// Fetches from the first source whose bytes are the release. What a broken transfer left is gone on with, and thrown away
/// as soon as it turns out to be something else.
///
/// # Errors
/// When no source has the release, or the disk refuses.
pub(super) async fn fetch(
    fetch: &Fetch,
    sources: &Sources,
    ledger: &SourceLedger,
    tell: &Tell,
) -> Result<DownloadedRelease, UpdateError> {
    let part = part_path(&fetch.destination);
    let file = open_file(&part).map_err(UpdateError::disk("write", &part))?;
    if length(&file, &part)? > 0
        && let Some(downloaded) = finished(fetch, &part, &file)?
    {
        return Ok(downloaded);
    }
    for source in sources.iter().filter(|source| !ledger.blamed(source.as_ref())) {
        match from(fetch, source.as_ref(), &part, &file, tell).await {
            Ok(downloaded) => return Ok(downloaded),
            Err(Trouble::Update(error)) => {
                remove(&part);
                return Err(error);
            }
            Err(Trouble::Source(fault)) => {
                if !fault.may_pass() {
                    file.set_len(0).map_err(UpdateError::disk("write", &part))?;
                }
                ledger.blame(source.as_ref(), fault);
            }
        }
    }
    if length(&file, &part)? == 0 {
        remove(&part);
    }
    // What is kept is not verified, so it is not counted.
    Err(UpdateError::SourcesFailed { hash: fetch.hash, faults: ledger.faults(), kept: 0 })
}

/// One source: what an earlier try left may be another source's lie, so a mismatch is this one's only from an empty file.
async fn from(
    fetch: &Fetch,
    source: &dyn ArtifactSource,
    part: &Path,
    file: &File,
    tell: &Tell,
) -> Result<DownloadedRelease, Trouble> {
    let mut breaks = 0;
    loop {
        let began = length(file, part)?;
        match read(fetch, source, part, file, tell).await {
            Ok(()) => {}
            Err(Trouble::Source(fault)) if fault.may_pass() && breaks < BREAKS => {
                breaks += 1;
                continue;
            }
            Err(trouble) => return Err(trouble),
        }
        if let Some(downloaded) = finished(fetch, part, file)? {
            return Ok(downloaded);
        }
        file.set_len(0).map_err(UpdateError::disk("write", part))?;
        if began == 0 {
            return Err(Fault::OtherBytes { offset: 0 }.into());
        }
    }
}

/// The release, when the file holds it.
fn finished(fetch: &Fetch, part: &Path, file: &File) -> Result<Option<DownloadedRelease>, UpdateError> {
    let found = release_file::inspect_open(file).map_err(UpdateError::disk("read", part))?;
    if found.build_hash != fetch.hash {
        return Ok(None);
    }
    let file = file.try_clone().map_err(UpdateError::disk("open", part))?;
    put_in_place(fetch, part, found, file).map(Some)
}

/// Reads what is missing at the end of the file.
async fn read(
    fetch: &Fetch,
    source: &dyn ArtifactSource,
    part: &Path,
    file: &File,
    tell: &Tell,
) -> Result<(), Trouble> {
    let begin = length(file, part)?;
    let most = fetch.size.unwrap_or(fetch.most_bytes);
    if begin >= most {
        return Ok(());
    }
    let body = within(fetch.pace, source.read(fetch.hash, Part::Data, begin..most)).await?;
    if let (Some(said), Some(need)) = (body.total, fetch.size)
        && said != need
    {
        return Err(Fault::OtherSize { said, need }.into());
    }
    let size = fetch.size.or(body.total).unwrap_or(most);
    if size > most {
        return Err(UpdateError::TooLarge { hash: fetch.hash, size, most }.into());
    }
    require_space(part, size)?;
    let names = vec![source.name().to_owned()];
    tell(FetchProgress::Started { hash: fetch.hash, size, sources: names, resumed: body.starts_at });
    let (mut bytes, mut at, mut told) = (Paced::new(fetch.pace, body.bytes), body.starts_at, 0);
    while let Some(chunk) = bytes.next().await? {
        if at + chunk.len() as u64 > size {
            return Err(Fault::Endless { most: size }.into());
        }
        file.write_all_at(&chunk, at).map_err(UpdateError::disk("write", part))?;
        at += chunk.len() as u64;
        if at - told >= STRIDE || at == size {
            told = at;
            tell(FetchProgress::Advanced { bytes: at, size });
        }
    }
    let known = fetch.size.or(body.total);
    if let Some(need) = known.filter(|need| at < *need) {
        return Err(Fault::Short { have: at, need }.into());
    }
    Ok(())
}

fn length(file: &File, part: &Path) -> Result<u64, UpdateError> {
    Ok(file.metadata().map_err(UpdateError::disk("read", part))?.len())
}
