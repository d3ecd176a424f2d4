//! A chain in memory, written where a node keeps its own.

use anyhow::Context as _;
use ledger::Ledger;
use light::testing::TestChain;
use primitives::Height;
use std::path::Path;
use store::db::{Access, Settings, Store};

/// Writes a chain into a node's store, block by block, as a node does.
///
/// # Errors
/// When there is a store already, or the disk refuses.
pub fn store_of(chain: &TestChain, path: &Path) -> anyhow::Result<()> {
    let store = Store::open(path, Access::Primary, Settings::default())?;
    store.commit_genesis(&chain.genesis)?;
    let first = store.view().header(Height(0))?.context("genesis has a header")?;
    let mut ledger = Ledger::over(store, &chain.genesis, first);
    for kept in chain.blocks() {
        ledger.commit(kept.block.clone(), kept.certificate.clone().context("a block was decided")?)?;
    }
    Ok(())
}
