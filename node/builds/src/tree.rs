//! The hash tree of an artifact: what lets a reader verify any 16 KiB of it against the build hash alone.
//!
//! The format is `bao-tree`'s outboard in pre-order with chunk groups of 16 KiB: a pair of 32-byte hashes for each inner node,
//! the root first, and nothing else; it has no prefix with the size. A file of one group or less has an empty tree.

use super::error::{ArtifactError, unreadable, unwritable};
use super::files::{READABLE, open_regular, publish, stage};
use bao_tree::io::{outboard::PreOrderOutboard, sync};
use bao_tree::{BaoTree, BlockSize};
use primitives::BuildHash;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Chunk groups of 16 chunks of 1 KiB.
pub const BLOCK: BlockSize = BlockSize::from_chunk_log(4);

/// How much is collected before it is written, in bytes.
const BUFFER: usize = 1 << 20;

/// Bytes of the tree of an artifact of `size` bytes.
pub fn tree_size(size: u64) -> u64 {
    BaoTree::new(size, BLOCK).outboard_size()
}

/// Writes the tree of `file` to `out`, as a whole or not at all, and says what the file is: its hash and its size in bytes.
/// Memory does not grow with the file.
///
/// # Errors
/// When the file cannot be read or changes meanwhile, or `out` cannot be written.
pub fn write_tree(file: &Path, out: &Path) -> Result<(BuildHash, u64), ArtifactError> {
    let mut source = open_regular(file)?;
    let size = source.metadata().map_err(unreadable(file))?.len();
    let tree = stage(files::folder_of(out))?;
    let hash = grow(file, size, &mut Copying::new(&mut source, io::sink()), out, tree.as_file())?;
    publish(tree, out, READABLE)?;
    Ok((hash, size))
}

/// Copies the `size` bytes of `source` to `copy`, writes their tree to `tree`, and gives their hash. Reads them once.
pub(super) fn copy_and_grow(
    path: &Path,
    size: u64,
    source: &mut File,
    copy: &NamedTempFile,
    tree: &NamedTempFile,
) -> Result<BuildHash, ArtifactError> {
    let mut copying = Copying::new(source, BufWriter::with_capacity(BUFFER, copy.as_file()));
    let hash = grow(path, size, &mut copying, tree.path(), tree.as_file());
    let Copying { mut to, unwritten, .. } = copying;
    match unwritten.map_or_else(|| to.flush(), Err) {
        Ok(()) => hash,
        Err(reason) => Err(unwritable(copy.path())(reason)),
    }
}

fn grow(
    path: &Path,
    size: u64,
    source: &mut Copying<'_, impl Write>,
    tree_path: &Path,
    tree: &File,
) -> Result<BuildHash, ArtifactError> {
    let shape = BaoTree::new(size, BLOCK);
    let tree = tree.try_clone().map_err(unwritable(tree_path))?;
    let outboard = PreOrderOutboard { root: blake3::Hash::from([0; 32]), tree: shape, data: tree };
    let grown = sync::outboard(&mut *source, shape, outboard);
    if let Some(reason) = source.unread.take() {
        return Err(unreadable(path)(reason));
    }
    match grown {
        // The file ends where its size says, or it is being written to.
        Ok(root) if source.from.read(&mut [0]).map_err(unreadable(path))? == 0 => Ok(BuildHash(*root.as_bytes())),
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(unwritable(tree_path)(error)),
        _ => Err(ArtifactError::Changing { path: path.into() }),
    }
}

/// Hands on what it reads, so that what is hashed and what is kept are the same bytes.
struct Copying<'a, W> {
    from: &'a mut File,
    to: W,
    /// Why the source could not be read.
    unread: Option<io::Error>,
    /// Why the copy could not be written; to the reader it looks like the end of the file.
    unwritten: Option<io::Error>,
}

impl<'a, W: Write> Copying<'a, W> {
    fn new(from: &'a mut File, to: W) -> Self {
        Self { from, to, unread: None, unwritten: None }
    }
}

impl<W: Write> Read for Copying<'_, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.from.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                self.unread = Some(error);
                return Ok(0);
            }
        };
        match self.to.write_all(&buffer[..read]) {
            Ok(()) => Ok(read),
            Err(error) => {
                self.unwritten = Some(error);
                Ok(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bao_tree::io::outboard::PreOrderMemOutboard;

    /// Around every boundary of chunks and groups, and a tree that is not balanced.
    const SIZES: [usize; 11] = [0, 1, 1023, 1024, 1025, 16_384, 16_385, 32_768, 49_152, 49_153, 1_000_003];

    fn bytes(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn the_tree_is_the_pre_order_outboard_without_a_prefix_and_the_hash_is_blake3() {
        let dir = tempfile::tempdir().unwrap();
        for size in SIZES {
            let (file, out) = (dir.path().join("file"), dir.path().join("file.obao4"));
            std::fs::write(&file, bytes(size)).unwrap();
            let (hash, found) = write_tree(&file, &out).unwrap();
            assert_eq!((hash.0, found), (*blake3::hash(&bytes(size)).as_bytes(), size as u64));
            let expected = PreOrderMemOutboard::create(bytes(size), BLOCK);
            let written = std::fs::read(&out).unwrap();
            assert_eq!(written, expected.data);
            assert_eq!(written.len() as u64, tree_size(size as u64));
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing else is left behind");
    }

    #[test]
    fn a_file_that_cannot_be_read_or_a_tree_that_cannot_be_written_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (file, out) = (dir.path().join("file"), dir.path().join("no/such/folder"));
        let error = write_tree(&file, &dir.path().join("out")).unwrap_err();
        assert!(matches!(&error, ArtifactError::Unreadable { path, .. } if *path == file), "{error}");
        std::fs::write(&file, b"bytes").unwrap();
        let error = write_tree(&file, &out).unwrap_err();
        assert!(matches!(error, ArtifactError::Unwritable { .. }), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_changes_or_a_full_disk_is_named_for_what_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, bytes(40_000)).unwrap();
        let mut source = File::open(&path).unwrap();
        let tree = tempfile::tempfile().unwrap();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut copying = Copying::new(&mut source, &full);
        assert!(grow(&path, 40_000, &mut copying, &path, &tree).is_err());
        assert_eq!(copying.unwritten.unwrap().kind(), io::ErrorKind::StorageFull);
        // Half of it is read already: what is left is shorter than the file's size, as if it had been cut off.
        let mut nowhere = Copying::new(&mut source, io::sink());
        let error = grow(&path, 40_000, &mut nowhere, &path, &tree).unwrap_err();
        assert!(matches!(error, ArtifactError::Changing { .. }), "{error}");
        let mut source = File::open(&path).unwrap();
        let mut nowhere = Copying::new(&mut source, io::sink());
        let error = grow(&path, 30_000, &mut nowhere, &path, &tree).unwrap_err();
        assert!(matches!(error, ArtifactError::Changing { .. }), "{error}");
        let mut source = File::open(&path).unwrap();
        let mut nowhere = Copying::new(&mut source, io::sink());
        let error = grow(&path, 40_000, &mut nowhere, Path::new("/dev/full"), &full).unwrap_err();
        assert!(matches!(&error, ArtifactError::Unwritable { path, .. } if path == Path::new("/dev/full")), "{error}");
    }
}
