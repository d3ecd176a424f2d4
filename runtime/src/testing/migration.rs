//! The migration that shows how one goes: of rows with a number to rows with that number and what it is twice. It comes with a level that
//! no network comes up to by itself, so that nothing but tests of it ever meets it.

use crate::Migration;
use state::{Map, State};

/// The level that brings it.
pub const LEVEL: u32 = u32::MAX;

/// What it does.
pub(crate) const MIGRATION: Migration = Migration { level: LEVEL, left, move_rows };

/// The rows as the level before keeps them.
const ROWS_V1: Map<u64, u64> = Map::new("chain/tested_v1");

/// The rows as this level keeps them.
const ROWS_V2: Map<u64, (u64, u64)> = Map::new("chain/tested_v2");

/// Writes a row as the level before does.
pub fn write_v1(state: &mut State, key: u64, number: u64) {
    ROWS_V1.set(state, &key, &number);
}

/// A row, with the number that it has twice: in whichever shape it is kept. While a migration is on its way, every reader takes both.
pub fn read(state: &State, key: u64) -> Option<(u64, u64)> {
    ROWS_V2.get(state, &key).or_else(|| read_v1(state, key))
}

/// How many rows there are in the earlier shape, and how many in the later.
pub fn rows(state: &State) -> (usize, usize) {
    (ROWS_V1.iter(state).count(), ROWS_V2.iter(state).count())
}

/// A row in the earlier shape, as what it is in the later.
fn read_v1(state: &State, key: u64) -> Option<(u64, u64)> {
    ROWS_V1.get(state, &key).map(|number| (number, number.saturating_mul(2)))
}

fn left(state: &State, most: usize) -> usize {
    ROWS_V1.iter(state).take(most).count()
}

fn move_rows(state: &mut State, rows: usize) {
    let keys: Vec<u64> = ROWS_V1.iter(state).take(rows).map(|(key, _)| key).collect();
    for key in keys {
        if let Some(row) = read_v1(state, key) {
            ROWS_V1.remove(state, &key);
            ROWS_V2.set(state, &key, &row);
        }
    }
}
