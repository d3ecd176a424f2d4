//! `the-block version`.

use super::{Failure, print, print_json};
use crate::build_info;
use anyhow::Context as _;

/// Prints what this executable is.
pub(super) fn version(json: bool) -> Result<(), Failure> {
    let build = build_info::of_this_process().context("cannot measure this executable")?;
    if json {
        return print_json(&build);
    }
    print(&format!(
        "the-block {}\n  BUILD_BIN_HASH     {}\n  BUILD_SOURCE_HASH  {}\n  target             {}\n  rustc              {}\n  \
         profile            {}\n  level              {}\n",
        build.version,
        build.build_bin_hash,
        build.build_source_hash,
        build.target,
        build.rustc,
        build.profile,
        build.level
    ))
}
