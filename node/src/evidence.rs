//! Evidence against validators that contradicted themselves, brought on chain without anybody's help.
//!
//! What the engine notices, and what is met elsewhere, lies in the home until it is on chain ([`EvidenceFolder`]). At each block every
//! offence there is judged as the chain would judge it: what is on chain, or can never be, is forgotten; the rest is sent, and sent
//! again until it is in a block. Nodes take turns, so that not all of them pay for the same. A node that cannot send tells its peers,
//! which keep it and do: whoever finds something need not be a validator.
//!
//! Beside that the chain is told at each block what the home knows of a fork, and once it has come so far, the ticket that the node was
//! started by is held against it.

use crate::chain::Chain;
use crate::gossip;
use crate::own::{self, Voice};
use light::Ticket;
use overlay::PublishError;
use primitives::{AccountId, Epoch, Height};
use runtime::Call;
use staking::{Error, Offence};
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use store::EvidenceFolder;

/// An offence, as far as punishing it goes.
type Key = (Epoch, AccountId);

/// Tells peers.
type Tell = Arc<dyn Fn(Vec<u8>) -> Result<(), PublishError> + Send + Sync>;

/// Brings the offences of one home on chain.
pub struct EvidenceCourier {
    chain: Arc<Chain>,
    folder: EvidenceFolder,
    /// Who sends and pays; none where no validator signs, and others do it.
    voice: Option<Voice>,
    /// By which way others learn of it; none where there are no others, as in tests.
    tell: Option<Tell>,
    /// From which height on each may be sent, when its turn comes and when what was sent has expired; and how often it was.
    not_before: BTreeMap<Key, (Height, u32)>,
    /// From which height on each that peers were told of is told again.
    told: BTreeMap<Key, Height>,
    /// What was said to stay.
    stays: BTreeSet<Key>,
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
    /// It hangs on a decision that the chain does not know as one: people have to see it.
    Stay(Error),
    /// The chain has punished it, or never will.
    Forget(Error),
}

impl EvidenceCourier {
    /// Brings what is in a folder on chain, in the name of a validator.
    pub fn new(chain: Arc<Chain>, folder: EvidenceFolder, voice: Option<Voice>) -> Self {
        let (not_before, told, stays) = Default::default();
        Self { chain, folder, voice, tell: None, not_before, told, stays, ticket: None }
    }

    /// The same, with a way to tell peers what this node cannot send.
    pub fn telling(self, tell: impl Fn(Vec<u8>) -> Result<(), PublishError> + Send + Sync + 'static) -> Self {
        Self { tell: Some(Arc::new(tell)), ..self }
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
            match course(self.chain.judge_offence(&offence)) {
                Course::Send => self.send((epoch, validator), &offence, height),
                Course::Wait => {}
                Course::Stay(reason) => {
                    if self.stays.insert((epoch, validator)) {
                        tracing::error!(
                            %validator, height = %offence.height(), %reason,
                            "a validator {}, and the chain cannot punish that: it has decided otherwise. The file in `evidence` stays                              for as long as it might; show it to the operators of other nodes",
                            offence.name()
                        );
                    }
                }
                Course::Forget(reason) => {
                    tracing::info!(%validator, %epoch, %reason, "nothing is left to prove against this validator");
                    self.folder.remove(&offence)?;
                    self.not_before.remove(&(epoch, validator));
                    self.told.remove(&(epoch, validator));
                    self.stays.remove(&(epoch, validator));
                }
            }
        }
        Ok(())
    }

    /// Sends an offence when it is this node's turn, or has others do it.
    fn send(&mut self, of: Key, offence: &Offence, height: Height) {
        let (epoch, validator) = of;
        // Others prove what this validator did: they are paid for it, and its operator is told in the log.
        let Some(voice) = self.voice.clone().filter(|voice| voice.account() != validator) else {
            return self.tell(of, offence, height);
        };
        let first = height.plus(self.turn(of, voice.account()));
        let (not_before, unheard) = *self.not_before.entry(of).or_insert((first, 0));
        if height < not_before {
            return;
        }
        let expires_at = height.plus(own::LIFETIME);
        let call = Call::Staking(staking::Call::Evidence(Box::new(offence.clone())));
        match own::send(&self.chain, &voice, call, expires_at, unheard) {
            Ok(transaction) => {
                tracing::warn!(%validator, %epoch, %transaction, "proving that a validator contradicted itself");
                self.not_before.insert(of, (expires_at.next(), unheard.saturating_add(1)));
            }
            Err(error) => {
                tracing::warn!(%validator, %epoch, %error, "evidence has to wait; it is sent again");
                self.tell(of, offence, height);
            }
        }
    }

    /// Tells peers of an offence, again as often as it would be sent.
    fn tell(&mut self, of: Key, offence: &Offence, height: Height) {
        let Some(tell) = &self.tell else { return };
        if self.told.get(&of).is_some_and(|again| height < *again) {
            return;
        }
        match tell(gossip::accusation(offence)) {
            Ok(()) => {
                self.told.insert(of, height.plus(own::LIFETIME));
            }
            Err(error) => tracing::debug!(%error, "peers are told of evidence after the next block"),
        }
    }

    /// How many blocks this node leaves to others: its place among the candidates, counted from another of them for each offence.
    fn turn(&self, (epoch, validator): Key, me: AccountId) -> u64 {
        let view = self.chain.store().view();
        let set = staking::queries::candidates(&State::over(&view), self.chain.next_position().epoch);
        let others: Vec<AccountId> =
            set.validators.iter().map(|member| member.account).filter(|account| *account != validator).collect();
        let count = others.len() as u64;
        let place = others.iter().position(|account| *account == me).map_or(count, |place| place as u64);
        let begins = epoch.0.checked_rem(count).unwrap_or(0);
        if place >= begins { place - begins } else { place + count - begins }
    }
}

