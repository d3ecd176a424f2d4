//! What independent builders said.

use super::REBUILDS;
use crate::fold::BlockWriter;
use crate::store::column::json;
use primitives::{AccountId, BuildHash};
use releases::Rebuild;

/// Somebody built the same bytes from source.
pub fn rebuilt(block: &mut BlockWriter<'_>, build: &BuildHash, builder: &AccountId, rebuild: &Rebuild) {
    let (build, builder, height) = (build.to_string(), builder.to_string(), rebuild.at.height.0);
    block.put(&REBUILDS, vec![build.into(), builder.into(), height.into(), json(rebuild).into()]);
}
