//! The changes that can be asked for.

use super::ActingIn;
use crate::args::values::{feature, word};
use clap::Args;
use primitives::{AccountId, Digest, Name, Path, Reason, ReleaseClass, Text};
use rollouts::change::{Feature, MANUAL};
use rollouts::plan::{Nature, PhaseState};
use std::path::PathBuf;

/// What every change says. The version of the plan, and its bundle, are those in force.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The change")]
pub struct ChangeTerms {
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
    /// The ticket that it is tracked under, where stage or procedure ask for one
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<Name>,
    /// The bundle that it was written against; without it, the one in force. Another one is refused
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}

/// What a change that moves values, and no artifact, says.
#[derive(Debug, Clone, Args)]
pub struct MoveTerms {
    /// How much it changes; sets which share of votes is needed
    #[arg(long, value_parser = word::<ReleaseClass>(), default_value = "minor")]
    pub class: ReleaseClass,
    /// Who decides blocks alone from then on: of a change that takes the quorum of the validators away
    #[arg(long, value_name = "ACCOUNT")]
    pub sealer: Option<AccountId>,
    /// What every change says.
    #[command(flatten)]
    pub terms: ChangeTerms,
}

/// A stage to enter.
#[derive(Debug, Clone, Args)]
pub struct PromoteArgs {
    /// The stage to enter: the one after the last that stands
    #[arg(long, value_name = "STAGE")]
    pub to: Name,
    /// The build that the stage was tested with, or the artifact of an application
    #[arg(long, value_name = "BLAKE3")]
    pub artifact: Option<Digest>,
    /// How much the release behind it changes; sets which checks drop out, and which share of votes is needed
    #[arg(long, value_parser = word::<ReleaseClass>())]
    pub class: ReleaseClass,
    /// What it does to the product
    #[arg(long, value_parser = word::<Nature>(), default_value = "feature")]
    pub nature: Nature,
    /// The phase that it belongs to; of a plan that has phases
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<Name>,
    /// The milestone that it is for
    #[arg(long, value_name = "NAME", requires = "impact")]
    pub milestone: Option<Name>,
    /// What its users will notice; at most 512 bytes
    #[arg(long, value_name = "TEXT")]
    pub impact: Option<Text<512>>,
    /// Something that it brings, with its risk, low or high, and the flag that it is behind; repeat it
    #[arg(long = "feature", value_name = "NAME:RISK[:FLAG]", value_parser = feature)]
    pub features: Vec<Feature>,
    /// Who decides blocks alone from then on: of a change that takes the quorum of the validators away
    #[arg(long, value_name = "ACCOUNT")]
    pub sealer: Option<AccountId>,
    /// What every change says.
    #[command(flatten)]
    pub terms: ChangeTerms,
}

/// A stage to go back to.
#[derive(Debug, Clone, Args)]
pub struct DemoteArgs {
    /// The stage to go back to, which stands
    #[arg(long, value_name = "STAGE")]
    pub to: Name,
    /// What the change says.
    #[command(flatten)]
    pub by: MoveTerms,
}

/// A flag to move, or a segment to fill. What stands there now is asked of the node, so that a change which comes first is noticed.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("moved").required(true).args(["variant", "unset", "enable", "segment"]))]
#[command(group = clap::ArgGroup::new("moving").multiple(true).args(["add", "remove"]))]
pub struct SetArgs {
    /// The flag
    #[arg(value_name = "FLAG", required_unless_present = "segment", conflicts_with = "segment")]
    pub flag: Option<Name>,
    /// Serve this variant
    #[arg(long, value_name = "VARIANT")]
    pub variant: Option<Name>,
    /// Serve it to the members of this segment alone; others have what the path above serves, at the root the fallback
    #[arg(long, value_name = "SEGMENT", requires = "variant")]
    pub only: Option<Name>,
    /// Set nothing there any more, so that the path above decides
    #[arg(long)]
    pub unset: bool,
    /// Have it no longer disabled at exactly that path
    #[arg(long)]
    pub enable: bool,
    /// Where; without it, at the root
    #[arg(long, value_name = "SCOPE", conflicts_with = "segment")]
    pub scope: Option<Path>,
    /// A segment, instead of a flag
    #[arg(long, value_name = "SEGMENT", requires = "moving")]
    pub segment: Option<Name>,
    /// Who comes into the segment, in a node's plan an account; repeat it
    #[arg(long = "add", value_name = "MEMBER", conflicts_with = "flag")]
    pub add: Vec<Text<64>>,
    /// Who goes out of it; repeat it
    #[arg(long = "remove", value_name = "MEMBER", conflicts_with = "flag")]
    pub remove: Vec<Text<64>>,
    /// Who is in it now, so that a change which comes first is noticed; repeat it. Without it, that is asked of the node
    #[arg(long = "present", value_name = "MEMBER", conflicts_with = "flag")]
    pub present: Vec<Text<64>>,
    /// What the change says.
    #[command(flatten)]
    pub by: MoveTerms,
}

/// Flags to disable.
#[derive(Debug, Clone, Args)]
pub struct DisableArgs {
    /// The flags; what requires them goes off with them
    #[arg(value_name = "FLAG", required = true)]
    pub flags: Vec<Name>,
    /// Where, and below; without it, everywhere
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// One of the causes that the plan's procedure names, such as SAFETY
    #[arg(long, value_name = "CAUSE")]
    pub cause: Name,
    /// What every change says.
    #[command(flatten)]
    pub terms: ChangeTerms,
}

/// A stage in which something went wrong. What it goes back to is computed when it is carried out, and named by nobody.
#[derive(Debug, Clone, Args)]
pub struct RollbackArgs {
    /// The stage
    #[arg(long, value_name = "STAGE")]
    pub stage: Name,
    /// The signal that set it off; without it, that somebody saw it
    #[arg(long, value_name = "SIGNAL", default_value = MANUAL)]
    pub trigger: Name,
    /// Where that was seen: one of the sources that the plan's procedure names, such as telemetry
    #[arg(long, value_name = "SOURCE")]
    pub source: Name,
    /// What every change says.
    #[command(flatten)]
    pub terms: ChangeTerms,
}

/// A phase to move on.
#[derive(Debug, Clone, Args)]
pub struct PhaseArgs {
    /// The phase
    #[arg(long, value_name = "PHASE")]
    pub phase: Name,
    /// The state after the one that it is in
    #[arg(long, value_parser = word::<PhaseState>(), ignore_case = true)]
    pub to: PhaseState,
    /// What every change says.
    #[command(flatten)]
    pub terms: ChangeTerms,
}

/// Where changes stop.
#[derive(Debug, Clone, Args)]
pub struct FreezeArgs {
    /// Where, and below; without it, everywhere
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// What users are told; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub announcement: Text<1024>,
    /// What every change says.
    #[command(flatten)]
    pub terms: ChangeTerms,
}
