//! What each block writes about itself.

use super::{BLOCKS, ChainRun, RUN};
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::IndexHead;
use crate::store::column::json;
use primitives::Moment;
use releases::Levels;
use runtime::{Certificate, ChainEvent, Event, Record, Running};

/// Writes the block, with the precommits that decided it; genesis has none.
pub fn write(block: &mut BlockDraft, head: IndexHead, record: &Record, certificate: Option<&Certificate>) {
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

/// Writes how long the chain has run by this block, and gives its moment: what the chain judges it by.
///
/// # Errors
/// The database refuses.
pub async fn moment(block: &mut BlockWriter<'_>, record: &Record) -> Result<Moment, FoldError> {
    let at = block.at();
    let run = match block.meta::<ChainRun>(RUN).await? {
        Some(run) => ChainRun { running: run.running.until(at.time, run.most_block_ms), ..run },
        // Before its own facts, the chain of height 0 knows nothing.
        None => {
            let running = Running { ms: 0, time: at.time };
            ChainRun { running, most_block_ms: most_block_ms(record), levels: Levels::default() }
        }
    };
    let moment = Moment::of(at, run.running.ms, run.levels.at(at.epoch));
    let levels = record.levels_after(run.levels.clone(), at.epoch);
    block.set_meta(RUN, &ChainRun { levels, ..run });
    Ok(moment)
}

/// How much one block adds at most, by the rules that the chain began with.
fn most_block_ms(record: &Record) -> u64 {
    let began = record.facts.iter().find_map(|fact| match &fact.outcome {
        Ok(Event::Chain(ChainEvent::Began(chain))) => Some(chain.most_block_ms),
        _ => None,
    });
    began.unwrap_or_default()
}
