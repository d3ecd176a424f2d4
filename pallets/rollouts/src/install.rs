//! How a plan comes into force, and what is kept of it besides its rows.

use crate::plan::{ArtifactRules, Governs, Plan, PlanDocument, Policy, Reference};
use flags::SegmentMembers;
use parity_scale_codec::{Decode, Encode};
#[cfg(feature = "schema")]
use primitives::Text;
use primitives::{AccountId, Amount, Digest, List, Moment, Name, ProposalId};
use roles::{Actor, Seat};
use serde::{Deserialize, Serialize};

/// The most applications that have a plan (ROLLOUTS 17). That of the node needs no place among them.
pub const MOST_APPLICATIONS: u32 = 4_096;
/// The most later versions of one plan that wait for the vote of its owner (ROLLOUTS 7.4).
pub const MOST_AMENDMENTS: u32 = 4;
/// The names that no application's plan has.
pub const RESERVED_NAMES: [&str; 2] = ["chain", "node"];
/// The most moves of values that an installation lists.
pub const MOST_MOVES: u32 = 16;
/// How many bytes an installation has at most when it is encoded: those of a plan, and room for a few hundred accounts.
pub const MOST_INSTALLATION_BYTES: usize = 64 * 1024;
/// What is held for the plan of an application, however short it is (ROLLOUTS 17).
pub const PLAN_DEPOSIT: Amount = Amount(10_000);
/// What is held besides for each byte of it.
pub const PLAN_DEPOSIT_PER_BYTE: Amount = Amount(10);

/// A version of a plan with what its installation needs besides (ROLLOUTS 7.4).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Installation {
    /// The plan. Its version is the one after that in force, or 1.
    pub plan: Plan,
    /// The document that says why; every version after the first has one.
    pub document: Option<Reference>,
    /// The stage that stands from that block on; of a first version alone.
    pub stage: Option<Name>,
    /// Who has the roles; of a first version alone. Later members come and go by themselves.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<RoleSeats>", length(max = 16)))]
    pub members: List<RoleSeats, 16>,
    /// The segments that the plan comes with; one that is there stays as it is.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<SegmentFill>", length(max = 64)))]
    pub segments: List<SegmentFill, 64>,
    /// Every flag that serves something else by it, so that whoever votes sees that. Nothing moves in silence.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ListedMove>", length(max = MOST_MOVES)))]
    pub moves: List<ListedMove, MOST_MOVES>,
}

/// The first members of a role.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleSeats {
    /// The role.
    pub role: Name,
    /// Who has it, and where.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Seat>", length(max = 16)))]
    pub seats: List<Seat, 16>,
}

/// The first members of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentFill {
    /// The segment.
    pub segment: Name,
    /// Who is in it, sorted, each once; accounts in a node's plan. May be empty.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Text<64>>", length(max = 256)))]
    pub members: SegmentMembers,
}

/// A flag that serves something else once a plan is installed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListedMove {
    /// The flag; never that of the quorum.
    pub flag: Name,
    /// The variant that it serves then.
    pub to: Name,
}

/// A later version of an application's plan that somebody asked for, until its owner has decided.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AskedAmendment {
    /// Who asked for it.
    pub by: Actor,
    /// The version.
    pub installation: Installation,
    /// The poll on it, once it is open.
    pub poll: Option<ProposalId>,
}

/// Where a plan stands: what every call reads first.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanHead {
    /// The version in force; the last one of a plan that is retired.
    pub version: u32,
    /// When that was installed.
    pub installed: Moment,
    /// Who installed the first version; nobody of what genesis or the stake installed.
    pub owner: Option<AccountId>,
    /// What is held of that account.
    pub deposit: Amount,
    /// Whether it is retired. Its name is never used again.
    pub retired: bool,
}

/// A version of a plan: all of it that is no row of its own, and no role or flag, which are as they stand now. It is kept while it is in
/// force, and while a change is active that was carried out under it (ROLLOUTS 7.4).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeptPlan {
    /// The BLAKE3 of the bundle's bytes.
    pub bundle: Digest,
    /// The BLAKE3 of the profile's bytes.
    pub profile: Digest,
    /// What it says of itself.
    pub document: PlanDocument,
    /// What it governs.
    pub governs: Governs,
    /// What the levels of its scopes are.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 3)))]
    pub levels: List<Name, 3>,
    /// The stages by name, in their order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 8)))]
    pub stages: List<Name, 8>,
    /// The flags that it came with, by key, in their order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 64)))]
    pub flags: List<Name, 64>,
    /// What its artifacts are like.
    pub artifacts: Option<ArtifactRules>,
    /// What holds for every change.
    pub policy: Policy,
    /// How many changes are active that were carried out under it.
    pub active: u32,
}

impl KeptPlan {
    /// How many levels its scopes have; none of a node's plan, where everything is at the root.
    pub fn depth(&self) -> u8 {
        u8::try_from(self.levels.len()).unwrap_or(u8::MAX)
    }

    /// Whether it governs the network that it is on.
    pub fn is_of_node(&self) -> bool {
        self.governs == Governs::Node
    }

    /// The place of a stage in the order, from 0.
    pub fn place(&self, stage: &Name) -> Option<usize> {
        self.stages.iter().position(|other| other == stage)
    }
}
