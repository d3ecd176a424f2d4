//! What presence comes to.

use super::{ATTENDED, EPOCHS, REWARDS};
use crate::fold::BlockWriter;
use crate::store::column::json;
use rewards::Event;

/// What one event writes.
pub fn write(block: &mut BlockWriter<'_>, event: &Event) {
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
                    payment.validator.to_string().into(),
                    place.into(),
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

/// A value whose JSON is a word, as that word.
fn word(value: &rewards::Bits) -> String {
    json(value).trim_matches('"').to_owned()
}
