//! How balances are spoken of.

use crate::{Call, Error, Event};
use primitives::Subject;
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        let Call::Transfer { to, amount } = self;
        format!("sends {} tokens to {to}", amount.grouped())
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        let Call::Transfer { to, .. } = self;
        vec![Subject::Account(*to)]
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::FeesSet(fees) => {
                let (base, per_byte) = (fees.base.grouped(), fees.per_byte.grouped());
                format!("a transaction costs {base} and {per_byte} for each byte")
            }
            Event::Endowed { account, amount } => format!("{account} has {} tokens", amount.grouped()),
            Event::Transferred { from, to, amount } => format!("{from} sent {} tokens to {to}", amount.grouped()),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::FeesSet(_) => Vec::new(),
            Event::Endowed { account, .. } => vec![Subject::Account(*account)],
            Event::Transferred { from, to, .. } => vec![Subject::Account(*from), Subject::Account(*to)],
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "accounts.refused"
    }

    fn about(&self) -> Vec<Subject> {
        Vec::new()
    }
}
