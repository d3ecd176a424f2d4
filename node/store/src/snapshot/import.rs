//! Filling a home from a snapshot.

use super::format::{About, Kind, Reader};
use super::{SnapshotError, Summary};
use crate::db::{Import, Settings, epoch_ends};
use crate::{KeptAnchor, Watermarks};
use flags::Gate;
use light::{Anchor, SignedHeader};
use parity_scale_codec::Encode;
use primitives::{AccountId, BlockHash, Height, merkle_root};
use runtime::{Block, Certificate, Fact, Genesis, Transaction};
use state::{State, StateEntry};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Where a snapshot goes.
#[derive(Debug, Clone, Copy)]
pub struct ImportTarget<'a> {
    /// The folder that becomes the store.
    pub store: &'a Path,
    /// How the store behaves.
    pub settings: Settings,
    /// The folder of consensus' files, when the home is a validator's: its store must not go back behind them.
    pub consensus: Option<&'a Path>,
    /// In whose name the node of the home will act, for a gate that is limited to some; none where it has no key.
    pub account: Option<AccountId>,
    /// What the home has verified before; a snapshot that does not contain it is refused.
    pub kept: Option<&'a KeptAnchor>,
    /// The genesis that everything is verified from.
    pub genesis: &'a Genesis,
}

/// Makes a store from the snapshot in `file`, once everything in it is verified.
///
/// # Errors
/// The first thing that does not hold; nothing is where a node would look then.
pub fn import(file: &Path, target: ImportTarget<'_>) -> Result<Summary, SnapshotError> {
    let failed = |error| SnapshotError::File { file: file.to_owned(), error };
    let mut reader = Reader::begin(file, BufReader::new(File::open(file).map_err(failed)?))?;
    let about: About = reader.take(Kind::About)?;
    require_ours(&about, target.genesis)?;
    let (header, height) = (&about.head.header, about.head.height());
    // First: where there is a store, what the home remembers beside it says nothing about a snapshot.
    let mut import = Import::begin(target.store, target.settings, target.genesis, height)?;
    if let Some(folder) = target.consensus {
        Watermarks::read(folder)?.admit(height)?;
    }
    if let Some(kept) = target.kept.filter(|kept| height < kept.height()) {
        return Err(kept.lacking(format!("the snapshot ends at height {height}")).into());
    }

    let epoch_ends = trail(&mut reader, &mut import, &about.head, target)?;
    while let Some(hashes) = reader.take_if::<Vec<BlockHash>>(Kind::Hashes)? {
        import.hashes(&hashes)?;
    }
    import.require_hashes(header.parent)?;
    let (block, facts) = content(&mut reader, &about.head)?;
    while let Some(entries) = reader.take_if::<Vec<StateEntry>>(Kind::Entries)? {
        import.entries(entries)?;
    }
    let (certified, found) = (header.state_root, import.root());
    // Before the end is looked for: entries that are missing are the better reason.
    if found != certified {
        return Err(SnapshotError::Root { height, certified, found });
    }
    reader.end()?;
    let vouched = require_tree(&import, height)?;
    // Nothing of this is where a node would look yet.
    if !import.is_on_here(Gate::Reconstruction, target.account.as_ref()) {
        return Err(SnapshotError::NotImported(height));
    }
    let imported = import.finish(&block, &about.head.certificate, &facts)?;
    Ok(Summary { height, hash: imported.head.hash, state_root: certified, keys: imported.keys, epoch_ends, vouched })
}

/// Requires the hashes to make the tree of blocks that the state has; gives its size. What that does not reach yet is compared by the block
/// that takes it up: a node with another hash refuses that one, and is to be filled anew.
fn require_tree(import: &Import, height: Height) -> Result<u64, SnapshotError> {
    let view = import.view();
    match view.tree_apart(height)? {
        Some(size) => Err(SnapshotError::Tree { height, size }),
        None => Ok(witnesses::queries::log(&State::over(&view)).map_or(0, |log| log.frontier.size())),
    }
}

fn require_ours(about: &About, genesis: &Genesis) -> Result<(), SnapshotError> {
    let expected = (genesis.chain.chain_id.clone(), genesis.hash());
    if (&about.chain_id, about.genesis) == (&expected.0, expected.1) {
        return Ok(());
    }
    Err(SnapshotError::ForeignChain {
        found: about.chain_id.clone(),
        found_genesis: about.genesis,
        expected: expected.0,
        expected_genesis: expected.1,
    })
}

/// Follows the ends of epochs from genesis to `head`, and keeps them; gives their number.
fn trail(
    reader: &mut Reader<impl Read>,
    import: &mut Import,
    head: &SignedHeader,
    target: ImportTarget<'_>,
) -> Result<u64, SnapshotError> {
    let (genesis, length) = (target.genesis, target.genesis.chain.epoch_length);
    let mut anchor = Anchor::genesis(genesis);
    let mut due = epoch_ends(length).take_while(|due| *due < head.height());
    let mut count = 0u64;
    while let Some(ends) = reader.take_if::<Vec<SignedHeader>>(Kind::EpochEnds)? {
        for end in ends {
            require_due(due.next(), Some(end.height()), head)?;
            anchor = anchor.step(&end)?;
            require_kept(target.kept, &end)?;
            import.epoch_end(&end)?;
            count += 1;
        }
    }
    require_due(due.next(), None, head)?;
    anchor.step(head)?;
    if head.height().ends_epoch(length) {
        require_kept(target.kept, head)?;
        import.epoch_end(head)?;
    }
    Ok(count)
}

/// Refuses another block than the one that this home has verified at its height.
fn require_kept(kept: Option<&KeptAnchor>, end: &SignedHeader) -> Result<(), SnapshotError> {
    let found = end.header.hash();
    match kept.filter(|kept| kept.height() == end.height() && kept.block() != found) {
        Some(kept) => Err(kept.lacking(format!("the snapshot has {found} there")).into()),
        None => Ok(()),
    }
}

fn require_due(due: Option<Height>, found: Option<Height>, head: &SignedHeader) -> Result<(), SnapshotError> {
    if due == found {
        return Ok(());
    }
    let name = |height: Option<Height>| height.map_or_else(|| "nothing".into(), |height| format!("height {height}"));
    Err(SnapshotError::Trail { height: head.height(), due: name(due), found: name(found) })
}

/// The block's content, which its header has to commit to.
fn content(reader: &mut Reader<impl Read>, head: &SignedHeader) -> Result<(Block, Vec<Fact>), SnapshotError> {
    let height = head.height();
    let (last_commit, transactions) = reader.take::<(Option<Certificate>, Vec<Transaction>)>(Kind::Body)?;
    let block = Block { header: head.header.clone(), last_commit, transactions };
    block.require_body().map_err(|_| SnapshotError::Body { what: "transactions", height })?;
    let facts: Vec<Fact> = reader.take(Kind::Facts)?;
    if merkle_root(facts.iter().map(Encode::encode)) != head.header.facts_root {
        return Err(SnapshotError::Body { what: "facts", height });
    }
    Ok((block, facts))
}
