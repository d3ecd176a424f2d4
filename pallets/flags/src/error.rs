//! Why something is refused that is asked of flags: of their definitions by calls, of what they serve by changes.

use crate::object::MOST_OBJECT_DEPTH;
use crate::rule::RuleFlaw;
use crate::value::ValueFlaw;
use crate::{FlagKind, MOST_VARIANTS};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Name, Path, Text, Timestamp};
use serde::{Deserialize, Serialize};

const _: () = assert!(MOST_OBJECT_DEPTH == 8 && MOST_VARIANTS == 16, "sentences say these numbers");

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FlagsRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The account may not do that in the role that it acts in.
    #[codec(index = 0)]
    #[error("{0}")]
    Role(Box<roles::Error>),
    /// The plan has no such flag.
    #[codec(index = 1)]
    #[error("plan {plan} has no flag {key:?}; name one that it has, or define it first")]
    FlagUnknown {
        /// The plan.
        plan: Name,
        /// The flag.
        key: Name,
    },
    /// The plan has, or once had, a flag of that name.
    #[codec(index = 2)]
    #[error(
        "plan {plan} has or had a flag {key:?}, and old clients may still ask for that; name yours otherwise, or edit what is there"
    )]
    FlagTaken {
        /// The plan.
        plan: Name,
        /// The flag.
        key: Name,
    },
    /// What each flag must have is missing (REQ-103).
    #[codec(index = 3)]
    #[error("flag {key:?} lacks its {part}; {}", part.what_would_do())]
    Incomplete {
        /// The flag.
        key: Name,
        /// What is missing.
        part: FlagPart,
    },
    /// A flag of this kind has to have a day on which it is gone (REQ-103).
    #[codec(index = 4)]
    #[error(
        "flag {key:?} is of kind {kind}, and only a gate, a permission and a kill switch may stay for ever; say the day by which \
         it is gone"
    )]
    StaysForEver {
        /// The flag.
        key: Name,
        /// Its kind.
        kind: FlagKind,
    },
    /// A flag would have expired before it is there.
    #[codec(index = 5)]
    #[error("flag {key:?} would have expired before this block, at {at} ms since 1970; name a later day")]
    AlreadyExpired {
        /// The flag.
        key: Name,
        /// When.
        at: Timestamp,
    },
    /// There is no variant at a place.
    #[codec(index = 6)]
    #[error("flag {key:?} has {of} variants, counted from 0, and none at place {place}; name one of them")]
    VariantUnknown {
        /// The flag.
        key: Name,
        /// The place that was named.
        place: u8,
        /// How many variants there are.
        of: u8,
    },
    /// Two variants have one name.
    #[codec(index = 7)]
    #[error("flag {key:?} has two variants {variant:?}; name one of them otherwise")]
    VariantTwice {
        /// The flag.
        key: Name,
        /// The name.
        variant: Name,
    },
    /// The weights of a split sum to nothing, or to too much.
    #[codec(index = 8)]
    #[error("a split of flag {key:?} weighs {total}; let its weights sum to at least 1 and at most 2,147,483,647")]
    BadSplit {
        /// The flag.
        key: Name,
        /// What they sum to.
        total: u64,
    },
    /// The values of a flag are of several types.
    #[codec(index = 9)]
    #[error("variant {variant:?} of flag {key:?} is of another type than those before it; a flag is of one type")]
    MixedTypes {
        /// The flag.
        key: Name,
        /// The first that differs.
        variant: Name,
    },
    /// A value is none that every reader gets as it is.
    #[codec(index = 10)]
    #[error("variant {variant:?} of flag {key:?} {flaw}")]
    BadValue {
        /// The flag.
        key: Name,
        /// The variant.
        variant: Name,
        /// What is wrong.
        flaw: ValueFlaw,
    },
    /// A flag would be on where one that it requires is not (REQ-011).
    #[codec(index = 11)]
    #[error("flag {key:?} requires {requires:?}, which is not on for everybody {}; turn that on first", place(path))]
    Prerequisite {
        /// The flag.
        key: Name,
        /// What it requires.
        requires: Name,
        /// Where.
        path: Path,
    },
    /// A flag is disabled at a path or above it, so nothing that is set there is served.
    #[codec(index = 12)]
    #[error(
        "flag {key:?} is disabled {}, and stays so over everything that is set; enable it there first",
        place(above)
    )]
    Disabled {
        /// The flag.
        key: Name,
        /// Where it is disabled.
        above: Path,
    },
    /// A rule is none, or larger than one may be.
    #[codec(index = 13)]
    #[error("a rule of flag {key:?} {flaw}")]
    BadRule {
        /// The flag.
        key: Name,
        /// What is wrong.
        flaw: RuleFlaw,
    },
    /// There is no room for more.
    #[codec(index = 14)]
    #[error("{of} has {most} {register}, as many as there is room for; take some away first")]
    Full {
        /// The plan, the flag or the segment.
        of: Name,
        /// Of what.
        register: FlagRegister,
        /// How many there can be.
        most: u32,
    },
    /// Nothing is set at such a path.
    #[codec(index = 15)]
    #[error("{path:?} is no scope of plan {plan}, whose scopes have at most {most} levels; name a shorter one")]
    BadPath {
        /// The plan.
        plan: Name,
        /// The path.
        path: Path,
        /// How many levels its scopes have; none of a node's plan, where everything is set at the root.
        most: u8,
    },
    /// The plan has no such segment.
    #[codec(index = 16)]
    #[error("plan {plan} has no segment {segment:?}; name one that it has")]
    SegmentUnknown {
        /// The plan.
        plan: Name,
        /// The segment.
        segment: Name,
    },
    /// A segment of the node's plan has accounts as members, and this is none.
    #[codec(index = 17)]
    #[error("{member:?} is no account, as the members of {segment:?} are; write the 64 hex digits of one")]
    NoAccount {
        /// The segment.
        segment: Name,
        /// What was named.
        member: Text<64>,
    },
    /// A gate of this network would be something else than on, off, or on for a segment.
    #[codec(index = 18)]
    #[error(
        "{key:?} is a gate of this network, which is true or false: on or off for everybody, or on for the members of one segment \
         and off for all others; rules and shares are for other flags"
    )]
    GateShape {
        /// The gate.
        key: Name,
    },
    /// The node's plan has a gate that this network has not.
    #[codec(index = 19)]
    #[error("{key:?} is no gate of this network; name one that it has, or give the flag another kind")]
    GateUnknown {
        /// The flag.
        key: Name,
    },
    /// A flag is not retired while something names it.
    #[codec(index = 20)]
    #[error("flag {key:?} is still in use: {by}; end that first")]
    InUse {
        /// The flag.
        key: Name,
        /// By what.
        by: FlagUse,
    },
    /// A plan has a flag otherwise than it is, in more than may be edited.
    #[codec(index = 21)]
    #[error(
        "flag {key:?} is there already and differs in more than its text, owner and expiry, a higher risk and variants at the end; \
         what is served changes by a change alone, so define another flag"
    )]
    Fixed {
        /// The flag.
        key: Name,
    },
    /// A gate of this network would come or go without its plan, and so without a vote.
    #[codec(index = 22)]
    #[error(
        "{key:?} is a gate of this network, and whether it is defined moves it; gates come with the plan that governs the network \
         alone, so name another flag, or amend that plan"
    )]
    GateOfPlan {
        /// The gate.
        key: Name,
    },
    /// Where a flag is disabled it would be on, though disabling it is how it is turned off.
    #[codec(index = 23)]
    #[error(
        "flag {key:?} would be true where it is disabled, and a gate, a kill switch and what an emergency may disable are false \
         there; name a variant that is false as what it serves then"
    )]
    OffIsTrue {
        /// The flag.
        key: Name,
    },
    /// A change says twice what a flag serves at one path.
    #[codec(index = 24)]
    #[error("flag {key:?} is set twice {} by one change; say once what it serves there", place(path))]
    SetTwice {
        /// The flag.
        key: Name,
        /// Where.
        path: Path,
    },
    /// A change moves the members of one segment twice.
    #[codec(index = 25)]
    #[error("segment {segment:?} is changed twice by one change; name all members that come and go at once")]
    SegmentTwice {
        /// The segment.
        segment: Name,
    },
    /// A change names a member of a segment twice: among those that come, among those that go, or among both.
    #[codec(index = 26)]
    #[error(
        "{member:?} is named twice by the change of segment {segment:?}; name each member once, as one that comes or as one that goes"
    )]
    MemberTwice {
        /// The segment.
        segment: Name,
        /// Who.
        member: Text<64>,
    },
    /// Tokens that are not issued yet would be revoked, which nobody could take back.
    #[codec(index = 27)]
    #[error(
        "tokens that are issued before {issued_before} ms since 1970 cannot all be there at {at} ms, the time of this block; name a \
         time that has come"
    )]
    RevokesAhead {
        /// What was named.
        issued_before: Timestamp,
        /// The time of the block.
        at: Timestamp,
    },
    /// What would be revoked is revoked already, and that is not taken back.
    #[codec(index = 28)]
    #[error(
        "every token for plan {plan} that {account} issued before {before} ms since 1970 is revoked already; name a later time, if \
         there are later tokens to end"
    )]
    AlreadyRevoked {
        /// The plan.
        plan: Name,
        /// Whose.
        account: AccountId,
        /// Before when.
        before: Timestamp,
    },
    /// There is no room for more at the paths of a tenant, or of all tenants together (ROLLOUTS 17).
    #[codec(index = 29)]
    #[error("in plan {plan} {} {most} {register}, as many as there is room for; {}", who(tenant.as_ref()), room(tenant.as_ref()))]
    ShareFull {
        /// The plan.
        plan: Name,
        /// The tenant that has no room; none where all of them together have none.
        tenant: Option<Name>,
        /// Of what.
        register: FlagRegister,
        /// How many there can be.
        most: u32,
    },
}

