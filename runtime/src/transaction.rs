//! Signed transactions, and when one may be in a block.

use crate::{CHAIN, Call, ChainParams, Limits};
use accounts::{Account, FeeSchedule, Lane};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::{AccountId, Amount, ChainId, Height, Leveled as _, Moment, SecretKey, Signature, TransactionHash};
use serde::{Deserialize, Serialize};
use state::{Decide, State};
use std::cmp::Ordering;

/// What is signed, and the signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// What is signed.
    pub payload: Payload,
    /// The account's signature over [`Payload::signing_bytes`].
    pub signature: Signature,
}

/// What an account asks for, and under which conditions.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// The network it is meant for.
    pub chain_id: ChainId,
    /// Who asks.
    pub account: AccountId,
    /// By which of the account's counters it is counted. What people sign is in the wallet's lane, and so is JSON that names none.
    #[serde(default)]
    pub lane: Lane,
    /// How many transactions of the account came before in this lane.
    pub nonce: u64,
    /// The last block it may be in.
    pub expires_at: Height,
    /// What it pays once it is in a block, refused or not. What the fee schedule asks at least is burned, and the block's
    /// proposer gets what is above it.
    pub fee: Amount,
    /// What it asks.
    pub call: Call,
}

/// Why a transaction cannot be in a block. Nothing of it is stored and nothing is paid.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "TxRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum TxError {
    /// The bytes are not a transaction.
    #[error("the bytes are not a transaction: {0}")]
    Undecodable(String),
    /// Too many bytes.
    #[error("the transaction has {have} bytes and may have {most}; shorten its notes or split it")]
    TooLarge {
        /// Its size.
        have: u64,
        /// The bound.
        most: u64,
    },
    /// It is for another network.
    #[error("the transaction is for chain \"{found}\" and this is \"{expected}\"; sign it for this chain")]
    WrongChain {
        /// This chain.
        expected: ChainId,
        /// The chain it names.
        found: ChainId,
    },
    /// The signature is not the account's over these bytes.
    #[error("the signature is not valid for account {0}; sign the payload with that account's key")]
    BadSignature(AccountId),
    /// Its last block has passed.
    #[error("the transaction expired at height {expires_at}; it is height {now}: sign it again with a later expiry")]
    Expired {
        /// Its last block.
        expires_at: Height,
        /// The block that would take it.
        now: Height,
    },
    /// Its last block lies too far ahead.
    #[error(
        "the transaction expires at height {expires_at}, later than {latest}; sign it again with an earlier expiry"
    )]
    ExpiresTooLate {
        /// Its last block.
        expires_at: Height,
        /// The latest that is allowed now.
        latest: Height,
    },
    /// A transaction of this lane with this nonce is in the chain already.
    #[error("nonce {found} of this account is used in the {lane}'s lane; the next is {expected}")]
    NonceUsed {
        /// The transaction's lane.
        lane: Lane,
        /// The next nonce.
        expected: u64,
        /// The transaction's.
        found: u64,
    },
    /// Transactions of its lane that must come before are missing.
    #[error(
        "nonce {found} cannot come yet in the {lane}'s lane; the next is {expected}: send the transactions in between first"
    )]
    NonceTooHigh {
        /// The transaction's lane.
        lane: Lane,
        /// The next nonce.
        expected: u64,
        /// The transaction's.
        found: u64,
    },
    /// The fee is below the schedule.
    #[error("the fee is {have} and must be at least {need} for what the transaction takes of a block")]
    FeeTooLow {
        /// What it offers.
        have: Amount,
        /// What the schedule asks.
        need: Amount,
    },
    /// The account cannot pay the fee it offers.
    #[error("the account has {have} free tokens and the fee is {need}; add funds")]
    CannotPayFee {
        /// Free tokens.
        have: Amount,
        /// The fee.
        need: Amount,
    },
    /// It says something that came with a level which the network has not come up to: not every node could read it.
    #[error(
        "the transaction says what came with level {needs}, and level {have} is in force; send it again once the network has come up \
         to that"
    )]
    Dormant {
        /// The least level that it can be in a block at.
        needs: u32,
        /// The level in force.
        have: u32,
    },
    /// Judging what it asks may read more rows of state than a block has room for.
    #[error(
        "judging what the transaction asks may read {have} rows of state and a block has room for {most}; ask less in one list, in the \
         next version of the plan"
    )]
    TooManyReads {
        /// How many it may read.
        have: u32,
        /// The bound of a block.
        most: u32,
    },
}

