//! What the chain began with: its first releases, signers and validators.

use super::tables::ROSTERS;
use super::work::{FoldError, Work, json};
use super::{HEAD, Head, releases, staking};
use ::releases::storage::{APPROVED, BUILDS, ROSTERS as ROSTER_RECORDS};
use ::staking::storage::{POWER, SETS};
use primitives::{Epoch, Height, Moment};
use runtime::Genesis;
use state::State;
use state::tree::MemoryTree;

/// The name of the latest release's threshold in `meta`.
pub const APPLIED_THRESHOLD: &str = "applied_threshold";

/// The name of the notice period, which every release asks for, in `meta`.
pub const NOTICE_EPOCHS: &str = "notice_epochs";

/// The name of the genesis in `meta`.
pub const GENESIS: &str = "genesis";

/// Begins an index: reads the state of genesis, which no fact describes.
///
/// # Errors
/// The database refuses.
pub async fn begin(mut work: Work<'_>, genesis: &Genesis) -> Result<(), FoldError> {
    let memory = genesis.build();
    let state = State::over(&memory);
    work.set_meta(GENESIS, genesis);
    work.set_meta(NOTICE_EPOCHS, &genesis.releases.notice_epochs);
    for (_, builds) in BUILDS.iter(&state) {
        let builds: Vec<_> = builds.iter().filter_map(|hash| APPROVED.get(&state, hash)).collect();
        releases::approve(&mut work, &builds).await?;
    }
    // Builds of genesis need no signatures; until the first release, what it asks of the signers counts.
    work.set_meta(APPLIED_THRESHOLD, &genesis.roster.threshold);
    for (version, record) in ROSTER_RECORDS.iter(&state) {
        work.put(&ROSTERS, vec![version.into(), json(&record).into()]);
    }
    for (epoch, validators) in SETS.iter(&state) {
        staking::elect(&mut work, epoch, &validators);
    }
    for (validator, power) in POWER.iter(&state) {
        staking::set_power(&mut work, &validator, Epoch(0), power.latest());
    }
    work.set_meta(HEAD, &genesis_head(genesis)?);
    work.finish().await
}

/// The position before the first block.
///
/// # Errors
/// A genesis whose state has no root, which no chain can have begun with.
pub fn genesis_head(genesis: &Genesis) -> Result<Head, FoldError> {
    let root = MemoryTree::default().commit(&genesis.writes());
    let root = root.map_err(|error| FoldError::Damaged(format!("genesis has no state: {error}")))?;
    let at = Moment::of(Height(0), genesis.time, genesis.chain.epoch_length);
    Ok(Head { at, hash: genesis.header(root).hash() })
}
