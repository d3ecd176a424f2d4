//! Proposing blocks, and receiving what others propose.

mod hearing;
mod lacking;

use super::app_loop::{AppLoop, send};
use super::application::Origin;
use super::context::{Address, BlockHeight, BlockValue, ChainContext, Members};
use super::messages::{Announcement, ProposalPart};
use super::senders::Payer;
use super::streaming::{Assembled, CompactBlock, StreamError, StreamKey, cut, cut_compact};
use super::undecided::UndecidedBlock;
use arc_malachitebft_app::consensus::ProposedValue;
use arc_malachitebft_app::streaming::{StreamContent, StreamId, StreamMessage};
use arc_malachitebft_app::types::{LocallyProposedValue, PeerId};
use arc_malachitebft_core_types::{Context as _, Round, Validator as _, ValidatorSet as _, Validity};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{Digest, Height, Signature};
use runtime::{Block, Transaction};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tracing::{debug, error, warn};

/// How far ahead of the head a block may be to be worth keeping until its turn; what is further is fetched when decided.
const HEIGHTS_AHEAD: u64 = 2;
/// How far ahead of the current round a proposal may be. Malachite looks at no votes beyond this either.
const ROUNDS_AHEAD: u32 = 10;
/// From this round on, Malachite has every validator hand on the block it is locked on, not only the proposer.
const HIDDEN_LOCK_ROUND: u32 = 10;
/// How many blocks of one round are looked at; two are enough to prove that a proposer cheats.
const BLOCKS_PER_ROUND: usize = 2;

impl AppLoop {
    /// Builds, keeps and streams a block; the same one again, when asked again after a restart.
    pub(super) async fn propose(
        &mut self,
        height: Height,
        round: Round,
        timeout: Duration,
        reply: oneshot::Sender<LocallyProposedValue<ChainContext>>,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let number = round.as_u32().unwrap_or(0);
        let block = match self.undecided.built(height, number) {
            Some(kept) => kept.block.clone(),
            None => match self.build(height, number).await? {
                Ok(block) => {
                    let kept = UndecidedBlock { told: true, ..UndecidedBlock::built(block, number) };
                    let block = kept.block.clone();
                    self.keep(kept).await?;
                    block
                }
                // Without an answer the round times out, and the next proposer has its turn.
                Err(error) => {
                    error!(%height, %round, "cannot build a block: {error:#}");
                    return Ok(());
                }
            },
        };
        if started.elapsed() > timeout {
            warn!(%height, %round, took = ?started.elapsed(), "building the block took longer than the round waits");
        }
        let value = BlockValue(block.hash());
        send(reply, LocallyProposedValue::new(BlockHeight(height), round, value));
        self.stream(block, round, Round::Nil).await
    }

    /// Builds a block without what failed in the earlier rounds of its height.
    async fn build(&self, height: Height, round: u32) -> anyhow::Result<anyhow::Result<Block>> {
        let mut set_aside = self.refused.get(&height).cloned().unwrap_or_default();
        for failed in self.undecided.at(height).filter(|kept| kept.round < round) {
            set_aside.extend(failed.block.transactions.iter().map(Transaction::hash));
        }
        self.chain(move |app| app.propose(height, round, &set_aside)).await
    }

    /// Counts a block of its publisher in a round, so that nobody keeps this node busy with bad ones.
    fn count(&mut self, of: &Announcement) {
        let judged = self.judged.entry((of.height.0, of.round, of.publisher)).or_default();
        *judged = judged.saturating_add(1);
    }

    /// Says that what the proposer of a round announced and signed is no block to vote for. Of a height further ahead, and where
    /// others hand on what they are locked on, any validator is heard, and what such a one announces accuses nobody else.
    fn refuse(&self, of: &Announcement, reason: &str) {
        if !self.is_its_turn(of) {
            debug!(height = %of.height, round = of.round, publisher = %of.publisher, reason, "a block out of turn is refused");
            return;
        }
        error!(height = %of.height, round = of.round, proposer = %of.publisher, block = %of.block, reason, "a proposed block is refused");
        self.app.refused(of.height.0, of.round, of.publisher.0, reason);
    }

    /// Publishes a block in parts: as ids in the first round. What a round has failed with comes whole, so that no height hangs on what
    /// others have or are told.
    pub(super) async fn stream(&mut self, block: Arc<Block>, round: Round, pol_round: Round) -> anyhow::Result<()> {
        let encoded = block.encode();
        let (Some(round), Ok(length)) = (round.as_u32(), u32::try_from(encoded.len())) else { return Ok(()) };
        // A stream of the same block must not look like the one before, or gossip would not pass it on again.
        let id = StreamId::new((block.header.height, round, rand::random::<u64>()).encode().into());
        let announcement = Announcement {
            height: BlockHeight(block.header.height),
            round,
            pol_round: pol_round.as_u32(),
            publisher: self.signatory.address(),
            block: block.hash(),
            length,
            digest: Digest::blake3(&encoded),
        };
        let signature = self.signatory.announce(&announcement, &(self.peer, id.clone()));
        let announce = ProposalPart::Announce(announcement, signature);
        let compact = match round {
            0 => {
                let block = block.clone();
                self.chain(move |app| CompactBlock::of(&block, app.ids(&block)).instead_of(length)).await?
            }
            _ => None,
        };
        let messages = match compact {
            Some(compact) => {
                self.sent.add(id.clone(), block);
                cut_compact(id, announce, &compact)
            }
            None => cut(id, announce, &encoded),
        };
        self.publish(messages).await;
        Ok(())
    }

