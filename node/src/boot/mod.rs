//! Whether this executable may run: asked before any socket opens, answered from certified chain state alone.
//!
//! 1. The store is opened and checked against itself ([`Store::verify`]).
//! 2. The running executable is measured (`BUILD_BIN_HASH`), on all cores, meanwhile.
//! 3. The head's certificate is verified against the validator set that its header names.
//! 4. The approval is read *with its proof*, and the proof is verified against the state root of that certified header. A row
//!    written into the database by hand changes the row, not the root, and so proves nothing.
//! 5. Where local state does not know the build, a [ticket](light::Ticket) may: from a file, from an earlier start, or from
//!    the configured nodes. It is verified from the last validators this node trusts, and proves nothing while the network is known to
//!    have forked.
//! 6. [`releases::queries::verdict`] judges the approval, and [`BootReport`] says why in one sentence, with what to do next.
//!
//! # Invariants
//! - No value of any hash, variable or flag skips a step, in any build.
//! - A node that cannot prove its approval does not run.

mod evidence;
mod lost;
mod report;
#[cfg(test)]
mod tests;
mod ticket;

pub use report::{BootReport, Decision, Witness};
pub use ticket::kept as kept_ticket;

use crate::build_info;
use evidence::Evidence;
use host::config::{Config, Home};
use light::Anchor;
use primitives::BuildHash;
use releases::queries::Verdict;
use rpc::views::NodeVersion;
use runtime::Genesis;
use std::path::Path;
use std::thread;
use store::db::{Access, DbError, Extent, Settings, Store};
use ticket::{NotFound, Search};

/// Keys up to which the whole state is compared with its root before the node starts; a larger state is sampled first and
/// read whole afterwards, while the node runs.
const WHOLE_UP_TO: u64 = 20_000;
/// Keys of a larger state that are compared with its root before the node starts.
const SAMPLE: usize = 32;
/// Headers whose chain is followed back from the head before the node starts.
const HEADERS: u64 = 64;

/// Why the question could not even be asked.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The store is of another genesis, or not readable for a reason that is not damage.
    #[error(transparent)]
    Store(DbError),
    /// The executable cannot be measured.
    #[error("cannot measure the running executable through /proc/self/exe: {0}; mount /proc and start again")]
    Measure(std::io::Error),
}

/// How much of the store was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// At all of it.
    Whole,
    /// At a sample; the rest is still to be read.
    Sample,
}

/// An examined home.
pub struct Examined {
    /// The store, open; none when it is damaged, or missing and only to be read.
    pub store: Option<Store>,
    /// The answer.
    pub report: BootReport,
    /// How much of the store stands behind it.
    pub looked: Looked,
}

/// Asks whether this executable may run on the chain of a home, or by the ticket in a file.
///
/// # Errors
/// When the store is in use, unreadable, or the executable cannot be measured. Damage is an answer, not an error.
pub fn examine(
    home: &Home,
    config: &Config,
    genesis: &Genesis,
    access: Access,
    ticket: Option<&Path>,
) -> Result<Examined, BootError> {
    let measured = thread::spawn(build_info::of_this_process);
    let opened = match Store::open(home.gov_db(config), access, Settings::of(config)) {
        Ok(store) => Ok(Some(store)),
        Err(DbError::Missing { .. }) if access == Access::ReadOnly => Ok(None),
        Err(error) => Err(error),
    };
    let (checked, looked) = match &opened {
        Ok(Some(store)) => check(store),
        _ => (Ok(()), Looked::Whole),
    };
    let build = measured
        .join()
        .unwrap_or_else(|_| Err(std::io::Error::other("the measuring thread failed")))
        .map_err(BootError::Measure)?;
    let store = match opened {
        Ok(store) => store,
        Err(error @ (DbError::Damaged(_) | DbError::Tree(_))) => {
            let report = BootReport::damaged(build, error.to_string());
            return Ok(Examined { store: None, report, looked });
        }
        Err(error) => return Err(BootError::Store(error)),
    };
    if let Err(damage) = checked.and_then(|()| lost::require_none(home, config, store.as_ref())) {
        return Ok(Examined { store: None, report: BootReport::damaged(build, damage), looked });
    }
    if let Some(store) = &store {
        store.view().began_with(genesis, &home.genesis()).map_err(BootError::Store)?;
    }
    let hash = build.build_bin_hash;
    let gathered = match &store {
        Some(store) => evidence::from_store(store, genesis, &hash),
        None => Ok((Evidence::from_genesis(genesis, &hash), Anchor::genesis(genesis))),
    };
    let report = match gathered {
        Err(failure) => BootReport::damaged(build, failure),
        Ok((evidence, anchor)) if evidence.verdict == Verdict::NotApproved => {
            let search = Search { home, config, genesis, store: store.as_ref(), access, anchor, build: hash };
            by_ticket(&search, ticket, build, evidence)
        }
        Ok((evidence, _)) => BootReport::over(build, evidence),
    };
    Ok(Examined { store, report, looked })
}

/// Whether the chain of a verified store lets a build run now.
///
/// # Errors
/// Why not, in words.
pub fn may_run(store: &Store, genesis: &Genesis, hash: &BuildHash) -> Result<(), String> {
    let (evidence, _) = evidence::from_store(store, genesis, hash)?;
    match evidence.verdict {
        Verdict::Approved => Ok(()),
        refused => Err(format!("chain state of height {} says {refused:?}", evidence.height)),
    }
}

/// The answer where local state does not know the build.
fn by_ticket(search: &Search, file: Option<&Path>, build: NodeVersion, local: Evidence) -> BootReport {
    match search.find(file) {
        Ok(found) => {
            if search.access == Access::Primary
                && let Err(error) = found.keep(search.home)
            {
                tracing::warn!(%error, "the ticket cannot be kept; pass it again until this node has caught up");
            }
            BootReport::over(build, Evidence::from_ticket(found))
        }
        Err(NotFound::Bad(why)) => BootReport::unproven(build, why),
        Err(NotFound::Nobody(silent)) => {
            silent.iter().for_each(|why| tracing::warn!("no ticket from {why}"));
            BootReport::over(build, local)
        }
    }
}

/// Compares the store with itself: whole when it is small, else a sample.
fn check(store: &Store) -> (Result<(), String>, Looked) {
    let (extent, looked) = if store.keys() <= WHOLE_UP_TO {
        (Extent::Whole, Looked::Whole)
    } else {
        (Extent::Sample(SAMPLE), Looked::Sample)
    };
    let verified = store.verify(extent, HEADERS);
    (verified.map(|_| ()).map_err(|damage| damage.to_string()), looked)
}
