//! Whether what answers over the socket of the home is the node that was started here.
//!
//! Somebody may have started another one on the same home by hand. It answers at the same socket, and how it is says nothing of the
//! build that this supervisor runs: neither that it is ready, nor that it passed its trial, nor that it failed it. The system knows
//! which process listens.

use super::child::STOP;
use super::{AGAIN, Supervisor, notify};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::UnixStream;
use tokio::task::spawn_blocking;

/// For how long a node that was seen to be the own one is taken for it where only its standing is told.
const SEEN_FOR: Duration = Duration::from_secs(60);

/// Who answers at the socket of the home.
#[derive(Debug)]
pub(super) enum Answering {
    /// The node that was started here, as far as the system says; any as long as none was started.
    Own,
    /// Another process.
    Another(Stray),
    /// Nobody, or it cannot be told who; why.
    Unknown(io::Error),
}

/// A process that answers in the place of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stray {
    /// One with a number here.
    Process(u32),
    /// One that has no number here, because it runs on the host or in another container.
    Outside,
}

/// The node that was started here last, and what is known of who answers in its place.
#[derive(Debug)]
pub(super) struct OwnNode {
    /// How long another one answers before it is warned of: that of an earlier supervisor is gone by then.
    pub patience: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The process of the node; none before there was one.
    process: Option<u32>,
    /// When it was last seen to be the one that answers; none where something else was found since.
    seen: Option<Instant>,
    /// The other one that answers, and since when.
    stray: Option<(Stray, Instant)>,
    /// The other one that was warned of.
    said: Option<Stray>,
    /// It was said of this process that it cannot be told who answers.
    said_unknown: bool,
}

impl Default for OwnNode {
    fn default() -> Self {
        Self { patience: STOP, known: Mutex::default() }
    }
}

impl OwnNode {
    /// This process was started as the node; a process that has ended already has no number.
    pub fn is(&self, process: Option<u32>) {
        let mut known = self.known();
        (known.process, known.seen, known.said_unknown) = (process, None, false);
    }

    /// The other process that was warned of.
    #[cfg(test)]
    pub fn said(&self) -> Option<Stray> {
        self.known().said
    }

    /// Who that is which the system names as listening: 0 stands for a process that has no number here.
    fn who(&self, listening: io::Result<Option<u32>>) -> Answering {
        let own = self.known().process;
        match listening {
            Err(error) => Answering::Unknown(error),
            Ok(_) if own.is_none() => Answering::Own,
            // A system that names nobody, or whoever asks as gVisor does, shows no other one; no node there could ever be ready
            // otherwise. This process does not listen there.
            Ok(None) => Answering::Own,
            Ok(Some(listening)) if listening == std::process::id() => Answering::Own,
            Ok(listening) if listening == own => Answering::Own,
            Ok(Some(0)) => Answering::Another(Stray::Outside),
            Ok(Some(listening)) => Answering::Another(Stray::Process(listening)),
        }
    }

    /// Takes in who answers; gives what is to be warned of, which is given once.
    fn take_in(&self, answering: &Answering, socket: &Path, now: Instant) -> Option<String> {
        let mut known = self.known();
        match answering {
            Answering::Own => {
                (known.seen, known.stray, known.said) = (Some(now), None, None);
                None
            }
            Answering::Another(stray) => {
                let since = known.stray.filter(|(same, _)| same == stray).map_or(now, |(_, since)| since);
                (known.seen, known.stray) = (None, Some((*stray, since)));
                let is_due = now.saturating_duration_since(since) >= self.patience && known.said != Some(*stray);
                is_due.then(|| {
                    known.said = Some(*stray);
                    stray.warning(socket)
                })
            }
            Answering::Unknown(error) => {
                known.seen = None;
                let is_due = !is_nobody(error) && !known.said_unknown;
                is_due.then(|| {
                    known.said_unknown = true;
                    unknown(error, socket)
                })
            }
        }
    }

    /// Whether the node was seen to be the one that answers, not long ago.
    fn was_seen(&self, now: Instant) -> bool {
        self.known().seen.is_some_and(|seen| now.saturating_duration_since(seen) < SEEN_FOR)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stray {
    /// What is so, as it is told at once: it may pass by itself.
    fn standing(self) -> String {
        format!(
            "{self} answers in the place of the node: another node, or that of an earlier supervisor, which ends by itself within a minute"
        )
    }

    /// What is so, and what to do about it, once it does not pass by itself.
    fn warning(self, socket: &Path) -> String {
        let socket = socket.display();
        let stop = match self {
            Stray::Process(number) => format!("Stop it, such as with `kill {number}`"),
            Stray::Outside => "Stop the node that runs on this home in the other container, or on the host".to_owned(),
        };
        format!(
            "{self} answers at {socket} in the place of the node that this supervisor started, so nothing is known of that one: \
             somebody started another node on this home, for that of an earlier supervisor would have ended by now. {stop}; this \
             supervisor's own is started again by itself"
        )
    }
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stray::Process(number) => write!(f, "process {number}"),
            Stray::Outside => f.write_str("a process outside of this container"),
        }
    }
}

/// Whether an error says that nobody listens.
fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// That it cannot be told who answers, what follows, and what to do.
fn unknown(error: &io::Error, socket: &Path) -> String {
    let socket = socket.display();
    format!(
        "it cannot be told which process answers at {socket} ({error}), so what it says makes the node neither ready nor well. This is \
         asked again; where it stays so, run the supervisor where it may connect to {socket}"
    )
}