    /// Takes a part; gives the block's verdict when it was the last one missing, or when the block is known already.
    pub(super) async fn receive(
        &mut self,
        from: PeerId,
        key: StreamKey,
        part: StreamMessage<ProposalPart>,
    ) -> anyhow::Result<Option<ProposedValue<ChainContext>>> {
        let Some(payer) = self.hears_from(from, key.0) else { return Ok(None) };
        let counts = matches!(payer, Payer::Publisher(_));
        let StreamContent::Data(data) = part.content else { return Ok(None) };
        let mut taken = match (data, part.sequence) {
            (ProposalPart::Announce(announcement, signature), 0) => {
                if !self.admits(from, &key, &announcement, signature, payer).await? {
                    return Ok(None);
                }
                if let Some(known) = self.known(&announcement) {
                    return Ok(Some(known));
                }
                let announced = self.streams.announce(key.clone(), announcement.clone());
                if let Err(reason @ StreamError::Length(_)) = &announced {
                    self.count(&announcement);
                    self.refuse(&announcement, &reason.to_string());
                }
                announced
            }
            (ProposalPart::Chunk { bytes, .. }, sequence) => self.streams.add(key.clone(), sequence, bytes, counts),
            (ProposalPart::Compact { length, bytes }, sequence) => {
                self.streams.add_compact(key.clone(), sequence, length, bytes, counts)
            }
            (ProposalPart::Filled(transactions), 0) => {
                self.streams.fill(key.clone(), transactions.into_inner(), counts)
            }
            (ProposalPart::Lacking(lacking), 0) if counts => {
                let answer = self.sent.answer(&key.1, key.0, &lacking);
                self.publish(answer).await;
                return Ok(None);
            }
            _ => return Ok(None),
        };
        if let Ok(None) = taken {
            taken = self.look_up(&key).await?;
        }
        self.conclude(&key, taken).await
    }

    /// What comes of a stream of which something was taken, or not: the block's verdict, once it is whole.
    async fn conclude(
        &mut self,
        key: &StreamKey,
        taken: Result<Option<Assembled>, StreamError>,
    ) -> anyhow::Result<Option<ProposedValue<ChainContext>>> {
        match taken {
            Ok(Some(assembled)) => self.assembled(assembled).await,
            Ok(None) => Ok(None),
            Err(reason) => {
                debug!(publisher = %key.0, %reason, "part of a block refused");
                if let StreamError::Digest(of) | StreamError::Turn(of) = &reason {
                    self.count(of);
                    self.refuse(of, &reason.to_string());
                }
                Ok(None)
            }
        }
    }

    /// Whether an announcement opens a stream: it is worth assembling, and its publisher has signed it.
    async fn admits(
        &mut self,
        from: PeerId,
        key: &StreamKey,
        of: &Announcement,
        signature: Signature,
        payer: Payer,
    ) -> anyhow::Result<bool> {
        if let Err(reason) = self.is_admissible(of) {
            debug!(%from, publisher = %of.publisher, reason, "announcement of a block refused");
            return Ok(false);
        }
        if !self.is_signed(of, key, signature, payer).await? {
            debug!(%from, publisher = %of.publisher, "announcement of a block refused: not signed by its publisher");
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether a stream is worth assembling, if its publisher has signed it.
    fn is_admissible(&self, of: &Announcement) -> Result<(), &'static str> {
        let (height, head) = (of.height.0, self.app.head());
        if height <= head || height > head.plus(HEIGHTS_AHEAD) {
            return Err("not for a height that is about to be decided");
        }
        let current = if height == head.next() { self.round } else { 0 };
        if of.round > current.saturating_add(ROUNDS_AHEAD) {
            return Err("for a round far ahead");
        }
        self.is_entitled(of)
    }

    /// Whether the publisher may propose this, as far as is known: the set of the height after next is only known when the
    /// next is decided, and is almost always the same until then.
    fn is_entitled(&self, of: &Announcement) -> Result<(), &'static str> {
        let (height, next) = (of.height.0, self.app.head().next());
        let members = self.members(height).or_else(|| self.members(next)).ok_or("no validators are known")?;
        members.get_by_address(&of.publisher).ok_or("not by a validator")?;
        if height == next && !self.is_its_turn(of) && self.round < HIDDEN_LOCK_ROUND {
            return Err("not by the proposer of the round");
        }
        if self.judged.get(&(height, of.round, of.publisher)).is_some_and(|count| *count >= BLOCKS_PER_ROUND) {
            return Err("not the first blocks of its publisher in the round");
        }
        Ok(())
    }

