//! What happened to the signers of releases.

use super::{APPLIED_THRESHOLD, ROSTERS};
use crate::fold::BlockWriter;
use crate::store::column::json;
use releases::RosterRecord;

/// Other keys sign releases from now on.
pub fn roster_set(block: &mut BlockWriter<'_>, record: &RosterRecord) {
    block.put(&ROSTERS, vec![record.roster.version.into(), json(record).into()]);
}

/// So many signatures the latest release needed.
pub fn threshold_applied(block: &mut BlockWriter<'_>, threshold: u32) {
    block.set_meta(APPLIED_THRESHOLD, &threshold);
}
