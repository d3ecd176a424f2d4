//! `the-block check`: the boot check alone.

use super::{Failure, examine, read_home};
use crate::boot::Decision;
use crate::node::Identity;
use anyhow::Context as _;
use std::path::Path;
use store::db::Access;

/// Prints the boot check's report as JSON; the exit code is that of start. It leaves the store as it is, so it can be asked while
/// the node runs; what it writes is that the clock was read, where a ticket is judged by it.
pub(super) fn check(home: &Path, ticket: Option<&Path>) -> Result<(), Failure> {
    let (home, config, genesis) = read_home(home)?;
    Identity::look(&home, &config).map_err(Failure::Usage)?;
    let examined = examine(&home, &config, &genesis, Access::ReadOnly, ticket)?;
    println!("{}", serde_json::to_string_pretty(&examined.report).context("a report is always JSON")?);
    match examined.report.decision {
        Decision::Run => Ok(()),
        refused => Err(Failure::Refused(refused)),
    }
}
