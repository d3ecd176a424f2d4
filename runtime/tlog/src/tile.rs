//! Which hashes travel together, and under which path (C2SP `tlog-tiles`).

/// The levels of a tree that a tile covers; a full one has 256 hashes.
const HEIGHT: u8 = 8;
/// The highest level of tiles that a path can name.
const MOST_LEVEL: u8 = 63;
/// The numbers of tiles are written in groups of three digits.
const GROUP: u64 = 1_000;
/// What a path of tiles begins with.
const ROOT: &str = "tile/";
/// What stands for the level where a tile has the leaves themselves.
const ENTRIES: &str = "entries";

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TileKind {
    /// Hashes of a level of tiles: that of their leaves is 0, and one of level `n` has the hashes of perfect subtrees of `256^n` leaves.
    Hashes(u8),
    /// The leaves themselves.
    Entries,
}

/// A run of hashes of one level, or of leaves, that begins with a multiple of 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// What it holds.
    pub kind: TileKind,
    /// Which tile of that, from 0.
    pub index: u64,
    /// How many it holds: 1 to 256. One with fewer is partial, and grows.
    pub width: u16,
}

/// A text is not the path of a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the path of a tile, such as tile/0/x001/234, tile/1/000.p/7 or tile/entries/000")]
pub struct TileError(pub String);

impl Tile {
    /// How many hashes or leaves a full one has.
    pub const FULL: u16 = 256;
    /// The most bytes of a path that is read.
    pub const MOST_PATH: usize = 64;

    /// Reads a path such as `tile/0/x001/234.p/7`.
    ///
    /// # Errors
    /// It is none, or not as it would be printed.
    pub fn parse(path: &str) -> Result<Self, TileError> {
        let error = || TileError(path.chars().take(Self::MOST_PATH).collect());
        let tile = Self::read(path).ok_or_else(error)?;
        // Zeros in front, or groups that are missing, would be a second path of the same tile.
        if tile.to_string() == path { Ok(tile) } else { Err(error()) }
    }

    fn read(path: &str) -> Option<Self> {
        let path = Some(path).filter(|path| path.len() <= Self::MOST_PATH)?.strip_prefix(ROOT)?;
        let (level, rest) = path.split_once('/')?;
        let kind = match level {
            ENTRIES => TileKind::Entries,
            level => TileKind::Hashes(level.parse::<u8>().ok().filter(|level| *level <= MOST_LEVEL)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, Self::FULL),
            Some((number, width)) => {
                (number, width.parse::<u16>().ok().filter(|width| (1..Self::FULL).contains(width))?)
            }
        };
        let mut index = 0u64;
        for group in number.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let group = digits.parse::<u64>().ok().filter(|group| *group < GROUP)?;
            index = index.checked_mul(GROUP)?.checked_add(group)?;
        }
        Some(Self { kind, index, width })
    }

    /// Whether it has all that one has, and so never changes.
    pub fn is_full(&self) -> bool {
        self.width == Self::FULL
    }

    /// The level in the tree of the hashes that it holds, for [`Hashes::node`](crate::Hashes::node); of leaves, that of their hashes. None
    /// where no tree is that high.
    pub fn tree_level(&self) -> Option<u8> {
        let of_tiles = match self.kind {
            TileKind::Entries => 0,
            TileKind::Hashes(level) => level,
        };
        of_tiles.checked_mul(HEIGHT).filter(|level| *level < 64)
    }

    /// The place in their level of the first hash that it holds, and the one behind the last; none where numbers do not go that far.
    pub fn places(&self) -> Option<std::ops::Range<u64>> {
        let first = self.index.checked_mul(Self::FULL.into())?;
        Some(first..first.checked_add(self.width.into())?)
    }

    /// Whether a tree of that size has all that it holds.
    pub fn is_within(&self, size: u64) -> bool {
        let have = self.tree_level().and_then(|level| size.checked_shr(level.into()));
        self.places().zip(have).is_some_and(|(places, have)| places.end <= have)
    }
}

impl std::fmt::Display for Tile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            TileKind::Entries => write!(f, "{ROOT}{ENTRIES}/")?,
            TileKind::Hashes(level) => write!(f, "{ROOT}{level}/")?,
        }
        let mut groups = Vec::new();
        let mut above = Some(self.index);
        while let Some(number) = above {
            groups.extend(number.checked_rem(GROUP));
            above = number.checked_div(GROUP).filter(|above| *above > 0);
        }
        let last = groups.len().saturating_sub(1);
        for (place, group) in groups.iter().rev().enumerate() {
            if place == last {
                write!(f, "{group:03}")?;
            } else {
                write!(f, "x{group:03}/")?;
            }
        }
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}
