//! The level that a build says it knows, in a mark in its file (ROLLOUTS 3.3).
//!
//! What is voted on is not executed, so nobody can ask it; its file says the same. A build's self-check prints what stands in its own
//! mark, so the two cannot differ.
//!
//! ```
//! use update::level_mark::{level_mark, marked_level};
//! assert_eq!(marked_level(&[b"an executable".as_slice(), &level_mark(7)].concat()), Some(7));
//! ```

use memchr::memmem;

/// What a mark begins with. Two of these cannot overlap, so that a search that goes on behind each misses none.
const START: &[u8; 19] = b"the-block/level/v1:";
/// How many digits follow.
const DIGITS: usize = 10;
/// How long a mark is: a line feed ends it.
pub const MARK_BYTES: usize = START.len() + DIGITS + 1;

/// A mark in a build's file: ASCII, `the-block/level/v1:`, ten digits and a line feed.
pub type LevelMark = [u8; MARK_BYTES];

/// The mark of a build that knows a level.
pub const fn level_mark(level: u32) -> LevelMark {
    let mut mark = [b'\n'; MARK_BYTES];
    let mut at = 0;
    while at < START.len() {
        mark[at] = START[at];
        at += 1;
    }
    let (mut rest, mut digit) = (level, DIGITS);
    while digit > 0 {
        digit -= 1;
        mark[START.len() + digit] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    mark
}

/// The level that some bytes are marked with; none where they have no mark. The first one counts.
pub fn marked_level(bytes: &[u8]) -> Option<u32> {
    memmem::find_iter(bytes, START).find_map(|at| read(&bytes[at..]))
}

/// Finds the mark in bytes that come in pieces.
#[derive(Debug, Default)]
pub(crate) struct MarkFinder {
    /// The last bytes, with which a mark may begin.
    carried: Vec<u8>,
    found: Option<u32>,
}

impl MarkFinder {
    /// Looks through the next piece.
    pub fn look(&mut self, piece: &[u8]) {
        if self.found.is_some() {
            return;
        }
        let edge = piece.get(..MARK_BYTES - 1).unwrap_or(piece);
        self.carried.extend_from_slice(edge);
        self.found = marked_level(&self.carried).or_else(|| marked_level(piece));
        if edge.len() < piece.len() {
            self.carried.clear();
            self.carried.extend_from_slice(&piece[piece.len() - (MARK_BYTES - 1)..]);
        } else {
            let past = self.carried.len().saturating_sub(MARK_BYTES - 1);
            self.carried.drain(..past);
        }
    }

    /// The level of the first mark that was seen.
    pub fn level(&self) -> Option<u32> {
        self.found
    }
}

/// The level of the mark that bytes begin with; none where they begin with none.
fn read(bytes: &[u8]) -> Option<u32> {
    let mark = bytes.get(..MARK_BYTES)?;
    let digits = mark.strip_prefix(START.as_slice())?.strip_suffix(b"\n")?;
    digits.iter().all(u8::is_ascii_digit).then_some(())?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_read_as_it_was_marked() {
        for level in [0, 1, 9, 10, 4_294_967_295] {
            assert_eq!(marked_level(&level_mark(level)), Some(level));
        }
        assert_eq!(level_mark(42).as_slice(), b"the-block/level/v1:0000000042\n");
    }

    #[test]
    fn what_is_no_mark_says_nothing() {
        for other in ["", "the-block/level/v1:", "the-block/level/v1:42\n", "the-block/level/v1:00000000x1\n"] {
            assert_eq!(marked_level(other.as_bytes()), None, "{other:?}");
        }
        assert_eq!(marked_level(b"the-block/level/v1:9999999999\n"), None, "no level is as high");
    }

    #[test]
    fn what_breaks_off_hides_no_mark_behind_it() {
        let mark = level_mark(5);
        for length in 0..MARK_BYTES {
            assert_eq!(marked_level(&[&mark[..length], &mark].concat()), Some(5), "after {length} bytes of one");
            assert_eq!(marked_level(&mark[..length]), None, "{length} bytes of one");
        }
    }

    #[test]
    fn a_mark_is_found_wherever_the_pieces_end() {
        let bytes = [&[7; 100], level_mark(3).as_slice(), &[9; 100], &level_mark(4)].concat();
        for size in 1..bytes.len() {
            let mut finder = MarkFinder::default();
            bytes.chunks(size).for_each(|piece| finder.look(piece));
            assert_eq!(finder.level(), Some(3), "in pieces of {size}");
        }
        let mut finder = MarkFinder::default();
        finder.look(&bytes[..110]);
        assert_eq!(finder.level(), None, "half of one is none");
    }
}
