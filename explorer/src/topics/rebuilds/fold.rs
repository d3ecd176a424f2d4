//! What independent builders said.

use super::REBUILDS;
use crate::fold::BlockDraft;
use crate::store::column::json;
use primitives::{AccountId, BuildHash};
use releases::Rebuild;

/// Somebody built the same bytes from source.
pub fn rebuilt(block: &mut BlockDraft, build: &BuildHash, builder: &AccountId, rebuild: &Rebuild) {
    let (build, builder) = (build.to_string(), builder.to_string());
    block.put(&REBUILDS, vec![build.into(), builder.into(), rebuild.number.into(), json(rebuild).into()]);
}
