//! Is a received message worth passing on? The checker runs on a few threads of its own, never on the swarm's task.

use libp2p::{PeerId, gossipsub::MessageId};
use std::{
    collections::HashMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, Weak, mpsc as std_mpsc},
    thread,
};
use tokio::sync::mpsc;

/// What becomes of a message from a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageVerdict {
    /// Admitted: forwarded to further peers, and the sender earns score.
    Accept,
    /// Not wanted: not forwarded. It costs its sender some of a budget, which what is accepted refills; once that is spent,
    /// the sender loses score.
    Ignore(Cost),
    /// Never valid for anyone (does not decode, signature wrong): not forwarded, and the sender loses score. Must not
    /// depend on state that an honest peer may see differently, or honest peers punish each other.
    Reject,
}

/// What an ignored message costs its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Nothing: this node cannot tell, because it has not caught up or did not look.
    Nothing,
    /// Little: another pool may rightly have taken it (already known, outbid, too many of one account).
    Little,
    /// Much: whoever has the newest blocks would not have passed it on (expired, nonce used, not paid for, out of turn).
    Much,
}

/// The mempool's admission: takes messages into the pool or not, and says what to do with them. Called from several
/// threads at once, never from the swarm's task; it may block and compute. A panic counts as [`MessageVerdict::Ignore`] at no
/// cost, for all that were judged together.
pub trait CheckMessages: Send + Sync {
    /// What becomes of a message.
    fn check(&self, message: &[u8]) -> MessageVerdict;

    /// What becomes of messages that one peer gave together, one after the other.
    fn check_all(&self, messages: &[Vec<u8>]) -> Vec<MessageVerdict> {
        messages.iter().map(|message| self.check(message)).collect()
    }
}

impl<F: Fn(&[u8]) -> MessageVerdict + Send + Sync> CheckMessages for F {
    fn check(&self, message: &[u8]) -> MessageVerdict {
        self(message)
    }
}

/// Who judges what peers send.
pub type MessageChecker = Arc<dyn CheckMessages>;

/// The checker as a thread knows it: it is there as long as [`Checks`] is.
type Judge = Weak<dyn CheckMessages>;

/// Messages waiting or being checked, over all peers.
const IN_FLIGHT: usize = 1024;

/// Their bytes together.
const IN_FLIGHT_BYTES: usize = 128 * 1024 * 1024;

/// One peer may fill a quarter of both, so that a flood from one leaves room for the others.
const SHARE: usize = 4;

/// Threads at most; signature checks should not take every core from consensus.
const THREADS: usize = 4;

struct Job {
    /// The gossip that brought the message; none when this node asked for the messages.
    gossip: Option<MessageId>,
    from: PeerId,
    /// Judged one after the other.
    messages: Vec<Vec<u8>>,
}

/// Messages that have been judged.
pub(super) struct Checked {
    pub(super) from: PeerId,
    pub(super) judged: Judged,
    load: Load,
}

/// What was found, by how the messages came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// One that was gossiped.
    Gossiped(MessageId, MessageVerdict),
    /// Those that this node asked for, in the order in which they came.
    Fetched(Vec<MessageVerdict>),
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Load {
    messages: usize,
    bytes: usize,
}

impl Load {
    fn of(messages: &[Vec<u8>]) -> Self {
        Self { messages: messages.len(), bytes: messages.iter().map(Vec::len).sum() }
    }

    fn with(self, other: Self) -> Self {
        let (messages, bytes) = (self.messages.saturating_add(other.messages), self.bytes.saturating_add(other.bytes));
        Self { messages, bytes }
    }

    fn without(self, other: Self) -> Self {
        let (messages, bytes) = (self.messages.saturating_sub(other.messages), self.bytes.saturating_sub(other.bytes));
        Self { messages, bytes }
    }

    fn fits(self, share: usize) -> bool {
        self.messages <= IN_FLIGHT / share && self.bytes <= IN_FLIGHT_BYTES / share
    }
}

