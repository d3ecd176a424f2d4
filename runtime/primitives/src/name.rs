//! What things of a plan are called, where they stand, and which places a pattern covers (ROLLOUTS 3.1).

use parity_scale_codec::{Decode, Encode, Error, Input, Output};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What ends a name among bytes: no name has it, and it sorts before all that a name has.
const END: u8 = 0;
/// What stands between two names of a path.
const BETWEEN: char = '/';

/// What something is called: 1 to 64 of the letters A to Z of both sizes, digits, `.`, `_` and `-`; the first is a letter or a digit.
/// Names are compared by their bytes, so case counts.
///
/// SCALE, and as a key of storage: its bytes, then 0x00, so that none is the beginning of another and a dump reads. JSON: a string.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Name(
    // Keys, lists and findings are put together from names, so a clone shares the text.
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")))]
    Arc<str>,
);

impl Name {
    /// The most bytes of the text of one.
    pub const MOST_BYTES: u32 = 64;
    /// The most bytes that one has when it is encoded.
    pub const MOST_ENCODED: u32 = Self::MOST_BYTES + 1;

    /// `None` when the text is no name.
    pub fn new(text: &str) -> Option<Self> {
        is_name(text).then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn strict(text: &str) -> Result<Self, String> {
        Self::new(text).ok_or_else(|| no_name(text))
    }
}

/// That a text is no name, and what one is.
fn no_name(text: &str) -> String {
    format!(
        "{text:?} is no name; write 1 to 64 letters (A to Z of both sizes), digits, dots, underscores and hyphens, beginning with a \
         letter or a digit"
    )
}

/// Whether a text is a name.
fn is_name(text: &str) -> bool {
    let is_short = text.len() <= Name::MOST_BYTES as usize;
    let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    is_short && begins_well && text.bytes().all(is_of_names)
}

/// Whether a name may have this byte, in places other than the first.
pub(crate) fn is_of_names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Where something stands: names joined by `/`, at most 4 of them; the empty path is the root, which is everywhere. `PROD/t1/b2` lies
/// under `PROD/t1`. Paths are ordered as their names are, one after the other.
///
/// SCALE, and as a key of storage: the bytes of each name with 0x00 after it, then 0x00, so that none is the beginning of another.
/// JSON: a string, such as `PROD/t1`.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Path(
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "String",
            regex(pattern = "^([A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,3})?$")
        )
    )]
    String,
);

impl Path {
    /// Everywhere: the empty path.
    pub const ROOT: Self = Self(String::new());
    /// The most names of one.
    pub const MOST_NAMES: u32 = 4;
    /// The most bytes that one has when it is encoded.
    pub const MOST_ENCODED: u32 = Self::MOST_NAMES * Name::MOST_ENCODED + 1;

    /// Everywhere: the empty path.
    pub fn root() -> Self {
        Self::ROOT
    }

    /// `None` for more than four names.
    pub fn new(names: impl IntoIterator<Item = Name>) -> Option<Self> {
        let most = Self::MOST_NAMES as usize;
        // One more than fits is enough to know.
        let names: Vec<Name> = names.into_iter().take(most.saturating_add(1)).collect();
        let texts: Vec<&str> = names.iter().map(Name::as_str).collect();
        (texts.len() <= most).then(|| Self(texts.join("/")))
    }

    /// Its names, the outermost first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        levels(&self.0)
    }

    /// How many names it has.
    pub fn depth(&self) -> usize {
        self.names().count()
    }

    /// The tenant that it is about, which is its second name: none of the root and of a stage (ROLLOUTS 17).
    pub fn tenant(&self) -> Option<Name> {
        self.names().nth(1).and_then(Name::new)
    }

    /// Whether it is everywhere.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path without its last name; the root has none.
    pub fn parent(&self) -> Option<Path> {
        let outer = |text: &str| text.rsplit_once(BETWEEN).map_or(Self::ROOT, |(outer, _)| Self(outer.to_owned()));
        (!self.is_root()).then(|| outer(&self.0))
    }

    /// Itself, then what it lies under, the nearest first and the root last.
    pub fn ancestors(&self) -> impl Iterator<Item = Path> {
        std::iter::successors(Some(self.clone()), Path::parent)
    }

    /// Whether it lies under another, or is that one.
    pub fn is_under(&self, other: &Path) -> bool {
        let mut names = self.names();
        other.names().all(|above| names.next() == Some(above))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn strict(text: &str) -> Result<Self, String> {
        let names = levels(text).map(Name::strict).collect::<Result<Vec<Name>, String>>();
        let names = names.map_err(|problem| format!("{text:?} is no path: {problem}"))?;
        Self::new(names)
            .ok_or_else(|| format!("{text:?} is no path: it has more than four names; leave out the innermost"))
    }
}

/// The levels of a path or a pattern; the empty text has none.
fn levels(text: &str) -> impl Iterator<Item = &str> {
    text.split(BETWEEN).filter(move |_| !text.is_empty())
}

impl Ord for Path {
    fn cmp(&self, other: &Self) -> Ordering {
        // The texts would sort otherwise: a hyphen and a dot come before the slash.
        self.names().cmp(other.names())
    }
}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Which paths something holds for: a path in which a level may be `*`, which is any one name, and the last one `**`, which is any
/// names or none. `**` covers the root too, and `*/t1/**` covers `PROD/t1` itself. The empty pattern covers the root alone. At most
/// four levels, `**` among them.
///
/// SCALE: as a text. JSON: a string.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopePattern(#[cfg_attr(feature = "schema", schemars(with = "String", length(max = 260)))] crate::Text<260>);

/// A level that is any one name.
const ANY: &str = "*";
/// A last level that is any names, or none.
const ALL_BELOW: &str = "**";

