//! The proof that a fact is on record, for whoever does not believe this server: asked of the node, verified from genesis, and given on as a
//! file (REQ-169).

use super::answer::{FactProofAnswer, FactProofRoute};
use super::page::{EntryList, entries};
use super::read;
use crate::pages::parts::{facts, section};
use crate::pages::text::{block, full_hash, grouped};
use crate::pages::{Frame, layout};
use crate::serve::{Problem, Site};
use crate::topics::accounts;
use axum::http::StatusCode;
use light::{Anchor, BlockProof, FactProof};
use maud::{Markup, html};
use primitives::Height;
use rpc::error::NO_CERTIFICATE;

/// The fact at a place of a block with its proof, which holds.
///
/// # Errors
/// 404 of what is not in the index or needs no proof, 502 where the node has no proof, or one that does not hold.
pub(super) async fn asked(site: &Site, height: Height, index: u64) -> Result<(FactProofAnswer, FactProof), Problem> {
    let unknown =
        || Problem::not_found(format!("block {height} has no fact {index} in the index; see /blocks/{height}"));
    let entry = read::one(&site.index, height, index).await?.ok_or_else(unknown)?;
    let proof = match site.source.fact_proof(height, index).await {
        // As long as no tree has it: nobody voted on genesis, and whoever has its file needs no proof.
        Err(error) if error.code() == Some(NO_CERTIFICATE) => {
            let why = "what genesis says needs no proof: whoever has genesis.json comes to the same facts";
            return Err(Problem::not_found(why));
        }
        asked => asked?,
    };
    let fact = &proof.fact;
    if fact.height() != height || fact.fact != entry.fact {
        return Err(not_shown("it is of another fact"));
    }
    proof.verify(&Anchor::genesis(site.index.genesis())).map_err(|error| not_shown(&error.to_string()))?;
    let head = &proof.proof.head().header;
    let (kind, leaves) = match &proof.proof {
        BlockProof::Tree { inclusion, .. } => (FactProofRoute::Tree, Some(inclusion.size)),
        BlockProof::Direct { .. } => (FactProofRoute::Direct, None),
    };
    let described = accounts::read::described(&site.index, entry.account.into_iter().collect()).await?;
    let answer = FactProofAnswer {
        kind,
        leaves,
        hops: (proof.proof.headers().count() as u64).saturating_sub(1),
        head: head.height,
        head_hash: head.hash(),
        genesis_hash: site.index.genesis_hash,
        size: proof.to_bytes().len() as u64,
        entry,
        described,
    };
    Ok((answer, proof))
}

/// The node's own work, and not the asker's.
fn not_shown(why: &str) -> Problem {
    tracing::warn!("the node gave the proof of a fact that does not hold: {why}");
    Problem::new(StatusCode::BAD_GATEWAY, format!("the node's proof does not hold: {why}; ask another node"))
}

/// A fact, and how it is proven.
pub(super) fn page(frame: &Frame<'_>, answer: &FactProofAnswer) -> Markup {
    let (height, index) = (answer.entry.height, answer.entry.index);
    let title = format!("Proof of fact {}.{index}", height.0);
    let body = html! {
        h1 { (title) }
        p.intro {
            "That this was decided can be shown to anybody who has the genesis of this network, without this server and without a node."
        }
        (section("proof", "How it is shown", route(answer)))
        (section("file", "The proof", file(answer)))
        (section("fact", "The fact", entries(frame, &answer.described, std::slice::from_ref(&answer.entry), EntryList::Log)))
    };
    layout(frame, &title, "/audit", body)
}

fn route(answer: &FactProofAnswer) -> Markup {
    let height = answer.entry.height;
    let shown = html! {
        @match answer.leaves {
            Some(leaves) => {
                "Leaf " (grouped(height.0)) " of the tree of blocks, which has " (grouped(leaves)) " and whose root is in state"
            }
            None => { "By its own certificate: no tree has it, or it is too new for one" }
        }
    };
    facts(vec![
        ("Fact", html! { "One of those that block " (block(height)) " commits to" }),
        ("Block", shown),
        ("Under", html! { "the header of block " (block(answer.head)) ", " (full_hash(answer.head_hash)) }),
        ("Headers between", html! { (grouped(answer.hops)) }),
        ("From", html! { "genesis " (full_hash(answer.genesis_hash)) }),
    ])
}

fn file(answer: &FactProofAnswer) -> Markup {
    let (height, index) = (answer.entry.height.0, answer.entry.index);
    html! {
        p {
            a id="proof-download" href={ "/audit/proof/" (height) "/" (index) "/file" } download { "Download the proof" }
            ", " (grouped(answer.size)) " bytes"
        }
        p.hint { "It was verified here before it is shown, and is worth something once you verify it yourself." }
    }
}
