//! A line that all who ask share evenly: what a mirror or a node sends.
//!
//! Each transfer gets the same part of the rate, and gets more as soon as another one ends. It is counted in one sum: what a transfer
//! has been given that was there from the beginning. A transfer ends when the sum has grown by its size since it began, so that the
//! next one to end is the first in order, and what happens costs the same however many share the line.

use crate::world::Moment;
use std::collections::BTreeMap;
use std::time::Duration;

/// Sums are counted in millionths of a byte: those that a byte a second gives in a microsecond.
const BYTE: u128 = 1_000_000;

/// Who is sent something.
pub(super) type Receiver = u32;

/// A line.
#[derive(Clone, Debug)]
pub(super) struct Pipe {
    rate: u64,
    given: u128,
    since: Moment,
    by_end: BTreeMap<(u128, Receiver), u64>,
    ends: BTreeMap<Receiver, u128>,
    sent: u64,
    /// When it is asked next who has got everything.
    asked: Option<Moment>,
}

impl Pipe {
    /// A line that sends so many bytes a second, to nobody yet.
    pub fn new(rate: u64) -> Self {
        let (by_end, ends) = (BTreeMap::new(), BTreeMap::new());
        Self { rate, given: 0, since: Moment::BEGIN, by_end, ends, sent: 0, asked: None }
    }

    /// What it has sent so far, in bytes; of a transfer that goes on, nothing yet.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Sends at another rate from now on.
    pub fn set_rate(&mut self, now: Moment, rate: u64) {
        self.advance(now);
        self.rate = rate;
    }

    /// Begins to send so many bytes to somebody who is sent nothing yet.
    pub fn begin(&mut self, now: Moment, to: Receiver, bytes: u64) {
        self.advance(now);
        let end = self.given + u128::from(bytes) * BYTE;
        self.ends.insert(to, end);
        self.by_end.insert((end, to), bytes);
    }

    /// Ends what somebody is sent, and gives how many bytes of it came.
    pub fn stop(&mut self, now: Moment, to: Receiver) -> u64 {
        self.advance(now);
        let Some(end) = self.ends.remove(&to) else { return 0 };
        let bytes = self.by_end.remove(&(end, to)).unwrap_or_default();
        let came = bytes.saturating_sub(left(end, self.given));
        self.sent += came;
        came
    }

    /// How many bytes are still to come to somebody.
    pub fn left(&mut self, now: Moment, to: Receiver) -> u64 {
        self.advance(now);
        self.ends.get(&to).map_or(0, |end| left(*end, self.given))
    }

    /// Those who have got everything by now, who are sent nothing any more.
    pub fn done(&mut self, now: Moment) -> Vec<Receiver> {
        self.advance(now);
        let mut done = Vec::new();
        while let Some(first) = self.by_end.first_entry() {
            let (end, to) = *first.key();
            if end > self.given {
                break;
            }
            self.sent += first.remove();
            self.ends.remove(&to);
            done.push(to);
        }
        done
    }

    /// All who are sent something.
    pub fn receivers(&self) -> Vec<Receiver> {
        self.ends.keys().copied().collect()
    }

    /// When it is to be asked who has got everything, as it stands now. None where nobody is sent anything, and where it is asked early
    /// enough in any case: who is asked too early is asked again. So those who join a line that many share cost no question more.
    pub fn ask_at(&mut self) -> Option<Moment> {
        let ((end, _), _) = self.by_end.first_key_value()?;
        if self.rate == 0 {
            return None;
        }
        let missing = end.saturating_sub(self.given) * self.by_end.len() as u128;
        let after = missing.div_ceil(u128::from(self.rate));
        let at = self.since.plus(Duration::from_micros(u64::try_from(after).unwrap_or(u64::MAX)));
        if self.asked.is_some_and(|asked| asked <= at) {
            return None;
        }
        self.asked = Some(at);
        self.asked
    }

    /// Whether it is to be asked now. One question is answered once.
    pub fn is_asked(&mut self, now: Moment) -> bool {
        self.asked.take_if(|asked| *asked == now).is_some()
    }

    fn advance(&mut self, now: Moment) {
        let passed = now.since(self.since).as_micros();
        self.since = now;
        if let Some(each) = (passed * u128::from(self.rate)).checked_div(self.by_end.len() as u128) {
            self.given += each;
        }
    }
}

fn left(end: u128, given: u128) -> u64 {
    let left = end.saturating_sub(given).div_ceil(BYTE);
    u64::try_from(left).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::BEGIN.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn two_who_share_a_line_get_half_each_and_the_second_gets_all_once_it_is_alone() {
        let mut pipe = Pipe::new(1_000);
        pipe.begin(at(0), 1, 1_000);
        pipe.begin(at(0), 2, 2_000);
        assert_eq!(pipe.ask_at(), Some(at(2)));
        assert!(pipe.is_asked(at(2)) && !pipe.is_asked(at(2)));
        assert_eq!(pipe.done(at(2)), [1]);
        assert_eq!(pipe.left(at(2), 2), 1_000);
        assert_eq!(pipe.ask_at(), Some(at(3)));
        assert!(pipe.is_asked(at(3)));
        assert_eq!(pipe.done(at(3)), [2]);
        assert_eq!((pipe.sent(), pipe.ask_at()), (3_000, None));
    }

    #[test]
    fn who_joins_costs_no_question_and_who_leaves_brings_the_next_end_forward() {
        let mut pipe = Pipe::new(1_000);
        pipe.begin(at(0), 1, 1_000);
        assert_eq!(pipe.ask_at(), Some(at(1)));
        pipe.begin(at(0), 2, 5_000);
        assert_eq!(pipe.ask_at(), None, "it is later now");
        assert!(pipe.is_asked(at(1)));
        assert!(pipe.done(at(1)).is_empty());
        assert_eq!(pipe.ask_at(), Some(at(2)));
        assert_eq!(pipe.stop(at(1), 2), 500);
        let sooner = Moment(1_500_000);
        assert_eq!(pipe.ask_at(), Some(sooner));
        assert!(pipe.is_asked(sooner));
        assert_eq!(pipe.done(sooner), [1]);
        assert!(!pipe.is_asked(at(2)), "that was before somebody left");
    }

    #[test]
    fn what_is_stopped_gives_what_came_and_a_line_that_stalls_gives_nothing() {
        let mut pipe = Pipe::new(1_000);
        pipe.begin(at(0), 1, 10_000);
        pipe.set_rate(at(4), 0);
        assert_eq!(pipe.ask_at(), None);
        assert_eq!(pipe.stop(at(9), 1), 4_000);
        assert!(pipe.receivers().is_empty());
    }
}
