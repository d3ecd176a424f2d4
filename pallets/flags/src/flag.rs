//! What a flag is: its variants, who answers for it, and until when (ROLLOUTS 6.1).

use crate::{Error, FlagRegister, Value};
use parity_scale_codec::{Decode, Encode};
use primitives::{Height, List, Name, Text, Timestamp};
use serde::{Deserialize, Serialize};

/// How many bytes a flag has at most when it is encoded.
pub const MOST_FLAG_BYTES: usize = 8 * 1024;
/// How many variants a flag has at most.
pub const MOST_VARIANTS: u32 = 16;

/// A flag, as it is defined; what it serves where is in its settings. Which fields an edit may move is in
/// [`may_become`](Self::may_become).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// What it is called; no other flag of its plan is or ever was.
    pub key: Name,
    /// What it is for.
    pub kind: FlagKind,
    /// What it can serve, all of one type; a place in this list is what settings name.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Variant>", length(min = 1, max = MOST_VARIANTS)))]
    pub variants: List<Variant, MOST_VARIANTS>,
    /// The variant that is served where nothing is set, by its place (REQ-103).
    pub fallback: u8,
    /// The variant that is served where the flag is disabled, by its place.
    pub off: u8,
    /// The role that answers for it (REQ-103).
    pub owner: Name,
    /// Until when it is meant to be there (REQ-103). Afterwards it serves what it served, and is told of.
    pub expires: Expiry,
    /// How much a mistake with it costs (REQ-105).
    pub risk: Risk,
    /// Who may see it (REQ-106).
    pub audience: Audience,
    /// Whether an emergency may disable it.
    pub emergency: bool,
    /// The flags of the same plan that have to be on wherever it is (REQ-011).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 8)))]
    pub requires: List<Name, 8>,
    /// The variants, by their places, that bypass what is enforced otherwise: serving one is on record as that (REQ-112).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<u8>", length(max = 16)))]
    pub bypass: List<u8, 16>,
    /// What shares are drawn with, beside the attribute: flags with the same salt split people alike.
    pub salt: Name,
    /// What it is about, for people; may be empty.
    pub text: Text<256>,
}

/// One of the values that a flag can serve, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What it is called; no other variant of the flag is.
    pub name: Name,
    /// What it is worth.
    pub value: Value,
}

/// What a flag is for.
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
    strum::VariantArray,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FlagKind {
    /// Gates something for good; of the node's plan, one of the [gates](crate::Gate) of this network.
    #[codec(index = 0)]
    Gate,
    /// Releases something that is deployed already.
    #[codec(index = 1)]
    Release,
    /// Tries something on some.
    #[codec(index = 2)]
    Experiment,
    /// Runs something otherwise, such as slower.
    #[codec(index = 3)]
    Operational,
    /// Grants something.
    #[codec(index = 4)]
    Permission,
    /// Switches something off in need.
    #[codec(index = 5)]
    KillSwitch,
    /// Takes something out of use.
    #[codec(index = 6)]
    Sunset,
}

impl FlagKind {
    /// Whether a flag of this kind may be meant to stay for ever (REQ-103).
    pub fn may_stay(self) -> bool {
        matches!(self, Self::Gate | Self::Permission | Self::KillSwitch)
    }
}

/// Until when a flag is meant to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// Until that block time.
    #[codec(index = 0)]
    At(Timestamp),
    /// For ever.
    #[codec(index = 1)]
    Never,
}

impl Expiry {
    /// Whether it is over at a block time.
    pub fn is_over(self, time: Timestamp) -> bool {
        matches!(self, Self::At(end) if end <= time)
    }
}

/// How much a mistake costs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
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
pub enum Risk {
    /// Little.
    #[codec(index = 0)]
    Low,
    /// Much: what it is about is promoted behind a flag alone.
    #[codec(index = 1)]
    High,
}

/// Who may see a flag when it is evaluated.
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
pub enum Audience {
    /// The nodes of this network.
    #[codec(index = 0)]
    Node,
    /// Servers of an application.
    #[codec(index = 1)]
    Server,
    /// What its users run.
    #[codec(index = 2)]
    Client,
    /// Servers and clients.
    #[codec(index = 3)]
    Both,
}

/// A flag with the height of the block that defined it, which is the version of its fallback.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DefinedFlag {
    /// The flag.
    pub flag: Flag,
    /// When it was defined; an edit changes nothing that is served, and leaves this.
    pub since: Height,
}

/// What an edit changes of a flag; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FlagEdit {
    /// What it is about.
    pub text: Option<Text<256>>,
    /// Who answers for it.
    pub owner: Option<Name>,
    /// Until when it is meant to be there.
    pub expires: Option<Expiry>,
    /// Whether its risk is high from now on. It is never lowered.
    pub raises_risk: bool,
    /// More variants, behind those that it has.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Variant>", length(max = MOST_VARIANTS)))]
    pub variants: List<Variant, MOST_VARIANTS>,
}

impl Flag {
    /// The variant at a place.
    pub fn variant(&self, place: u8) -> Option<&Variant> {
        self.variants.get(usize::from(place))
    }

    /// The place of the variant of that name.
    pub fn place_of(&self, variant: &Name) -> Option<u8> {
        self.variants.iter().position(|other| other.name == *variant).and_then(|place| u8::try_from(place).ok())
    }

    /// Whether the flag is on where it serves a variant: of one that is true or false, whether that is `true`, and of any other,
    /// whether it is not its `off` (ROLLOUTS 6.2). No for a variant that it has not.
    pub fn is_on(&self, place: u8) -> bool {
        match self.variant(place).map(|variant| &variant.value) {
            Some(Value::Bool(on)) => *on,
            Some(_) => place != self.off,
            None => false,
        }
    }

    /// The flag after an edit.
    ///
    /// # Errors
    /// When it would have too many variants. Whether what comes out is a flag is for [`check`](Self::check).
    pub fn edited(&self, edit: &FlagEdit) -> Result<Flag, Error> {
        let mut flag = self.clone();
        for variant in &edit.variants {
            let full = || Error::Full { of: self.key.clone(), register: FlagRegister::Variants, most: MOST_VARIANTS };
            flag.variants.try_push(variant.clone()).map_err(|_| full())?;
        }
        flag.text = edit.text.clone().unwrap_or(flag.text);
        flag.owner = edit.owner.clone().unwrap_or(flag.owner);
        flag.expires = edit.expires.unwrap_or(flag.expires);
        flag.risk = if edit.raises_risk { Risk::High } else { flag.risk };
        Ok(flag)
    }

    /// Whether the flag could be made this other one without changing what anything serves or is judged by: text, owner and expiry
    /// may differ, the risk may be higher, and variants may follow behind those there are.
    pub fn may_become(&self, other: &Flag) -> bool {
        let movable = Flag {
            text: self.text.clone(),
            owner: self.owner.clone(),
            expires: self.expires,
            risk: self.risk,
            variants: self.variants.clone(),
            ..other.clone()
        };
        let goes_on = self.variants.iter().zip(&other.variants).all(|(before, after)| before == after);
        movable == *self && goes_on && self.variants.len() <= other.variants.len() && self.risk <= other.risk
    }

    /// Refuses a place at which it has no variant.
    pub(crate) fn require_variant(&self, place: u8) -> Result<(), Error> {
        let of = u8::try_from(self.variants.len()).unwrap_or(u8::MAX);
        self.variant(place).map(|_| ()).ok_or_else(|| Error::VariantUnknown { key: self.key.clone(), place, of })
    }
}
