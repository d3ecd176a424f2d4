//! `the-block check`: the boot check alone.

use super::{Failure, examine, print_json, read_home};
use crate::boot::Decision;
use std::path::Path;
use store::db::Access;

/// Prints the boot check's report as JSON; the exit code is that of start. It leaves the store as it is, so it can be asked while
/// the node runs; what it writes is that the clock was read, where a ticket is judged by it.
pub(super) fn check(home: &Path, ticket: Option<&Path>) -> Result<(), Failure> {
    let (home, config, genesis) = read_home(home)?;
    let examined = examine(&home, &config, &genesis, Access::ReadOnly, ticket)?;
    print_json(&examined.report)?;
    match examined.report.decision {
        Decision::Run => Ok(()),
        refused => Err(Failure::Refused(refused)),
    }
}
