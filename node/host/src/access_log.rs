//! The log of denied reads that a node keeps in its home (`web/access.log`), as far as it is a chain: each line has the BLAKE3 of the one
//! before (ROLLOUTS 9). Who writes lines and who reads them asks here what they hang together by; what else a line says is theirs.

use primitives::Digest;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What the file is called that is written. Those that are full have [a number](full_file) behind that.
pub const FILE_NAME: &str = "access.log";
/// How many bytes a line has at most, its end among them.
pub const LONGEST_LINE: u64 = 64 << 10;
/// What the first line of all has for the line before it.
pub const NOTHING_BEFORE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where the file is kept that was full so many files ago, from 1 on; the higher its number, the older it is.
pub fn full_file(newest: &Path, number: u32) -> PathBuf {
    let mut name = newest.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// What the next line has for this one, whose end is left out.
pub fn line_hash(line: &[u8]) -> String {
    Digest::blake3(line).to_string()
}

/// What a line says of the one before it.
#[derive(Deserialize)]
struct ChainedLine {
    prev: String,
}

/// How far a log was read, line by line. By default nothing is known of what came before: the oldest line that is kept stands on one that
/// is not there any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessChain {
    last: Option<String>,
}

impl AccessChain {
    /// Behind a line that has this [hash](line_hash), or behind [nothing](NOTHING_BEFORE).
    pub fn behind(hash: &str) -> Self {
        Self { last: Some(hash.to_owned()) }
    }

    /// Reads the next line, whose end is left out, and goes on behind it. Whether it follows from the line before: else the log was changed,
    /// or lacks something. What says nothing of a line before is one that a crash cut off, and is a line of its own.
    pub fn take(&mut self, line: &[u8]) -> bool {
        let read: Result<ChainedLine, _> = serde_json::from_slice(line);
        let follows = match (&read, &self.last) {
            (Ok(read), Some(last)) => read.prev == *last,
            (Err(_), _) | (_, None) => true,
        };
        self.last = Some(line_hash(line));
        follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_behind(before: &str, said: u64) -> String {
        format!("{{\"prev\":\"{before}\",\"more_denied\":{said}}}")
    }

    #[test]
    fn a_line_follows_from_the_one_before_as_that_was_written() {
        let first = line_behind(NOTHING_BEFORE, 1);
        let second = line_behind(&line_hash(first.as_bytes()), 2);
        let mut chain = AccessChain::behind(NOTHING_BEFORE);
        assert!(chain.take(first.as_bytes()) && chain.take(second.as_bytes()));
        let mut changed = AccessChain::behind(NOTHING_BEFORE);
        assert!(changed.take(line_behind(NOTHING_BEFORE, 9).as_bytes()) && !changed.take(second.as_bytes()));
    }

    #[test]
    fn the_oldest_line_that_is_kept_is_held_against_nothing_and_the_first_of_all_against_zeros() {
        let second = line_behind(&line_hash(b"gone"), 2);
        assert!(AccessChain::default().take(second.as_bytes()));
        assert!(!AccessChain::behind(NOTHING_BEFORE).take(second.as_bytes()));
        assert_eq!(NOTHING_BEFORE.len(), line_hash(b"").len());
    }

    #[test]
    fn what_a_crash_cut_off_is_a_line_from_which_the_next_follows() {
        let cut = "{\"prev\":\"12";
        let mut chain = AccessChain::behind(NOTHING_BEFORE);
        assert!(chain.take(cut.as_bytes()));
        assert!(chain.take(line_behind(&line_hash(cut.as_bytes()), 1).as_bytes()));
        assert!(!chain.take(line_behind(&line_hash(cut.as_bytes()), 1).as_bytes()));
    }

    #[test]
    fn full_files_lie_beside_the_one_that_is_written() {
        assert_eq!(full_file(&Path::new("web").join(FILE_NAME), 7), Path::new("web/access.log.7"));
    }
}
