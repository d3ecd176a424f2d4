//! Evidence against validators that contradicted themselves, brought on chain without anybody's help.
//!
//! What the engine notices, and what is met elsewhere, lies in the home until it is on chain ([`EvidenceFolder`]). At each block every
//! offence there is judged as the chain would judge it: what is on chain, or can never be, is forgotten; the rest is sent, and sent
//! again until it is in a block. Nodes take turns, so that not all of them pay for the same.
//!
//! Beside that the chain is told at each block what the home knows of a fork, and once it has come so far, the ticket that the node was
//! started by is held against it.

use crate::chain::Chain;
use crate::own::{self, Voice};
use light::Ticket;
use primitives::{AccountId, Epoch, Height, Moment};
use runtime::Call;
use staking::{Error, Offence};
use state::{Decide as _, State};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use store::EvidenceFolder;

/// An offence, as far as punishing it goes.
type Key = (Epoch, AccountId);

/// Brings the offences of one home on chain.
pub struct EvidenceCourier {
    chain: Arc<Chain>,
    folder: EvidenceFolder,
    /// Who sends and pays; none where no validator signs, and others do it.
    voice: Option<Voice>,
    /// From which height on each may be sent, when its turn comes and when what was sent has expired; and how often it was.
    not_before: BTreeMap<Key, (Height, u32)>,
    /// What this node believed before it knew the chain.
    ticket: Option<Ticket>,
}

/// What is to be done with an offence.
#[derive(Debug, PartialEq, Eq)]
enum Course {
    /// It is granted as things stand.
    Send,
    /// It is of an epoch that has not begun.
    Wait,
    /// The chain has punished it, or never will.
    Forget(Error),
}

impl EvidenceCourier {
    /// Brings what is in a folder on chain, in the name of a validator.
    pub fn new(chain: Arc<Chain>, folder: EvidenceFolder, voice: Option<Voice>) -> Self {
        Self { chain, folder, voice, not_before: BTreeMap::new(), ticket: None }
    }

    /// The same for a node that a ticket was kept for.
    pub fn started_by(self, ticket: Option<Ticket>) -> Self {
        Self { ticket, ..self }
    }

    /// Looks at what is there after each block, for as long as there are any.
    pub async fn run(self) {
        let mut heads = self.chain.heads();
        let mut courier = self;
        while heads.changed().await.is_ok() {
            // Signatures are verified and files are read: nothing for a thread that others wait for.
            let looked = tokio::task::spawn_blocking(move || {
                let looked = courier.look();
                (courier, looked)
            });
            let Ok((back, looked)) = looked.await else { return };
            courier = back;
            if let Err(error) = looked {
                tracing::error!(%error, "what is known against validators cannot be read; it is looked for again");
            }
        }
    }

    fn look(&mut self) -> io::Result<()> {
        let height = self.chain.head().at.height;
        self.chain.recall_fork();
        if let Some(ticket) = self.ticket.take_if(|ticket| ticket.height() <= height) {
            self.chain.hold(&ticket);
        }
        let offences = self.folder.list()?;
        self.chain.metrics().evidence_waiting(offences.len());
        for offence in offences {
            let (validator, epoch) = (offence.validator(), offence.height().epoch(self.chain.epoch_length()));
            match self.course(&offence) {
                Course::Send => self.send((epoch, validator), offence, height),
                Course::Wait => {}
                Course::Forget(reason) => {
                    tracing::info!(%validator, %epoch, %reason, "nothing is left to prove against this validator");
                    self.folder.remove(&offence)?;
                    self.not_before.remove(&(epoch, validator));
                }
            }
        }
        Ok(())
    }

    /// What the chain would say to an offence in the next block.
    fn course(&self, offence: &Offence) -> Course {
        let view = self.chain.store().view();
        course(&State::over(&view), self.chain.next_moment(), offence)
    }

    /// Sends an offence when it is this node's turn.
    fn send(&mut self, of: Key, offence: Offence, height: Height) {
        let Some(voice) = &self.voice else { return };
        // Others prove what this validator did: they are paid for it, and its operator is told in the log.
        if offence.validator() == voice.account() {
            return;
        }
        let first = height.plus(self.turn(of, voice.account()));
        let (not_before, unheard) = *self.not_before.entry(of).or_insert((first, 0));
        if height < not_before {
            return;
        }
        let expires_at = height.plus(own::LIFETIME);
        let (epoch, validator) = of;
        let call = Call::Staking(staking::Call::Evidence(Box::new(offence)));
        match own::send(&self.chain, voice, call, expires_at, unheard) {
            Ok(transaction) => {
                tracing::warn!(%validator, %epoch, %transaction, "proving that a validator contradicted itself");
                self.not_before.insert(of, (expires_at.next(), unheard.saturating_add(1)));
            }
            Err(error) => tracing::warn!(%validator, %epoch, %error, "evidence has to wait; it is sent again"),
        }
    }

    /// How many blocks this node leaves to others: its place in the set, counted from another member for each offence.
    fn turn(&self, (epoch, validator): Key, me: AccountId) -> u64 {
        let view = self.chain.store().view();
        let set = staking::queries::validator_set(&State::over(&view), self.chain.next_moment().epoch);
        let others: Vec<AccountId> =
            set.validators.iter().map(|member| member.account).filter(|account| *account != validator).collect();
        let count = others.len() as u64;
        let place = others.iter().position(|account| *account == me).map_or(count, |place| place as u64);
        let begins = epoch.0.checked_rem(count).unwrap_or(0);
        if place >= begins { place - begins } else { place + count - begins }
    }
}

fn course(state: &State, at: Moment, offence: &Offence) -> Course {
    // Whoever asks: nobody is refused for who it is.
    let judged = staking::Call::Evidence(Box::new(offence.clone())).decide(state, at, AccountId([0; 32]));
    match judged {
        Ok(_) => Course::Send,
        Err(Error::OutOfReach { epoch, newest, .. }) if epoch > newest => Course::Wait,
        Err(reason) => Course::Forget(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::testing::{context, double_vote, genesis, validator};
    use state::Apply as _;

    #[test]
    fn h15_an_offence_is_sent_while_it_can_be_punished_and_then_forgotten() {
        let genesis = genesis();
        let memory = genesis.build();
        let mut state = State::over(&memory);
        let at = |height: u64| Moment::of(Height(height), context(&genesis, height).time, genesis.chain.epoch_length);
        let offence = |height| double_vote(&genesis.chain.chain_id, &validator(0), Height(height));
        assert_eq!(course(&state, at(5), &offence(3)), Course::Send);
        assert_eq!(course(&state, at(5), &offence(12)), Course::Wait, "its epoch has not begun");
        let forged = double_vote(&"another".parse().unwrap(), &validator(0), Height(3));
        assert_eq!(course(&state, at(5), &forged), Course::Forget(Error::NotSigned(validator(0).account())));
        let late = course(&state, at(40), &offence(3));
        assert!(matches!(late, Course::Forget(Error::OutOfReach { .. })), "{late:?}");
        let reporter = validator(1).account();
        let punished = staking::Call::Evidence(Box::new(offence(3))).decide(&state, at(5), reporter).unwrap();
        punished.apply(&mut state, at(5));
        let again = course(&state, at(5), &offence(9));
        assert!(matches!(again, Course::Forget(Error::AlreadyPunished { .. })), "{again:?}");
    }
}
