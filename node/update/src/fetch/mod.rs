//! From sources that nobody trusts to a file that is the approved release.
//!
//! The size comes from chain state, else it is each source's own claim ([`claims`]). The hash tree comes from the first
//! source whose tree leads to the approved hash and has a proven length ([`adopt`]). Then every source is asked for ranges at
//! once ([`ranges`]); each 16 KiB that arrives is judged alone, so a source that sends one wrong byte is known by name and is
//! asked no more. Where nobody has the tree, one source at a time is read and the file is judged whole ([`whole`]), in turns
//! that the slow cannot draw out ([`turns`]).
//!
//! # Invariants
//! - What lies at the destination is the release, whole: it appears there by one rename.
//! - With one honest source among any others the release arrives, and nobody is blamed for what another said.
//! - All of it ends within one deadline, however many sources there are and however slow they are.
//! - Memory does not grow with the artifact, but for 32 bytes of each 16 KiB.
//! - What is left of a fetch that failed by accident is verified; of one that met a forger nothing is left.

mod adopt;
mod claims;
mod ranges;
#[cfg(test)]
mod tests;
mod turns;
mod whole;

use super::error::UpdateError;
use super::fault::Fault;
use super::ledger::SourceLedger;
use super::pace::{Deadline, Pace};
use super::partial::{Contents, Partial, Writing};
use super::progress::{FetchProgress, Tell};
use super::source::{ArtifactSource, Part};
use super::tree::HashTree;
use crate::release_file::{self, ReleaseFile};
use builds::{ArtifactBounds, ArtifactStore};
use claims::Claims;
use host::config::{self, Config, Home};
use primitives::{BuildHash, Digest};
use releases::Target;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The longest that a fetch takes, whatever sizes and paces are allowed: 30 days.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Any number of sources.
pub type Sources = Vec<Arc<dyn ArtifactSource>>;

/// What is to be fetched, and where it is to lie.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// The release.
    pub hash: BuildHash,
    /// Its size, when chain state names it.
    pub size: Option<u64>,
    /// Its SHA-256, when chain state names it.
    pub sha256: Option<Digest>,
    /// The most bytes to fetch, where chain state names no size.
    pub most_bytes: u64,
    /// Where it is to lie.
    pub destination: PathBuf,
    /// How slow a source may be.
    pub pace: Pace,
}

/// A release that was fetched and verified.
#[derive(Debug)]
pub struct DownloadedRelease {
    /// What it is.
    pub release: ReleaseFile,
    /// Where it lies: the staging path.
    pub path: PathBuf,
    /// The verified bytes themselves, open: whatever happens to the path meanwhile, these are they (T18).
    pub file: File,
}

impl Fetch {
    /// What chain state says about a build, as something to fetch.
    pub fn of(target: &Target, destination: PathBuf, config: &config::UpdateSection) -> Self {
        let (size, sha256) = (target.size, target.sha256);
        Self { size, sha256, ..Self::by_hash(target.build_hash, destination, config) }
    }

    /// A build of which nothing but the hash is known.
    pub fn by_hash(hash: BuildHash, destination: PathBuf, config: &config::UpdateSection) -> Self {
        let (most_bytes, pace) = (config.max_artifact_bytes, config.pace());
        Self { hash, size: None, sha256: None, most_bytes, destination, pace }
    }

    /// How long the whole fetch may take (T7): as long as one source that is as slow as it may be needs for the artifact, or
    /// for the largest one that is fetched when chain state names no size, and for its tree; with a window for each source
    /// to show how fast it is, and one more for each of the two questions before.
    pub fn patience(&self, sources: usize) -> Duration {
        let size = self.size.unwrap_or(self.most_bytes);
        // A tree has a node of 64 bytes for each 16 KiB.
        let bytes = size.saturating_add(size / 256);
        let windows = u32::try_from(sources).unwrap_or(u32::MAX).saturating_add(2);
        let all = Duration::from_secs(bytes / self.pace.least.max(1));
        all.saturating_add(self.pace.window.saturating_mul(windows)).min(LONGEST)
    }
}

