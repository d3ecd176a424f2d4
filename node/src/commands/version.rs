//! `the-block version`.

use super::Failure;
use crate::build_info;
use anyhow::Context as _;

/// Prints what this executable is.
pub(super) fn version(json: bool) -> Result<(), Failure> {
    let build = build_info::of_this_process().context("cannot measure this executable")?;
    if json {
        println!("{}", serde_json::to_string_pretty(&build).context("a version is always JSON")?);
        return Ok(());
    }
    println!("the-block {}", build.version);
    println!("  BUILD_BIN_HASH     {}", build.build_bin_hash);
    println!("  BUILD_SOURCE_HASH  {}", build.build_source_hash);
    println!("  target             {}", build.target);
    println!("  rustc              {}", build.rustc);
    println!("  profile            {}", build.profile);
    Ok(())
}
