//! Whether the audit log hangs together, as far as this program has looked (ROLLOUTS 9, REQ-151).

use crate::chain_view::{ChainView, state_of};
use crate::error::ReadError;
use parity_scale_codec::Encode as _;
use primitives::{BlockHash, Digest, Height, Timestamp, merkle_root};
use runtime::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::{State, Told as _};
use std::collections::VecDeque;
use witnesses::queries;

/// The most attempts to play something down that an answer names; all are counted.
pub const MOST_DOWNGRADES: usize = 100;

/// Whether the audit log hangs together, as far as was looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditIntegrity {
    /// Whether nothing that was looked at is broken: each header names the one before it, and its root is that of its facts.
    pub chain_valid: bool,
    /// The first block that is broken.
    pub broken_at: Option<Height>,
    /// What is wrong with it, as a sentence.
    pub broken_by: Option<String>,
    /// The first block that was looked at; those before it are not kept here.
    pub checked_from: Option<Height>,
    /// The newest block that was looked at.
    pub checked_to: Option<Height>,
    /// Whether everything that is kept here was looked at once, up to the newest block of then. Every block since is looked at as it
    /// comes.
    pub is_whole: bool,
    /// How often somebody would have had something count for less than it does.
    pub severity_downgrade_count: u64,
    /// The latest of these attempts, the latest first.
    #[schemars(length(max = MOST_DOWNGRADES))]
    pub severity_downgrades: Vec<SeverityDowngrade>,
    /// How many facts were looked at.
    pub total_entries: u64,
    /// The newest block that was looked at, which all before it hang from.
    pub anchor_head: Option<AuditAnchor>,
}

/// An attempt to have something count for less than it does. It was raised to what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeverityDowngrade {
    /// The block.
    pub height: Height,
    /// The place of the fact in its record, from 0.
    pub index: u64,
    /// The block's time.
    pub time: Timestamp,
    /// What was said, and what it counts for.
    pub sentence: String,
}

/// A block that others hang from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditAnchor {
    /// Its height.
    pub height: Height,
    /// Its hash.
    pub hash: BlockHash,
    /// How many leaves the tree of blocks has in the state after it; of an explorer, that of the newest checkpoint which a witness
    /// cosigned. Null where there is no such tree.
    #[serde(default)]
    pub log_size: Option<u64>,
    /// The root of that tree; of an explorer, that of the newest checkpoint which a witness cosigned.
    #[serde(default)]
    pub log_root: Option<Digest>,
    /// How many witnesses cosigned the newest checkpoint of that tree; of an explorer, the newest which one cosigned. Null where there is
    /// none.
    #[serde(default)]
    pub cosignatures: Option<u64>,
}

impl AuditAnchor {
    /// The block alone.
    fn of(height: Height, hash: BlockHash) -> Self {
        Self { height, hash, log_size: None, log_root: None, cosignatures: None }
    }

    /// And what the state after it says of the tree of blocks.
    fn with_log(self, state: &State) -> Self {
        let log = queries::log(state);
        let cosigned = |(epoch, _)| queries::cosignatures(state, epoch).len() as u64;
        Self {
            log_size: log.as_ref().map(|log| log.frontier.size()),
            log_root: log.map(|log| log.frontier.root()),
            cosignatures: queries::newest_checkpoint(state).map(cosigned),
            ..self
        }
    }
}

/// Goes through records in their order, and keeps what it found.
#[derive(Debug, Clone, Default)]
pub struct AuditWalk {
    from: Option<Height>,
    last: Option<AuditAnchor>,
    broken: Option<(Height, String)>,
    is_whole: bool,
    entries: u64,
    downgrade_count: u64,
    downgrades: VecDeque<SeverityDowngrade>,
}

impl AuditWalk {
    /// The height that is looked at next; none before the first.
    pub fn next(&self) -> Option<Height> {
        self.last.map(|last| last.height.next())
    }

    /// Looks at a record, which is that of the height after the one before.
    pub fn take(&mut self, record: &Record) {
        let header = &record.header;
        let (height, hash) = (header.height, header.hash());
        if let Some(last) = self.last {
            if height != last.height.next() {
                self.breaks(height, format!("it follows block {}", last.height));
            } else if header.parent != last.hash {
                self.breaks(
                    height,
                    format!("it names {} as the block before, and that is {}", header.parent, last.hash),
                );
            }
        }
        let root = merkle_root(record.facts.iter().map(|fact| fact.encode()));
        if root != header.facts_root {
            self.breaks(height, format!("its facts have the root {root}, and its header says {}", header.facts_root));
        }
        self.count(record);
        self.begins_at(AuditAnchor::of(height, hash));
    }

    /// Something is wrong with a block. The first break counts: what comes after it hangs from nothing that could be trusted.
    pub fn breaks(&mut self, height: Height, what: String) {
        self.broken.get_or_insert((height, what));
    }

    /// Everything there was has been looked at.
    pub fn is_through(&mut self) {
        self.is_whole = true;
    }

