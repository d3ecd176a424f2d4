//! What this executable is: the hash it is approved by, and what it was made of.
//!
//! `BUILD_BIN_HASH` is *measured*: the BLAKE3 of the file that is running. A file cannot contain its own hash, and a
//! constant can be edited. `BUILD_SOURCE_HASH` is compiled in by the build script, which says what it covers.

use primitives::{BuildHash, Digest};
use rpc::views::NodeVersion;
use std::io;
use std::path::Path;

/// The link that Linux keeps to the file a process was started from, even when that file was renamed or replaced.
const RUNNING: &str = "/proc/self/exe";

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

/// Measures the executable that is running, on all cores. The kernel refuses writes to it meanwhile.
///
/// # Errors
/// When `/proc` is not mounted or the file cannot be read; a node that cannot measure itself cannot boot.
pub fn measure() -> io::Result<BuildHash> {
    measure_file(Path::new(RUNNING))
}

/// The BLAKE3 of a file, memory-mapped and on all cores; equals `b3sum`. The file is opened once.
///
/// For files that nobody is writing to: use [`inspect`](crate::release_file::inspect) for one that may still grow.
///
/// # Errors
/// When the file cannot be opened or read.
pub fn measure_file(path: &Path) -> io::Result<BuildHash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_mmap_rayon(path)?;
    Ok(BuildHash(*hasher.finalize().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measured_hash_is_that_of_the_running_file() {
        let path = std::env::current_exe().unwrap();
        let whole = blake3::hash(&std::fs::read(path).unwrap());
        assert_eq!(measure().unwrap(), BuildHash(*whole.as_bytes()));
    }

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
