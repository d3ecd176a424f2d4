//! Tables as they are written, and rows that are written together: one statement for many, the same for both databases.

use super::rows::IndexRows;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, SqlSafeStr};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A table, as far as writing to it goes.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns that are written; those of the key first.
    pub columns: &'static [&'static str],
    /// How many of them are the key. A row whose key is there replaces it; 0 stands for rows that must be new.
    pub key: usize,
    /// How many of the columns behind those of the key stay as they were first written: what never changes, so that no index of it is
    /// written again either.
    pub kept: usize,
}

/// Declares tables: a constant each, with its name, how many of its columns are the key, the columns that are written, and how many of
/// those behind the key stay as they were first written.
macro_rules! tables {
    ($($(#[$doc:meta])* $constant:ident =
        $name:literal, $key:literal of [$($column:literal),+] $(keeping $kept:literal)?;)+) => {
        $($(#[$doc])* pub const $constant: $crate::store::table::Table =
            $crate::store::table::Table { name: $name, columns: &[$($column),+], key: $key, kept: 0 $(+ $kept)? };)+
    };
}
pub(crate) use tables;

tables! {
    /// Where the index stands, what it was begun with, and the last of what there is one of.
    META = "meta", 1 of ["name", "value"];
    /// Totals by name.
    COUNTS = "counts", 1 of ["name", "count"];
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SqlValue {
    /// A number.
    Int(Option<i64>),
    /// A text.
    Text(Option<String>),
}

/// One row, in the order of the table's columns.
pub type Row = Vec<SqlValue>;

/// The sizes of statements: few, so that each is prepared once.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

/// A number as the databases have it: what does not fit is as large as can be.
pub fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number from a database; what was stored was not negative.
pub fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl SqlValue {
    /// The number that it is; none for a text, and for what is not there.
    pub fn number(&self) -> Option<i64> {
        match self {
            SqlValue::Int(number) => *number,
            SqlValue::Text(_) => None,
        }
    }

    /// The text that it is; none for a number, and for what is not there.
    pub fn text(&self) -> Option<&str> {
        match self {
            SqlValue::Int(_) => None,
            SqlValue::Text(text) => text.as_deref(),
        }
    }
}

impl From<u64> for SqlValue {
    fn from(number: u64) -> Self {
        SqlValue::Int(Some(int(number)))
    }
}

impl From<Option<u64>> for SqlValue {
    fn from(number: Option<u64>) -> Self {
        SqlValue::Int(number.map(int))
    }
}

impl From<bool> for SqlValue {
    fn from(yes: bool) -> Self {
        SqlValue::Int(Some(yes.into()))
    }
}

impl From<String> for SqlValue {
    /// Strangers write what they like into versions and reasons, and PostgreSQL keeps no text with a zero in it: the sign for
    /// what cannot be shown takes its place. The fact itself, as JSON, keeps it.
    fn from(text: String) -> Self {
        SqlValue::Text(Some(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }))
    }
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Option<String>> for SqlValue {
    fn from(text: Option<String>) -> Self {
        text.map_or(SqlValue::Text(None), SqlValue::from)
    }
}

/// A statement. SQLite keeps it prepared; of a server, nothing is kept in a session, which a pooler gives to others between two
/// transactions.
pub fn sql<'q>(connection: &AnyConnection, statement: impl SqlSafeStr) -> Query<'q, Any, AnyArguments> {
    sqlx::query(statement).persistent(is_file(connection))
}

/// Whether the database is a file of this program's.
pub fn is_file(connection: &AnyConnection) -> bool {
    connection.backend_name() == "SQLite"
}

/// Binds one value.
pub fn bind<'q>(query: Query<'q, Any, AnyArguments>, cell: SqlValue) -> Query<'q, Any, AnyArguments> {
    match cell {
        SqlValue::Int(number) => query.bind(number),
        SqlValue::Text(text) => query.bind(text),
    }
}

/// `($1,$2),($3,$4)`: so many rows of so many values. SQLite, which looks numbered places up one by one, gets `(?,?),(?,?)`.
pub fn values(connection: &AnyConnection, rows: usize, columns: usize) -> String {
    if is_file(connection) {
        let row = format!("({})", vec!["?"; columns].join(","));
        return vec![row.as_str(); rows].join(",");
    }
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

/// Cuts a number of rows into statements of few sizes: gives the sizes.
pub fn statements(mut rows: usize) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rows)?;
        rows -= size;
        Some(size)
    })
}

impl Table {
    /// The statement that writes so many rows.
    pub(super) fn insert(&self, connection: &AnyConnection, rows: usize) -> String {
        let Table { name, columns, key, kept } = self;
        let values = values(connection, rows, columns.len());
        let insert = format!("INSERT INTO {name} ({}) VALUES {values}", columns.join(","));
        if *key == 0 {
            return insert;
        }
        let (key, rest) = columns.split_at(*key);
        let set: Vec<String> = rest.iter().skip(*kept).map(|column| format!("{column}=excluded.{column}")).collect();
        let then = if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(",")) };
        format!("{insert} ON CONFLICT ({}) DO {then}", key.join(","))
    }

    /// The statement that sets columns of so many rows. The first column says which rows.
    pub(super) fn update(&self, connection: &AnyConnection, columns: &[&str], rows: usize) -> String {
        let (name, by) = (self.name, columns.first().copied().unwrap_or_default());
        let set: Vec<String> =
            (1..).zip(columns).skip(1).map(|(place, column)| format!("{column}=v.column{place}")).collect();
        let values = values(connection, rows, columns.len());
        format!("UPDATE {name} SET {} FROM (VALUES {values}) AS v WHERE {name}.{by}=v.column1", set.join(","))
    }
}