    /// Whether the publisher is known to be the proposer of the round: of the next height, whose set is known.
    fn is_its_turn(&self, of: &Announcement) -> bool {
        let (height, round) = (of.height.0, Round::new(of.round));
        let is_proposer =
            |members: Arc<Members>| *ChainContext.select_proposer(&members, of.height, round).address() == of.publisher;
        height == self.app.head().next() && self.members(height).is_some_and(is_proposer)
    }

    /// The verdict on a block that is already here.
    fn known(&mut self, of: &Announcement) -> Option<ProposedValue<ChainContext>> {
        let kept = self.undecided.find_mut(of.height.0, of.block).filter(|kept| kept.checked)?;
        kept.told = true;
        Some(self.verdict(of, Validity::Valid))
    }

    async fn assembled(&mut self, whole: Assembled) -> anyhow::Result<Option<ProposedValue<ChainContext>>> {
        if whole.is_in_chunks {
            self.app.came_in_chunks();
        }
        let of = whole.announcement;
        let block = match Block::decode_all(&mut &whole.bytes[..]) {
            Ok(block) if block.hash() == of.block && block.header.height == of.height.0 => block,
            // Nothing is known about the announced block itself, so nothing is said about it.
            _ => {
                self.count(&of);
                self.refuse(&of, "the bytes are something other than the block that was announced");
                return Ok(None);
            }
        };
        if of.height.0 > self.app.head().next() {
            let early = self.early.entry(of.height.0).or_default();
            if early.iter().filter(|(earlier, _)| earlier.publisher == of.publisher).count() < BLOCKS_PER_ROUND {
                early.push((of, block));
            }
            return Ok(None);
        }
        // Asked once more: what was announced before its height began may be for somebody else's turn.
        if let Err(reason) = self.is_entitled(&of) {
            self.refuse(&of, reason);
            return Ok(None);
        }
        self.judge(of, block).await.map(Some)
    }

    /// Executes a whole block on top of the head, and keeps it if it is valid.
    async fn judge(&mut self, of: Announcement, block: Block) -> anyhow::Result<ProposedValue<ChainContext>> {
        self.count(&of);
        // What is proposed for the first time is the publisher's own work. A block proposed again is someone else's.
        if of.pol_round.is_none() && self.round < HIDDEN_LOCK_ROUND && block.header.proposer != of.publisher.0 {
            self.refuse(&of, "the block names another proposer than the one who proposed it");
            return Ok(self.verdict(&of, Validity::Invalid));
        }
        let (block, outcome) = self
            .chain(move |app| {
                let outcome = app.validate(&block, Origin::Proposal);
                (block, outcome)
            })
            .await?;
        if let Err(reason) = outcome {
            self.refuse(&of, &reason);
            self.refused.entry(of.height.0).or_default().extend(block.transactions.iter().map(Transaction::hash));
            return Ok(self.verdict(&of, Validity::Invalid));
        }
        self.keep(UndecidedBlock { told: true, ..UndecidedBlock::valid(block, of.round) }).await?;
        Ok(self.verdict(&of, Validity::Valid))
    }

    fn verdict(&self, of: &Announcement, validity: Validity) -> ProposedValue<ChainContext> {
        let round = Round::new(of.round);
        let proposer = self
            .members(of.height.0)
            .map_or(of.publisher, |members| *ChainContext.select_proposer(&members, of.height, round).address());
        let valid_round = of.pol_round.into();
        ProposedValue { height: of.height, round, valid_round, proposer, value: BlockValue(of.block), validity }
    }

    /// The blocks of a height that Malachite has not been told of: those an earlier process kept, and those that arrived
    /// before the height began.
    pub(super) async fn seen_before(&mut self, height: Height) -> anyhow::Result<Vec<ProposedValue<ChainContext>>> {
        let mut values = Vec::new();
        let untold: Vec<UndecidedBlock> = self.undecided.at(height).filter(|kept| !kept.told).cloned().collect();
        for kept in untold {
            let (block, origin) = (kept.block.clone(), Origin::Proposal);
            let outcome = self.chain(move |app| app.validate(&block, origin)).await?;
            if let Err(reason) = &outcome {
                error!(%height, block = %kept.block.hash(), reason, "a block that this node held to be valid is not");
            }
            let (hash, proposer) = (kept.block.hash(), Address(kept.block.header.proposer));
            let checked = outcome.is_ok();
            self.undecided.insert(UndecidedBlock { checked, told: true, ..kept.clone() });
            if checked {
                values.push(ProposedValue {
                    height: BlockHeight(height),
                    round: Round::new(kept.round),
                    valid_round: Round::Nil,
                    proposer,
                    value: BlockValue(hash),
                    validity: Validity::Valid,
                });
            }
        }
        for (of, block) in self.early.remove(&height).unwrap_or_default() {
            match self.known(&of) {
                Some(known) => values.push(known),
                None if self.is_entitled(&of).is_ok() => values.push(self.judge(of, block).await?),
                None => {
                    debug!(%height, publisher = %of.publisher, "a block that came early is not its publisher's to propose")
                }
            }
        }
        for key in self.streams.untried_at(height) {
            let taken = self.look_up(&key).await?;
            values.extend(self.conclude(&key, taken).await?);
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests;
