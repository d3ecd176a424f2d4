//! A release on the nodes of the network: uptake, installs, stages.

use crate::pages::Frame;
use crate::pages::parts::{badge, bar, empty, table};
use crate::pages::text::{count, grouped, named, percent, time_of, words_of_strangers};
use crate::pages::words::tone_of_stage;
use maud::{Markup, html};
use rpc::views::{Install, NodeStage, ReleaseDetail};

/// How many nodes and how much stake stand at each stage.
pub(super) fn uptake(detail: &ReleaseDetail) -> Markup {
    let uptake = &detail.uptake;
    let whole = uptake.total_stake.0;
    let stages = uptake.stages();
    let classes = ["s6", "s4", "s1", "yes", "abstain", "no"];
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
            "It failed on " (grouped(uptake.failed_stake.0)) " of " (grouped(whole)) " stake ("
            (percent(uptake.failed_stake.0, whole)) "). Each node counts at the latest stage that it reported."
        }
    }
}

/// Which of the nodes that first spoke of it last booted it.
pub(super) fn installs(frame: &Frame<'_>, detail: &ReleaseDetail) -> Markup {
    if detail.installs.is_empty() && detail.release.install_count > 0 {
        return html! { p.hint { "None of the nodes that are named below has booted it; others have." } };
    }
    if detail.installs.is_empty() {
        let explanation = "A node puts its first boot of this build on record, and the node appears here.";
        return empty("No node has reported an install.", explanation, &[]);
    }
    let rows = html! {
        @for Install { node, receipt } in &detail.installs {
            tr {
                td data-label="Node" { (named(&detail.described, node)) }
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
    let all: u64 = detail.uptake.stages().iter().map(|(_, count)| count.nodes).sum();
    let more = all.saturating_sub(detail.stages.len() as u64);
    let rows = html! {
        @for NodeStage { node, stage, reason, at } in &detail.stages {
            tr {
                td data-label="Node" { (named(&detail.described, node)) }
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
        @if more > 0 { p.hint { "And " (count(more, "node")) " more that spoke of it before." } }
    }
}
