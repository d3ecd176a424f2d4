//! Blocks for the height that is decided: built, streamed, taken in and judged, by the rules of the node's loop
//! (`node/consensus/src/proposals`).

use super::home::Held;
use super::machine::Machine;
use super::scene::{Offer, Said, Scene};
use crate::links::Place;
use ::consensus::{BlockHeight, BlockValue, ChainContext, Members};
use arc_malachitebft_core_consensus::{Input, LocallyProposedValue, ProposedValue};
use arc_malachitebft_core_types::{Context as _, Round, Validator as _, ValidatorSet as _, Validity, ValueOrigin};
use primitives::{AccountId, BlockHash, Height, Timestamp};
use runtime::{Block, Transaction};
use std::collections::BTreeSet;
use std::rc::Rc;

/// How far ahead of the head a block may be to be worth keeping until its turn.
const HEIGHTS_AHEAD: u64 = 2;
/// How far ahead of the current round a proposal may be.
const ROUNDS_AHEAD: u32 = 10;
/// From this round on, every validator hands on the block it is locked on.
const HIDDEN_LOCK_ROUND: u32 = 10;
/// How many blocks of one publisher in a round are looked at.
const BLOCKS_PER_ROUND: usize = 2;

impl Machine {
    /// Builds, keeps and streams a block; the same one again, when asked again after a restart.
    pub(super) fn proposes(&mut self, height: Height, round: Round, scene: &mut Scene<'_>) {
        let number = round.as_u32().unwrap_or_default();
        let kept = self.home.built(height, number);
        let is_new = kept.is_none();
        let Some(block) = kept.or_else(|| self.builds_as_it_is(height, number, scene)) else { return };
        if is_new {
            self.keeps_own(block.clone(), number);
        }
        let value = BlockValue(block.hash());
        self.takes_in(Input::Propose(LocallyProposedValue::new(BlockHeight(height), round, value)));
        self.streams(block, (round, Round::Nil), scene);
    }

    /// Keeps a block that this machine built for a round.
    pub(super) fn keeps_own(&mut self, block: Rc<Block>, round: u32) {
        self.home.keep(Held { built_for: vec![round], ..Held::valid(block, round) });
    }

    fn builds_as_it_is(&mut self, height: Height, round: u32, scene: &mut Scene<'_>) -> Option<Rc<Block>> {
        let time = self.reads(scene);
        if self.is_honest() {
            self.builds(height, round, time, scene)
        } else {
            self.builds_dishonestly(height, round, time, scene)
        }
    }

    /// Builds a block without what failed in the earlier rounds of its height.
    pub(super) fn builds(
        &mut self,
        height: Height,
        round: u32,
        time: Timestamp,
        scene: &mut Scene<'_>,
    ) -> Option<Rc<Block>> {
        if height != self.height().next() {
            return None;
        }
        let life = self.life.as_ref()?;
        let mut set_aside: BTreeSet<_> = life.refused.get(&height).cloned().unwrap_or_default();
        for failed in self.home.at(height).filter(|held| held.round < round) {
            set_aside.extend(failed.block.transactions.iter().map(Transaction::hash));
        }
        let room = scene.setting.genesis.chain.limits.room(round).transactions as usize;
        let mut candidates = life.pool.candidates(room.saturating_add(set_aside.len()));
        candidates.retain(|candidate| !set_aside.contains(&candidate.hash()));
        let proposer = self.key.account();
        match self.ledger.propose(round, time, proposer, candidates) {
            Ok(block) => Some(Rc::new(block)),
            Err(error) => {
                let place = self.place;
                scene.tell(|| format!("{place} cannot build a block of {height}: {error}"));
                None
            }
        }
    }

    /// Publishes a block for a round, and the earlier one in which two thirds prevoted it.
    pub(super) fn streams(&mut self, block: Rc<Block>, (round, pol_round): (Round, Round), scene: &mut Scene<'_>) {
        let Some(round) = round.as_u32() else { return };
        let offer = Offer { round, pol_round: pol_round.as_u32(), publisher: self.signatory.address(), block };
        match self.withholds_from(scene) {
            None => scene.say(self.place, Said::Block(offer)),
            Some(to) => self.offers_to_some(offer, &to, scene),
        }
    }

    /// Publishes a block again that was seen before.
    pub(super) fn streams_again(
        &mut self,
        height: Height,
        block: BlockHash,
        rounds: (Round, Round),
        scene: &mut Scene<'_>,
    ) {
        if let Some(block) = self.home.find(height, block).map(|held| held.block.clone()) {
            self.streams(block, rounds, scene);
        }
    }

    /// Somebody streams a block.
    pub(super) fn is_offered(&mut self, offer: &Offer, scene: &mut Scene<'_>) {
        let height = offer.block.header.height;
        if !self.is_admissible(offer) {
            return;
        }
        if let Some(known) = self.known(offer) {
            return self.takes_in(known);
        }
        if height <= self.height().next() {
            let judged = self.judges(offer, scene);
            return self.takes_in(judged);
        }
        let Some(life) = &mut self.life else { return };
        let early = life.early.entry(height).or_default();
        if early.iter().filter(|earlier| earlier.publisher == offer.publisher).count() < BLOCKS_PER_ROUND {
            early.push(offer.clone());
        }
    }

    fn is_admissible(&self, offer: &Offer) -> bool {
        let Some(life) = &self.life else { return false };
        let (height, head) = (offer.block.header.height, self.height());
        if height <= head || height > head.plus(HEIGHTS_AHEAD) {
            return false;
        }
        let current = if height == head.next() { life.round } else { 0 };
        offer.round <= current.saturating_add(ROUNDS_AHEAD) && self.is_entitled(offer)
    }

