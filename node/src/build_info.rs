//! What this executable is: the hash it is approved by, and what it was made of.
//!
//! `BUILD_BIN_HASH` is *measured*: the BLAKE3 of the file that is running. A file cannot contain its own hash, and a
//! constant can be edited. `BUILD_SOURCE_HASH` is compiled in by the build script, which says what it covers.

use primitives::Digest;
use rpc::views::NodeVersion;
use std::io;
use update::release_file::measure;

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
    })
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
}
