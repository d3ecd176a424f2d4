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
    /// Looks for the transactions of a block as soon as their ids are all here, and asks for those that do not wait at this node.
    pub(super) async fn look_up(&mut self, key: &StreamKey) -> anyhow::Result<Result<Option<Assembled>, StreamError>> {
        let Some(ids) = self.streams.wanted(key) else { return Ok(Ok(None)) };
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