impl Supervisor {
    /// Who answers at the socket of the home. Who is not the node that was started here is told of.
    pub(super) async fn answering(&self) -> Answering {
        let socket = self.gate.home.socket();
        let answering = self.own.who(self.listening().await);
        if let Some(warning) = self.own.take_in(&answering, &socket, Instant::now()) {
            tracing::warn!("{warning}");
        }
        match &answering {
            Answering::Own => {}
            Answering::Another(stray) => notify::standing(&stray.standing()),
            Answering::Unknown(error) => {
                tracing::debug!(%error, "which process answers at {} cannot be told", socket.display());
                if !is_nobody(error) {
                    notify::standing("it cannot be told whether what answers is the node");
                }
            }
        }
        answering
    }

    /// Whether the node that was started here answers, or did not long ago.
    pub(super) async fn is_own_node(&self) -> bool {
        self.own.was_seen(Instant::now()) || matches!(self.answering().await, Answering::Own)
    }

    /// Waits until no other one answers in the place of the node that was started here.
    pub(super) async fn wait_for_strays(&self) {
        while matches!(self.answering().await, Answering::Another(_)) {
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// The process that listens at the socket of the home, as far as the system says that.
    async fn listening(&self) -> io::Result<Option<u32>> {
        let gate = self.gate.clone();
        let dialled = spawn_blocking(move || gate.as_the_node(|| rpc::client::dial(&gate.home.socket())));
        let stream = dialled.await.map_err(io::Error::other)?.map_err(io::Error::other)??;
        stream.set_nonblocking(true)?;
        let process = UnixStream::from_std(stream)?.peer_cred()?.pid();
        Ok(process.and_then(|process| u32::try_from(process).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOCKET: &str = "/home/node0/run/node.sock";

    fn own(process: u32) -> OwnNode {
        let own = OwnNode::default();
        own.is(Some(process));
        own
    }

    /// What is warned of at so many seconds, where the same is found each second.
    fn warned(
        own: &OwnNode,
        answering: &Answering,
        began: Instant,
        seconds: std::ops::Range<u64>,
    ) -> Vec<(u64, String)> {
        let at = |second: u64| began + Duration::from_secs(second);
        let warn = |second: u64| Some((second, own.take_in(answering, Path::new(SOCKET), at(second))?));
        seconds.filter_map(warn).collect()
    }

    #[test]
    fn o04_who_answers_is_the_own_one_another_one_or_not_known() {
        let none = OwnNode::default();
        assert!(matches!(none.who(Ok(Some(7))), Answering::Own), "nothing was started here that it could replace");
        // No process has such a number.
        let own = own(u32::MAX);
        assert!(matches!(own.who(Ok(Some(u32::MAX))), Answering::Own));
        let other = u32::MAX - 1;
        assert!(matches!(own.who(Ok(Some(other))), Answering::Another(Stray::Process(found)) if found == other));
        assert!(matches!(own.who(Ok(Some(0))), Answering::Another(Stray::Outside)));
        for unsaid in [Ok(None), Ok(Some(std::process::id()))] {
            assert!(matches!(own.who(unsaid), Answering::Own), "such a system shows no other one");
        }
        assert!(matches!(own.who(Err(io::ErrorKind::PermissionDenied.into())), Answering::Unknown(_)));
    }

    #[test]
    fn o04_another_process_is_told_of_at_once_and_warned_of_with_what_to_do_once_it_does_not_end_by_itself() {
        let (own, began) = (own(7), Instant::now());
        let minute = STOP.as_secs();
        for (stray, what) in [(Stray::Process(8), "`kill 8`"), (Stray::Outside, "in the other container")] {
            assert!(stray.standing().contains("ends by itself within a minute"), "{}", stray.standing());
            let said = warned(&own, &Answering::Another(stray), began, 0..3 * minute);
            let [(at, said)] = &said[..] else { panic!("it is said once: {said:?}") };
            assert_eq!((*at, own.said()), (minute, Some(stray)));
            let parts = [stray.to_string(), SOCKET.to_owned(), what.to_owned()];
            assert!(parts.iter().all(|part| said.contains(part)) && !said.contains("kill 0"), "{said}");
        }
        // One that comes back is news.
        let later = began + Duration::from_secs(3 * minute);
        assert_eq!(own.take_in(&Answering::Own, Path::new(SOCKET), later), None);
        assert_eq!(warned(&own, &Answering::Another(Stray::Outside), later, 0..2 * minute).len(), 1);
    }

    #[test]
    fn o04_that_it_cannot_be_told_who_answers_is_said_once_for_each_node_and_not_where_nobody_does() {
        let (own, began) = (own(7), Instant::now());
        let nobody = Answering::Unknown(io::ErrorKind::ConnectionRefused.into());
        assert!(warned(&own, &nobody, began, 0..200).is_empty());
        let hidden = Answering::Unknown(io::ErrorKind::PermissionDenied.into());
        let said = warned(&own, &hidden, began, 0..200);
        assert!(matches!(&said[..], [(0, said)] if said.contains("permission denied")), "{said:?}");
        own.is(Some(8));
        assert_eq!(warned(&own, &hidden, began, 0..200).len(), 1);
    }

    #[test]
    fn o04_a_node_that_was_seen_to_be_the_own_one_is_looked_for_again_after_a_minute_and_another_one_at_once() {
        let (own, now) = (own(7), Instant::now());
        assert!(!own.was_seen(now));
        assert_eq!(own.take_in(&Answering::Own, Path::new(SOCKET), now), None);
        assert!(own.was_seen(now) && own.was_seen(now + SEEN_FOR / 2) && !own.was_seen(now + SEEN_FOR));
        own.is(Some(8));
        assert!(!own.was_seen(now), "it was another one");
        own.take_in(&Answering::Own, Path::new(SOCKET), now);
        own.take_in(&Answering::Another(Stray::Outside), Path::new(SOCKET), now);
        assert!(!own.was_seen(now), "it is no more");
    }
}
