//! Counting installs: each build's list of times, changed by the receipts of one block alone.
//!
//! A build that a thousand nodes run is not read anew for each of them: what a receipt replaces is taken out of the list, and
//! what it says is put in.

use super::{INSTALLS, RELEASES};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::{inside, json, parsed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::{Row, SqlValue, natural};
use primitives::{AccountId, BuildHash, Epoch, Height, Moment, Timestamp};
use releases::Receipt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The half of a build's entry that installs change; the names are those of `rpc::views::ReleaseView`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallCounts {
    install_times: Vec<Timestamp>,
    install_count: u64,
    last_install_ts: Option<Timestamp>,
}

impl InstallCounts {
    /// With one node's receipt in the place of the one it gave before.
    fn replace(&mut self, before: Option<&Receipt>, now: &Receipt) {
        for time in before.into_iter().flat_map(Receipt::times) {
            if let Ok(place) = self.install_times.binary_search(&time) {
                self.install_times.remove(place);
            }
        }
        for time in now.times() {
            let place = self.install_times.partition_point(|other| *other <= time);
            self.install_times.insert(place, time);
        }
        let before = before.map_or(0, |before| before.count);
        self.install_count = self.install_count.saturating_sub(before).saturating_add(now.count);
        self.last_install_ts = self.install_times.last().copied();
    }
}

/// The receipts of one block: of each build and node the latest.
#[derive(Debug, Default)]
pub struct Receipts(BTreeMap<(BuildHash, AccountId), Receipt>);

impl Receipts {
    /// A node's receipt.
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
        let before = self.replaced(block).await?;
        let mut counts = self.counts(block).await?;
        for ((build, node), receipt) in &self.0 {
            let key = (build.to_string(), node.to_string());
            let counted = counts.get_mut(&key.0);
            let counted = counted.ok_or_else(|| FoldError::Damaged(format!("build {build} is not in it")))?;
            counted.replace(before.get(&key), receipt);
            block.put(&INSTALLS, row(key, receipt));
        }
        let columns = &["build_hash", "install_count", "last_install_ts", "installs"];
        block.update(&RELEASES, columns, counts.into_iter().map(InstallCounts::row).collect()).await
    }

    /// The receipts that are there already, by build and node.
    async fn replaced(&self, block: &mut BlockWriter<'_>) -> Result<BTreeMap<(String, String), Receipt>, FoldError> {
        // The first receipt of a node replaces none.
        let later = self.0.iter().filter(|(_, receipt)| receipt.count > 1);
        let keys = later.map(|((build, node), _)| vec![build.to_string().into(), node.to_string().into()]).collect();
        let filter = RowFilter::Among(&["build_hash", "node"], keys);
        let selection = Selection { table: &INSTALLS, columns: INSTALLS.columns, filter, order: RowOrder::Any };
        Ok(block.select(selection).await?.iter().map(|row| ((text(&row[0]), text(&row[1])), receipt(row))).collect())
    }

    /// What is counted of the builds so far.
    async fn counts(&self, block: &mut BlockWriter<'_>) -> Result<BTreeMap<String, InstallCounts>, FoldError> {
        let mut builds: Vec<&BuildHash> = self.0.keys().map(|(build, _)| build).collect();
        builds.dedup();
        let keys = builds.into_iter().map(|build| vec![build.to_string().into()]).collect();
        let (columns, filter) = (&["build_hash", "installs"], RowFilter::Among(&["build_hash"], keys));
        let rows = block.select(Selection { table: &RELEASES, columns, filter, order: RowOrder::Any }).await?;
        rows.iter().map(|row| Ok((text(&row[0]), InstallCounts::of(row[1].text())?))).collect()
    }
}

impl InstallCounts {
    /// As they stand in a column, without braces; a build that was never installed may have nothing there.
    fn of(column: Option<&str>) -> Result<Self, FoldError> {
        match column {
            None => Ok(Self::default()),
            Some(text) => Ok(parsed("installs", &format!("{{{text}}}"))?),
        }
    }

    /// The columns of a build that change.
    fn row((build, counts): (String, Self)) -> Row {
        let last = counts.last_install_ts.map(|time| time.0);
        vec![build.into(), counts.install_count.into(), last.into(), inside(json(&counts)).into()]
    }
}

fn text(value: &SqlValue) -> String {
    value.text().unwrap_or_default().to_owned()
}

fn row((build, node): (String, String), receipt: &Receipt) -> Row {
    let moment = |at: &Moment| [at.height.0.into(), at.epoch.0.into(), at.time.0.into()];
    let mut row: Row = vec![build.into(), node.into()];
    row.extend(moment(&receipt.first));
    row.extend(moment(&receipt.last));
    row.push(receipt.count.into());
    row
}

/// A receipt from its row, in the order of the table's columns.
fn receipt(row: &[SqlValue]) -> Receipt {
    let number = |place: usize| row[place].number().map_or(0, natural);
    let moment = |place| Moment {
        height: Height(number(place)),
        epoch: Epoch(number(place + 1)),
        time: Timestamp(number(place + 2)),
    };
    Receipt { first: moment(2), last: moment(5), count: number(8) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rpc::views::ReleaseView;

    fn receipt(first: u64, later: &[u64]) -> Receipt {
        let at = |time| Moment { height: Height(0), epoch: Epoch(0), time: Timestamp(time) };
        let last = *later.last().unwrap_or(&first);
        Receipt { first: at(first), last: at(last), count: 1 + later.len() as u64 }
    }

    proptest! {
        /// Receipt by receipt, the list is what all receipts together give.
        #[test]
        fn counting_one_by_one_is_counting_all(nodes in prop::collection::vec((0..50u64, prop::collection::vec(50..90u64, 0..4)), 0..8)) {
            let mut installs = InstallCounts::default();
            let mut last = Vec::new();
            for (first, mut later) in nodes {
                later.sort_unstable();
                let mut before = None;
                for known in 0..=later.len() {
                    let now = receipt(first, &later[..known]);
                    installs.replace(before.as_ref(), &now);
                    before = Some(now);
                }
                last.extend(before);
            }
            let (times, count) = ReleaseView::installs(&last);
            prop_assert_eq!(installs.last_install_ts, times.last().copied());
            prop_assert_eq!((installs.install_times, installs.install_count), (times, count));
        }
    }
}
