//! What happened to stake, and what nodes say that they run.

use super::answer::PunishedOffence;
use super::{
    ADVERTISED, ELECTIONS, HEARD, JAILED, OFFENCE_COUNT, OFFENCES, POWERS, RUNNING, UNENFORCED, UNENFORCED_COUNT,
};
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use primitives::{AccountId, Amount, BuildHash, ChainPosition, Epoch};
use releases::Advertisement;
use staking::{Event, ValidatorSet};

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
        Event::Elected { epoch, validators, candidates, sealer, .. } => {
            let sealer = sealer.map(|sealer| sealer.to_string());
            let row = vec![epoch.0.into(), json(validators).into(), json(candidates).into(), sealer.into()];
            block.put(&ELECTIONS, row);
            Ok(())
        }
        Event::Punished { validator, loss, from_epoch, leaves_set_of, leaves_candidates_of, jailed_until, .. } => {
            punished(block, event);
            block.put(&JAILED, vec![validator.to_string().into(), jailed_until.0.into()]);
            if let Some(epoch) = leaves_set_of {
                take_out(block, &["epoch", "validators"], validator, *epoch).await?;
            }
            if let Some(epoch) = leaves_candidates_of {
                take_out(block, &["epoch", "candidates"], validator, *epoch).await?;
            }
            shift(block, validator, *from_epoch, |power| power.saturating_sub(loss.bonded)).await
        }
        Event::Slashed { validator, loss, from_epoch, .. } if loss.bonded > Amount::ZERO => {
            shift(block, validator, *from_epoch, |power| power.saturating_sub(loss.bonded)).await
        }
        // What waited had left the power before.
        Event::Slashed { .. } => Ok(()),
        Event::Unjailed { validator } => {
            block.put(&JAILED, vec![validator.to_string().into(), None::<u64>.into()]);
            Ok(())
        }
        // What a validator keeps is asked of a node; the fact is in the log.
        Event::CommissionSet { .. } => Ok(()),
        Event::Unenforced { epoch } => {
            let recorded = block.at().height.0;
            block.put(&UNENFORCED, vec![epoch.0.into(), recorded.into()]);
            block.count(UNENFORCED_COUNT, 1);
            Ok(())
        }
    }
}

/// What a validator was punished for, as it is answered.
fn punished(block: &mut BlockWriter<'_>, event: &Event) {
    let Event::Punished { validator, epoch, offence, height, reporter, loss, reward, .. } = event else { return };
    let at = block.at();
    let said = PunishedOffence {
        validator: *validator,
        epoch: *epoch,
        offence: *offence,
        height: *height,
        reporter: *reporter,
        at,
        lost: loss.total(),
        reward: *reward,
    };
    block.put(&OFFENCES, vec![validator.to_string().into(), epoch.0.into(), at.height.0.into(), json(&said).into()]);
    block.count(OFFENCE_COUNT, 1);
}

/// Takes a validator out of what is elected already, which stands in the second of the columns.
async fn take_out(
    block: &mut BlockWriter<'_>,
    columns: &'static [&'static str; 2],
    validator: &AccountId,
    epoch: Epoch,
) -> Result<(), FoldError> {
    let row = block.find(&ELECTIONS, columns, "epoch", epoch.0.into()).await?;
    let set = row.as_ref().and_then(|row| row[1].text());
    let mut set: ValidatorSet = set.map(|text| parsed("a validator set", text)).transpose()?.unwrap_or_default();
    set.validators.retain(|member| member.account != *validator);
    block.update(&ELECTIONS, columns, vec![vec![epoch.0.into(), json(&set).into()]]).await
}

/// A node said something.
pub fn heard(block: &mut BlockDraft, node: &AccountId, at: &ChainPosition) {
    block.put(&HEARD, vec![node.to_string().into(), json(at).into()]);
}

/// What a node runs, as far as it said.
pub fn runs(block: &mut BlockDraft, node: &AccountId, running: Option<BuildHash>) {
    block.put(&RUNNING, vec![node.to_string().into(), running.map(|hash| hash.to_string()).into()]);
}

/// What a node says that it runs and knows; all of it at once.
pub fn advertised(block: &mut BlockDraft, node: &AccountId, said: &Advertisement) {
    let height = block.at().height.0;
    block.put(&ADVERTISED, vec![node.to_string().into(), height.into(), json(said).into()]);
}

/// What a node advertised is kept no longer.
pub fn left_fleet(block: &mut BlockDraft, node: &AccountId) {
    let (height, said) = (block.at().height.0, None::<String>);
    block.put(&ADVERTISED, vec![node.to_string().into(), height.into(), said.into()]);
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
