//! Work that may wait for a disk, on a thread of its own: the loop that tells systemd that it turns, and that hears the signals, waits
//! for none (O3).

use std::future::pending;
use std::panic::resume_unwind;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{self, JoinError};

/// Does work on a thread of its own, where it may block. When nobody waits for it any more it ends at its next `await`. In a runtime.
///
/// # Panics
/// When the work does.
pub(super) async fn apart<T, F>(work: impl FnOnce() -> F + Send + 'static) -> T
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let (waits, gone) = oneshot::channel::<()>();
    let runtime = Handle::current();
    let thread = task::spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                // Asked first: what nobody waits for is not gone on with.
                biased;
                _ = gone => None,
                done = work() => Some(done),
            }
        })
    });
    let done = thread.await;
    drop(waits);
    match done.map_err(JoinError::try_into_panic) {
        Ok(Some(done)) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime ends, and nothing comes any more.
        Ok(None) | Err(Err(_)) => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supervise::notify::beat;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    /// Longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(30);
    /// From one beat to the next.
    const LIMIT: Duration = Duration::from_millis(10);

    fn counted() -> (Arc<AtomicU32>, impl FnMut()) {
        let beats = Arc::<AtomicU32>::default();
        let counts = beats.clone();
        let tell = move || {
            counts.fetch_add(1, Ordering::Relaxed);
        };
        (beats, tell)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn o03_what_waits_for_a_disk_costs_no_beat_and_is_waited_for_by_nobody() {
        let (beats, tell) = counted();
        let (disk, answers) = mpsc::channel::<()>();
        let (after, went_on) = mpsc::channel::<()>();
        let waiting = apart(move || async move {
            // As a read of a file does whose disk does not answer.
            let _ = answers.recv();
            task::yield_now().await;
            let _ = after.send(());
        });
        let ten = async {
            while beats.load(Ordering::Relaxed) < 10 {
                tokio::time::sleep(LIMIT / 4).await;
            }
        };
        tokio::select! {
            () = waiting => panic!("nothing answered"),
            never = beat(LIMIT, tell) => match never {},
            () = ten => {}
        }
        // Nobody waits any more, and the disk answers after all.
        drop(disk);
        assert_eq!(went_on.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected), "it went on");
    }

    #[tokio::test]
    async fn o03_a_loop_that_is_held_up_misses_its_beats() {
        let (beats, tell) = counted();
        let held_up = async {
            while beats.load(Ordering::Relaxed) < 3 {
                tokio::time::sleep(LIMIT / 4).await;
            }
            let (before, began) = (beats.load(Ordering::Relaxed), Instant::now());
            while began.elapsed() < LIMIT * 20 {
                std::thread::sleep(LIMIT);
            }
            assert_eq!(beats.load(Ordering::Relaxed), before, "somebody beats whatever happens");
        };
        tokio::select! {
            () = held_up => {}
            never = beat(LIMIT, tell) => match never {},
        }
    }

    #[tokio::test]
    async fn o03_what_is_done_apart_comes_back() {
        assert_eq!(apart(|| async { 7 }).await, 7);
        let failed = tokio::spawn(apart(fails)).await;
        assert!(failed.is_err_and(|error| error.is_panic()));
    }

    async fn fails() {
        panic!("as it does here")
    }
}
