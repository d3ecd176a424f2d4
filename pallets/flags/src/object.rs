//! Objects as values: JSON in one form, so that equal ones are the same bytes.
//!
//! The form is that of RFC 8785 where nothing but whole numbers is a number: keys sorted by their UTF-16 units, no blanks, the
//! shortest escapes. Fractions and exponents are refused, so nobody has to agree on how a float is printed. It is read here
//! rather than by a crate because what is taken must not hang on which features another crate turned on in it.

use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// How deep objects and lists lie in each other at most, the outermost being 1.
pub const MOST_OBJECT_DEPTH: u8 = 8;
/// The largest whole number of a value, and its negative the smallest: what every reader of JSON has exactly (2^53 - 1).
pub const MOST_WHOLE: i64 = 9_007_199_254_740_991;

/// Why a text is no object that a flag may have as a value. Places are counted in bytes, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObjectFlaw {
    /// It begins otherwise than an object.
    #[codec(index = 0)]
    #[error("is no object; write it within {{ and }}")]
    NoObject,
    /// It is no JSON.
    #[codec(index = 1)]
    #[error("is no JSON from byte {at} on; correct it there")]
    NoJson {
        /// Where it ceases to be.
        at: u32,
    },
    /// A number has a point or an exponent.
    #[codec(index = 2)]
    #[error("has a number with a point or an exponent at byte {at}; write a whole number, or a text")]
    Fraction {
        /// Behind its whole part.
        at: u32,
    },
    /// A number is larger than [`MOST_WHOLE`].
    #[codec(index = 3)]
    #[error("has a number beyond 2^53 - 1 at byte {at}, which not every reader has exactly; write it as a text")]
    TooLarge {
        /// Behind it.
        at: u32,
    },
    /// A key stands twice in one object.
    #[codec(index = 4)]
    #[error("has a key twice in the object that ends at byte {at}; leave one of them out")]
    KeyTwice {
        /// Behind that object.
        at: u32,
    },
    /// More than [`MOST_OBJECT_DEPTH`] objects and lists lie in each other.
    #[codec(index = 5)]
    #[error("is deeper than 8 levels; flatten it")]
    TooDeep,
    /// It is an object, but written otherwise than in the one form.
    #[codec(index = 6)]
    #[error("is not in its canonical form: keys sorted, no blanks, the shortest escapes; have it written so")]
    NotCanonical,
}

/// An object in its one form. What is in that form comes back as it is.
///
/// # Errors
/// Why the text is no object that may be a value.
pub fn canonical(text: &str) -> Result<String, ObjectFlaw> {
    let mut reader = Reader { whole: text.len(), rest: text };
    reader.skip_blanks();
    if reader.peek() != Some('{') {
        return Err(ObjectFlaw::NoObject);
    }
    let written = reader.value(1)?;
    reader.skip_blanks();
    if reader.rest.is_empty() { Ok(written) } else { Err(reader.no_json()) }
}

/// What is still to be read.
struct Reader<'t> {
    whole: usize,
    rest: &'t str,
}

