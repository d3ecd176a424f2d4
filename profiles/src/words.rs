//! The words that a profile has for what a plan has types for, each once: read and written from one table.

use crate::strict::WrittenValue;
use flags::{Audience, FlagKind, Risk};
use primitives::{AlertSeverity, Amount, Name, RecordClass, ReleaseClass, Text};
use releases::StageName;
use rollouts::check::{AboutKind, FleetProfile, IfMissing, Register};
use rollouts::plan::{ChangeKind, Missed, Nature, PhaseState};
use std::str::FromStr;
use toml::Value;

/// A type's values, each with its word.
pub(crate) type Words<T> = [(&'static str, T)];

pub(crate) const ABOUT: &Words<AboutKind> = &[
    ("plan", AboutKind::Plan),
    ("stage", AboutKind::Stage),
    ("change", AboutKind::Change),
    ("artifact", AboutKind::Artifact),
    ("phase", AboutKind::Phase),
    ("scope", AboutKind::Scope),
];
pub(crate) const SEVERITY: &Words<AlertSeverity> =
    &[("INFO", AlertSeverity::Info), ("WARN", AlertSeverity::Warn), ("CRITICAL", AlertSeverity::Critical)];
pub(crate) const REGISTER: &Words<Register> = &[("incident", Register::Incident), ("risk", Register::Risk)];
pub(crate) const FLEET: &Words<FleetProfile> = &[("current", FleetProfile::Current), ("target", FleetProfile::Target)];
pub(crate) const MISSING: &Words<IfMissing> = &[("deferred", IfMissing::Deferred), ("no-go", IfMissing::NoGo)];
pub(crate) const MISSED: &Words<Missed> =
    &[("block", Missed::Block), ("hold", Missed::Hold), ("restore", Missed::Restore)];
pub(crate) const CHANGE: &Words<ChangeKind> = &[
    ("promote", ChangeKind::Promote),
    ("demote", ChangeKind::Demote),
    ("set", ChangeKind::Set),
    ("disable", ChangeKind::Disable),
    ("rollback", ChangeKind::Rollback),
    ("freeze", ChangeKind::Freeze),
    ("phase", ChangeKind::Phase),
];
pub(crate) const CLASS: &Words<ReleaseClass> = &[
    ("major", ReleaseClass::Major),
    ("minor", ReleaseClass::Minor),
    ("patch", ReleaseClass::Patch),
    ("hotfix", ReleaseClass::Hotfix),
];
pub(crate) const PHASE: &Words<PhaseState> = &[
    ("PLANNED", PhaseState::Planned),
    ("OPEN", PhaseState::Open),
    ("FROZEN", PhaseState::Frozen),
    ("LOCKED", PhaseState::Locked),
];
pub(crate) const NATURE: &Words<Nature> =
    &[("hardening", Nature::Hardening), ("fix", Nature::Fix), ("feature", Nature::Feature)];
pub(crate) const RECORDS: &Words<RecordClass> = &[
    ("AUDIT", RecordClass::Audit),
    ("SECURITY", RecordClass::Security),
    ("COMPLIANCE", RecordClass::Compliance),
    ("METRICS", RecordClass::Metrics),
];
pub(crate) const INSTALL: &Words<StageName> = &[
    ("staged", StageName::Staged),
    ("booted", StageName::Booted),
    ("healthy", StageName::Healthy),
    ("rolled_back", StageName::RolledBack),
    ("unusable", StageName::Unusable),
    ("held", StageName::Held),
];
pub(crate) const FLAG: &Words<FlagKind> = &[
    ("gate", FlagKind::Gate),
    ("release", FlagKind::Release),
    ("experiment", FlagKind::Experiment),
    ("operational", FlagKind::Operational),
    ("permission", FlagKind::Permission),
    ("kill_switch", FlagKind::KillSwitch),
    ("sunset", FlagKind::Sunset),
];
pub(crate) const RISK: &Words<Risk> = &[("low", Risk::Low), ("high", Risk::High)];
pub(crate) const AUDIENCE: &Words<Audience> =
    &[("node", Audience::Node), ("server", Audience::Server), ("client", Audience::Client), ("both", Audience::Both)];

/// Reads one of the words of a table.
pub(crate) fn one_of<T: Copy>(words: &'static Words<T>) -> impl Fn(&WrittenValue) -> Result<T, String> {
    move |value| meaning(words, text(value)?)
}

/// What a word of a table means.
pub(crate) fn meaning<T: Copy>(words: &Words<T>, text: &str) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant);
    let all = || words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("write one of {}", all()))
}

/// The word for a value; empty for one that the table lacks, of which there is none.
pub(crate) fn word<T: PartialEq>(words: &'static Words<T>, meant: &T) -> &'static str {
    words.iter().find(|(_, other)| other == meant).map_or("", |(word, _)| word)
}

/// The text of a value.
pub(crate) fn text(value: &WrittenValue) -> Result<&str, String> {
    value.value.as_str().ok_or_else(|| "write a text between quotes".into())
}

/// Reads a text as what it says.
pub(crate) fn typed<T: FromStr<Err = String>>(value: &WrittenValue) -> Result<T, String> {
    text(value)?.parse()
}

/// Reads yes or no.
pub(crate) fn truth(value: &WrittenValue) -> Result<bool, String> {
    value.value.as_bool().ok_or_else(|| "write true or false".into())
}

/// Reads a whole number.
pub(crate) fn number<T: TryFrom<i64>>(value: &WrittenValue) -> Result<T, String> {
    let number = value.value.as_integer().ok_or("write a whole number, without quotes")?;
    T::try_from(number).map_err(|_| "the number is below nothing, or larger than there may be".into())
}

/// Reads an amount, which is a decimal text, so that no reader rounds it; a whole number is taken too.
pub(crate) fn amount(value: &WrittenValue) -> Result<Amount, String> {
    match &value.value {
        Value::Integer(_) => number(value).map(Amount),
        _ => text(value)?.parse().map_err(|error| format!("{error}")),
    }
}

/// Takes one value alone.
pub(crate) fn only(expected: i64) -> impl Fn(&WrittenValue) -> Result<(), String> {
    move |value| match value.value.as_integer() {
        Some(found) if found == expected => Ok(()),
        _ => Err(format!("this is read in version {expected} alone; write {expected}")),
    }
}

/// Reads the name that a key is.
pub(crate) fn named(key: &str) -> Result<Name, String> {
    key.parse()
}

/// A text of at most so many bytes; empty where there is none.
pub(crate) fn or_empty<const MAX: u32>(text: Option<Text<MAX>>) -> Text<MAX> {
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<T: PartialEq + Copy + std::fmt::Debug>(words: &'static Words<T>) {
        for (said, meant) in words {
            assert_eq!(meaning(words, said), Ok(*meant), "{said} is there twice");
            assert_eq!(word(words, meant), *said, "{meant:?} has two words");
        }
    }

    #[test]
    fn every_word_means_one_thing_and_everything_has_one_word() {
        told(ABOUT);
        told(SEVERITY);
        told(REGISTER);
        told(FLEET);
        told(MISSING);
        told(MISSED);
        told(CHANGE);
        told(CLASS);
        told(PHASE);
        told(NATURE);
        told(RECORDS);
        told(INSTALL);
        told(FLAG);
        told(RISK);
        told(AUDIENCE);
        assert_eq!(meaning(REGISTER, "incidents"), Err("write one of \"incident\", \"risk\"".into()));
    }
}
