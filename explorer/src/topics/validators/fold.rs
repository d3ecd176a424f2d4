//! What happened to stake, and what nodes say that they run.

use super::{ELECTIONS, HEARD, POWERS, RUNNING};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use primitives::{AccountId, Amount, BuildHash, Epoch, Moment};
use staking::Event;

/// What one event writes.
///
/// # Errors
/// The database refuses.
pub async fn write(block: &mut BlockWriter<'_>, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Bonded { validator, amount, from_epoch, .. } => {
            shift(block, validator, *from_epoch, |power| power.saturating_add(*amount)).await
        }
        Event::Unbonding { validator, amount, from_epoch, .. } => {
            shift(block, validator, *from_epoch, |power| power.saturating_sub(*amount)).await
        }
        // The rules are read from genesis.
        Event::ParamsSet { .. } => Ok(()),
        // Tokens that are free again left the power when they began to wait, and so did what the chain forgets: here it is kept.
        Event::Unbonded { .. } | Event::Forgotten { .. } => Ok(()),
        Event::Elected { epoch, validators, .. } => {
            block.put(&ELECTIONS, vec![epoch.0.into(), json(validators).into()]);
            Ok(())
        }
    }
}

/// A node said something.
pub fn heard(block: &mut BlockWriter<'_>, node: &AccountId, at: &Moment) {
    block.put(&HEARD, vec![node.to_string().into(), json(at).into()]);
}

/// What a node runs, as far as it said.
pub fn runs(block: &mut BlockWriter<'_>, node: &AccountId, running: Option<BuildHash>) {
    block.put(&RUNNING, vec![node.to_string().into(), running.map(|hash| hash.to_string()).into()]);
}

async fn shift(
    block: &mut BlockWriter<'_>,
    validator: &AccountId,
    from: Epoch,
    to: impl FnOnce(Amount) -> Amount,
) -> Result<(), FoldError> {
    let filter = RowFilter::Equal("validator", validator.to_string().into());
    let order = RowOrder::Last("epoch");
    let row = block.select(Selection { table: &POWERS, columns: &["power"], filter, order }).await?.pop();
    let before = row.as_ref().and_then(|row| row[0].text());
    let before: Amount = before.map(|text| parsed("a power", text)).transpose()?.unwrap_or_default();
    let power = json(&to(before));
    block.put(&POWERS, vec![validator.to_string().into(), from.0.into(), power.into()]);
    Ok(())
}
