//! A profile from a disk.

use crate::documents::ProfileFiles;
use crate::mistake::ProfileMistakes;
use crate::plan::{Loaded, read, unreadable};
use crate::strict;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes: of a document no more than of what is TOML.
const MOST_BYTES: u64 = strict::MOST_BYTES as u64;

/// Reads a profile and what it names: its bundle from where the profile says, seen from the profile's own folder, and its documents
/// from below `root`. Each is a regular file of at most 1 MiB.
///
/// # Errors
/// All that is wrong.
pub fn load(path: &Path, root: &Path) -> Result<Loaded, ProfileMistakes> {
    let file = path.display().to_string();
    let bytes = bytes_of(path).map_err(|reason| ProfileMistakes(vec![unreadable(&file, "profile", &reason)]))?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    read(&file, &bytes, &FilesOnDisk { folder, root: root.to_owned() })
}

/// The files beside a profile.
struct FilesOnDisk {
    folder: PathBuf,
    root: PathBuf,
}

impl ProfileFiles for FilesOnDisk {
    fn bundle(&self, path: &str) -> Result<Vec<u8>, String> {
        bytes_of(&self.folder.join(path))
    }

    fn document(&self, path: &str) -> Result<Vec<u8>, String> {
        bytes_of(&self.root.join(path))
    }
}

/// The bytes of a file. What is no regular file is not opened: a pipe may wait without end, and a device never ends.
fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let words = |error: std::io::Error| error.to_string();
    if !std::fs::metadata(path).map_err(words)?.is_file() {
        return Err("it is no regular file".into());
    }
    let mut bytes = Vec::new();
    // One byte more than may be is enough to know, also of a file that grows.
    File::open(path).map_err(words)?.take(MOST_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(words)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("it is larger than {MOST_BYTES} bytes"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_at_most_a_mebibyte_are_read() {
        let folder = std::env::temp_dir().join(format!("profiles-load-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("shop.toml");
        let told = |length: u64| {
            File::create(&file).unwrap().set_len(length).unwrap();
            load(&file, &folder).unwrap_err().0.remove(0).sentence
        };
        let (most, larger) = (told(MOST_BYTES), told(MOST_BYTES + 1));
        let of_folder = load(&folder, &folder).unwrap_err().0.remove(0).sentence;
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!most.contains("larger"), "{most}");
        assert!(larger.contains("it is larger than 1048576 bytes"), "{larger}");
        assert!(of_folder.contains("it is no regular file"), "{of_folder}");
    }
}
