//! What is trusted to begin with, and how trust moves to a later header.

use crate::{HeaderError, SignedHeader};
use primitives::{Amount, BlockHash, ChainId, Digest, Fraction, Height};
use runtime::Genesis;
use staking::{StakingParams, ValidatorSet};

/// The last header and validators that a verifier trusts, and the rules of their chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    chain_id: ChainId,
    epoch_length: u64,
    trusting_epochs: u64,
    height: Height,
    block: Option<BlockHash>,
    validators: ValidatorSet,
    next_validators: Digest,
}

/// Why trust does not reach a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// The header does not hold by itself.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// It is older than what is trusted already.
    #[error("it is of height {found}, and height {trusted} is known here already; fetch a newer ticket")]
    Stale {
        /// The header's height.
        found: Height,
        /// The anchor's.
        trusted: Height,
    },
    /// Two blocks were decided at one height.
    #[error(
        "it proves block {found} at height {height}, where this node knows {trusted}: the network has forked, or one of the \
         two is a forgery; trust neither before its operators have explained it"
    )]
    Forked {
        /// The height.
        height: Height,
        /// The ticket's block.
        found: BlockHash,
        /// The known block.
        trusted: BlockHash,
    },
    /// Nobody who is trusted vouches for its validators.
    #[error(
        "only {have} of {total} trusted power signed height {height}, and more than a third is needed; fetch a ticket that \
         brings the headers between"
    )]
    Strangers {
        /// The header's height.
        height: Height,
        /// The trusted power that signed it.
        have: Amount,
        /// All of the trusted power.
        total: Amount,
    },
    /// Too long a step: those who are trusted may have left, with nothing left to lose once it is found out what they signed.
    #[error(
        "height {found} is more than {period} epochs after the trusted height {trusted}, and stake of that time may be free \
         before it could answer for a forgery; fetch a ticket that brings the headers between, or start from a snapshot you \
         trust"
    )]
    TrustExpired {
        /// The header's height.
        found: Height,
        /// The anchor's height.
        trusted: Height,
        /// The trusting period, in epochs.
        period: u64,
    },
}

/// How many epochs trust in validators reaches: two thirds of those for which their stake answers for what they sign
/// (`staking::Call::Evidence`), so that a second history that was believed at the last moment is still found out in time.
fn trusting_epochs(params: &StakingParams) -> u64 {
    params.unbonding_epochs.saturating_mul(2).checked_div(3).unwrap_or(0)
}

impl Anchor {
    /// Trust in genesis alone.
    pub fn genesis(genesis: &Genesis) -> Self {
        let validators = genesis.validators();
        Self {
            chain_id: genesis.chain.chain_id.clone(),
            epoch_length: genesis.chain.epoch_length,
            trusting_epochs: trusting_epochs(&genesis.staking.params),
            height: Height(0),
            block: None,
            next_validators: validators.hash(),
            validators,
        }
    }

    /// Trust in a header that the verifier has seen decided itself, such as the head of its own verified store.
    pub fn at(genesis: &Genesis, known: &SignedHeader) -> Self {
        Self::genesis(genesis).moved_to(known)
    }

    /// The last trusted height.
    pub fn height(&self) -> Height {
        self.height
    }

    /// Blocks in an epoch.
    pub fn epoch_length(&self) -> u64 {
        self.epoch_length
    }

    /// The anchor that trusting `next` gives.
    ///
    /// # Errors
    /// Why trust does not reach it.
    pub fn step(&self, next: &SignedHeader) -> Result<Self, Distrust> {
        next.verify(&self.chain_id)?;
        self.require_not_behind(next)?;
        self.require_reach(next)?;
        Ok(self.moved_to(next))
    }

    /// Whether [`step`](Self::step) can reach a header, its own validity aside.
    pub(crate) fn reaches(&self, next: &SignedHeader) -> bool {
        self.require_not_behind(next).and_then(|()| self.require_reach(next)).is_ok()
    }

    fn require_not_behind(&self, next: &SignedHeader) -> Result<(), Distrust> {
        let (found, trusted) = (next.height(), self.height);
        if found < trusted {
            return Err(Distrust::Stale { found, trusted });
        }
        match self.block.filter(|_| found == trusted) {
            Some(known) if known != next.header.hash() => {
                Err(Distrust::Forked { height: found, found: next.header.hash(), trusted: known })
            }
            _ => Ok(()),
        }
    }

    /// More than a third of the trusted power holds at least one honest validator, which signs one history only
    /// (arXiv:1807.04938, section "light client").
    fn require_reach(&self, next: &SignedHeader) -> Result<(), Distrust> {
        let (found, trusted, period) = (next.height(), self.height, self.trusting_epochs);
        let epoch = |height: Height| height.epoch(self.epoch_length);
        if epoch(found) > epoch(trusted).plus(period) {
            return Err(Distrust::TrustExpired { found, trusted, period });
        }
        if next.header.validators_hash == self.next_validators {
            return Ok(());
        }
        let (have, total) = (next.signed_power_in(&self.validators), self.validators.total_power());
        if Fraction::THIRD.is_exceeded(have, total) {
            return Ok(());
        }
        Err(Distrust::Strangers { height: found, have, total })
    }

    fn moved_to(&self, next: &SignedHeader) -> Self {
        Self {
            height: next.height(),
            block: Some(next.header.hash()),
            validators: next.validators.clone(),
            next_validators: next.header.next_validators_hash,
            ..self.clone()
        }
    }
}
