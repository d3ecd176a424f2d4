//! How balances are spoken of, and how accounts speak of themselves.

use crate::{Call, Description, Error, Event};
use primitives::{Amount, Subject};
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Transfer { to, amount } => format!("sends {} tokens to {to}", amount.grouped()),
            Call::Describe(description) if description.is_empty() => "takes back what it says of itself".into(),
            Call::Describe(description) => format!("describes itself by {}", said(description)),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Call::Transfer { to, .. } => vec![Subject::Account(*to)],
            Call::Describe(_) => Vec::new(),
        }
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::FeesSet(fees) => {
                let [base, per_byte, per_read] = [fees.base, fees.per_byte, fees.per_read].map(Amount::grouped);
                format!(
                    "a transaction costs {base} and {per_byte} for each byte, and {per_read} for each row that a verdict may read"
                )
            }
            Event::Endowed { account, amount } => format!("{account} has {} tokens", amount.grouped()),
            Event::Transferred { from, to, amount } => format!("{from} sent {} tokens to {to}", amount.grouped()),
            Event::Described { account, description } if description.is_empty() => {
                format!("{account} took back what it said of itself")
            }
            Event::Described { account, description } => {
                format!("{account} described itself by {}", said(description))
            }
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
            Event::Described { account, .. } => vec![Subject::Account(*account)],
        }
    }
}

/// A name and a link, between quotation marks: a call may hold any text.
fn said(Description { name, link }: &Description) -> String {
    format!("{} and {}", quoted("name", name.as_str()), quoted("link", link.as_str()))
}

fn quoted(what: &str, text: &str) -> String {
    if text.is_empty() { format!("no {what}") } else { format!("the {what} {text:?}") }
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