/// Rows that wait to be written, by table.
#[derive(Debug, Default)]
pub struct Pending {
    tables: BTreeMap<&'static str, Waiting>,
    /// How much text was put into them, in bytes.
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    table: &'static Table,
    /// By key, because one statement may not write a row twice; new rows by their place.
    rows: BTreeMap<Row, Row>,
}

impl Waiting {
    async fn write(self, rows: &mut dyn IndexRows) -> sqlx::Result<()> {
        rows.insert(self.table, self.rows.into_values().collect()).await
    }
}

impl Pending {
    /// Has a row written; a later one with the same key takes its place, but for what is kept.
    pub fn put(&mut self, table: &'static Table, row: Row) {
        let waiting = self.tables.entry(table.name).or_insert_with(|| Waiting { table, rows: BTreeMap::new() });
        let key = match table.key {
            0 => vec![SqlValue::from(waiting.rows.len() as u64)],
            key => row.iter().take(key).cloned().collect(),
        };
        self.bytes += row.iter().filter_map(SqlValue::text).map(str::len).sum::<usize>();
        match waiting.rows.entry(key) {
            Entry::Vacant(place) => {
                place.insert(row);
            }
            Entry::Occupied(mut there) => {
                let kept = table.key + table.kept;
                there.get_mut().truncate(kept);
                there.get_mut().extend(row.into_iter().skip(kept));
            }
        }
    }

    /// How much text was put into the rows, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Writes what waits of one table: before it is asked, or changed otherwise.
    ///
    /// # Errors
    /// The database refuses, such as a row that must be new and is there.
    pub async fn flush_table(&mut self, rows: &mut dyn IndexRows, table: &Table) -> sqlx::Result<()> {
        match self.tables.remove(table.name) {
            Some(waiting) => waiting.write(rows).await,
            None => Ok(()),
        }
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// The database refuses, such as a row that must be new and is there.
    pub async fn flush(&mut self, rows: &mut dyn IndexRows) -> sqlx::Result<()> {
        for (_, waiting) in std::mem::take(&mut self.tables) {
            waiting.write(rows).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_take_few_statements_of_few_sizes() {
        let sizes: Vec<usize> = statements(599).collect();
        assert_eq!(sizes, [256, 256, 64, 16, 4, 1, 1, 1]);
        assert_eq!(statements(0).count(), 0);
    }

    async fn file() -> AnyConnection {
        sqlx::any::install_default_drivers();
        <AnyConnection as sqlx::Connection>::connect("sqlite::memory:").await.unwrap()
    }

    #[tokio::test]
    async fn places_are_in_the_words_of_the_database() {
        assert_eq!(values(&file().await, 2, 3), "(?,?,?),(?,?,?)");
    }

    tables! {
        /// Rows whose number never changes.
        GUESTS = "guests", 1 of ["name", "number", "said"] keeping 1;
        /// Rows that are there, or not.
        WORDS = "words", 1 of ["word", "first"] keeping 1;
    }

    #[tokio::test]
    async fn what_is_kept_is_not_set_again() {
        let connection = file().await;
        let guests =
            "INSERT INTO guests (name,number,said) VALUES (?,?,?) ON CONFLICT (name) DO UPDATE SET said=excluded.said";
        assert_eq!(GUESTS.insert(&connection, 1), guests);
        let words = "INSERT INTO words (word,first) VALUES (?,?) ON CONFLICT (word) DO NOTHING";
        assert_eq!(WORDS.insert(&connection, 1), words);
    }

    #[test]
    fn what_is_kept_is_what_came_first_also_where_both_wait() {
        let mut pending = Pending::default();
        for (number, said) in [(7_u64, "hello"), (8, "bye")] {
            pending.put(&GUESTS, vec!["ada".into(), number.into(), said.into()]);
        }
        let rows: Vec<Row> = pending.tables.into_values().flat_map(|waiting| waiting.rows.into_values()).collect();
        let expected: Row = vec!["ada".into(), 7_u64.into(), "bye".into()];
        assert_eq!(rows, [expected]);
    }

    #[test]
    fn what_waits_is_as_much_as_the_texts_in_it() {
        let mut pending = Pending::default();
        pending.put(&GUESTS, vec!["ada".into(), 7_u64.into(), "hello".into()]);
        pending.put(&WORDS, vec!["hi".into(), 1_u64.into()]);
        assert_eq!(pending.bytes(), 10);
    }

    #[test]
    fn no_text_has_a_zero() {
        assert_eq!(SqlValue::from("a\0b"), SqlValue::Text(Some("a\u{fffd}b".into())));
        assert_eq!(SqlValue::from(None::<String>), SqlValue::Text(None));
    }

    #[test]
    fn numbers_out_of_range_are_as_large_as_can_be() {
        assert_eq!((int(u64::MAX), int(7)), (i64::MAX, 7));
        assert_eq!((natural(-1), natural(7)), (0, 7));
    }
}
