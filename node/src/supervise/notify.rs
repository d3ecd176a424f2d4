//! What systemd is told: ready, still alive, and how it stands. Without systemd nothing is told, and nothing is missing.

use sd_notify::{NotifyState, notify};
use std::convert::Infallible;
use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

/// The node is well.
pub fn ready() {
    tell(Told::Ready);
}

/// How it stands, in a sentence.
pub fn status(sentence: &str) {
    tracing::info!("{sentence}");
    // A line is all that the protocol has room for.
    tell(Told::Status(sentence.lines().next().unwrap_or_default().to_owned()));
}

/// It is about to end.
pub fn stopping() {
    tell(Told::Stopping);
}

/// Says at half of the watchdog's time that the supervisor's own loop turns; never returns.
pub async fn keep_alive() -> Infallible {
    let Some(limit) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    let mut beats = tokio::time::interval((limit / 2).max(Duration::from_millis(1)));
    loop {
        beats.tick().await;
        tell(Told::Alive);
    }
}

/// What waits to be told, at most; more is left out, for it says the same again.
const QUEUE: usize = 64;

/// Tells systemd from a thread of its own: a manager that does not read must not hold the supervisor up.
fn tell(state: Told) {
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
    let _ = telling.try_send(state);
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
