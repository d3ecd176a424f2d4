//! A ticket in place of local state: for a home that has not yet seen its build approved.

use host::clock;
use host::config::{Config, Home};
use light::{Anchor, MAX_TICKET_BYTES, Proven, Ticket};
use primitives::BuildHash;
use rpc::client::{FetchedTicket, Node, TicketFetchError};
use runtime::Genesis;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How long one source may take to answer, with the way to a ticket that is far ahead.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks for a ticket, and holds it against what this node trusts.
pub(super) struct Search<'a> {
    pub home: &'a Home,
    pub config: &'a Config,
    pub genesis: &'a Genesis,
    /// What this node trusts: its own verified head, or genesis.
    pub anchor: Anchor,
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
    /// One proves nothing: whoever made it is mistaken or lies.
    Bad(String),
}

impl Search<'_> {
    /// The ticket of `file` when it is named; else the one that was good at an earlier start, else the first good one of the
    /// configured sources.
    pub fn find(&self, file: Option<&Path>) -> Result<Found, NotFound> {
        if let Some(file) = file {
            return self.read(file).map_err(NotFound::Bad);
        }
        if let Ok(found) = self.read(&self.home.ticket()) {
            return Ok(found);
        }
        let (mut silent, mut bad) = (Vec::new(), Vec::new());
        for url in &self.config.boot.ticket_sources {
            match fetch(url, self.build, &self.anchor) {
                Err(error) if error.downcast_ref().is_some_and(is_lie) => bad.push(format!("{url}: {error:#}")),
                Err(silence) => silent.push(format!("{url}: {silence:#}")),
                Ok(FetchedTicket { ticket, anchor }) => match self.judge(ticket, &anchor, url) {
                    Ok(found) => return Ok(found),
                    Err(lie) => bad.push(lie),
                },
            }
        }
        if bad.is_empty() { Err(NotFound::Nobody(silent)) } else { Err(NotFound::Bad(bad.join("; "))) }
    }

    fn read(&self, file: &Path) -> Result<Found, String> {
        let name = file.display().to_string();
        let bytes = read_bounded(file).map_err(|error| format!("the ticket {name} cannot be read: {error}"))?;
        let ticket =
            Ticket::from_bytes(&bytes).map_err(|error| format!("the ticket {name} proves nothing: {error}"))?;
        self.judge(ticket, &self.anchor, &name)
    }

    fn judge(&self, ticket: Ticket, anchor: &Anchor, from: &str) -> Result<Found, String> {
        let nothing = |why: String| format!("the ticket {from} proves nothing: {why}");
        let proven = ticket.verify(anchor, &self.build).map_err(|error| nothing(error.to_string()))?;
        let drift = self.genesis.chain.consensus.max_clock_drift_ms;
        let most_age = self.config.boot.max_ticket_age_hours.saturating_mul(3_600_000);
        proven.require_recent(clock::now(), most_age, drift).map_err(|error| nothing(error.to_string()))?;
        Ok(Found { proven, ticket, from: from.into() })
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

/// Whether a source did answer, and what it said proves nothing.
fn is_lie(error: &TicketFetchError) -> bool {
    match error {
        TicketFetchError::Distrust(_) | TicketFetchError::NoWay(_) => true,
        TicketFetchError::Call(_) => false,
    }
}
