//! How stake is spoken of.

use crate::{Call, Error, Event, OffenceName};
use primitives::{Amount, Subject};
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Bond { amount } => format!("bonds {} tokens to itself as a validator", amount.grouped()),
            Call::Delegate { validator, amount } => {
                format!("delegates {} tokens to validator {validator}", amount.grouped())
            }
            Call::Unbond { validator, amount } => format!(
                "takes {} tokens out of its bond to {validator}; they are free after the unbonding period",
                amount.grouped()
            ),
            Call::Evidence(offence) => {
                format!(
                    "proves that validator {} {} at height {}",
                    offence.validator(),
                    offence.name(),
                    offence.height()
                )
            }
            Call::Unjail => "stands for election as a validator again".into(),
            Call::SetCommission { millionths } => {
                format!("keeps {} of what its delegators earn from the next epoch on", of_all(*millionths))
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Call::Bond { .. } | Call::Unjail | Call::SetCommission { .. } => Vec::new(),
            Call::Evidence(offence) => vec![Subject::Account(offence.validator())],
            Call::Delegate { validator, .. } | Call::Unbond { validator, .. } => vec![Subject::Account(*validator)],
        }
    }
}

/// So many millionths, in percent.
fn of_all(millionths: u32) -> String {
    let (percent, rest) = (millionths.checked_div(10_000), millionths.checked_rem(10_000));
    let text = format!("{}.{:04}", percent.unwrap_or(0), rest.unwrap_or(0));
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// What somebody did, as the rest of a sentence.
impl std::fmt::Display for OffenceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            OffenceName::Votes => "voted for two blocks in one round",
            OffenceName::Proposals => "proposed two blocks in one round",
            OffenceName::AfterDecision => "helped to decide a block and precommitted another one later",
        })
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::ParamsSet { params, .. } => format!(
                "at most {} validators decide blocks, each with at least {} tokens bonded to itself",
                params.max_validators,
                params.minimum_bond.grouped()
            ),
            Event::Bonded { who, validator, amount, from_epoch, .. } => {
                let amount = amount.grouped();
                let what = if who == validator {
                    format!("{who} bonded {amount} tokens to itself")
                } else {
                    format!("{who} delegated {amount} tokens to {validator}")
                };
                format!("{what}, in force from epoch {from_epoch} on")
            }
            Event::Unbonding { who, validator, amount, free_epoch, .. } => format!(
                "{who} takes {} tokens out of its bond to {validator}; they are free from epoch {free_epoch} on",
                amount.grouped()
            ),
            Event::Unbonded { who, amount, .. } => format!("{} tokens of {who} are free again", amount.grouped()),
            Event::Elected { epoch, sealer: Some(sealer), candidates, .. } => {
                let count = candidates.validators.len();
                format!(
                    "{sealer} was elected to decide blocks alone in epoch {epoch}; a quorum would have been of {count}"
                )
            }
            Event::Elected { epoch, validators, .. } => match validators.validators.len() {
                1 => format!("one validator was elected to decide blocks in epoch {epoch}"),
                count => format!("{count} validators were elected to decide blocks in epoch {epoch}"),
            },
            Event::Forgotten { who, validator, .. } if who == validator => {
                format!("{who} was a validator, which no vote needs to know any more")
            }
            Event::Forgotten { who, validator, .. } => {
                format!("{who} was bonded to {validator}, which no vote needs to know any more")
            }
            Event::Punished { validator, offence, height, loss, jailed_until, .. } => format!(
                "{validator} {offence} at height {height}, lost {} tokens and stays out until epoch {jailed_until}",
                loss.total().grouped()
            ),
            Event::Slashed { who, validator, epoch, loss, .. } => match loss.total() {
                Amount::ZERO => format!("{who} had nothing at stake with {validator} in epoch {epoch}"),
                lost => {
                    let lost = lost.grouped();
                    format!("{who} lost {lost} tokens, because {validator} contradicted itself in epoch {epoch}")
                }
            },
            Event::Unjailed { validator } => format!("{validator} stands for election again"),
            Event::CommissionSet { validator, millionths, from_epoch, .. } => format!(
                "{validator} keeps {} of what its delegators earn from epoch {from_epoch} on",
                of_all(*millionths)
            ),
            Event::Unenforced { epoch } => {
                format!(
                    "what validators sign in epoch {epoch} is not punished: consensus_enforcement was off when it began"
                )
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::ParamsSet { .. } | Event::Unenforced { .. } => Vec::new(),
            Event::Elected { sealer, .. } => sealer.iter().copied().map(Subject::Account).collect(),
            Event::Punished { validator, reporter, .. } => {
                vec![Subject::Account(*validator), Subject::Account(*reporter)]
            }
            Event::Unjailed { validator } | Event::CommissionSet { validator, .. } => {
                vec![Subject::Account(*validator)]
            }
            Event::Bonded { who, validator, .. }
            | Event::Unbonding { who, validator, .. }
            | Event::Unbonded { who, validator, .. }
            | Event::Forgotten { who, validator, .. }
            | Event::Slashed { who, validator, .. } => {
                let validator = Some(*validator).filter(|validator| validator != who);
                [Some(*who), validator].into_iter().flatten().map(Subject::Account).collect()
            }
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "staking.refused"
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}
