//! `[flags]`: what can be switched, by whom, and what holds where nothing is set.

use crate::bundle::{OFF, ON};
use crate::strict::{TableReader, WrittenValue};
use crate::words::{AUDIENCE, FLAG, RISK, named, one_of, or_empty, text, typed};
use flags::{Audience, Expiry, Flag, Value, Variant};
use primitives::{List, Name, Timestamp};

/// The variants of a flag for which a profile lists none, with what they serve; gates have these.
pub(crate) const ON_OFF: [(&str, bool); 2] = [(ON, true), (OFF, false)];
/// What a profile has in the place of a date for a flag that does not expire.
pub(crate) const NEVER: &str = "never";
/// How an object is written.
const OBJECT: &str = "an object as its JSON, such as { json = \"{}\" }";
/// Milliseconds of a day.
const DAY: u64 = 86_400_000;
/// After so many years the leap years are the same again, and the days of them.
const YEARS_OF_A_CYCLE: u64 = 400;
const DAYS_OF_A_CYCLE: u64 = 146_097;

pub(super) fn read(reader: &mut TableReader<'_, '_>, of_node: bool) -> List<Flag, 64> {
    let flags = reader.each("flags", |key, flag| of(key, flag, of_node));
    reader.bounded("flags", flags)
}

fn of(key: &str, flag: &mut TableReader<'_, '_>, of_node: bool) -> Option<Flag> {
    let key: Option<Name> = flag.possible_key(key, named);
    let kind = flag.need("kind", one_of(FLAG));
    let owner = flag.need("owner", typed);
    let expires = flag.need("expires", |value| expiry(text(value)?));
    let risk = flag.need("risk", one_of(RISK));
    // What a node's plan serves is for nodes; for whom an application serves something is not for us to guess.
    let audience = match flag.may("audience", one_of(AUDIENCE)) {
        None if of_node && !flag.has("audience") => Some(Audience::Node),
        None if !flag.has("audience") => flag.need("audience", one_of(AUDIENCE)),
        said => said,
    };
    let emergency = flag.says("emergency");
    let requires = flag.may_list("requires", typed);
    let named_variants = flag.has("variants");
    let variants = variants(flag);
    let fallback = flag.need("fallback", |value| place(&variants, text(value)?));
    let off = match (flag.has("off"), named_variants) {
        // Of two variants without names of their own, one is the off one.
        (false, false) => {
            flag.pass_over("off");
            place(&variants, OFF).ok()
        }
        _ => flag.need("off", |value| place(&variants, text(value)?)),
    };
    let bypass = flag.may_list("bypass", |value| place(&variants, text(value)?));
    let salt = flag.may("salt", typed);
    let text = or_empty(flag.may("text", typed));
    Some(Flag {
        salt: salt.or_else(|| key.clone())?,
        key: key?,
        kind: kind?,
        variants,
        fallback: fallback?,
        off: off?,
        owner: owner?,
        expires: expires?,
        risk: risk?,
        audience: audience?,
        emergency,
        requires,
        bypass,
        text,
    })
}

/// The variants with the values that they serve; on and off where none are listed.
fn variants(flag: &mut TableReader<'_, '_>) -> List<Variant, 16> {
    let listed = flag.pairs("variants", |name, value| Ok(Variant { name: named(name)?, value: served(value)? }));
    if flag.has("variants") {
        return flag.bounded("variants", listed);
    }
    let on_off = ON_OFF.into_iter();
    List::truncate_from(
        on_off.filter_map(|(name, on)| Some(Variant { name: Name::new(name)?, value: Value::Bool(on) })).collect(),
    )
}

/// The place of a variant in the list.
fn place(variants: &[Variant], name: &str) -> Result<u8, String> {
    let found = variants.iter().position(|variant| variant.name.as_str() == name);
    let all = || variants.iter().map(|variant| format!("{:?}", variant.name)).collect::<Vec<_>>().join(", ");
    found.and_then(|at| u8::try_from(at).ok()).ok_or_else(|| format!("write one of its variants: {}", all()))
}

fn served(value: &WrittenValue) -> Result<Value, String> {
    match &value.value {
        toml::Value::Boolean(truth) => Ok(Value::Bool(*truth)),
        toml::Value::Integer(number) => Ok(Value::Int(*number)),
        toml::Value::String(text) => text.parse().map(Value::Text),
        // As it is written, so that nothing is rounded.
        toml::Value::Float(_) => value.written.parse().map(Value::Number),
        toml::Value::Table(table) if table.len() == 1 => {
            let json = table.get("json").and_then(toml::Value::as_str).ok_or(OBJECT)?;
            json.parse().map(Value::Object)
        }
        _ => Err(format!("write true or false, a number, or a text; or {OBJECT}")),
    }
}

/// The first moment of a date in UTC, or never.
fn expiry(text: &str) -> Result<Expiry, String> {
    if text == NEVER {
        return Ok(Expiry::Never);
    }
    let problem = || "write a date such as \"2026-12-31\", whose first moment in UTC is meant, or \"never\"".to_owned();
    let days = days_since_1970(text).ok_or_else(problem)?;
    Ok(Expiry::At(Timestamp(days.saturating_mul(DAY))))
}

/// The days from 1970-01-01 to a date that exists, not before.
fn days_since_1970(text: &str) -> Option<u64> {
    let is_shaped = text.len() == 10
        && text.bytes().enumerate().all(
            |(at, byte)| {
                if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() }
            },
        );
    if !is_shaped {
        return None;
    }
    let mut numbers = text.split('-').map(|digits| digits.parse::<u64>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let exists = year >= 1970 && (1..=days_in(year, month)?).contains(&day);
    let of_years: u64 = (1970..year).map(days_of).sum();
    let of_months: u64 = (1..month).filter_map(|month| days_in(year, month)).sum();
    exists.then(|| of_years.saturating_add(of_months).saturating_add(day.saturating_sub(1)))
}

/// The date of a moment at which a day begins, as a profile has it.
pub(crate) fn date(at: Timestamp) -> String {
    let days = at.0.checked_div(DAY).unwrap_or(0);
    // The calendar repeats itself: so no moment takes long.
    let cycles = days.checked_div(DAYS_OF_A_CYCLE).unwrap_or(0);
    let mut left = days.checked_rem(DAYS_OF_A_CYCLE).unwrap_or(0);
    let mut year = cycles.saturating_mul(YEARS_OF_A_CYCLE).saturating_add(1970);
    while left >= days_of(year) {
        left = left.saturating_sub(days_of(year));
        year = year.saturating_add(1);
    }
    let mut month = 1_u64;
    while let Some(days) = days_in(year, month).filter(|days| left >= *days) {
        left = left.saturating_sub(days);
        month = month.saturating_add(1);
    }
    format!("{year:04}-{month:02}-{:02}", left.saturating_add(1))
}

fn days_of(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u64, month: u64) -> Option<u64> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if is_leap(year) { 29 } else { 28 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_first_moment_and_comes_back_as_it_was() {
        let cases = [("1970-01-01", 0), ("2026-12-31", 20_818), ("2024-02-29", 19_782), ("2000-03-01", 11_017)];
        for (text, days) in cases {
            assert_eq!(expiry(text), Ok(Expiry::At(Timestamp(days * DAY))), "{text}");
            assert_eq!(date(Timestamp(days * DAY)), text);
        }
        assert_eq!(expiry("never"), Ok(Expiry::Never));
        for text in ["2026-13-01", "2026-02-29", "2026-1-1", "1969-12-31", "2026-00-10", "2026/12/31", "tomorrow", ""] {
            assert!(expiry(text).is_err(), "{text}");
        }
    }
}
