//! What is wrong with a profile, or with what it names: everything at once.

use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileMistake {
    /// The file, as it was named.
    pub file: String,
    /// Where it stands in the file, from 1; none for what stands nowhere, such as a file that is not there.
    pub line: Option<usize>,
    /// What sort of mistake it is.
    pub kind: MistakeKind,
    /// The dotted path of the key; empty for the file as a whole.
    pub field: String,
    /// What is wrong, and what would be right; names the key.
    pub sentence: String,
}

/// The sorts of mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MistakeKind {
    /// A file that is named cannot be read.
    Unreadable,
    /// A file is not TOML, or larger, deeper or more long-winded than is read (see [`UnreadableToml`](crate::strict::UnreadableToml)).
    Syntax,
    /// There is no such key.
    UnknownKey,
    /// A key that has no default is left out.
    LeftOut,
    /// The key is known, the value is not possible.
    Value,
    /// A document lacks the section that is named, or is not there (`E_ANCHOR`, REQ-012).
    Anchor,
    /// Each value is possible, and the plan that they make is not: see [`rollouts::plan::Plan::mistakes`].
    Plan,
}

impl MistakeKind {
    /// The stable name of those that have one (ROLLOUTS 16).
    pub fn code(self) -> Option<&'static str> {
        (self == Self::Anchor).then_some("E_ANCHOR")
    }
}

impl std::fmt::Display for ProfileMistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        f.write_str(": ")?;
        if let Some(code) = self.kind.code() {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.sentence)
    }
}

/// All that is wrong; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ProfileMistakes(pub Vec<ProfileMistake>);

impl std::fmt::Display for ProfileMistakes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.len() {
            1 => f.write_str("the profile has a mistake; correct it and read it again:")?,
            count => write!(f, "the profile has {count} mistakes; correct them and read it again:")?,
        }
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl std::error::Error for ProfileMistakes {}
