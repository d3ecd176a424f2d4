//! What moves, or moved: flags at their paths, and segments.

use super::{joined_or_dash, place};
use crate::render::screen::{Screen, TableCell};
use flags::{Serve, Targeting};
use rollouts::change::{Effected, FlagSide};

/// Draws what moves; says `none` where nothing does. Which variant a place is only the plan says, so places are shown as the chain has
/// them.
pub(super) fn table(screen: &Screen, effects: &[Effected], none: &str) -> String {
    let rows: Vec<Vec<TableCell>> = effects.iter().map(row).collect();
    screen.table(&["MOVES", "WHERE", "BEFORE", "AFTER"], &rows, none)
}

fn row(effect: &Effected) -> Vec<TableCell> {
    match effect {
        Effected::Flag { flag, path, before, after } => vec![
            TableCell::text(flag),
            TableCell::text(place(path)),
            TableCell::text(side(before)),
            TableCell::text(side(after)),
        ],
        Effected::Segment { name, added, removed } => vec![
            TableCell::text(format!("segment {name}")),
            TableCell::text("-"),
            TableCell::text(format!("without {}", joined_or_dash(added))),
            TableCell::text(format!("without {}", joined_or_dash(removed))),
        ],
    }
}

/// How a flag stands at a path.
fn side(side: &FlagSide) -> String {
    let set = side.targeting.as_ref().map_or_else(|| "nothing set".into(), targeting);
    if side.disabled { format!("disabled; {set}") } else { set }
}

fn targeting(targeting: &Targeting) -> String {
    let otherwise = serve(&targeting.otherwise);
    match targeting.cases.len() {
        0 => otherwise,
        1 => format!("1 case, else {otherwise}"),
        cases => format!("{cases} cases, else {otherwise}"),
    }
}

fn serve(serve: &Serve) -> String {
    match serve {
        Serve::Variant(place) => format!("variant {place}"),
        Serve::Split(weights) => format!("a split of {}", weights.len()),
        Serve::Inherit => "as above".into(),
    }
}
