//! A release on the nodes of the network: rollout, installs, stages; and who built it from source.

use super::Frame;
use super::parts::{badge, bar, empty, table};
use super::text::{account, count, grouped, hash, percent, stranger, time_of, words_of_strangers};
use super::words::tone_of_stage;
use maud::{Markup, html};
use rpc::views::{Install, NodeStage, RebuildView, ReleaseDetail};

/// How many nodes and how much stake stand at each stage.
pub(super) fn rollout(detail: &ReleaseDetail) -> Markup {
    let rollout = &detail.rollout;
    let whole = rollout.total_stake.0;
    let stages = rollout.stages();
    let classes = ["s4", "s1", "yes", "abstain", "no"];
    let parts: Vec<(&str, u64)> =
        classes.into_iter().zip(&stages).map(|(class, (_, count))| (class, count.stake.0)).collect();
    let words: Vec<String> =
        stages.iter().map(|(stage, count)| format!("{stage} {}", percent(count.stake.0, whole))).collect();
    let rows = html! {
        @for (class, (stage, count)) in classes.into_iter().zip(&stages) {
            tr {
                td data-label="Stage" { span class={ "swatch " (class) } aria-hidden="true" {} (stage.to_string()) }
                td.num data-label="Nodes" { (grouped(count.nodes)) }
                td.num data-label="Stake" { (grouped(count.stake.0)) }
                td.num data-label="Share" { (percent(count.stake.0, whole)) }
            }
        }
    };
    html! {
        (bar(&parts, whole, &[], &words.join(", ")))
        (table("Nodes and stake by stage", &["Stage", "#Nodes", "#Stake", "#Share"], rows))
        p.hint {
            "It failed on " (grouped(rollout.failed_stake.0)) " of " (grouped(whole)) " stake ("
            (percent(rollout.failed_stake.0, whole)) "). Each node counts at the latest stage that it reported."
        }
    }
}

/// Which nodes booted it.
pub(super) fn installs(frame: &Frame<'_>, installs: &[Install]) -> Markup {
    if installs.is_empty() {
        let explanation = "A node puts its first boot of this build on record, and the node appears here.";
        return empty("No node has reported an install.", explanation, &[]);
    }
    let rows = html! {
        @for Install { node, receipt } in installs {
            tr {
                td data-label="Node" { (account(node)) }
                td data-label="First" { (time_of(frame, &receipt.first)) }
                td data-label="Last" { (time_of(frame, &receipt.last)) }
                td.num data-label="Epochs with one" { (grouped(receipt.count)) }
            }
        }
    };
    table("Installs by node", &["Node", "First", "Last", "#Epochs with one"], rows)
}

/// What each node last said of it.
pub(super) fn stages(frame: &Frame<'_>, detail: &ReleaseDetail) -> Markup {
    if detail.stages.is_empty() {
        return empty("No node has reported a stage.", "Nodes say here how far they have come with this build.", &[]);
    }
    let all: u64 = detail.rollout.stages().iter().map(|(_, count)| count.nodes).sum();
    let more = all.saturating_sub(detail.stages.len() as u64);
    let rows = html! {
        @for NodeStage { node, stage, reason, at } in &detail.stages {
            tr {
                td data-label="Node" { (account(node)) }
                td data-label="Stage" { (badge(tone_of_stage(*stage), &stage.to_string())) }
                td data-label="Since" { (time_of(frame, at)) }
                td data-label="Reason" {
                    @if let Some(reason) = reason { (words_of_strangers(reason.as_str())) } @else { "none" }
                }
            }
        }
    };
    html! {
        (table("Stages by node", &["Node", "Stage", "Since", "Reason"], rows))
        @if more > 0 { p.hint { "And " (count(more, "node")) " more whose reports are older." } }
    }
}

/// Who says that they built the same bytes from source.
pub(super) fn rebuilds(frame: &Frame<'_>, all: u64, rebuilds: &[RebuildView]) -> Markup {
    if rebuilds.is_empty() {
        let explanation = "Whoever builds this release from source and gets the same bytes can put that on record.";
        let command = "contract release attest --rebuilt FILE --hash HASH --key FILE";
        return empty("Nobody has attested a rebuild.", explanation, &[command]);
    }
    let rows = html! {
        @for RebuildView { builder, rebuild } in rebuilds {
            tr {
                td data-label="Builder" { (account(builder)) }
                td data-label="Said" { (time_of(frame, &rebuild.at)) }
                td data-label="Commit" {
                    @if let Some(commit) = &rebuild.source_commit { (stranger(commit.as_str())) } @else { "not named" }
                }
                td data-label="Source hash" {
                    @if let Some(source) = &rebuild.source_hash { (hash(source)) } @else { "not named" }
                }
            }
        }
    };
    html! {
        p { (count(all, "account")) " built the same bytes from source, by their own word." }
        (table("Independent rebuilds", &["Builder", "Said", "Commit", "Source hash"], rows))
    }
}
