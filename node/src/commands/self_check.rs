//! `the-block self-check`.

use super::{Failure, print};
use crate::build_info;
use anyhow::Context as _;

/// Prints what this executable is, as JSON: that it can is the check. It reads nothing but itself and needs no environment.
pub(super) fn self_check() -> Result<(), Failure> {
    let build = build_info::of_this_process().context("cannot measure this executable")?;
    let json = serde_json::to_string(&build).context("a version is always JSON")?;
    print(&format!("{json}\n"))
}
