//! How much of the validators' power holds what is voted on, so that no release passes that nobody can fetch (T10).
//!
//! A vote judges a hash; whether anybody has the bytes behind it, only those can say who fetched and verified them. So each
//! validator of the epoch that a proposal's stake is counted in says once for each build that it holds it, and is counted with
//! the power it had then. Sums are kept as they grow: nothing is counted over when voting ends.

use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, BuildHash, Fraction, ProposalId};
use serde::{Deserialize, Serialize};

/// The power that says it holds a build, as it is counted for one proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldPower {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The power that says so.
    pub power: Amount,
    /// The power of all validators of the epoch that the proposal's stake is counted in.
    pub total: Amount,
}

/// How far a release that is proposed is at hand: what is needed, and what is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Availability {
    /// The power that must say that it holds a build, for each of them.
    pub needed: Amount,
    /// The power of all validators of the epoch that the proposal's stake is counted in.
    pub total: Amount,
    /// Each build of the release, the one it is named after first; of a sealed release that is not revealed only that one.
    pub builds: Vec<BuildHolders>,
    /// Whether it is there for every build.
    pub met: bool,
}

/// A build of a release that is proposed, and the power that says it holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BuildHolders {
    /// The build.
    pub build_hash: BuildHash,
    /// The power.
    pub power: Amount,
}

impl Availability {
    /// Holds what is there for each build against the share of all power that is needed.
    pub fn of(share: Fraction, total: Amount, builds: Vec<BuildHolders>) -> Self {
        // Where nobody had power, nobody has anything.
        let enough = |build: &BuildHolders| total > Amount::ZERO && share.is_met(build.power, total);
        Self { needed: share.least(total), total, met: builds.iter().all(enough), builds }
    }

    /// The build that the least power holds, which decides whether there is enough.
    pub fn scarcest(&self) -> Option<BuildHolders> {
        self.builds.iter().min_by_key(|build| build.power).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_needed_of_each_build_and_exact_at_its_boundary() {
        let build =
            |(byte, power): (u8, &u64)| BuildHolders { build_hash: BuildHash([byte; 32]), power: Amount(*power) };
        let of = |total, powers: &[u64]| {
            Availability::of(Fraction::THIRD, Amount(total), (0..).zip(powers).map(build).collect())
        };
        let seen = [of(90, &[29]), of(90, &[30]), of(90, &[90, 29]), of(90, &[30, 30]), of(0, &[0])];
        assert_eq!(seen.each_ref().map(|availability| availability.met), [false, true, false, true, false]);
        assert_eq!((seen[0].needed, of(91, &[0]).needed), (Amount(30), Amount(31)), "rounded up");
        assert_eq!(seen[2].scarcest().unwrap().build_hash, BuildHash([1; 32]));
    }
}
