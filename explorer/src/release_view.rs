//! The history of releases straight from a governance database, without an index.

use crate::answers::InstallSeries;
use primitives::{AccountId, BuildHash, Epoch, Timestamp};
use rpc::ReadError;
use rpc::error::RpcRefusal;
use rpc::views::{HistoryFilter, MOST_PER_PAGE, PageRange};
use std::path::Path;
use store::archive::Archive;
use store::db::DbError;

/// Why a store has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] DbError),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It was asked for what cannot be.
    #[error(transparent)]
    Refused(#[from] RpcRefusal),
}

/// An approved build as a timeline lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The build.
    pub build_hash: BuildHash,
    /// Who proposed it; none for a build of genesis.
    pub proposer: Option<AccountId>,
    /// The epoch from which it may run.
    pub activated_epoch: Epoch,
    /// The latest installation observed across the fleet; none before the first.
    pub last_install_ts: Option<Timestamp>,
    /// Valid signatures at the latest evaluation.
    pub attested: usize,
    /// Signatures that were needed.
    pub threshold: u32,
    /// Whether they were there.
    pub quorum_met: bool,
}

/// Every approved build, the latest release first, with the latest evaluation of its quorum (seed 003, "Explorer timeline
/// API"). `gov_path` is a node's `governance_db`, or its home; the node may run.
///
/// # Errors
/// A store that cannot be opened or read.
pub fn release_history(gov_path: &Path) -> Result<Vec<HistoryRow>, ViewError> {
    let archive = Archive::open(gov_path)?;
    let mut rows = Vec::new();
    for page in 0.. {
        let range = PageRange::new(Some(page), Some(MOST_PER_PAGE))?;
        let page = archive.release_history(&HistoryFilter::default(), range)?;
        rows.extend(page.entries.iter().map(|view| HistoryRow {
            build_hash: view.release.build_hash,
            proposer: view.release.proposer,
            activated_epoch: view.release.activated_epoch,
            last_install_ts: view.last_install_ts,
            attested: view.attested_signers.len(),
            threshold: view.release.signature_threshold,
            quorum_met: view.quorum_met,
        }));
        if rows.len() as u64 >= page.total || page.entries.is_empty() {
            break;
        }
    }
    Ok(rows)
}

/// See [`crate::Explorer::release_timeline`].
pub(crate) fn timeline(gov_path: &Path) -> Result<Vec<InstallSeries>, ViewError> {
    let archive = Archive::open(gov_path)?;
    let mut timeline = Vec::new();
    for row in release_history(gov_path)? {
        let Some(release) = archive.release(&row.build_hash)? else { continue };
        let times = first_installs(&archive, &row.build_hash)?;
        let version = release.release.release.manifest.version.as_ref().map(|version| version.to_string());
        timeline.push(InstallSeries::over(row.build_hash, version, &times));
    }
    Ok(timeline)
}

/// When each node that booted a build first did, ascending.
fn first_installs(archive: &Archive, hash: &BuildHash) -> Result<Vec<Timestamp>, ViewError> {
    let mut times = Vec::new();
    for page in 0.. {
        let nodes = archive.release_nodes(hash, PageRange::new(Some(page), Some(MOST_PER_PAGE))?);
        if nodes.entries.is_empty() {
            break;
        }
        times.extend(nodes.entries.iter().filter_map(|node| node.installs).map(|receipt| receipt.first.time));
    }
    times.sort_unstable();
    Ok(times)
}
