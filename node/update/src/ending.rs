//! How an operator is told that a build comes to its end.

use primitives::BuildHash;
use releases::Stop;

/// The end of a build, in words for its operator.
pub fn end_warning(build: &BuildHash, end: &Stop) -> String {
    format!(
        "from epoch {} on, build {build} {}; install the active release, which `contract gov releases` lists",
        end.epoch, end.verdict
    )
}
