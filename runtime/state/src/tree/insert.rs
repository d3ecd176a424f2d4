//! The pass that puts values in: every node on the way is read once and hashed once, and the sixteen subtrees below the
//! root are worked on at the same time.

use super::branch::Branch;
use super::update::Draft;
use super::{Node, TreeError, root_key};
use jmt::storage::{NodeKey, TreeReader};
use jmt::{KeyHash, Sha256Jmt};
use rayon::prelude::*;
use std::collections::BTreeMap;

type Put = (KeyHash, Vec<u8>);

/// Below this many writes, handing work to other threads costs more than it saves.
const WORTH_SHARING: usize = 64;

pub(super) fn pass<R: TreeReader + Sync>(draft: &mut Draft<'_, R>, puts: Vec<Put>) -> Result<(), TreeError> {
    match draft.root()? {
        Some(Node::Internal(_)) if puts.len() >= WORTH_SHARING => shared(draft, puts),
        _ => {
            let (nodes, stale) = batch(draft, puts)?;
            draft.take(nodes, stale);
            Ok(())
        }
    }
}

type Batch = (Vec<(NodeKey, Node)>, Vec<NodeKey>);

fn batch<R: TreeReader>(draft: &Draft<'_, R>, puts: Vec<Put>) -> Result<Batch, TreeError> {
    let (_, batch) = Sha256Jmt::new(draft).batch_put_value_sets(vec![puts], None, draft.version)?;
    let nodes = batch.node_batch.nodes().iter().map(|(key, node)| (key.clone(), node.clone())).collect();
    let stale = batch.stale_node_index_batch.into_iter().map(|index| index.node_key).collect();
    Ok((nodes, stale))
}

/// Splits the writes by the first nibble of their key hash. Insertion never touches a subtree whose nibble no key has,
/// so each share's new root differs from the old one in its own child only, and the shares' roots merge child by child.
fn shared<R: TreeReader + Sync>(draft: &mut Draft<'_, R>, puts: Vec<Put>) -> Result<(), TreeError> {
    let mut shares = BTreeMap::<u8, Vec<Put>>::new();
    for put in puts {
        shares.entry(nibble(&put.0)).or_default().push(put);
    }
    let shares = shares.into_par_iter().map(|(nibble, puts)| Ok((nibble, batch(draft, puts)?)));
    let shares = shares.collect::<Result<Vec<_>, TreeError>>()?;

    let root_key = root_key(draft.version);
    let mut merged = draft.root()?.map(|root| Branch::of(&root)).transpose()?.unwrap_or_default();
    for (nibble, (nodes, stale)) in shares {
        let (roots, nodes): (Vec<_>, Vec<_>) = nodes.into_iter().partition(|(key, _)| *key == root_key);
        for (_, root) in &roots {
            merged.take_child(nibble, &Branch::of(root)?);
        }
        draft.take(nodes, stale);
    }
    let root = merged.into_node()?;
    draft.nodes.insert(root_key, root);
    Ok(())
}

fn nibble(key: &KeyHash) -> u8 {
    key.0.first().map_or(0, |byte| byte >> 4)
}