/// What every transaction of a block is judged by. It is what the network began with: neither the clock nor a call changes it, so it may be
/// read before either.
#[derive(Debug, Clone)]
pub(crate) struct BlockTerms {
    pub chain: ChainParams,
    pub fees: FeeSchedule,
}

impl BlockTerms {
    /// Those of a block that stands on this state.
    pub fn of(state: &State) -> Self {
        Self { chain: CHAIN.require(state), fees: accounts::queries::fees(state) }
    }
}

/// What every transaction of the next block is judged by, whatever it asks: it follows from the block which that one stands on alone, so
/// whoever judges many reads it once.
#[derive(Debug, Clone)]
pub struct NextBlock {
    /// Its moment, as far as it is known.
    pub at: Moment,
    terms: BlockTerms,
}

impl NextBlock {
    /// The block of a moment that stands on this state.
    pub fn over(state: &State, at: Moment) -> Self {
        Self { at, terms: BlockTerms::of(state) }
    }

    /// The bounds that it keeps to.
    pub fn limits(&self) -> &Limits {
        &self.terms.chain.limits
    }
}

impl Payload {
    /// The bytes an account signs: the domain, then the SCALE encoding. The chain id is part of the encoding.
    pub fn signing_bytes(&self) -> Vec<u8> {
        (b"the-block/transaction/v2", self).encode()
    }

    /// Signs with the account's key.
    pub fn sign(self, key: &SecretKey) -> Transaction {
        let signature = key.sign(&self.signing_bytes());
        Transaction { payload: self, signature }
    }
}

