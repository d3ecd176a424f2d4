//! How a value is read from one argument. Hashes and keys read themselves: 64 hex digits, any case.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::de::{DeserializeOwned, IntoDeserializer, value};

/// Reads one of the words of a chain type, in any case. The type's own serde names are the words, so that the command line
/// and JSON cannot drift apart; `words` lists them for help and completions.
pub fn word<T>(words: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|text| {
        let word: value::StringDeserializer<value::Error> = text.to_ascii_lowercase().into_deserializer();
        T::deserialize(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance::{Choice, TrackName};
    use releases::{ReleaseClass, Severity};
    use serde::Serialize;

    /// Every word parses, and is the word that the type writes.
    fn agree<T>(words: &'static [&'static str])
    where
        T: DeserializeOwned + Serialize + Clone + Send + Sync + 'static,
    {
        let parser = word::<T>(words);
        let command = clap::Command::new("test").ignore_errors(false);
        for text in words {
            let value = parser.parse_ref(&command, None, text.as_ref()).unwrap();
            assert_eq!(serde_json::to_value(value).unwrap(), *text);
        }
        assert!(parser.parse_ref(&command, None, "nonsense".as_ref()).is_err());
    }

    #[test]
    fn the_words_are_those_of_the_chain_types() {
        agree::<Choice>(super::super::gov::CHOICES);
        agree::<TrackName>(super::super::propose::TRACKS);
        agree::<ReleaseClass>(super::super::description::CLASSES);
        agree::<Severity>(super::super::description::SEVERITIES);
        agree::<rpc::views::DecisionStatus>(super::super::gov::STATUSES);
    }
}
