//! What this executable is: the hash it is approved by, and what it was made of.
//!
//! `BUILD_BIN_HASH` is *measured*: the BLAKE3 of the file that is running. A file cannot contain its own hash, and a
//! constant can be edited. `BUILD_SOURCE_HASH` is compiled in by the build script, which says what it covers.

use primitives::Digest;
use rpc::views::NodeVersion;
use std::hint::black_box;
use std::io;
use update::level_mark::{LevelMark, level_mark, marked_level};
use update::release_file::measure;

/// The level of this build, for those who read its file without executing it.
static LEVEL_MARK: LevelMark = level_mark(runtime::LEVEL);

/// Measures the running executable and puts the compiled-in facts beside it.
///
/// # Errors
/// When the executable cannot be read, which [`measure`] explains.
pub fn of_this_process() -> io::Result<NodeVersion> {
    Ok(NodeVersion {
        version: env!("CARGO_PKG_VERSION").into(),
        build_source_hash: source_hash(),
        build_bin_hash: measure()?,
        target: env!("BUILD_TARGET").into(),
        rustc: env!("BUILD_RUSTC").into(),
        profile: env!("BUILD_PROFILE").into(),
        level: level(),
        // The key is of a home, and put in where one is served.
        log_vkey: String::new(),
    })
}

/// The level of the network's software that this build knows, as the mark in its file says. Read from the mark, so that no build
/// can be made without it, and out of the compiler's sight, so that it stays in the file.
pub fn level() -> u32 {
    marked_level(black_box(&LEVEL_MARK)).unwrap_or(runtime::LEVEL)
}

/// `BUILD_SOURCE_HASH`, compiled in.
pub fn source_hash() -> Digest {
    const HEX: &str = env!("BUILD_SOURCE_HASH");
    HEX.parse().expect("the build script writes 64 hex digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_info_survives_json_and_names_the_target() {
        let info = of_this_process().unwrap();
        let json = serde_json::to_string(&info).unwrap();
        assert_eq!(serde_json::from_str::<NodeVersion>(&json).unwrap(), info);
        assert!(info.target.starts_with(std::env::consts::ARCH), "{info:?}");
        assert!(info.rustc.starts_with("rustc 1."), "{info:?}");
        assert_ne!(info.build_source_hash, Digest([0; 32]));
    }

    #[test]
    fn the_file_of_a_build_says_the_level_that_its_code_knows() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!((marked_level(&file), level()), (Some(runtime::LEVEL), runtime::LEVEL));
    }
}