impl DownloadedRelease {
    /// What is here already, at the destination or among the artifacts of a home, when it is the release.
    ///
    /// # Errors
    /// When what lies there cannot be read.
    pub fn held(home: &Home, fetch: &Fetch) -> Result<Option<Self>, UpdateError> {
        let artifact = home.artifacts().join(format!("{}.bin", fetch.hash));
        for path in [&fetch.destination, &artifact] {
            let opened = files::if_there(open(path)).map_err(UpdateError::disk("open", path))?;
            let Some(file) = opened else { continue };
            let release = release_file::inspect_open(&file).map_err(UpdateError::disk("read", path))?;
            if release.build_hash == fetch.hash && fetch.sha256.is_none_or(|sha256| sha256 == release.sha256) {
                return Ok(Some(Self { release, path: path.clone(), file }));
            }
        }
        Ok(None)
    }

    /// Puts the release among the artifacts of a home, from where other nodes may fetch it too, in place of the staged file.
    /// A folder that has no room for it is no reason not to install it.
    pub fn hold(self, home: &Home, config: &Config) -> Self {
        let bounds = ArtifactBounds::of(&config.artifacts);
        let store = ArtifactStore::open(&home.artifacts()).map(|store| store.bounded(bounds));
        let held = store.and_then(|store| {
            store.hold(&self.path, &self.release.build_hash)?;
            Ok(store.path_of(&self.release.build_hash, Part::Data))
        });
        match held {
            Ok(path) => {
                remove(&self.path);
                Self { path, ..self }
            }
            Err(error) => {
                tracing::warn!(%error, "other nodes cannot fetch this release from here");
                self
            }
        }
    }
}

/// Opens what may be a release; who fetches may be another than who installs, so a pipe is not waited for, nor a device read.
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let without_waiting = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(without_waiting).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(std::io::ErrorKind::InvalidInput.into()) }
}

/// Fetches a release and verifies it.
///
/// # Errors
/// When no source has it, the disk refuses it, or its record contradicts itself. Nothing unverified is left behind.
pub async fn fetch_release(fetch: &Fetch, sources: Sources, tell: Tell) -> Result<DownloadedRelease, UpdateError> {
    if sources.is_empty() {
        return Err(UpdateError::NoSource(fetch.hash));
    }
    let folder = files::folder_of(&fetch.destination);
    std::fs::create_dir_all(folder).map_err(UpdateError::disk("make the folder", folder))?;
    let deadline = Deadline::after(fetch.patience(sources.len()));
    let ledger = Arc::new(SourceLedger::new(tell.clone()));
    let claims = Claims::hear(fetch, &sources, &ledger).await?;
    // Whoever is late with a tree may still be in time with the file.
    let tree = deadline.hold(adopt::tree(fetch, &claims, &ledger)).await.unwrap_or_default();
    let downloaded = match tree {
        Some(tree) => by_tree(fetch, tree, sources, ledger, &tell, deadline).await?,
        None => {
            tell(FetchProgress::WithoutTree);
            whole::fetch(fetch, &claims, &ledger, &tell, deadline).await?
        }
    };
    let ReleaseFile { build_hash: hash, sha256, size, .. } = downloaded.release;
    tell(FetchProgress::Fetched { hash, sha256, size, path: downloaded.path.clone() });
    Ok(downloaded)
}

/// The file beside the destination that grows into the release.
fn part_path(destination: &Path) -> PathBuf {
    let mut name = destination.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    destination.with_file_name(name)
}