fn who(tenant: Option<&Name>) -> String {
    tenant.map_or_else(|| "all tenants together have".into(), |tenant| format!("tenant {tenant} has"))
}

fn room(tenant: Option<&Name>) -> &'static str {
    match tenant {
        Some(_) => "take some away at its paths first, or have its plan's owner set it for the whole stage",
        None => "the rest is for stages and for the whole plan, whose owners can set it there or take something away",
    }
}

/// A part that no flag is without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::Display)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FlagPart {
    /// Who answers for it.
    #[codec(index = 0)]
    Owner,
    /// What it serves where nothing is set.
    #[codec(index = 1)]
    Fallback,
    /// What it serves where it is disabled.
    #[codec(index = 2)]
    Off,
    /// What it can serve.
    #[codec(index = 3)]
    Variants,
}

impl FlagPart {
    fn what_would_do(self) -> &'static str {
        match self {
            Self::Owner => "name a role of the plan that answers for it",
            Self::Fallback => "name the variant that is served where nothing is set",
            Self::Off => "name the variant that is served where it is disabled",
            Self::Variants => "say one variant at least, so that there is something to serve",
        }
    }
}

/// What there is bounded room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::Display)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagRegister {
    /// Flags of a plan.
    #[codec(index = 0)]
    #[strum(to_string = "flags")]
    Flags,
    /// Settings of a plan, of all flags at all paths.
    #[codec(index = 1)]
    #[strum(to_string = "settings")]
    Settings,
    /// Segments of a plan.
    #[codec(index = 2)]
    #[strum(to_string = "segments")]
    Segments,
    /// Members of a segment.
    #[codec(index = 3)]
    #[strum(to_string = "members")]
    Members,
    /// Names of attributes that the rules of a plan ask.
    #[codec(index = 4)]
    #[strum(to_string = "names of attributes in its rules")]
    Attributes,
    /// Bytes of all flags, settings and segments of a plan.
    #[codec(index = 5)]
    #[strum(to_string = "bytes of flags, settings and segments")]
    Bytes,
    /// Variants of a flag.
    #[codec(index = 6)]
    #[strum(to_string = "variants")]
    Variants,
    /// Bytes of a flag.
    #[codec(index = 7)]
    #[strum(to_string = "bytes")]
    BytesOfFlag,
    /// Where flags are disabled, each flag and path for one.
    #[codec(index = 8)]
    #[strum(to_string = "disabled flags")]
    Disabled,
}