    /// Whether the publisher may propose this, as far as is known.
    fn is_entitled(&self, offer: &Offer) -> bool {
        let Some(life) = &self.life else { return false };
        let (height, next) = (offer.block.header.height, self.height().next());
        let Some(members) = self.members(height).or_else(|| self.members(next)) else { return false };
        if members.get_by_address(&offer.publisher).is_none() {
            return false;
        }
        let is_its_turn = proposer_of(&members, height, offer.round) == offer.publisher.0;
        if height == next && !is_its_turn && life.round < HIDDEN_LOCK_ROUND {
            return false;
        }
        let judged = life.judged.get(&(height, offer.round, offer.publisher)).copied().unwrap_or_default();
        judged < BLOCKS_PER_ROUND
    }

    /// The verdict on a block that is here already.
    fn known(&mut self, offer: &Offer) -> Option<Input<ChainContext>> {
        let (height, hash) = (offer.block.header.height, offer.block.hash());
        let held = self.home.find_mut(height, hash).filter(|held| held.checked)?;
        held.told = true;
        Some(self.verdict(offer, hash, Validity::Valid))
    }

    /// Executes a block on the head, and keeps it if it is valid.
    fn judges(&mut self, offer: &Offer, scene: &mut Scene<'_>) -> Input<ChainContext> {
        let (block, hash) = (&offer.block, offer.block.hash());
        let height = block.header.height;
        let round = self.life.as_ref().map(|life| life.round).unwrap_or_default();
        if let Some(life) = &mut self.life {
            *life.judged.entry((height, offer.round, offer.publisher)).or_default() += 1;
        }
        // What is proposed for the first time is the publisher's own work. A block proposed again is someone else's.
        let is_foreign =
            offer.pol_round.is_none() && round < HIDDEN_LOCK_ROUND && block.header.proposer != offer.publisher.0;
        if is_foreign {
            return self.verdict(offer, hash, Validity::Invalid);
        }
        if let Err(reason) = self.validates(block, scene) {
            let (place, by) = (self.place, place_of(offer, scene));
            scene.tell(|| format!("{place} refuses {hash} of {by:?} for {height}: {reason}"));
            if let Some(life) = &mut self.life {
                life.refused.entry(height).or_default().extend(block.transactions.iter().map(Transaction::hash));
            }
            return self.verdict(offer, hash, Validity::Invalid);
        }
        self.home.keep(Held::valid(block.clone(), offer.round));
        self.verdict(offer, hash, Validity::Valid)
    }

    /// Whether a proposed block may be voted for: the rule that asks this clock, then those of the ledger.
    fn validates(&mut self, block: &Block, scene: &Scene<'_>) -> Result<(), String> {
        let drift = scene.setting.genesis.chain.consensus.max_clock_drift_ms;
        if block.header.time > self.reads(scene).plus(drift) {
            return Err(format!("its time is more than {drift} ms ahead of this clock"));
        }
        self.ledger.judge(block).map_err(|error| error.to_string())
    }

    fn verdict(&self, offer: &Offer, hash: BlockHash, validity: Validity) -> Input<ChainContext> {
        let height = offer.block.header.height;
        let proposer = self
            .members(height)
            .map_or(offer.publisher, |members| ::consensus::Address(proposer_of(&members, height, offer.round)));
        let (round, valid_round) = (Round::new(offer.round), offer.pol_round.into());
        let (height, value) = (BlockHeight(height), BlockValue(hash));
        let value = ProposedValue { height, round, valid_round, proposer, value, validity };
        Input::ProposedValue(value, ValueOrigin::Consensus)
    }

    /// The blocks of a height that the core has not been told of: those an earlier process kept, and those that came early.
    pub(super) fn seen_before(&mut self, height: Height, scene: &mut Scene<'_>) -> Vec<Input<ChainContext>> {
        let mut values = Vec::new();
        let untold: Vec<Held> = self.home.at(height).filter(|held| !held.told).cloned().collect();
        for held in untold {
            let hash = held.block.hash();
            let checked = self.validates(&held.block, scene).is_ok();
            if let Some(kept) = self.home.find_mut(height, hash) {
                (kept.checked, kept.told) = (checked, true);
            }
            if checked {
                let publisher = ::consensus::Address(held.block.header.proposer);
                let value = ProposedValue {
                    height: BlockHeight(height),
                    round: Round::new(held.round),
                    valid_round: Round::Nil,
                    proposer: publisher,
                    value: BlockValue(hash),
                    validity: Validity::Valid,
                };
                values.push(Input::ProposedValue(value, ValueOrigin::Consensus));
            }
        }
        let early = self.life.as_mut().and_then(|life| life.early.remove(&height)).unwrap_or_default();
        for offer in early {
            match self.known(&offer) {
                Some(known) => values.push(known),
                None if self.is_entitled(&offer) => values.push(self.judges(&offer, scene)),
                None => {}
            }
        }
        values
    }

    fn members(&self, height: Height) -> Option<Members> {
        self.ledger.validators(height).and_then(|set| Members::new(&set))
    }
}

fn proposer_of(members: &Members, height: Height, round: u32) -> AccountId {
    ChainContext.select_proposer(members, BlockHeight(height), Round::new(round)).address().0
}

fn place_of(offer: &Offer, scene: &Scene<'_>) -> Option<Place> {
    scene.setting.keys.iter().position(|key| key.account() == offer.publisher.0)
}
