//! Counting installs: each build's total and its latest times, changed by the receipts of one block alone.
//!
//! A build that a thousand nodes run is not read anew for each of them.

use super::{INSTALLS, RELEASES};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::{inside, json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::{Row, SqlValue, natural};
use primitives::{AccountId, BuildHash, ChainPosition, List, Timestamp};
use releases::{Installs, MAX_INSTALL_TIMES, Receipt};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The part of a build's entry that installs change; the names are those of `rpc::views::ReleaseView`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct InstallColumn {
    install_times: List<Timestamp, MAX_INSTALL_TIMES>,
    install_count: u64,
    last_install_ts: Option<Timestamp>,
}

/// The installs of a build, and on how many nodes they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counted {
    installs: Installs,
    nodes: u64,
}

/// The receipts of one block: of each build and node the latest.
#[derive(Debug, Default)]
pub struct Receipts(BTreeMap<(BuildHash, AccountId), Receipt>);

impl Receipts {
    /// A node's receipt, with which it says that it booted the build in this block.
    pub fn give(&mut self, build: BuildHash, node: AccountId, receipt: Receipt) {
        self.0.insert((build, node), receipt);
    }

    /// Writes them, and counts the builds they are of.
    ///
    /// # Errors
    /// The database refuses, or has no such build.
    pub async fn write(self, block: &mut BlockWriter<'_>) -> Result<(), FoldError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let places = self.places(block).await?;
        let mut counts = self.counts(block).await?;
        for ((build, node), receipt) in &self.0 {
            let key = (build.to_string(), node.to_string());
            let counted = counts.get_mut(&key.0);
            let counted = counted.ok_or_else(|| FoldError::Damaged(format!("build {build} is not in it")))?;
            let place = counted.add(places.get(&key).copied(), receipt);
            block.put(&INSTALLS, row(key, place, receipt));
        }
        let columns = &["build_hash", "install_count", "install_nodes", "last_install_ts", "installs"];
        block.update(&RELEASES, columns, counts.into_iter().map(Counted::row).collect()).await
    }

    /// The places of the nodes that have one, by build and node.
    async fn places(&self, block: &mut BlockWriter<'_>) -> Result<BTreeMap<(String, String), u64>, FoldError> {
        // The first receipt of a node finds none.
        let later = self.0.iter().filter(|(_, receipt)| receipt.count > 1);
        let keys = later.map(|((build, node), _)| vec![build.to_string().into(), node.to_string().into()]).collect();
        let filter = RowFilter::Among(&["build_hash", "node"], keys);
        let columns = &["build_hash", "node", "place"];
        let rows = block.select(Selection { table: &INSTALLS, columns, filter, order: RowOrder::Any }).await?;
        Ok(rows.iter().map(|row| ((text(&row[0]), text(&row[1])), number(&row[2]))).collect())
    }

    /// What is counted of the builds so far.
    async fn counts(&self, block: &mut BlockWriter<'_>) -> Result<BTreeMap<String, Counted>, FoldError> {
        let mut builds: Vec<&BuildHash> = self.0.keys().map(|(build, _)| build).collect();
        builds.dedup();
        let keys = builds.into_iter().map(|build| vec![build.to_string().into()]).collect();
        let (columns, filter) = (&["build_hash", "installs", "install_nodes"], RowFilter::Among(&["build_hash"], keys));
        let rows = block.select(Selection { table: &RELEASES, columns, filter, order: RowOrder::Any }).await?;
        rows.iter().map(|row| Ok((text(&row[0]), Counted::of(row[1].text(), number(&row[2]))?))).collect()
    }
}

impl Counted {
    /// As it stands in columns, the installs without braces; a build that was never installed may have nothing there.
    fn of(installs: Option<&str>, nodes: u64) -> Result<Self, FoldError> {
        let column = match installs {
            None => InstallColumn::default(),
            Some(text) => parsed("installs", &format!("{{{text}}}"))?,
        };
        Ok(Self { installs: Installs { count: column.install_count, latest: column.install_times }, nodes })
    }

    /// Counts one more, of the node at a place, or of one more node; gives its place.
    fn add(&mut self, place: Option<u64>, receipt: &Receipt) -> u64 {
        self.installs.add(receipt.last.time);
        place.unwrap_or_else(|| {
            self.nodes += 1;
            self.nodes
        })
    }

    /// The columns of a build that change.
    fn row((build, Self { installs, nodes }): (String, Self)) -> Row {
        let last = installs.latest.last().copied();
        let column =
            InstallColumn { install_times: installs.latest, install_count: installs.count, last_install_ts: last };
        let last = last.map(|time| time.0);
        vec![build.into(), installs.count.into(), nodes.into(), last.into(), inside(json(&column)).into()]
    }
}

fn text(value: &SqlValue) -> String {
    value.text().unwrap_or_default().to_owned()
}

fn number(value: &SqlValue) -> u64 {
    value.number().map_or(0, natural)
}

fn row((build, node): (String, String), place: u64, receipt: &Receipt) -> Row {
    let position = |at: &ChainPosition| [at.height.0.into(), at.epoch.0.into(), at.time.0.into()];
    let mut row: Row = vec![build.into(), node.into(), place.into()];
    row.extend(position(&receipt.first));
    row.extend(position(&receipt.last));
    row.push(receipt.count.into());
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Epoch, Height};
    use proptest::prelude::*;

    fn receipt(time: u64) -> Receipt {
        let at = ChainPosition { height: Height(time), epoch: Epoch(0), time: Timestamp(time) };
        Receipt { first: at, last: at, count: 1 }
    }

    proptest! {
        /// Block by block, what the columns say is what all receipts together give.
        #[test]
        fn h06_counting_block_by_block_is_counting_all(nodes in prop::collection::vec(0..20u8, 0..300)) {
            let (mut counted, mut places) = (Counted::default(), BTreeMap::new());
            for (time, node) in (1..).zip(&nodes) {
                let place = counted.add(places.get(node).copied(), &receipt(time));
                places.insert(*node, place);
                let row = Counted::row((String::new(), counted));
                counted = Counted::of(row[4].text(), number(&row[2])).unwrap();
            }
            let all: Vec<u64> = (1..=nodes.len() as u64).collect();
            prop_assert_eq!(counted.installs.count as usize, all.len());
            let times: Vec<u64> = counted.installs.latest.iter().map(|time| time.0).collect();
            prop_assert_eq!(&times[..], &all[all.len().saturating_sub(MAX_INSTALL_TIMES as usize)..]);
            let mut given: Vec<u64> = places.into_values().collect();
            given.sort_unstable();
            prop_assert_eq!(given, (1..=counted.nodes).collect::<Vec<_>>());
        }
    }
}
