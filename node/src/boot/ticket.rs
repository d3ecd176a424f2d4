//! A ticket in place of local state: for a home that has not yet seen its build approved.

use super::report::{Decision, Disbelief, LEVEL_WORD, UNPROVEN};
use host::clock::HomeClock;
use host::config::{Config, Home};
use light::{Anchor, Distrust, Fork, MAX_TICKET_BYTES, NotRecent, Proven, Recency, Ticket, TicketError};
use primitives::{BuildHash, Reading, Timestamp};
use releases::queries::release_key;
use rpc::client::{CallError, FetchedTicket, Node, TicketFetchError};
use rpc::error::UNKNOWN_RELEASE;
use runtime::Genesis;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::thread;
use std::time::Duration;
use store::EvidenceFolder;
use store::db::Store;
use update::{Journal, Releases, Step, fork_warning};

/// How long one source may take to answer, with the way to a ticket that is far ahead.
const PATIENCE: Duration = Duration::from_secs(30);
/// The word of what is too old.
const FROZEN: &str = "E_FREEZE";
/// The word of a clock that cannot be believed.
const CLOCK: &str = "E_CLOCK";
/// The word of a network that is known to have forked.
const FORKED: &str = "E_FORK";

/// Looks for a ticket, and holds it against what this node trusts.
pub(super) struct Search<'a> {
    pub home: &'a Home,
    pub config: &'a Config,
    pub genesis: &'a Genesis,
    /// What this node has decided itself, when it has begun.
    pub store: Option<&'a Store>,
    /// Whether what is found is kept in the home.
    pub keeps: bool,
    /// What this node trusts: the head of its store, what its home has verified before, or genesis.
    pub anchor: Anchor,
    /// The time of the head of its store; none before its first block.
    pub proven: Option<Timestamp>,
    pub build: BuildHash,
}

/// A ticket that holds, and what it shows.
pub(super) struct Found {
    pub proven: Proven,
    pub ticket: Ticket,
    /// Where it came from.
    pub from: String,
}

/// Why there is none.
pub(super) enum NotFound {
    /// Nobody had one; with what each that was asked said.
    Nobody(Vec<String>),
    /// One proves nothing, because whoever made it is mistaken or lies, or this machine's clock cannot be believed.
    Bad(Disbelief),
}

