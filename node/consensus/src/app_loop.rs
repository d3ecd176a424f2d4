//! The conversation with Malachite: it asks, the chain answers, one question at a time.
//!
//! One at a time is enough: Malachite's own bridge waits for each answer before it passes on the next question, except behind a
//! decision, and what comes there needs the block that is being committed. The chain's work runs on threads that are kept for it
//! (`threads`). What proposals need is in `proposals`, what catching up needs in `catch_up`.

use super::application::Application;
use super::certificate::chain_certificate;
use super::config::ConsensusConfig;
use super::connections::Connections;
use super::context::{Address, BlockHeight, ChainContext, Members};
use super::messages::Announcement;
use super::misbehaviour::offences;
use super::pen::{Pen, SigningDuty};
use super::senders::Senders;
use super::sets::Sets;
use super::signing::{AnnouncementCheck, Signatory, SignatureChecker};
use super::streaming::{SentStreams, Streams};
use super::undecided::{Undecided, UndecidedBlock};
use anyhow::{Context as _, anyhow};
use arc_malachitebft_app::consensus::VoteExtensionError;
use arc_malachitebft_app::engine::host::Next;
use arc_malachitebft_app::types::PeerId;
use arc_malachitebft_app_channel::{AppMsg, NetworkMsg};
use arc_malachitebft_core_types::{CommitCertificate, HeightParams, LinearTimeouts};
use primitives::{Height, TransactionHash};
use rayon::ThreadPool;
use runtime::Block;
use staking::Offence;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;
use tracing::{debug, info, warn};

/// What the loop is made of.
pub struct AppLoop {
    pub(super) app: Arc<dyn Application>,
    /// Where the chain's work is done, and signatures of announcements are checked.
    workers: Arc<ThreadPool>,
    pub(super) signatory: Signatory,
    /// Whether an announcement is signed by the validator that it names; asked off the loop.
    pub(super) is_announced: AnnouncementCheck,
    /// This node's peer id, by which others know its streams.
    pub(super) peer: PeerId,
    pub(super) timeouts: LinearTimeouts,
    /// From the start of a height to the start of the next, at least.
    pub(super) target_block_time: Option<Duration>,
    /// The longest that an encoded block may be, in bytes.
    pub(super) most_block_bytes: u32,
    pub(super) network: mpsc::Sender<NetworkMsg<ChainContext>>,
    pub(super) undecided: Undecided,
    pub(super) streams: Streams,
    /// What this node streams by ids, for who lacks some of it.
    pub(super) sent: SentStreams,
    /// Whose parts count.
    pub(super) senders: Senders,
    /// None where nobody is sent away: in tests, and where strangers may connect.
    pub(super) connections: Option<Connections>,
    pub(super) sets: Sets,
    /// Blocks that arrived whole before their height began.
    pub(super) early: BTreeMap<Height, Vec<(Announcement, Block)>>,
    /// The transactions of blocks that were refused, by their height: not proposed again until it is decided.
    pub(super) refused: BTreeMap<Height, BTreeSet<TransactionHash>>,
    /// How many blocks of a publisher in a round were executed, so that nobody keeps this node busy with bad ones.
    pub(super) judged: BTreeMap<(Height, u32, Address), usize>,
    /// The last height for which ids of a block were looked up.
    pub(super) looked_up: Option<Height>,
    /// The round being decided.
    pub(super) round: u32,
    /// This node's key, and what this engine does with it; none in tests of the loop alone.
    pub(super) pen: Option<(Arc<Pen>, SigningDuty)>,
    /// Taken once Malachite listens and asks where to begin.
    pub(super) ready: Option<oneshot::Sender<()>>,
}

