//! State that a level keeps in another shape than the one before (ROLLOUTS 21).
//!
//! A level may bring one migration. It begins in the first block of the epoch in which the level comes into force and moves a bounded
//! number of rows in each block, as a fact that says how many: so who folds facts moves the same ones. Until it is done, whoever reads
//! such a row takes both shapes, and a proof names the shape by its key. The next one waits for it. No level of this software brings one
//! yet; one for tests shows how it goes (`testing::migration`).

use crate::{CHAIN, ChainEvent};
use primitives::Moment;
use state::{Item, State};

/// How many rows of state a migration moves in one block, at most.
pub const MOST_MOVED: u32 = 256;

/// What a level does to rows that the one before kept in another shape.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The level that brings it.
    pub level: u32,
    /// Counts the rows that are in the earlier shape, up to so many: no more than these are read.
    pub left: fn(&State<'_>, usize) -> usize,
    /// Moves the first of them, as many as are said.
    pub move_rows: fn(&mut State<'_>, usize),
}

/// Every migration there is, the lowest level first.
#[cfg(not(any(test, feature = "testing")))]
const MIGRATIONS: &[Migration] = &[];
/// With the one for tests, whose level no network comes up to by itself.
#[cfg(any(test, feature = "testing"))]
const MIGRATIONS: &[Migration] = &[crate::testing::migration::MIGRATION];

/// The highest level whose migration is done; absent while none was.
const MIGRATED: Item<u32> = Item::new("chain/migrated");

/// What of a migration is done in a block; none where no level in force has one that is not done.
pub(crate) fn due(state: &State, at: Moment) -> Option<ChainEvent> {
    let mut in_force = MIGRATIONS.iter().filter(|migration| migration.level <= at.level);
    let Migration { level, left, .. } = in_force.find(|migration| !is_done(state, migration.level))?;
    let most = MOST_MOVED as usize;
    let rows = left(state, most.saturating_add(1));
    let written = u32::try_from(rows.min(most)).unwrap_or(MOST_MOVED);
    Some(ChainEvent::Migrated { level: *level, written, done: rows <= most })
}

/// Moves the rows of a fact.
pub(crate) fn move_rows(state: &mut State, level: u32, written: u32, done: bool) {
    if let Some(migration) = MIGRATIONS.iter().find(|migration| migration.level == level) {
        (migration.move_rows)(state, written as usize);
    }
    if done {
        MIGRATED.set(state, &level);
    }
}

/// Whether nothing is left in the shape before a level; a network that begins with it has never had any.
fn is_done(state: &State, level: u32) -> bool {
    let since = MIGRATED.get(state).unwrap_or_else(|| CHAIN.require(state).level);
    level <= since
}
