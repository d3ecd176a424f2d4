//! What can stand behind the `?` of a URL. Unknown names are refused: a misspelt filter must not answer everything.

use primitives::{Epoch, Timestamp};
use serde::{Deserialize, Deserializer, de};
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;
use std::time::UNIX_EPOCH;

/// What can stand behind the `?` of one URL.
pub trait Parameters: de::DeserializeOwned {
    /// Every name there is.
    const NAMES: &'static [&'static str];
}

/// Of a URL that takes no parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl Parameters for Nothing {
    const NAMES: &'static [&'static str] = &[];
}

/// Which page of a list without filters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// The page, from 0.
    #[serde(default, deserialize_with = "number")]
    pub page: Option<u64>,
    /// Entries on a page, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

impl Parameters for PageQuery {
    const NAMES: &'static [&'static str] = &["page", "page_size"];
}

/// The largest number that every JSON reader keeps exactly.
const MOST: u64 = (1 << 53) - 1;

/// A number that every JSON reader keeps exactly.
pub(crate) fn number<'de, D: Deserializer<'de>>(text: D) -> Result<Option<u64>, D::Error> {
    let number: Option<u64> = Option::deserialize(text)?;
    match number {
        Some(number) if number > MOST => {
            Err(de::Error::custom(format!("{number} is too large; numbers go up to {MOST}")))
        }
        number => Ok(number),
    }
}

/// An epoch.
pub(crate) fn epoch<'de, D: Deserializer<'de>>(text: D) -> Result<Option<Epoch>, D::Error> {
    Ok(number(text)?.map(Epoch))
}

/// A block time: milliseconds since 1970, a day such as `2026-03-01`, which begins in UTC, or a moment as RFC 3339 has it.
pub(crate) fn time<'de, D: Deserializer<'de>>(text: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<Cow<'de, str>> = Option::deserialize(text)?;
    text.map(|text| moment(&text).map_err(de::Error::custom)).transpose()
}

/// The time that a text says.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = || {
        format!("{text:?} is no time; write milliseconds since 1970, a day such as 2026-03-01, or 2026-03-01T09:00:00Z")
    };
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().filter(|time| *time <= MOST).map(Timestamp).ok_or_else(wrong);
    }
    let whole = if text.contains(['T', 't', ' ']) { text.to_owned() } else { format!("{text}T00:00:00Z") };
    let time = humantime::parse_rfc3339(&whole).map_err(|_| wrong())?;
    let since = time.duration_since(UNIX_EPOCH).map_err(|_| wrong())?;
    Ok(Timestamp(u64::try_from(since.as_millis()).unwrap_or(MOST).min(MOST)))
}

/// A hash or a key, as people type one.
pub(crate) fn typed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(text: D) -> Result<Option<T>, D::Error> {
    let text: Option<Cow<'de, str>> = Option::deserialize(text)?;
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_milliseconds_a_day_or_a_moment() {
        for (text, time) in [
            ("0", 0),
            ("1772323200000", 1_772_323_200_000),
            ("2026-03-01", 1_772_323_200_000),
            ("2026-03-01T09:00:00Z", 1_772_355_600_000),
            ("2026-03-01T00:00:00.250Z", 1_772_323_200_250),
        ] {
            assert_eq!(moment(text), Ok(Timestamp(time)), "{text}");
        }
        for text in [
            "",
            "-1",
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "2026-03-01T25:00:00Z",
            "9007199254740992",
            "1969-01-01",
        ] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
