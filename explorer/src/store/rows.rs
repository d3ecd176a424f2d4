//! The rows of an index as a fold reads and writes them: in a database, or in memory where a fold is tested.

use super::table::{Row, SqlValue, Table, bind, sql, statements, values};
use futures::future::BoxFuture;
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{AnyConnection, AssertSqlSafe, Row as _, ValueRef as _};

/// Which rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFilter {
    /// All of them.
    All,
    /// Those with this value in a column.
    Equal(&'static str, SqlValue),
    /// Those with this or less in a column.
    AtMost(&'static str, u64),
    /// Those with one of some combinations of values in these columns, in any order: many of them are several statements.
    Among(&'static [&'static str], Vec<Row>),
}

/// In which order, and whether all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrder {
    /// Any.
    Any,
    /// By a column.
    By(&'static str),
    /// Only the one with the most in a column, in which every row has something.
    Last(&'static str),
}

/// A question of a fold to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The table.
    pub table: &'static Table,
    /// What is asked of each row.
    pub columns: &'static [&'static str],
    /// Which rows.
    pub filter: RowFilter,
    /// In which order.
    pub order: RowOrder,
}

/// The rows of an index, as one block changes them.
pub trait IndexRows: Send {
    /// Writes rows of a table; one whose key is there replaces what it says of its columns.
    fn insert(&mut self, table: &'static Table, rows: Vec<Row>) -> BoxFuture<'_, sqlx::Result<()>>;

    /// The rows that are asked for. What is not there is no number and no text.
    fn select(&mut self, selection: Selection) -> BoxFuture<'_, sqlx::Result<Vec<Row>>>;

    /// Adds to totals by their names, each of which is there once; what was not counted yet begins at zero.
    fn add(&mut self, counted: Vec<(String, i64)>) -> BoxFuture<'_, sqlx::Result<()>>;

    /// Sets columns of rows that are there: the first column says which. Gives how many rows that were.
    fn update(
        &mut self,
        table: &'static Table,
        columns: &'static [&'static str],
        rows: Vec<Row>,
    ) -> BoxFuture<'_, sqlx::Result<u64>>;
}

/// The rows of a database.
pub struct SqlRows<'c>(&'c mut AnyConnection);

impl<'c> SqlRows<'c> {
    /// The rows behind a connection.
    pub fn new(connection: &'c mut AnyConnection) -> Self {
        Self(connection)
    }
}

impl IndexRows for SqlRows<'_> {
    fn insert(&mut self, table: &'static Table, rows: Vec<Row>) -> BoxFuture<'_, sqlx::Result<()>> {
        Box::pin(async move {
            let (sizes, mut rows) = (statements(rows.len()), rows.into_iter());
            for size in sizes {
                let insert = sql(self.0, AssertSqlSafe(table.insert(self.0, size)));
                let query = rows.by_ref().take(size).flatten().fold(insert, bind);
                query.execute(&mut *self.0).await?;
            }
            Ok(())
        })
    }

    fn select(&mut self, selection: Selection) -> BoxFuture<'_, sqlx::Result<Vec<Row>>> {
        Box::pin(async move {
            let (keys, mut found) = (selection.filter.keys(), Vec::new());
            let (sizes, mut keys) = (statements(keys.len()), keys.into_iter());
            for size in sizes {
                let select = sql(self.0, AssertSqlSafe(selection.sql(self.0, size)));
                let query = keys.by_ref().take(size).flatten().fold(select, bind);
                for row in query.fetch_all(&mut *self.0).await? {
                    let values = (0..selection.columns.len()).map(|place| value(&row, place));
                    found.push(values.collect::<sqlx::Result<Row>>()?);
                }
            }
            Ok(found)
        })
    }

    fn add(&mut self, counted: Vec<(String, i64)>) -> BoxFuture<'_, sqlx::Result<()>> {
        Box::pin(async move {
            let (sizes, mut counted) = (statements(counted.len()), counted.into_iter());
            for size in sizes {
                let add = format!(
                    "INSERT INTO counts (name, count) VALUES {} \
                     ON CONFLICT (name) DO UPDATE SET count=counts.count+excluded.count",
                    values(self.0, size, 2)
                );
                let add = sql(self.0, AssertSqlSafe(add));
                let query = counted.by_ref().take(size).fold(add, |query, (name, more)| query.bind(name).bind(more));
                query.execute(&mut *self.0).await?;
            }
            Ok(())
        })
    }

    fn update(
        &mut self,
        table: &'static Table,
        columns: &'static [&'static str],
        rows: Vec<Row>,
    ) -> BoxFuture<'_, sqlx::Result<u64>> {
        Box::pin(async move {
            let mut changed = 0;
            let (sizes, mut rows) = (statements(rows.len()), rows.into_iter());
            for size in sizes {
                let update = sql(self.0, AssertSqlSafe(table.update(self.0, columns, size)));
                let query = rows.by_ref().take(size).flatten().fold(update, bind);
                changed += query.execute(&mut *self.0).await?.rows_affected();
            }
            Ok(changed)
        })
    }
}

impl RowFilter {
    /// What is bound to a statement: a row for each combination that is asked for, and one row where there are none.
    fn keys(&self) -> Vec<Row> {
        match self {
            RowFilter::All => vec![Vec::new()],
            RowFilter::Equal(_, value) => vec![vec![value.clone()]],
            RowFilter::AtMost(_, number) => vec![vec![(*number).into()]],
            RowFilter::Among(_, keys) => keys.clone(),
        }
    }
}

impl Selection {
    /// The statement for so many combinations.
    fn sql(&self, connection: &AnyConnection, keys: usize) -> String {
        debug_assert!(
            self.order == RowOrder::Any || !matches!(self.filter, RowFilter::Among(..)),
            "each of several statements would be in order for itself"
        );
        let condition = match &self.filter {
            RowFilter::All => String::new(),
            RowFilter::Equal(column, _) => format!(" WHERE {column}=$1"),
            RowFilter::AtMost(column, _) => format!(" WHERE {column}<=$1"),
            RowFilter::Among([column], _) => format!(" WHERE {column} IN {}", values(connection, 1, keys)),
            RowFilter::Among(columns, _) => {
                format!(" WHERE ({}) IN (VALUES {})", columns.join(","), values(connection, keys, columns.len()))
            }
        };
        let order = match self.order {
            RowOrder::Any => String::new(),
            RowOrder::By(column) => format!(" ORDER BY {column}"),
            RowOrder::Last(column) => format!(" ORDER BY {column} DESC LIMIT 1"),
        };
        format!("SELECT {} FROM {}{condition}{order}", self.columns.join(","), self.table.name)
    }
}

/// One value of a row. What is not there has no type in a database, and counts as a number that is not there.
fn value(row: &AnyRow, place: usize) -> sqlx::Result<SqlValue> {
    let kind = row.try_get_raw(place)?.type_info().kind();
    Ok(match kind {
        AnyTypeInfoKind::Null => SqlValue::Int(None),
        AnyTypeInfoKind::Text => SqlValue::Text(row.try_get(place)?),
        _ => SqlValue::Int(row.try_get(place)?),
    })
}
