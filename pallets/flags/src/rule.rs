//! For whom a case holds: a rule, written flat, so that nothing recursive is ever decoded (ROLLOUTS 6.1).

use parity_scale_codec::{Decode, Encode, Input};
use primitives::{Decimal, List, Name, Text};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::collections::BTreeSet;

/// How many nodes a rule has at most.
pub const MOST_NODES: u32 = 32;
/// How deep a rule is at most: what asks an attribute is 1, and what joins others one more than the deepest of them.
pub const MOST_RULE_DEPTH: u8 = 4;
/// What a [`RuleNode::Share`] is a part of.
pub const WHOLE_SHARE: u32 = 100_000;
/// The attribute that people are told apart by: OpenFeature's targeting key.
pub const TARGETING_KEY: &str = "targetingKey";

/// A rule in postfix: what is joined stands before what joins it, so `a and not b` is `a`, `b`, `not`, `all(2)`. Every attribute
/// that it names must be there, or the case does not hold, whatever the others say, and under `not` as well.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Rule(
    #[cfg_attr(feature = "schema", schemars(with = "Vec<RuleNode>", length(min = 1, max = MOST_NODES)))]
    List<RuleNode, MOST_NODES>,
);

/// A part of a rule. What asks an attribute of another type does not hold: types never mix.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleNode {
    /// All of so many before it hold; at least one.
    #[codec(index = 0)]
    All(u8),
    /// One at least of so many before it holds.
    #[codec(index = 1)]
    Any(u8),
    /// The one before it does not hold.
    #[codec(index = 2)]
    Not,
    /// The attribute is this.
    #[codec(index = 3)]
    Is(Name, Operand),
    /// The attribute is one of these.
    #[codec(index = 4)]
    In(Name, #[cfg_attr(feature = "schema", schemars(with = "Vec<Operand>", length(max = 64)))] List<Operand, 64>),
    /// The targeting key is a member of this segment of the plan.
    #[codec(index = 5)]
    Segment(Name),
    /// The attribute is a text that begins so.
    #[codec(index = 6)]
    Starts(Name, Text<64>),
    /// The attribute is a text that ends so.
    #[codec(index = 7)]
    Ends(Name, Text<64>),
    /// The attribute is a number below this.
    #[codec(index = 8)]
    Less(Name, Decimal),
    /// The attribute is a number above this.
    #[codec(index = 9)]
    More(Name, Decimal),
    /// The attribute is a version (SemVer 2.0.0) that is so beside this one.
    #[codec(index = 10)]
    Version(Name, VersionOrdering, Semver),
    /// The attribute is drawn for a share.
    #[codec(index = 11)]
    Share {
        /// The attribute, such as [`TARGETING_KEY`]; a text or a whole number.
        of: Name,
        /// How large the share is, in parts of 100,000; whoever is in it stays in it when it grows.
        per_100k: u32,
    },
}

/// What an attribute is compared with. `7` and `7.0` are one number, because not every sender tells them apart; `"7"` is none.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    /// Yes or no.
    #[codec(index = 0)]
    Bool(bool),
    /// A number.
    #[codec(index = 1)]
    Number(Decimal),
    /// Text.
    #[codec(index = 2)]
    Text(Text<64>),
}

/// How a version stands beside another.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VersionOrdering {
    /// Before it.
    #[codec(index = 0)]
    Before,
    /// It, or before it.
    #[codec(index = 1)]
    AtMost,
    /// It.
    #[codec(index = 2)]
    Same,
    /// It, or after it.
    #[codec(index = 3)]
    AtLeast,
    /// After it.
    #[codec(index = 4)]
    After,
}

impl VersionOrdering {
    /// Whether that is so of what compares like this.
    pub(crate) fn is(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Before => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Same => order.is_eq(),
            Self::AtLeast => order.is_ge(),
            Self::After => order.is_gt(),
        }
    }
}

/// A version as SemVer 2.0.0 writes it, such as `1.4.0-rc.1`, in at most 64 bytes. What does not decode as one is none.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Serialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Semver(#[cfg_attr(feature = "schema", schemars(with = "String", length(max = 64)))] Text<64>);

