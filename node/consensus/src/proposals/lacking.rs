//! What a block that came as ids lacks: looked up here, and then asked for.

use crate::app_loop::AppLoop;
use crate::messages::{Lacking, ProposalPart};
use crate::streaming::{Assembled, StreamError, StreamKey, message};
use arc_malachitebft_app::streaming::StreamMessage;
use arc_malachitebft_app_channel::NetworkMsg;
use std::time::Instant;
use tracing::{debug, info};

/// The part of a round's wait for a proposal after which a block is asked for whole: what is left has to do for its chunks.
const PATIENCE: u32 = 4;

impl AppLoop {
    /// Looks for the transactions of a block as soon as their ids are all here, and asks for those that do not wait at this node. That
    /// is a look through the pool: the proposer of the first round of the height being decided has it made, once, and nobody else. What
    /// is for a later height waits for it, in the places of its validator.
    pub(super) async fn look_up(&mut self, key: &StreamKey) -> anyhow::Result<Result<Option<Assembled>, StreamError>> {
        let height = self.app.head().next();
        let Some(of) = self.streams.untried(key).filter(|of| of.height.0 == height) else { return Ok(Ok(None)) };
        if of.round > 0 || !self.is_its_turn(of) {
            let of = Box::new(of.clone());
            self.streams.close(key);
            return Ok(Err(StreamError::Turn(of)));
        }
        let Some(ids) = self.streams.wanted(key) else { return Ok(Ok(None)) };
        if self.looked_up.replace(height) == Some(height) {
            // The same block once more, after its proposer was started anew, or another one.
            self.lacks(key, Lacking::Block).await;
            return Ok(Ok(None));
        }
        let most_bytes = self.most_block_bytes;
        let found = self.chain(move |app| app.transactions(&ids, most_bytes)).await?;
        let taken = self.streams.found(key, found);
        if let Ok(None) = taken {
            self.ask(key).await;
        }
        Ok(taken)
    }

    async fn ask(&mut self, key: &StreamKey) {
        let lacking = self.streams.lacking(key);
        debug!(publisher = %key.0, ?lacking, "asking for what a block lacks");
        if lacking != Lacking::Block {
            self.streams.wait(key, Instant::now() + self.timeouts.propose / PATIENCE);
        }
        self.lacks(key, lacking).await;
    }

    /// Asks for the blocks that are not here although what they lacked was asked for.
    pub(crate) async fn ask_for_blocks(&mut self, now: Instant) {
        for key in self.streams.overdue(now) {
            info!(publisher = %key.0, "asking for a whole block, because nobody told what it lacks");
            self.lacks(&key, Lacking::Block).await;
        }
    }

    /// Says under the id of a stream what is lacking, for its publisher.
    async fn lacks(&self, (_, id): &StreamKey, lacking: Lacking) {
        self.publish(vec![message(id.clone(), 0, ProposalPart::Lacking(lacking))]).await;
    }

    /// Gives parts to the network.
    pub(super) async fn publish(&self, messages: Vec<StreamMessage<ProposalPart>>) {
        for message in messages {
            if self.network.send(NetworkMsg::PublishProposalPart(message)).await.is_err() {
                debug!("the network stopped while a block was being streamed");
                return;
            }
        }
    }
}
