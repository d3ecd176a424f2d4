//! Whether this executable may run: asked before any socket opens, answered from certified chain state alone.
//!
//! 1. The store is opened and checked against itself ([`Store::verify`]).
//! 2. The running executable is measured (`BUILD_BIN_HASH`), on all cores, meanwhile.
//! 3. Trust walks over the ends of epochs to the head, from the last that this home verified, else from genesis ([`store::trust`]).
//! 4. The approval is read *with its proof*, and the proof is verified against the state root of that certified header. A row
//!    written into the database by hand changes the row, not the root, and so proves nothing.
//! 5. Where local state does not know the build, a [ticket](light::Ticket) may: from a file, from the configured nodes, or from an
//!    earlier start. It is verified from the last validators this node trusts, is good for a notice period, and is judged for the
//!    epoch that it is by now. A clock that was set back takes none, and none proves anything while the network is known to have
//!    forked. That a build is unknown here is a no only where nothing is in doubt; else it is not known ([`Decision::Unanswered`],
//!    [`Decision::ClockWrong`]).
//! 6. [`releases::queries::verdict`] judges the approval, and [`BootReport`] says why in one sentence, with what to do next.
//!
//! The same is asked by whoever is about to execute a build, of that build's measured hash ([`may_run`]): a supervisor, and a node
//! that makes way for the build before.
//!
//! # Invariants
//! - No value of any hash, variable or flag skips a step, in any build.
//! - A node that cannot prove its approval does not run.
//! - No build is asked whether it may run and believed.

mod evidence;
mod judgement;
mod lost;
mod report;
#[cfg(test)]
mod tests;
mod ticket;
mod verified;

pub use judgement::{Judgement, may_run};
pub use report::{BootReport, Decision, Witness};
pub use ticket::kept as kept_ticket;

use crate::build_info;
use evidence::Evidence;
use host::config::{Config, Home};
use releases::queries::Verdict;
use report::Disbelief;
use runtime::Genesis;
use std::path::{Path, PathBuf};
use std::thread;
use store::db::{Access, DbError, Store};
use ticket::{NotFound, Search};
use verified::{Unverified, Verified};

/// Why the question could not even be asked.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The store is of another genesis, or not readable for a reason that is not damage.
    #[error(transparent)]
    Store(DbError),
    /// The store is another user's, and this process may not look at it as that one.
    #[error(
        "cannot look at the store as the user that runs the node: {0}; give whoever supervises CAP_SETUID and CAP_SETGID, as \
         deploy/the-block.service does"
    )]
    User(std::io::Error),
    /// The file that was named as a ticket cannot be read. One that can, and proves nothing, is an answer.
    #[error("the ticket {} cannot be read: {source}; name the file that `contract gov ticket` wrote", .path.display())]
    Ticket {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The executable cannot be measured.
    #[error("cannot measure the running executable through /proc/self/exe: {0}; {remedy}", remedy = measurable(.0))]
    Measure(std::io::Error),
}

/// What lets the executable be measured.
fn measurable(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "mount /proc and start again",
        _ => files::remedy(error),
    }
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
/// When the store is in use, unreadable, the executable cannot be measured, or the ticket that is needed is no file that can be
/// read. Damage is an answer, not an error.
pub fn examine(
    home: &Home,
    config: &Config,
    genesis: &Genesis,
    access: Access,
    ticket: Option<&Path>,
) -> Result<Examined, BootError> {
    let measured = thread::spawn(build_info::of_this_process);
    let verified = Verified::open(home, config, genesis, access);
    let build = measured
        .join()
        .unwrap_or_else(|_| Err(std::io::Error::other("the measuring thread failed")))
        .map_err(BootError::Measure)?;
    let hash = build.build_bin_hash;
    let found = verified.and_then(|verified| {
        let evidence = verified.evidence(genesis, &hash)?;
        Ok((verified, evidence))
    });
    let (verified, evidence) = match found {
        Ok(found) => found,
        Err(Unverified::Unbelieved(disbelief)) => {
            let report = BootReport::unbelieved(build, disbelief);
            return Ok(Examined { store: None, report, looked: Looked::Whole });
        }
        Err(Unverified::Unreadable(error)) => return Err(BootError::Store(error)),
    };
    if let Some(file) = ticket.filter(|_| evidence.verdict == Verdict::NotApproved) {
        ticket::require_readable(file).map_err(|source| BootError::Ticket { path: file.into(), source })?;
    }
    let (anchor, proven) = (verified.anchor, evidence.proven_time());
    let (store, keeps) = (verified.store.as_ref(), access == Access::Primary);
    let search = Search { home, config, genesis, store, keeps, anchor, proven, build: hash };
    let report = match ask_further(&search, ticket, evidence) {
        Ok(evidence) => BootReport::over(build, evidence),
        Err(disbelief) => BootReport::unbelieved(build, disbelief),
    };
    let Verified { store, looked, .. } = verified;
    Ok(Examined { store, report, looked })
}

/// What local state says about a build or, where that does not know it, what a ticket shows; a good one is kept by whoever may
/// write. The error is why the only tickets there are prove nothing, or why without one nothing is known.
fn ask_further(search: &Search, file: Option<&Path>, local: Evidence) -> Result<Evidence, Disbelief> {
    if local.verdict != Verdict::NotApproved {
        return Ok(local);
    }
    match search.find(file) {
        Ok(found) => {
            if search.keeps
                && let Err(error) = found.keep(search.home)
            {
                tracing::warn!(%error, "the ticket cannot be kept; pass it again until this node has caught up");
            }
            Ok(Evidence::from_ticket(found))
        }
        Err(NotFound::Bad(disbelief)) => Err(disbelief),
        Err(NotFound::Nobody(silent)) => {
            silent.iter().for_each(|why| tracing::warn!("no ticket from {why}"));
            match search.doubt(local.time, &silent) {
                Some(why) => Err(Disbelief::unanswered(&search.build, &why)),
                None => Ok(local),
            }
        }
    }
}