    /// Looks at up to so many blocks of a store, from the first one that it keeps on; whether there are more.
    ///
    /// # Errors
    /// The store cannot be read. What it lacks is no error: the walk ends there, broken.
    pub fn step(&mut self, view: &dyn ChainView, most: u64) -> Result<bool, ReadError> {
        let (head, earliest) = (view.head()?.at.height, view.earliest()?);
        let mut height = self.next().unwrap_or(earliest).max(earliest);
        if self.next().is_some_and(|next| next < height) {
            // What was to be looked at is not kept any more: the chain of hashes goes on from what is.
            self.last = None;
        }
        for _ in 0..most {
            if height > head {
                break;
            }
            match view.record(height)? {
                Some(record) => self.take(&record),
                // Of the block that a snapshot was taken at, the header alone is kept.
                None => match view.header(height)?.filter(|_| self.last.is_none()) {
                    Some(header) => self.begins_at(AuditAnchor::of(height, header.hash())),
                    None => {
                        self.breaks(height, "it is missing".into());
                        return Ok(false);
                    }
                },
            }
            height = height.next();
        }
        let is_through = height > head;
        if is_through {
            self.is_through();
            // The state of a view is that after its newest block.
            self.last = self.last.map(|last| if last.height == head { last.with_log(&state_of(view)) } else { last });
        }
        Ok(!is_through)
    }

    /// The first block that is broken, and what is wrong with it.
    pub fn broken(&self) -> Option<(Height, String)> {
        self.broken.clone()
    }

    /// What was found so far.
    pub fn answer(&self) -> AuditIntegrity {
        let (broken_at, broken_by) = self.broken.clone().unzip();
        AuditIntegrity {
            chain_valid: broken_at.is_none(),
            broken_at,
            broken_by,
            checked_from: self.from,
            checked_to: self.last.map(|last| last.height),
            is_whole: self.is_whole,
            severity_downgrade_count: self.downgrade_count,
            severity_downgrades: self.downgrades.iter().cloned().collect(),
            total_entries: self.entries,
            anchor_head: self.last,
        }
    }

    fn begins_at(&mut self, anchor: AuditAnchor) {
        self.from.get_or_insert(anchor.height);
        self.last = Some(anchor);
    }

    fn count(&mut self, record: &Record) {
        let header = &record.header;
        for (index, fact) in (0..).zip(&record.facts) {
            self.entries = self.entries.saturating_add(1);
            if fact.is_downgrade() {
                self.downgrade_count = self.downgrade_count.saturating_add(1);
                self.downgrades.truncate(MOST_DOWNGRADES - 1);
                let (height, time, sentence) = (header.height, header.time, fact.sentence());
                self.downgrades.push_front(SeverityDowngrade { height, index, time, sentence });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::NodeSource as _;
    use crate::testing::MemoryNode;

    /// The records of a chain, genesis first.
    fn records() -> Vec<Record> {
        let node = MemoryNode::new(runtime::testing::genesis());
        node.make_blocks_to(12);
        let mut found = Vec::new();
        node.view(&mut |view| {
            let heights = (1..=view.head().unwrap().at.height.0).map(Height);
            found = heights.map(|height| view.record(height).unwrap().unwrap()).collect();
        });
        found
    }

    fn walked(records: &[Record]) -> AuditIntegrity {
        let mut walk = AuditWalk::default();
        records.iter().for_each(|record| walk.take(record));
        walk.is_through();
        walk.answer()
    }

    #[test]
    fn req_151_a_log_that_hangs_together_is_valid_and_its_facts_are_counted() {
        let records = records();
        let answer = walked(&records);
        assert!(answer.chain_valid && answer.is_whole, "{answer:?}");
        let (first, last) = (records.first().unwrap(), records.last().unwrap());
        assert_eq!((answer.checked_from, answer.checked_to), (Some(first.header.height), Some(last.header.height)));
        assert_eq!(answer.total_entries, records.iter().map(|record| record.facts.len() as u64).sum::<u64>());
        assert_eq!(answer.anchor_head.map(|head| head.hash), Some(last.header.hash()));
    }

    #[test]
    fn req_151_every_kind_of_tampering_is_named_with_the_first_block_that_it_breaks() {
        let records = records();
        let at = |place: usize| records[place].header.height;
        let full = records.iter().position(|record| !record.facts.is_empty()).expect("an epoch began");
        let broken = |change: &dyn Fn(&mut Vec<Record>)| {
            let mut changed = records.clone();
            change(&mut changed);
            walked(&changed).broken_at
        };
        assert_eq!(broken(&|_| {}), None);
        assert_eq!(broken(&|all| _ = all[full].facts.pop()), Some(at(full)), "a fact is gone");
        assert_eq!(
            broken(&|all| all[full].facts.reverse()).is_some(),
            records[full].facts.len() > 1,
            "in another order"
        );
        assert_eq!(broken(&|all| all[3].header.time.0 += 1), Some(at(4)), "a header is another");
        assert_eq!(broken(&|all| _ = all.remove(5)), Some(at(6)), "a block is gone");
        assert_eq!(broken(&|all| all.swap(7, 8)), Some(at(8)), "two have changed places");
    }

    #[test]
    fn a_store_is_walked_in_steps_and_every_block_since_is_looked_at() {
        let node = MemoryNode::new(runtime::testing::genesis());
        node.make_blocks_to(5);
        let mut walk = AuditWalk::default();
        let stepped = |walk: &mut AuditWalk, most| {
            let mut more = false;
            node.view(&mut |view| more = walk.step(view, most).unwrap());
            more
        };
        assert!(stepped(&mut walk, 2) && !walk.answer().is_whole);
        while stepped(&mut walk, 2) {}
        assert!(!stepped(&mut walk, 2));
        let first = walk.answer();
        assert!(first.is_whole && first.chain_valid, "{first:?}");
        node.make_block();
        stepped(&mut walk, 100);
        let then = walk.answer();
        assert_eq!(then.checked_to, first.checked_to.map(Height::next));
        assert!(then.chain_valid && then.total_entries >= first.total_entries);
    }
}
