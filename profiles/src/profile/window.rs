//! `[windows]`: days and times of every week in UTC, or as they are announced.

use crate::strict::TableReader;
use crate::words::{named, text, typed};
use primitives::{List, Span};
use rollouts::plan::{Window, WindowRule};

/// The days of a week, as a profile names them; bit 0 is the first.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_OF_AN_HOUR: u16 = 60;
const HOURS_OF_A_DAY: u16 = 24;
const MINUTE: u64 = 60_000;

pub(super) fn read(reader: &mut TableReader<'_, '_>) -> List<Window, 8> {
    let windows = reader.each("windows", |name, window| {
        let name = window.possible_key(name, named);
        let rule = rule(window);
        Some(Window { name: name?, rule: rule? })
    });
    reader.bounded("windows", windows)
}

fn rule(window: &mut TableReader<'_, '_>) -> Option<WindowRule> {
    if window.says("announced") {
        let notice = window.need("notice", typed);
        let longest = window.need("longest", typed);
        return Some(WindowRule::Announced { notice: notice?, longest: longest? });
    }
    let days = window.need("days", |value| days(text(value)?));
    let from_minute = window.need("from", |value| minute_of_day(text(value)?));
    let minutes = window.need("for", |value| minutes(typed(value)?));
    Some(WindowRule::Weekly { days: days?, from_minute: from_minute?, minutes: minutes? })
}

/// Days with commas between them, and from one to another with two dots; over the end of the week too.
fn days(text: &str) -> Result<u8, String> {
    text.split(',').try_fold(0_u8, |days, part| {
        let (first, last) = part.split_once("..").unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let wanted = DAYS.len().saturating_add(last).saturating_sub(first).checked_rem(DAYS.len()).unwrap_or(0);
        let bits = (0..DAYS.len()).cycle().skip(first).take(wanted.saturating_add(1));
        Ok(bits.fold(days, |days, bit| days | 1_u8.checked_shl(u32::try_from(bit).unwrap_or(u32::MAX)).unwrap_or(0)))
    })
}

fn day(text: &str) -> Result<usize, String> {
    let found = DAYS.iter().position(|day| *day == text.trim());
    found.ok_or_else(|| {
        format!("{:?} is no day; write days such as \"tue,thu\" or \"mon..fri\" of {}", text.trim(), DAYS.join(" "))
    })
}

/// The minute of the day of a time such as 08:00.
fn minute_of_day(text: &str) -> Result<u16, String> {
    let two_digits = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| is_number)
    };
    text.split_once(':')
        .and_then(|(hour, minute)| Some((two_digits(hour)?, two_digits(minute)?)))
        .filter(|(hour, minute)| *hour < HOURS_OF_A_DAY && *minute < MINUTES_OF_AN_HOUR)
        .map(|(hour, minute)| hour.saturating_mul(MINUTES_OF_AN_HOUR).saturating_add(minute))
        .ok_or_else(|| "write a time of the day in UTC, such as \"08:00\"".into())
}

/// The whole minutes of a span.
fn minutes(span: Span) -> Result<u16, String> {
    let whole = match span {
        Span::Millis(millis) if millis.checked_rem(MINUTE) == Some(0) => millis.checked_div(MINUTE),
        _ => None,
    };
    let minutes = whole.and_then(|minutes| u16::try_from(minutes).ok());
    minutes.ok_or_else(|| "write whole minutes or hours of at most a day, such as \"6 h\"".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_listed_or_from_one_to_another() {
        let cases = [
            ("mon..sun", 0b111_1111),
            ("tue,thu", 0b000_1010),
            ("wed", 0b000_0100),
            ("sat..mon", 0b110_0001),
            ("mon..fri, sun", 0b101_1111),
        ];
        for (text, bits) in cases {
            assert_eq!(days(text), Ok(bits), "{text}");
        }
        for text in ["", "monday", "mon..", "mon;tue", "Mon"] {
            assert!(days(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_of_a_day_and_lengths_whole_minutes() {
        assert_eq!(["00:00", "08:00", "23:59"].map(minute_of_day), [Ok(0), Ok(480), Ok(1_439)]);
        for text in ["24:00", "8:00", "08:60", "08", "+8:00", ""] {
            assert!(minute_of_day(text).is_err(), "{text}");
        }
        assert_eq!(minutes(Span::hours(24)), Ok(1_440));
        assert!(minutes(Span::Millis(90_001)).is_err() && minutes(Span::Epochs(1)).is_err());
    }
}
