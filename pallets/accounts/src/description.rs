//! What an account says of itself, and what it may not say because it could be taken for something else.
//!
//! A name is no proof of anything, and several accounts may have one name: whoever shows a name shows the key beside it. The rules
//! here see to it that the two can be told apart, and that a name is what it looks like.

use crate::Error;
use parity_scale_codec::{Decode, Encode};
use primitives::Text;
use serde::{Deserialize, Serialize};

/// What an account calls itself; at most 64 bytes, and [plain](NameFlaw::of).
pub type DisplayName = Text<64>;

/// Where more about an account stands; at most 128 bytes, and [plain](LinkFlaw::of).
pub type WebLink = Text<128>;

/// What an account says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AccountDescription"))]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Its name; empty when it has none.
    pub name: DisplayName,
    /// Its link, an `https://` URL; empty when it has none.
    pub link: WebLink,
}

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NameFlaw {
    /// A character that looks like others, or like none.
    #[error(
        "has a character that could be taken for another; names are of the letters A to Z of both sizes, digits, blanks, \
         hyphens and underscores"
    )]
    Character,
    /// A blank, a hyphen or an underscore where it is not seen, or not counted.
    #[error("begins or ends with a blank, a hyphen or an underscore, or has two of them in a row; leave these out")]
    Separator,
    /// It looks like a key, a hash, an address, or the number of something.
    #[error("could be taken for a key, a hash, an address or a number; call the account by words")]
    Identifier,
}

/// Why a text is no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkFlaw {
    /// It does not begin with `https://`.
    #[error("does not begin with https://, in small letters; nothing else is linked")]
    Scheme,
    /// A character that no URL has.
    #[error("has a character that stands in no URL, or a % without two hex digits after it; escape it")]
    Character,
    /// Its host is not the name of a domain.
    #[error(
        "does not name its host plainly; that is a domain in small letters, such as example.org, and a port at most: no user, \
         no address in numbers, no label that begins with xn--"
    )]
    Host,
}

/// The fewest hex digits that are read as the beginning of a hash, if one of them is a digit.
const SHORTEST_HASH: usize = 6;
/// The fewest that are, if all of them are letters: shorter ones are words, such as `facade`.
const SHORTEST_HASH_OF_LETTERS: usize = 8;
/// The most characters between two blanks. The shortest ids of other kinds, in base 58, base 64 or with hyphens, have more.
const LONGEST_WORD: usize = 24;
/// What is called by its number.
const NUMBERED: [&str; 8] = ["block", "build", "epoch", "height", "proposal", "release", "roster", "transaction"];

impl Description {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Refuses what could be taken for something else; each of the two may be empty.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (name, link) = (self.name.as_str(), self.link.as_str());
        let of_name = if name.is_empty() { None } else { NameFlaw::of(name) };
        let of_link = if link.is_empty() { None } else { LinkFlaw::of(link) };
        of_name.map(Error::BadName).or(of_link.map(Error::BadLink)).map_or(Ok(()), Err)
    }
}

impl NameFlaw {
    /// What keeps a text from being shown as a name; none of a name. It is asked when the name is set, and again by whoever shows
    /// what others say that it is.
    ///
    /// Letters of one script alone leave nothing to confuse but what its typeface confuses, and have one form, size and direction.
    pub fn of(text: &str) -> Option<Self> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || is_separator(letter);
        if !text.chars().all(is_plain) {
            Some(NameFlaw::Character)
        } else if text.split(is_separator).any(str::is_empty) {
            Some(NameFlaw::Separator)
        } else if is_like_an_id(text) {
            Some(NameFlaw::Identifier)
        } else {
            None
        }
    }
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '_')
}

/// Whether people could take a name for what something else is called by.
fn is_like_an_id(name: &str) -> bool {
    let joined: String = name.split(is_separator).collect();
    let prefixed = |word: &str| word.starts_with("0x") || word.starts_with("0X");
    is_like_a_hash(&joined)
        || is_number_of_something(&joined)
        || name.split(is_separator).any(|word| prefixed(word) || (is_like_a_hash(word) && !is_number(word)))
        || name.split(' ').any(|word| word.len() > LONGEST_WORD)
        || is_number(&joined)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_like_a_hash(word: &str) -> bool {
    let least = if word.bytes().any(|byte| byte.is_ascii_digit()) { SHORTEST_HASH } else { SHORTEST_HASH_OF_LETTERS };
    word.len() >= least && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Such as `Proposal 7`, which without its blank is given here.
fn is_number_of_something(joined: &str) -> bool {
    let what = joined.trim_end_matches(|letter: char| letter.is_ascii_digit());
    what.len() < joined.len() && NUMBERED.iter().any(|kind| what.eq_ignore_ascii_case(kind))
}

impl LinkFlaw {
    /// What keeps a text from being shown as a link; none of a link. It is asked as that of a name is.
    pub fn of(text: &str) -> Option<Self> {
        let Some(rest) = text.strip_prefix("https://") else { return Some(LinkFlaw::Scheme) };
        // Readers of URLs differ on where a host ends only at characters that are refused here, such as the backslash.
        if !rest.bytes().all(is_of_urls) || !is_escaped_well(rest) {
            return Some(LinkFlaw::Character);
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
        (!is_domain(host) || !port.is_none_or(is_port)).then_some(LinkFlaw::Host)
    }
}

/// RFC 3986, section 2, without the brackets of addresses in numbers, and without what ends a link in running text.
fn is_of_urls(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&byte)
}

fn is_escaped_well(text: &str) -> bool {
    let is_hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    text.split('%').skip(1).all(|after| {
        let mut bytes = after.bytes();
        is_hex(bytes.next()) && is_hex(bytes.next())
    })
}

/// Labels of letters, digits and hyphens, two at least. The last one begins with a letter, which the end of no address does; one
/// that begins with `xn--` is shown in letters of any script, which look like others.
fn is_domain(host: &str) -> bool {
    let is_label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        plain && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && !label.starts_with("xn--")
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.') && host.split('.').all(is_label) && last.starts_with(|letter: char| letter.is_ascii_lowercase())
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0') && is_number(port) && port.parse::<u16>().is_ok()
}
