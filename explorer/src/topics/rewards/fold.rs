//! What presence comes to.

use super::{ATTENDED, EPOCHS, REWARDS};
use crate::fold::BlockDraft;
use crate::store::column::{json, word};
use rewards::Event;

/// What one event writes.
pub fn write(block: &mut BlockDraft, event: &Event) {
    let height = block.at().height.0;
    match event {
        Event::Attended { epoch, present, ms, .. } => {
            block.put(&ATTENDED, vec![height.into(), epoch.0.into(), word(present).into(), (*ms).into()]);
        }
        Event::Rewarded { epoch, paid, leader, witness, pool } => {
            let [leader, witness, pool] = [leader, witness, pool].map(ToString::to_string);
            let payments = paid.len() as u64;
            let row = vec![epoch.0.into(), height.into(), payments.into(), leader.into(), witness.into(), pool.into()];
            block.put(&EPOCHS, row);
            for (place, payment) in (0u64..).zip(paid.iter()) {
                let amount = payment.own.saturating_add(payment.delegated);
                let row = vec![
                    epoch.0.into(),
                    place.into(),
                    payment.validator.to_string().into(),
                    amount.to_string().into(),
                    payment.present_ms.into(),
                    json(payment).into(),
                ];
                block.put(&REWARDS, row);
            }
        }
        // The rules are read from genesis; what accounts do with the pool is only in the log.
        Event::ParamsSet { .. }
        | Event::Began { .. }
        | Event::Dropped { .. }
        | Event::Funded { .. }
        | Event::Collected { .. }
        | Event::Lapsed { .. } => {}
    }
}