/// The messages under way to and from the checker.
///
/// Dropping it forgets the messages that wait, and returns when no thread calls the checker any more: what the checker
/// holds, such as the store, is then free to close.
pub(super) struct Checks {
    // Neither queue can outgrow IN_FLIGHT, because `submit` counts. None only while this is dropped.
    jobs: Option<std_mpsc::Sender<Job>>,
    queue: Arc<Mutex<std_mpsc::Receiver<Job>>>,
    /// The only lasting hold on the checker: threads take one for a job at a time.
    checker: Option<MessageChecker>,
    threads: Vec<thread::JoinHandle<()>>,
    of_peers: HashMap<PeerId, Load>,
    total: Load,
}

impl Checks {
    /// Starts the threads. Judged messages come out of the receiver.
    pub(super) fn start(checker: MessageChecker) -> io::Result<(Self, mpsc::UnboundedReceiver<Checked>)> {
        let (jobs, queue) = std_mpsc::channel();
        let (judged, verdicts) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut checks = Self {
            jobs: Some(jobs),
            queue,
            checker: Some(checker),
            threads: Vec::new(),
            of_peers: HashMap::new(),
            total: Load::default(),
        };
        let threads = thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
        for number in 0..threads {
            checks.spawn(number, judged.clone())?;
        }
        Ok((checks, verdicts))
    }

    fn spawn(&mut self, number: usize, judged: mpsc::UnboundedSender<Checked>) -> io::Result<()> {
        let checker = self.checker.as_ref().map(Arc::downgrade);
        let queue = self.queue.clone();
        let thread = thread::Builder::new().name(format!("overlay-check-{number}")).spawn(move || {
            if let Some(checker) = checker {
                work(&checker, &queue, &judged);
            }
        })?;
        self.threads.push(thread);
        Ok(())
    }

    /// Queues a gossiped message; `false` when the peer or all peers together have too much under way.
    pub(super) fn submit(&mut self, id: MessageId, from: PeerId, data: Vec<u8>) -> bool {
        self.push(Job { gossip: Some(id), from, messages: vec![data] })
    }

    /// Queues messages that this node asked for, to be judged one after the other; `false` as with [`submit`](Self::submit).
    pub(super) fn submit_fetched(&mut self, from: PeerId, messages: Vec<Vec<u8>>) -> bool {
        self.push(Job { gossip: None, from, messages })
    }

    fn push(&mut self, job: Job) -> bool {
        let (from, load) = (job.from, Load::of(&job.messages));
        let of_peer = self.of_peers.get(&from).copied().unwrap_or_default().with(load);
        let total = self.total.with(load);
        let fits = total.fits(1) && of_peer.fits(SHARE);
        if !fits || self.jobs.as_ref().is_none_or(|jobs| jobs.send(job).is_err()) {
            return false;
        }
        self.of_peers.insert(from, of_peer);
        self.total = total;
        true
    }

    /// Takes judged messages off the count; call once for each that comes out of the receiver.
    pub(super) fn settle(&mut self, checked: &Checked) {
        self.total = self.total.without(checked.load);
        let of_peer = self.of_peers.get(&checked.from).copied().unwrap_or_default().without(checked.load);
        if of_peer.messages == 0 {
            self.of_peers.remove(&checked.from);
        } else {
            self.of_peers.insert(checked.from, of_peer);
        }
    }
}

impl Drop for Checks {
    fn drop(&mut self) {
        self.jobs = None;
        self.checker = None;
        // A thread that ends its message would otherwise find the checker alive in another's hands, and go on with the next.
        while self.queue.lock().unwrap_or_else(PoisonError::into_inner).try_recv().is_ok() {}
        for thread in self.threads.drain(..) {
            // A thread ends by a panic only where the checker's is not caught: there is nothing left of it to wait for.
            let _ = thread.join();
        }
    }
}

