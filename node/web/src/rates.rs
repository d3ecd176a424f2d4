//! How often somebody may ask: so many times a second on average, and as many at once as in one second. Whoever asks more often is told
//! when to come again.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many are remembered at most. Whoever comes when as many are asking at once shares one rate with all others that do.
const MOST_REMEMBERED: usize = 65_536;
/// As many at once as in this time.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Whose rate a request comes out of (ROLLOUTS 12.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RateOf {
    /// An address without a token.
    Address(IpAddr),
    /// A server's token, wherever it is used.
    Token([u8; 32]),
    /// A client's token at one address: it is in pages, and nobody who has it can use up what others have.
    TokenAt([u8; 32], IpAddr),
    /// All whom nobody remembers.
    Others,
}

/// The rates of all who ask.
#[derive(Debug)]
pub(crate) struct Rates {
    /// From one request to the next; nothing where there is no limit.
    every: Option<Duration>,
    /// When what each has asked for is used up.
    until: Mutex<HashMap<RateOf, Instant>>,
}

impl Rates {
    /// So many a second for each; 0 sets no limit.
    pub fn new(per_second: u32) -> Self {
        Self { every: Duration::from_secs(1).checked_div(per_second), until: Mutex::default() }
    }

    /// Takes a request out of a rate.
    ///
    /// # Errors
    /// How many seconds to wait, at least 1, when it is used up.
    pub fn take(&self, whose: RateOf, now: Instant) -> Result<(), u64> {
        let Some(every) = self.every else { return Ok(()) };
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let whose = remembered(&mut until, whose, now);
        let used = until.entry(whose).or_insert(now);
        let from = (*used).max(now);
        let ahead = (from + every).saturating_duration_since(now);
        match ahead.checked_sub(AT_ONCE.max(every)) {
            Some(wait) if !wait.is_zero() => Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            _ => {
                *used = from + every;
                Ok(())
            }
        }
    }
}

/// Under what somebody is remembered; those whose rate is whole again make room first.
fn remembered(until: &mut HashMap<RateOf, Instant>, whose: RateOf, now: Instant) -> RateOf {
    if until.len() < MOST_REMEMBERED || until.contains_key(&whose) {
        return whose;
    }
    until.retain(|_, used| *used > now);
    if until.len() < MOST_REMEMBERED { whose } else { RateOf::Others }
}

/// What was granted once already, to whom; forgotten together when there is too much of it.
#[derive(Debug)]
pub(crate) struct OnceEach<K>(Mutex<std::collections::HashSet<K>>);

impl<K> Default for OnceEach<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> OnceEach<K> {
    /// Whether it is granted for the first time.
    pub fn first(&self, what: K) -> bool {
        let mut granted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if granted.len() >= MOST_REMEMBERED {
            granted.clear();
        }
        granted.insert(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u32) -> RateOf {
        RateOf::Address(IpAddr::V4(number.into()))
    }

    #[test]
    fn a_second_of_requests_may_come_at_once_and_then_one_after_the_other() {
        let (rates, now) = (Rates::new(4), Instant::now());
        assert!((0..4).all(|_| rates.take(at(1), now).is_ok()));
        assert_eq!(rates.take(at(1), now), Err(1));
        assert_eq!(rates.take(at(2), now), Ok(()), "others have a rate of their own");
        let later = now + Duration::from_millis(250);
        assert_eq!(rates.take(at(1), later), Ok(()));
        assert_eq!(rates.take(at(1), later), Err(1));
        assert!((0..4).all(|_| rates.take(at(1), now + Duration::from_secs(60)).is_ok()), "and no more than that");
    }

    #[test]
    fn a_token_has_a_rate_and_a_clients_token_one_at_each_address() {
        let (rates, now) = (Rates::new(1), Instant::now());
        let (here, there): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        assert!(rates.take(RateOf::TokenAt([1; 32], here), now).is_ok());
        assert!(rates.take(RateOf::TokenAt([1; 32], here), now).is_err());
        assert!(rates.take(RateOf::TokenAt([1; 32], there), now).is_ok());
        assert!(rates.take(RateOf::Token([1; 32]), now).is_ok());
        assert!(rates.take(RateOf::Address(here), now).is_ok());
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let (rates, now) = (Rates::new(0), Instant::now());
        assert!((0..10_000).all(|_| rates.take(at(1), now).is_ok()));
    }

    #[test]
    fn strangers_take_no_more_memory_than_is_set_aside_and_leave_room_when_they_have_gone() {
        let (rates, now) = (Rates::new(1), Instant::now());
        let most = u32::try_from(MOST_REMEMBERED).unwrap();
        assert!((0..most).all(|number| rates.take(at(number), now).is_ok()));
        assert!(rates.take(at(most), now).is_ok());
        assert_eq!(rates.take(at(most + 1), now), Err(1), "the two share one rate");
        assert!(rates.until.lock().unwrap().len() <= MOST_REMEMBERED + 1);
        let later = now + Duration::from_secs(2);
        assert!(rates.take(at(most), later).is_ok() && rates.take(at(most + 1), later).is_ok());
        assert!(rates.until.lock().unwrap().len() < 4);
    }

    #[test]
    fn something_is_granted_once_to_each() {
        let once = OnceEach::default();
        assert!(once.first((1, "a")) && once.first((2, "a")) && !once.first((1, "a")));
    }
}
