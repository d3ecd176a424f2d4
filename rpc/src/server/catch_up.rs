//! Those who are behind: what is kept of the chain is read for them a page at a time, by two readers of their own, within so many bytes a
//! second in all and for one address. They wait for their turn; whoever is at the head does not wait for them.

use super::peer::Share;
use crate::error::{ReadError, RpcRefusal};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pages that are read at once.
const READERS: usize = 2;

/// How much those who are behind are given.
#[derive(Debug)]
pub(super) struct CatchUp {
    readers: Arc<Semaphore>,
    all: Arc<Mutex<Allowance>>,
    /// Bytes a second for one address.
    of_one: u64,
    shares: Mutex<BTreeMap<Share, Arc<OfShare>>>,
}

/// What those of one address have together.
#[derive(Debug)]
struct OfShare {
    /// One page at a time, in the order in which they came.
    turn: Arc<Semaphore>,
    allowance: Arc<Mutex<Allowance>>,
}

impl CatchUp {
    /// So many bytes a second in all, and for one address.
    pub fn new(in_all: u64, of_one: u64) -> Self {
        let all = Arc::new(Mutex::new(Allowance::new(in_all, Instant::now())));
        Self { readers: Arc::new(Semaphore::new(READERS)), all, of_one, shares: Mutex::default() }
    }

    /// Reads a page for somebody when the turn comes. `read` gives the page and its bytes. A page that was begun is read and counts
    /// also when nobody waits for it any more.
    pub async fn page<T: Send + 'static>(
        &self,
        share: Share,
        read: impl FnOnce() -> Result<(T, usize), RpcRefusal> + Send + 'static,
    ) -> Result<T, RpcRefusal> {
        let of_share = self.of(share);
        let turn = place(&of_share.turn).await?;
        until_there_is(&of_share.allowance).await;
        let reader = place(&self.readers).await?;
        until_there_is(&self.all).await;
        let spent = [of_share.allowance.clone(), self.all.clone()];
        off_the_async_threads(move || {
            let (page, bytes) = read()?;
            spent.iter().for_each(|allowance| lock(allowance).spend(bytes as u64, Instant::now()));
            drop((reader, turn));
            Ok(page)
        })
        .await
    }

    fn of(&self, share: Share) -> Arc<OfShare> {
        let mut shares = lock(&self.shares);
        if let Some(known) = shares.get(&share) {
            return known.clone();
        }
        // Whoever is gone and has spent nothing that is still owed is forgotten.
        let now = Instant::now();
        shares.retain(|_, of| Arc::strong_count(of) > 1 || !lock(&of.allowance).is_whole(now));
        let allowance = Arc::new(Mutex::new(Allowance::new(self.of_one, now)));
        let new = Arc::new(OfShare { turn: Arc::new(Semaphore::new(1)), allowance });
        shares.insert(share, new.clone());
        new
    }
}

async fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, RpcRefusal> {
    let place = places.clone().acquire_owned().await;
    place.map_err(|closed| ReadError::Failed(closed.to_string()).into())
}

/// Lets something read where blocking is allowed.
pub(super) async fn off_the_async_threads<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, RpcRefusal> + Send + 'static,
) -> Result<T, RpcRefusal> {
    let reading = tokio::task::spawn_blocking(read);
    reading.await.unwrap_or_else(|error| Err(ReadError::Failed(error.to_string()).into()))
}

async fn until_there_is(allowance: &Mutex<Allowance>) {
    loop {
        let Some(pause) = lock(allowance).pause(Instant::now()) else { return };
        tokio::time::sleep(pause).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes that may be spent: they come at a rate, and what is not spent is kept for a second. What a page takes is known once it is
/// read, so it may be owed.
#[derive(Debug)]
struct Allowance {
    /// Bytes a second, at least one.
    rate: u64,
    left: i64,
    at: Instant,
}

impl Allowance {
    fn new(rate: u64, now: Instant) -> Self {
        let rate = rate.max(1);
        Self { rate, left: i64::try_from(rate).unwrap_or(i64::MAX), at: now }
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_micros();
        let come = i64::try_from(passed.saturating_mul(self.rate.into()) / 1_000_000).unwrap_or(i64::MAX);
        if come > 0 {
            let most = i64::try_from(self.rate).unwrap_or(i64::MAX);
            (self.left, self.at) = (self.left.saturating_add(come).min(most), now);
        }
    }

    /// How long until something is left; none when something is.
    fn pause(&mut self, now: Instant) -> Option<Duration> {
        self.refill(now);
        let missing = u64::try_from(1i64.saturating_sub(self.left)).ok().filter(|missing| *missing > 0)?;
        let micros = u128::from(missing).saturating_mul(1_000_000) / u128::from(self.rate);
        Some(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX).saturating_add(1)))
    }

    fn spend(&mut self, bytes: u64, now: Instant) {
        self.refill(now);
        self.left = self.left.saturating_sub(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    fn is_whole(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.left >= i64::try_from(self.rate).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h27_what_is_owed_comes_at_the_rate_and_no_more_than_a_second_is_kept() {
        let start = Instant::now();
        let after = |millis: u64| start + Duration::from_millis(millis);
        let mut allowance = Allowance::new(1_000, start);
        assert_eq!(allowance.pause(after(60_000)), None);
        allowance.spend(1_000, after(60_000));
        let pause = allowance.pause(after(60_000)).unwrap();
        assert!((1_000..=1_001).contains(&pause.as_micros()), "a minute of quiet is worth a second: {pause:?}");
        allowance.spend(5_000, after(60_000));
        let pause = allowance.pause(after(61_000)).unwrap();
        assert!((4_001_000..=4_001_001).contains(&pause.as_micros()), "{pause:?}");
        assert_eq!(allowance.pause(after(65_002)), None);
        assert!(!allowance.is_whole(after(65_002)) && allowance.is_whole(after(67_000)));
    }

    #[tokio::test]
    async fn h27_one_address_has_its_share_and_leaves_the_rest_to_others() {
        let catch_up = Arc::new(CatchUp::new(1 << 20, 1_000));
        let greedy = Share::Address([10, 0, 0, 1].into());
        let page = |share: Share, bytes: usize| {
            let catch_up = catch_up.clone();
            async move { catch_up.page(share, move || Ok(((), bytes))).await.unwrap() }
        };
        page(greedy, 1_000_000).await;
        let waits = tokio::time::timeout(Duration::from_millis(50), page(greedy, 1));
        assert!(waits.await.is_err(), "it owes as much as comes in a quarter of an hour");
        for other in 2..50 {
            let other = Share::Address([10, 0, 0, other].into());
            tokio::time::timeout(Duration::from_secs(5), page(other, 100)).await.expect("others do not wait for it");
        }
    }
}
