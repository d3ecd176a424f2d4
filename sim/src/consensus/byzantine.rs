//! What a dishonest validator does: its core runs as everybody's, and what it builds and says is changed on the way out.

use super::checker::at_once;
use super::hazards::Vice;
use super::machine::Machine;
use super::scene::{Offer, Said, Scene};
use crate::links::Place;
use ::consensus::{BlockValue, ChainContext, ProposalMessage, Vote};
use arc_malachitebft_core_consensus::SignedConsensusMsg;
use arc_malachitebft_core_types::{NilOrVal, Round, SignedProposal, SignedVote};
use arc_malachitebft_signing::Signer as _;
use primitives::{BlockHash, Epoch, Height, StateRoot, Timestamp};
use runtime::{Block, Lane, testing};
use std::rc::Rc;

/// So far ahead is a time that nobody takes, in milliseconds beyond what clocks may be off.
const FAR_AHEAD_MS: u64 = 3_600_000;

impl Machine {
    /// Whether it does this now.
    pub(super) fn does(&self, vice: Vice, scene: &mut Scene<'_>) -> bool {
        let dishonest = self.dishonest.as_ref();
        let given_to = dishonest.filter(|dishonest| dishonest.vices.contains(&vice));
        given_to.is_some_and(|dishonest| scene.chance.happens(dishonest.per_million))
    }

    /// Builds a block, of a wrong time or with a wrong header, or two of them.
    pub(super) fn builds_dishonestly(
        &mut self,
        height: Height,
        round: u32,
        time: Timestamp,
        scene: &mut Scene<'_>,
    ) -> Option<Rc<Block>> {
        let time = if self.does(Vice::FalseTime, scene) { self.false_time(time, scene) } else { time };
        let block = self.builds(height, round, time, scene)?;
        if self.does(Vice::Invalid, scene) {
            return Some(spoilt(&block));
        }
        if self.does(Vice::DoubleProposal, scene) {
            let other = self.builds(height, round, block.header.time.next(), scene)?;
            let hash = other.hash();
            self.keeps_own(other, u32::MAX);
            if let Some(life) = &mut self.life {
                life.second = Some((height, round, hash));
            }
        }
        Some(block)
    }

    fn false_time(&self, time: Timestamp, scene: &mut Scene<'_>) -> Timestamp {
        let drift = scene.setting.genesis.chain.consensus.max_clock_drift_ms;
        match scene.chance.below(3) {
            0 => time.plus(drift).plus(FAR_AHEAD_MS),
            1 => time.plus(drift.saturating_mul(9) / 10),
            _ => time.minus(FAR_AHEAD_MS),
        }
    }

    /// To whom alone a block is given; none where it is given to everybody.
    pub(super) fn withholds_from(&mut self, scene: &mut Scene<'_>) -> Option<Vec<Place>> {
        if !self.does(Vice::Withhold, scene) {
            let splits = self.life.as_ref().is_some_and(|life| life.second.is_some());
            return splits.then(|| self.some_of_the_others(scene));
        }
        let mut others = self.some_of_the_others(scene);
        if scene.chance.happens(500_000) {
            others.clear();
        }
        Some(others)
    }

    /// Gives a block to some; where there are two, the others get the other one.
    pub(super) fn offers_to_some(&mut self, offer: Offer, to: &[Place], scene: &mut Scene<'_>) {
        let (place, height) = (self.place, offer.block.header.height);
        if let Some(other) = self.second_block(height, offer.round) {
            let rest: Vec<Place> = (0..scene.setting.places()).filter(|other| !to.contains(other)).collect();
            let second = Offer { block: other, ..offer.clone() };
            scene.say_to(place, Said::Block(second), &rest);
        }
        scene.tell(|| format!("{place} gives its block of {height} to {to:?} alone"));
        scene.say_to(place, Said::Block(offer), to);
    }

    fn second_block(&self, height: Height, round: u32) -> Option<Rc<Block>> {
        let (of, in_round, hash) = self.life.as_ref()?.second?;
        let held = self.home.find(height, hash)?;
        ((of, in_round) == (height, round)).then(|| held.block.clone())
    }

    /// About half of the others.
    fn some_of_the_others(&self, scene: &mut Scene<'_>) -> Vec<Place> {
        let places = scene.setting.places();
        let others = (0..places).filter(|place| *place != self.place);
        others.filter(|_| scene.chance.happens(500_000)).collect()
    }