/// Fetches ranges from every source at once, each group judged by the tree.
async fn by_tree(
    fetch: &Fetch,
    tree: HashTree,
    sources: Sources,
    ledger: Arc<SourceLedger>,
    tell: &Tell,
    deadline: Deadline,
) -> Result<DownloadedRelease, UpdateError> {
    let part = part_path(&fetch.destination);
    require_space(&part, tree.size())?;
    let partial = Arc::new(Partial::open(&part, tree).map_err(UpdateError::disk("write", &part))?);
    let (size, held) = (partial.tree().size(), held_bytes(&partial));
    let names = sources.iter().map(|source| source.name().to_owned()).collect();
    tell(FetchProgress::Started { hash: fetch.hash, size, sources: names, resumed: held });
    let writing = Writing(partial.clone());
    let following = tokio::task::spawn_blocking({
        let partial = partial.clone();
        move || partial.contents()
    });
    let all = ranges::fetch(fetch, sources.clone(), partial.clone(), ledger.clone(), tell.clone());
    let fetched = deadline.hold(all).await.unwrap_or_else(|late| {
        ledger.blame_rest(&sources, &late);
        Ok(())
    });
    drop(writing);
    let contents = following.await.unwrap_or_else(|failed| Err(std::io::Error::other(failed)));
    match (fetched, contents) {
        (Err(error), _) => {
            remove(&part);
            Err(error)
        }
        (Ok(()), Err(error)) => {
            remove(&part);
            Err(UpdateError::disk("read", &part)(error))
        }
        (Ok(()), Ok(Some(contents))) => finish(fetch, &partial, contents),
        (Ok(()), Ok(None)) => {
            let faults = ledger.faults();
            // After accidents the next try goes on from here; where somebody forged, nothing is left of it.
            let kept = if faults.iter().all(|(_, fault)| fault.is_accident()) { held_bytes(&partial) } else { 0 };
            if kept == 0 {
                remove(&part);
            }
            Err(UpdateError::SourcesFailed { hash: fetch.hash, faults, kept })
        }
    }
}

fn held_bytes(partial: &Partial) -> u64 {
    partial.count().saturating_mul(super::tree::GROUP).min(partial.tree().size())
}

fn finish(fetch: &Fetch, partial: &Partial, contents: Contents) -> Result<DownloadedRelease, UpdateError> {
    let part = partial.path();
    let file = partial.file().map_err(UpdateError::disk("open", part))?;
    let platform = release_file::platform_of_file(&file).map_err(UpdateError::disk("read", part))?;
    let Contents { sha256, level } = contents;
    let release = ReleaseFile { build_hash: fetch.hash, sha256, size: partial.tree().size(), platform, level };
    put_in_place(fetch, part, release, file)
}

/// The last step of both ways: the record must agree with itself, and the file gets its name.
fn put_in_place(
    fetch: &Fetch,
    part: &Path,
    release: ReleaseFile,
    file: File,
) -> Result<DownloadedRelease, UpdateError> {
    if let Some(expected) = fetch.sha256.filter(|expected| *expected != release.sha256) {
        remove(part);
        return Err(UpdateError::OtherSha256 { hash: fetch.hash, expected, found: release.sha256 });
    }
    std::fs::rename(part, &fetch.destination).map_err(|error| {
        remove(part);
        UpdateError::disk("write", &fetch.destination)(error)
    })?;
    Ok(DownloadedRelease { release, path: fetch.destination.clone(), file })
}

/// Removes what must not be taken for a release. That it cannot be removed changes nothing: it has not the release's name.
fn remove(part: &Path) {
    if let Err(error) = files::if_there(std::fs::remove_file(part)) {
        tracing::warn!(path = %part.display(), %error, "an unfinished download cannot be removed");
    }
}

/// Bytes that the disk has room for; what an earlier try wrote counts as room.
fn room(part: &Path) -> Result<u64, UpdateError> {
    let folder = files::folder_of(part);
    let disk = rustix::fs::statvfs(folder).map_err(|error| UpdateError::disk("measure", folder)(error.into()))?;
    use std::os::unix::fs::MetadataExt as _;
    let already = std::fs::symlink_metadata(part).map_or(0, |found| found.blocks().saturating_mul(512));
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize).saturating_add(already))
}

/// Refuses to begin what the disk cannot hold.
pub(super) fn require_space(part: &Path, size: u64) -> Result<(), UpdateError> {
    let free = room(part)?;
    if free >= size {
        return Ok(());
    }
    let full = std::io::Error::new(
        std::io::ErrorKind::StorageFull,
        format!("the release has {size} bytes, and {free} are free"),
    );
    Err(UpdateError::disk("write", part)(full))
}

/// Why a step with one source did not succeed.
enum Trouble {
    /// The source's doing; another may do better.
    Source(Fault),
    /// Nobody can do better.
    Update(UpdateError),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Trouble::Source(fault)
    }
}

impl From<UpdateError> for Trouble {
    fn from(error: UpdateError) -> Self {
        Trouble::Update(error)
    }
}
