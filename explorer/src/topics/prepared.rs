//! A block on its way into the index: all that it writes without asking the index is ready before its turn comes.

use super::releases::installs::Receipts;
use super::{audit, blocks, draft, releases, write};
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::rows::IndexRows;
use crate::store::{HEAD, IndexHead};
use runtime::{Certificate, Record};

/// A block, and what it writes wherever the index stands. Whoever makes one has verified it; see [`crate::follow::verify`].
#[derive(Debug)]
pub struct PreparedBlock {
    before: IndexHead,
    head: IndexHead,
    record: Record,
    draft: BlockDraft,
    receipts: Receipts,
    /// The places of the facts whose events have to ask the index for what they write.
    asking: Vec<usize>,
}

impl PreparedBlock {
    /// The block of a record, after which the index stands at `head`, and before it at `before`; genesis has nothing before it, and nobody
    /// decided it.
    ///
    /// # Errors
    /// It has more facts than can be numbered.
    pub fn new(
        before: IndexHead,
        head: IndexHead,
        record: Record,
        certificate: Option<&Certificate>,
    ) -> Result<Self, FoldError> {
        let (mut block, mut receipts, mut asking) = (BlockDraft::new(head.at), Receipts::default(), Vec::new());
        audit::fold::count(&mut block, &record.facts)?;
        for (place, fact) in record.facts.iter().enumerate() {
            audit::fold::write(&mut block, place as u64, fact);
            if let Ok(event) = &fact.outcome
                && !draft(&mut block, &mut receipts, event)
            {
                asking.push(place);
            }
        }
        blocks::fold::write(&mut block, head, &record, certificate);
        Ok(Self { before, head, record, draft: block, receipts, asking })
    }

    /// Where the index ends when it is this block's turn.
    pub fn before(&self) -> IndexHead {
        self.before
    }

    /// Where it ends afterwards.
    pub fn head(&self) -> IndexHead {
        self.head
    }

    /// How many facts it has.
    pub fn facts(&self) -> usize {
        self.record.facts.len()
    }

    /// How much text it writes, in bytes, as far as that is known.
    pub fn bytes(&self) -> usize {
        self.draft.bytes()
    }

    /// What it writes, to which more can be added.
    pub(crate) fn draft(&mut self) -> &mut BlockDraft {
        &mut self.draft
    }

    /// Writes what the block changes, and the position after it.
    ///
    /// # Errors
    /// The database refuses, or holds something else than a fold of the blocks before.
    pub async fn fold(self, rows: &mut dyn IndexRows) -> Result<(), FoldError> {
        let Self { before, head, record, draft, receipts, asking } = self;
        let mut block = BlockWriter::going_on(rows, draft);
        let at = blocks::fold::moment(&mut block, &record).await?;
        for fact in asking.into_iter().filter_map(|place| record.facts.get(place)) {
            if let Ok(event) = &fact.outcome {
                write(&mut block, at, event).await?;
            }
        }
        if head.at.epoch != before.at.epoch {
            releases::fold::begin_epoch(&mut block).await?;
        }
        block.set_meta(HEAD, &head);
        receipts.write(&mut block).await?;
        block.finish().await
    }
}
