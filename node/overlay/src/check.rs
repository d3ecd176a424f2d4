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
    /// Much: nobody passes it on who has the blocks that this node has (expired, nonce used, not paid for, out of turn). A peer may have
    /// later ones, so it is asked for once more when this node has had time to come as far, and costs what is said then.
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

    /// What a message costs after all that was of no use when it came: see [`Cost::Much`].
    fn reconsider(&self, _message: &[u8]) -> Cost {
        Cost::Much
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
const IN_FLIGHT: Load = Load { messages: 1024, bytes: 128 * 1024 * 1024 };

/// One peer may fill a quarter of that, so that a flood from one leaves room for the others.
const SHARE: Load = Load { messages: IN_FLIGHT.messages / 4, bytes: IN_FLIGHT.bytes / 4 };

/// Messages that are reconsidered together: whoever stops waits for no more.
const TOGETHER: usize = 64;

/// Threads at most; signature checks should not take every core from consensus.
const THREADS: usize = 4;

struct Job {
    way: Way,
    from: PeerId,
    /// Judged one after the other.
    messages: Vec<Vec<u8>>,
}

/// How messages came to be judged.
enum Way {
    /// This gossip brought one.
    Gossip(MessageId),
    /// This node asked for them.
    Fetch,
    /// They were of no use when they came.
    Doubt,
}

/// Messages that have been judged.
pub(super) struct Checked {
    pub(super) from: PeerId,
    pub(super) judged: Judged,
    /// Those that are to be reconsidered.
    pub(super) doubtful: Vec<Vec<u8>>,
    load: Load,
}

/// What was found, by how the messages came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// One that was gossiped.
    Gossiped(MessageId, MessageVerdict),
    /// Those that this node asked for, in the order in which they came.
    Fetched(Vec<MessageVerdict>),
    /// Those that were of no use when they came.
    Reconsidered(Vec<MessageVerdict>),
}

/// How much some messages are.
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

    fn fits(self, most: Self) -> bool {
        self.messages <= most.messages && self.bytes <= most.bytes
    }
}

