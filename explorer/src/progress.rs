//! How far the index is: what who writes it tells, and everybody else can know without asking the database.

use crate::store::IndexHead;
use host::clock;
use primitives::{Height, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The most that is told of what happened to the index.
const MOST_NOTES: usize = 16;

/// What keeps the index from going on: each is over when what caused it is, whether or not blocks come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExplorerFault {
    /// Blocks cannot be asked for.
    Source,
    /// A block came that cannot be taken; over with the next one that is.
    Block,
    /// The database was not read or written.
    Database,
    /// The database does not take what says who writes it.
    Tenure,
    /// The source does not say how far it is.
    Silence,
    /// The index is far behind the source.
    Behind,
}

/// Something that is so, or was, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Condition {
    /// Since when it is so, or when it was, by this machine's clock; of the chain, the time of its newest block.
    pub since: Timestamp,
    /// What it is.
    pub what: String,
}

impl Condition {
    fn now(what: String) -> Self {
        Self { since: clock::now(), what }
    }
}

/// What others can know of the index without asking it.
#[derive(Debug, Clone)]
pub struct IndexProgress {
    /// The newest block in the index.
    pub head: watch::Receiver<IndexHead>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    node_height: Mutex<Option<Height>>,
    faults: Mutex<BTreeMap<ExplorerFault, Condition>>,
    notes: Mutex<Vec<Condition>>,
}

impl IndexProgress {
    /// The newest block of the source, when it answered lately.
    pub fn node_height(&self) -> Option<Height> {
        *held(&self.shared.node_height)
    }

    /// What keeps the index from going on.
    pub fn faults(&self) -> Vec<Condition> {
        held(&self.shared.faults).values().cloned().collect()
    }

    /// What happened to the index since this process started, and was mended.
    pub fn notes(&self) -> Vec<Condition> {
        held(&self.shared.notes).clone()
    }
}

/// The side of who writes the index.
#[derive(Debug)]
pub struct ProgressSender {
    head: watch::Sender<IndexHead>,
    shared: Arc<Shared>,
}

impl ProgressSender {
    /// Both sides, of an index that stands at `head`.
    pub fn new(head: IndexHead) -> (Self, IndexProgress) {
        let (head, heads) = watch::channel(head);
        let shared = Arc::new(Shared::default());
        let progress = IndexProgress { head: heads, shared: shared.clone() };
        (Self { head, shared }, progress)
    }

    /// Where the index stands.
    pub fn head(&self) -> IndexHead {
        *self.head.borrow()
    }

    /// A block came in, or the index was found to end elsewhere.
    pub fn set_head(&self, head: IndexHead) {
        self.head.send_replace(head);
    }

    /// What keeps the index from going on, from now on or for longer.
    pub fn begin(&self, fault: ExplorerFault, what: String) {
        let mut faults = held(&self.shared.faults);
        let condition = faults.entry(fault).or_insert_with(|| Condition::now(String::new()));
        condition.what = what;
    }

    /// It does so no more.
    pub fn end(&self, fault: ExplorerFault) {
        held(&self.shared.faults).remove(&fault);
    }

    /// Something happened to the index, and was mended.
    pub fn note(&self, what: String) {
        let mut notes = held(&self.shared.notes);
        if notes.len() >= MOST_NOTES {
            notes.remove(0);
        }
        notes.push(Condition::now(what));
    }

    /// The source says how far it is, or does not answer; gives the newest height it is known to have.
    pub fn saw(&self, height: Option<Height>) -> Option<Height> {
        let mut known = held(&self.shared.node_height);
        // Heights only grow; a node that does not answer has none.
        *known = height.map(|height| known.map_or(height, |known| known.max(height)));
        *known
    }
}

fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::testing::moment;
    use primitives::BlockHash;

    #[test]
    fn o23_a_fault_has_the_time_it_began_and_ends_by_itself() {
        let (sender, progress) = ProgressSender::new(IndexHead { at: moment(1), hash: BlockHash([1; 32]) });
        sender.begin(ExplorerFault::Source, "one".into());
        let since = progress.faults()[0].since;
        sender.begin(ExplorerFault::Block, "another".into());
        while clock::now() == since {
            std::thread::yield_now();
        }
        sender.begin(ExplorerFault::Source, "still".into());
        assert_eq!(progress.faults()[0], Condition { since, what: "still".into() });
        sender.end(ExplorerFault::Source);
        assert_eq!(progress.faults().len(), 1);
        (0..100).for_each(|number| sender.note(number.to_string()));
        assert_eq!((progress.notes().len(), progress.notes()[0].what.as_str()), (MOST_NOTES, "84"));
    }
}