impl Semver {
    /// `None` when the text is no version.
    pub fn new(text: &str) -> Option<Self> {
        semver::Version::parse(text).ok().and_then(|_| Text::new(text)).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// How a text compares with it as a version; builds of one version are the same. None when the text is no version.
    pub(crate) fn compared(&self, text: &str) -> Option<std::cmp::Ordering> {
        let other = semver::Version::parse(text).ok()?;
        Some(other.cmp_precedence(&semver::Version::parse(self.as_str()).ok()?))
    }
}

impl std::str::FromStr for Semver {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no version; write one such as 1.4.0 or 2.0.0-rc.1, in at most 64 bytes");
        Self::new(text.trim()).ok_or_else(wrong)
    }
}

impl std::fmt::Display for Semver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Decode for Semver {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        let text = Text::<64>::decode(input)?;
        Self::new(text.as_str()).ok_or_else(|| "not a version".into())
    }
}

impl<'de> Deserialize<'de> for Semver {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Why a targeting may not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleFlaw {
    /// Something joins more than stands before it, or joins nothing, or more than one thing is left.
    #[codec(index = 0)]
    #[error("joins more or fewer parts than it has; every part is joined once, and one is left")]
    NotOne,
    /// It is deeper than [`MOST_RULE_DEPTH`].
    #[codec(index = 1)]
    #[error("is deeper than 4 levels; write several cases instead")]
    TooDeep,
    /// A share is larger than the whole.
    #[codec(index = 2)]
    #[error("has a share of more than 100,000 in 100,000; write at most that")]
    ShareTooLarge,
    /// The cases of a setting name more segments than it may.
    #[codec(index = 3)]
    #[error("names more than 3 segments; join some of them to one")]
    TooManySegments,
    /// The setting takes more bytes than it may.
    #[codec(index = 4)]
    #[error("takes more than 2 KiB with the other cases; make a segment of what is listed")]
    TooLarge,
}

impl RuleNode {
    /// How many of those before it it joins.
    fn joins(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => usize::from(*parts),
            Self::Not => 1,
            _ => 0,
        }
    }

    fn is_joining(&self) -> bool {
        matches!(self, Self::All(_) | Self::Any(_) | Self::Not)
    }

    /// The attribute that it asks, by the name that the rule gives it.
    pub(crate) fn attribute(&self) -> Option<&str> {
        match self {
            Self::All(_) | Self::Any(_) | Self::Not => None,
            Self::Segment(_) => Some(TARGETING_KEY),
            Self::Is(of, _) | Self::In(of, _) | Self::Starts(of, _) | Self::Ends(of, _) => Some(of.as_str()),
            Self::Less(of, _) | Self::More(of, _) | Self::Version(of, ..) | Self::Share { of, .. } => Some(of.as_str()),
        }
    }
}

impl From<List<RuleNode, MOST_NODES>> for Rule {
    fn from(nodes: List<RuleNode, MOST_NODES>) -> Self {
        Self(nodes)
    }
}

impl Rule {
    /// Its parts, in postfix.
    pub fn nodes(&self) -> &[RuleNode] {
        &self.0
    }

    /// Whether it is one: every part is joined once, and it is not too deep.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), RuleFlaw> {
        let mut depths: Vec<u8> = Vec::new();
        for node in &self.0 {
            if matches!(node, RuleNode::Share { per_100k, .. } if *per_100k > WHOLE_SHARE) {
                return Err(RuleFlaw::ShareTooLarge);
            }
            if node.is_joining() && node.joins() == 0 {
                return Err(RuleFlaw::NotOne);
            }
            let from = depths.len().checked_sub(node.joins()).ok_or(RuleFlaw::NotOne)?;
            let below = depths.split_off(from).into_iter().max().unwrap_or(0);
            depths.push(below.saturating_add(1));
        }
        match depths.as_slice() {
            [depth] if *depth <= MOST_RULE_DEPTH => Ok(()),
            [_] => Err(RuleFlaw::TooDeep),
            _ => Err(RuleFlaw::NotOne),
        }
    }

    /// The attributes that it asks, but for the targeting key.
    pub fn attributes(&self) -> BTreeSet<&str> {
        self.0.iter().filter_map(RuleNode::attribute).filter(|name| *name != TARGETING_KEY).collect()
    }

    /// The segments that it names.
    pub fn segments(&self) -> BTreeSet<&Name> {
        let named = self.0.iter().filter_map(|node| match node {
            RuleNode::Segment(segment) => Some(segment),
            _ => None,
        });
        named.collect()
    }

    /// Whether it draws for a share of people, which takes a targeting key.
    pub(crate) fn draws_by_key(&self) -> bool {
        self.0.iter().any(|node| matches!(node, RuleNode::Share { of, .. } if of.as_str() == TARGETING_KEY))
    }
}
