//! Fetching, installing and undoing releases.
//!
//! The chain decides what a release is; this module brings it to this machine. [`fetch_release`] gets the bytes from sources
//! that nobody trusts and proves every chunk. [`ensure_release_authorized`] holds what chain state proves about the build
//! against this machine's rules. [`install_release`] writes it into the free one of two slots and moves one link.
//! [`rollback_failed_startup`] moves it back when the build does not come up. `the-block supervise` does all of it by itself.
//!
//! # Invariants
//! - The running release is untouched whenever one of these returns an error.
//! - Nothing is installed without an [`Approval`] that is proven, fresh, and signed by the threshold and the roster that it names:
//!   the build, what it runs on, and all that is said of it. Only a build that stands in genesis needs no signatures. Nothing at all
//!   is installed while the network is known to have forked.
//! - Nothing is rolled back to that chain state does not let run.
//! - No file is executed but through the descriptor by which it was measured, and only as what was installed there.
//! - No build that a supervisor executes writes outside the folders of its node, where the kernel or a user of its own keeps it there.

pub mod audit;
mod authorize;
mod confine;
pub mod current;
mod disk;
mod ending;
mod error;
mod executable;
mod fault;
mod fetch;
mod forked;
mod install;
mod journal;
mod layout;
mod ledger;
pub mod level_mark;
mod metrics;
mod mirror;
mod pace;
mod partial;
mod peer;
pub mod preflight;
mod progress;
mod proof;
mod quorum;
pub mod release_file;
mod rollback;
mod source;
mod sources;
#[cfg(test)]
mod testing;
pub mod tree;

pub use authorize::{Approval, Authorized, Rules, ensure_release_authorized};
pub use confine::Confinement;
pub use disk::{Disk, RealDisk};
pub use ending::end_warning;
pub use error::{StartRefusal, UpdateError};
pub use executable::{MeasuredExecutable, ended_within};
pub use fault::Fault;
pub use fetch::{DownloadedRelease, Fetch, Sources, fetch_release};
pub use forked::fork_warning;
pub use install::{Installer, Staged, install_release};
pub use journal::{Bad, Journal, Step};
pub use layout::{EXECUTABLE, Releases, Slot};
pub use metrics::UpdateMetrics;
pub use mirror::{Mirror, MirrorError, SOURCE_URL_VARIABLE, http_client};
pub use pace::Pace;
pub use progress::{FetchProgress, Tell, silent};
pub use proof::{Prover, Shown};
pub use rollback::{MayRun, PREVIOUS_VARIABLE, RolledBack, rollback_failed_startup};
pub use source::{ArtifactSource, Body, Part};
pub use sources::{PeerLot, SourceList, peer_address};