fn work(checker: &Judge, queue: &Mutex<std_mpsc::Receiver<Job>>, judged: &mpsc::UnboundedSender<Checked>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { gossip, from, messages }) = job else { return };
        let Some(checker) = checker.upgrade() else { return };
        let load = Load::of(&messages);
        let judged_all = catch_unwind(AssertUnwindSafe(|| checker.check_all(&messages)));
        let verdicts = judged_all.unwrap_or_else(|_| {
            tracing::error!(%from, "the checker panicked on a message; what came with it is ignored");
            vec![MessageVerdict::Ignore(Cost::Nothing); messages.len()]
        });
        let found = match (gossip, verdicts.first().copied()) {
            (Some(id), Some(verdict)) => Judged::Gossiped(id, verdict),
            _ => Judged::Fetched(verdicts),
        };
        if judged.send(Checked { from, judged: found, load }).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_peer_cannot_fill_the_queue_and_a_panic_is_survived() {
        let (release, gate) = std_mpsc::channel::<()>();
        let gate = Mutex::new(gate);
        let checker: MessageChecker = Arc::new(move |data: &[u8]| {
            let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
            assert_ne!(data, b"panic");
            MessageVerdict::Accept
        });
        let (mut checks, mut verdicts) = Checks::start(checker).unwrap();
        let (loud, quiet) = (PeerId::random(), PeerId::random());
        let taken = (0..IN_FLIGHT).filter(|_| checks.submit(MessageId::new(b"a"), loud, b"panic".to_vec())).count();
        assert_eq!(taken, IN_FLIGHT / SHARE);
        let share = vec![0; IN_FLIGHT_BYTES / SHARE];
        let large = PeerId::random();
        assert!(
            checks.submit(MessageId::new(b"c"), large, share) && !checks.submit(MessageId::new(b"d"), large, vec![0])
        );
        assert!(checks.submit(MessageId::new(b"b"), quiet, b"fine".to_vec()));
        drop(release);
        let mut accepted = Vec::new();
        for _ in 0..IN_FLIGHT / SHARE + 2 {
            let checked = verdicts.recv().await.unwrap();
            checks.settle(&checked);
            if matches!(checked.judged, Judged::Gossiped(_, MessageVerdict::Accept)) {
                accepted.push(checked.from);
            }
        }
        assert!(accepted.len() == 2 && accepted.contains(&quiet) && accepted.contains(&large));
        assert_eq!((checks.total, checks.of_peers.len()), (Load::default(), 0));
    }

    #[tokio::test]
    async fn what_was_asked_for_is_judged_in_its_order_and_counts_as_many() {
        let last = Mutex::new(0);
        let checker: MessageChecker = Arc::new(move |data: &[u8]| {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let follows = data == [*last + 1];
            *last = data[0];
            if follows { MessageVerdict::Accept } else { MessageVerdict::Reject }
        });
        let (mut checks, mut verdicts) = Checks::start(checker).unwrap();
        let peer = PeerId::random();
        assert!(!checks.submit_fetched(peer, vec![vec![0]; IN_FLIGHT / SHARE + 1]));
        assert!(checks.submit_fetched(peer, (1..=100).map(|number| vec![number]).collect()));
        assert_eq!(checks.total, Load { messages: 100, bytes: 100 });
        let checked = verdicts.recv().await.unwrap();
        checks.settle(&checked);
        assert_eq!(checked.judged, Judged::Fetched(vec![MessageVerdict::Accept; 100]));
        assert_eq!((checks.total, checks.of_peers.len()), (Load::default(), 0));
    }

    #[tokio::test]
    async fn once_stopped_nothing_holds_the_checker_however_much_was_waiting() {
        let (release, gate) = std_mpsc::channel::<()>();
        let (began, begins) = std_mpsc::channel();
        let gate = Mutex::new(gate);
        let store = Arc::new(());
        let held = store.clone();
        let checker: MessageChecker = Arc::new(move |_: &[u8]| {
            began.send(()).unwrap();
            let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let _ = &held;
            MessageVerdict::Accept
        });
        let (mut checks, mut verdicts) = Checks::start(checker).unwrap();
        let peer = PeerId::random();
        for _ in 0..IN_FLIGHT / SHARE {
            assert!(checks.submit(MessageId::new(b"a"), peer, vec![1]));
        }
        begins.recv().unwrap();
        let threads = checks.threads.len();
        let queue = checks.queue.clone();
        let stopped = thread::spawn(move || drop(checks));
        // The messages that wait are forgotten first; then those being checked may end.
        let forgotten = || {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).try_recv();
            matches!(next, Err(std_mpsc::TryRecvError::Disconnected))
        };
        while !forgotten() {
            thread::yield_now();
        }
        drop(release);
        stopped.join().unwrap();
        assert_eq!(Arc::strong_count(&store), 1);
        let mut judged = 0;
        while verdicts.recv().await.is_some() {
            judged += 1;
        }
        assert!(judged <= threads, "{judged} messages were checked by {threads} threads after the stop");
    }
}
