//! The hops by which trust comes from genesis to any later block. They are last blocks of epochs; which ones is settled once and
//! kept as it is, so nobody who asks for a way has the node look for it.

use super::columns::{Column, height_key, number_key};
use super::commit::Batch;
use super::{DbError, View};
use light::{Anchor, SignedHeader, Trail};
use parity_scale_codec::Encode;
use primitives::Height;
use rocksdb::IteratorMode;
use runtime::Genesis;

/// The hops so far, to go on from.
pub struct Hops {
    trail: Trail,
    taken: u64,
}

impl Hops {
    /// None yet.
    pub fn begin(genesis: &Genesis) -> Self {
        Self { trail: Trail::resume(Anchor::genesis(genesis), None), taken: 0 }
    }

    /// Those of a store.
    pub fn of(view: &View<'_>) -> Result<Self, DbError> {
        let genesis = view.genesis()?.ok_or(DbError::NoGenesis)?;
        let (root, taken) = (Anchor::genesis(&genesis), view.hops()?);
        let here = match view.hop(taken)? {
            Some(hop) => root.knowing(&hop),
            None => root,
        };
        let reached = view.last_epoch_end()?.filter(|end| end.height() > here.height());
        Ok(Self { trail: Trail::resume(here, reached), taken })
    }

    /// Takes the last block of the next epoch; gives the number and the height of the hop that this settles, if it settles one.
    pub fn extend(&mut self, end: &SignedHeader) -> Option<(u64, Height)> {
        let hop = self.trail.extend(end)?;
        self.taken = self.taken.saturating_add(1);
        Some((self.taken, hop.height()))
    }

    /// How many there are.
    pub fn taken(&self) -> u64 {
        self.taken
    }
}

impl Batch<'_> {
    /// A hop that was settled.
    pub fn hop(&mut self, (number, height): (u64, Height)) {
        self.put(Column::Hops, number_key(number), height.encode());
    }
}

impl View<'_> {
    /// How many hops there are.
    pub fn hops(&self) -> Result<u64, DbError> {
        let last = self.snapshot.iterator_cf(self.inner.column(Column::Hops), IteratorMode::End).next().transpose()?;
        Ok(last.and_then(|(key, _)| key.first_chunk().map(|number| u64::from_be_bytes(*number))).unwrap_or(0))
    }

    /// The height of a hop, which are numbered from 1; ascending.
    pub fn hop_height(&self, number: u64) -> Result<Option<Height>, DbError> {
        self.decoded(Column::Hops, &number_key(number))
    }

    /// A hop.
    pub fn hop(&self, number: u64) -> Result<Option<SignedHeader>, DbError> {
        let Some(height) = self.hop_height(number)? else { return Ok(None) };
        let lost = || DbError::Damaged(format!("block {height}, which is hop {number}, is not in the epochs column"));
        self.epoch_end(height)?.ok_or_else(lost).map(Some)
    }

    /// The number of the first hop above a height.
    pub fn hop_above(&self, height: Height) -> Result<Option<u64>, DbError> {
        let last = self.hops()?;
        // All numbers below `from` are of hops at the height or below, and none from `to` on.
        let (mut from, mut to) = (1, last.saturating_add(1));
        while from < to {
            let middle = from + (to - from) / 2;
            let at = self.hop_height(middle)?.ok_or_else(|| DbError::Damaged(format!("hop {middle} is missing")))?;
            if at > height { to = middle } else { from = middle + 1 }
        }
        Ok((from <= last).then_some(from))
    }

    /// The last block of the newest epoch that has ended.
    pub(super) fn last_epoch_end(&self) -> Result<Option<SignedHeader>, DbError> {
        let last =
            self.snapshot.iterator_cf(self.inner.column(Column::Epochs), IteratorMode::End).next().transpose()?;
        let height = last.and_then(|(key, _)| key.first_chunk().map(|height| Height(u64::from_be_bytes(*height))));
        height.map_or(Ok(None), |height| self.decoded(Column::Epochs, &height_key(height)))
    }
}
