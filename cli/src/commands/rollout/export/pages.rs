//! Lists that a node answers by pages, as a whole.

use crate::failure::{Failure, failed};
use crate::session::Session;
use jsonrpsee::core::client::Error as ClientError;
use rpc::views::{FoundPage, MOST_PER_PAGE, PageOf};

/// How often a list is begun anew that changes while it is read.
const MOST_TRIES: u32 = 5;
/// How many entries a list has at most.
const MOST_ENTRIES: u64 = 50_000;

/// All entries of a list. One that changes meanwhile is read again: between two pages of it, one could be left out.
///
/// # Errors
/// A node that does not answer, and a list that is too long or does not hold still.
pub async fn every<T>(
    session: &Session,
    what: &str,
    ask: impl AsyncFn(u64) -> Result<PageOf<T>, ClientError>,
) -> Result<Vec<T>, Failure> {
    let whole = async |page: u64, _: Option<u64>| ask(page).await.map(|found| FoundPage { found, next: None });
    every_found(session, what, whole).await
}

/// The same of a list that a node looks through so far at a time: below the number that it said last.
///
/// # Errors
/// A node that does not answer, and a list that is too long or does not hold still.
pub async fn every_found<T>(
    session: &Session,
    what: &str,
    ask: impl AsyncFn(u64, Option<u64>) -> Result<FoundPage<T>, ClientError>,
) -> Result<Vec<T>, Failure> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        before = held_still(session, what, before, &ask, &mut all).await?;
        if before.is_none() {
            session.say(&format!("Read {} {what}\n", all.len()));
            return Ok(all);
        }
    }
}

/// Adds all that is found in one go, and gives the number below which nothing was looked at.
async fn held_still<T>(
    session: &Session,
    what: &str,
    before: Option<u64>,
    ask: &impl AsyncFn(u64, Option<u64>) -> Result<FoundPage<T>, ClientError>,
    all: &mut Vec<T>,
) -> Result<Option<u64>, Failure> {
    for _ in 0..MOST_TRIES {
        let first = ask(0, before).await.map_err(|error| session.explain(error))?;
        let have = first.found.total.saturating_add(all.len() as u64);
        if have > MOST_ENTRIES {
            return Err(failed(format!(
                "there are {have} {what}, more than the {MOST_ENTRIES} of one export; take the audit log of an explorer instead, with \
                 `contract audit export`"
            )));
        }
        let next = first.next;
        if let Some(found) = once(session, before, first, ask).await? {
            all.extend(found);
            return Ok(next);
        }
    }
    Err(failed(format!("the list of {what} changes faster than it can be read; run the command again")))
}

/// All entries that go on from a first page, or none where they changed meanwhile.
async fn once<T>(
    session: &Session,
    before: Option<u64>,
    first: FoundPage<T>,
    ask: &impl AsyncFn(u64, Option<u64>) -> Result<FoundPage<T>, ClientError>,
) -> Result<Option<Vec<T>>, Failure> {
    let (total, next) = (first.found.total, first.next);
    let (mut all, mut page) = (first.found.entries, 1);
    while page * u64::from(MOST_PER_PAGE) < total {
        let answer = ask(page, before).await.map_err(|error| session.explain(error))?;
        if (answer.found.total, answer.next) != (total, next) || answer.found.entries.is_empty() {
            return Ok(None);
        }
        all.extend(answer.found.entries);
        page += 1;
    }
    Ok(Some(all))
}
