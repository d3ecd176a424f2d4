//! Pages of lists that grow, and whose entries come and go in the midst of them: whichever page is asked for, as much is read.
//!
//! An entry has a number, and a list is read from its largest number down. Beside its total, `counts` has how many of its entries have
//! numbers in each range of 2^24, of 2^16 and of 2^8. Where a page begins is found by adding ranges up, the wide ones first, of which each
//! has 256 of the next; from there on an index gives the rows.

use super::question::on_pages_before;
use super::table::{SqlValue, natural};
use super::{Index, QueryError};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

/// How many bits of a number the ranges of each level leave out.
const LEVELS: [u32; 3] = [24, 16, 8];
/// The largest number that a database has.
const LARGEST: u64 = i64::MAX as u64;

/// Under which names an entry of a list is counted: of the list, and of the ranges that it is in.
pub(crate) fn counted_as(list: &str, number: u64) -> impl Iterator<Item = String> + use<> {
    let ranges = LEVELS.map(|bits| range_name(list, bits, number));
    std::iter::once(list.to_owned()).chain(ranges)
}

/// Names sort as the ranges do. No list has a number sign in its name.
fn range_name(list: &str, bits: u32, number: u64) -> String {
    format!("{list}#{bits}/{:014x}", number >> bits)
}

/// Which range a name stands for.
fn range_of(name: &str) -> u64 {
    name.rsplit_once('/').and_then(|(_, range)| u64::from_str_radix(range, 16).ok()).unwrap_or_default()
}

/// The part of one list that is on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListPart {
    /// Which of the lists.
    pub list: usize,
    /// No number of the part is larger.
    last: u64,
    /// How many entries from there on are on the pages before; fewer than a range of the lowest level has.
    before: u64,
    /// How many are on this page.
    size: u64,
}

impl ListPart {
    /// Its rows, by a statement that gives those of the list: of numbers up to `$1`, from the largest down, `$2` at most. The values of its
    /// other places come after.
    pub async fn rows(&self, index: &Index, statement: String, rest: Vec<SqlValue>) -> Result<Vec<AnyRow>, QueryError> {
        let most = self.before.saturating_add(self.size);
        let values: Vec<SqlValue> = [self.last.into(), most.into()].into_iter().chain(rest).collect();
        let rows = index.readers().all(AssertSqlSafe(statement), values).await?;
        Ok(rows.into_iter().skip(usize::try_from(self.before).unwrap_or(usize::MAX)).collect())
    }
}

impl Index {
    /// How many entries lists have together, and which parts of them are on a page where one follows the other.
    pub(crate) async fn parts_of_page(
        &self,
        lists: &[String],
        page: u64,
        page_size: u32,
    ) -> Result<(u64, Vec<ListPart>), QueryError> {
        let (mut total, mut parts) = (0_u64, Vec::new());
        let (mut before, mut left) = (on_pages_before(page, page_size), u64::from(page_size));
        for (list, name) in lists.iter().enumerate() {
            let entries = self.count(name.clone()).await?;
            total = total.saturating_add(entries);
            let size = entries.saturating_sub(before).min(left);
            if size > 0 {
                let (last, before) = self.seek(name, before).await?;
                parts.push(ListPart { list, last, before, size });
            }
            before = before.saturating_sub(entries);
            left -= size;
        }
        Ok((total, parts))
    }

    /// The largest number of the lowest range that an entry is in which has so many before it, and how many of those are in that range too.
    async fn seek(&self, list: &str, mut before: u64) -> Result<(u64, u64), QueryError> {
        let (mut first, mut last) = (0_u64, LARGEST);
        for bits in LEVELS {
            // It begins with the first entry.
            if before == 0 {
                break;
            }
            let sql = "SELECT name, count FROM counts WHERE name >= $1 AND name <= $2 ORDER BY name DESC";
            let key: Vec<SqlValue> = vec![range_name(list, bits, first).into(), range_name(list, bits, last).into()];
            for row in self.all(sql, key).await? {
                let entries = natural(row.get("count"));
                if before < entries {
                    first = range_of(row.get("name")) << bits;
                    last = first + ((1 << bits) - 1);
                    break;
                }
                before -= entries;
            }
        }
        Ok((last, before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::TABLES;
    use crate::store::rows::{IndexRows as _, SqlRows};
    use crate::store::{Database, IndexPlace};
    use std::collections::{BTreeMap, BTreeSet};

    const SCHEMA: &str = "CREATE TABLE things (\n  id INTEGER PRIMARY KEY,\n  list INTEGER NOT NULL\n);";

    /// Numbers of lists with gaps of every width, of which some have left again.
    fn lists() -> [BTreeSet<u64>; 2] {
        let wide = (0..600_u64).map(|place| place * place * 251).chain((0..300).map(|place| 40_000_000 + place));
        let numbers: BTreeSet<u64> = wide.collect();
        let of = |rest| numbers.iter().copied().filter(|number| number % 5 == rest).collect();
        [of(1), of(3)]
    }

    async fn written(database: &Database) {
        let mut counted: BTreeMap<String, i64> = BTreeMap::new();
        let mut connection = database.writer().acquire().await.unwrap();
        for (list, numbers) in lists().iter().enumerate() {
            for number in numbers {
                for name in counted_as(&format!("things/{list}"), *number) {
                    *counted.entry(name).or_default() += 1;
                }
                let sql = format!("INSERT INTO things (id, list) VALUES ({number}, {list})");
                sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await.unwrap();
            }
            // What has left is counted nowhere.
            for name in counted_as(&format!("things/{list}"), 7) {
                counted.entry(name).or_default();
            }
        }
        SqlRows::new(&mut connection).add(counted.into_iter().collect()).await.unwrap();
    }

    #[tokio::test]
    async fn every_page_of_lists_one_behind_the_other_has_the_entries_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = IndexPlace::File(folder.path().join("x.sqlite"));
        let database = Database::open(place, &format!("{TABLES}\n{SCHEMA}"), false).await.unwrap();
        written(&database).await;
        let index = Index::new(database.readers(), runtime::testing::genesis());
        let all: Vec<u64> = lists().iter().flat_map(|list| list.iter().rev().copied().collect::<Vec<_>>()).collect();
        let names = ["things/0".to_owned(), "things/1".to_owned()];
        for page in 0..=all.len() as u64 / 7 + 2 {
            let (total, parts) = index.parts_of_page(&names, page, 7).await.unwrap();
            let mut found = Vec::new();
            for part in parts {
                let sql = "SELECT id FROM things WHERE id<=$1 AND list=$3 ORDER BY id DESC LIMIT $2".to_owned();
                let rows = part.rows(&index, sql, vec![(part.list as u64).into()]).await.unwrap();
                found.extend(rows.iter().map(|row| natural(row.get(0))));
            }
            let expected: Vec<u64> = all.iter().copied().skip(page as usize * 7).take(7).collect();
            assert_eq!((total, found), (all.len() as u64, expected), "page {page}");
        }
        database.close().await;
    }

    #[test]
    fn names_of_ranges_sort_as_the_ranges_do() {
        let names = [0, 255, 256, 65_536, LARGEST].map(|number| range_name("changes/*/open", 8, number));
        assert!(names.is_sorted() && names[0] == names[1] && names[1] != names[2], "{names:?}");
        assert_eq!(range_of(&names[3]), 256);
    }
}