impl ScopePattern {
    /// The pattern that covers every path: `**`.
    pub fn everywhere() -> Self {
        Self(crate::Text::new(ALL_BELOW).unwrap_or_default())
    }

    /// The pattern that covers one path alone.
    pub fn exactly(path: &Path) -> Self {
        Self(crate::Text::new(path.as_str()).unwrap_or_default())
    }

    /// Whether it covers a path.
    pub fn covers(&self, path: &Path) -> bool {
        let (mut levels, is_open) = self.parts();
        let mut names = path.names();
        let agrees = levels.all(|level| names.next().is_some_and(|name| is_of(level, name)));
        agrees && (is_open || names.next().is_none())
    }

    /// Whether it covers every path that another covers.
    pub fn includes(&self, other: &ScopePattern) -> bool {
        let ((mut levels, is_open), (mut others, other_is_open)) = (self.parts(), other.parts());
        // Where the other has `*` there are names that no name here is: the level has to be `*` as well, as `is_of` has it.
        let agrees = levels.all(|level| others.next().is_some_and(|other| is_of(level, other)));
        agrees && (is_open || (others.next().is_none() && !other_is_open))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The levels that are given one by one, and whether anything may follow.
    fn parts(&self) -> (impl Iterator<Item = &str>, bool) {
        let text = self.as_str();
        // Nothing but a last level ends so: no name has an asterisk.
        match text.strip_suffix(ALL_BELOW) {
            Some(front) => (levels(front.strip_suffix(BETWEEN).unwrap_or(front)), true),
            None => (levels(text), false),
        }
    }

    fn strict(text: &str) -> Result<Self, String> {
        let wrong = |problem: String| format!("{text:?} is no pattern of paths: {problem}");
        match flaw(text) {
            Some(problem) => Err(wrong(problem)),
            None => {
                crate::Text::new(text).map(Self).ok_or_else(|| wrong("it has more than 260 bytes; shorten it".into()))
            }
        }
    }
}

/// What is wrong with the levels of a pattern; nothing of one that is well.
fn flaw(text: &str) -> Option<String> {
    if levels(text).count() > Path::MOST_NAMES as usize {
        return Some("it has more than four levels; leave out the innermost".into());
    }
    let mut rest = levels(text).peekable();
    while let Some(level) = rest.next() {
        let is_last = rest.peek().is_none();
        if level == ALL_BELOW && !is_last {
            return Some("something follows `**`, which takes all that follows; write it last, or `*`".into());
        }
        if level != ANY && level != ALL_BELOW && !is_name(level) {
            return Some(format!("{}, or write `*` for any one, or `**` at the end", no_name(level)));
        }
    }
    None
}

/// Whether a level of a pattern covers a name, or all that a level of another pattern covers.
fn is_of(level: &str, name: &str) -> bool {
    level == ANY || level == name
}

/// What stands between quotes in sentences, is printed plainly, is read as typed with blanks around it, and in JSON without.
macro_rules! word {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.as_str().fmt(f)
            }
        }
        /// The text between quotes: sentences show it so, and no reader knows the name of a type.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }
        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::strict(text.trim())
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::strict(&<std::borrow::Cow<'de, str>>::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}
word!(Name);
word!(Path);
word!(ScopePattern);

impl Encode for Name {
    fn size_hint(&self) -> usize {
        self.0.len().saturating_add(1)
    }
    fn encode_to<O: Output + ?Sized>(&self, out: &mut O) {
        out.write(self.0.as_bytes());
        out.push_byte(END);
    }
}

impl Encode for Path {
    fn size_hint(&self) -> usize {
        // Each name's end stands where the text has its `/` or its own end; the root has none.
        self.0.len().saturating_add(if self.is_root() { 1 } else { 2 })
    }
    fn encode_to<O: Output + ?Sized>(&self, out: &mut O) {
        for name in self.names() {
            out.write(name.as_bytes());
            out.push_byte(END);
        }
        out.push_byte(END);
    }
}

impl parity_scale_codec::EncodeLike for Name {}
impl parity_scale_codec::EncodeLike for Path {}

/// What stands in front of an input up to the end of a name: kept on the stack until it is known to be one, because most of what state
/// has is names, and each takes memory once.
struct EndedText {
    bytes: [u8; Name::MOST_BYTES as usize],
    length: usize,
}

impl EndedText {
    fn read<I: Input>(input: &mut I) -> Result<Self, Error> {
        let mut read = Self { bytes: [0; Name::MOST_BYTES as usize], length: 0 };
        loop {
            match input.read_byte()? {
                END => return Ok(read),
                byte => *read.bytes.get_mut(read.length).ok_or("a name is longer than its bound")? = byte,
            }
            read.length = read.length.saturating_add(1);
        }
    }

    /// Whether an end is all that stood there.
    fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn name(&self) -> Result<&str, Error> {
        let text = self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.filter(|text| is_name(text)).ok_or_else(|| "not a name".into())
    }
}

impl Decode for Name {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let text = EndedText::read(input)?;
        if text.is_empty() { Err("an empty name".into()) } else { text.name().map(|name| Self(name.into())) }
    }
}

impl Decode for Path {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let mut path = String::new();
        for _ in 0..Self::MOST_NAMES {
            let text = EndedText::read(input)?;
            if text.is_empty() {
                return Ok(Self(path));
            }
            if !path.is_empty() {
                path.push(BETWEEN);
            }
            path.push_str(text.name()?);
        }
        if EndedText::read(input)?.is_empty() { Ok(Self(path)) } else { Err("a path is longer than its bound".into()) }
    }
}

impl Decode for ScopePattern {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let text = crate::Text::<260>::decode(input)?;
        if flaw(text.as_str()).is_none() { Ok(Self(text)) } else { Err("not a pattern of paths".into()) }
    }
}
