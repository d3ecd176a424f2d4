//! Who votes on something, how many have to agree, and within which time.

use parity_scale_codec::{Decode, Encode};
use primitives::{Fraction, List, Name, ReleaseClass, Span};
use serde::{Deserialize, Serialize};

/// The rules of a vote of a role's members (REQ-031).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VoteRules {
    /// The role whose members vote; each counts one.
    pub role: Name,
    /// The share of the members, not of the votes cast, that has to agree.
    pub share: Fraction,
    /// For how long an approval can be voted on. A vote that is owed afterwards stays open until it is decided.
    pub within: Span,
    /// The shares of the classes of releases that have one of their own (REQ-036).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(ReleaseClass, Fraction)>", length(max = 4)))]
    pub by_class: List<(ReleaseClass, Fraction), 4>,
}

impl VoteRules {
    /// The share that has to agree to a change of that class.
    pub fn share_of(&self, class: ReleaseClass) -> Fraction {
        self.by_class.iter().find(|(of, _)| *of == class).map_or(self.share, |(_, share)| *share)
    }
}
