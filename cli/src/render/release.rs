//! One approved release: its standing, its attestations, its installs, its uptake.

use super::names;
use super::rebuilds::rebuilds;
use super::screen::{Screen, TableCell, date};
use super::uptake::uptake;
use super::words::{manifest, or_dash};
use primitives::Epoch;
use releases::Standing;
use rpc::views::ReleaseDetail;

/// Draws a release.
pub fn release(screen: &Screen, detail: &ReleaseDetail) -> String {
    let mut text = screen.fields(&head(screen, detail));
    text += &format!("\nRelease signers\n{}", signers(screen, detail));
    text += &format!("\nInstalls\n{}", installs(screen, detail));
    text += &uptake(screen, detail);
    text + &rebuilds(screen, &detail.described, detail.rebuild_count, &detail.rebuilds)
}

fn head(screen: &Screen, detail: &ReleaseDetail) -> Vec<(&'static str, String)> {
    let (view, release) = (&detail.release, &detail.release.release);
    let mut pairs = vec![
        ("Release", release.build_hash.to_string()),
        ("Status", view.status.to_string()),
        ("Verdict", view.verdict.to_string()),
        ("Sequence", release.sequence.to_string()),
    ];
    match &release.standing {
        Standing::Active => {}
        Standing::Superseded { by, end_of_support_epoch } => {
            pairs.push(("Superseded by", by.to_string()));
            let stop = |epoch: Epoch| ("Stops", format!("its support ends; no node runs it from epoch {epoch} on"));
            pairs.extend(end_of_support_epoch.map(stop));
        }
        Standing::Revoked { reason, effective_epoch } => {
            pairs.push(("Revoked", format!("{reason}; no node runs it from epoch {effective_epoch} on")));
        }
    }
    pairs.push(("Platform", release.target.platform.to_string()));
    pairs.extend(manifest(&release.manifest));
    let moved = |epoch| ("Support moved", format!("not installed from epoch {epoch} on, as governance decided since"));
    pairs.extend(release.support_end.map(moved));
    pairs.extend(release.amended.as_ref().map(|amended| {
        let (id, epoch) = (amended.proposal_id, amended.at.epoch);
        ("Amended", format!("by proposal {id}, in epoch {epoch}"))
    }));
    let by = |missing: &str, value: Option<String>| value.unwrap_or_else(|| missing.into());
    pairs.push(("Proposal", by("none, it is approved by genesis", release.proposal_id.map(|id| id.to_string()))));
    let proposer = release.proposer.map(|who| names::named(&detail.described, &who));
    pairs.push(("Proposer", or_dash(proposer)));
    let time = release.activated.map(|at| format!(", {}", screen.time(at.time))).unwrap_or_default();
    pairs.push(("Activated", format!("in epoch {}{time}", release.activated_epoch)));
    pairs
}

fn signers(screen: &Screen, detail: &ReleaseDetail) -> String {
    let (view, release) = (&detail.release, &detail.release.release);
    let signed = |signer| if view.attested_signers.contains(signer) { "signed" } else { "-" };
    let rows: Vec<Vec<TableCell>> = release
        .signer_set
        .iter()
        .map(|signer| vec![TableCell::hash(signer), TableCell::text(signed(signer))])
        .collect();
    let quorum = if view.quorum_met { "reached" } else { "not reached" };
    let table = screen.table(&["SIGNER", ""], &rows, "None; the release is of genesis.");
    if rows.is_empty() {
        return table;
    }
    let (have, need) = (view.attested_signers.len(), release.signature_threshold);
    table + &screen.line(&format!("{have} of {need} needed signatures, {quorum}."))
}

fn installs(screen: &Screen, detail: &ReleaseDetail) -> String {
    let rows: Vec<Vec<TableCell>> = detail
        .installs
        .iter()
        .map(|install| {
            vec![
                names::cell(&detail.described, &install.node),
                TableCell::number(install.receipt.count),
                TableCell::text(date(install.receipt.first.time)),
                TableCell::text(date(install.receipt.last.time)),
            ]
        })
        .collect();
    let none = match detail.release.install_count {
        0 => "No node has reported an install.",
        _ => "None of the nodes that are named here.",
    };
    screen.table(&["NODE", "TIMES", "FIRST", "LATEST"], &rows, none)
}
