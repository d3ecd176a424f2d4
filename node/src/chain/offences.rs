//! What is known against validators: kept here until it is on chain, whether consensus noticed it, a fork shows it, or a peer tells of it.
//!
//! A peer is not believed: what it tells is judged as the chain would judge it, and of each validator and epoch once.

use super::{AdmissionRefusal, Chain};
use parity_scale_codec::DecodeAll as _;
use primitives::{AccountId, Epoch, Moment};
use staking::{Call, Error, Offence};
use state::{Decide as _, State};

impl Chain {
    /// Takes what a peer knows against a validator, for this node to keep, and to bring on chain if it can.
    ///
    /// # Errors
    /// Whether the peer is to blame, when it is not worth passing on.
    pub fn accuse(&self, bytes: &[u8]) -> Result<(), AdmissionRefusal> {
        let offence = Offence::decode_all(&mut &bytes[..]).map_err(|_| AdmissionRefusal::PeerFault)?;
        // What is known already costs no signature.
        if !self.evidence.as_ref().is_some_and(|folder| folder.lacks(&offence)) {
            return Err(AdmissionRefusal::Harmless);
        }
        self.judge_offence(&offence).map_err(|error| blame(&error))?;
        self.keep(&offence);
        Ok(())
    }

    /// What the chain would say to an offence in the next block.
    ///
    /// # Errors
    /// Why it would not be punished.
    pub fn judge_offence(&self, offence: &Offence) -> Result<(), Error> {
        // Before the view, which then knows all that is behind it.
        let next = self.next_moment();
        let view = self.store.view();
        let (state, epoch) = (State::over(&view), offence.height().epoch(self.epoch_length()));
        judge(&state, next, epoch, offence)
    }

    /// Keeps what a validator did until it is on chain.
    pub(super) fn keep(&self, offence: &Offence) {
        let (validator, height, what) = (offence.validator(), offence.height(), offence.name());
        if validator == self.account {
            tracing::error!(
                %height,
                "this validator {what}: its key signs somewhere else too, or an earlier state of this home was restored; stop one \
                 of them, and come back with `contract staking unjail` once its time is over"
            );
        }
        let Some(evidence) = &self.evidence else { return };
        match evidence.keep(offence) {
            Ok(true) => tracing::warn!(%validator, %height, "a validator {what}"),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%validator, %height, %error, "a validator {what}, and the proof cannot be kept")
            }
        }
    }
}

/// What a chain would say to an offence of an epoch, whoever brings it: nobody is refused for who it is. Of an epoch that the next block
/// begins nobody knows yet whether anything that is signed in it is punished, so that it counts as one that has not begun.
pub(crate) fn judge(state: &State, at: Moment, epoch: Epoch, offence: &Offence) -> Result<(), Error> {
    if epoch == at.epoch && !staking::queries::has_begun(state, epoch) {
        let newest = epoch.minus(1);
        return Err(Error::OutOfReach { epoch, oldest: newest, newest });
    }
    Call::Evidence(Box::new(offence.clone())).decide(state, at, AccountId([0; 32])).map(|_| ())
}

/// What it says about a peer that its proof is refused: signatures and contradictions are the same for everybody, and what is
/// punished or within reach differs by a block or two.
fn blame(error: &Error) -> AdmissionRefusal {
    match error {
        Error::NoOffence | Error::NotSigned(_) => AdmissionRefusal::PeerFault,
        Error::OutOfReach { .. } | Error::AlreadyPunished { .. } | Error::GateOff { .. } => AdmissionRefusal::Harmless,
        _ => AdmissionRefusal::Useless,
    }
}
