//! What everything is drawn on: a width, a clock, and the three shapes: fields, table, bar.

use crate::escape;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use primitives::{Amount, Timestamp};
use std::io::IsTerminal;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use unicode_width::UnicodeWidthStr;

/// What a table falls back to when standard output is no terminal: everything on one line, nothing shortened.
const UNBOUNDED: u16 = u16::MAX;
/// Columns between two columns of a table.
const GAP: u16 = 2;
/// The narrowest column that a sentence is read in.
const READABLE: usize = 20;
/// A screen of fewer columns has no room for a bar and what it says beside each other.
const NARROW: u16 = 60;
/// The characters of a name where there is little room.
const NAME: usize = 20;
/// The cells of a bar.
const BAR: usize = 18;

/// Where text is shown.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Columns.
    pub width: u16,
    /// The time on this machine, which estimates are related to.
    pub now: SystemTime,
}

/// One cell of a table. Text is escaped when it is drawn.
#[derive(Debug, Clone)]
pub enum TableCell {
    /// Words, on the left.
    Text(String),
    /// A number, on the right.
    Number(String),
    /// A hash or key, shortened when the table does not fit otherwise.
    Hash(String),
    /// A key behind the name that its account has given itself, both shortened when the table does not fit otherwise.
    Account {
        /// The name.
        name: String,
        /// The key.
        key: String,
    },
}

impl TableCell {
    /// Words.
    pub fn text(value: impl ToString) -> Self {
        TableCell::Text(value.to_string())
    }
    /// A number.
    pub fn number(value: impl ToString) -> Self {
        TableCell::Number(value.to_string())
    }
    /// A hash or key.
    pub fn hash(value: impl ToString) -> Self {
        TableCell::Hash(value.to_string())
    }

    fn drawn(&self, shortened: bool) -> comfy_table::Cell {
        match self {
            TableCell::Text(text) => comfy_table::Cell::new(escape::line(text)),
            TableCell::Number(text) => comfy_table::Cell::new(escape::line(text)).set_alignment(CellAlignment::Right),
            TableCell::Hash(_) | TableCell::Account { .. } if shortened => {
                comfy_table::Cell::new(escape::line(&self.shortened()))
            }
            TableCell::Hash(text) => comfy_table::Cell::new(escape::line(text)),
            TableCell::Account { name, key } => comfy_table::Cell::new(escape::line(&format!("{name} ({key})"))),
        }
    }

    /// What it says, with little room. Not yet escaped.
    fn shortened(&self) -> String {
        match self {
            TableCell::Hash(text) => short(text),
            TableCell::Account { name, key } => format!("{} ({})", cut(name), short(key)),
            TableCell::Text(text) | TableCell::Number(text) => text.clone(),
        }
    }
}

impl Screen {
    /// The terminal that standard output is.
    pub fn of_stdout() -> Self {
        let size = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        Self { width: size.map_or(UNBOUNDED, |(width, _)| width.0), now: SystemTime::now() }
    }

    /// Labels and values, one pair to a line; values may have several lines.
    pub fn fields(&self, pairs: &[(&str, String)]) -> String {
        let mut table = self.empty();
        for (label, value) in pairs {
            table.add_row([*label, &escape::lines(value)]);
        }
        self.finished(table)
    }

    /// A table with a header line; says `none` when there are no rows.
    pub fn table(&self, header: &[&str], rows: &[Vec<TableCell>], none: &str) -> String {
        if rows.is_empty() {
            return self.line(none);
        }
        let full = self.drawn(header, rows, false, UNBOUNDED);
        if self.fits(&full) {
            return full;
        }
        if least(header, rows) <= usize::from(self.width) {
            return self.drawn(header, rows, true, self.width);
        }
        self.cards(header, rows)
    }

    /// Every row for itself, where columns have no room beside each other.
    fn cards(&self, header: &[&str], rows: &[Vec<TableCell>]) -> String {
        let card = |row: &Vec<TableCell>| {
            // What one cell says stays one line, which cannot look like the next field.
            let values = row.iter().map(|cell| escape::line(&cell.shortened()));
            let pairs: Vec<(&str, String)> = header.iter().copied().zip(values).collect();
            self.fields(&pairs)
        };
        rows.iter().map(card).collect::<Vec<_>>().join("\n")
    }

    fn fits(&self, text: &str) -> bool {
        text.lines().all(|line| line.width() <= usize::from(self.width))
    }

    /// Whether what stands beside a bar goes below it.
    pub fn is_narrow(&self) -> bool {
        self.width < NARROW
    }

