//! The page of releases: filters, installs over time, the rows.

use crate::answers::InstallSeries;
use crate::assets;
use crate::pages::parts::{badge, empty, met, number_field, pager, section, size_field, status, table, text_field};
use crate::pages::text::{date, grouped, named, release_name, short, time, visible};
use crate::pages::{Frame, layout};
use crate::topics::releases::answer::ReleasesAnswer;
use crate::topics::releases::query::ReleasesQuery;
use maud::{Markup, html};
use primitives::Timestamp;
use releases::Severity;
use rpc::views::{Descriptions, ReleaseView};

/// Approved builds, the latest release first.
pub fn releases(frame: &Frame<'_>, query: &ReleasesQuery, answer: &ReleasesAnswer) -> Markup {
    let body = html! {
        h1 { "Releases" }
        p.intro { "Builds that governance approved. A node boots only a build of this list that may still run." }
        (filters(query))
        section.panel aria-labelledby="timeline-title" {
            h2 id="timeline-title" { "Nodes that installed each release, over time" }
            (chart(&answer.timeline))
        }
        (section("releases", "Approved builds", rows(frame, query, answer)))
        link rel="stylesheet" href=(assets::url("vendor/uplot/uPlot.min.css"));
        script src=(assets::url("vendor/uplot/uPlot.iife.min.js")) defer {}
        script src=(assets::url("chart.js")) defer {}
    };
    layout(frame, "Releases", "/releases", body)
}

fn filters(query: &ReleasesQuery) -> Markup {
    html! {
        form.filters method="get" action="/releases" aria-label="Filter the releases" {
            (text_field("proposer", "Proposer", query.proposer.map(|who| who.to_string()), "64 hex digits"))
            (number_field("start_epoch", "From epoch", query.start_epoch.map(|epoch| epoch.0)))
            (number_field("end_epoch", "To epoch", query.end_epoch.map(|epoch| epoch.0)))
            (size_field(query.page_size))
            @if let Some(store) = &query.store { input type="hidden" name="store" value=(store); }
            div.actions {
                button type="submit" { "Apply" }
                @if is_filtered(query) { a href="/releases" { "Clear" } }
            }
        }
    }
}

fn is_filtered(query: &ReleasesQuery) -> bool {
    query.proposer.is_some() || query.start_epoch.is_some() || query.end_epoch.is_some()
}

fn rows(frame: &Frame<'_>, query: &ReleasesQuery, answer: &ReleasesAnswer) -> Markup {
    if answer.page.total == 0 {
        return none(query);
    }
    let columns = ["Release", "Status", "Quorum", "Proposer", "#Activation epoch", "#Installs", "Last install"];
    let rows = html! { @for release in &answer.page.entries { (row(frame, &answer.described, release)) } };
    html! {
        (table("Approved builds, the latest release first", &columns, rows))
        (pager(frame, "/releases", &answer.page))
    }
}

fn none(query: &ReleasesQuery) -> Markup {
    if is_filtered(query) {
        return empty("No release matches the filter.", "Widen the epochs, or leave the proposer out.", &[]);
    }
    empty(
        "No release has been approved yet.",
        "A build appears here when a proposal for it has passed and its activation epoch has come. To propose one:",
        &["contract gov propose-release --hash HASH --signature SIGNATURE --signer SIGNER --key FILE"],
    )
}

fn row(frame: &Frame<'_>, described: &Descriptions, view: &ReleaseView) -> Markup {
    let release = &view.release;
    let version = release.manifest.version.as_ref().map(|version| version.as_str());
    let hash = release.build_hash.to_string();
    html! {
        tr {
            td data-label="Release" {
                (release_name(&release.build_hash, version))
                @if version.is_some() { " " code.quiet title=(hash) { (short(&hash)) } }
                " " bdi.quiet { (visible(release.target.platform.as_str())) }
            }
            td data-label="Status" {
                (status(view.status))
                @if release.manifest.severity == Severity::Critical { " " (badge("bad", "critical")) }
            }
            td data-label="Quorum" {
                (view.attested_signers.len()) " of " (release.signature_threshold) " "
                @if release.signer_set.is_empty() { (badge("quiet", "genesis")) } @else { (met(view.quorum_met)) }
            }
            td data-label="Proposer" {
                @if let Some(proposer) = &release.proposer { (named(described, proposer)) } @else { "genesis" }
            }
            td.num data-label="Activation epoch" { (grouped(release.activated_epoch.0)) }
            td.num data-label="Installs" { (grouped(view.install_count)) }
            td data-label="Last install" {
                @if let Some(last) = view.last_install_ts { (time(frame, last)) } @else { "none yet" }
            }
        }
    }
}

/// The chart, which a script draws from the table below it.
fn chart(timeline: &[InstallSeries]) -> Markup {
    let drawn: Vec<&InstallSeries> = timeline.iter().filter(|installs| !installs.points.is_empty()).collect();
    html! {
        div.chart id="installs-chart" hidden role="img" aria-label="Installs over time; the table below has the numbers" {}
        div id="timeline" data-live {
            @if drawn.is_empty() {
                (empty("No node has installed a release yet.", "A line begins here with the first node that boots one.", &[]))
            } @else {
                details id="timeline-numbers" {
                    summary { "The numbers of the chart" }
                    table.numbers id="installs-numbers" {
                        caption.visually-hidden { "Nodes that installed each release, over time" }
                        thead { tr { th scope="col" { "Time" } th.num scope="col" { "Nodes" } } }
                        @for installs in drawn { (series(installs)) }
                    }
                }
            }
        }
    }
}

/// The most rows of a release in the table: the first and the latest, and others between them at equal distances.
const MOST_ROWS: usize = 12;

/// The points of one release: all of them for the chart, some of them to read.
fn series(installs: &InstallSeries) -> Markup {
    let name = match &installs.version {
        Some(version) => visible(version),
        None => short(&installs.build_hash.to_string()),
    };
    let points: Vec<String> = installs.points.iter().map(|(at, nodes)| format!("{}:{nodes}", at.0)).collect();
    html! {
        tbody data-series=(name) data-points=(points.join(",")) {
            tr { th scope="rowgroup" colspan="2" { bdi { (name) } } }
            @for (at, nodes) in thinned(&installs.points) {
                tr { td { (date(at)) } td.num { (grouped(nodes)) } }
            }
        }
    }
}

fn thinned(points: &[(Timestamp, u64)]) -> Vec<(Timestamp, u64)> {
    let last = points.len().saturating_sub(1);
    if last < MOST_ROWS {
        return points.to_vec();
    }
    (0..MOST_ROWS).filter_map(|row| points.get(row * last / (MOST_ROWS - 1)).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_chart_keeps_both_ends() {
        let points: Vec<(Timestamp, u64)> = (0..200).map(|n| (Timestamp(n), n)).collect();
        let rows = thinned(&points);
        assert_eq!((rows.len(), rows.first(), rows.last()), (12, points.first(), points.last()));
        assert_eq!(thinned(&points[..3]).len(), 3);
    }
}