fn course(judged: Result<(), Error>) -> Course {
    match judged {
        Ok(()) => Course::Send,
        Err(Error::OutOfReach { epoch, newest, .. }) if epoch > newest => Course::Wait,
        Err(reason @ Error::Undecided(_)) => Course::Stay(reason),
        Err(reason) => Course::Forget(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::offences::judge;
    use crate::chain::tests::open;
    use crate::metrics::NodeMetrics;
    use consensus::Application as _;
    use host::config::Home;
    use host::provenance::TrustedSigners;
    use light::testing::TestChain;
    use overlay::MessageVerdict;
    use primitives::{BlockHash, ChainPosition, List, Moment, VoteKind, vote_payload};
    use runtime::testing::{context, double_vote, genesis, validator};
    use state::{Apply as _, Decide as _};
    use std::sync::Mutex;

    #[test]
    fn h15_what_a_home_without_a_key_finds_in_a_ticket_of_any_height_comes_to_those_who_prove_it() {
        let (genesis, dirs) = (genesis(), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
        // Height 5 ends no epoch, so nobody compares what was decided there.
        let [ours, other] = TestChain::forked(&genesis, 5);
        let ticket = other.ticket(genesis.releases.approved[0].build_hash);
        let [(follower, found), (peer, kept)] = dirs.each_ref().map(|dir| {
            let folder = EvidenceFolder::of(&Home::at(dir.path()), &genesis);
            let chain = open(dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()).keeping(folder.clone());
            for block in ours.blocks() {
                chain.commit(block.block.clone(), block.certificate.clone().unwrap()).unwrap();
            }
            (Arc::new(chain), folder)
        });
        let told: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let hears = told.clone();
        let mut courier =
            EvidenceCourier::new(follower, found.clone(), None).started_by(Some(ticket)).telling(move |message| {
                hears.lock().unwrap().push(message);
                Ok(())
            });
        courier.look().unwrap();
        courier.look().unwrap();
        let messages = told.lock().unwrap().clone();
        assert_eq!(messages.len(), 3, "each that signed both, once");

        let checker = gossip::checker(peer.clone());
        let judge_message = |message: &[u8]| checker.check(message);
        let mut forged = messages[0].clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(judge_message(&forged), MessageVerdict::Reject);
        assert!(kept.list().unwrap().is_empty());
        for message in &messages {
            assert_eq!(judge_message(message), MessageVerdict::Accept, "others are to hear of it");
            assert!(matches!(judge_message(message), MessageVerdict::Ignore(_)), "it is known");
        }
        assert_eq!(kept.list().unwrap(), found.list().unwrap());
        for offence in kept.list().unwrap() {
            assert_eq!(course(peer.judge_offence(&offence)), Course::Send);
        }
    }

    #[test]
    fn h15_a_second_history_in_an_earlier_round_convicts_nobody_and_its_proof_stays_for_people() {
        let (genesis, dir) = (genesis(), tempfile::tempdir().unwrap());
        let folder = EvidenceFolder::of(&Home::at(dir.path()), &genesis);
        let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new());
        let decision = |round, block: u8, signers: &[u8]| {
            let (height, block) = (Height(3), BlockHash([block; 32]));
            let payload = vote_payload(&genesis.chain.chain_id, VoteKind::Precommit, height, round, Some(block));
            let precommit = |index: &u8| (validator(*index).account(), validator(*index).sign(&payload));
            let signatures = List::truncate_from(signers.iter().map(precommit).collect());
            staking::Certificate { height, round, block, signatures }
        };
        // More than a third, which a ticket may be trusted by, and less than two.
        let (decided, forged) = (decision(1, 1, &[0, 1, 2, 3]), decision(0, 2, &[0, 1]));
        let offences = Offence::of_two_decisions(&decided, &forged);
        assert_eq!(offences.len(), 2);
        for offence in &offences {
            assert_eq!(course(chain.judge_offence(offence)), Course::Stay(Error::Undecided(Height(3))));
            folder.keep(offence).unwrap();
        }
        let mut courier = EvidenceCourier::new(Arc::new(chain), folder.clone(), None);
        courier.look().unwrap();
        courier.look().unwrap();
        assert_eq!((folder.list().unwrap().len(), courier.stays.len()), (2, 2), "kept, and said once");
    }

    #[test]
    fn h15_an_offence_is_sent_while_it_can_be_punished_and_then_forgotten() {
        let genesis = genesis();
        let memory = genesis.build();
        let mut state = State::over(&memory);
        let position =
            |height: u64| ChainPosition::of(Height(height), context(&genesis, height).time, genesis.chain.epoch_length);
        let at = |height: u64| Moment::of(position(height), height * 1_000, 1);
        let offence = |height| double_vote(&genesis.chain.chain_id, &validator(0), Height(height));
        let of = |offence: &Offence| offence.height().epoch(genesis.chain.epoch_length);
        let judged = |state: &State, height, offence: &Offence| course(judge(state, at(height), of(offence), offence));
        assert_eq!(judged(&state, 5, &offence(3)), Course::Send);
        assert_eq!(judged(&state, 5, &offence(12)), Course::Wait, "its epoch has not begun");
        assert_eq!(judged(&state, 10, &offence(10)), Course::Wait, "the next block begins its epoch");
        let forged = double_vote(&"another".parse().unwrap(), &validator(0), Height(3));
        assert_eq!(judged(&state, 5, &forged), Course::Forget(Error::NotSigned(validator(0).account())));
        let late = judged(&state, 40, &offence(3));
        assert!(matches!(late, Course::Forget(Error::OutOfReach { .. })), "{late:?}");
        let reporter = validator(1).account();
        let punished = staking::Call::Evidence(Box::new(offence(3))).decide(&state, at(5), reporter).unwrap();
        punished.apply(&mut state, at(5));
        let again = judged(&state, 5, &offence(9));
        assert!(matches!(again, Course::Forget(Error::AlreadyPunished { .. })), "{again:?}");
    }

    #[test]
    fn h15_what_was_signed_in_an_epoch_without_enforcement_is_sent_by_nobody() {
        let genesis = genesis();
        let memory = genesis.build();
        let mut state = State::over(&memory);
        let at = |height| Moment::of(ChainPosition::of(Height(height), genesis.time, 10), height * 1_000, 1);
        assert_eq!(genesis.chain.epoch_length, 10);
        staking::due(&state, at(10), staking::Election::Quorum).unwrap().apply(&mut state, at(10));
        staking::Event::Unenforced { epoch: Epoch(1) }.apply(&mut state, at(10));
        let offence = |height| double_vote(&genesis.chain.chain_id, &validator(0), Height(height));
        let [of_before, of_then] =
            [(0, 3), (1, 12)].map(|(epoch, height)| course(judge(&state, at(13), Epoch(epoch), &offence(height))));
        assert_eq!(of_before, Course::Send, "it was signed before the gate went off");
        assert_eq!(of_then, Course::Forget(Error::GateOff { epoch: Epoch(1) }));
    }
}
