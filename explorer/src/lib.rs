//! The explorer: release history as an API, and as pages people look at.
//!
//! It follows a node's records, believes none that the chain's validators did not sign ([`follow::verify`]), and folds their
//! facts into SQL ([`index`]), each block as a whole. What it serves is read from there: each URL answers JSON, or a
//! page when a browser asks ([`serve`]).
//!
//! It is cut by what people ask about. Each of the [`topics`] has its tables, its fold, its questions, its pages and its URLs;
//! [`store`], [`fold`], [`serve`] and [`pages`] have what all of them use, and know none of them.
//!
//! For programs that have a governance database at hand there are [`Explorer::release_timeline`] and
//! [`release_view::release_history`], which read it directly:
//!
//! ```no_run
//! # fn main() -> Result<(), explorer::release_view::ViewError> {
//! for row in explorer::release_view::release_history("node0/governance_db".as_ref())? {
//!     println!("{} in epoch {}: {} of {} signed", row.build_hash, row.activated_epoch, row.attested, row.threshold);
//! }
//! # Ok(()) }
//! ```
//!
//! # Invariants
//! - No fact is in the index that a verified header does not commit to, and none is there twice.
//! - The index is a fold: it can be made again from the node, and is then the same.
//! - No question counts a table, and no page reads the entries of those before it.
//! - No path that a stranger names is opened.
//! - Nothing from the chain reaches a page unescaped, and no page asks another server for anything.

pub mod answers;
pub mod arguments;
pub mod assets;
pub mod audited;
pub mod complaints;
pub mod feed;
pub mod fold;
pub mod follow;
pub mod index;
pub mod metrics;
pub mod openapi;
pub mod pages;
pub mod progress;
pub mod queries;
pub mod release_view;
pub mod run;
pub mod serve;
pub mod store;
pub mod topics;

use answers::InstallSeries;
use release_view::ViewError;
use std::path::Path;

/// The schema of the answer of `GET /releases`, JSON Schema draft-07. It is pinned; the OpenAPI document derives its own.
pub const RELEASE_HISTORY_SCHEMA: &str = include_str!("../api_schema/release_history.json");

/// What programs ask of a governance database without an index.
#[derive(Debug)]
pub struct Explorer;

impl Explorer {
    /// The installs of each release over time, the latest release first: for charts (seed 003, "Explorer timeline API").
    /// `gov_path` is a node's `governance_db`, or its home; the node may run.
    ///
    /// # Errors
    /// A store that cannot be opened or read.
    pub fn release_timeline(gov_path: &Path) -> Result<Vec<InstallSeries>, ViewError> {
        release_view::timeline(gov_path)
    }
}
