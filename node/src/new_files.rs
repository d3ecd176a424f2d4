//! Files that are written together: all of them, or, when one cannot be, none.

use anyhow::{Context as _, bail};
use host::console;
use host::keys;
use primitives::SecretKey;
use std::path::{Path, PathBuf};

/// What is to be written, in order.
#[derive(Debug, Default)]
pub struct NewFiles(Vec<(PathBuf, Content)>);

#[derive(Debug)]
enum Content {
    Key(SecretKey),
    Text(String),
}

impl NewFiles {
    /// A key file, which is its owner's alone.
    pub fn key(&mut self, path: PathBuf, key: SecretKey) {
        self.0.push((path, Content::Key(key)));
    }

    /// A file that others may read.
    pub fn text(&mut self, path: PathBuf, text: String) {
        self.0.push((path, Content::Text(text)));
    }

    /// Writes all of it, with the folders that are missing.
    ///
    /// # Errors
    /// When a file is already there or cannot be written; then nothing of it is left, and nothing was overwritten.
    pub fn write(self) -> anyhow::Result<()> {
        if let Some((path, _)) = self.0.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
            bail!("{} exists and is not overwritten; choose another --home, or move it away", path.display());
        }
        let mut made = Vec::new();
        let written = self.0.iter().try_for_each(|(path, content)| content.write(path, &mut made));
        if written.is_err() {
            take_back(&made);
        }
        written
    }
}

impl Content {
    /// Writes it, and notes what was made for it: first the folders, the outermost first.
    fn write(&self, path: &Path, made: &mut Vec<PathBuf>) -> anyhow::Result<()> {
        let folders = path.ancestors().skip(1).take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let missing: Vec<PathBuf> = folders.map(Path::to_path_buf).collect();
        for folder in missing.into_iter().rev() {
            std::fs::create_dir(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
            made.push(folder);
        }
        match self {
            Content::Key(key) => keys::write(path, key)?,
            Content::Text(text) => files::create_new(path, None, text.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?,
        }
        made.push(path.to_path_buf());
        Ok(())
    }
}

/// Removes what was made, the last first. What somebody else put into a folder meanwhile keeps it.
fn take_back(made: &[PathBuf]) {
    for path in made.iter().rev() {
        let removed = if path.is_dir() { std::fs::remove_dir(path) } else { std::fs::remove_file(path) };
        if let Err(error) = removed {
            console::say(&format!("the-block: {} cannot be removed again: {error}", path.display()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o52_all_is_written_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a file"), "").unwrap();
        let draft = |last: PathBuf| {
            let mut draft = NewFiles::default();
            draft.key(at("net/signers/signer0.key"), keys::generate());
            draft.text(at("net/node0/config/config.toml"), "text".into());
            draft.text(last, "text".into());
            draft
        };
        let error = draft(at("a file/genesis.json")).write().unwrap_err();
        assert!(error.to_string().contains("a file/genesis.json"), "{error:#}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left");
        let error = draft(at("a file")).write().unwrap_err();
        assert!(error.to_string().contains("is not overwritten"), "{error:#}");
        assert!(!at("net").exists(), "nothing was written");

        draft(at("net/node0/config/genesis.json")).write().unwrap();
        assert!(keys::read(&at("net/signers/signer0.key")).is_ok());
        assert_eq!(std::fs::read_to_string(at("net/node0/config/genesis.json")).unwrap(), "text");
    }
}