/// Why a ticket is not taken: the word for it, and the sentence.
type Untaken = (&'static str, String);

/// What the configured sources said.
#[derive(Default)]
struct Asked {
    /// The first good ticket.
    found: Option<Found>,
    /// Who had none before that, each with why.
    silent: Vec<String>,
    /// Whose was not taken before that.
    bad: Vec<Untaken>,
}

/// How near to the present what shows an approval has to be: no older than a notice period, in which no build is stopped that was
/// not announced before, or than what the operator allows.
pub(super) fn good_for(config: &Config, genesis: &Genesis) -> Recency {
    let least_ms = config.boot.least_ticket_minutes.saturating_mul(60_000);
    let drift_ms = genesis.chain.consensus.max_clock_drift_ms;
    Recency { most_age_ms: genesis.notice_ms().max(least_ms), drift_ms }
}

impl Search<'_> {
    /// The ticket of `file` when it is named; else the later one of the first good one of the configured sources and the one that was
    /// good at an earlier start.
    pub fn find(&self, file: Option<&Path>) -> Result<Found, NotFound> {
        if file.is_none() && !self.home.ticket().exists() && self.config.boot.ticket_sources.is_empty() {
            return Err(NotFound::Nobody(Vec::new()));
        }
        // First, so that no ticket is blamed for it.
        let clock = self.require_clock();
        if let Some(file) = file {
            return clock.and_then(|()| self.read(file)).map_err(NotFound::untaken);
        }
        clock.map_err(NotFound::untaken)?;
        let Asked { found, mut silent, mut bad } = self.ask();
        let kept = self.kept().unwrap_or_else(|untaken| {
            match untaken {
                // It holds, and shows that the clock is behind.
                (CLOCK, _) => bad.push(untaken),
                (_, why) => silent.push(format!("an earlier start: {why}")),
            }
            None
        });
        // A fork that one of them has shown counts against all: nobody can tell which chain a ticket is of.
        self.require_none_known().map_err(|why| NotFound::untaken((FORKED, why)))?;
        if let Some(newest) = found.into_iter().chain(kept).max_by_key(|found| found.proven.header.height) {
            bad.iter().for_each(|(_, why)| tracing::warn!("{why}"));
            return Ok(newest);
        }
        // While the clock is wrong, nothing else is known of anybody; a level that is too high is proven, whatever others say.
        let by_word = |wanted: &str| bad.iter().find(|(word, _)| *word == wanted);
        let Some(&(word, _)) = by_word(CLOCK).or_else(|| by_word(LEVEL_WORD)).or(bad.first()) else {
            return Err(NotFound::Nobody(silent));
        };
        let sentences: Vec<&str> = bad.iter().map(|(_, why)| why).chain(&silent).map(String::as_str).collect();
        let untaken = (word, sentences.join("; "));
        // A source that is behind catches up, and one that said nothing may have the ticket that holds.
        let passes = !silent.is_empty() || bad.iter().any(|(word, _)| *word == FROZEN);
        Err(if passes { NotFound::passing(untaken) } else { NotFound::untaken(untaken) })
    }

    /// Asks one source after the other, up to the first with a good ticket.
    fn ask(&self) -> Asked {
        let mut asked = Asked::default();
        for url in &self.config.boot.ticket_sources {
            match fetch(url, self.build, &self.anchor) {
                Err(error) => match self.unbelieved(url, &error) {
                    Some(untaken) => asked.bad.push(untaken),
                    // Nothing proves that, and nothing here is in doubt by it.
                    None if denies(&error) => tracing::warn!("no ticket from {url}: {error:#}"),
                    None => asked.silent.push(format!("{url}: {error:#}")),
                },
                Ok(FetchedTicket { ticket, anchor }) => match self.judge(ticket, &anchor, url) {
                    Err(untaken) => asked.bad.push(untaken),
                    Ok(found) => return Asked { found: Some(found), ..asked },
                },
            }
        }
        asked
    }

    /// The ticket that was good at an earlier start, unless that was of another build.
    fn kept(&self) -> Result<Option<Found>, Untaken> {
        let file = self.home.ticket();
        if !file.exists() {
            return Ok(None);
        }
        let ticket = ticket_in(&file)?;
        if *ticket.approval.key != *release_key(&self.build) {
            return Ok(None);
        }
        self.judge(ticket, &self.anchor, &file.display().to_string()).map(Some)
    }

    fn read(&self, file: &Path) -> Result<Found, Untaken> {
        self.judge(ticket_in(file)?, &self.anchor, &file.display().to_string())
    }

    /// Why it is not told here that the build was never approved, by a head of the time `known` that does not know it; none where it
    /// is. A head speaks of its own time alone.
    pub fn doubt(&self, known: Timestamp, silent: &[String]) -> Option<String> {
        if !silent.is_empty() {
            return Some(format!("nobody who was asked could say ({})", silent.join("; ")));
        }
        let step = Journal::open(&Releases::of(self.home)).map(|journal| journal.step);
        if matches!(step, Ok(Step::Trying { hash, .. }) if hash == self.build) {
            return Some(
                "it was installed here by a proof of its approval, and the chain of this home is behind that".into(),
            );
        }
        let reading = match HomeClock::of(self.home).look() {
            Ok(reading) => reading,
            Err(error) => return Some(error.to_string()),
        };
        let Recency { most_age_ms, drift_ms } = good_for(self.config, self.genesis);
        let ahead_ms = reading.ahead_ms(known);
        if ahead_ms > drift_ms {
            let behind_s = ahead_ms / 1000;
            return Some(format!(
                "this machine's clock is {behind_s} s behind the newest block of this home; set the clock"
            ));
        }
        let age_ms = reading.age_ms(known);
        let newest = || format!("the newest block of this home is {} s old", age_ms / 1000);
        (age_ms > most_age_ms).then(newest)
    }

    /// Holds a ticket against what this node trusts: its own anchor, or where a verified way has moved that.
    fn judge(&self, ticket: Ticket, anchor: &Anchor, from: &str) -> Result<Found, Untaken> {
        let nothing = |word: &'static str, why: &dyn std::fmt::Display| {
            (word, format!("the ticket {from} proves nothing: {why}"))
        };
        self.require_no_fork(&ticket, anchor).map_err(|why| nothing(FORKED, &why))?;
        let proven = ticket.verify(anchor, &self.build).map_err(|error| match error {
            // It holds, and shows that this build knows too little.
            TicketError::NewerLevel { .. } => (LEVEL_WORD, format!("the ticket {from} cannot be read here: {error}")),
            error => nothing(UNPROVEN, &error),
        })?;
        let reading = self.reading(Some(proven.header.time))?;
        let recent = proven.require_recent(reading, good_for(self.config, self.genesis));
        recent.map_err(|error| nothing(word_of(&error), &error))?;
        let proven = proven.as_of(reading.latest, &self.genesis.chain);
        Ok(Found { proven, ticket, from: from.into() })
    }

    /// Why a source that did answer is not believed: the way to its ticket proves nothing. None where it did not answer.
    fn unbelieved(&self, url: &str, error: &anyhow::Error) -> Option<Untaken> {
        match error.downcast_ref::<TicketFetchError>()? {
            TicketFetchError::Call(_) => None,
            TicketFetchError::Distrust(Distrust::Forked(fork)) => {
                Some((FORKED, format!("the way to the ticket {url} proves nothing: {}", self.keep_fork(fork))))
            }
            lie @ (TicketFetchError::Distrust(_) | TicketFetchError::NoWay(_)) => {
                Some((UNPROVEN, format!("{url}: {lie}")))
            }
        }
    }

    /// Refuses every ticket while the network is known to have forked, and the one that shows it (T30): nobody can tell which chain a
    /// ticket is of.
    fn require_no_fork(&self, ticket: &Ticket, anchor: &Anchor) -> Result<(), String> {
        self.require_none_known()?;
        let Some(fork) = self.shown(ticket, anchor)? else { return Ok(()) };
        Err(self.keep_fork(&fork))
    }

    /// Keeps a fork for this node and its next starts, where what is found is kept, and puts it in words.
    fn keep_fork(&self, fork: &Fork) -> String {
        if self.keeps
            && let Err(error) = EvidenceFolder::of(self.home, self.genesis).keep_fork(fork)
        {
            tracing::error!(%fork, %error, "the proof of this cannot be kept");
        }
        fork_warning(fork)
    }

    /// Refuses when this home knows of a fork, or cannot tell.
    fn require_none_known(&self) -> Result<(), String> {
        match EvidenceFolder::of(self.home, self.genesis).fork() {
            Ok(None) => Ok(()),
            Ok(Some(known)) => Err(fork_warning(&known)),
            Err(error) => Err(format!("{} cannot be read: {error}", self.home.fork().display())),
        }
    }

    /// The fork that a ticket shows, against the store or against itself.
    fn shown(&self, ticket: &Ticket, anchor: &Anchor) -> Result<Option<Fork>, String> {
        if let Err(Distrust::Forked(fork)) = ticket.follow(anchor) {
            return Ok(Some(*fork));
        }
        let Some(store) = self.store else { return Ok(None) };
        store::fork_in(&store.view(), self.genesis, ticket).map_err(|error| error.to_string())
    }

    /// Refuses to judge by a clock that was set back, or of which nothing is known.
    fn require_clock(&self) -> Result<(), Untaken> {
        let believed = good_for(self.config, self.genesis).require_clock(self.reading(self.proven)?);
        believed.map_err(|behind| (CLOCK, format!("no ticket is taken: {behind} with `the-block clock accept`")))
    }

    fn reading(&self, proven: Option<Timestamp>) -> Result<Reading, Untaken> {
        HomeClock::of(self.home).read(proven).map_err(|error| (CLOCK, error.to_string()))
    }
}