impl Transaction {
    /// Reads exactly one transaction; bytes left over refuse it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TxError> {
        Self::decode_all(&mut &bytes[..]).map_err(|error| TxError::Undecodable(error.to_string()))
    }

    /// The hash by which it is known.
    pub fn hash(&self) -> TransactionHash {
        TransactionHash::of(&self.encode())
    }

    /// How many signatures its call brings, beside its own.
    pub fn signatures_inside(&self) -> u64 {
        self.payload.call.signatures().into()
    }

    /// Whether the account signed exactly this.
    pub fn check_signature(&self) -> Result<(), TxError> {
        let account = self.payload.account;
        if account.key().verify(&self.payload.signing_bytes(), &self.signature) {
            Ok(())
        } else {
            Err(TxError::BadSignature(account))
        }
    }

    /// What it takes of a block: see [`Limits::weight`].
    pub fn weight(&self, limits: &Limits) -> u64 {
        limits.weight(self.encoded_size() as u64, self.signatures_inside())
    }

    /// How many rows of state the verdict that its call asks may read, as state is: see [`Decide::reads`].
    pub fn reads(&self, state: &State) -> u32 {
        self.payload.call.reads(state)
    }

    /// What the fee schedule asks of a transaction of its weight, and of the rows that its verdict may read: the least it must offer, and
    /// what of its fee is burned.
    pub fn least_fee(&self, state: &State) -> Amount {
        let BlockTerms { chain, fees } = BlockTerms::of(state);
        fees.least_reading(self.weight(&chain.limits), self.reads(state))
    }

    /// What does not hang on its account, the cheapest first: length, chain, level, expiry and fee.
    pub fn check_terms(&self, state: &State, next: &NextBlock) -> Result<(), TxError> {
        self.meet(&next.terms, next.at, || self.reads(state)).map(|_| ())
    }

    /// The same, and what the schedule asks; how many rows its verdict may read is asked only once all that is cheaper is fine.
    fn meet(&self, terms: &BlockTerms, at: Moment, reads: impl FnOnce() -> u32) -> Result<Amount, TxError> {
        let BlockTerms { chain, fees } = terms;
        let Payload { chain_id, expires_at, fee, .. } = &self.payload;
        let (size, most) = (self.encoded_size() as u64, u64::from(chain.limits.max_transaction_bytes));
        if size > most {
            return Err(TxError::TooLarge { have: size, most });
        }
        if *chain_id != chain.chain_id {
            return Err(TxError::WrongChain { expected: chain.chain_id.clone(), found: chain_id.clone() });
        }
        let (needs, have) = (self.level(), at.level);
        if needs > have {
            return Err(TxError::Dormant { needs, have });
        }
        self.check_expiry(at)?;
        let latest = at.height.plus(chain.limits.max_transaction_lifetime);
        if *expires_at > latest {
            return Err(TxError::ExpiresTooLate { expires_at: *expires_at, latest });
        }
        let weight = chain.limits.weight(size, self.signatures_inside());
        let need = fees.least(weight);
        if *fee < need {
            return Err(TxError::FeeTooLow { have: *fee, need });
        }
        let (have, most) = (reads(), chain.limits.max_block_reads);
        if have > most {
            return Err(TxError::TooManyReads { have, most });
        }
        let need = fees.least_reading(weight, have);
        if *fee < need { Err(TxError::FeeTooLow { have: *fee, need }) } else { Ok(need) }
    }

    /// Whether its last block lies ahead: of its terms, what time alone takes away.
    pub fn check_expiry(&self, at: Moment) -> Result<(), TxError> {
        let expires_at = self.payload.expires_at;
        if expires_at < at.height { Err(TxError::Expired { expires_at, now: at.height }) } else { Ok(()) }
    }

    /// Whether it is the turn of this transaction, its account being as given: it carries the next nonce of its lane, and the
    /// free tokens cover its fee.
    pub fn check_turn(&self, account: &Account) -> Result<(), TxError> {
        let (lane, found) = (self.payload.lane, self.payload.nonce);
        let expected = account.nonce_in(lane);
        match found.cmp(&expected) {
            Ordering::Less => return Err(TxError::NonceUsed { lane, expected, found }),
            Ordering::Greater => return Err(TxError::NonceTooHigh { lane, expected, found }),
            Ordering::Equal => {}
        }
        let (have, need) = (account.free, self.payload.fee);
        if have < need { Err(TxError::CannotPayFee { have, need }) } else { Ok(()) }
    }

    /// The most free tokens that it takes from its account: the fee, and what its call may spend.
    pub fn most_spent(&self, state: &State) -> Amount {
        self.payload.fee.saturating_add(self.payload.call.most_spent(state))
    }

    /// The account once this is in a block, with the least that it can have then: what has its turn after this one surely has it.
    pub fn after(&self, account: Account, state: &State) -> Account {
        let free = account.free.saturating_sub(self.most_spent(state));
        Account { free, ..account }.counted(self.payload.lane)
    }

    /// Everything but the signature: whether it can be in the block at `at`, as state is now.
    pub fn check(&self, state: &State, at: Moment) -> Result<(), TxError> {
        self.check_reading(state, &BlockTerms::of(state), at, self.reads(state)).map(|_| ())
    }

    /// The same by given terms, its verdict reading so many rows at most; gives what the schedule asks, which is burned.
    pub(crate) fn check_reading(
        &self,
        state: &State,
        terms: &BlockTerms,
        at: Moment,
        reads: u32,
    ) -> Result<Amount, TxError> {
        let need = self.meet(terms, at, || reads)?;
        self.check_turn(&accounts::queries::account(state, &self.payload.account))?;
        Ok(need)
    }
}