/// The messages under way to and from the checker.
///
/// Dropping it forgets the messages that wait, and returns when no thread calls the checker any more: what the checker
/// holds, such as the store, is then free to close.
pub(super) struct Checks {
    // Neither queue can outgrow IN_FLIGHT and what was kept to be reconsidered, because both are counted. None only while this is dropped.
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
        self.push(Job { way: Way::Gossip(id), from, messages: vec![data] })
    }

    /// Queues messages that this node asked for, to be judged one after the other; `false` as with [`submit`](Self::submit).
    pub(super) fn submit_fetched(&mut self, from: PeerId, messages: Vec<Vec<u8>>) -> bool {
        self.push(Job { way: Way::Fetch, from, messages })
    }

    /// Queues messages to be reconsidered, a few together. They count no more: whoever kept them until now has bounded them.
    pub(super) fn submit_again(&mut self, from: PeerId, messages: Vec<Vec<u8>>) {
        let mut messages = messages.into_iter();
        while let Some(jobs) = &self.jobs
            && messages.len() > 0
        {
            let messages = messages.by_ref().take(TOGETHER).collect();
            // Without a thread that takes them there is nobody to judge anything, which `push` says.
            let _ = jobs.send(Job { way: Way::Doubt, from, messages });
        }
    }

    fn push(&mut self, job: Job) -> bool {
        let (from, load) = (job.from, Load::of(&job.messages));
        let of_peer = self.of_peers.get(&from).copied().unwrap_or_default().with(load);
        let total = self.total.with(load);
        let fits = total.fits(IN_FLIGHT) && of_peer.fits(SHARE);
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
        let Ok(Job { way, from, messages }) = job else { return };
        let Some(checker) = checker.upgrade() else { return };
        let load = if matches!(way, Way::Doubt) { Load::default() } else { Load::of(&messages) };
        let judge_all = || match way {
            Way::Gossip(_) | Way::Fetch => checker.check_all(&messages),
            Way::Doubt => messages.iter().map(|message| MessageVerdict::Ignore(checker.reconsider(message))).collect(),
        };
        let judged_all = catch_unwind(AssertUnwindSafe(judge_all));
        let verdicts = judged_all.unwrap_or_else(|_| {
            tracing::error!(%from, "the checker panicked on a message; what came with it is ignored");
            vec![MessageVerdict::Ignore(Cost::Nothing); messages.len()]
        });
        let is_doubtful = |verdict: &MessageVerdict| *verdict == MessageVerdict::Ignore(Cost::Much);
        let doubtful = match way {
            Way::Gossip(_) | Way::Fetch => {
                let each = messages.into_iter().zip(&verdicts);
                each.filter(|(_, verdict)| is_doubtful(verdict)).map(|(message, _)| message).collect()
            }
            Way::Doubt => Vec::new(),
        };
        let found = match (way, verdicts.first().copied()) {
            (Way::Gossip(id), Some(verdict)) => Judged::Gossiped(id, verdict),
            (Way::Doubt, _) => Judged::Reconsidered(verdicts),
            _ => Judged::Fetched(verdicts),
        };
        if judged.send(Checked { from, judged: found, doubtful, load }).is_err() {
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
        let taken =
            (0..IN_FLIGHT.messages).filter(|_| checks.submit(MessageId::new(b"a"), loud, b"panic".to_vec())).count();
        assert_eq!(taken, SHARE.messages);
        let share = vec![0; SHARE.bytes];
        let large = PeerId::random();
        assert!(
            checks.submit(MessageId::new(b"c"), large, share) && !checks.submit(MessageId::new(b"d"), large, vec![0])
        );
        assert!(checks.submit(MessageId::new(b"b"), quiet, b"fine".to_vec()));
        drop(release);
        let mut accepted = Vec::new();
        for _ in 0..SHARE.messages + 2 {
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
        assert!(!checks.submit_fetched(peer, vec![vec![0]; SHARE.messages + 1]));
        assert!(checks.submit_fetched(peer, (1..=100).map(|number| vec![number]).collect()));
        assert_eq!(checks.total, Load { messages: 100, bytes: 100 });
        let checked = verdicts.recv().await.unwrap();
        checks.settle(&checked);
        assert_eq!(checked.judged, Judged::Fetched(vec![MessageVerdict::Accept; 100]));
        assert_eq!((checks.total, checks.of_peers.len()), (Load::default(), 0));
    }

    #[tokio::test]
    async fn what_was_of_no_use_is_doubtful_once_and_counts_no_more_when_it_is_reconsidered() {
        let checker: MessageChecker =
            Arc::new(
                |data: &[u8]| {
                    if data == b"good" { MessageVerdict::Accept } else { MessageVerdict::Ignore(Cost::Much) }
                },
            );
        let (mut checks, mut verdicts) = Checks::start(checker).unwrap();
        let peer = PeerId::random();
        let useless: Vec<Vec<u8>> = (0..TOGETHER + 1).map(|number| number.to_be_bytes().to_vec()).collect();
        let given = [vec![b"good".to_vec()], useless.clone()].concat();
        assert!(checks.submit_fetched(peer, given));
        let checked = verdicts.recv().await.unwrap();
        checks.settle(&checked);
        assert_eq!(checked.doubtful, useless);
        checks.submit_again(peer, checked.doubtful);
        assert_eq!(checks.total, Load::default());
        let mut reconsidered = 0;
        for _ in 0..2 {
            let Checked { judged: Judged::Reconsidered(verdicts), doubtful, .. } = verdicts.recv().await.unwrap()
            else {
                panic!("it is reconsidered")
            };
            assert!(
                doubtful.is_empty() && verdicts.iter().all(|verdict| *verdict == MessageVerdict::Ignore(Cost::Much))
            );
            reconsidered += verdicts.len();
        }
        assert_eq!(reconsidered, useless.len());
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
        for _ in 0..SHARE.messages {
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
