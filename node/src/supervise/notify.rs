//! What systemd is told: ready, still alive, and how it stands. Without systemd nothing is told, and nothing is missing.
//!
//! STATUS has how the [node stands](standing), and what the supervisor [last said](status).

use sd_notify::{NotifyState, notify};
use std::convert::Infallible;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// What STATUS is put together from.
static STATUS: Mutex<Status> = Mutex::new(Status { stands: String::new(), said: String::new() });

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Status {
    stands: String,
    said: String,
}

impl Status {
    /// A line is all that the protocol has room for.
    fn line(&self) -> String {
        let parts = [&self.stands, &self.said].into_iter().filter_map(|part| part.lines().next());
        parts.collect::<Vec<_>>().join("; ")
    }

    /// Takes note of what is new; none when nothing is.
    fn change(&mut self, change: impl FnOnce(&mut Self)) -> Option<String> {
        let before = self.clone();
        change(self);
        (*self != before).then(|| self.line())
    }
}

/// The node passed its boot check and answers; false where that is to be said again, because what was said before is not yet taken.
pub fn ready() -> bool {
    tell(Told::Ready)
}

/// What the supervisor does, or waits for, in a sentence; in the log as well.
pub fn status(sentence: &str) {
    tracing::info!("{sentence}");
    change(|status| sentence.clone_into(&mut status.said));
}

/// How the node stands, in a sentence, which is another one with each block.
pub fn standing(sentence: &str) {
    change(|status| sentence.clone_into(&mut status.stands));
}

fn change(change: impl FnOnce(&mut Status)) {
    let mut status = STATUS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(line) = status.change(change) {
        tell(Told::Status(line));
    }
}

/// It is about to end.
pub fn stopping() {
    tell(Told::Stopping);
}

/// Says at half of the watchdog's time that the supervisor's own loop turns; never returns.
pub async fn keep_alive() -> Infallible {
    let Some(limit) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    beat(limit / 2, || _ = tell(Told::Alive)).await
}

/// Tells again after each pause, as far as the loop that waits for it turns.
pub(super) async fn beat(pause: Duration, mut tell: impl FnMut()) -> Infallible {
    let mut beats = tokio::time::interval(pause.max(Duration::from_millis(1)));
    loop {
        beats.tick().await;
        tell();
    }
}

/// What waits to be told, at most; more is left out, for it says the same again.
const QUEUE: usize = 64;

/// Tells systemd from a thread of its own: a manager that does not read must not hold the supervisor up.
fn tell(state: Told) -> bool {
    static TELLING: OnceLock<SyncSender<Told>> = OnceLock::new();
    let telling = TELLING.get_or_init(|| {
        let (queue, next) = sync_channel::<Told>(QUEUE);
        std::thread::spawn(move || {
            for told in next {
                if let Err(error) = notify(&[told.state()]) {
                    tracing::debug!(%error, "systemd cannot be told");
                }
            }
        });
        queue
    });
    telling.try_send(state).is_ok()
}

/// One thing that systemd is told.
enum Told {
    Ready,
    Status(String),
    Stopping,
    Alive,
}

impl Told {
    fn state(&self) -> NotifyState<'_> {
        match self {
            Told::Ready => NotifyState::Ready,
            Told::Status(line) => NotifyState::Status(line),
            Told::Stopping => NotifyState::Stopping,
            Told::Alive => NotifyState::Watchdog,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o04_the_status_has_how_the_node_stands_beside_what_was_said_last() {
        let mut status = Status::default();
        assert_eq!(
            status.change(|status| status.stands = "height 3, 0 peers".into()).as_deref(),
            Some("height 3, 0 peers")
        );
        let both = status.change(|status| status.said = "a release is ready\nand more".into());
        assert_eq!(both.as_deref(), Some("height 3, 0 peers; a release is ready"));
        assert_eq!(status.change(|status| status.stands = "height 3, 0 peers".into()), None, "nothing is new");
    }
}
