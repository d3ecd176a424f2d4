//! How stake is spoken of.

use crate::{Call, Error, Event};
use primitives::Subject;
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
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Call::Bond { .. } => Vec::new(),
            Call::Delegate { validator, .. } | Call::Unbond { validator, .. } => vec![Subject::Account(*validator)],
        }
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
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::ParamsSet { .. } | Event::Elected { .. } => Vec::new(),
            Event::Bonded { who, validator, .. }
            | Event::Unbonding { who, validator, .. }
            | Event::Unbonded { who, validator, .. }
            | Event::Forgotten { who, validator, .. } => {
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
