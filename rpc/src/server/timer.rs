//! The one timer of a connection. With each request it waits for two things that must come in time, the head of the request and the
//! answer; a timer for each would be put among those of the whole process and taken out again every time, which costs more than many an
//! answer. What waits here looks at its own time whenever the one timer has gone off, and sets it to that when it was early.

use hyper::rt::{Sleep, Timer};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// Wakes the task of one connection, which is the only one that may wait for it, by the first of the times that it waits for.
#[derive(Debug, Clone)]
pub(super) struct ConnectionTimer(Arc<Mutex<Pin<Box<tokio::time::Sleep>>>>);

impl ConnectionTimer {
    /// One that goes off in this time first; whatever is to come sooner sets it back.
    pub fn new(first: Duration) -> Self {
        Self(Arc::new(Mutex::new(Box::pin(tokio::time::sleep(first)))))
    }

    /// Returns when so much time has passed.
    pub fn after(&self, time: Duration) -> Deadline {
        Deadline { at: Instant::now() + time, timer: self.clone() }
    }
}

/// A time that a connection waits for.
#[derive(Debug)]
pub(super) struct Deadline {
    at: Instant,
    timer: ConnectionTimer,
}

impl Future for Deadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut wakes = self.timer.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wakes.deadline() > self.at {
            wakes.as_mut().reset(self.at);
        }
        while wakes.as_mut().poll(cx).is_ready() {
            if self.at <= Instant::now() {
                return Poll::Ready(());
            }
            // It was set for something that has been waited for no longer, or has come.
            wakes.as_mut().reset(self.at);
        }
        Poll::Pending
    }
}

impl Sleep for Deadline {}

impl Timer for ConnectionTimer {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(self.after(time))
    }

    fn sleep_until(&self, at: std::time::Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Deadline { at: at.into(), timer: self.clone() })
    }

    fn now(&self) -> std::time::Instant {
        Instant::now().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;

    const SECOND: Duration = Duration::from_secs(1);

    async fn is_waiting(mut deadline: Pin<&mut Deadline>) -> bool {
        poll_fn(|cx| Poll::Ready(deadline.as_mut().poll(cx).is_pending())).await
    }

    #[tokio::test(start_paused = true)]
    async fn each_time_comes_when_it_should_whichever_was_asked_for_first() {
        let timer = ConnectionTimer::new(60 * SECOND);
        let begun = Instant::now();
        let (mut late, mut soon) = (pin!(timer.after(9 * SECOND)), pin!(timer.after(2 * SECOND)));
        assert!(is_waiting(late.as_mut()).await && is_waiting(soon.as_mut()).await);
        tokio::select! {
            () = &mut late => panic!("the later came first"),
            () = &mut soon => {}
        }
        assert_eq!(begun.elapsed().as_secs(), 2);
        late.await;
        assert_eq!(begun.elapsed().as_secs(), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_waited_for_no_longer_brings_nothing_forward() {
        let timer = ConnectionTimer::new(SECOND);
        let begun = Instant::now();
        let mut given_up = Box::pin(timer.after(3 * SECOND));
        assert!(is_waiting(given_up.as_mut()).await);
        drop(given_up);
        timer.after(5 * SECOND).await;
        assert_eq!(begun.elapsed().as_secs(), 5);
        timer.after(Duration::ZERO).await;
        assert!(is_waiting(pin!(timer.after(SECOND))).await);
    }
}
