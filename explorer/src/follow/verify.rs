//! What is believed of a block: nothing that its validators did not sign.

use crate::store::IndexHead;
use light::{HeaderError, SignedHeader};
use parity_scale_codec::Encode;
use primitives::{BlockHash, ChainPosition, Digest, Height, merkle_root};
use runtime::{Certificate, ChainParams, Record};
use staking::ValidatorSet;

/// Why a block is not believed. Nothing of it is in the index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerificationError {
    /// It is not the block after the last one.
    #[error("block {found} came where block {expected} was asked for")]
    NotNext {
        /// The height that came.
        found: Height,
        /// The height that is next.
        expected: Height,
    },
    /// It does not hang from the last one.
    #[error("block {height} names {found} as the block before it, and that is {expected}: it is of another history")]
    Parent {
        /// Its height.
        height: Height,
        /// The parent it names.
        found: BlockHash,
        /// The block before.
        expected: BlockHash,
    },
    /// The clock of the chain would stand still, or run backwards.
    #[error("block {0} is not later than the one before it")]
    Time(Height),
    /// It is not shown to be decided by the validators that the chain elected.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Its facts are not those its header commits to.
    #[error("the facts of block {height} have root {found}, and its header commits to {expected}")]
    Facts {
        /// Its height.
        height: Height,
        /// The root of the facts.
        found: Digest,
        /// The root in the header.
        expected: Digest,
    },
}

/// Shows that `validators`, whom facts of earlier blocks elected, decided this block after `head`, with these facts.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify(
    head: &IndexHead,
    chain: &ChainParams,
    validators: &ValidatorSet,
    record: &Record,
    certificate: &Certificate,
) -> Result<IndexHead, VerificationError> {
    let header = &record.header;
    let (height, expected) = (header.height, head.at.height.next());
    if height != expected {
        return Err(VerificationError::NotNext { found: height, expected });
    }
    if header.parent != head.hash {
        return Err(VerificationError::Parent { height, found: header.parent, expected: head.hash });
    }
    if header.time <= head.at.time {
        return Err(VerificationError::Time(height));
    }
    let signed =
        SignedHeader { header: header.clone(), certificate: certificate.clone(), validators: validators.clone() };
    signed.verify(&chain.chain_id)?;
    let found = merkle_root(record.facts.iter().map(Encode::encode));
    if found != header.facts_root {
        return Err(VerificationError::Facts { height, found, expected: header.facts_root });
    }
    let at = ChainPosition::of(height, header.time, chain.epoch_length);
    Ok(IndexHead { at, hash: header.hash() })
}

/// The validators of the epochs at hand: what the next blocks are verified against.
#[derive(Debug, Clone, Default)]
pub struct Elected {
    sets: std::collections::BTreeMap<primitives::Epoch, ValidatorSet>,
}

impl Elected {
    /// Knows the set of an epoch.
    pub fn learn(&mut self, epoch: primitives::Epoch, validators: ValidatorSet) {
        self.sets.insert(epoch, validators);
        // The set of an epoch is elected in the one before it.
        while self.sets.len() > 3 {
            self.sets.pop_first();
        }
    }

    /// Learns from the facts of a block that was verified.
    pub fn follow(&mut self, record: &Record) {
        for fact in &record.facts {
            match &fact.outcome {
                Ok(runtime::Event::Staking(staking::Event::Elected { epoch, validators, .. })) => {
                    self.learn(*epoch, validators.clone());
                }
                Ok(runtime::Event::Staking(staking::Event::Punished {
                    validator, leaves_set_of: Some(epoch), ..
                })) => {
                    if let Some(set) = self.sets.get_mut(epoch) {
                        set.validators.retain(|member| member.account != *validator);
                    }
                }
                _ => {}
            }
        }
    }

    /// The set of an epoch; an empty one, which decides nothing, when it is not known.
    pub fn of(&self, epoch: primitives::Epoch) -> ValidatorSet {
        self.sets.get(&epoch).cloned().unwrap_or_default()
    }
}
