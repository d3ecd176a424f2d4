//! The page of witnesses.

use super::answer::{CosignedCheckpoint, WitnessStay, WitnessesAnswer};
use crate::pages::parts::{empty, pager, section, table};
use crate::pages::text::{block, full_hash, grouped, hash, named, stranger};
use crate::pages::{Frame, layout};
use maud::{Markup, html};

/// Who witnesses the tree of blocks, and what they cosigned.
pub fn witnesses(frame: &Frame<'_>, answer: &WitnessesAnswer) -> Markup {
    let body = html! {
        h1 { "Witnesses" }
        p.intro {
            "Every block is a leaf of one tree. Witnesses look whether the tree only grew, and sign its root once in an epoch, so that "
            "nobody can show one history to some and another to others without being seen."
        }
        (section("witnesses", "Who witnesses", witnesses_now(answer)))
        (section("checkpoints", "Cosigned checkpoints", checkpoints(frame, answer)))
    };
    layout(frame, "Witnesses", "/audit", body)
}

fn witnesses_now(answer: &WitnessesAnswer) -> Markup {
    if answer.witnesses.is_empty() {
        return empty("Nobody witnesses.", "Witnesses register while the gate witness_network is on.", &[]);
    }
    let rows = html! { @for witness in &answer.witnesses { (row(answer, witness)) } };
    table("Witnesses, the first to come first", &["Account", "Name", "Key", "Since", "#Last cosigned epoch"], rows)
}

fn row(answer: &WitnessesAnswer, witness: &WitnessStay) -> Markup {
    html! {
        tr {
            td data-label="Account" { (named(&answer.described, &witness.account)) }
            td data-label="Name" { (stranger(witness.name.as_str())) }
            td data-label="Key" { (hash(witness.key)) }
            td data-label="Since" { "block " (block(witness.since)) }
            td.num data-label="Last cosigned epoch" {
                @match witness.last_epoch { Some(epoch) => { (grouped(epoch.0)) }, None => { "none yet" } }
            }
        }
    }
}

fn checkpoints(frame: &Frame<'_>, answer: &WitnessesAnswer) -> Markup {
    if answer.page.total == 0 {
        return empty(
            "No checkpoint was cosigned.",
            "The first block of each epoch has one, while the tree grows.",
            &[],
        );
    }
    let rows = html! { @for checkpoint in &answer.page.entries { (cosigned(answer, checkpoint)) } };
    html! {
        (table("Checkpoints, the latest first", &["#Epoch", "#Blocks", "Root", "Cosigned by"], rows))
        (pager(frame, "/witnesses", &answer.page))
    }
}

fn cosigned(answer: &WitnessesAnswer, checkpoint: &CosignedCheckpoint) -> Markup {
    html! {
        tr id={ "epoch-" (checkpoint.epoch.0) } {
            td.num data-label="Epoch" { (grouped(checkpoint.epoch.0)) }
            td.num data-label="Blocks" { (grouped(checkpoint.size)) }
            td data-label="Root" { (full_hash(checkpoint.root)) }
            td data-label="Cosigned by" {
                ul.plain {
                    @for one in &checkpoint.cosigned {
                        li { (named(&answer.described, &one.witness)) " in block " (block(one.height)) }
                    }
                }
            }
        }
    }
}
