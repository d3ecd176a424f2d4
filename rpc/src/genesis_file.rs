//! The genesis of a network from its file, read in one way by node, wallet and explorer: whole, and checked.

use runtime::{Genesis, Mistakes};
use std::io;
use std::path::{Path, PathBuf};

/// What to do where there is none.
const GET_IT: &str = "get the network's genesis, or write a new network with `the-block init`";

/// Why a file gives no genesis.
#[derive(Debug, thiserror::Error)]
pub enum GenesisFileError {
    /// It cannot be read.
    #[error("cannot read {path}: {reason}; {next}", path = path.display(), next = files::remedy_or(.reason, GET_IT))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// It is something else.
    #[error("{path} is not a genesis: {reason}; correct it, or get the network's genesis again", path = path.display())]
    NotGenesis {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: serde_json::Error,
    },
    /// No network can begin with it.
    #[error("{path} cannot start a network; correct it, or get the network's genesis again: {mistakes}", path = path.display())]
    Mistakes {
        /// The file.
        path: PathBuf,
        /// All that is wrong.
        mistakes: Mistakes,
    },
}

/// Reads a genesis that a network can begin with.
///
/// # Errors
/// [`GenesisFileError`].
pub fn read(path: &Path) -> Result<Genesis, GenesisFileError> {
    let text =
        files::read_text(path).map_err(|reason| GenesisFileError::Unreadable { path: path.to_owned(), reason })?;
    let genesis: Genesis =
        serde_json::from_str(&text).map_err(|reason| GenesisFileError::NotGenesis { path: path.to_owned(), reason })?;
    match genesis.check() {
        Ok(()) => Ok(genesis),
        Err(mistakes) => Err(GenesisFileError::Mistakes { path: path.to_owned(), mistakes }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_gives_no_genesis_is_named_with_the_reason_and_a_next_step() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("genesis.json");
        let says = |expected: [&str; 2]| {
            let said = read(&file).unwrap_err().to_string();
            assert!(said.contains("genesis.json") && said.contains("get the network's genesis"), "{said}");
            assert!(expected.iter().all(|words| said.contains(words)), "{said}");
        };
        says(["cannot read", "No such file"]);
        std::fs::write(&file, "{\"time\": 1, \"nonsense\": 2}").unwrap();
        says(["is not a genesis", "nonsense"]);

        let mut genesis = runtime::testing::genesis();
        let good = genesis.clone();
        genesis.releases.approved.clear();
        genesis.staking.bonds.clear();
        std::fs::write(&file, serde_json::to_string(&genesis).unwrap()).unwrap();
        says(["approved: is empty", "bonds: is empty"]);
        std::fs::write(&file, serde_json::to_string(&good).unwrap()).unwrap();
        assert_eq!(read(&file).unwrap(), good);
    }

    #[test]
    fn o30_a_genesis_is_read_as_any_editor_saves_it_or_the_encoding_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("genesis.json");
        let genesis = runtime::testing::genesis();
        let text = serde_json::to_string_pretty(&genesis).unwrap();
        for saved in [format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
            std::fs::write(&file, saved).unwrap();
            assert_eq!(read(&file).unwrap(), genesis);
        }
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            std::fs::write(&file, text.encode_utf16().flat_map(order).collect::<Vec<u8>>()).unwrap();
            let said = read(&file).unwrap_err().to_string();
            assert!(said.contains("UTF-16") && said.ends_with("save it as UTF-8"), "{said}");
        }
    }
}
