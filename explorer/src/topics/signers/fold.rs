//! What happened to the signers of releases.

use super::{APPLIED_THRESHOLD, ROSTERS, SIGNER_KEYS};
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::column::{json, parsed};
use releases::{Departure, RosterRecord};

/// Other keys sign releases from now on.
pub fn roster_set(block: &mut BlockDraft, record: &RosterRecord) {
    let (version, since) = (record.roster.version, record.since.map_or(0, |since| since.height.0));
    block.put(&ROSTERS, vec![version.into(), since.into(), json(record).into()]);
    for key in record.roster.signers.iter() {
        block.put(&SIGNER_KEYS, vec![key.to_string().into(), version.into()]);
    }
}

/// A key takes itself out of a roster.
///
/// # Errors
/// The database refuses, or has no such roster.
pub async fn signer_left(block: &mut BlockWriter<'_>, version: u64, departure: Departure) -> Result<(), FoldError> {
    let row = block.find(&ROSTERS, &["record"], "version", version.into()).await?;
    let record = row.as_ref().and_then(|row| row[0].text());
    let record = record.ok_or_else(|| FoldError::Damaged(format!("roster {version} is not in it")))?;
    let mut record: RosterRecord = parsed("a roster", record)?;
    record.leave(departure);
    roster_set(block, &record);
    Ok(())
}

/// So many signatures the latest release needed.
pub fn threshold_applied(block: &mut BlockDraft, threshold: u32) {
    block.set_meta(APPLIED_THRESHOLD, &threshold);
}
