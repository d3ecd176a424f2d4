//! The genesis of the small network: as a file, and what all nodes make of it.

use parity_scale_codec::Encode;
use runtime::Genesis;
use runtime::testing::genesis;
use state::tree::MemoryTree;

#[test]
fn the_genesis_file_is_read_to_the_same_state_as_ever() {
    let genesis = genesis();
    let json = serde_json::to_string_pretty(&genesis).unwrap() + "\n";
    crate::golden("genesis.json", &json);
    let read: Genesis = serde_json::from_str(&json).unwrap();
    assert_eq!(read, genesis);
    let root = MemoryTree::default().commit(&genesis.writes()).unwrap();
    let facts = [
        ("genesis hash", genesis.hash().to_string()),
        ("state root", root.to_string()),
        ("header", hex::encode(genesis.header(root).encode())),
        ("header hash", genesis.header(root).hash().to_string()),
        ("validators hash", genesis.validators().hash().to_string()),
    ];
    let lines: String = facts.iter().map(|(name, value)| format!("{name:<16} {value}\n")).collect();
    crate::golden("genesis.txt", &lines);
}
