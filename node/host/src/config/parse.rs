//! Reading the file: every mistake in it, in one error.
//!
//! Each key's value is tried alone on the defaults, so that one bad value does not hide the next.

use super::{Config, Home};
use profiles::strict::{UnreadableToml, WrittenValue, nearest};
use std::io;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {} cannot be read: {source}; {}", .path.display(), mended(.path, .source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file is not TOML, or larger or deeper than is read.
    #[error("{file} is not TOML; correct the file and start again: {reason}")]
    Syntax {
        /// The file.
        file: String,
        /// What the parser found, with the line.
        reason: String,
    },
    /// The file holds keys or values that mean nothing; all of them.
    #[error("{file} has {}", sentence(.mistakes))]
    Mistakes {
        /// The file.
        file: String,
        /// Every mistake in the order of the file; else, when each key alone is right, every conflict between keys.
        mistakes: Vec<ConfigMistake>,
    },
}

/// What to do about a configuration that cannot be read: `init` mends one that is missing in a home of its own.
fn mended(path: &Path, source: &io::Error) -> String {
    let home = path.ancestors().nth(2).unwrap_or(path);
    let first = Home::at(home.join("node0"));
    match source.kind() {
        io::ErrorKind::NotADirectory => format!("name a node's folder: {} is, or lies in, a file", home.display()),
        io::ErrorKind::NotFound if first.config().exists() => {
            let (home, first) = (home.display(), first.path().display());
            format!("{home} holds the homes of a network; name one of them, such as {first}")
        }
        io::ErrorKind::NotFound => "`the-block init` writes one".into(),
        _ => files::remedy(source).into(),
    }
}

/// One thing that is wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigMistake {
    /// There is no such key.
    #[error("line {line}: {key} is not a known key{}", instead(.nearest))]
    UnknownKey {
        /// Where it stands.
        line: usize,
        /// Its dotted path.
        key: String,
        /// The known key that is spelled most like it; none where it is too long to be one misspelled.
        nearest: Option<String>,
    },
    /// The key is known, the value is not possible.
    #[error("line {line}: {key} = {value} is not possible: {reason}")]
    InvalidValue {
        /// Where it stands.
        line: usize,
        /// Its dotted path.
        key: String,
        /// The value as written, shortened.
        value: String,
        /// What it should have been.
        reason: String,
    },
    /// Two keys, each possible, exclude each other.
    #[error("{first} and {second} both listen on {address}; give one of them another port")]
    SameAddress {
        /// A key.
        first: &'static str,
        /// Another key.
        second: &'static str,
        /// What both name.
        address: String,
    },
    /// A node with a validator's key takes strangers.
    #[error(
        "consensus.open = true is for nodes that decide nothing, and validator.key names a key: a validator takes configured peers \
         only; set consensus.open = false, or validator.key = \"\""
    )]
    OpenValidator,
}

/// What to do about a key that is not known, as the end of a sentence.
fn instead(nearest: &Option<String>) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean {nearest}?"),
        None => ", nor like one; leave it out".into(),
    }
}

fn sentence(mistakes: &[ConfigMistake]) -> String {
    let count = if mistakes.len() == 1 { "a mistake".into() } else { format!("{} mistakes", mistakes.len()) };
    let lines: String = mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect();
    format!("{count}; correct the file and start again:{lines}")
}

impl Config {
    /// Reads a home's configuration.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(home: &Home) -> Result<Self, ConfigError> {
        let path = home.config();
        match files::read_text(&path) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    /// Reads a configuration; `file` names it in errors.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`], or [`ConfigError::Mistakes`] with every mistake.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let file_of_keys =
            WrittenValue::parse(text).map_err(|e| ConfigError::Syntax { file: file.into(), reason: reason(&e) })?;
        let leaves = file_of_keys.leaves();
        let mut mistakes: Vec<ConfigMistake> = leaves.iter().filter_map(|leaf| mistake(leaf)).collect();
        // Every leaf is possible by now, and no two keys are read together, so the whole is.
        let config = if mistakes.is_empty() { with(&leaves).unwrap_or_default() } else { Self::default() };
        mistakes.extend(config.conflicts());
        if mistakes.is_empty() { Ok(config) } else { Err(ConfigError::Mistakes { file: file.into(), mistakes }) }
    }
}

/// Why a text is not read, with the line.
fn reason(error: &UnreadableToml) -> String {
    match error.line() {
        Some(line) => format!("line {line}: {error}"),
        None => error.to_string().trim_end().to_owned(),
    }
}

/// What is wrong with one `key = value` of the file, or with an empty section.
fn mistake(leaf: &WrittenValue) -> Option<ConfigMistake> {
    let defaults = defaults();
    let known = keys(&defaults);
    let (line, key) = (leaf.line, leaf.path.clone());
    let invalid =
        |reason: String| ConfigMistake::InvalidValue { line, key: key.clone(), value: leaf.written.clone(), reason };
    if defaults.contains_key(&key) {
        let reason = format!("{key} is a section; write [{key}] and its keys below");
        return (!leaf.value.is_table()).then(|| invalid(reason));
    }
    if !known.contains(&key) {
        let nearest = nearest(&key, known.iter().map(String::as_str)).map(str::to_owned);
        return Some(ConfigMistake::UnknownKey { line, key, nearest });
    }
    match with(&[leaf]) {
        Err(e) => Some(invalid(e.message().trim().replace('\n', " "))),
        Ok(config) => config.out_of_bounds().into_iter().find(|(at, _)| *at == key).map(|(_, why)| invalid(why)),
    }
}

/// The defaults with some keys replaced.
fn with(leaves: &[&WrittenValue]) -> Result<Config, toml::de::Error> {
    let mut table = defaults();
    for leaf in leaves {
        let section = leaf.path.split_once('.').and_then(|(section, key)| Some((table.get_mut(section)?, key)));
        if let Some((Value::Table(section), key)) = section {
            section.insert(key.into(), leaf.value.clone());
        }
    }
    table.try_into()
}

/// The default configuration as sections of keys.
pub(super) fn defaults() -> Table {
    table_of(&Config::default())
}

/// A configuration as sections of keys.
pub(super) fn table_of(config: &Config) -> Table {
    Table::try_from(config).expect("every field of a configuration has a TOML form; tested")
}

/// The dotted paths of a table of sections.
pub(super) fn keys(table: &Table) -> Vec<String> {
    let of_section = |(section, keys): (&String, &Value)| -> Vec<String> {
        keys.as_table().into_iter().flat_map(Table::keys).map(|key| format!("{section}.{key}")).collect()
    };
    table.iter().flat_map(of_section).collect()
}
