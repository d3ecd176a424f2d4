//! The file that a page is written to: open before the first future is played, so that none is played for a page that
//! has no place.

use anyhow::{Context as _, Result};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A file that can be written.
#[derive(Debug)]
pub(crate) struct PageFile {
    path: PathBuf,
    file: File,
}

impl PageFile {
    /// Opens it, and makes it where there is none. What is in it stays until a page is [written](Self::write).
    ///
    /// # Errors
    /// It cannot be written; why, and what to do.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        Ok(Self { path: path.to_owned(), file: opened.with_context(|| refused(path))? })
    }

    /// Writes a page in place of what is there.
    ///
    /// # Errors
    /// It cannot be written any more; why, and what to do.
    pub(crate) fn write(self, page: &str) -> Result<()> {
        self.replace(page).with_context(|| refused(&self.path))
    }

    fn replace(&self, page: &str) -> std::io::Result<()> {
        // A pipe or a terminal has no length.
        if self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        (&self.file).write_all(page.as_bytes())
    }
}

fn refused(path: &Path) -> String {
    format!("cannot write {}; name another --report", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_there_stays_until_the_page_is_written_and_then_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old.html"), folder.path().join("new.html"));
        fs::write(&old, "a page that is longer than the next one").unwrap();
        let opened = [&old, &new].map(|path| PageFile::open(path).unwrap());
        assert_eq!(fs::read_to_string(&old).unwrap(), "a page that is longer than the next one");
        for file in opened {
            file.write("a page").unwrap();
        }
        assert_eq!([&old, &new].map(|path| fs::read_to_string(path).unwrap()), ["a page", "a page"]);
    }

    #[test]
    fn where_no_page_can_be_it_is_said_before() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("none/page.html")] {
            let refused = PageFile::open(&path).unwrap_err().to_string();
            assert!(refused.starts_with("cannot write ") && refused.ends_with("; name another --report"), "{refused}");
        }
    }
}