    /// Says what its core says, or nothing, or also the contrary.
    pub(super) fn publishes_dishonestly(&mut self, message: SignedConsensusMsg<ChainContext>, scene: &mut Scene<'_>) {
        let place = self.place;
        match message {
            SignedConsensusMsg::Vote(_) if self.does(Vice::Mute, scene) => {}
            SignedConsensusMsg::Vote(vote) if self.does(Vice::DoubleVote, scene) => self.votes_twice(vote, scene),
            SignedConsensusMsg::Proposal(proposal) => self.proposes_twice(proposal, scene),
            message => scene.say(place, Said::Consensus(message)),
        }
    }

    fn votes_twice(&self, vote: SignedVote<ChainContext>, scene: &mut Scene<'_>) {
        let place = self.place;
        let block = match vote.block {
            NilOrVal::Val(_) => NilOrVal::Nil,
            NilOrVal::Nil => NilOrVal::Val(self.some_block(vote.height.0)),
        };
        let contrary = Vote { block, ..vote.message.clone() };
        let Ok(contrary) = at_once(self.signatory.sign_vote(contrary)) else { return };
        scene.tell(|| format!("{place} votes for two things at {} {}", vote.height, vote.round));
        self.splits(SignedConsensusMsg::Vote(vote), SignedConsensusMsg::Vote(contrary), scene);
    }

    /// A block that is here and may be decided, or one that is nowhere.
    fn some_block(&self, height: Height) -> BlockHash {
        self.home.at(height).next().map_or(BlockHash([7; 32]), |held| held.block.hash())
    }

    /// Proposes both blocks, where there are two.
    fn proposes_twice(&mut self, proposal: SignedProposal<ChainContext>, scene: &mut Scene<'_>) {
        let place = self.place;
        let (height, round) = (proposal.height.0, proposal.round.as_u32().unwrap_or_default());
        let second = self.second_block(height, round).filter(|_| proposal.pol_round == Round::Nil);
        let other = second.and_then(|block| {
            let other = ProposalMessage { value: BlockValue(block.hash()), ..proposal.message.clone() };
            at_once(self.signatory.sign_proposal(other)).ok()
        });
        let Some(other) = other else {
            return scene.say(place, Said::Consensus(SignedConsensusMsg::Proposal(proposal)));
        };
        scene.tell(|| format!("{place} proposes two blocks at {height} {round}"));
        self.splits(SignedConsensusMsg::Proposal(proposal), SignedConsensusMsg::Proposal(other), scene);
    }

    /// Tells some the one and the rest the other.
    fn splits(
        &self,
        one: SignedConsensusMsg<ChainContext>,
        other: SignedConsensusMsg<ChainContext>,
        scene: &mut Scene<'_>,
    ) {
        let some = self.some_of_the_others(scene);
        let rest: Vec<Place> = (0..scene.setting.places()).filter(|place| !some.contains(place)).collect();
        scene.say_to(self.place, Said::Consensus(one), &some);
        scene.say_to(self.place, Said::Consensus(other), &rest);
    }

    /// Stands for election again, once it may.
    pub(super) fn comes_back(&mut self, scene: &mut Scene<'_>) {
        let who = self.key.account();
        let until: Option<Epoch> = staking::queries::jailed_until(&self.state(), &who);
        if until.is_some_and(|until| self.next_moment().epoch >= until) && self.has_nothing_waiting() {
            let key = self.key.clone();
            // Refused where the pool is full; it is tried again.
            let _ = self.submits(&key, Lane::Wallet, testing::unjail(), scene);
        }
    }

    fn has_nothing_waiting(&self) -> bool {
        let who = self.key.account();
        let nonce = accounts::queries::account(&self.state(), &who).nonce;
        self.life.as_ref().is_some_and(|life| life.pool.next_nonce(&who, Lane::Wallet, nonce).is_none())
    }
}

/// The same block with a state root that execution does not give.
fn spoilt(block: &Block) -> Rc<Block> {
    let mut spoilt = block.clone();
    let StateRoot(root) = &mut spoilt.header.state_root;
    root.iter_mut().for_each(|byte| *byte ^= 0xff);
    Rc::new(spoilt)
}
