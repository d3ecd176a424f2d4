//! What is trusted to begin with, and how trust moves to a later header.

use crate::{Fork, HeaderError, SignedHeader};
use primitives::{Amount, ChainId, Digest, Fraction, Height};
use runtime::{Certificate, Genesis};
use staking::{StakingParams, ValidatorSet};

/// The last header and validators that a verifier trusts, and the rules of their chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    chain_id: ChainId,
    epoch_length: u64,
    trusting_epochs: u64,
    height: Height,
    /// Who decided the block of that height; nobody decided genesis.
    decided: Option<Certificate>,
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
    /// Two blocks were decided at one height, and more than a third of the power that is trusted with it signed the other one.
    #[error("{0}; trust neither before the operators of the network have explained it")]
    Forked(Box<Fork>),
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
            decided: None,
            next_validators: validators.hash(),
            validators,
        }
    }

    /// Trust in a header that the verifier has seen decided itself, such as the head of its own verified store.
    pub fn at(genesis: &Genesis, known: &SignedHeader) -> Self {
        Self::genesis(genesis).knowing(known)
    }

    /// Trust, on the same chain, in a header that is known to be decided.
    pub fn knowing(&self, known: &SignedHeader) -> Self {
        Self {
            height: known.height(),
            decided: Some(known.certificate.clone()),
            validators: known.validators.clone(),
            next_validators: known.header.next_validators_hash,
            ..self.clone()
        }
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
        Ok(self.knowing(next))
    }

    /// The anchor at the end of headers of which each is trusted by the one before.
    ///
    /// # Errors
    /// Why trust does not reach the first that it does not reach.
    pub fn follow<'a>(&self, headers: impl IntoIterator<Item = &'a SignedHeader>) -> Result<Self, Distrust> {
        headers.into_iter().try_fold(self.clone(), |here, header| here.step(header))
    }

    /// Whether [`step`](Self::step) can reach a header, its own validity aside.
    pub fn reaches(&self, next: &SignedHeader) -> bool {
        self.require_not_behind(next).and_then(|()| self.require_reach(next)).is_ok()
    }

    fn require_not_behind(&self, next: &SignedHeader) -> Result<(), Distrust> {
        let (found, trusted) = (next.height(), self.height);
        if found < trusted {
            return Err(Distrust::Stale { found, trusted });
        }
        let known = self.decided.clone().filter(|_| found == trusted);
        let fork = known.and_then(|known| Fork::of(known, next.certificate.clone()));
        fork.map_or(Ok(()), |fork| Err(self.other_block(fork, next)))
    }

    /// Another block at the known height: a fork when those are trusted who signed it, else what any stranger can make.
    fn other_block(&self, fork: Fork, next: &SignedHeader) -> Distrust {
        match self.require_known_signers(next) {
            Ok(()) => Distrust::Forked(Box::new(fork)),
            Err(strangers) => strangers,
        }
    }

    fn require_reach(&self, next: &SignedHeader) -> Result<(), Distrust> {
        let (found, trusted, period) = (next.height(), self.height, self.trusting_epochs);
        let epoch = |height: Height| height.epoch(self.epoch_length);
        if epoch(found) > epoch(trusted).plus(period) {
            return Err(Distrust::TrustExpired { found, trusted, period });
        }
        if next.header.validators_hash == self.next_validators {
            return Ok(());
        }
        self.require_known_signers(next)
    }

    /// More than a third of the trusted power holds at least one honest validator, which signs one history only
    /// (arXiv:1807.04938, section "light client").
    fn require_known_signers(&self, next: &SignedHeader) -> Result<(), Distrust> {
        let (have, total) = (next.signed_power_in(&self.validators), self.validators.total_power());
        if Fraction::THIRD.is_exceeded(have, total) {
            return Ok(());
        }
        Err(Distrust::Strangers { height: next.height(), have, total })
    }
}
