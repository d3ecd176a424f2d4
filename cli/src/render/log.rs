//! The tree of blocks: its checkpoints, and who vouches for them.

use super::screen::{Screen, TableCell};
use super::words::or_dash;
use primitives::grouped;
use rpc::views::{LogCheckpoint, WitnessesOfLog};

/// Draws a checkpoint with those who cosigned it.
pub fn checkpoint(screen: &Screen, view: &LogCheckpoint) -> String {
    let fields = screen.fields(&[
        ("Log", view.origin.to_string()),
        ("Checkpoint", format!("of epoch {}", view.epoch)),
        ("Blocks", grouped(view.size)),
        ("Root", view.root.to_string()),
    ]);
    let rows = view.cosignatures.iter().map(|said| {
        vec![TableCell::text(&said.name), TableCell::hash(said.account), TableCell::number(said.timestamp)]
    });
    let header = ["WITNESS", "ACCOUNT", "SIGNED (SECONDS SINCE 1970)"];
    format!("{fields}\n{}", screen.table(&header, &rows.collect::<Vec<_>>(), "Nobody has cosigned it."))
}

/// Draws who vouches for the tree.
pub fn witnesses(screen: &Screen, view: &WitnessesOfLog) -> String {
    let tree = match (view.log_size, view.grows) {
        (Some(size), true) => format!("{} blocks, and grows", grouped(size)),
        (Some(size), false) => format!("{} blocks, and stands still: recursive_proofs is off", grouped(size)),
        (None, true) => "begins with the next block".into(),
        (None, false) => "none: recursive_proofs is off".into(),
    };
    let fields = screen.fields(&[
        ("Tree of blocks", tree),
        ("Root", or_dash(view.log_root)),
        ("Checkpoint", or_dash(view.checkpoint.map(|epoch| format!("of epoch {epoch}")))),
        ("Witnesses", if view.is_open { "are taken" } else { "are not taken: witness_network is off" }.into()),
    ]);
    let rows = view.witnesses.iter().map(|witness| {
        vec![
            TableCell::text(&witness.name),
            TableCell::hash(witness.account),
            TableCell::number(witness.bonded.grouped()),
            TableCell::number(witness.registered),
            TableCell::text(if witness.has_cosigned { "yes" } else { "no" }),
        ]
    });
    let header = ["WITNESS", "ACCOUNT", "BONDED", "SINCE EPOCH", "COSIGNED"];
    format!("{fields}\n{}", screen.table(&header, &rows.collect::<Vec<_>>(), "There are no witnesses."))
}
