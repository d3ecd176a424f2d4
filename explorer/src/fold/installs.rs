//! Counting installs: each build's list of times, changed by the receipts of one block alone.
//!
//! A build that a thousand nodes run is not read anew for each of them: what a receipt replaces is taken out of the list, and
//! what it says is put in.

use super::tables::INSTALLS;
use super::work::{FoldError, inside, json, parsed, receipt_of};
use crate::store::table::{Cell, Pending, int, statements, values};
use primitives::{AccountId, BuildHash, Moment, Timestamp};
use releases::Receipt;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};
use std::collections::BTreeMap;

/// The half of a build's entry that installs change; the names are those of `rpc::views::ReleaseView`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installs {
    install_times: Vec<Timestamp>,
    install_count: u64,
    last_install_ts: Option<Timestamp>,
}

impl Installs {
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

/// A receipt, and the one of the same build and node that it replaces.
type Given<'a> = (Option<&'a Receipt>, &'a Receipt);

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
    pub async fn write(self, connection: &mut AnyConnection) -> Result<(), FoldError> {
        let given: Vec<((BuildHash, AccountId), Receipt)> = self.0.into_iter().collect();
        let before = replaced(connection, &given).await?;
        let mut by_build: BTreeMap<String, Vec<Given<'_>>> = BTreeMap::new();
        let mut pending = Pending::default();
        for ((build, node), receipt) in &given {
            let (build, node) = (build.to_string(), node.to_string());
            let old = before.get(&(build.clone(), node.clone()));
            by_build.entry(build.clone()).or_default().push((old, receipt));
            pending.put(&INSTALLS, row(build, node, receipt));
        }
        pending.flush(connection).await?;
        let by_build: Vec<_> = by_build.into_iter().collect();
        for builds in statements(&by_build) {
            count(connection, builds).await?;
        }
        Ok(())
    }
}

/// The receipts that are there already, by build and node.
async fn replaced(
    connection: &mut AnyConnection,
    given: &[((BuildHash, AccountId), Receipt)],
) -> Result<BTreeMap<(String, String), Receipt>, FoldError> {
    // The first receipt of a node replaces none.
    let later: Vec<_> = given.iter().filter(|(_, receipt)| receipt.count > 1).map(|(key, _)| key).collect();
    let mut before = BTreeMap::new();
    for keys in statements(&later) {
        let sql = format!(
            "SELECT * FROM installs WHERE (build_hash, node) IN (VALUES {})",
            values(connection, keys.len(), 2)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (build, node) in keys {
            query = query.bind(build.to_string()).bind(node.to_string());
        }
        for row in query.fetch_all(&mut *connection).await? {
            before.insert((row.get("build_hash"), row.get("node")), receipt_of(&row));
        }
    }
    Ok(before)
}

async fn count(connection: &mut AnyConnection, builds: &[(String, Vec<Given<'_>>)]) -> Result<(), FoldError> {
    let sql = format!(
        "SELECT build_hash, installs FROM release_history WHERE build_hash IN {}",
        values(connection, 1, builds.len())
    );
    let query = builds.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (build, _)| query.bind(build.clone()));
    let mut installs: BTreeMap<String, Installs> = BTreeMap::new();
    for row in query.fetch_all(&mut *connection).await? {
        let text: &str = row.get("installs");
        installs.insert(row.get("build_hash"), parsed("installs", &format!("{{{text}}}"))?);
    }
    let sql = format!(
        "UPDATE release_history SET install_count=v.column2, last_install_ts=v.column3, installs=v.column4 \
         FROM (VALUES {}) AS v WHERE release_history.build_hash=v.column1",
        values(connection, builds.len(), 4)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (build, receipts) in builds {
        let installs = installs.get_mut(build);
        let installs = installs.ok_or_else(|| FoldError::Damaged(format!("build {build} is not in it")))?;
        receipts.iter().for_each(|(before, now)| installs.replace(*before, now));
        query = query.bind(build.clone()).bind(int(installs.install_count));
        query = query.bind(installs.last_install_ts.map(|time| int(time.0))).bind(inside(json(installs)));
    }
    query.execute(&mut *connection).await?;
    Ok(())
}

fn row(build: String, node: String, receipt: &Receipt) -> Vec<Cell> {
    let moment = |at: &Moment| [at.height.0.into(), at.epoch.0.into(), at.time.0.into()];
    let mut row: Vec<Cell> = vec![build.into(), node.into()];
    row.extend(moment(&receipt.first));
    row.extend(moment(&receipt.last));
    row.push(receipt.count.into());
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Epoch, Height};
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
            let mut installs = Installs::default();
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
