//! Rows that come in the order of their keys, and are written into files of the store's own size, which it takes in at the end. Through the
//! memory of what is written they would come to lie in several times as many, which nothing ever joins because none overlaps another.

use super::DbError;
use super::columns::{Column, FILE};
use super::open::Inner;
use rocksdb::{Cache, IngestExternalFileOptions, Options, SstFileWriter};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The options of such files: those of the column, whose cache nobody reads them by.
static OPTIONS: LazyLock<Options> = LazyLock::new(|| Column::Values.options(&Cache::new_lru_cache(0)));

/// Rows of the values column, in files that no store has yet.
pub(super) struct SortedValues {
    folder: PathBuf,
    /// Bytes from which on a file is full.
    size: u64,
    file: Option<SstFileWriter<'static>>,
    files: Vec<PathBuf>,
}

impl SortedValues {
    /// None yet; files in a folder that is there, on the disk of the store.
    pub fn within(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), size: FILE, file: None, files: Vec::new() }
    }

    /// Adds rows that come after all others, in the order of their keys.
    pub fn put(&mut self, rows: impl Iterator<Item = (impl AsRef<[u8]>, Vec<u8>)>) -> Result<(), DbError> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.next()?,
        };
        for (key, row) in rows {
            file.put(key, row)?;
        }
        if file.file_size() >= self.size {
            file.finish()?
        } else {
            self.file = Some(file)
        }
        Ok(())
    }

    fn next(&mut self) -> Result<SstFileWriter<'static>, DbError> {
        let path = self.folder.join(format!("values-{}.sst", self.files.len()));
        let file = SstFileWriter::create(&OPTIONS);
        file.open(&path)?;
        self.files.push(path);
        Ok(file)
    }

    /// Has a store take them in, which has no such rows yet. Nothing is left of them elsewhere.
    pub fn into_store(mut self, inner: &Inner) -> Result<(), DbError> {
        if let Some(mut file) = self.file.take() {
            file.finish()?;
        }
        if self.files.is_empty() {
            return Ok(());
        }
        let mut options = IngestExternalFileOptions::default();
        options.set_move_files(true);
        Ok(inner.db.ingest_external_file_cf_opts(inner.column(Column::Values), &options, self.files)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Access, Settings, Store};
    use rocksdb::IteratorMode;

    #[test]
    fn a_store_takes_in_several_files_and_nothing_is_left_of_them() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Access::Primary, Settings::default()).unwrap();
        let row = |number: u32| ([&number.to_be_bytes()[..], &[0; 36]].concat(), vec![number as u8; 100]);
        let mut values = SortedValues { size: 5_000, ..SortedValues::within(dir.path()) };
        for first in (0..3_000).step_by(100) {
            values.put((first..first + 100).map(row)).unwrap();
        }
        let files = values.files.clone();
        assert!(files.len() > 1, "{files:?}");
        assert!(store.0.db.iterator_cf(store.0.column(Column::Values), IteratorMode::Start).next().is_none());
        values.into_store(&store.0).unwrap();
        let found = store.0.db.iterator_cf(store.0.column(Column::Values), IteratorMode::Start);
        let found = found.map(|row| row.unwrap()).map(|(key, row)| (key.into_vec(), row.into_vec()));
        assert!(found.eq((0..3_000).map(row)));
        assert!(files.iter().all(|file| !file.exists()), "{files:?}");
        SortedValues::within(dir.path()).into_store(&store.0).unwrap();
        let mut unordered = SortedValues::within(dir.path());
        unordered.put([row(7)].into_iter()).unwrap();
        assert!(unordered.put([row(6)].into_iter()).is_err());
    }
}