/// What a flag is in use by.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagUse {
    /// Something is set.
    #[codec(index = 0)]
    #[error("something is set {}", place(.0))]
    Setting(Path),
    /// It is disabled.
    #[codec(index = 1)]
    #[error("it is disabled {}", place(.0))]
    Disabled(Path),
    /// The plan in force came with it, and its stages may name it.
    #[codec(index = 2)]
    #[error("the plan in force came with it")]
    Plan,
    /// Another flag requires it.
    #[codec(index = 3)]
    #[error("flag {0:?} requires it")]
    RequiredBy(Name),
}

impl From<roles::Error> for Error {
    fn from(error: roles::Error) -> Self {
        Self::Role(Box::new(error))
    }
}

impl Error {
    /// The name by which tools know it; it never changes (ROLLOUTS 16).
    pub fn code(&self) -> &'static str {
        match self {
            Error::Role(error) => error.code(),
            Error::FlagUnknown { .. } => "E_FLAG_UNKNOWN",
            Error::FlagTaken { .. } => "E_FLAG_TAKEN",
            Error::Incomplete { .. } => "E_FLAG_INCOMPLETE",
            Error::StaysForEver { .. } | Error::AlreadyExpired { .. } => "E_FLAG_EXPIRY",
            Error::VariantUnknown { .. } | Error::VariantTwice { .. } | Error::BadSplit { .. } => "E_VARIANT",
            Error::MixedTypes { .. } | Error::BadValue { .. } => "E_TYPE",
            Error::Prerequisite { .. } => "E_PREREQUISITE",
            Error::Disabled { .. } => "E_DISABLED",
            Error::BadRule { .. } => "E_RULE_TOO_LARGE",
            Error::Full { register: FlagRegister::Attributes, .. } => "E_RULE_TOO_LARGE",
            Error::Full { .. } | Error::ShareFull { .. } => "E_FULL",
            Error::BadPath { .. } => "E_PATH",
            Error::SegmentUnknown { .. } | Error::NoAccount { .. } => "E_SEGMENT",
            Error::GateShape { .. } => "E_GATE_SHAPE",
            Error::GateUnknown { .. } => "E_GATE_UNKNOWN",
            Error::InUse { .. } => "E_FLAG_IN_USE",
            Error::Fixed { .. } => "E_FLAG_FIXED",
            Error::GateOfPlan { .. } => "E_GATE_OF_PLAN",
            Error::OffIsTrue { .. } => "E_FLAG_OFF",
            Error::SetTwice { .. } | Error::SegmentTwice { .. } | Error::MemberTwice { .. } => "E_TWICE",
            Error::RevokesAhead { .. } | Error::AlreadyRevoked { .. } => "E_TOKEN_TIME",
        }
    }

    /// The number by which programs know it, from 200 on; it never changes, and is of no other refusal (REQ-137).
    pub fn number(&self) -> u16 {
        match self {
            Error::Role(error) => error.number(),
            Error::FlagUnknown { .. } => 200,
            Error::FlagTaken { .. } => 201,
            Error::Incomplete { .. } => 202,
            Error::StaysForEver { .. } => 203,
            Error::AlreadyExpired { .. } => 204,
            Error::VariantUnknown { .. } => 205,
            Error::VariantTwice { .. } => 206,
            Error::BadSplit { .. } => 207,
            Error::MixedTypes { .. } => 208,
            Error::BadValue { .. } => 209,
            Error::Prerequisite { .. } => 210,
            Error::Disabled { .. } => 211,
            Error::BadRule { .. } => 212,
            Error::Full { .. } => 213,
            Error::BadPath { .. } => 214,
            Error::SegmentUnknown { .. } => 215,
            Error::NoAccount { .. } => 216,
            Error::GateShape { .. } => 217,
            Error::GateUnknown { .. } => 218,
            Error::InUse { .. } => 219,
            Error::Fixed { .. } => 220,
            Error::GateOfPlan { .. } => 221,
            Error::OffIsTrue { .. } => 222,
            Error::SetTwice { .. } => 223,
            Error::SegmentTwice { .. } => 224,
            Error::MemberTwice { .. } => 225,
            Error::RevokesAhead { .. } => 226,
            Error::AlreadyRevoked { .. } => 227,
            Error::ShareFull { .. } => 228,
        }
    }
}

/// A path as a place.
pub(crate) fn place(path: &Path) -> String {
    if path.is_root() { "at the root".into() } else { format!("in {path}") }
}