impl Reader<'_> {
    fn at(&self) -> u32 {
        u32::try_from(self.whole.saturating_sub(self.rest.len())).unwrap_or(u32::MAX)
    }

    fn no_json(&self) -> ObjectFlaw {
        ObjectFlaw::NoJson { at: self.at() }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Result<char, ObjectFlaw> {
        let mut letters = self.rest.chars();
        let letter = letters.next().ok_or(self.no_json())?;
        self.rest = letters.as_str();
        Ok(letter)
    }

    /// Takes what comes next if it is that.
    fn takes(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// The value that comes next, in its one form. `depth` is that of an object or list that would begin here.
    fn value(&mut self, depth: u8) -> Result<String, ObjectFlaw> {
        match self.peek() {
            Some('{' | '[') if depth > MOST_OBJECT_DEPTH => Err(ObjectFlaw::TooDeep),
            Some('{') => self.object(depth.saturating_add(1)),
            Some('[') => self.list(depth.saturating_add(1)),
            Some('"') => self.text().map(|text| quoted(&text)),
            Some('-' | '0'..='9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<String, ObjectFlaw> {
        let word = ["true", "false", "null"].into_iter().find(|word| self.takes(word));
        word.map(str::to_owned).ok_or(self.no_json())
    }

    /// `inner` is the depth of what lies in it.
    fn object(&mut self, inner: u8) -> Result<String, ObjectFlaw> {
        let mut entries: Vec<(String, String)> = Vec::new();
        self.takes("{");
        self.skip_blanks();
        while !self.takes("}") {
            if !entries.is_empty() {
                self.comma()?;
            }
            if self.peek() != Some('"') {
                return Err(self.no_json());
            }
            let key = self.text()?;
            self.skip_blanks();
            if !self.takes(":") {
                return Err(self.no_json());
            }
            self.skip_blanks();
            entries.push((key, self.value(inner)?));
            self.skip_blanks();
        }
        entries.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
        let mut following = entries.iter().skip(1);
        if entries.iter().any(|(key, _)| following.next().is_some_and(|(next, _)| next == key)) {
            return Err(ObjectFlaw::KeyTwice { at: self.at() });
        }
        let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{}:{value}", quoted(key))).collect();
        Ok(format!("{{{}}}", entries.join(",")))
    }

    fn list(&mut self, inner: u8) -> Result<String, ObjectFlaw> {
        let mut values: Vec<String> = Vec::new();
        self.takes("[");
        self.skip_blanks();
        while !self.takes("]") {
            if !values.is_empty() {
                self.comma()?;
            }
            values.push(self.value(inner)?);
            self.skip_blanks();
        }
        Ok(format!("[{}]", values.join(",")))
    }

    fn comma(&mut self) -> Result<(), ObjectFlaw> {
        if !self.takes(",") {
            return Err(self.no_json());
        }
        self.skip_blanks();
        Ok(())
    }

    fn number(&mut self) -> Result<String, ObjectFlaw> {
        let is_negative = self.takes("-");
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        let is_number = !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
        if !is_number {
            return Err(self.no_json());
        }
        self.rest = rest;
        if matches!(self.peek(), Some('.' | 'e' | 'E')) {
            return Err(ObjectFlaw::Fraction { at: self.at() });
        }
        let size = digits.parse::<i64>().ok().filter(|size| *size <= MOST_WHOLE);
        let size = size.ok_or(ObjectFlaw::TooLarge { at: self.at() })?;
        let sign = if is_negative && size > 0 { "-" } else { "" };
        Ok(format!("{sign}{size}"))
    }

    /// The text between the quotes that come next, without its escapes.
    fn text(&mut self) -> Result<String, ObjectFlaw> {
        let mut text = String::new();
        self.takes("\"");
        loop {
            let at = self.no_json();
            match self.next()? {
                '"' => return Ok(text),
                '\\' => text.push(self.escaped()?),
                '\0'..='\u{1f}' => return Err(at),
                letter => text.push(letter),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, ObjectFlaw> {
        let at = self.no_json();
        match self.next()? {
            letter @ ('"' | '\\' | '/') => Ok(letter),
            'b' => Ok('\u{8}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'u' => self.unit(),
            _ => Err(at),
        }
    }

    /// A character by its UTF-16 units, of which it has one or two.
    fn unit(&mut self) -> Result<char, ObjectFlaw> {
        let mut units = vec![self.four_digits()?];
        if units.iter().all(|unit| (0xd800..0xdc00).contains(unit)) && self.takes("\\u") {
            units.push(self.four_digits()?);
        }
        let mut letters = char::decode_utf16(units);
        match (letters.next(), letters.next()) {
            (Some(Ok(letter)), None) => Ok(letter),
            _ => Err(self.no_json()),
        }
    }

    fn four_digits(&mut self) -> Result<u16, ObjectFlaw> {
        let (digits, rest) = self.rest.split_at_checked(4).ok_or(self.no_json())?;
        // `from_str_radix` would take a sign as well.
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.no_json());
        }
        let unit = u16::from_str_radix(digits, 16).map_err(|_| self.no_json())?;
        self.rest = rest;
        Ok(unit)
    }
}

/// A text between quotes with the escapes that RFC 8785 has, and no other.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}
