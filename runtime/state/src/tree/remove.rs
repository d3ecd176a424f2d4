//! The pass that takes keys out, one by one; without any, it carries the root over to the new version.

use super::update::Draft;
use super::{TreeError, root_key};
use jmt::storage::TreeReader;
use jmt::{KeyHash, Sha256Jmt};

pub(super) fn pass<R: TreeReader>(draft: &mut Draft<'_, R>, keys: Vec<KeyHash>) -> Result<(), TreeError> {
    let removals = keys.into_iter().map(|key| (key, None));
    let (_, batch) = Sha256Jmt::new(draft).put_value_set(removals, draft.version)?;
    let stale = batch.stale_node_index_batch.into_iter().map(|index| index.node_key);
    let nodes = batch.node_batch.nodes().iter().map(|(key, node)| (key.clone(), node.clone()));
    draft.take(nodes, stale);
    // Genesis has no version before it, and jmt stores nothing for a version 0 that stays empty.
    if draft.version == 0 && draft.nodes.is_empty() {
        draft.nodes.insert(root_key(0), super::Node::Null);
    }
    Ok(())
}
