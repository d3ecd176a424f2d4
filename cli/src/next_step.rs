//! What a user of this tool can do about a refusal of the chain, whose own sentence knows no command.

use runtime::Error;

/// The next step; none where the chain's sentence has it, or there is none.
pub fn after(error: &Error) -> Option<&'static str> {
    match error {
        Error::Staking(error) => after_staking(error),
        Error::Governance(error) => after_governance(error),
        Error::Releases(releases::Error::ThresholdOutOfRange { .. }) => {
            Some("pass a --threshold in this range; `contract gov signers` shows it")
        }
        Error::Releases(releases::Error::AlreadyAttested { .. }) => {
            Some("nothing is to be done; `contract gov release` or `contract gov proposal` shows it")
        }
        _ => None,
    }
}

fn after_staking(error: &staking::Error) -> Option<&'static str> {
    match error {
        staking::Error::BondTooSmall { .. } => Some("lower --amount; `contract account show` lists the bonds"),
        _ => None,
    }
}

fn after_governance(error: &governance::Error) -> Option<&'static str> {
    use governance::Error::*;
    match error {
        NotEligible { .. } => Some("bond more with `contract account bond`, or ask a validator to propose it"),
        DeadlineOutOfRange { .. } => Some("pass a --deadline in this range, or leave it out for the soonest"),
        DelayOutOfRange { .. } => Some("pass a --delay in this range, or leave it out for the shortest"),
        NotOpen { .. } | VotingEnded { .. } => Some("see what came of it with `contract gov proposal`"),
        NoStake(_) => Some("vote with an account that had stake then; `contract account show` lists bonds"),
        NotProposer(_) => Some("sign with the proposer's --key, or vote no"),
        _ => None,
    }
}
