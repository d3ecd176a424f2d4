//! What is on record: each decision, with what asked for it.

use crate::{Error, Event};
use accounts::Lane;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, ProposalId, Subject, TransactionHash};
use serde::{Deserialize, Serialize};
use state::Told;

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fact {
    /// What asked for it.
    pub cause: Cause,
    /// What happened, or why it was refused.
    #[cfg_attr(feature = "schema", schemars(with = "Outcome"))]
    pub outcome: Result<Event, Error>,
}

/// The outcome of a decision: what happened, or why it was refused.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "the shape of a `Result`, which has no description of its own")]
enum Outcome {
    /// It was granted, and this happened.
    Ok(Event),
    /// It was refused, and this is why.
    Err(Error),
}

/// What asks for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A transaction; its fee and the nonce of its lane are taken whatever the outcome.
    Transaction {
        /// Which.
        hash: TransactionHash,
        /// Whose.
        account: AccountId,
        /// By which of the account's counters it is counted.
        lane: Lane,
        /// What it paid.
        fee: Amount,
        /// How much of that was burned: what the fee schedule asked. The block's proposer got the rest.
        burned: Amount,
    },
    /// A proposal that passed and whose epoch has come.
    Proposal(ProposalId),
    /// The clock: heights and epochs.
    Clock,
    /// Genesis, which all nodes of a network agree on.
    Genesis,
}

/// The words are those of what happened, or of the refusal.
impl Told for Fact {
    fn sentence(&self) -> String {
        self.told().sentence()
    }

    fn kind(&self) -> &'static str {
        self.told().kind()
    }

    /// Each once: what it concerns as its pallet names it, what it is named after first; then the proposal or account that asked.
    fn about(&self) -> Vec<Subject> {
        let asked = match &self.cause {
            Cause::Transaction { account, .. } => Some(Subject::Account(*account)),
            Cause::Proposal(id) => Some(Subject::Proposal(*id)),
            Cause::Clock | Cause::Genesis => None,
        };
        let mut about: Vec<Subject> = Vec::new();
        for subject in self.told().about().into_iter().chain(asked) {
            if !about.contains(&subject) {
                about.push(subject);
            }
        }
        about
    }
}

impl Fact {
    fn told(&self) -> &dyn Told {
        match &self.outcome {
            Ok(event) => event.told(),
            Err(error) => error.told(),
        }
    }
}
