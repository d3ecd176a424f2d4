//! What every command that proposes something takes.

use super::Writing;
use super::values::track;
use clap::Args;
use governance::TrackName;
use primitives::{Epoch, typed_number};

/// A motion, when it is decided, and how it is sent: for another motion, its own arguments are all there is to write.
#[derive(Debug, Clone, Args)]
pub struct Propose<M: Args> {
    /// What is proposed.
    #[command(flatten)]
    pub motion: M,
    /// When it is decided and carried out.
    #[command(flatten)]
    pub timing: Timing,
    /// How it is sent.
    #[command(flatten)]
    pub writing: Writing,
}

/// By which rules a proposal is decided, and when it is decided and carried out.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "The vote")]
pub struct Timing {
    /// The rules of the vote; without it, expedited for what stops software or a decision, else routine
    #[arg(long, value_parser = track())]
    pub track: Option<TrackName>,
    /// The epoch at whose start voting ends; without it, the soonest that the track allows with a whole epoch to vote
    #[arg(long, value_name = "EPOCH")]
    pub deadline: Option<Epoch>,
    /// Epochs from the end of voting to the activation; without it, the fewest that the track allows
    #[arg(long, value_name = "EPOCHS", value_parser = typed_number)]
    pub delay: Option<u64>,
}
