//! How a value is read from one argument. Hashes and keys read themselves: 64 hex digits of any
//! case, with `0x` in front or without.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use primitives::typed_number32;
use rpc::views::MOST_PER_PAGE;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor, value};

/// Reads one of the words of a chain type, in any case. The type's own serde names are the words, for help and completions
/// too, so that the command line and JSON cannot drift apart.
pub fn word<T>() -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words::<T>()).try_map(|text| {
        let word: value::StringDeserializer<value::Error> = text.to_ascii_lowercase().into_deserializer();
        T::deserialize(word)
    })
}

/// How many entries a page has.
///
/// # Errors
/// What is no number, and one that no page has.
pub fn page_size(text: &str) -> Result<u32, String> {
    up_to(MOST_PER_PAGE, text)
}

/// How many seconds are waited, an hour at most.
///
/// # Errors
/// What is no number, and one that nobody waits for.
pub fn wait_seconds(text: &str) -> Result<u32, String> {
    up_to(3_600, text)
}

/// A number from one on.
fn up_to(most: u32, text: &str) -> Result<u32, String> {
    let number = typed_number32(text).map_err(|error| error.to_string())?;
    if (1..=most).contains(&number) { Ok(number) } else { Err(format!("{number} is not in 1..={most}")) }
}

/// The names of a type's variants.
fn words<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut words: &[&str] = &[];
    // It says which variants it knows when it asks for one, and gets none.
    let _ = T::deserialize(Asked { words: &mut words });
    words
}

/// Whom a type asks for one of its variants.
struct Asked<'w> {
    words: &'w mut &'static [&'static str],
}

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = value::Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, value::Error> {
        *self.words = variants;
        Err(value::Error::custom("there is no value, only the words for one"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, value::Error> {
        Err(value::Error::custom("not a type of words"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance::{Choice, TrackName};
    use releases::{ReleaseClass, Severity};
    use serde::Serialize;

    /// Every word parses, and is the word that the type writes.
    fn agree<T>(first: &str)
    where
        T: DeserializeOwned + Serialize + Clone + Send + Sync + 'static,
    {
        let (parser, words) = (word::<T>(), words::<T>());
        assert_eq!(words.first(), Some(&first));
        let command = clap::Command::new("test").ignore_errors(false);
        for text in words {
            let value = parser.parse_ref(&command, None, text.as_ref()).unwrap();
            assert_eq!(serde_json::to_value(value).unwrap(), *text);
        }
        assert!(parser.parse_ref(&command, None, "nonsense".as_ref()).is_err());
    }

    #[test]
    fn the_words_are_those_of_the_chain_types() {
        agree::<Choice>("yes");
        agree::<TrackName>("routine");
        agree::<ReleaseClass>("major");
        agree::<Severity>("low");
        agree::<governance::Status>("open");
        assert!(words::<u64>().is_empty(), "a number has no words");
    }
}
