//! Whether this node vouches for the log of blocks, and whom it asks to do so (ROLLOUTS 9, 12.1).

use super::mirror_url;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;
use url::Url;

/// The checkpoints of the log: by which key this node cosigns them, and who else is asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WitnessSection {
    /// The key that it cosigns with, relative to the home: a key of its own, with which nothing else is signed. Empty where this node is no
    /// witness.
    pub key: PathBuf,
    /// Witnesses elsewhere that are asked over HTTP (C2SP `tlog-witness`), by the addresses under which they have `add-checkpoint`.
    pub witnesses: Vec<String>,
}

impl WitnessSection {
    /// The most witnesses that a node asks.
    pub const MOST_WITNESSES: usize = 16;

    /// Whether each can be asked, and is named once, however its address is written.
    pub(super) fn can_all_be_asked(&self) -> bool {
        let addresses: Result<BTreeSet<Url>, _> = self.witnesses.iter().map(|address| mirror_url(address)).collect();
        addresses.is_ok_and(|addresses| addresses.len() == self.witnesses.len())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Home};

    #[test]
    fn a_witness_has_a_key_of_its_own_and_asks_others_by_their_addresses() {
        let text = "[witness]\nkey = \"config/witness.key\"\nwitnesses = [\"https://witness.example/log\"]\n";
        let config = Config::parse(text, "config.toml").unwrap();
        assert_eq!(Home::at("/h").witness_key(&config), Some("/h/config/witness.key".into()));
        assert_eq!(Home::at("/h").witness_key(&Config::default()), None);
        let refused = |list: &str| {
            let text = format!("[witness]\nwitnesses = [{list}]\n");
            Config::parse(&text, "config.toml").unwrap_err().to_string()
        };
        assert!(refused("\"witness.example\"").contains("each is the address of a witness"));
        let twice = refused("\"https://witness.example/log\", \"https://WITNESS.example/log/\"");
        assert!(twice.contains("each once"), "{twice}");
        let many = vec!["\"http://a.example\""; 17].join(", ");
        assert!(refused(&many).contains("at most 16"));
    }
}
