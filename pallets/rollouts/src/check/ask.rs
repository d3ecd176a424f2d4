//! What can be asked: of people and their tools, of the chain itself, of those who vote.

use super::VoteRules;
use parity_scale_codec::{Decode, Encode};
use primitives::{AlertSeverity, Decimal, Fraction, List, Name, Pattern, Span, Text};
use releases::StageName;
use serde::{Deserialize, Serialize};

/// The question of a check. In a profile each has the name of its variant (ROLLOUTS 10).
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
pub enum Ask {
    /// A word of the check's role: a sign-off or evidence.
    #[codec(index = 0)]
    Word {
        /// What it is about.
        about: AboutKind,
        /// The type of what it rests on (in-toto's predicate type); a word with one brings the digest of its body.
        predicate: Option<Text<96>>,
        /// What it refers to.
        refs: Refs,
        /// Bounds its value: at most this factor of what was said about that key at the stage before, where that has a value.
        within: Option<(Name, Decimal)>,
    },
    /// Words of the members of a segment about the change, each for itself.
    #[codec(index = 1)]
    Chorus {
        /// Whose; `validators` are those who could be elected.
        segment: Name,
        /// How many of them.
        least: Least,
        /// Whether only what was said after the latest announcement of the change counts.
        after_announced: bool,
    },
    /// A word of the check's role for every key.
    #[codec(index = 2)]
    Rows {
        /// What they are about.
        about: AboutKind,
        /// Which keys.
        keys: RowKeys,
        /// What each refers to; `{key}` is the row's own number.
        refs: Option<Pattern>,
    },
    /// A word over a stretch of time that began after the change was carried out.
    #[codec(index = 3)]
    Watch {
        /// What it is about.
        about: AboutKind,
        /// How long the stretch is at least.
        lasted: Span,
    },
    /// None of these keys of checks and signals stands as failed.
    #[codec(index = 4)]
    Forbid {
        /// The keys.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))]
        keys: List<Name, 16>,
    },
    /// A stage has stood for a while in which nothing happened that restarts the clock.
    #[codec(index = 5)]
    Soak {
        /// The stage; the clock runs there alone.
        stage: Name,
        /// How long.
        span: Span,
        /// From when.
        since: SoakSince,
        /// The signals that restart the clock; `emergency` is every disable and rollback.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 8)))]
        unless: List<Name, 8>,
    },
    /// Nodes run what they should, by what they advertised.
    #[codec(index = 6)]
    Fleet {
        /// What they should run.
        profile: FleetProfile,
        /// How much of the power has to; of nodes nothing is asked with a share of nothing, only whether the chain's own
        /// values are the profile.
        share: Fraction,
        /// Whether only what was advertised since the change was submitted counts.
        fresh: bool,
        /// Whether they need the bundle's bytes too.
        bundle: bool,
    },
    /// The members of a segment have reported about the change's build.
    #[codec(index = 7)]
    Installed {
        /// Whose reports.
        segment: Name,
        /// The stage of installing that they reported at least.
        stage: StageName,
    },
    /// The change's build was approved, with what is asked for here.
    #[codec(index = 8)]
    Build {
        /// Its software bill of materials.
        sbom: bool,
        /// The signatures over it.
        provenance: bool,
        /// The checks that were answered about the commit it was built from.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 4)))]
        commit_of: List<Name, 4>,
    },
    /// Nothing in a register stands open, or unaccepted.
    #[codec(index = 9)]
    Clear {
        /// The register.
        register: Register,
        /// From which severity on.
        severity: AlertSeverity,
    },
    /// A playbook was tried within the time that it says, and fast enough.
    #[codec(index = 10)]
    Drill {
        /// The playbook.
        playbook: Name,
    },
    /// What would be gone back to exists.
    #[codec(index = 11)]
    Recoverable,
    /// Those who vote agree.
    #[codec(index = 12)]
    Vote {
        /// Who, how many and how long.
        ballot: VoteRules,
    },
}

impl Ask {
    /// Whether the members of a role are asked to vote.
    pub fn is_vote(&self) -> bool {
        matches!(self, Self::Vote { .. })
    }
}

/// What an answer is about, by its kind; which one follows from the change that asks.
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
pub enum AboutKind {
    /// The plan.
    #[codec(index = 0)]
    Plan,
    /// The stage that is asked for.
    #[codec(index = 1)]
    Stage,
    /// The change.
    #[codec(index = 2)]
    Change,
    /// The artifact that the change moves; of a node's plan the build.
    #[codec(index = 3)]
    Artifact,
    /// The phase of the change.
    #[codec(index = 4)]
    Phase,
    /// The scope of the change.
    #[codec(index = 5)]
    Scope,
}

/// What a word has to refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Refs {
    /// Nothing in particular.
    #[default]
    #[codec(index = 0)]
    Any,
    /// Something of this form.
    #[codec(index = 1)]
    Matching(Pattern),
    /// All of these.
    #[codec(index = 2)]
    All(#[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 16)))] List<Name, 16>),
    /// Every waiver of the change (REQ-021): one that comes later makes the word missing again.
    #[codec(index = 3)]
    Waivers,
    /// Every release check of the stage, each by the role that signs it off (REQ-022, REQ-077).
    #[codec(index = 4)]
    ReleaseChecks,
}

/// How many of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Least {
    /// That many heads, at least one.
    #[codec(index = 0)]
    Count(u16),
    /// That share of them; of validators by power, and all of them by heads too.
    #[codec(index = 1)]
    Share(Fraction),
}

/// Which rows are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RowKeys {
    /// Numbered ones (REQ-143): from `FR-P7-1001` to `FR-P7-1020`, the last among them.
    #[codec(index = 0)]
    Range {
        /// What stands before the number.
        prefix: Name,
        /// The first number.
        from: u32,
        /// The last number.
        to: u32,
        /// What stands after it; nothing when there is none.
        suffix: Option<Name>,
    },
    /// Those that the exit lists of the phases ask for which are open or frozen (REQ-131).
    #[codec(index = 1)]
    Active,
}

/// From when a soak counts. Whatever restarts the clock comes on top.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SoakSince {
    /// The stage was entered.
    #[codec(index = 0)]
    Entered,
    /// The change that entered it was closed, and so audited.
    #[codec(index = 1)]
    Verified,
    /// That flag was turned on there (REQ-056).
    #[codec(index = 2)]
    On(Name),
}

/// Which values nodes are held against.
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
pub enum FleetProfile {
    /// Those of the stage that stands, with its limits and the steps taken so far.
    #[codec(index = 0)]
    Current,
    /// Those of the stage that is to come: each node knows every gate that goes on there, and holds none of them back.
    #[codec(index = 1)]
    Target,
}

/// What is written down of what may go wrong.
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
pub enum Register {
    /// What went wrong: none may be open.
    #[codec(index = 0)]
    Incident,
    /// What could: none may be open without having been accepted.
    #[codec(index = 1)]
    Risk,
}