impl NotFound {
    /// Where it may be found another time, though nobody brings another ticket.
    fn passing(untaken: Untaken) -> Self {
        Self::bad(Decision::Unanswered, untaken)
    }

    fn untaken(untaken: Untaken) -> Self {
        Self::bad(Decision::TicketInvalid, untaken)
    }

    /// With what follows, unless the clock cannot be believed, which keeps nobody down for longer than it is so, or it is proven that
    /// the network is at a level of which this build knows nothing.
    fn bad(decision: Decision, (word, why): Untaken) -> Self {
        let decision = match word {
            CLOCK => Decision::ClockWrong,
            LEVEL_WORD => Decision::LevelDiffers,
            _ => decision,
        };
        NotFound::Bad(Disbelief { decision, ..Disbelief::ticket(word, &why) })
    }
}

impl Found {
    /// Keeps the ticket for the next starts, which come before this node has caught up.
    pub fn keep(&self, home: &Home) -> io::Result<()> {
        let path = home.ticket();
        std::fs::create_dir_all(files::folder_of(&path))?;
        files::replace(&path, Some(0o600), &self.ticket.to_bytes())
    }
}

/// The ticket that was good at an earlier start, if there is one.
pub fn kept(home: &Home) -> Option<Ticket> {
    Ticket::from_bytes(&read_bounded(&home.ticket()).ok()?).ok()
}

/// Whether a source says that the build was never approved.
fn denies(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<TicketFetchError>();
    matches!(error, Some(TicketFetchError::Call(CallError::Refused { code: UNKNOWN_RELEASE, .. })))
}

/// The ticket in a file; nothing of it is verified.
fn ticket_in(file: &Path) -> Result<Ticket, Untaken> {
    let name = file.display();
    let nothing = |why: String| (UNPROVEN, why);
    let bytes = read_bounded(file).map_err(|error| nothing(format!("the ticket {name} cannot be read: {error}")))?;
    Ticket::from_bytes(&bytes).map_err(|error| nothing(format!("the ticket {name} proves nothing: {error}")))
}

/// Refuses a file that cannot be read, whatever it would show.
pub(super) fn require_readable(file: &Path) -> io::Result<()> {
    read_bounded(file).map(drop)
}

fn word_of(error: &NotRecent) -> &'static str {
    match error {
        NotRecent::TooOld { .. } => FROZEN,
        NotRecent::FromTheFuture { .. } | NotRecent::ClockBehind { .. } => CLOCK,
    }
}

fn read_bounded(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than allowed, so that the ticket is refused as too large and not as cut off.
    File::open(file)?.take(MAX_TICKET_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Asks a node for the ticket and, where that is long, for the way there. On a thread of its own, because the boot check comes before
/// any runtime.
fn fetch(url: &str, build: BuildHash, anchor: &Anchor) -> anyhow::Result<FetchedTicket> {
    let ask = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let node = Node::open(url)?;
            anyhow::Ok(tokio::time::timeout(PATIENCE, node.ticket(build, anchor.clone())).await??)
        })
    };
    let answered = thread::scope(|scope| scope.spawn(ask).join());
    answered.unwrap_or_else(|_| Err(anyhow::anyhow!("the asking thread failed")))
}
