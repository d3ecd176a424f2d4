//! `contract staking`.

use super::Send;
use clap::{Args, Subcommand};
use primitives::Decimal;
use staking::WHOLE_COMMISSION;
use std::path::PathBuf;

/// The commands on validators: on those that contradicted themselves, and on what each keeps of what its delegators earn.
#[derive(Debug, Subcommand)]
pub enum StakingArgs {
    /// Stand for election again after a punishment, once the time is over and with the minimum bond
    Unjail(Send<UnjailArgs>),
    /// Prove that a validator signed two messages that contradict each other
    Evidence(Send<EvidenceArgs>),
    /// Say how much of what delegators earn with you you keep, from the next epoch on
    SetCommission(Send<CommissionArgs>),
}

/// Nothing but the account that signs.
#[derive(Debug, Clone, Args)]
pub struct UnjailArgs {}

/// How much a validator keeps of what its delegators earn.
#[derive(Debug, Clone, Args)]
pub struct CommissionArgs {
    /// In percent, such as 5 or 2.5; to four places after the point
    #[arg(long = "percent", value_name = "PERCENT", value_parser = millionths)]
    pub millionths: u32,
}

/// So many percent, in millionths.
fn millionths(text: &str) -> Result<u32, String> {
    let of_a_percent = Decimal::new(10_000, 0);
    let product = text.parse::<Decimal>()?.checked_mul(&of_a_percent.unwrap_or_default());
    let whole = product.and_then(|product| u32::try_from(product.whole()?).ok());
    whole
        .filter(|millionths| *millionths <= WHOLE_COMMISSION)
        .ok_or_else(|| format!("{text:?} is no commission; write 0 to 100, with four places after the point at most"))
}

/// The proof of an offence.
#[derive(Debug, Clone, Args)]
pub struct EvidenceArgs {
    /// A file of one offence as JSON, such as a node keeps in the folder evidence of its home; - reads standard input
    #[arg(long = "offence", value_name = "FILE")]
    pub file: PathBuf,
}
