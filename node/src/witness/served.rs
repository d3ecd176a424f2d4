//! What this node serves of the log of blocks (C2SP `tlog-tiles`): the newest checkpoint with its signatures, and tiles of hashes and leaves.

use super::{LogKey, verifier_of};
use crate::chain::Chain;
use primitives::{AccountId, BlockHash, Epoch, Height};
use state::State;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::db::DbError;
use tlog::{BlockLeaf, MOST_NOTE_LINES, Note, NoteLine, Tile, TileKind};
use witnesses::queries;

/// The log of a node's chain, signed by its key.
#[derive(Clone)]
pub struct ServedLog {
    chain: Arc<Chain>,
    /// None where the store does not have what names the log.
    key: Option<Arc<LogKey>>,
    /// The newest epoch whose checkpoint was served.
    newest: Arc<AtomicU64>,
}

impl ServedLog {
    /// What a node serves of its chain.
    pub fn new(chain: Arc<Chain>, key: Option<Arc<LogKey>>) -> Self {
        Self { chain, key, newest: Arc::default() }
    }

    /// The text by which tools verify what is signed here; empty where nothing is.
    pub fn vkey(&self) -> String {
        self.key.as_ref().map(|key| key.vkey()).unwrap_or_default()
    }

    /// The newest checkpoint as a note, signed by this node and by all witnesses whose cosignature is known here; none while there is none.
    /// In the first blocks of an epoch, which has few cosignatures yet, it is that of the epoch before, if that has more; but once that of
    /// an epoch was served, none of an earlier one is: whoever follows the log never sees it shrink.
    pub fn checkpoint(&self) -> Option<String> {
        let key = self.key.as_ref()?;
        let view = self.chain.store().view();
        let state = State::over(&view);
        let (newest, _) = queries::newest_checkpoint(&state)?;
        let before = queries::checkpoints(&state).map(|(epoch, _)| epoch).take_while(|epoch| *epoch < newest).last();
        let signed = |epoch: Epoch| Some((queries::signed_checkpoint(&state, epoch)?, self.cosigned(&state, epoch)));
        let (now, earlier) = (signed(newest)?, before.and_then(signed));
        let (checkpoint, lines) = match earlier {
            Some(earlier) if earlier.1.len() > now.1.len() && before.is_some_and(|epoch| self.may_serve(epoch)) => {
                earlier
            }
            _ => {
                self.may_serve(newest);
                now
            }
        };
        let text = checkpoint.text();
        let lines = [key.sign(&text)].into_iter().chain(lines).take(MOST_NOTE_LINES).collect();
        Some(Note { text, lines }.to_string())
    }

    /// Whether the checkpoint of an epoch is not older than one that was served; if so, none before it is served from now on.
    fn may_serve(&self, epoch: Epoch) -> bool {
        self.newest.fetch_max(epoch.0, Ordering::AcqRel) <= epoch.0
    }

    /// The lines of those who cosigned the checkpoint of an epoch: on chain first, then as it was collected. What was collected counts as
    /// long as the witness has the name and the key by which it was verified: a line under others would make the note a false one.
    fn cosigned(&self, state: &State, epoch: Epoch) -> Vec<NoteLine> {
        let on_chain = queries::cosignatures(state, epoch);
        let said: BTreeSet<AccountId> = on_chain.iter().map(|(who, _)| *who).collect();
        let collected = self.chain.cosignatures().of(epoch).into_iter();
        let collected = collected.filter(|(_, word)| !said.contains(&word.witness)).filter_map(|(by, word)| {
            queries::witness(state, &word.witness).filter(|now| (&now.name, now.key) == (&by.name, by.key))?;
            Some(verifier_of(by.name.as_str(), by.key).cosigned(word.timestamp, &word.signature))
        });
        let on_chain = on_chain
            .iter()
            .map(|(_, said)| verifier_of(said.name.as_str(), said.key).cosigned(said.timestamp, &said.signature));
        on_chain.chain(collected).collect()
    }

    /// The bytes of a tile; none of one that the log has not got, or not whole.
    ///
    /// # Errors
    /// The store cannot be read, or does not have that part of the log.
    pub fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, DbError> {
        let view = self.chain.store().view();
        let size = queries::log(&State::over(&view)).map_or(0, |log| log.frontier.size());
        let (Some(level), Some(places)) = (tile.tree_level(), tile.places()) else { return Ok(None) };
        if !tile.is_within(size) {
            return Ok(None);
        }
        let count = u64::from(tile.width);
        Ok(Some(match tile.kind {
            TileKind::Entries => bundle(Height(places.start), &view.block_hashes(Height(places.start), count)?),
            TileKind::Hashes(_) => view.log_nodes(level, places.start, count)?.iter().flat_map(|hash| hash.0).collect(),
        }))
    }
}

/// Leaves as they travel: each behind its length, in two bytes.
fn bundle(first: Height, blocks: &[BlockHash]) -> Vec<u8> {
    const LENGTH: [u8; 2] = (BlockLeaf::BYTES as u16).to_be_bytes();
    let mut bytes = Vec::with_capacity(blocks.len() * (LENGTH.len() + BlockLeaf::BYTES));
    for (height, block) in (first.0..).zip(blocks) {
        bytes.extend(LENGTH);
        bytes.extend(BlockLeaf { height: Height(height), block: *block }.encode());
    }
    bytes
}
