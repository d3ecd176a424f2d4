//! How a value is read from one argument. Hashes and keys read themselves: 64 hex digits of any
//! case, with `0x` in front or without.

use cases::DutyOfChange;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use flags::Risk;
use governance::TrackName;
use primitives::{AccountId, List, Name, ScopePattern, Text, Timestamp, typed_number, typed_number32};
use roles::Seat;
use rollouts::change::Feature;
use rollouts::install::ListedMove;
use rollouts::statement::StatementSubject;
use rpc::views::{AttributeValue, MOST_PER_PAGE};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor, value};
use std::time::UNIX_EPOCH;

/// Reads one of the words of a chain type, in any case. The type's own serde names are the words, for help and completions
/// too, so that the command line and JSON cannot drift apart.
pub fn word<T>() -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    one_of(words::<T>().to_vec())
}

/// Reads a track on which accounts propose: what members are asked, the chain asks.
pub fn track() -> impl TypedValueParser<Value = TrackName> {
    let council = TrackName::Council.to_string();
    one_of(words::<TrackName>().iter().copied().filter(|word| *word != council).collect())
}

/// Reads one of some words of a chain type.
fn one_of<T>(words: Vec<&'static str>) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|text| {
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

/// A block time: in UTC as people write it, or in milliseconds since 1970.
///
/// # Errors
/// What is neither.
pub fn block_time(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    let wrong = || format!("{text:?} is no time; write one in UTC such as 2026-12-01T08:00:00Z");
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return typed_number(text).map(Timestamp).map_err(|_| wrong());
    }
    let time = humantime::parse_rfc3339_weak(text).map_err(|_| wrong())?;
    let since = time.duration_since(UNIX_EPOCH).map_err(|_| wrong())?;
    u64::try_from(since.as_millis()).map(Timestamp).map_err(|_| wrong())
}

/// What a statement is about: its kind, and which one behind a colon.
///
/// # Errors
/// What is none of them.
pub fn subject(text: &str) -> Result<StatementSubject, String> {
    let text = text.trim();
    let (kind, which) = text.split_once(':').unwrap_or((text, ""));
    match kind {
        "plan" if which.is_empty() => Ok(StatementSubject::Plan),
        "stage" => which.parse().map(StatementSubject::Stage),
        "change" => {
            which.parse().map(StatementSubject::Change).map_err(|error: primitives::NumberError| error.to_string())
        }
        "artifact" => {
            which.parse().map(StatementSubject::Artifact).map_err(|error: primitives::HexError| error.to_string())
        }
        "phase" => which.parse().map(StatementSubject::Phase),
        "scope" => which.parse().map(StatementSubject::Scope),
        _ => Err(format!(
            "{text:?} is nothing that a statement is about; write plan, stage:NAME, change:ID, artifact:BLAKE3, phase:NAME or scope:PATH"
        )),
    }
}

/// Something that a change brings: its name, its risk, and the flag that it is behind.
///
/// # Errors
/// What is none.
pub fn feature(text: &str) -> Result<Feature, String> {
    let wrong =
        || format!("{text:?} is no feature; write its name, low or high, and its flag, such as pay:high:checkout");
    let mut parts = text.trim().splitn(3, ':');
    let name = parts.next().and_then(Name::new).ok_or_else(wrong)?;
    let risk = parts.next().and_then(|risk| risk.to_ascii_lowercase().parse::<Risk>().ok()).ok_or_else(wrong)?;
    let flag = parts.next().map(|flag| Name::new(flag).ok_or_else(wrong)).transpose()?;
    Ok(Feature { name, risk, flag })
}

/// Somebody who has a role: the account, and where it may act. Everywhere, where nothing is said; with nothing behind the colon nowhere,
/// so that it votes alone.
///
/// # Errors
/// What is none.
pub fn seat(text: &str) -> Result<Seat, String> {
    let text = text.trim();
    let (account, scope) = text.split_once(':').map_or((text, None), |(account, scope)| (account, Some(scope)));
    let account = account.parse::<AccountId>().map_err(|error: primitives::HexError| error.to_string())?;
    let scopes = match scope {
        None => vec![ScopePattern::everywhere()],
        Some("") => Vec::new(),
        Some(scopes) => scopes.split(',').map(str::parse::<ScopePattern>).collect::<Result<Vec<_>, _>>()?,
    };
    let scopes =
        List::try_from(scopes).map_err(|_| format!("{text:?} names more than 4 scopes; write fewer, or wider ones"))?;
    Ok(Seat { account, scopes })
}

/// Somebody who has a role, behind the role and an equals sign.
///
/// # Errors
/// What is none.
pub fn seat_of_role(text: &str) -> Result<(Name, Seat), String> {
    let (role, member) = text.split_once('=').ok_or("write the role and its member, such as council=ACCOUNT")?;
    Ok((role.parse()?, seat(member)?))
}

/// A duty of a change: the change, and the check that it owes.
///
/// # Errors
/// What is none.
pub fn duty(text: &str) -> Result<DutyOfChange, String> {
    let (change, check) = text.trim().split_once(':').ok_or("write the change and its check, such as 7:audit")?;
    let change = change.parse().map_err(|error: primitives::NumberError| error.to_string())?;
    Ok(DutyOfChange { change, check: check.parse()? })
}

/// Something that is said of an artifact, under its key.
///
/// # Errors
/// What is none.
pub fn said_of_artifact(text: &str) -> Result<(Name, Text<128>), String> {
    let (key, said) = text.split_once('=').ok_or("write the key and what is said, such as target=PROD")?;
    let said = Text::new(said).ok_or_else(|| format!("what is said of {key} has more than 128 bytes; shorten it"))?;
    Ok((key.parse()?, said))
}