impl AppLoop {
    /// Answers for `app`, which does its work on the threads of `workers`, as the validator that `signatory` signs for and the peer
    /// that others know.
    ///
    /// # Errors
    /// When a configured peer has no peer id.
    pub fn new(
        app: Arc<dyn Application>,
        workers: Arc<ThreadPool>,
        signatory: Signatory,
        peer: PeerId,
        config: &ConsensusConfig,
        undecided: Undecided,
        network: mpsc::Sender<NetworkMsg<ChainContext>>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            is_announced: SignatureChecker::new(app.chain_id()).of_announcements(),
            app,
            workers,
            signatory,
            peer,
            timeouts: config.timeouts,
            target_block_time: (!config.target_block_time.is_zero()).then_some(config.target_block_time),
            most_block_bytes: config.limits.most_encoded_block(),
            network,
            undecided,
            streams: Streams::new(config.limits.most_encoded_block(), config.limits.max_block_transactions),
            sent: SentStreams::default(),
            senders: Senders::new(&config.peers)?,
            connections: None,
            sets: Sets::default(),
            early: BTreeMap::new(),
            refused: BTreeMap::new(),
            judged: BTreeMap::new(),
            looked_up: None,
            round: 0,
            pen: None,
            ready: None,
        })
    }

    /// Answers until Malachite has stopped asking, or until the next height is for an engine that signs where this one does not, or
    /// the other way. An error is for good: the node has to stop.
    pub async fn run(&mut self, mut inbox: mpsc::Receiver<AppMsg<ChainContext>>) -> anyhow::Result<()> {
        while let Some(message) = self.next(&mut inbox).await {
            let last = match &message {
                AppMsg::Finalized { certificate, evidence, .. } => {
                    self.is_for_another(certificate.height.0.next()).then(|| (certificate.clone(), offences(evidence)))
                }
                _ => None,
            };
            match last {
                Some((precommits, noticed)) => return self.finalized(precommits, &noticed).await,
                None => self.answer(message).await?,
            }
        }
        Ok(())
    }

    /// The next question; meanwhile whole blocks are asked for where what they lack was waited for in vain.
    async fn next(&mut self, inbox: &mut mpsc::Receiver<AppMsg<ChainContext>>) -> Option<AppMsg<ChainContext>> {
        loop {
            self.ask_for_blocks(Instant::now()).await;
            let Some(overdue) = self.streams.next_overdue() else { return inbox.recv().await };
            if let Ok(message) = timeout_at(overdue.into(), inbox.recv()).await {
                return message;
            }
        }
    }

    /// Whether a height is for another engine than this one.
    fn is_for_another(&self, height: Height) -> bool {
        self.pen.as_ref().is_some_and(|(pen, duty)| pen.duty(height) != *duty)
    }

    /// Hands on what came of precommits for the height that was decided last, and what was noticed in it, and asks whether to go on.
    async fn finalized(&self, precommits: CommitCertificate<ChainContext>, offences: &[Offence]) -> anyhow::Result<()> {
        let precommits = chain_certificate(precommits)?;
        self.chain(move |app| app.finalized(precommits)).await?;
        if !offences.is_empty() {
            let offences = offences.to_vec();
            self.chain(move |app| app.contradicted(&offences)).await?;
        }
        self.chain(|app| app.may_go_on()).await?
    }

    async fn answer(&mut self, message: AppMsg<ChainContext>) -> anyhow::Result<()> {
        match message {
            AppMsg::ConsensusReady { reply } => {
                let height = self.app.head().next();
                info!(%height, "consensus is ready");
                send(reply, (BlockHeight(height), self.params(height)?));
                if let Some(ready) = self.ready.take() {
                    send(ready, ());
                }
            }
            AppMsg::StartedRound { height, round, proposer, role, reply_value } => {
                // The first round of a height is the normal course.
                match round.as_u32() {
                    Some(0) => debug!(%height, %proposer, ?role, "height started"),
                    _ => info!(%height, %round, %proposer, ?role, "another round started"),
                }
                self.round = round.as_u32().unwrap_or(0);
                self.renew_senders();
                send(reply_value, self.seen_before(height.0).await?);
            }
            AppMsg::GetValue { height, round, timeout, reply } => {
                self.propose(height.0, round, timeout, reply).await?;
            }
            AppMsg::ReceivedProposalPart { from, published_by, part, reply } => {
                let key = (published_by.unwrap_or(from), part.stream_id.clone());
                send(reply, self.receive(from, key, part).await?);
            }
            AppMsg::RestreamProposal { height, round, valid_round, value_id, .. } => {
                match self.undecided.find(height.0, value_id).map(|kept| kept.block.clone()) {
                    Some(block) => self.stream(block, round, valid_round).await?,
                    None => warn!(%height, %value_id, "asked to stream a block again that is not there"),
                }
            }
            AppMsg::Decided { certificate, reply, .. } => {
                self.commit(certificate).await?;
                send(reply, ());
            }
            AppMsg::Finalized { certificate, evidence, reply, .. } => {
                let next = certificate.height.0.next();
                self.finalized(certificate, &offences(&evidence)).await?;
                send(reply, Next::Start(BlockHeight(next), self.params(next)?));
            }
            AppMsg::GetHistoryMinHeight { reply } => send(reply, BlockHeight(self.app.earliest())),
            AppMsg::GetDecidedValues { range, reply } => send(reply, self.decided(range).await?),
            AppMsg::ProcessSyncedValue { height, round, proposer, value_bytes, reply } => {
                send(reply, self.synced(height.0, round, proposer, value_bytes).await?);
            }
            // Votes carry no extensions on this chain: none is made, and none is accepted.
            AppMsg::ExtendVote { reply, .. } => send(reply, None),
            AppMsg::VerifyVoteExtensions { extensions, reply, .. } => {
                let refuse = |(voter, ())| (voter, Err(VoteExtensionError::InvalidVoteExtension));
                send(reply, extensions.into_iter().map(refuse).collect());
            }
        }
        Ok(())
    }

    /// The validators, if the set of that height is known.
    pub(super) fn members(&self, height: Height) -> Option<Arc<Members>> {
        self.sets.of(&*self.app, height)
    }

    fn params(&self, height: Height) -> anyhow::Result<HeightParams<ChainContext>> {
        let members = self.members(height).with_context(|| format!("no validators are known for height {height}"))?;
        Ok(HeightParams::new(Members::clone(&members), self.timeouts, self.target_block_time))
    }

    /// Makes the decided block the head.
    async fn commit(&mut self, decided: CommitCertificate<ChainContext>) -> anyhow::Result<()> {
        let height = decided.height.0;
        if height <= self.app.head() {
            debug!(%height, "decided again what is committed");
            return Ok(());
        }
        let kept = self.undecided.find(height, decided.value_id).with_context(|| {
            format!("block {} was decided at height {height}, but this node does not have it", decided.value_id)
        })?;
        let block = Block::clone(&kept.block);
        let certificate = chain_certificate(decided)?;
        info!(%height, round = certificate.round, block = %certificate.block, "decided");
        self.chain(move |app| app.commit(block, certificate))
            .await?
            .with_context(|| format!("cannot commit block {height}"))?;
        self.streams.forget(height);
        self.early.retain(|early, _| *early > height);
        self.refused.retain(|refused, _| *refused > height);
        self.judged.retain(|(judged, _, _), _| *judged > height);
        self.forget_senders(height);
        self.round = 0;
        self.undecided.forget(height)
    }

    /// Keeps a block where it outlives the process.
    pub(super) async fn keep(&mut self, kept: UndecidedBlock) -> anyhow::Result<()> {
        let (log, appended) = (self.undecided.log(), kept.clone());
        self.chain(move |_| log.append(&appended)).await??;
        self.undecided.insert(kept);
        Ok(())
    }

    /// Lets the chain work off the async threads, on those that are kept for it. An error means that it panicked.
    pub(super) async fn chain<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Application) -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let (app, workers) = (self.app.clone(), self.workers.clone());
        let done = tokio::task::spawn_blocking(move || workers.install(|| work(&*app)));
        done.await.map_err(|panic| anyhow!("the chain stopped: {panic}"))
    }
}

/// Answers; a Malachite that no longer waits for the answer is stopping.
pub(super) fn send<T>(reply: oneshot::Sender<T>, answer: T) {
    if reply.send(answer).is_err() {
        debug!("an answer came too late");
    }
}
