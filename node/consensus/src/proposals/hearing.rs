//! Who is heard, and what becomes of who forges.

use crate::app_loop::AppLoop;
use crate::application::Blame;
use crate::messages::Announcement;
use crate::senders::Payer;
use crate::streaming::StreamKey;
use arc_malachitebft_app::types::PeerId;
use arc_malachitebft_core_types::ValidatorSet as _;
use primitives::{Height, Signature};
use std::time::Instant;
use tracing::{debug, info, warn};

impl AppLoop {
    /// Who pays for a part that `publisher` published and `from` delivered; none when it is to be passed over.
    pub(super) fn hears_from(&self, from: PeerId, publisher: PeerId) -> Option<Payer> {
        let payer = self.senders.payer(from, publisher).filter(|payer| !self.senders.is_out(payer));
        if payer.is_some() {
            return payer;
        }
        self.app.blamed(Blame::Unheard);
        // A neighbour that counts is not to blame for what the engine had it pass on.
        let is_in = self.senders.counts(&from) && !self.senders.is_out(&Payer::Publisher(from));
        if !is_in && let Some(connections) = &self.connections {
            connections.refuse(from);
        }
        None
    }

    /// Whether the publisher that an announcement names has signed it, out of the payer's budget and off this loop.
    pub(super) async fn is_signed(
        &mut self,
        of: &Announcement,
        key: &StreamKey,
        signature: Signature,
        payer: Payer,
    ) -> anyhow::Result<bool> {
        if !self.senders.pay(payer) {
            debug!(?payer, "no more announcements of this sender are checked in this round");
            return Ok(false);
        }
        let (is_announced, announcement, stream) = (self.is_announced.clone(), of.clone(), key.clone());
        if self.chain(move |_| is_announced(&announcement, &stream, &signature)).await? {
            self.senders.proven(key.0, of.publisher);
            if let Some((pen, _)) = &self.pen {
                pen.announced(&of.publisher.0, of.height.0, &key.0.to_bytes());
            }
            return Ok(true);
        }
        self.app.blamed(Blame::Forged);
        if self.senders.forged(payer, Instant::now()) {
            self.put_out(payer);
        }
        Ok(false)
    }

    fn put_out(&self, payer: Payer) {
        match payer {
            Payer::Publisher(peer) => {
                warn!(%peer, "a peer forged announcements of blocks three times; its connection ends, and nothing of it is heard for ten minutes");
                self.app.blamed(Blame::Out);
                if let Some(connections) = &self.connections {
                    connections.end(self.senders.addresses(&peer));
                }
            }
            Payer::StrangersThrough(peer) => {
                warn!(%peer, "strangers whose announcements this peer passes on forged three; strangers are not heard through it for ten minutes");
            }
        }
    }

    /// Gives every sender its budget for a round, and takes those back whose time is over.
    pub(crate) fn renew_senders(&mut self) {
        for peer in self.senders.renew(Instant::now()) {
            info!(%peer, "a peer that forged announcements is heard again");
            if let Some(connections) = &self.connections {
                connections.take_back(self.senders.addresses(&peer));
            }
        }
    }

    /// Forgets the peers of validators that are in no set to come, now that `height` is decided, and what waits of theirs.
    pub(crate) fn forget_senders(&mut self, height: Height) {
        let sets = [height.plus(1), height.plus(2)].map(|height| self.members(height));
        self.senders.keep(|validator| sets.iter().flatten().any(|set| set.get_by_address(validator).is_some()));
        let senders = &self.senders;
        self.streams.keep_early(|peer| senders.counts(peer) && !senders.is_out(&Payer::Publisher(*peer)));
    }
}
