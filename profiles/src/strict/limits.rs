//! How large a TOML file may be, how deep it may nest, and how long its paths may be.
//!
//! A value is held with its whole path and with a copy of all that is in it, and so are the mistakes that are told of it. What a file
//! costs at most therefore follows from all three: with [`MOST_BYTES`] there are half a million values, each has at most
//! [`MOST_PATH`] bytes of path, and each is copied once for each of at most [`MOST_DEPTH`] levels.
//!
//! The parser has a limit of its own, of 80 brackets and of 80 parts of a key; a key of 80 parts behind each bracket makes 6,400
//! levels of a file of 13 KB, and whatever walks or frees these goes a call deeper for each. So brackets and dots are counted in the
//! text, before it is parsed.

use super::lines::Lines;
use toml::de::{DeTable, DeValue};

/// The largest file that is read, in bytes; far above every profile, bundle, document and configuration there is.
pub const MOST_BYTES: usize = 1 << 20;
/// How many keys and places in lists lead to a value at most. The longest way that means something has seven:
/// `stage.NAME.steps[0].sets[0].segment`.
pub const MOST_DEPTH: usize = 16;
/// The longest path, in bytes. The longest that means something has less than 180: two names of 64 bytes, and the keys around them.
pub const MOST_PATH: usize = 256;

/// What a place in a list adds to a path at most, such as `[1048576]`.
const PLACE: usize = 9;
/// What a key adds to a path beside itself: a dot, and two quotes where it needs them.
const BESIDE_KEY: usize = 3;

/// Why a TOML file is not read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableToml {
    /// It is no TOML.
    #[error(transparent)]
    Syntax(#[from] toml::de::Error),
    /// It is too large.
    #[error("it has {bytes} bytes, and at most {} are read; leave something out", MOST_BYTES)]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// Something stands too deep.
    #[error("more than {} tables and lists stand in each other there; write what is in them further up", MOST_DEPTH)]
    TooDeep {
        /// The line, from 1, in which it does.
        line: usize,
    },
    /// The way to something is too long.
    #[error("what stands there has keys of more than {} bytes in front of it; shorten them", MOST_PATH)]
    PathTooLong {
        /// The line, from 1, in which it stands.
        line: usize,
    },
}

impl UnreadableToml {
    /// The line, from 1, that is too much; none where it is not one of them. What is no TOML says its own.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::TooDeep { line } | Self::PathTooLong { line } => Some(*line),
            Self::Syntax(_) | Self::TooLarge { .. } => None,
        }
    }
}

/// Whether a text can be parsed: it is no larger than that, and does not nest deeper by its brackets, or by the dots of one key.
pub(super) fn of_text(lines: &Lines<'_>) -> Result<(), UnreadableToml> {
    let bytes = lines.text.len();
    if bytes > MOST_BYTES {
        return Err(UnreadableToml::TooLarge { bytes });
    }
    match nested_too_deep(lines.text) {
        Some(at) => Err(UnreadableToml::TooDeep { line: lines.of_byte(at) }),
        None => Ok(()),
    }
}

/// Whether what was parsed can be held: nothing stands deeper, or has a longer path.
pub(super) fn of_tree(lines: &Lines<'_>, table: &DeTable<'_>) -> Result<(), UnreadableToml> {
    of_table(lines, &Way { line: 1, depth: 0, path: 0 }, table)
}

/// The way to a value.
struct Way {
    /// The line of its key; in a list, of the value.
    line: usize,
    /// How many keys and places in lists lead to it.
    depth: usize,
    /// How many bytes its path has at most.
    path: usize,
}

impl Way {
    /// The way to something in it, of which the key or the place has so many bytes.
    fn on(&self, line: usize, bytes: usize) -> Self {
        Self { line, depth: self.depth.saturating_add(1), path: self.path.saturating_add(bytes) }
    }
}

fn of_table(lines: &Lines<'_>, way: &Way, table: &DeTable<'_>) -> Result<(), UnreadableToml> {
    table.iter().try_for_each(|(key, value)| {
        let bytes = key.get_ref().len().saturating_add(BESIDE_KEY);
        of_value(lines, &way.on(lines.of_start(key), bytes), value.get_ref())
    })
}

