//! What an application promotes.

use super::joined_or_dash;
use crate::render::screen::{Screen, TableCell};
use crate::render::words::or_dash;
use rpc::views::{ArtifactView, PageOf};

/// Draws a page of artifacts.
pub fn artifacts(screen: &Screen, page: &PageOf<ArtifactView>) -> String {
    let rows: Vec<Vec<TableCell>> = page.entries.iter().map(row).collect();
    let header = ["ARTIFACT", "DIGEST", "IS", "PHASE", "STOOD IN", "NEEDED"];
    screen.table(&header, &rows, "No artifacts.") + &crate::render::releases::remainder(screen, page)
}

fn row(view: &ArtifactView) -> Vec<TableCell> {
    let registered = &view.registered;
    vec![
        TableCell::text(&registered.artifact.name),
        TableCell::hash(registered.artifact.digest),
        TableCell::text(registered.standing),
        TableCell::text(or_dash(registered.artifact.phase.as_ref())),
        TableCell::text(joined_or_dash(registered.stood.iter().map(|stood| &stood.stage))),
        TableCell::text(joined_or_dash(&view.pins)),
    ]
}
