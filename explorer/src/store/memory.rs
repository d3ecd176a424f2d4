//! Rows in memory, for tests of folds: what is written to them and asked of them gives what a database would give.

use super::rows::{IndexRows, RowFilter, RowOrder, Selection};
use super::table::{COUNTS, Row, SqlValue, Table};
use futures::future::{BoxFuture, ready};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// One row by its columns; what was never written is not there.
type NamedRow = BTreeMap<&'static str, SqlValue>;

/// Tables that a fold was run over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryRows {
    /// Each table's rows, by their keys.
    tables: BTreeMap<&'static str, BTreeMap<Row, NamedRow>>,
}

const MISSING: SqlValue = SqlValue::Int(None);

impl MemoryRows {
    /// Some columns of a table, in the order of its keys.
    pub fn columns(&self, table: &Table, columns: &[&str]) -> Vec<Row> {
        self.rows(table).map(|row| cut(row, columns)).collect()
    }

    /// A table, in the order of its keys.
    pub fn table(&self, table: &Table) -> Vec<Row> {
        self.columns(table, table.columns)
    }

    fn rows(&self, table: &Table) -> impl Iterator<Item = &NamedRow> {
        self.tables.get(table.name).into_iter().flat_map(BTreeMap::values)
    }

    fn put(&mut self, table: &'static Table, row: Row) -> sqlx::Result<()> {
        let rows = self.tables.entry(table.name).or_default();
        let key: Row = row.iter().take(table.key.max(1)).cloned().collect();
        if table.key == 0 && rows.contains_key(&key) {
            return Err(sqlx::Error::Protocol(format!("{} has {key:?} already", table.name)));
        }
        let row = table.columns.iter().copied().zip(row);
        match rows.entry(key) {
            Entry::Vacant(place) => {
                place.insert(row.collect());
            }
            Entry::Occupied(mut there) => there.get_mut().extend(row.skip(table.key + table.kept)),
        }
        Ok(())
    }

    fn find(&self, selection: &Selection) -> Vec<Row> {
        let mut found: Vec<&NamedRow> = self.rows(selection.table).filter(|row| selection.filter.has(row)).collect();
        match selection.order {
            RowOrder::Any => {}
            RowOrder::By(column) => found.sort_by_key(|row| get(row, column)),
            RowOrder::Last(column) => {
                let last = found.into_iter().max_by_key(|row| get(row, column));
                found = last.into_iter().collect();
            }
        }
        found.into_iter().map(|row| cut(row, selection.columns)).collect()
    }

    fn set(&mut self, table: &'static Table, columns: &'static [&'static str], row: &[SqlValue]) -> u64 {
        let (by, key) = (columns[0], &row[0]);
        let rows = self.tables.entry(table.name).or_default().values_mut();
        let mut changed = 0;
        for found in rows.filter(|found| found.get(by) == Some(key)) {
            found.extend(columns.iter().copied().zip(row.iter().cloned()).skip(1));
            changed += 1;
        }
        changed
    }
}

impl IndexRows for MemoryRows {
    fn insert(&mut self, table: &'static Table, rows: Vec<Row>) -> BoxFuture<'_, sqlx::Result<()>> {
        let written: sqlx::Result<()> = rows.into_iter().try_for_each(|row| self.put(table, row));
        Box::pin(ready(written))
    }

    fn select(&mut self, selection: Selection) -> BoxFuture<'_, sqlx::Result<Vec<Row>>> {
        let found: sqlx::Result<Vec<Row>> = Ok(self.find(&selection));
        Box::pin(ready(found))
    }

    fn add(&mut self, counted: Vec<(String, i64)>) -> BoxFuture<'_, sqlx::Result<()>> {
        let written = counted.into_iter().try_for_each(|(name, more)| {
            let by_name = Selection {
                table: &COUNTS,
                columns: &["count"],
                filter: RowFilter::Equal("name", name.as_str().into()),
                order: RowOrder::Any,
            };
            let before = self.find(&by_name).first().and_then(|row| row[0].number()).unwrap_or_default();
            self.put(&COUNTS, vec![name.into(), SqlValue::Int(Some(before + more))])
        });
        Box::pin(ready(written))
    }

    fn update(
        &mut self,
        table: &'static Table,
        columns: &'static [&'static str],
        rows: Vec<Row>,
    ) -> BoxFuture<'_, sqlx::Result<u64>> {
        let changed: u64 = rows.iter().map(|row| self.set(table, columns, row)).sum();
        let changed: sqlx::Result<u64> = Ok(changed);
        Box::pin(ready(changed))
    }
}

