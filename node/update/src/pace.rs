//! How slow a source may be before another takes over, and when all of them together are (T7).

use super::fault::Fault;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
pub use host::config::Pace;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A stream of bytes, held to a pace.
pub(super) struct Paced<S> {
    pace: Pace,
    bytes: S,
    came: u64,
    ends: Instant,
}

impl<S: Stream<Item = Result<Bytes, Fault>> + Unpin> Paced<S> {
    pub fn new(pace: Pace, bytes: S) -> Self {
        Self { pace, bytes, came: 0, ends: Instant::now() + pace.window }
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// The source's own fault, or that it is too slow.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            match timeout_at(self.ends, self.bytes.next()).await {
                Err(_) => self.judge()?,
                Ok(None) => return Ok(None),
                Ok(Some(chunk)) => {
                    let chunk = chunk?;
                    self.came = self.came.saturating_add(chunk.len() as u64);
                    if Instant::now() >= self.ends {
                        self.judge()?;
                    }
                    return Ok(Some(chunk));
                }
            }
        }
    }

    /// Closes a window.
    fn judge(&mut self) -> Result<(), Fault> {
        let seconds = self.pace.window.as_secs().max(1);
        if self.came < self.pace.least.saturating_mul(seconds) {
            return Err(Fault::TooSlow { bytes: self.came, seconds, least: self.pace.least });
        }
        self.came = 0;
        self.ends = Instant::now() + self.pace.window;
        Ok(())
    }
}

/// An answer that has to begin within a window.
pub(super) async fn within<T>(pace: Pace, answer: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let seconds = pace.window.as_secs().max(1);
    let slow = Fault::TooSlow { bytes: 0, seconds, least: pace.least };
    tokio::time::timeout(pace.window, answer).await.unwrap_or(Err(slow))
}

/// When a fetch is over, whoever still sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    at: Instant,
    seconds: u64,
}

impl Deadline {
    /// So long from now on.
    pub fn after(patience: Duration) -> Self {
        Self { at: Instant::now() + patience, seconds: patience.as_secs() }
    }

    /// What some work comes to.
    ///
    /// # Errors
    /// What is to be said of whoever was still at it when the time was over.
    pub async fn hold<T>(self, work: impl Future<Output = T>) -> Result<T, Fault> {
        timeout_at(self.at, work).await.map_err(|_| Fault::Late { seconds: self.seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    const PACE: Pace = Pace { least: 100, window: Duration::from_secs(1) };

    /// A source that sends so many bytes every 20 ms.
    fn steady(bytes: usize) -> impl Stream<Item = Result<Bytes, Fault>> + Unpin {
        Box::pin(stream::unfold((), move |()| async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok(Bytes::from(vec![0; bytes])), ()))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn t07_a_byte_at_a_time_is_too_slow_and_enough_is_not() {
        let mut slow = Paced::new(PACE, steady(1));
        let fault = loop {
            if let Err(fault) = slow.next().await {
                break fault;
            }
        };
        assert!(matches!(fault, Fault::TooSlow { bytes: 1..100, least: 100, seconds: 1 }), "{fault}");
        let (mut fast, began) = (Paced::new(PACE, steady(100)), Instant::now());
        while began.elapsed() < PACE.window * 2 {
            fast.next().await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn t07_a_source_that_says_nothing_is_too_slow() {
        let mut silent = Paced::new(PACE, stream::pending());
        assert!(matches!(silent.next().await, Err(Fault::TooSlow { bytes: 0, .. })));
        let never = within::<()>(PACE, std::future::pending()).await;
        assert!(matches!(never, Err(Fault::TooSlow { bytes: 0, .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn t07_what_is_not_done_in_time_is_late() {
        let deadline = Deadline::after(Duration::from_millis(20));
        assert_eq!(deadline.hold(std::future::ready(7)).await, Ok(7));
        let late = deadline.hold(std::future::pending::<()>()).await.unwrap_err();
        assert_eq!(late.code(), "E_SLOW", "{late}");
    }
}
