//! What a TOML file holds, with the place of every value.

use super::UnreadableToml;
use super::limits;
use super::lines::Lines;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// How many characters of a value are repeated in a sentence.
const SHOWN: usize = 80;

/// A value of a TOML file, with where it stands and what is in it. It has its whole path and a copy of all that is in it, so there are
/// [limits](UnreadableToml) to how large a file is, how deep it nests and how long a path becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenValue {
    /// Its dotted path, such as `checks."dev.ci_green".word`, with places in lists from 0 in brackets; empty for the whole file.
    pub path: String,
    /// The line of its key, from 1; in a list, of the value.
    pub line: usize,
    /// The value as written, in one line, of at most 80 characters.
    pub written: String,
    /// The value.
    pub value: Value,
    /// What is in it, in the order of the file, each with its key; in a list the keys are empty.
    children: Vec<(String, WrittenValue)>,
}

impl WrittenValue {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not TOML, and when it is too large, too deep or too long-winded; what it costs until then is bounded by its length.
    pub fn parse(text: &str) -> Result<Self, UnreadableToml> {
        let lines = Lines::of(text);
        limits::of_text(&lines)?;
        let spans = DeTable::parse(text)?;
        limits::of_tree(&lines, spans.get_ref())?;
        let values: Table = text.parse()?;
        let children = of_table(&lines, "", spans.get_ref(), &values);
        Ok(Self { path: String::new(), line: 1, written: String::new(), value: Value::Table(values), children })
    }

    /// What is in it, in the order of the file, each with its key; in a list the keys are empty.
    pub fn children(&self) -> impl Iterator<Item = (&str, &WrittenValue)> {
        self.children.iter().map(|(key, child)| (key.as_str(), child))
    }

    /// What is in it under a key.
    pub fn child(&self, key: &str) -> Option<&WrittenValue> {
        self.children().find(|(name, _)| *name == key).map(|(_, child)| child)
    }

    /// Every `key = value` in it, by lines: what is in tables, however deep, and tables that are empty. A list is one value.
    pub fn leaves(&self) -> Vec<&WrittenValue> {
        let mut leaves = Vec::new();
        self.collect(&mut leaves);
        leaves.sort_by_key(|leaf| leaf.line);
        leaves
    }

    fn collect<'t>(&'t self, leaves: &mut Vec<&'t WrittenValue>) {
        for (_, child) in self.children() {
            if child.value.is_table() && !child.children.is_empty() {
                child.collect(leaves);
            } else {
                leaves.push(child);
            }
        }
    }

    /// What stands at a path, or else what is there of the way to it.
    pub fn on_the_way_to(&self, path: &str) -> &WrittenValue {
        let next = self.children().find(|(_, child)| is_within(path, &child.path));
        next.map_or(self, |(_, child)| child.on_the_way_to(path))
    }
}

/// Whether a path is another one, or goes on from it.
fn is_within(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A key behind a path, between quotes where it has a character that a plain key has not.
pub(crate) fn joined(path: &str, key: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let key = if !key.is_empty() && key.bytes().all(is_plain) { key.to_owned() } else { format!("\"{key}\"") };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// Walks the spans (where a value stands) and the values (what it is) side by side.
fn of_value(lines: &Lines<'_>, path: String, line: usize, span: &Spanned<DeValue<'_>>, value: &Value) -> WrittenValue {
    let children = match (span.get_ref(), value) {
        (DeValue::Table(spans), Value::Table(values)) => of_table(lines, &path, spans, values),
        (DeValue::Array(spans), Value::Array(values)) => of_list(lines, &path, spans, values),
        _ => Vec::new(),
    };
    WrittenValue { path, line, written: written(lines.text, span), value: value.clone(), children }
}

fn of_table(lines: &Lines<'_>, path: &str, spans: &DeTable<'_>, values: &Table) -> Vec<(String, WrittenValue)> {
    let mut keys: Vec<_> = spans.iter().collect();
    // The table itself has its keys in another order, unless a feature of the parser is on that others may ask for.
    keys.sort_by_key(|(key, _)| key.span().start);
    let child = |(key, span): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        let name: &str = key.get_ref().as_ref();
        let child = of_value(lines, joined(path, name), lines.of_start(key), span, values.get(name)?);
        Some((name.to_owned(), child))
    };
    keys.into_iter().filter_map(child).collect()
}

fn of_list(
    lines: &Lines<'_>,
    path: &str,
    spans: &[Spanned<DeValue<'_>>],
    values: &[Value],
) -> Vec<(String, WrittenValue)> {
    let pairs = spans.iter().zip(values).enumerate();
    pairs
        .map(|(at, (span, value))| {
            (String::new(), of_value(lines, format!("{path}[{at}]"), lines.of_start(span), span, value))
        })
        .collect()
}

fn written<T>(text: &str, at: &Spanned<T>) -> String {
    let words: Vec<&str> = text.get(at.span()).unwrap_or_default().split_whitespace().collect();
    words.join(" ").chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
b = 1
[stage.two]
steps = [
  { key = \"x\" },
  { key = \"y\" },
]
[stage.one]
[[stages]]
name = \"q\"
[checks]
\"dev.ci\" = { word = { about = \"stage\" } }
";

    #[test]
    fn everything_has_its_path_and_line_and_comes_in_the_order_of_the_file() {
        let tree = WrittenValue::parse(TEXT).unwrap();
        let keys: Vec<&str> = tree.children().map(|(key, _)| key).collect();
        assert_eq!(keys, ["b", "stage", "stages", "checks"]);
        let stages: Vec<&str> = tree.child("stage").unwrap().children().map(|(key, _)| key).collect();
        assert_eq!(stages, ["two", "one"]);
        let found = tree.on_the_way_to("stage.two.steps[1].key");
        assert_eq!((found.path.as_str(), found.line, found.written.as_str()), ("stage.two.steps[1].key", 5, "\"y\""));
        let found = tree.on_the_way_to("checks.\"dev.ci\".word.predicate");
        assert_eq!((found.path.as_str(), found.line), ("checks.\"dev.ci\".word", 11));
        assert_eq!(tree.on_the_way_to("stages[0].name").line, 9);
        assert_eq!(tree.on_the_way_to("stagesx").path, "");
    }

    #[test]
    fn a_file_of_a_hundred_thousand_lines_has_each_at_its_line_in_a_moment() {
        let text: String = (1..=50_000).map(|number| format!("k{number} = [\n1]\n")).collect();
        let tree = WrittenValue::parse(&text).unwrap();
        let last = tree.child("k50000").unwrap().children().next().unwrap().1;
        assert_eq!((last.path.as_str(), last.line), ("k50000[0]", 100_000));
    }

    #[test]
    fn leaves_are_all_values_that_are_no_tables_with_something_in_them() {
        let tree = WrittenValue::parse(TEXT).unwrap();
        let leaves: Vec<&str> = tree.leaves().into_iter().map(|leaf| leaf.path.as_str()).collect();
        assert_eq!(leaves, ["b", "stage.two.steps", "stage.one", "stages", "checks.\"dev.ci\".word.about"]);
    }
}