    /// One sentence, broken where the screen ends.
    pub fn line(&self, text: &str) -> String {
        let mut table = self.empty();
        table.add_row([escape::lines(text)]);
        self.finished(table)
    }

    fn drawn(&self, header: &[&str], rows: &[Vec<TableCell>], shortened: bool, width: u16) -> String {
        let kinds = rows.first().map(Vec::as_slice).unwrap_or_default();
        let mut table = self.empty();
        table.set_width(width);
        table.set_header(header.iter().zip(kinds).map(|(title, kind)| {
            let right = matches!(kind, TableCell::Number(_));
            let alignment = if right { CellAlignment::Right } else { CellAlignment::Left };
            comfy_table::Cell::new(title).set_alignment(alignment)
        }));
        for row in rows {
            table.add_row(row.iter().map(|cell| cell.drawn(shortened)));
        }
        // Only words are broken over lines.
        let unbroken = kinds.iter().map(|kind| !matches!(kind, TableCell::Text(_)));
        for (column, _) in table.column_iter_mut().zip(unbroken).filter(|(_, unbroken)| *unbroken) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        self.finished(table)
    }

    fn empty(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(self.width);
        table
    }

    fn finished(&self, mut table: Table) -> String {
        let last = table.column_count().saturating_sub(1);
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if index == last { 0 } else { GAP }));
        }
        table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// A moment of the chain, and how far it is from now.
    pub fn time(&self, at: Timestamp) -> String {
        let Some(time) = instant(at) else { return date(at) };
        let date = date(at);
        let distance = |span: Duration| {
            let text = humantime::format_duration(Duration::from_secs(span.as_secs())).to_string();
            text.split(' ').take(2).collect::<Vec<_>>().join(" ")
        };
        match time.duration_since(self.now) {
            Ok(ahead) if ahead.as_secs() == 0 => format!("{date} (now)"),
            Ok(ahead) => format!("{date} (in {})", distance(ahead)),
            Err(behind) => format!("{date} ({} ago)", distance(behind.duration())),
        }
    }
}

/// The columns that a table needs before words are broken or sentences become columns of words.
fn least(header: &[&str], rows: &[Vec<TableCell>]) -> usize {
    let gap = usize::from(GAP);
    let cell = |cell: &TableCell| match cell {
        TableCell::Text(text) => escape::line(text).width().min(READABLE),
        _ => escape::line(&cell.shortened()).width(),
    };
    let column = |index: usize, title: &str| {
        rows.iter().filter_map(|row| row.get(index)).map(cell).fold(title.width(), usize::max)
    };
    header.iter().enumerate().map(|(index, title)| column(index, title) + gap).sum::<usize>().saturating_sub(gap)
}

/// A moment of the chain in UTC.
pub fn date(at: Timestamp) -> String {
    instant(at).map_or_else(|| format!("{at} ms"), date_of)
}

/// A moment of this machine in UTC.
pub fn date_of(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string().replace('T', " ").replace('Z', " UTC")
}

/// None after the year 9999, which has no format and which only a broken node names.
fn instant(at: Timestamp) -> Option<SystemTime> {
    (at.0 < 253_402_300_800_000).then_some(UNIX_EPOCH + Duration::from_millis(at.0))
}

/// The first eight characters and the last four.
pub fn short(hash: &str) -> String {
    let length = hash.chars().count();
    if length <= 13 {
        return hash.into();
    }
    hash.chars().take(8).chain(std::iter::once('…')).chain(hash.chars().skip(length - 4)).collect()
}

/// As much of a name as tells it from most others; its key stands beside it.
fn cut(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.into();
    }
    name.chars().take(NAME - 1).chain(std::iter::once('…')).collect()
}

/// An amount with its thousands apart.
pub fn grouped(amount: Amount) -> String {
    amount.grouped()
}

