//! What a flag serves at a path, and to whom (ROLLOUTS 6.1).

use crate::rule::{Rule, RuleFlaw};
use crate::{Error, Flag};
use parity_scale_codec::{Decode, Encode};
use primitives::{ChangeId, List, Moment, Name, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many bytes a setting has at most when it is encoded.
pub const MOST_SETTING_BYTES: usize = 2 * 1024;
/// What a setting has beside its targeting at most: when it was set, and by which change.
const BYTES_BESIDE: usize = 64;
/// How many segments a setting names at most, so that a proof of a value has few parts.
pub const MOST_SEGMENTS_NAMED: usize = 3;
/// What the weights of a split sum to at most, as flagd's do.
pub const MOST_WEIGHT: u32 = 0x7fff_ffff;

/// The members of a segment, sorted, each once.
pub type SegmentMembers = List<Text<64>, 256>;

/// What a flag serves at a path and below, where nothing is set closer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Setting {
    /// What is served, and to whom.
    pub targeting: Targeting,
    /// The block that set it.
    pub since: Moment,
    /// The change that set it.
    pub by: ChangeId,
}

/// That a flag is disabled at a path and below, over everything that is set there.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Disabled {
    /// The block that did it.
    pub since: Moment,
    /// The change that did it.
    pub by: ChangeId,
}

/// What is served to whom: the first case that holds serves.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Targeting {
    /// The cases, in this order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Arm>", length(max = 16)))]
    pub cases: List<Arm, 16>,
    /// What is served where none holds.
    pub otherwise: Serve,
}

/// A case of a targeting.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// For whom.
    pub when: Rule,
    /// What is served then.
    pub serve: Serve,
}

/// What is served: a variant, never a loose value.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Serve {
    /// The variant at this place of the flag's.
    #[codec(index = 0)]
    Variant(u8),
    /// One of several, drawn by the targeting key: places of variants with their weights, which sum to 1 up to [`MOST_WEIGHT`].
    #[codec(index = 1)]
    Split(
        #[cfg_attr(feature = "schema", schemars(with = "Vec<(u8, u32)>", length(min = 1, max = 16)))]
        List<(u8, u32), 16>,
    ),
    /// What the path above serves; at the root the fallback.
    #[codec(index = 2)]
    Inherit,
}

impl Serve {
    fn check(&self, flag: &Flag) -> Result<(), Error> {
        match self {
            Serve::Variant(place) => flag.require_variant(*place),
            Serve::Split(weights) => {
                weights.iter().try_for_each(|(place, _)| flag.require_variant(*place))?;
                let total = weights.iter().fold(0u64, |sum, (_, weight)| sum.saturating_add((*weight).into()));
                let is_drawn = (1..=u64::from(MOST_WEIGHT)).contains(&total);
                if is_drawn { Ok(()) } else { Err(Error::BadSplit { key: flag.key.clone(), total }) }
            }
            Serve::Inherit => Ok(()),
        }
    }

    /// The places of the variants that it can serve by itself.
    fn variants(&self) -> Vec<u8> {
        match self {
            Serve::Variant(place) => vec![*place],
            Serve::Split(weights) => {
                weights.iter().filter(|(_, weight)| *weight > 0).map(|(place, _)| *place).collect()
            }
            Serve::Inherit => Vec::new(),
        }
    }
}

impl Targeting {
    /// The same for everybody.
    pub fn constant(place: u8) -> Self {
        Self { cases: List::new(), otherwise: Serve::Variant(place) }
    }

    /// Whether a flag can have it: its rules are some, its variants are the flag's, and it is no larger than settings may be.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, flag: &Flag) -> Result<(), Error> {
        let bad = |flaw| Error::BadRule { key: flag.key.clone(), flaw };
        self.serves().try_for_each(|serve| serve.check(flag))?;
        self.cases.iter().try_for_each(|arm| arm.when.check()).map_err(bad)?;
        if self.segments().len() > MOST_SEGMENTS_NAMED {
            return Err(bad(RuleFlaw::TooManySegments));
        }
        if self.encoded_size().saturating_add(BYTES_BESIDE) > MOST_SETTING_BYTES {
            return Err(bad(RuleFlaw::TooLarge));
        }
        Ok(())
    }

    /// The segments that its cases name.
    pub fn segments(&self) -> BTreeSet<&Name> {
        self.cases.iter().flat_map(|arm| arm.when.segments()).collect()
    }

    /// The attributes that its cases ask, but for the targeting key.
    pub fn attributes(&self) -> BTreeSet<&str> {
        self.cases.iter().flat_map(|arm| arm.when.attributes()).collect()
    }

    /// The places of the variants that it can serve by itself, to anybody.
    pub fn variants(&self) -> BTreeSet<u8> {
        self.serves().flat_map(Serve::variants).collect()
    }

    /// Whether it leaves anybody to the path above.
    pub fn inherits(&self) -> bool {
        self.serves().any(|serve| *serve == Serve::Inherit)
    }

    /// Whether it cannot be answered without a targeting key.
    pub fn draws_by_key(&self) -> bool {
        self.serves().any(|serve| matches!(serve, Serve::Split(_)))
            || self.cases.iter().any(|arm| arm.when.draws_by_key())
    }

    fn serves(&self) -> impl Iterator<Item = &Serve> {
        self.cases.iter().map(|arm| &arm.serve).chain(std::iter::once(&self.otherwise))
    }
}
