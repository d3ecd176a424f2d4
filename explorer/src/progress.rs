//! How far the index is: what who writes it tells, and everybody else can know without asking the database.

use crate::store::IndexHead;
use primitives::Height;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

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
    trouble: Mutex<Option<String>>,
}

impl IndexProgress {
    /// The newest block of the source, when it answered lately.
    pub fn node_height(&self) -> Option<Height> {
        *self.shared.node_height.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What keeps the index from going on.
    pub fn trouble(&self) -> Option<String> {
        self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

    /// A block came in.
    pub fn set_head(&self, head: IndexHead) {
        self.head.send_replace(head);
    }

    /// What keeps the index from going on, if anything does.
    pub fn set_trouble(&self, trouble: Option<String>) {
        *self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// The source says how far it is, or does not answer; gives the newest height it is known to have.
    pub fn saw(&self, height: Option<Height>) -> Option<Height> {
        let mut known = self.shared.node_height.lock().unwrap_or_else(PoisonError::into_inner);
        // Heights only grow; a node that does not answer has none.
        *known = height.map(|height| known.map_or(height, |known| known.max(height)));
        *known
    }
}
