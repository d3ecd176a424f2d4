//! Which hash tree is adopted? The first that leads to the approved hash and has a proven length.
//!
//! The inner nodes alone leave the length of the last 16 KiB open, and where chain state names no size, a source could name
//! one that is off by a byte and have everybody else blamed for it. The hash of the last group is over its bytes and its
//! place, so whoever sends them has proven the length; each source has to do so for the size that it says itself. Until one
//! has, who contradicts whom is open, and nobody is blamed.

use super::Fetch;
use super::claims::Claims;
use crate::fault::Fault;
use crate::ledger::SourceLedger;
use crate::pace::{Paced, within};
use crate::source::{ArtifactSource, Body, Part};
use crate::tree::{HashTree, groups};
use builds::tree_size;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _};
use std::sync::Arc;

/// Sources that show their tree at once.
const AT_ONCE: usize = 4;

/// The tree of the first source that can show one; none when nobody can. The shortest size that anybody says goes first, so
/// that a lie takes no longer than the truth would.
pub(super) async fn tree(fetch: &Fetch, claims: &Claims, ledger: &SourceLedger) -> Option<HashTree> {
    let asked = stream::iter(claims.shortest_first()).map(|(size, source)| async move {
        let shown = shown_by(fetch, source.as_ref(), size).await;
        (source, shown)
    });
    let mut answers = asked.buffered(AT_ONCE).boxed();
    let mut doubts: Vec<(Arc<dyn ArtifactSource>, Fault)> = Vec::new();
    while let Some((source, shown)) = answers.next().await {
        match shown {
            Ok(Some(tree)) => {
                claims.settle(tree.size(), ledger);
                for (source, fault) in doubts {
                    ledger.blame(source.as_ref(), fault);
                }
                return Some(tree);
            }
            // Who has no tree, or cannot show that it has the right one, may still have the file.
            Ok(None) | Err(Fault::NotHeld(_)) => {}
            Err(fault) if fetch.size.is_none() => {
                if !fault.may_pass() {
                    doubts.push((source, fault));
                }
            }
            Err(fault) => ledger.blame(source.as_ref(), fault),
        }
    }
    None
}

/// The tree of a source, proven to be that of `size` bytes; none when it sends no ranges, and its last group cannot be had
/// without everything before.
async fn shown_by(fetch: &Fetch, source: &dyn ArtifactSource, size: u64) -> Result<Option<HashTree>, Fault> {
    let tree = tree_of(fetch, source, size).await?;
    if fetch.size.is_some() {
        return Ok(Some(tree));
    }
    let last = tree.groups().saturating_sub(1);
    let range = tree.bytes_of(last);
    let mut bytes = Vec::new();
    if !range.is_empty() {
        let body = within(fetch.pace, source.read(fetch.hash, Part::Data, range.clone())).await?;
        if body.starts_at != range.start {
            return Ok(None);
        }
        bytes = all(fetch, body.bytes, range.end.saturating_sub(range.start)).await?;
    }
    if tree.holds(last, &bytes) { Ok(Some(tree)) } else { Err(Fault::OtherBytes { offset: range.start }) }
}

/// The tree of a source, when it leads to the approved hash.
async fn tree_of(fetch: &Fetch, source: &dyn ArtifactSource, size: u64) -> Result<HashTree, Fault> {
    let mut encoded = Vec::new();
    if groups(size) > 1 {
        let length = tree_size(size);
        let Body { total, bytes, .. } = within(fetch.pace, source.read(fetch.hash, Part::Tree, 0..length)).await?;
        if let Some(said) = total.filter(|said| *said != length) {
            return Err(Fault::OtherSize { said, need: length });
        }
        encoded = all(fetch, bytes, length).await?;
    }
    HashTree::verify(fetch.hash, size, &encoded).ok_or(Fault::OtherTree)
}

/// Everything that a source sends, which may be so much.
async fn all(fetch: &Fetch, bytes: BoxStream<'static, Result<Bytes, Fault>>, most: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Paced::new(fetch.pace, bytes);
    let mut came = Vec::new();
    while let Some(chunk) = bytes.next().await? {
        if (came.len() + chunk.len()) as u64 > most {
            return Err(Fault::Endless { most });
        }
        came.extend_from_slice(&chunk);
    }
    Ok(came)
}
