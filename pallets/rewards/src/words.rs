//! How rewards are spoken of.

use crate::{Call, Error, Event, share};
use primitives::{Amount, Subject};
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Fund { amount } => {
                format!("gives {} tokens to the pool that rewards are paid from", amount.grouped())
            }
            Call::Collect { validator } => format!("collects what its delegation to {validator} has earned"),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Call::Fund { .. } => Vec::new(),
            Call::Collect { validator } => vec![Subject::Account(*validator)],
        }
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::ParamsSet { params, pool } => format!(
                "an epoch pays at most {} tokens of a pool of {}: {} to proposers, {} to witnesses, the rest for presence",
                params.per_epoch.grouped(),
                pool.grouped(),
                params.leader,
                params.witness
            ),
            Event::Began { epoch, paid } => {
                format!("presence counts in epoch {epoch}, for {} validators", paid.count())
            }
            Event::Attended { epoch, present, ms, .. } => {
                format!("{} validators of epoch {epoch} were there for {ms} ms", present.count())
            }
            Event::Dropped { epoch } => format!("nothing is paid for epoch {epoch}, because timetoke_rewards is off"),
            Event::Rewarded { epoch, paid, pool, .. } => format!(
                "epoch {epoch} paid {} tokens to {} validators and those who delegate to them; {} are left in the pool",
                share::total(paid).grouped(),
                paid.len(),
                pool.grouped()
            ),
            Event::Funded { from, amount } => {
                format!("{from} gave {} tokens to the pool that rewards are paid from", amount.grouped())
            }
            Event::Collected { who, validator, epochs, .. } => {
                let amount: Amount = epochs.iter().map(|(_, amount)| *amount).sum();
                format!("{who} collected {} tokens for its delegation to {validator}", amount.grouped())
            }
            Event::Lapsed { epoch, amount } => {
                format!("{} tokens of epoch {epoch}, which nobody collected, are back in the pool", amount.grouped())
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::Funded { from, .. } => vec![Subject::Account(*from)],
            Event::Collected { who, validator, .. } => vec![Subject::Account(*who), Subject::Account(*validator)],
            Event::ParamsSet { .. }
            | Event::Began { .. }
            | Event::Attended { .. }
            | Event::Dropped { .. }
            | Event::Rewarded { .. }
            | Event::Lapsed { .. } => Vec::new(),
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "rewards.refused"
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Error::Accounts(_) => Vec::new(),
            Error::NothingDue { validator, .. } => vec![Subject::Account(*validator)],
        }
    }
}
