//! Catching up: decided blocks with their certificates, asked of those who have them (`node/consensus/src/catch_up.rs`).

use super::hazards::Vice;
use super::home::Held;
use super::machine::Machine;
use super::scene::{Said, Scene};
use crate::links::Place;
use ::consensus::{Address, BlockHeight, BlockValue, ChainContext, core_certificate};
use arc_malachitebft_core_consensus::{Input, PeerId, ProposedValue};
use arc_malachitebft_core_types::{Round, Validity, ValueOrigin, ValueResponse};
use parity_scale_codec::{DecodeAll as _, Encode as _};
use primitives::Height;
use runtime::{Block, Certificate};
use std::rc::Rc;
use std::time::Duration;

/// How many decided blocks one answer has, at most.
const AT_ONCE: u64 = 16;
/// How long an answer is waited for before somebody else is asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// Who is one block ahead is about to be reached anyway; who is further is asked at once.
const FAR_AHEAD: u64 = 2;

impl Machine {
    /// Somebody says how far it is.
    pub(super) fn hears_tip(&mut self, from: Place, tip: Height, scene: &mut Scene<'_>) {
        let head = self.height();
        let Some(life) = &mut self.life else { return };
        let known = life.tips.entry(from).or_default();
        *known = tip.max(*known);
        if tip >= head.plus(FAR_AHEAD) {
            self.asks(from, scene);
        }
    }

    /// Asks on where a later block is known of and none is here.
    pub(super) fn asks_on(&mut self, scene: &mut Scene<'_>) {
        let head = self.height();
        let Some(life) = &self.life else { return };
        if life.fetched.is_empty()
            && let Some(from) = self.somebody_ahead(head.plus(FAR_AHEAD), scene)
        {
            self.asks(from, scene);
        }
    }

    /// Once in a while: asks where the head stands still and others have more, and says how far it is itself.
    pub(super) fn looks_around(&mut self, scene: &mut Scene<'_>) {
        let (head, place) = (self.height(), self.place);
        let Some(life) = &mut self.life else { return };
        let stands_still = std::mem::replace(&mut life.seen_head, head) == head;
        if stands_still && let Some(from) = self.somebody_ahead(head.next(), scene) {
            self.asks(from, scene);
        }
        let other = scene.somebody_but(place);
        scene.say_to(place, Said::Tip(head), &[other]);
    }

    fn somebody_ahead(&self, least: Height, scene: &mut Scene<'_>) -> Option<Place> {
        let life = self.life.as_ref()?;
        let ahead: Vec<Place> = life.tips.iter().filter(|(_, tip)| **tip >= least).map(|(place, _)| *place).collect();
        scene.chance.pick(&ahead).copied()
    }

    fn asks(&mut self, from: Place, scene: &mut Scene<'_>) {
        let (now, head) = (scene.now(), self.height());
        let Some(life) = &mut self.life else { return };
        if life.asked.is_some_and(|asked| now.since(asked) < PATIENCE) {
            return;
        }
        life.asked = Some(now);
        scene.say_to(self.place, Said::Ask(head.next()), &[from]);
    }

    /// Gives decided blocks from a height on. Who is mute does not, and who proposes what is invalid gives what is no block.
    pub(super) fn answers(&mut self, to: Place, first: Height, scene: &mut Scene<'_>) {
        if self.does(Vice::Mute, scene) {
            return;
        }
        let spoils = self.does(Vice::Invalid, scene);
        let heights = (0..AT_ONCE).map(|ahead| first.plus(ahead));
        let decided = heights.map_while(|height| {
            let kept = self.ledger.storage().at(height).filter(|_| height > Height(0))?;
            let mut encoded = kept.block.encode();
            if spoils && let Some(byte) = encoded.first_mut() {
                *byte ^= 0xff;
            }
            Some((height, encoded, kept.certificate.clone()?))
        });
        let decided: Vec<_> = decided.collect();
        if !decided.is_empty() {
            scene.say_to(self.place, Said::Decided(decided), &[to]);
        }
    }

    /// Takes decided blocks that were asked for.
    pub(super) fn is_given(&mut self, from: Place, blocks: &[(Height, Vec<u8>, Certificate)]) {
        let head = self.height();
        let Some(life) = &mut self.life else { return };
        life.asked = None;
        for (height, encoded, certificate) in blocks.iter().filter(|(height, ..)| *height > head) {
            life.fetched.insert(*height, (from, encoded.clone(), certificate.clone()));
        }
        if life.height > head {
            let height = life.height;
            self.takes_fetched(height);
        }
    }

    /// Has the core take in what was fetched for a height.
    pub(super) fn takes_fetched(&mut self, height: Height) {
        let Some(life) = &mut self.life else { return };
        let Some((from, encoded, certificate)) = life.fetched.remove(&height) else { return };
        let Some(peer) = peer(from) else { return };
        let response = ValueResponse::new(peer, encoded.into(), core_certificate(certificate));
        life.inputs.push_back(Input::SyncValueResponse(response));
    }

    /// Executes a block that a peer says is decided, once the core has checked its certificate.
    pub(super) fn is_synced(&mut self, value: &ValueResponse<ChainContext>, proposer: Address, scene: &mut Scene<'_>) {
        let certificate = &value.certificate;
        let (height, round) = (certificate.height.0, certificate.round);
        let decoded = Block::decode_all(&mut &value.value_bytes[..]).ok();
        let block = decoded.filter(|block| block.header.height == height && block.hash() == certificate.value_id);
        let Some(block) = block.filter(|_| height == self.height().next()) else { return };
        let validity = match self.ledger.judge(&block) {
            Ok(()) => Validity::Valid,
            Err(reason) => {
                let place = self.place;
                scene.tell(|| format!("{place} refuses the decided block of {height}: {reason}"));
                Validity::Invalid
            }
        };
        let hash = certificate.value_id;
        let is_here = self.home.find(height, hash).is_some_and(|held| held.checked);
        if validity == Validity::Valid && !is_here {
            self.home.keep(Held::valid(Rc::new(block), round.as_u32().unwrap_or_default()));
        }
        if let Some(life) = &mut self.life {
            life.synced = Some(height);
        }
        let (height, value) = (BlockHeight(height), BlockValue(hash));
        let value = ProposedValue { height, round, valid_round: Round::Nil, proposer, value, validity };
        self.takes_in(Input::ProposedValue(value, ValueOrigin::Sync));
    }
}

/// A machine as the core knows it.
fn peer(place: Place) -> Option<PeerId> {
    let number = u8::try_from(place).ok()?;
    PeerId::from_bytes(&[&[0x12, 32][..], &[number; 32]].concat()).ok()
}
