//! Lines on their way to a stream whose reader nobody waits for.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a stream is left in peace that has no room and says so at once.
const PAUSE: Duration = Duration::from_millis(20);

/// Lines that wait to be written by a thread of their own, within a bound. Clones are the same queue.
#[derive(Clone)]
pub(super) struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Bytes that may wait.
    most: usize,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    /// Bytes of these lines.
    bytes: usize,
    /// Whether the thread is writing one.
    writing: bool,
    /// Lines that nobody took: for which there was no room, or which could not be written.
    lost: u64,
}

impl Queue {
    /// A queue that leads to a stream, in which at most so many bytes wait.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn to(stream: impl Write + Send + 'static, most: usize) -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), most });
        let writes = shared.clone();
        thread::Builder::new().name("console".into()).spawn(move || writes.write_to(stream))?;
        Ok(Self { shared })
    }

    /// Adds what belongs together, or loses it when there is no room; never waits.
    pub(super) fn put(&self, line: &[u8]) {
        let mut state = self.shared.state();
        if state.bytes.saturating_add(line.len()) > self.shared.most {
            state.lost += 1;
            return;
        }
        state.bytes += line.len();
        state.lines.push_back(line.to_vec());
        self.shared.changed.notify_all();
    }

    /// Lines that were lost until now.
    pub(super) fn lost(&self) -> u64 {
        self.shared.state().lost
    }

    /// Waits until everything is written, and for no longer than `patience`.
    pub(super) fn finish(&self, patience: Duration) {
        let busy = |state: &mut State| state.writing || !state.lines.is_empty();
        let waited = self.shared.changed.wait_timeout_while(self.shared.state(), patience, busy);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what comes, for as long as the process lives: what cannot be written now is lost, and says nothing about later.
    fn write_to(&self, mut stream: impl Write) {
        let (mut broken, mut told) = (false, 0);
        loop {
            let line = self.next();
            // A line that was begun is ended, so that the next one stands alone.
            let end = if broken { write_whole(&mut stream, b"\n") } else { Ok(()) };
            broken = end.and_then(|()| write_whole(&mut stream, &line)).is_err();
            let mut state = self.state();
            state.writing = false;
            state.lost += u64::from(broken);
            let news = (!broken && state.lines.is_empty() && state.lost > told).then_some(state.lost);
            drop(state);
            self.changed.notify_all();
            if let Some(lost) = news {
                told = lost;
                tracing::warn!(lost, "lines were lost since the start, because nobody took them");
            }
        }
    }

    fn next(&self) -> Vec<u8> {
        let mut state = self.state();
        loop {
            if let Some(line) = state.lines.pop_front() {
                state.bytes = state.bytes.saturating_sub(line.len());
                state.writing = true;
                return line;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// As `write_all`, and waits for a stream that would rather be asked again.
fn write_whole(stream: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE),
            Err(error) => return Err(error),
        }
    }
    stream.flush()
}
