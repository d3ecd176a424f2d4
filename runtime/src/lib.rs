//! The state machine as a whole: what a transaction can ask, what governance can do, what happens, and why not.
//!
//! One idea carries it: **decide, then apply**. A [`Call`] is judged by `decide`, which reads [`State`](state::State) and can
//! write nothing; what it grants is an [`Event`], which `apply` writes and cannot refuse. Each decision becomes a [`Fact`], and
//! everything else reads facts: state is a fold of them, and so is any explorer's database. A block's header commits to
//! them, refusals included.
//!
//! ```
//! use runtime::{Genesis, replay};
//! # let genesis = runtime::testing::genesis();
//! let mut memory = genesis.build();
//! let context = runtime::testing::context(&genesis, 1);
//! let executed = runtime::execute(&memory, &context, &[]).unwrap();
//! assert_eq!(replay(&memory, &context, &executed.facts), executed.writes);
//! ```
//!
//! # Invariants
//! - Only `settle`, `due` and `replay` call `apply`.
//! - A refused call changes nothing but the fee and the nonce.
//! - `replay` of the facts writes what `execute` wrote.
//! - A transaction cannot express a [`Motion`] but as the subject of a proposal.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

mod block;
mod certificate;
mod execute;
mod fact;
mod genesis;
pub mod params;
pub mod testing;
mod transaction;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Digest, Epoch, Moment, ProposalId};
use serde::{Deserialize, Serialize};
use state::State;

pub use block::{Block, BlockError, Header, Record};
pub use certificate::{Certificate, CertificateError, VoteKind, vote_payload};
pub use execute::{Context, Executed, assemble, execute, replay};
pub use fact::{Cause, Fact};
pub use genesis::{Bond, Endowment, Genesis, Mistake, Mistakes};
pub use transaction::{Payload, Transaction, TxError};

/// What a transaction can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Balances.
    Accounts(accounts::Call),
    /// Bonds and delegations.
    Staking(staking::Call),
    /// Proposals and votes.
    Governance(governance::Call<Motion>),
    /// Install receipts.
    Releases(releases::Call),
}

/// What only governance can do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// To releases.
    Releases(releases::Motion),
    /// To its own proposals.
    Governance(governance::Intervention),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// To balances.
    Accounts(accounts::Event),
    /// To stake.
    Staking(staking::Event),
    /// To proposals.
    Governance(governance::Event<Motion>),
    /// To releases.
    Releases(releases::Event),
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// By the rules of balances.
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    /// By the rules of stake.
    #[error(transparent)]
    Staking(#[from] staking::Error),
    /// By the rules of proposals.
    #[error(transparent)]
    Governance(#[from] governance::Error),
    /// By the rules of releases.
    #[error(transparent)]
    Releases(#[from] releases::Error),
}

impl Call {
    /// Judges the call of `who`; reads everything, writes nothing.
    pub fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        Ok(match self {
            Call::Accounts(call) => Event::Accounts(call.decide(state, at, who)?),
            Call::Staking(call) => Event::Staking(call.decide(state, at, who)?),
            Call::Governance(call) => {
                let event = call.decide(state, at, who)?;
                if let governance::Event::Proposed(proposal) = &event {
                    proposal.motion.admit(state, at.epoch, proposal.activation_epoch)?;
                }
                Event::Governance(event)
            }
            Call::Releases(call) => Event::Releases(call.decide(state, at, who)?),
        })
    }
}

impl Motion {
    /// Whether the motion may be put to the vote `now`, to be carried out at `activation`.
    fn admit(&self, state: &State, now: Epoch, activation: Epoch) -> Result<(), Error> {
        match self {
            Motion::Governance(intervention) => Ok(intervention.admit::<Motion>(state, activation)?),
            Motion::Releases(motion) => Ok(motion.admit(state, now, activation)?),
        }
    }

    /// What the motion does, once it passed and its epoch has come.
    fn enact(&self, state: &State, at: Moment, id: ProposalId, proposer: AccountId) -> Result<Event, Error> {
        match self {
            Motion::Governance(intervention) => Ok(Event::Governance(intervention.enact(state, at.epoch)?)),
            Motion::Releases(motion) => Ok(Event::Releases(motion.enact(state, at, id, proposer)?)),
        }
    }

    /// Whether it is carried out before the other motions of its epoch, because it may stop one of them.
    fn goes_first(&self) -> bool {
        matches!(self, Motion::Governance(_))
    }
}

impl governance::Motion for Motion {
    fn claims(&self) -> Vec<Digest> {
        match self {
            Motion::Governance(intervention) => intervention.claims(),
            Motion::Releases(motion) => motion.claims(),
        }
    }

    fn needs_expedited(&self) -> bool {
        match self {
            Motion::Governance(_) => true,
            Motion::Releases(motion) => motion.withdraws(),
        }
    }
}

impl Event {
    /// Writes the effects; cannot refuse.
    fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::Accounts(event) => event.apply(state),
            Event::Staking(event) => event.apply(state, at),
            Event::Governance(event) => event.apply(state),
            Event::Releases(event) => event.apply(state),
        }
    }
}
