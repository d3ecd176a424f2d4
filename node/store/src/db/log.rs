//! What state RocksDB's log is in before RocksDB reads it.
//!
//! A crash can cut off the last record of the log; its write was never confirmed, and RocksDB drops it. But RocksDB goes by
//! a record's own header: it takes a record that is longer than the rest of the file for cut off, and one marked as left
//! over from a recycled file for the end of the log. A single flipped bit in a header would so drop confirmed blocks in
//! silence. This looks at the headers first.
//!
//! The manifest, which lists RocksDB's files, has the same form. RocksDB can read a damaged one for ever, so every record of
//! it is held against its checksum; it is small.

use super::DbError;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// How the log ends.
#[derive(Debug, PartialEq, Eq)]
pub enum LogEnd {
    /// With a record that is all there, or there is no log.
    Whole,
    /// In the middle of a record that was being written.
    CutOff,
    /// A record's header is not what was written.
    Damaged {
        /// The file.
        file: PathBuf,
        /// The first byte of the block of 32 KiB that holds the record.
        block: u64,
    },
}

/// The log is a sequence of blocks of this size, which no record crosses.
const BLOCK: usize = 32 << 10;

/// Checksum (4 bytes), length (2), type (1).
const HEADER: usize = 7;

/// How closely records are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Their headers; RocksDB compares the checksums itself.
    Headers,
    /// Their headers and every byte.
    Contents,
}

/// Looks at the manifest and at every log in the directory of a database.
///
/// # Errors
/// The file that cannot be read, and why.
pub fn inspect(directory: &Path) -> Result<LogEnd, DbError> {
    let failed = |error: std::io::Error| DbError::system(directory, &error);
    if let Some(manifest) = manifest(directory)?
        && let damaged @ LogEnd::Damaged { .. } = inspect_file(&manifest, Depth::Contents)?
    {
        return Ok(damaged);
    }
    let mut logs = Vec::new();
    for file in std::fs::read_dir(directory).map_err(failed)? {
        let path = file.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            logs.push(path);
        }
    }
    logs.sort();
    let mut end = LogEnd::Whole;
    for file in logs {
        // Every earlier log was complete, and on disk, before this one was begun.
        if end == LogEnd::CutOff {
            return Ok(LogEnd::Damaged { file, block: 0 });
        }
        end = inspect_file(&file, Depth::Headers)?;
        if matches!(end, LogEnd::Damaged { .. }) {
            break;
        }
    }
    Ok(end)
}

/// The manifest that is in use; none when `CURRENT` names none, about which RocksDB complains itself.
fn manifest(directory: &Path) -> Result<Option<PathBuf>, DbError> {
    let file = directory.join("CURRENT");
    let current = std::fs::read(&file).map_err(|error| DbError::system(&file, &error))?;
    let name = std::str::from_utf8(&current).unwrap_or_default().trim_end();
    let path = directory.join(name);
    Ok((name.starts_with("MANIFEST-") && path.is_file()).then_some(path))
}

fn inspect_file(path: &Path, depth: Depth) -> Result<LogEnd, DbError> {
    let failed = |error: std::io::Error| DbError::system(path, &error);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut block = vec![0; BLOCK];
    for number in 0u64.. {
        let length = fill(&mut file, &mut block).map_err(failed)?;
        match records(&block[..length], depth) {
            Some(true) if length == BLOCK => {}
            Some(true) => break,
            Some(false) if length < BLOCK => return Ok(LogEnd::CutOff),
            _ => return Ok(LogEnd::Damaged { file: path.to_owned(), block: number * BLOCK as u64 }),
        }
    }
    Ok(LogEnd::Whole)
}

/// Reads until `block` is full or the file ends; returns how many bytes.
fn fill(file: &mut impl Read, block: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < block.len() {
        match file.read(&mut block[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Whether the last record of a block is all there; `None` when one is damaged.
fn records(mut block: &[u8], depth: Depth) -> Option<bool> {
    while let Some((header, content)) = block.split_first_chunk::<HEADER>() {
        let (length, kind) = (usize::from(u16::from_le_bytes([header[4], header[5]])), header[6]);
        // Whole, first, middle, last. There are more kinds, for logs that are recycled or compressed; ours are not.
        if !(1..=4).contains(&kind) {
            return None;
        }
        match content.get(length..) {
            Some(_) if depth == Depth::Contents && !fits(header, &content[..length]) => return None,
            Some(rest) => block = rest,
            // The bytes of a record whose length was damaged are all there: its checksum holds for the length it had.
            None => return (!any_length_fits(header, content)).then_some(false),
        }
    }
    // What is shorter than a header is padding at the end of a full block, or the beginning of a record.
    Some(block.is_empty() || block.iter().all(|byte| *byte == 0))
}

/// The checksum that a header names, without the mask that RocksDB stores it under.
fn named(header: &[u8; HEADER]) -> u32 {
    let masked = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
    masked.wrapping_sub(0xa282_ead8).rotate_left(15)
}

/// Whether a record has the checksum that its header names.
fn fits(header: &[u8; HEADER], content: &[u8]) -> bool {
    !content.iter().fold(step(!0, header[6]), |checksum, byte| step(checksum, *byte)) == named(header)
}

/// Whether some beginning of `content` has the checksum that `header` names.
fn any_length_fits(header: &[u8; HEADER], content: &[u8]) -> bool {
    let expected = named(header);
    let mut checksum = step(!0, header[6]);
    let mut fits = !checksum == expected;
    for byte in content {
        checksum = step(checksum, *byte);
        fits |= !checksum == expected;
    }
    fits
}

/// One byte of CRC-32C (Castagnoli).
fn step(checksum: u32, byte: u8) -> u32 {
    (0..8).fold(checksum ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_rfc_3720() {
        assert_eq!(!b"123456789".iter().fold(!0, |crc, byte| step(crc, *byte)), 0xe306_9283);
    }
}
