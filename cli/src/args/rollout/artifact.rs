//! `contract rollout artifact`.

use super::ActingIn;
use crate::args::Send;
use crate::args::gov::Page;
use crate::args::values::{said_of_artifact, word};
use artifacts::ArtifactStanding;
use clap::{Args, Subcommand};
use primitives::{Digest, Name, Text};

/// The commands on what an application promotes.
#[derive(Debug, Subcommand)]
pub enum ArtifactArgs {
    /// Say that there is an artifact, with all that its plan asks of one
    Register(Box<Send<RegisterArtifact>>),
    /// List the artifacts, with what each is needed for
    List(ArtifactsArgs),
    /// Say that an artifact is bad, or let one go that nothing needs
    Mark(Box<Send<MarkArtifact>>),
}

/// Something that can be promoted.
#[derive(Debug, Clone, Args)]
pub struct RegisterArtifact {
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// What it is called, in the form that the plan says
    #[arg(long, value_name = "NAME")]
    pub name: Name,
    /// What its bytes come to, as b3sum prints it
    #[arg(long, value_name = "HEX")]
    pub digest: Digest,
    /// The phase that it is of; of a plan that has phases
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<Name>,
    /// Something that the plan asks of each, such as commit=.. and target=PROD; repeat it
    #[arg(long = "meta", value_name = "KEY=TEXT", value_parser = said_of_artifact)]
    pub meta: Vec<(Name, Text<128>)>,
}

/// Which artifacts are listed.
#[derive(Debug, Clone, Args)]
pub struct ArtifactsArgs {
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Only those that stood in this stage and were not let go, the latest first
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<Name>,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
}

/// What an artifact is from then on.
#[derive(Debug, Clone, Args)]
pub struct MarkArtifact {
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// Which artifact
    #[arg(long, value_name = "HEX")]
    pub digest: Digest,
    /// What it is: bad, or released; good it becomes when its promotion is closed
    #[arg(long, value_parser = word::<ArtifactStanding>())]
    pub standing: ArtifactStanding,
}
