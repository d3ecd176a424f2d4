//! What a ticket, a reference or the name of an artifact has to look like: a template, and no regular expression, which would have no
//! bound and say less about what is wrong (ROLLOUTS 7.8).

use crate::Text;
use crate::name::is_of_names;
use parity_scale_codec::{Decode, Encode, Input};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;
use std::str::FromStr;

/// A template of at most 128 bytes: visible ASCII characters and blanks, which stand for themselves, and placeholders.
///
/// | placeholder | what it stands for |
/// |---|---|
/// | `{YYYY}`, `{MM}`, `{DD}` | the year, the month and the day of a date that exists; each once at most, and judged together |
/// | `{n}` | a whole number of at most 18 digits, without zeros in front |
/// | `{d4}` | four digits |
/// | `{hex40}` | forty hex digits in lower case, as git names a commit |
/// | `{utc}` | a time by RFC 3339 in UTC, such as `2026-11-28T09:30:00Z` |
/// | `{name}` | a [`Name`](crate::Name) |
/// | `{key}` | a row's own number, which is given |
/// | `*`, at the end | anything, or nothing |
///
/// What follows `{n}` is never a digit, and what follows `{name}` never part of a name: so there is one way to read a text, and a
/// text is read once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pattern(#[cfg_attr(feature = "schema", schemars(with = "String", length(max = 128)))] Text<128>);

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'t> {
    Literal(&'t str),
    Year,
    Month,
    Day,
    Number,
    FourDigits,
    Commit,
    Time,
    Name,
    Key,
    Anything,
}

/// Placeholders by what stands between their braces.
const PLACEHOLDERS: [(&str, Part<'static>); 9] = [
    ("YYYY", Part::Year),
    ("MM", Part::Month),
    ("DD", Part::Day),
    ("n", Part::Number),
    ("d4", Part::FourDigits),
    ("hex40", Part::Commit),
    ("utc", Part::Time),
    ("name", Part::Name),
    ("key", Part::Key),
];

/// What ends a template that goes on with anything.
const ANYTHING: char = '*';
/// The most digits of `{n}`: what fits in 64 bits, whatever the digits.
const MOST_DIGITS: usize = 18;
/// The digits of `{hex40}`.
const COMMIT_DIGITS: usize = 40;

impl Pattern {
    /// Reads a template.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it, and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |problem: String| format!("{text:?} is no pattern: {problem}");
        let bounded = Text::new(text).ok_or_else(|| wrong("it has more than 128 bytes; shorten it".into()))?;
        let parts = parts(text).map_err(&wrong)?;
        flaw(&parts).map_or(Ok(Self(bounded)), |problem| Err(wrong(problem)))
    }

    /// Whether a text is as the template says. One with `{key}` is met by no text without a key.
    pub fn matches(&self, text: &str) -> bool {
        self.is_met(text, None)
    }

    /// Whether a text is as the template says, about the row with this number.
    pub fn matches_for(&self, text: &str, key: &str) -> bool {
        self.is_met(text, Some(key))
    }

    /// The text of the template.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    fn is_met(&self, text: &str, key: Option<&str>) -> bool {
        let mut date = Date::default();
        let mut rest = text;
        for part in parts(self.as_str()).unwrap_or_default() {
            let Some(taken) = part.taken(rest, key) else { return false };
            let (front, behind) = rest.split_at_checked(taken).unwrap_or((rest, ""));
            date.note(part, front);
            rest = behind;
        }
        rest.is_empty() && date.exists()
    }
}

/// The parts of a template, in their order.
fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (part, behind) = match (rest.strip_prefix('{'), rest.strip_prefix(ANYTHING)) {
            (Some(inside), _) => placeholder(inside)?,
            (_, Some("")) => (Part::Anything, ""),
            (_, Some(_)) => return Err("something follows `*`, which takes all that follows; write it last".into()),
            _ => literal(rest)?,
        };
        parts.push(part);
        rest = behind;
    }
    if parts.is_empty() { Err("it is empty; write what a text has to look like".into()) } else { Ok(parts) }
}

/// What a placeholder is, from behind its brace, and what follows it.
fn placeholder(inside: &str) -> Result<(Part<'static>, &str), String> {
    let (name, behind) = inside.split_once('}').ok_or("a brace is opened and not closed")?;
    let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
    known.map(|(_, part)| (*part, behind)).ok_or_else(|| {
        let all: Vec<String> = PLACEHOLDERS.iter().map(|(known, _)| format!("{{{known}}}")).collect();
        format!("{{{name}}} is no placeholder; there are {}", all.join(", "))
    })
}

/// What stands for itself at the front, up to the next placeholder.
fn literal(text: &str) -> Result<(Part<'_>, &str), String> {
    let end = text.find(['{', '}', ANYTHING]).unwrap_or(text.len());
    let (literal, behind) = text.split_at_checked(end).unwrap_or((text, ""));
    if literal.is_empty() {
        return Err("a brace is closed that was not opened".into());
    }
    match literal.chars().find(|letter| *letter != ' ' && !letter.is_ascii_graphic()) {
        Some(bad) => Err(format!("it has the character {bad:?}; write visible ASCII characters and blanks")),
        None => Ok((Part::Literal(literal), behind)),
    }
}

