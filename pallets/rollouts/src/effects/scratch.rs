//! A state in which a change is done that is not: what it would bring is asked of that.

use crate::change::Effected;
use primitives::{ChangeId, Moment, Name};
use state::{Backend, State, StateEntry};

/// A state with what was written to it, as something to write over.
struct Beneath<'s>(&'s State<'s>);

impl Backend for Beneath<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        Box::new(self.0.scan(prefix, from))
    }
}

/// What `ask` says of a state in which effects of a plan are written. Nothing of it stays.
pub(crate) fn after<T>(
    state: &State,
    at: Moment,
    plan: &Name,
    effects: &[Effected],
    ask: impl FnOnce(&State) -> T,
) -> T {
    let beneath = Beneath(state);
    let mut scratch = State::over(&beneath);
    super::write(&mut scratch, at, plan, ChangeId::default(), effects);
    ask(&scratch)
}