impl RowFilter {
    fn has(&self, row: &NamedRow) -> bool {
        // What is not there is neither equal to anything nor less than it.
        match self {
            RowFilter::All => true,
            RowFilter::Equal(column, value) => *value != MISSING && get(row, column) == *value,
            RowFilter::AtMost(column, most) => {
                get(row, column).number().is_some_and(|number| number <= super::table::int(*most))
            }
            RowFilter::Among(columns, keys) => {
                keys.iter().any(|key| !key.contains(&MISSING) && *key == cut(row, columns))
            }
        }
    }
}

fn get(row: &NamedRow, column: &str) -> SqlValue {
    row.get(column).cloned().filter(|value| *value != SqlValue::Text(None)).unwrap_or(MISSING)
}

fn cut(row: &NamedRow, columns: &[&str]) -> Row {
    columns.iter().map(|column| get(row, column)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::rows::SqlRows;
    use super::super::table::tables;
    use super::*;
    use sqlx::{AnyConnection, Connection as _, Executor as _};

    tables! {
        /// Rows that replace each other.
        PETS = "pets", 1 of ["name", "born", "age", "owner"] keeping 1;
        /// Rows that must be new.
        VISITS = "visits", 0 of ["id", "pet"];
    }

    async fn database() -> AnyConnection {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect("sqlite::memory:").await.unwrap();
        for sql in [
            "CREATE TABLE pets (name TEXT PRIMARY KEY, born INTEGER, age INTEGER, owner TEXT, colour TEXT)",
            "CREATE TABLE visits (id INTEGER PRIMARY KEY, pet TEXT NOT NULL)",
            "CREATE TABLE counts (name TEXT PRIMARY KEY, count BIGINT NOT NULL)",
        ] {
            connection.execute(sql).await.unwrap();
        }
        connection
    }

    /// In which year it was born is what is first said of it.
    fn pet(name: &str, born: u64, age: Option<u64>, owner: Option<&str>) -> Row {
        vec![name.into(), born.into(), age.into(), owner.map(str::to_owned).into()]
    }

    /// Everything that can be done to rows; each answer as text.
    async fn lived(rows: &mut dyn IndexRows) -> Vec<String> {
        let mut said = Vec::new();
        let (ada, bob) = (pet("ada", 1, Some(3), Some("x")), pet("bob", 2, None, None));
        let pets = vec![ada, bob, pet("cid", 3, Some(7), Some("x"))];
        said.push(format!("{:?}", rows.insert(&PETS, pets).await.is_ok()));
        said.push(format!("{:?}", rows.insert(&PETS, vec![pet("ada", 9, Some(4), None)]).await.is_ok()));
        said.push(format!("{:?}", rows.insert(&VISITS, vec![vec![1_u64.into(), "ada".into()]]).await.is_ok()));
        said.push(format!("{:?}", rows.insert(&VISITS, vec![vec![1_u64.into(), "bob".into()]]).await.is_ok()));
        let colours = vec![vec!["bob".into(), "red".into()], vec!["nobody".into(), "blue".into()]];
        said.push(format!("{:?}", rows.update(&PETS, &["name", "colour"], colours).await.unwrap()));
        for counted in [vec![("pets".to_owned(), 3), ("visits".to_owned(), 1)], vec![("pets".to_owned(), -1)]] {
            rows.add(counted).await.unwrap();
        }
        let (columns, filter) = (&["name", "count"], RowFilter::All);
        let counted = Selection { table: &COUNTS, columns, filter, order: RowOrder::By("name") };
        said.push(format!("{:?}", rows.select(counted).await.unwrap()));
        let filters = [
            RowFilter::All,
            RowFilter::Equal("owner", "x".into()),
            RowFilter::Equal("owner", SqlValue::Text(None)),
            RowFilter::AtMost("age", 7),
            RowFilter::Among(&["name"], vec![vec!["bob".into()], vec!["cid".into()]]),
            RowFilter::Among(&["name", "owner"], vec![vec!["ada".into(), "x".into()], vec!["cid".into(), "x".into()]]),
            RowFilter::Among(&["name"], Vec::new()),
        ];
        for filter in filters {
            let orders: &[_] = match &filter {
                RowFilter::Among(..) => &[RowOrder::Any],
                _ => &[RowOrder::By("name"), RowOrder::Last("name")],
            };
            for order in orders.iter().copied() {
                let columns = &["name", "born", "age", "owner", "colour"];
                let selection = Selection { table: &PETS, columns, filter: filter.clone(), order };
                said.push(format!("{:?}", rows.select(selection).await.unwrap()));
            }
        }
        said
    }

    #[tokio::test]
    async fn rows_in_memory_are_what_a_database_would_hold() {
        let (mut memory, mut connection) = (MemoryRows::default(), database().await);
        let database = lived(&mut SqlRows::new(&mut connection)).await;
        assert_eq!(lived(&mut memory).await, database);
        assert!(database.iter().any(|said| said.contains("red")) && database.contains(&"false".to_owned()));
    }
}
