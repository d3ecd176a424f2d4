//! The path of a tile, by which whoever audits the log of blocks asks a node for it.

use crate::{Outcome, Seed, numbered};
use tlog::Tile;

/// How many blocks the log has that is asked.
const SIZE: u64 = 70_000;

/// There is one path of a tile, and what a log has it goes on to have.
pub fn check(bytes: &[u8]) -> Outcome {
    let Ok(path) = std::str::from_utf8(bytes) else { return Outcome::Refused };
    match Tile::parse(path) {
        Ok(tile) => {
            assert_eq!(tile.to_string(), path, "two paths of one tile");
            assert!((1..=Tile::FULL).contains(&tile.width), "{tile:?}");
            assert!(!tile.is_within(0), "an empty log has it: {tile:?}");
            assert!(!tile.is_within(SIZE) || tile.is_within(u64::MAX), "a longer log has it no more: {tile:?}");
            Outcome::Taken
        }
        Err(error) => {
            assert!(error.0.chars().count() <= Tile::MOST_PATH, "{error}");
            Outcome::Refused
        }
    }
}

/// Tiles of leaves and of hashes, full and partial, and those that are furthest away.
pub fn seeds() -> Vec<Seed> {
    let paths = [
        "tile/0/000",
        "tile/0/x001/234.p/7",
        "tile/1/000.p/255",
        "tile/7/000.p/1",
        "tile/63/000",
        "tile/entries/x001/x234/067",
        "tile/entries/000.p/16",
    ];
    numbered("path", paths.map(|path| path.as_bytes().to_vec()))
}
