//! What can stand behind the `?` of a URL. Unknown names are refused: a misspelt filter must not answer everything.

use primitives::Epoch;
use serde::{Deserialize, Deserializer, de};
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

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

/// A hash or a key, as people type one.
pub(crate) fn typed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(text: D) -> Result<Option<T>, D::Error> {
    let text: Option<Cow<'de, str>> = Option::deserialize(text)?;
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}
