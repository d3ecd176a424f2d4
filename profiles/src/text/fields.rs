//! Keys and values as TOML.

use crate::words::{Words, word};
use primitives::Name;
use std::fmt::Display;

/// Lines of a table, one for each key.
#[derive(Default)]
pub(super) struct Fields(String);

impl Fields {
    /// The lines.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Writes a key with a value that is TOML already.
    pub(super) fn set(&mut self, key: &str, value: impl Display) {
        self.line(&format!("{key} = {value}"));
    }

    /// A key that is written when there is something to write.
    pub(super) fn set_some(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    /// Yes; no is what is not written.
    pub(super) fn set_true(&mut self, key: &str, is_so: bool) {
        if is_so {
            self.set(key, true);
        }
    }

    /// A list that is written unless it is empty.
    pub(super) fn set_list(&mut self, key: &str, names: &[Name]) {
        if !names.is_empty() {
            self.set(key, list(names));
        }
    }

    /// A table of tables, a line for each.
    pub(super) fn table<'n>(&mut self, name: &str, rows: impl Iterator<Item = (&'n Name, Fields)>) {
        let mut rows = rows.peekable();
        if rows.peek().is_some() {
            self.line(&format!("\n[{name}]"));
        }
        for (name, fields) in rows {
            self.set(&key(name), fields.inline());
        }
    }

    /// The same within a line.
    pub(super) fn inline(&self) -> String {
        let fields: Vec<&str> = self.0.lines().collect();
        if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
    }
}

/// A text between quotes, in one line.
pub(super) fn quoted(text: impl Display) -> String {
    let mut quoted = String::from("\"");
    for c in text.to_string().chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

pub(super) fn list<T: Display>(items: &[T]) -> String {
    format!("[{}]", items.iter().map(quoted).collect::<Vec<_>>().join(", "))
}

pub(super) fn said<T: PartialEq>(words: &'static Words<T>, meant: &T) -> String {
    quoted(word(words, meant))
}

/// A name as a key: between quotes where it has a dot.
pub(super) fn key(name: &Name) -> String {
    if name.as_str().contains('.') { quoted(name) } else { name.to_string() }
}

/// A table within a line, from keys with values that are TOML already.
pub(super) fn pairs(pairs: impl Iterator<Item = (String, String)>) -> String {
    let mut fields = Fields::default();
    pairs.for_each(|(key, value)| fields.set(&key, value));
    fields.inline()
}

pub(super) fn tables(rows: impl Iterator<Item = Fields>) -> String {
    let rows: Vec<String> = rows.map(|row| format!("  {},\n", row.inline())).collect();
    if rows.is_empty() { "[]".into() } else { format!("[\n{}]", rows.concat()) }
}
