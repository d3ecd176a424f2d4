//! The list of approved releases.

use super::screen::{Screen, TableCell};
use super::words::or_dash;
use rpc::views::{FoundPage, PageOf, ReleaseView};

/// Draws a page of releases.
pub fn releases(screen: &Screen, page: &PageOf<ReleaseView>) -> String {
    let header = ["NO", "STATUS", "RELEASE", "VERSION", "PLATFORM", "EPOCH", "SIGNED", "INSTALLS"];
    let rows: Vec<Vec<TableCell>> = page.entries.iter().map(row).collect();
    screen.table(&header, &rows, "No releases.") + &remainder(screen, page)
}

fn row(view: &ReleaseView) -> Vec<TableCell> {
    let release = &view.release;
    vec![
        TableCell::number(release.sequence),
        TableCell::text(view.status),
        TableCell::hash(release.build_hash),
        TableCell::text(or_dash(release.manifest.version.as_ref())),
        TableCell::text(&release.target.platform),
        TableCell::number(release.activated_epoch),
        TableCell::number(format!("{}/{}", view.attested_signers.len(), release.signature_threshold)),
        TableCell::number(view.install_count),
    ]
}

/// Says where the page lies when the list is longer.
pub fn remainder<T>(screen: &Screen, page: &PageOf<T>) -> String {
    place(screen, page, "in all")
}

/// The same, with where all those entries are.
fn place<T>(screen: &Screen, page: &PageOf<T>, among: &str) -> String {
    if page.entries.len() as u64 == page.total {
        return String::new();
    }
    let last = page.total.saturating_sub(1) / u64::from(page.page_size.max(1));
    let (number, total) = (page.page, page.total);
    let said = format!("Page {number} of pages 0 to {last}, {total} entries {among}; see another with --page.");
    format!("\n{}", screen.line(&said))
}

/// The same of what was looked for, and from where to look on when older ones were not looked at.
pub fn rest_to_find<T>(screen: &Screen, page: &FoundPage<T>) -> String {
    let Some(next) = page.next else { return remainder(screen, &page.found) };
    let looked_at = place(screen, &page.found, "among those that were looked at");
    let said = format!("Nothing that came before number {next} was looked at; look on with --before {next}.");
    format!("{looked_at}\n{}", screen.line(&said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn entries_are_all_there_are_only_where_all_were_looked_at() {
        let screen = Screen { width: 140, now: UNIX_EPOCH };
        let found = PageOf { total: 5, page: 0, page_size: 2, entries: vec![1, 2] };
        let drawn = |next| rest_to_find(&screen, &FoundPage { found: found.clone(), next });
        let another = "see another with --page.\n";
        assert_eq!(drawn(None), format!("\nPage 0 of pages 0 to 2, 5 entries in all; {another}"));
        let rest = "Nothing that came before number 7 was looked at; look on with --before 7.\n";
        let looked_at = format!("\nPage 0 of pages 0 to 2, 5 entries among those that were looked at; {another}");
        assert_eq!(drawn(Some(7)), format!("{looked_at}\n{rest}"));
    }
}