fn of_value(lines: &Lines<'_>, way: &Way, value: &DeValue<'_>) -> Result<(), UnreadableToml> {
    let line = way.line;
    if way.depth > MOST_DEPTH {
        return Err(UnreadableToml::TooDeep { line });
    }
    if way.path > MOST_PATH {
        return Err(UnreadableToml::PathTooLong { line });
    }
    match value {
        DeValue::Table(table) => of_table(lines, way, table),
        DeValue::Array(items) => {
            items.iter().try_for_each(|item| of_value(lines, &way.on(lines.of_start(item), PLACE), item.get_ref()))
        }
        _ => Ok(()),
    }
}

/// The byte at which a text nests deeper than it may, as the parser would read it. What stands in texts and comments opens nothing,
/// and a bracket that closes another sort closes nothing, so that no error makes a file look flatter than it is taken for.
fn nested_too_deep(text: &str) -> Option<usize> {
    let (mut rest, mut open, mut dots) = (text, Vec::new(), 0_usize);
    while let Some(next) = rest.chars().next() {
        match next {
            '.' => dots = dots.saturating_add(1),
            // Each of these ends a key.
            '=' | ',' | '\n' | '[' | ']' | '{' | '}' => dots = 0,
            _ => {}
        }
        match next {
            '[' => open.push(']'),
            '{' => open.push('}'),
            _ if open.last() == Some(&next) => {
                open.pop();
            }
            _ => {}
        }
        if open.len().max(dots) > MOST_DEPTH {
            return Some(text.len().saturating_sub(rest.len()));
        }
        let length = match next {
            '#' => rest.find(['\r', '\n']).unwrap_or(rest.len()),
            '"' | '\'' => quoted(rest, next),
            other => other.len_utf8(),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    None
}

/// How many bytes a text between quotes has, which `rest` begins with. One that is not closed ends with its line; or with the file,
/// where it may have several lines.
fn quoted(rest: &str, quote: char) -> usize {
    let one = quote.to_string();
    let three = one.repeat(3);
    let is_long = rest.starts_with(&three);
    let mark = if is_long { three } else { one };
    let mut length = mark.len();
    while let Some(next) = rest.get(length..).and_then(|left| left.chars().next()) {
        let left = rest.get(length..).unwrap_or_default();
        if left.starts_with(&mark) {
            length = length.saturating_add(mark.len());
            // Up to two more of them belong to what is quoted.
            let behind = rest.get(length..).unwrap_or_default().chars().take(2);
            let own = if is_long { behind.take_while(|other| *other == quote).count() } else { 0 };
            return length.saturating_add(own);
        }
        if next == '\n' && !is_long {
            return length;
        }
        let is_escaped = quote == '"' && (left.starts_with("\\\\") || left.starts_with("\\\""));
        length = length.saturating_add(if is_escaped { 2 } else { next.len_utf8() });
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::super::WrittenValue;
    use super::*;
    use proptest::prelude::*;

    /// What is said of a text that is not read.
    fn refused(text: &str) -> UnreadableToml {
        WrittenValue::parse(text).unwrap_err()
    }

    fn too_deep_in(text: &str) -> Option<usize> {
        match refused(text) {
            UnreadableToml::TooDeep { line } => Some(line),
            _ => None,
        }
    }

    #[test]
    fn a_file_is_no_larger_than_a_mebibyte() {
        let comment = "#".repeat(MOST_BYTES);
        assert!(WrittenValue::parse(&comment).is_ok());
        let larger = refused(&format!("{comment}#"));
        assert!(matches!(larger, UnreadableToml::TooLarge { bytes } if bytes == MOST_BYTES + 1));
        assert!(larger.to_string().starts_with("it has 1048577 bytes, and at most 1048576 are read; "), "{larger}");
        assert_eq!(larger.line(), None);
    }

    #[test]
    fn nothing_stands_deeper_than_sixteen_levels_however_it_is_written() {
        let lists = |count: usize| format!("a = 1\nb = {}1{}", "[".repeat(count), "]".repeat(count));
        assert!(WrittenValue::parse(&lists(MOST_DEPTH - 1)).is_ok());
        for count in [MOST_DEPTH, MOST_DEPTH + 1, 79, 80, 81, 100_000] {
            assert_eq!(too_deep_in(&lists(count)), Some(2), "{count}");
        }
        let dotted = |parts: usize| format!("# a\n\n{}b = 1", "a.".repeat(parts - 1));
        assert!(WrittenValue::parse(&dotted(MOST_DEPTH)).is_ok());
        for parts in [MOST_DEPTH + 1, MOST_DEPTH + 2, 79, 100_000] {
            assert_eq!(too_deep_in(&dotted(parts)), Some(3), "{parts}");
        }
        let header = format!("[[{}a]]\n{}b = 1", "a . ".repeat(8), "'b' .\t".repeat(8));
        assert_eq!(too_deep_in(&header), Some(2), "a key adds to its table");
    }

    #[test]
    fn six_thousand_levels_of_a_short_file_reach_no_parser() {
        let level = format!("{{ {}a = ", "a.".repeat(78));
        let text = format!("x = {}1{}", level.repeat(80), "}".repeat(80));
        assert!(text.len() < 16 << 10);
        assert_eq!(too_deep_in(&text), Some(1));
        assert_eq!(too_deep_in(&text.replace('1', "= =")), Some(1), "nor where the file is no TOML either");
        assert_eq!(too_deep_in(&format!("x = {}", "[ }".repeat(17))), Some(1), "what is closed wrongly stays open");
    }

    #[test]
    fn brackets_and_dots_in_texts_and_comments_open_nothing() {
        let many = format!("{}{}{}", "[".repeat(20), "{".repeat(20), ".".repeat(20));
        for text in [
            format!("# {many}"),
            format!("a = \"{many}\""),
            format!("a = '{many}'"),
            format!("\"{many}\" = 1"),
            format!("a = \"\"\"\n{many}\"{many}\"\"{many}\n{many}\"\"\"\"\""),
            format!("a = '''\n{many}'{many}''{many}\\'''''"),
            format!("a = \"\\\"{many}\\\\\"\nb = \"\\\\\"\nc = '\\'"),
            format!("a = \"\"\"{many}\\\"\"\"{many}\\\\\"\"\""),
            format!("a = [\"\", '', \"\"\"\"\"\", '''''']\nb = \"{many}\""),
        ] {
            assert_eq!(nested_too_deep(&text), None, "{text}");
            WrittenValue::parse(&text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        }
        // Texts that are not closed end as the parser has it, so that nothing hides behind them.
        for start in ["a = \"", "a = '", "a = \"\\", "# \r"] {
            assert!(nested_too_deep(&format!("{start}\n{many}")).is_some(), "{start}");
        }
        assert!(nested_too_deep(&format!("# \r{many}")).is_some());
    }

    #[test]
    fn a_long_key_costs_its_length_once_and_not_for_each_value_below_it() {
        let values: String = (0..50_000).map(|number| format!("k{number} = 1\n")).collect();
        let text = format!("a = 1\n[{}]\n{values}", "k".repeat(400_000));
        let refusal = refused(&text);
        assert!(matches!(refusal, UnreadableToml::PathTooLong { line: 2 }), "{refusal}");
        assert_eq!((refusal.line(), refusal.to_string().contains("more than 256 bytes")), (Some(2), true));
        let of = |bytes: usize| WrittenValue::parse(&format!("{} = 1", "k".repeat(bytes)));
        assert!(of(MOST_PATH - BESIDE_KEY).is_ok());
        assert!(matches!(of(MOST_PATH), Err(UnreadableToml::PathTooLong { line: 1 })));
    }

    #[test]
    fn what_is_held_of_the_worst_file_is_bounded_by_its_length() {
        let deep: String = (1..MOST_DEPTH).map(|_| "0123456789ab.").collect();
        let values: String = (0..20_000).map(|number| format!("{number} = 1\n")).collect();
        let text = format!("[{}]\n{values}", deep.trim_end_matches('.'));
        let tree = WrittenValue::parse(&text).unwrap();
        let leaves = tree.leaves();
        assert_eq!(leaves.len(), 20_000);
        assert!(leaves.iter().all(|leaf| leaf.path.len() <= MOST_PATH));
    }

    proptest! {
        /// The depth, counted by another way: while the text is written, from the inside.
        #[test]
        fn what_is_read_is_what_nests_no_deeper_than_it_may(levels in prop::collection::vec(0_usize..5, 0..20)) {
            let (mut text, mut depth) = ("1".to_owned(), 1);
            for parts in levels {
                depth += parts.max(1);
                text = match parts {
                    0 => format!("[{text}]"),
                    parts => format!("{{ {}a = {text} }}", "b.".repeat(parts - 1)),
                };
            }
            match WrittenValue::parse(&format!("x = {text}")) {
                Ok(_) => prop_assert!(depth <= MOST_DEPTH, "{text}"),
                Err(refusal) => prop_assert!(depth > MOST_DEPTH && refusal.line() == Some(1), "{text}: {refusal}"),
            }
        }
    }
}
