//! `contract roles`.

use super::account::Whose;
use super::gov::Page;
use super::keys::PassphraseArgs;
use super::rollout::ActingIn;
use super::rollout::read::OfPlan;
use super::values::seat;
use super::{Propose, Send};
use clap::{Args, Subcommand};
use primitives::{AccountId, Name, Reason, ScopePattern};
use roles::Seat;

/// The commands on who may do what under a plan.
#[derive(Debug, Subcommand)]
pub enum RolesArgs {
    /// List the roles of a plan, with what each lets do
    List(OfPlan),
    /// Show a role with its members
    Show {
        /// The role
        #[arg(value_name = "ROLE")]
        role: Name,
        /// The plan; without it, that of this network
        #[arg(long, value_name = "PLAN")]
        plan: Option<Name>,
    },
    /// List the roles that an account has, of all plans
    Of {
        /// Whose.
        #[command(flatten)]
        whose: Whose,
        /// Where the passphrase of the key file comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
        /// Which part of the list.
        #[command(flatten)]
        page: Page,
    },
    /// Give an account a role, in a role that may appoint it
    Appoint(Box<Send<AppointArgs>>),
    /// Take a role from an account, in a role that may appoint it
    Dismiss(Box<Send<DismissArgs>>),
    /// Give a role of one's own back
    Resign(Box<Send<ResignArgs>>),
    /// Propose to the stake who has a role from then on
    ProposeMembers(Box<Propose<NewMembers>>),
}

/// Somebody who gets a role.
#[derive(Debug, Clone, Args)]
pub struct AppointArgs {
    /// The role
    #[arg(long, value_name = "ROLE")]
    pub role: Name,
    /// Who gets it
    #[arg(long, value_name = "ACCOUNT")]
    pub account: AccountId,
    /// Where it may act, such as */t1/**; repeat it, and leave it out for one that votes alone
    #[arg(long = "scope", value_name = "PATTERN")]
    pub scopes: Vec<ScopePattern>,
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
}

/// Somebody who loses a role.
#[derive(Debug, Clone, Args)]
pub struct DismissArgs {
    /// The role
    #[arg(long, value_name = "ROLE")]
    pub role: Name,
    /// Who loses it
    #[arg(long, value_name = "ACCOUNT")]
    pub account: AccountId,
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
}

/// A role that its member gives back.
#[derive(Debug, Clone, Args)]
pub struct ResignArgs {
    /// The role
    #[arg(long, value_name = "ROLE")]
    pub role: Name,
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
}

/// All who have a role from then on.
#[derive(Debug, Clone, Args)]
pub struct NewMembers {
    /// The role
    #[arg(long, value_name = "ROLE")]
    pub role: Name,
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// A member, and where it may act: everywhere where nothing is said; repeat it for each, those that stay as well
    #[arg(long = "member", value_name = "ACCOUNT[:SCOPE]", value_parser = seat, required = true)]
    pub members: Vec<Seat>,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}
