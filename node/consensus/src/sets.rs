//! The validators of the heights at hand.

use super::application::Application;
use super::context::Members;
use primitives::Height;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What the chain says of the heights that were asked for on one head. Only a block can change it, so until the next each set is
/// read and decoded once, however many messages speak of its height.
#[derive(Debug, Default)]
pub struct Sets(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    head: Height,
    sets: BTreeMap<Height, Option<Arc<Members>>>,
}

impl Sets {
    /// Who decides the block at `height`, if that is known.
    pub fn of(&self, app: &dyn Application, height: Height) -> Option<Arc<Members>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let head = app.head();
        if known.head != head {
            *known = Known { head, sets: BTreeMap::new() };
        }
        let read = || app.validators(height).and_then(|set| Members::new(&set)).map(Arc::new);
        known.sets.entry(height).or_insert_with(read).clone()
    }
}