/// Something that is known of whoever asks for a flag, under its name: yes or no, a number, or a text; in quotes always a text.
///
/// # Errors
/// What is none.
pub fn attribute(text: &str) -> Result<(String, AttributeValue), String> {
    let (name, value) = text.split_once('=').ok_or("write the name and the value, such as country=DE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| AttributeValue::Text(value.to_owned()));
    Ok((name.to_owned(), value))
}

/// A flag, and what it serves once a plan is installed.
///
/// # Errors
/// What is none.
pub fn listed_move(text: &str) -> Result<ListedMove, String> {
    let (flag, to) = text.split_once('=').ok_or("write the flag and its variant, such as pruning=off")?;
    Ok(ListedMove { flag: flag.parse()?, to: to.parse()? })
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
    use governance::Choice;
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
        agree::<rpc::views::ChangeStateName>("open");
        agree::<rollouts::plan::ChangeKind>("promote");
        agree::<rollouts::plan::Nature>("hardening");
        agree::<rollouts::plan::PhaseState>("planned");
        agree::<rpc::views::CaseStateName>("open");
        agree::<primitives::AlertSeverity>("info");
        agree::<artifacts::ArtifactStanding>("candidate");
        assert!(words::<u64>().is_empty(), "a number has no words");
    }

    #[test]
    fn a_time_is_read_as_people_write_it_and_as_machines_do() {
        let read = |text: &str| block_time(text).ok().map(|time| time.0);
        let texts =
            ["2023-11-14T22:13:20Z", "2023-11-14 22:13:20", " 1700000000000 ", "tomorrow", "", "1969-01-01 00:00:00"];
        let second = Some(1_700_000_000_000);
        assert_eq!(texts.map(read), [second, second, second, None, None, None]);
    }

    #[test]
    fn what_a_statement_is_about_is_read_by_its_kind() {
        let hash = "ab".repeat(32);
        let read = |text: &str| subject(text).map(|subject| subject.to_string());
        assert_eq!(read("change:7").unwrap(), "change 7");
        assert_eq!(read("stage:canary").unwrap(), "stage canary");
        assert_eq!(read(&format!("artifact:{hash}")).unwrap(), format!("artifact {hash}"));
        assert_eq!((read("plan").unwrap(), read("scope:").unwrap()), ("the plan".into(), "the root".into()));
        assert_eq!(read("scope:PROD/t1").unwrap(), "scope PROD/t1");
        for wrong in ["", "plan:x", "change:x", "change", "stage:", "artifact:ab", "build:7"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_typed_in_parts_is_read_whole_or_refused() {
        let pay = feature("pay:HIGH:checkout").unwrap();
        assert_eq!((pay.name.as_str(), pay.risk, pay.flag.unwrap().as_str()), ("pay", Risk::High, "checkout"));
        assert!(feature("pay:low").unwrap().flag.is_none());
        for wrong in ["pay", "pay:some", ":low", "pay:low:"] {
            assert!(feature(wrong).is_err(), "{wrong}");
        }
        let who = "a1".repeat(32);
        let scopes =
            |text: &str| seat(text).map(|seat| seat.scopes.iter().map(|scope| scope.to_string()).collect::<Vec<_>>());
        assert_eq!(scopes(&who).unwrap(), ["**"]);
        assert_eq!(scopes(&format!("{who}:*/t1/**,DEV")).unwrap(), ["*/t1/**", "DEV"]);
        assert!(scopes(&format!("{who}:")).unwrap().is_empty(), "it votes alone");
        assert!(scopes("a1:**").is_err() && seat_of_role(&who).is_err() && listed_move("pruning").is_err());
        assert_eq!(seat_of_role(&format!("council={who}")).unwrap().0.as_str(), "council");
    }

    #[test]
    fn a_duty_what_is_said_of_an_artifact_and_an_attribute_are_read_by_their_parts() {
        let owed = duty(" 7:audit ").unwrap();
        assert_eq!((owed.change.0, owed.check.as_str()), (7, "audit"));
        let (key, said) = said_of_artifact("built_at=2026-12-01T08:00:00Z").unwrap();
        assert_eq!((key.as_str(), said.as_str()), ("built_at", "2026-12-01T08:00:00Z"));
        assert!(duty("audit").is_err() && duty("x:audit").is_err() && said_of_artifact("target").is_err());
        assert!(said_of_artifact(&format!("rv={}", "x".repeat(129))).unwrap_err().contains("128 bytes"));
        let read = |text: &str| attribute(text).unwrap().1;
        assert_eq!(
            (read("beta=true"), read("land=DE")),
            (AttributeValue::Bool(true), AttributeValue::Text("DE".into()))
        );
        assert_eq!(read("load=0.5"), AttributeValue::Number(serde_json::from_str("0.5").unwrap()));
        assert_eq!(
            (read("code=\"7\""), read("none=")),
            (AttributeValue::Text("7".into()), AttributeValue::Text("".into()))
        );
        assert!(attribute("beta").is_err());
    }

    #[test]
    fn a_track_is_one_on_which_accounts_propose() {
        let command = clap::Command::new("test");
        let read = |text: &str| track().parse_ref(&command, None, text.as_ref()).ok();
        let tracks = [Some(TrackName::Routine), Some(TrackName::Expedited), None];
        assert_eq!(["routine", "expedited", "council"].map(read), tracks);
    }
}
