//! Heavy requests: those whose answers are made of many rows, or that have a block executed. A few are worked for at once, and others are
//! told to try again; whoever hangs up is worked for no longer. Reports among them have so much time besides: one that is not made by then
//! is refused, and nothing of it is answered.

use crate::chain_view::{ChainView, WatchedView};
use crate::error::{BUSY, REPORT_BUDGET, ReadError};
use crate::methods::Method;
use jsonrpsee::types::ErrorObjectOwned;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places for heavy requests.
#[derive(Debug, Clone)]
pub(super) struct HeavyPlaces {
    most: u32,
    free: Arc<Semaphore>,
}

/// The work for a heavy request. It has its place until the last clone of it is gone, which whoever does it has.
#[derive(Debug, Clone)]
pub(super) struct HeavyWork {
    ended: Arc<AtomicBool>,
    _place: Arc<OwnedSemaphorePermit>,
}

/// A heavy request that somebody waits for. Dropped, answered or not, it ends the work.
#[derive(Debug)]
pub(super) struct Awaited(HeavyWork);

impl HeavyPlaces {
    /// So many.
    pub fn new(most: u32) -> Self {
        Self { most, free: Arc::new(Semaphore::new(most as usize)) }
    }

    /// Takes a place for a request of a method.
    pub fn take(&self, method: &Method) -> Result<Awaited, ErrorObjectOwned> {
        match self.free.clone().try_acquire_owned() {
            Ok(place) => Ok(Awaited(HeavyWork { ended: Arc::default(), _place: Arc::new(place) })),
            Err(_) => Err(self.busy(method)),
        }
    }

    fn busy(&self, method: &Method) -> ErrorObjectOwned {
        let message = format!(
            "{} takes much work, and the node makes at most {} such answers at once; try again in a moment",
            method.name, self.most
        );
        ErrorObjectOwned::owned(BUSY, message, None::<()>)
    }
}

/// What is answered in the place of a report that was not made in time.
pub(super) fn over_budget(method: &Method, budget: Duration) -> ErrorObjectOwned {
    let message = format!(
        "E_BUDGET: {} was not made within {} ms, and no part of it is answered; ask about less, such as a smaller page or a narrower \
         scope, or ask again when the node has less to do",
        method.name,
        budget.as_millis()
    );
    ErrorObjectOwned::owned(REPORT_BUDGET, message, None::<()>)
}

impl Awaited {
    /// The work for it.
    pub fn work(&self) -> HeavyWork {
        self.0.clone()
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

impl HeavyWork {
    /// Asks a question of a view, for as long as somebody waits for the answer.
    pub fn ask<T, E: From<ReadError>>(
        &self,
        view: &dyn ChainView,
        question: impl FnOnce(&dyn ChainView) -> Result<T, E>,
    ) -> Result<T, E> {
        let ended = self.ended.clone();
        let go_on = move || {
            let ended = ended.load(Ordering::Relaxed);
            if ended { Err(ReadError::Failed("nobody waits for the answer any more".into())) } else { Ok(()) }
        };
        go_on()?;
        question(&WatchedView::new(view, &go_on))
    }
}
