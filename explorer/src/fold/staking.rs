//! What happened to stake: who decides blocks, and with how much.

use super::tables::{ELECTIONS, POWERS};
use super::work::{FoldError, Work, json, parsed};
use primitives::{AccountId, Amount, Epoch};
use sqlx::Row as _;
use staking::Event;

/// What one event writes.
pub async fn write(work: &mut Work<'_>, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Bonded { validator, amount, from_epoch, .. } => {
            shift(work, validator, *from_epoch, |power| power.saturating_add(*amount)).await
        }
        Event::Unbonding { validator, amount, from_epoch, .. } => {
            shift(work, validator, *from_epoch, |power| power.saturating_sub(*amount)).await
        }
        // The rules are read from genesis.
        Event::ParamsSet(_) => Ok(()),
        // Tokens that are free again left the power when they began to wait.
        Event::Unbonded { .. } => Ok(()),
        Event::Elected { epoch, validators, .. } => {
            work.put(&ELECTIONS, vec![epoch.0.into(), json(validators).into()]);
            Ok(())
        }
    }
}

async fn shift(
    work: &mut Work<'_>,
    validator: &AccountId,
    from: Epoch,
    to: impl FnOnce(Amount) -> Amount,
) -> Result<(), FoldError> {
    let sql = "SELECT power FROM powers WHERE validator=$1 ORDER BY epoch DESC LIMIT 1";
    let row = work.row(sql, vec![validator.to_string().into()]).await?;
    let before = row.map(|row| parsed("a power", row.get(0))).transpose()?.unwrap_or_default();
    let power = json(&to(before));
    work.put(&POWERS, vec![validator.to_string().into(), from.0.into(), power.into()]);
    Ok(())
}
