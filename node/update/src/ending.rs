//! How an operator is told that a build comes to its end.

use primitives::BuildHash;
use releases::Stop;
use releases::queries::Verdict;

/// The end of a build, in words for its operator.
pub fn end_warning(build: &BuildHash, end: &Stop) -> String {
    let why = match &end.verdict {
        Verdict::Revoked { reason } => format!("was revoked ({reason:?})"),
        Verdict::BelowMinimumSequence { sequence, minimum } => {
            format!("is release {sequence}, and governance demands release {minimum} or later")
        }
        Verdict::EndOfSupport { .. } | Verdict::Approved | Verdict::NotApproved => {
            "is superseded, and its support ends".into()
        }
    };
    format!(
        "build {build} {why}: no node runs it from epoch {} on; install the active release, which `contract gov releases` \
         lists",
        end.epoch
    )
}