/// A share of a whole in percent, to one digit, rounded down: a threshold never seems met before it is.
pub fn percent(part: Amount, whole: Amount) -> String {
    if whole == Amount::ZERO {
        return "-".into();
    }
    let tenths = u128::from(part.0) * 1000 / u128::from(whole.0);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// A bar of `part` of `whole`, with a mark where `need` lies.
pub fn bar(part: Amount, need: Amount, whole: Amount) -> String {
    let at = |amount: Amount| {
        let cells = u128::from(amount.0.min(whole.0)) * BAR as u128 / u128::from(whole.0.max(1));
        usize::try_from(cells).unwrap_or(BAR)
    };
    let (filled, mark) = (at(part), at(need));
    let drawn: String = (0..BAR).map(|cell| if cell < filled { '#' } else { '.' }).collect();
    let (before, after) = drawn.split_at(mark);
    if need == Amount::ZERO { format!("[{drawn}]") } else { format!("[{before}|{after}]") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(width: u16) -> Screen {
        Screen { width, now: UNIX_EPOCH + Duration::from_secs(1_700_000_000) }
    }

    #[test]
    fn bars_and_shares_are_exact_at_the_ends() {
        assert_eq!(bar(Amount(0), Amount(0), Amount(4)), "[..................]");
        assert_eq!(bar(Amount(2), Amount(1), Amount(4)), "[####|#####.........]");
        assert_eq!(bar(Amount(4), Amount(4), Amount(4)), "[##################|]");
        assert_eq!(bar(Amount(9), Amount(9), Amount(0)), "[|..................]");
        assert_eq!(percent(Amount(2), Amount(3)), "66.6 %");
        assert_eq!(percent(Amount(u64::MAX), Amount(u64::MAX)), "100.0 %");
        assert_eq!(percent(Amount(1), Amount(0)), "-");
        assert_eq!(grouped(Amount(1_234_567)), "1,234,567");
        assert_eq!(grouped(Amount(123)), "123");
    }

    #[test]
    fn a_table_shortens_hashes_before_it_wraps_words() {
        let row = vec![TableCell::number(7), TableCell::hash("ab".repeat(32)), TableCell::text("some words")];
        let wide = screen(100).table(&["ID", "RELEASE", "NOTE"], std::slice::from_ref(&row), "none");
        assert!(wide.contains(&"ab".repeat(32)));
        let narrow = screen(60).table(&["ID", "RELEASE", "NOTE"], &[row], "none");
        assert!(narrow.contains("abababab…abab  some words"), "{narrow}");
        assert_eq!(screen(60).table(&["ID"], &[], "no proposals"), "no proposals\n");
    }

    #[test]
    fn rows_stand_below_each_other_where_columns_have_no_room() {
        let row = |id| {
            vec![
                TableCell::number(id),
                TableCell::hash("ab".repeat(32)),
                TableCell::number("1,000,000"),
                TableCell::text("日本語"),
            ]
        };
        let header = ["PROPOSAL", "RELEASE", "STAKE", "NOTE"];
        let narrow = screen(30).table(&header, &[row(7), row(8)], "none");
        assert!(narrow.starts_with("PROPOSAL  7\nRELEASE   abababab…abab\nSTAKE     1,000,000\n"), "{narrow}");
        assert_eq!(narrow.lines().filter(|line| line.is_empty()).count(), 1, "{narrow}");
        assert!(screen(50).table(&header, &[row(7)], "none").starts_with("PROPOSAL  RELEASE"));
        let hostile =
            [TableCell::number(7), TableCell::text("no\nSTAKE  9,000,000"), TableCell::text("x".repeat(20))].to_vec();
        let cards = screen(30).table(&["ID", "REASON", "MORE"], &[hostile], "none");
        assert_eq!(cards.lines().count(), 3, "{cards}");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let row = vec![TableCell::number(7), TableCell::text("日本語".repeat(10))];
        let drawn = screen(40).table(&["ID", "REASON"], &[row], "none");
        assert!(drawn.lines().count() > 2 && drawn.lines().all(|line| line.width() <= 40), "{drawn}");
    }

    #[test]
    fn no_line_is_wider_than_the_screen() {
        let row = vec![TableCell::hash("ab".repeat(32)), TableCell::text("a reason of many words ".repeat(20))];
        let table = screen(60).table(&["VOTER", "REASON"], &[row], "none");
        assert!(table.lines().all(|line| line.chars().count() <= 60), "{table}");
        let fields = screen(60).fields(&[("Reason", "many words ".repeat(20))]);
        assert!(fields.lines().count() > 3 && fields.lines().all(|line| line.chars().count() <= 60), "{fields}");
    }

    #[test]
    fn nothing_hostile_passes() {
        let drawn = screen(80).fields(&[("Notes", "a\n\x1b[2Jb".into())])
            + &screen(80).table(&["X"], &[vec![TableCell::text("\x1b[2J\n\u{202e}")]], "");
        assert!(!drawn.contains(['\x1b', '\u{202e}']), "{drawn:?}");
    }

    #[test]
    fn times_say_how_far_they_are() {
        assert_eq!(screen(80).time(Timestamp(1_700_000_065_000)), "2023-11-14 22:14:25 UTC (in 1m 5s)");
        assert_eq!(screen(80).time(Timestamp(1_699_990_000_000)), "2023-11-14 19:26:40 UTC (2h 46m ago)");
        assert_eq!(screen(80).time(Timestamp(u64::MAX)), format!("{} ms", u64::MAX));
    }
}