/// What is wrong with parts that are well by themselves.
fn flaw(parts: &[Part<'_>]) -> Option<String> {
    let is_twice = |part: Part<'_>| parts.iter().filter(|other| **other == part).count() > 1;
    if [Part::Year, Part::Month, Part::Day].into_iter().any(is_twice) {
        return Some("it has two years, months or days; a pattern has one date".into());
    }
    let neighbours = parts.iter().zip(parts.iter().skip(1));
    neighbours.into_iter().find_map(|(part, next)| match part {
        Part::Number if next.may_begin_with(|byte| byte.is_ascii_digit()) => {
            Some("a digit may follow {n}, so nobody could tell where the number ends; put something between".into())
        }
        Part::Name if next.may_begin_with(is_of_names) => Some(
            "what may be part of a name may follow {name}; put something between that no name has, such as a slash"
                .into(),
        ),
        _ => None,
    })
}

impl Part<'_> {
    /// How many bytes of `text` it takes from the front; `None` when the text does not begin so.
    fn taken(self, text: &str, key: Option<&str>) -> Option<usize> {
        match self {
            Part::Literal(literal) => text.starts_with(literal).then_some(literal.len()),
            Part::Year | Part::FourDigits => digits(text, 4),
            Part::Month | Part::Day => digits(text, 2),
            Part::Number => number(text),
            Part::Commit => commit(text),
            Part::Time => time(text),
            Part::Name => name(text),
            Part::Key => key.filter(|key| text.starts_with(key)).map(str::len),
            Part::Anything => Some(text.len()),
        }
    }

    /// Whether a text that it takes may begin with a byte of some kind.
    fn may_begin_with(self, is_of_kind: impl Fn(u8) -> bool) -> bool {
        let some_digit = || (b'0'..=b'9').any(&is_of_kind);
        match self {
            Part::Literal(literal) => literal.bytes().next().is_some_and(&is_of_kind),
            Part::Anything => false,
            // A key is digits; and where there are names there are letters.
            Part::Name => some_digit() || is_of_kind(b'a'),
            Part::Commit => some_digit() || is_of_kind(b'a'),
            _ => some_digit(),
        }
    }
}

/// How long a run of bytes of a kind is, from the front.
fn run(text: &str, is_of_kind: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| is_of_kind(*byte)).count()
}

fn digits(text: &str, count: usize) -> Option<usize> {
    (run(text.get(..count)?, |byte| byte.is_ascii_digit()) == count).then_some(count)
}

fn number(text: &str) -> Option<usize> {
    let count = run(text, |byte| byte.is_ascii_digit());
    let is_plain = count == 1 || !text.starts_with('0');
    ((1..=MOST_DIGITS).contains(&count) && is_plain).then_some(count)
}

fn commit(text: &str) -> Option<usize> {
    let is_of_hashes = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (run(text.get(..COMMIT_DIGITS)?, is_of_hashes) == COMMIT_DIGITS).then_some(COMMIT_DIGITS)
}

fn name(text: &str) -> Option<usize> {
    let count = run(text, is_of_names);
    crate::Name::new(text.get(..count)?).map(|_| count)
}

/// RFC 3339, section 5.6, with `T` and `Z` as they are written here, without leap seconds, with at most nine digits of a second.
fn time(text: &str) -> Option<usize> {
    let plain = text.get(..19)?;
    let (day, hours) = plain.split_once('T')?;
    let date = Date::of(day)?;
    let mut clock = hours.split(':').map(two);
    let clock = (clock.next()??, clock.next()??, clock.next()??, clock.next().is_none());
    let is_real = date.exists() && clock.0 <= 23 && clock.1 <= 59 && clock.2 <= 59 && clock.3;
    let behind = text.get(19..)?;
    let part = behind.strip_prefix('.').map_or(Some(0), |part| {
        let count = run(part, |byte| byte.is_ascii_digit());
        (1..=9).contains(&count).then(|| count.saturating_add(1))
    })?;
    let ends_in_utc = behind.get(part..)?.starts_with('Z');
    (is_real && ends_in_utc).then(|| part.saturating_add(20))
}

/// A number of two digits.
fn two(text: &str) -> Option<u32> {
    (text.len() == 2 && digits(text, 2).is_some()).then(|| text.parse().ok()).flatten()
}

/// What is known of a date; what is not, is whatever lets it exist.
#[derive(Debug, Clone, Copy, Default)]
struct Date {
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
}

impl Date {
    /// A date as `2026-11-28`.
    fn of(text: &str) -> Option<Self> {
        let mut numbers = text.split('-');
        let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let is_plain = text.len() == 10 && digits(year, 4).is_some() && year.len() == 4 && numbers.next().is_none();
        let date = Self { year: year.parse().ok(), month: Some(two(month)?), day: Some(two(day)?) };
        is_plain.then_some(date)
    }

    /// Keeps what a part of a template took, if it is of a date.
    fn note(&mut self, part: Part<'_>, taken: &str) {
        match part {
            Part::Year => self.year = taken.parse().ok(),
            Part::Month => self.month = taken.parse().ok(),
            Part::Day => self.day = taken.parse().ok(),
            _ => {}
        }
    }

    /// Whether there is such a date in the Gregorian calendar.
    fn exists(&self) -> bool {
        // A leap year and a month of 31 days refuse least.
        let (year, month, day) = (self.year.unwrap_or(2000), self.month.unwrap_or(1), self.day.unwrap_or(1));
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let most = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1..=most).contains(&day)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text between quotes: sentences show it so.
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Pattern {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text.trim())
    }
}

impl Decode for Pattern {
    fn decode<I: Input>(input: &mut I) -> Result<Self, parity_scale_codec::Error> {
        Self::parse(Text::<128>::decode(input)?.as_str()).map_err(|_| "not a pattern".into())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&<std::borrow::Cow<'de, str>>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
