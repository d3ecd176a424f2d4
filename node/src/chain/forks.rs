//! Whether the network has forked: what peers decided at the ends of epochs, and what tickets showed, held against what this node has
//! decided itself (T30).
//!
//! Nobody is believed: a certificate counts when the validators of its height, as this node knows them, have signed it with more than two
//! thirds of their power. Two such certificates of one height are an alarm that lasts until the operator has spoken, stop installing, and
//! are evidence against everybody who signed both.

use super::{AdmissionRefusal, Chain};
use light::{Fork, Ticket};
use parity_scale_codec::DecodeAll as _;
use primitives::Height;
use runtime::{Certificate, CertificateError};
use staking::ValidatorSet;
use state::State;
use std::sync::{Arc, MutexGuard, PoisonError};
use store::db::DbError;
use store::{decided_at, fork_in};
use tokio::sync::watch;
use update::fork_warning;

impl Chain {
    /// The fork that is known here.
    pub fn fork(&self) -> Option<Arc<Fork>> {
        self.fork.borrow().clone()
    }

    /// Changes when a fork is found, and when the operator has removed it.
    pub fn forks(&self) -> watch::Receiver<Option<Arc<Fork>>> {
        self.fork.subscribe()
    }

    /// What was decided at the newest end of an epoch; none before there is one.
    pub fn newest_end(&self) -> Option<Certificate> {
        let end = store::newest_end(&self.store, &self.genesis).unwrap_or_else(|error| {
            tracing::error!(%error, "what was decided at the newest end of an epoch cannot be read");
            None
        });
        end.map(|end| end.certificate)
    }

    /// Holds what a peer says was decided at an epoch's end against what is known here.
    ///
    /// # Errors
    /// Whether the peer is to blame, when it is not worth passing on.
    pub fn compare(&self, bytes: &[u8]) -> Result<(), AdmissionRefusal> {
        let told = Certificate::decode_all(&mut &bytes[..]).map_err(|_| AdmissionRefusal::PeerFault)?;
        if !told.height.ends_epoch(self.epoch_length()) {
            return Err(AdmissionRefusal::PeerFault);
        }
        let (known, validators) = self.known_of(told.height)?;
        // Nearly always: no signature is needed to tell.
        if known.as_ref().is_some_and(|known| known.block == told.block) {
            return Err(AdmissionRefusal::Harmless);
        }
        told.verify(&self.genesis.chain.chain_id, &validators).map_err(blame)?;
        let fork = match known {
            Some(known) => Fork::of(known, told),
            None => self.keep_ahead(told),
        };
        if let Some(fork) = fork {
            self.forked(&fork);
        }
        Ok(())
    }

    /// Holds a ticket, which was believed before this node knew its heights, against what it has decided since.
    pub fn hold(&self, ticket: &Ticket) {
        match fork_in(&self.store.view(), &self.genesis, ticket) {
            Ok(Some(fork)) => self.forked(&fork),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "the ticket cannot be held against the store"),
        }
    }

    /// Knows the fork that the home knows of: others may have left one there, and the operator removes it.
    pub fn recall_fork(&self) {
        let Some(folder) = &self.evidence else { return };
        // The file is read while nobody else finds a fork, which would be forgotten again.
        self.fork.send_if_modified(|known| match folder.fork() {
            Ok(kept) => {
                self.metrics.forked(kept.is_some());
                let is_news = known.as_deref() != kept.as_ref();
                if is_news {
                    *known = kept.map(Arc::new);
                }
                is_news
            }
            Err(error) => {
                self.metrics.forked(true);
                tracing::error!(%error, "the network has forked, and the proof of it cannot be read");
                false
            }
        });
    }

    /// The network has forked: says so until the operator has spoken, and keeps what its signers did until it is on chain.
    fn forked(&self, fork: &Fork) {
        {
            let (view, epoch) = (self.store.view(), fork.height().epoch(self.epoch_length()));
            let state = State::over(&view);
            let mut offences = fork.offences();
            offences.retain(|offence| !staking::queries::is_punished(&state, &offence.validator(), epoch));
            offences.iter().for_each(|offence| self.keep(offence));
        }
        let is_news = self.fork.send_if_modified(|known| {
            if let Some(folder) = &self.evidence
                && let Err(error) = folder.keep_fork(fork)
            {
                tracing::error!(%fork, %error, "the proof of this cannot be kept");
            }
            self.metrics.forked(true);
            let is_news = known.is_none();
            if is_news {
                *known = Some(Arc::new(fork.clone()));
            }
            is_news
        });
        if is_news {
            tracing::error!("{}", fork_warning(fork));
        }
    }

    /// What is known of a height that ends an epoch, and who decides it.
    fn known_of(&self, height: Height) -> Result<(Option<Certificate>, ValidatorSet), AdmissionRefusal> {
        // Before the view, which then knows all that is behind it.
        let next = self.next_position();
        let view = self.store.view();
        if let Some(own) = decided_at(&view, &self.genesis, height).map_err(unread)? {
            return Ok((Some(own.certificate), own.validators));
        }
        // The set of a later epoch is not final: whoever is punished meanwhile leaves it.
        if height < next.height || height.epoch(self.epoch_length()) != next.epoch {
            return Err(AdmissionRefusal::Harmless);
        }
        let validators = staking::queries::validator_set(&State::over(&view), next.epoch);
        Ok((self.ahead().clone().filter(|ahead| ahead.height == height), validators))
    }

    /// Keeps a verified decision that this node has not come to; gives the fork that it is beside another one.
    fn keep_ahead(&self, told: Certificate) -> Option<Fork> {
        let other = self.ahead().replace(told.clone());
        other.and_then(|other| Fork::of(other, told))
    }

    /// Holds what peers had decided before this node against what it has decided now.
    pub(super) fn come_up(&self) {
        let head = self.head().at.height;
        let Some(told) = self.ahead().take_if(|ahead| ahead.height <= head) else { return };
        match decided_at(&self.store.view(), &self.genesis, told.height) {
            Ok(own) => {
                if let Some(fork) = own.and_then(|own| Fork::of(own.certificate, told)) {
                    self.forked(&fork);
                }
            }
            Err(error) => tracing::error!(%error, "what peers decided cannot be held against the store"),
        }
    }

    /// What peers have decided at the end of this epoch, if any did before this node.
    fn ahead(&self) -> MutexGuard<'_, Option<Certificate>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What it says about a peer that its certificate does not verify: wrong signatures are wrong for everybody, and a set may be that of
/// another chain.
fn blame(error: CertificateError) -> AdmissionRefusal {
    match error {
        CertificateError::Twice(_) | CertificateError::BadSignature(_) => AdmissionRefusal::PeerFault,
        CertificateError::NotInSet(_) | CertificateError::TooLittlePower { .. } => AdmissionRefusal::Useless,
    }
}

fn unread(error: DbError) -> AdmissionRefusal {
    tracing::error!(%error, "what peers decided cannot be held against the store");
    AdmissionRefusal::Harmless
}
