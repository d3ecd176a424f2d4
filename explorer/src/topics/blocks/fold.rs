//! What each block writes about itself.

use super::BLOCKS;
use crate::fold::BlockWriter;
use crate::store::IndexHead;
use crate::store::column::json;
use runtime::{Certificate, Record};

/// Writes the block, with the precommits that decided it; genesis has none.
pub fn write(block: &mut BlockWriter<'_>, head: IndexHead, record: &Record, certificate: Option<&Certificate>) {
    let refused = record.facts.iter().filter(|fact| fact.outcome.is_err()).count();
    let row = vec![
        head.at.height.0.into(),
        head.hash.to_string().into(),
        head.at.epoch.0.into(),
        head.at.time.0.into(),
        record.header.proposer.to_string().into(),
        (record.facts.len() as u64).into(),
        (refused as u64).into(),
        certificate.map(|certificate| u64::from(certificate.round)).into(),
        certificate.map_or(0, |certificate| certificate.signatures.len() as u64).into(),
        json(&record.header).into(),
    ];
    block.put(&BLOCKS, row);
}
