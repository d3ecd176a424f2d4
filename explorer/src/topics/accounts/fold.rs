//! What accounts say of themselves.

use super::DESCRIPTIONS;
use crate::fold::BlockDraft;
use crate::store::column::json;
use accounts::Event;

/// What one event writes.
pub fn write(block: &mut BlockDraft, event: &Event) {
    match event {
        // Balances are not in the index; the facts themselves are.
        Event::FeesSet(_) | Event::Endowed { .. } | Event::Transferred { .. } => {}
        Event::Described { account, description } => {
            block.put(&DESCRIPTIONS, vec![account.to_string().into(), json(description).into()]);
        }
    }
}
