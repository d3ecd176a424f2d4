//! The node's part in the gate `witness_network`, after each block: to be on the topic of cosignatures or not, to have its witness sign, and
//! to tell peers.

use super::{Cosigner, is_on};
use crate::chain::{Chain, CosignatureWord};
use crate::gossip::{self, Occasion, Occasions};
use overlay::OverlayHandle;
use state::State;
use std::sync::Arc;
use witnesses::queries;

/// What a node does about cosignatures.
pub struct WitnessDuty {
    chain: Arc<Chain>,
    overlay: OverlayHandle,
    cosigner: Option<Cosigner>,
    declines: bool,
    /// Whether it is on the topic.
    hears: bool,
}

/// What comes of a look.
struct WitnessLook {
    hears: bool,
    word: Option<CosignatureWord>,
}

impl WitnessDuty {
    /// The part of a node that has a witness or not, unless its operator declines.
    pub fn new(chain: Arc<Chain>, overlay: OverlayHandle, cosigner: Option<Cosigner>, declines: bool) -> Self {
        Self { chain, overlay, cosigner, declines, hears: false }
    }

    /// Looks after each block, for as long as there are any. What was cosigned is told again as long as it is not on chain: that reaches
    /// who has become a peer of this node since, and those who know it pass it on no more. Whoever comes later has it from the chain.
    pub async fn run(self) {
        let (mut occasions, mut duty, mut told) = (Occasions::of(&self.chain), self, None);
        while let Some(occasion) = occasions.next().await {
            // Whoever catches up sees gates and checkpoints as they were long ago.
            if duty.chain.is_stale() {
                continue;
            }
            // State is read, and something is signed and brought to the disk: nothing for a thread that others wait for.
            let looked = tokio::task::spawn_blocking(move || {
                let look = duty.look();
                (duty, look)
            });
            let Ok((back, look)) = looked.await else { return };
            duty = back;
            duty.join(look.hears);
            let Some(word) = look.word else { continue };
            let is_due = occasion == Occasion::Again || told.as_ref() != Some(&word);
            if is_due && duty.tell(&word) {
                told = Some(word);
            }
        }
    }

    fn look(&mut self) -> WitnessLook {
        let hears = is_on(&self.chain.store().view(), self.declines);
        let word = self.cosigner.as_mut().and_then(Cosigner::look);
        WitnessLook { hears, word: word.filter(|word| !is_on_chain(&self.chain, word)) }
    }

    /// Joins the topic, or leaves it.
    fn join(&mut self, hears: bool) {
        if hears == self.hears {
            return;
        }
        match self.overlay.hear_cosignatures(hears) {
            Ok(()) => self.hears = hears,
            Err(error) => tracing::debug!(%error, "the topic of cosignatures is joined or left later"),
        }
        self.chain.metrics().log().listens(self.hears);
    }

    /// Tells peers, if there are any; whether it did.
    fn tell(&self, word: &CosignatureWord) -> bool {
        !self.overlay.status().live_peers.is_empty() && self.overlay.publish(gossip::cosignature(word)).is_ok()
    }
}

/// Whether the chain has what a witness says, so that everybody does.
pub(super) fn is_on_chain(chain: &Chain, word: &CosignatureWord) -> bool {
    let view = chain.store().view();
    queries::has_cosigned(&State::over(&view), word.epoch, &word.witness)
}
