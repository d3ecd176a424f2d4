//! Windows of every week.

use crate::plan::WindowRule;
use primitives::{Span, Timestamp};
use proptest::prelude::*;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// 2026-11-30T00:00:00Z, a Monday.
const MONDAY: u64 = 20_787 * DAY;
const WEDNESDAY: u8 = 1 << 2;

fn weekly(days: u8, from_minute: u16, minutes: u16) -> WindowRule {
    WindowRule::Weekly { days, from_minute, minutes }
}

/// A time of the week that begins on 2026-11-30.
fn on(day: u64, hour: u64, minute: u64) -> u64 {
    MONDAY + day * DAY + hour * HOUR + minute * MINUTE
}

#[test]
fn a_window_is_open_from_its_first_millisecond_until_before_the_first_one_after() {
    let wednesday = weekly(WEDNESDAY, 9 * 60, 6 * 60);
    let table = [
        (on(2, 9, 0) - 1, false),
        (on(2, 9, 0), true),
        (on(2, 15, 0) - 1, true),
        (on(2, 15, 0), false),
        (on(1, 10, 0), false),
        (on(3, 10, 0), false),
        (on(9, 10, 0), true),
    ];
    for (at, open) in table {
        assert_eq!(wednesday.holds(Timestamp(at)), open, "{at}");
    }
}

#[test]
fn a_window_may_reach_over_midnight_and_over_the_end_of_the_week() {
    let sunday_night = weekly(1 << 6, 22 * 60, 4 * 60);
    assert!(sunday_night.holds(Timestamp(on(6, 23, 0))) && sunday_night.holds(Timestamp(on(7, 1, 59))));
    assert!(!sunday_night.holds(Timestamp(on(7, 2, 0))) && !sunday_night.holds(Timestamp(on(0, 3, 0))));
    assert_eq!(sunday_night.end(Timestamp(on(6, 23, 0))), Some(Timestamp(on(7, 2, 0))));
}

#[test]
fn the_next_window_begins_after_the_moment_that_is_asked_about() {
    let wednesday = weekly(WEDNESDAY, 9 * 60, 6 * 60);
    let start = Timestamp(on(2, 9, 0));
    let table = [(on(2, 9, 0) - 1, start), (on(2, 9, 0), Timestamp(on(9, 9, 0))), (on(0, 0, 0), start)];
    for (at, next) in table {
        assert_eq!(wednesday.next_start(Timestamp(at)), Some(next), "{at}");
    }
}

#[test]
fn windows_without_a_gap_are_one_and_one_that_never_ends_has_no_end() {
    let two_days = weekly(0b11, 0, 1_440);
    assert_eq!(two_days.end(Timestamp(on(0, 5, 0))), Some(Timestamp(on(2, 0, 0))));
    assert_eq!(two_days.end(Timestamp(on(3, 5, 0))), None);
    let always = weekly(0x7f, 0, 1_440);
    assert!(always.holds(Timestamp(on(4, 4, 4))) && always.end(Timestamp(on(4, 4, 4))).is_none());
}

#[test]
fn what_is_announced_has_no_times_of_its_own() {
    let announced = WindowRule::Announced { notice: Span::days(14), longest: Span::hours(8) };
    let at = Timestamp(on(2, 10, 0));
    assert_eq!((announced.holds(at), announced.next_start(at), announced.end(at)), (false, None, None));
}

#[test]
fn the_first_and_the_last_moments_of_time_are_judged_too() {
    let always = weekly(0x7f, 0, 1_440);
    assert!(always.holds(Timestamp(0)));
    assert_eq!(always.next_start(Timestamp(u64::MAX)), None);
    // 1970-01-01 was a Thursday.
    assert!(weekly(1 << 3, 0, 60).holds(Timestamp(0)) && !weekly(1 << 2, 0, 60).holds(Timestamp(0)));
}

/// The same by another way: minutes of a week that are marked one by one.
fn marked(days: u8, from: u16, minutes: u16) -> Vec<bool> {
    let week = 7 * 1_440;
    let mut open = vec![false; week];
    for day in (0..7).filter(|day| days >> day & 1 == 1) {
        for minute in 0..usize::from(minutes) {
            open[(day * 1_440 + usize::from(from) + minute) % week] = true;
        }
    }
    open
}

proptest! {
    #[test]
    fn a_moment_is_in_a_window_when_its_minute_of_the_week_is(
        days in 0u8..128, from in 0u16..1_440, minutes in 1u16..=1_440, at in 0u64..14 * 1_440
    ) {
        let open = marked(days, from, minutes);
        let minute = usize::try_from(at).unwrap() % open.len();
        let holds = weekly(days, from, minutes).holds(Timestamp(MONDAY + at * MINUTE));
        prop_assert_eq!(holds, open[minute]);
    }

    #[test]
    fn a_window_ends_at_the_first_minute_that_none_holds(
        days in 0u8..128, from in 0u16..1_440, minutes in 1u16..=1_440, at in 0u64..7 * 1_440
    ) {
        let rule = weekly(days, from, minutes);
        let moment = |minute: u64| Timestamp(MONDAY + minute * MINUTE);
        let gap = (at..at + 7 * 1_440).find(|minute| !rule.holds(moment(*minute)));
        let expected = gap.filter(|gap| *gap > at).map(moment);
        prop_assert_eq!(rule.end(moment(at)), expected);
    }

    #[test]
    fn the_next_window_is_open_when_it_begins_and_none_begins_before_it(
        days in 1u8..128, from in 0u16..1_440, minutes in 1u16..=1_440, at in 0u64..7 * DAY
    ) {
        let rule = weekly(days, from, minutes);
        let at = MONDAY + at;
        let next = rule.next_start(Timestamp(at)).unwrap();
        prop_assert!(next.0 > at && next.0 - at <= 7 * DAY && rule.holds(next));
        let since_monday = next.0 - MONDAY;
        prop_assert_eq!(since_monday % DAY, u64::from(from) * MINUTE);
        let days_between = (at / DAY..=next.0 / DAY).filter(|day| days >> ((day + 3) % 7) & 1 == 1);
        let starts: Vec<u64> = days_between.map(|day| day * DAY + u64::from(from) * MINUTE).collect();
        prop_assert!(starts.iter().all(|start| *start <= at || *start >= next.0));
    }
}
