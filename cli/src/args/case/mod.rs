//! `contract incident`, `contract risk` and `contract hold`: one file each.

pub mod hold;
pub mod incident;
pub mod risk;

use super::gov::Page;
use super::values::word;
use clap::Args;
use primitives::{CaseId, Name, Path};
use rpc::views::CaseStateName;

/// Which case, and as what somebody acts on it. Its plan is that of the case.
#[derive(Debug, Clone, Args)]
pub struct ActingOnCase {
    /// The number of the case
    #[arg(long, value_name = "CASE")]
    pub case: CaseId,
    /// The role in which the account acts; without it, the one that it has and that may
    #[arg(long = "as", value_name = "ROLE")]
    pub acting: Option<Name>,
}

/// One case that is shown.
#[derive(Debug, Clone, Args)]
pub struct OneCase {
    /// Its number
    #[arg(value_name = "CASE")]
    pub case: CaseId,
}

/// Which cases are listed.
#[derive(Debug, Clone, Args)]
pub struct CasesArgs {
    /// Only those under this plan
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Only those that have come so far; open is whatever is not over
    #[arg(long, value_parser = word::<CaseStateName>())]
    pub state: Option<CaseStateName>,
    /// Only those there, or below
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// Only those that came before this one: where older ones were not looked at, the list says from which to go on
    #[arg(long, value_name = "CASE")]
    pub before: Option<CaseId>,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
}
