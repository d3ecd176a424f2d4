//! The list of approved releases.

use super::screen::{Cell, Screen};
use super::words::or_dash;
use rpc::views::{PageOf, ReleaseView};

/// Draws a page of releases.
pub fn releases(screen: &Screen, page: &PageOf<ReleaseView>) -> String {
    let header = ["NO", "STATUS", "RELEASE", "VERSION", "PLATFORM", "EPOCH", "SIGNED", "INSTALLS"];
    let rows: Vec<Vec<Cell>> = page.entries.iter().map(row).collect();
    screen.table(&header, &rows, "No releases.") + &remainder(screen, page)
}

fn row(view: &ReleaseView) -> Vec<Cell> {
    let release = &view.release;
    vec![
        Cell::number(release.sequence),
        Cell::text(view.status),
        Cell::hash(release.build_hash),
        Cell::text(or_dash(release.manifest.version.as_ref())),
        Cell::text(or_dash(release.target.platform.as_ref())),
        Cell::number(release.activated_epoch),
        Cell::number(format!("{}/{}", view.attested_signers.len(), release.signature_threshold)),
        Cell::number(view.install_count),
    ]
}

/// Says where the page lies when the list is longer.
pub fn remainder<T>(screen: &Screen, page: &PageOf<T>) -> String {
    if page.entries.len() as u64 == page.total {
        return String::new();
    }
    let last = page.total.saturating_sub(1) / u64::from(page.page_size.max(1));
    let (number, total) = (page.page, page.total);
    let said = format!("Page {number} of pages 0 to {last}, {total} entries in all; see another with --page.");
    format!("\n{}", screen.line(&said))
}
