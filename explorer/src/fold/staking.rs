//! What happened to stake: who decides blocks, and with how much.

use super::tables::{ELECTIONS, POWERS};
use super::work::{FoldError, Work, json, parsed};
use primitives::{AccountId, Amount, Epoch};
use sqlx::Row as _;
use staking::{Event, ValidatorSet};

/// What one event writes.
pub async fn write(work: &mut Work<'_>, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Bonded { validator, amount, .. } => shift(work, validator, |power| power.saturating_add(*amount)).await,
        Event::Unbonding { validator, amount, .. } => {
            shift(work, validator, |power| power.saturating_sub(*amount)).await
        }
        // Tokens that are free again left the power when they began to wait.
        Event::Unbonded { .. } => Ok(()),
        Event::Elected { epoch, validators } => {
            elect(work, *epoch, validators);
            Ok(())
        }
    }
}

/// The set of an epoch.
pub fn elect(work: &mut Work<'_>, epoch: Epoch, validators: &ValidatorSet) {
    work.put(&ELECTIONS, vec![epoch.0.into(), json(validators).into()]);
}

/// The power of a validator from an epoch on.
pub fn set_power(work: &mut Work<'_>, validator: &AccountId, from: Epoch, power: Amount) {
    work.put(&POWERS, vec![validator.to_string().into(), from.0.into(), json(&power).into()]);
}

/// A change of stake is in force from the next epoch on.
async fn shift(work: &mut Work<'_>, validator: &AccountId, to: impl FnOnce(Amount) -> Amount) -> Result<(), FoldError> {
    let sql = "SELECT power FROM powers WHERE validator=$1 ORDER BY epoch DESC LIMIT 1";
    let row = work.row(sql, vec![validator.to_string().into()]).await?;
    let before = row.map(|row| parsed("a power", row.get(0))).transpose()?.unwrap_or_default();
    let from = work.at.epoch.next();
    set_power(work, validator, from, to(before));
    Ok(())
}
