//! `contract gov ticket`: the proof that a build is approved, as a file.

use crate::answer::CommandAnswer;
use crate::failure::{Failure, failed};
use crate::session::Session;
use light::{Anchor, Proven, Ticket};
use primitives::{BuildHash, Height};
use rpc::api::GovApiClient;
use serde::Serialize;
use std::path::Path;

/// What was written.
#[derive(Serialize)]
struct Written<'a> {
    build_hash: BuildHash,
    file: &'a Path,
    bytes: usize,
    height: Height,
    hops: usize,
    /// Whether it was held against the genesis of the home; a node does so at every boot.
    verified: bool,
}

/// Fetches a ticket, verifies it where a genesis is at hand, and writes it.
///
/// # Errors
/// A build that was never approved, a ticket that proves nothing, and a file that cannot be written.
pub async fn ticket(
    session: &Session,
    hash: BuildHash,
    out: &Path,
    from: Option<Height>,
) -> Result<CommandAnswer, Failure> {
    let ticket = session.node.release_proof(hash, from).await.map_err(|error| session.explain(error))?;
    let proven = verified(session, &ticket, &hash, from)?;
    let bytes = ticket.to_bytes();
    files::write_out(out, &bytes)
        .map_err(|error| failed(format!("{} cannot be written: {error}; name another --out", out.display())))?;
    let written = Written {
        build_hash: hash,
        file: out,
        bytes: bytes.len(),
        height: ticket.height(),
        hops: ticket.hops.len(),
        verified: proven.is_some(),
    };
    let text = session.screen.fields(&[
        ("Ticket", format!("{}, {} bytes", out.display(), written.bytes)),
        ("Build", hash.to_string()),
        ("Height", format!("{}, with {} headers before it", written.height, written.hops)),
        (
            "Verified",
            if written.verified { "from the genesis of this home" } else { "no, the node that boots will" }.into(),
        ),
        ("Use", format!("the-block start --home DIR --ticket {}", out.display())),
    ]);
    CommandAnswer::new(&written, text)
}

/// What the ticket proves to whoever trusts the genesis of the session's home; none where there is no genesis, or the ticket
/// starts from a later height.
fn verified(
    session: &Session,
    ticket: &Ticket,
    hash: &BuildHash,
    from: Option<Height>,
) -> Result<Option<Proven>, Failure> {
    let genesis = session.genesis().ok().flatten();
    let Some(genesis) = genesis.filter(|_| from.unwrap_or_default() == Height(0)) else { return Ok(None) };
    let proven = ticket.verify(&Anchor::genesis(&genesis), hash);
    proven.map(Some).map_err(|error| failed(format!("the node's ticket proves nothing: {error}; ask another node")))
}
