//! Writing a snapshot.

use super::format::{About, Kind, Writer};
use super::{SnapshotError, Summary};
use crate::db::{DbError, Store, View, epoch_ends};
use flags::Gate;
use light::{Anchor, SignedHeader};
use parity_scale_codec::DecodeAll;
use primitives::Height;
use runtime::{Block, Genesis};
use staking::{ValidatorSet, queries::validator_set_key};
use state::StateEntry;
use std::io::{BufWriter, Write};
use std::path::Path;
use witnesses::BlockLog;
use witnesses::queries::log_key;

/// Bytes of keys and values in a chunk, about.
const CHUNK: usize = 1 << 20;

/// Ends of epochs in a chunk; one is some kilobytes in a network of many validators.
const ENDS: usize = 64;

/// Hashes of blocks in a chunk: a mebibyte of them.
const HASHES: u64 = 1 << 15;

/// Writes the state after the block at `height`, or at the head, into a new file. The store may be open for reading alone, so
/// a node can run meanwhile.
///
/// # Errors
/// When the gate `reconstruction` is off for the node of the store, the height is not kept, the store cannot show where its validators
/// come from or which blocks there were, or the file cannot be written. No file is left then.
pub fn export(store: &Store, height: Option<Height>, file: &Path) -> Result<Summary, SnapshotError> {
    if file.exists() {
        return Err(SnapshotError::Exists(file.to_owned()));
    }
    require_reconstruction(&store.view())?;
    let failed = |error| SnapshotError::File { file: file.to_owned(), error };
    let staged = files::stage(file, None).map_err(failed)?;
    let mut writer = Writer::begin(file, BufWriter::new(staged.as_file()))?;
    let summary = write(&store.view(), height, &mut writer)?;
    writer.end()?.into_inner().map_err(|error| failed(error.into_error()))?;
    files::publish(staged, file).map_err(failed)?;
    Ok(summary)
}

/// Refuses while no state is to be rebuilt from this node's, as things stand now (ROLLOUTS 11).
fn require_reconstruction(view: &View<'_>) -> Result<(), SnapshotError> {
    if view.is_on_here(Gate::Reconstruction) {
        return Ok(());
    }
    Err(SnapshotError::NotExported(view.head()?.ok_or(DbError::NoGenesis)?.height))
}

fn write(view: &View<'_>, height: Option<Height>, to: &mut Writer<impl Write>) -> Result<Summary, SnapshotError> {
    let genesis = view.genesis()?.ok_or(DbError::NoGenesis)?;
    let height = match height {
        Some(height) => height,
        None => view.head()?.ok_or(DbError::NoGenesis)?.height,
    };
    let head = signed(view, &genesis, height)?;
    let about = About { chain_id: genesis.chain.chain_id.clone(), genesis: genesis.hash(), head };
    to.chunk(Kind::About, &about)?;
    let epoch_ends = trail(view, &genesis, &about.head, to)?;
    hashes(view, height, to)?;
    let lost = |what| DbError::Damaged(format!("the {what} of block {height} are missing"));
    let Block { last_commit, transactions, .. } = view.block(height)?.ok_or_else(|| lost("transactions"))?;
    to.chunk(Kind::Body, &(last_commit, transactions))?;
    to.chunk(Kind::Facts, &view.record(height)?.ok_or_else(|| lost("facts"))?.facts)?;
    let keys = entries(view, height, to)?;
    let (header, vouched) = (&about.head.header, tree_size(view, height)?);
    Ok(Summary { height, hash: header.hash(), state_root: header.state_root, keys, epoch_ends, vouched })
}

/// The blocks in the tree that the state of a height has.
fn tree_size(view: &View<'_>, height: Height) -> Result<u64, DbError> {
    let Some(log) = view.read_at(log_key(), height)? else { return Ok(0) };
    let log = BlockLog::decode_all(&mut &log[..]);
    Ok(log
        .map_err(|_| DbError::Damaged(format!("the tree of blocks in the state of height {height} does not decode")))?
        .frontier
        .size())
}

/// The block of a height with the validators that decided it.
fn signed(view: &View<'_>, genesis: &Genesis, height: Height) -> Result<SignedHeader, SnapshotError> {
    if height == Height(0) {
        return Err(SnapshotError::Genesis);
    }
    let set = view.read_at(&validator_set_key(height.epoch(genesis.chain.epoch_length)), height)?;
    let lost = |what| DbError::Damaged(format!("the {what} of block {height} is missing"));
    let header = view.header(height)?.ok_or_else(|| lost("header"))?;
    let certificate = view.certificate(height)?.ok_or_else(|| lost("certificate"))?;
    let validators = set.and_then(|set| ValidatorSet::decode_all(&mut &set[..]).ok());
    Ok(SignedHeader { header, certificate, validators: validators.ok_or_else(|| lost("validator set"))? })
}

/// The ends of epochs from genesis to `head`, which have to lead there.
fn trail(
    view: &View<'_>,
    genesis: &Genesis,
    head: &SignedHeader,
    to: &mut Writer<impl Write>,
) -> Result<u64, SnapshotError> {
    let mut anchor = Anchor::genesis(genesis);
    let (mut ends, mut count) = (Vec::with_capacity(ENDS), 0u64);
    let mut due = epoch_ends(genesis.chain.epoch_length);
    for end in view.epoch_ends(Height(0)) {
        let end = end?;
        if end.height() >= head.height() {
            break;
        }
        if due.next() != Some(end.height()) {
            return Err(SnapshotError::NoTrail);
        }
        anchor = anchor.step(&end)?;
        ends.push(end);
        count += 1;
        if ends.len() == ENDS {
            to.chunk(Kind::EpochEnds, &ends)?;
            ends.clear();
        }
    }
    if due.next().is_some_and(|due| due < head.height()) {
        return Err(SnapshotError::NoTrail);
    }
    anchor.step(head)?;
    if !ends.is_empty() {
        to.chunk(Kind::EpochEnds, &ends)?;
    }
    Ok(count)
}

/// The hash of every block before a height, from genesis on.
fn hashes(view: &View<'_>, height: Height, to: &mut Writer<impl Write>) -> Result<(), SnapshotError> {
    let mut from = Height(0);
    while from < height {
        let count = height.0.saturating_sub(from.0).min(HASHES);
        to.chunk(Kind::Hashes, &view.block_hashes(from, count)?)?;
        from = from.plus(count);
    }
    Ok(())
}

/// Every key with its value; gives their number.
fn entries(view: &View<'_>, height: Height, to: &mut Writer<impl Write>) -> Result<u64, SnapshotError> {
    let (mut chunk, mut bytes, mut count): (Vec<StateEntry>, usize, u64) = (Vec::new(), 0, 0);
    for entry in view.entries_at(height)? {
        let (key, value) = entry?;
        bytes += key.len() + value.len();
        count += 1;
        chunk.push((key, value));
        if bytes >= CHUNK {
            to.chunk(Kind::Entries, &chunk)?;
            chunk.clear();
            bytes = 0;
        }
    }
    if !chunk.is_empty() {
        to.chunk(Kind::Entries, &chunk)?;
    }
    Ok(count)
}
