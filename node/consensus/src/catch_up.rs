//! Catching up: giving decided blocks to peers that lack them, and taking them from peers that have them.

use super::app_loop::AppLoop;
use super::application::Origin;
use super::certificate::core_certificate;
use super::codec::MAX_HEIGHTS;
use super::context::{Address, BlockHeight, BlockValue, ChainContext};
use super::undecided::UndecidedBlock;
use arc_malachitebft_app::consensus::ProposedValue;
use arc_malachitebft_app::engine::host::SyncedValueOutcome;
use arc_malachitebft_core_types::{Round, ValidatorSet as _, Validity};
use arc_malachitebft_sync::RawDecidedValue;
use bytes::Bytes;
use parity_scale_codec::{DecodeAll, Encode};
use primitives::Height;
use runtime::Block;
use std::ops::RangeInclusive;
use tracing::{debug, error};

impl AppLoop {
    /// Decided blocks with their certificates, from the start of the range for as long as they are there.
    pub(super) async fn decided(
        &self,
        range: RangeInclusive<BlockHeight>,
    ) -> anyhow::Result<Vec<RawDecidedValue<ChainContext>>> {
        let (first, last) = (range.start().0, range.end().0);
        self.chain(move |app| {
            (first.0..=last.0)
                .take(MAX_HEIGHTS)
                .map_while(|height| app.decided(Height(height)))
                .map(|(block, certificate)| RawDecidedValue::new(block.encode().into(), core_certificate(certificate)))
                .collect()
        })
        .await
    }

    /// Executes a block that a peer says is decided. Malachite has checked the certificate, and compares the hash.
    pub(super) async fn synced(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
        bytes: Bytes,
    ) -> anyhow::Result<SyncedValueOutcome<ChainContext>> {
        if height != self.app.head().next() {
            debug!(%height, "a synced block came out of turn");
            return Ok(SyncedValueOutcome::LocalTransientError);
        }
        if bytes.len() > self.most_block_bytes as usize {
            return Ok(SyncedValueOutcome::PeerFault);
        }
        let block = match Block::decode_all(&mut &bytes[..]) {
            Ok(block) if block.header.height == height => block,
            _ => return Ok(SyncedValueOutcome::PeerFault),
        };
        let hash = block.hash();
        let verdict = |validity| {
            let valid_round = Round::Nil;
            let value = BlockValue(hash);
            let height = BlockHeight(height);
            SyncedValueOutcome::Verdict(ProposedValue { height, round, valid_round, proposer, value, validity })
        };
        if let Some(kept) = self.undecided.find(height, hash).filter(|kept| kept.checked) {
            // The hash is the header's, and the header says which transactions belong to it: other bytes are a forgery.
            let same = kept.block.encode() == bytes;
            return Ok(if same { verdict(Validity::Valid) } else { SyncedValueOutcome::PeerFault });
        }
        let (block, outcome) = self
            .chain(move |app| {
                let outcome = app.validate(&block, Origin::Sync);
                (block, outcome)
            })
            .await?;
        if let Err(reason) = outcome {
            error!(%height, block = %hash, reason, "a peer sent this block as decided, and this build refuses it");
            return Ok(verdict(Validity::Invalid));
        }
        self.keep_synced(UndecidedBlock { told: true, ..UndecidedBlock::valid(block, round.as_u32().unwrap_or(0)) })
            .await?;
        Ok(verdict(Validity::Valid))
    }

    /// Only a validator writes the hash to its log, so only a validator needs the block after a crash.
    async fn keep_synced(&mut self, kept: UndecidedBlock) -> anyhow::Result<()> {
        let me = self.signatory.address();
        let validates = self.members(kept.block.header.height).is_some_and(|set| set.get_by_address(&me).is_some());
        if validates {
            return self.keep(kept).await;
        }
        self.undecided.insert(kept);
        Ok(())
    }
}
