//! The threads of consensus: those on which Malachite and its questions run, and those on which blocks are built, judged (with the
//! signatures of who announces them) and committed. Nothing else runs on them, so whatever the rest of the process has to do for
//! strangers takes none of them.

use anyhow::{Context as _, anyhow};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::Arc;
use std::thread;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// The threads on which Malachite runs, with its timers and its network, and on which it is answered. They end with this, which
/// waits for nothing.
#[derive(Debug)]
pub(super) struct Threads(Option<Runtime>);

impl Threads {
    /// New threads.
    pub fn start() -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread().thread_name("consensus").enable_all().build();
        Ok(Self(Some(runtime.map_err(|error| files::told("cannot start the threads of consensus", &error))?)))
    }

    /// Begins something whose tasks then stay on these threads.
    pub async fn begin<T, B>(&self, begin: impl FnOnce() -> B + Send + 'static) -> anyhow::Result<T>
    where
        T: Send + 'static,
        B: Future<Output = anyhow::Result<T>>,
    {
        let runtime = self.0.as_ref().context("the threads of consensus have ended")?.handle().clone();
        let (tell, begun) = oneshot::channel();
        let begins = move || {
            // Nobody waits any more when whoever starts the node was stopped meanwhile.
            let _ = tell.send(runtime.block_on(begin()));
        };
        thread::Builder::new().name("consensus".into()).spawn(begins).context("cannot start a thread")?;
        begun.await.map_err(|_| anyhow!("consensus stopped before it began"))?
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The threads on which blocks are executed, hashed and written.
pub(super) fn workers() -> anyhow::Result<Arc<ThreadPool>> {
    let pool = ThreadPoolBuilder::new().thread_name(|number| format!("blocks-{number}")).build();
    Ok(Arc::new(pool.context("cannot start the threads that execute blocks")?))
}
