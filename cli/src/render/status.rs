//! Where the chain stands.

use super::names;
use super::screen::{Screen, TableCell, grouped, percent};
use super::words::start;
use rpc::views::ChainStatus;
use runtime::LEVEL;

/// Draws the chain's status.
pub fn status(screen: &Screen, view: &ChainStatus) -> String {
    let mut fields = vec![
        ("Chain", view.chain_id.to_string()),
        ("Genesis", view.genesis_hash.to_string()),
        ("Height", format!("{}, {}", view.height, screen.time(view.time))),
        ("Block", view.hash.to_string()),
        ("State root", view.state_root.to_string()),
        ("Epoch", format!("{}, of {} blocks each", view.epoch, view.epoch_length)),
        ("Next epoch", start(&view.next_epoch, screen)),
        ("Level", level(view)),
        ("Block time", format!("{} ms", view.block_ms)),
        ("Kept from", format!("height {}", view.earliest)),
    ];
    fields.extend(unenforced(view).map(|epochs| ("Unpunished", epochs)));
    let fields = screen.fields(&fields);
    let total = view.total_power;
    let members = view.validators.validators.iter();
    let rows: Vec<Vec<TableCell>> = members
        .map(|member| {
            vec![
                names::cell(&view.described, &member.account),
                TableCell::number(grouped(member.power)),
                TableCell::number(percent(member.power, total)),
            ]
        })
        .collect();
    format!("{fields}\n{}", screen.table(&["VALIDATOR", "POWER", "SHARE"], &rows, "No validators."))
}

/// The epochs of which nobody answers for what it signed; none where there are no such.
fn unenforced(view: &ChainStatus) -> Option<String> {
    let epochs: Vec<String> = view.unenforced.iter().map(ToString::to_string).collect();
    let said = || format!("what validators signed in epochs {}: consensus_enforcement was off", epochs.join(", "));
    (!epochs.is_empty()).then(said)
}

/// The level in force, and those to come; that this tool knows less is said.
fn level(view: &ChainStatus) -> String {
    let next = view.height.next().epoch(view.epoch_length);
    let ahead: String =
        view.levels.ahead(next).map(|(epoch, level)| format!(", {level} from epoch {epoch} on")).collect();
    let newer = if view.level > LEVEL { format!("; this tool knows {LEVEL}, use a newer one") } else { String::new() };
    format!("{}{ahead}{newer}", view.level)
}
