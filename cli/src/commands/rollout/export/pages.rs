//! Lists that a node answers by pages, as a whole.

use crate::failure::{Failure, failed};
use crate::session::Session;
use jsonrpsee::core::client::Error as ClientError;
use rpc::views::{FoundPage, MOST_PER_PAGE, PageOf};
use std::fmt::Display;

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
    let whole = async |page: u64, _: u64| ask(page).await.map(|found| FoundPage { found, next: None });
    every_found(session, what, 0, whole).await
}

/// The same of a list that a node looks through so far at a time: below the number after the `latest` one, so that whatever comes meanwhile
/// moves no page of it, and then below the number that the node said last.
///
/// # Errors
/// A node that does not answer, or comes no further; and a list that is too long or does not hold still.
pub async fn every_found<T>(
    session: &Session,
    what: &str,
    latest: u64,
    ask: impl AsyncFn(u64, u64) -> Result<FoundPage<T>, ClientError>,
) -> Result<Vec<T>, Failure> {
    let (mut all, mut before) = (Vec::new(), latest.saturating_add(1));
    loop {
        let Some(next) = held_still(session, what, before, &ask, &mut all).await? else {
            session.say(&format!("Read {} {what}\n", all.len()));
            return Ok(all);
        };
        if next >= before {
            return Err(failed(format!(
                "the node was asked for {what} below number {before} and says to look on below number {next}, which leads nowhere; \
                 ask another node with --rpc"
            )));
        }
        before = next;
    }
}

/// The same of a list that a node answers from a place on: whatever comes meanwhile has a place of its own, and moves no other entry.
///
/// # Errors
/// A node that does not answer, or comes no further; and a list that is too long.
pub async fn every_from<T, P: Clone + Ord + Display>(
    session: &Session,
    what: &str,
    ask: impl AsyncFn(Option<P>) -> Result<(Vec<T>, Option<P>), ClientError>,
) -> Result<Vec<T>, Failure> {
    let (mut all, mut from) = (Vec::new(), None::<P>);
    loop {
        let (found, next) = ask(from.clone()).await.map_err(|error| session.explain(error))?;
        let is_empty = found.is_empty();
        all.extend(found);
        require_few(what, all.len() as u64)?;
        let Some(next) = next else {
            session.say(&format!("Read {} {what}\n", all.len()));
            return Ok(all);
        };
        // No node has reason to name a place and give nothing before it: one that does could do so for ever.
        if is_empty || from.is_some_and(|from| next <= from) {
            return Err(failed(format!(
                "the node says to go on with the {what} from {next}, which leads nowhere; ask another node with --rpc"
            )));
        }
        from = Some(next);
    }
}

fn require_few(what: &str, have: u64) -> Result<(), Failure> {
    if have <= MOST_ENTRIES {
        return Ok(());
    }
    Err(failed(format!(
        "there are {have} {what}, more than the {MOST_ENTRIES} of one export; take the audit log of an explorer instead, with \
         `contract audit export`"
    )))
}

/// Adds all that is found in one go, and gives the number below which nothing was looked at.
async fn held_still<T>(
    session: &Session,
    what: &str,
    before: u64,
    ask: &impl AsyncFn(u64, u64) -> Result<FoundPage<T>, ClientError>,
    all: &mut Vec<T>,
) -> Result<Option<u64>, Failure> {
    for _ in 0..MOST_TRIES {
        let first = ask(0, before).await.map_err(|error| session.explain(error))?;
        let have = first.found.total.saturating_add(all.len() as u64);
        require_few(what, have)?;
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
    before: u64,
    first: FoundPage<T>,
    ask: &impl AsyncFn(u64, u64) -> Result<FoundPage<T>, ClientError>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Options;
    use crate::render::Screen;
    use rpc::views::MOST_LOOKED_THROUGH;
    use std::cell::Cell;

    /// Nobody asks this one anything.
    fn session() -> Session {
        let options = Options { rpc: Some("http://127.0.0.1:1".into()), json: true, log: "off".into(), home: None };
        Session::open(options, Screen::of_stdout()).unwrap()
    }

    /// What a node finds that has so many rows, of which each seventh is sought.
    fn found(latest: u64, page: u64, before: u64) -> FoundPage<u64> {
        let before = before.min(latest + 1);
        let end = before.saturating_sub(MOST_LOOKED_THROUGH as u64).max(1);
        let sought: Vec<u64> = (end..before).rev().filter(|number| number.is_multiple_of(7)).collect();
        let (total, page_size) = (sought.len() as u64, MOST_PER_PAGE);
        let (skipped, taken) = ((page * u64::from(page_size)) as usize, page_size as usize);
        let entries = sought.into_iter().skip(skipped).take(taken).collect();
        FoundPage { found: PageOf { total, page, page_size, entries }, next: (end > 1).then_some(end) }
    }

    #[tokio::test]
    async fn what_comes_while_a_long_list_is_read_is_left_out_and_keeps_nobody_from_reading_it() {
        let (session, begun) = (session(), 25_000);
        let latest = Cell::new(begun);
        let all = every_found(&session, "changes", begun, async |page, before| {
            latest.set(latest.get() + 7);
            Ok(found(latest.get(), page, before))
        });
        let all = all.await.unwrap();
        assert!(latest.get() > begun, "it grew meanwhile");
        assert_eq!(all, (1..=begun).rev().filter(|number| number.is_multiple_of(7)).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_node_that_comes_no_further_ends_the_export_with_what_to_do() {
        let session = session();
        let all = every_found(&session, "changes", 25_000, async |page, before| {
            let stuck = found(25_000, page, before);
            Ok(FoundPage { next: Some(stuck.next.unwrap_or(before)), ..stuck })
        });
        let failure = all.await.unwrap_err().to_string();
        assert!(failure.contains("below number 5001") && failure.contains("--rpc"), "{failure}");
    }

    #[tokio::test]
    async fn what_has_a_place_is_read_from_place_to_place_for_as_long_as_that_leads_on() {
        let session = session();
        let part = |from: u64| (from..(from + 100).min(250)).collect::<Vec<_>>();
        let all = every_from(&session, "statements", async |from: Option<u64>| {
            let found = part(from.unwrap_or(0));
            let next = found.last().map(|last| last + 1).filter(|next| *next < 250);
            Ok((found, next))
        });
        assert_eq!(all.await.unwrap(), (0..250).collect::<Vec<_>>());
        let stuck = every_from(&session, "statements", async |_: Option<u64>| Ok((part(0), Some(100))));
        let failure = stuck.await.unwrap_err().to_string();
        assert!(failure.contains("from 100, which leads nowhere") && failure.contains("--rpc"), "{failure}");
        let empty = every_from(&session, "statements", async |from: Option<u64>| {
            Ok((Vec::<u64>::new(), Some(from.unwrap_or(0) + 1)))
        });
        let failure = empty.await.unwrap_err().to_string();
        assert!(failure.contains("from 1, which leads nowhere"), "{failure}");
        let endless = every_from(&session, "statements", async |from: Option<u64>| {
            let from = from.unwrap_or(0);
            Ok(((from..from + 100).collect::<Vec<_>>(), Some(from + 100)))
        });
        let failure = endless.await.unwrap_err().to_string();
        assert!(failure.contains("there are 50100 statements, more than the 50000"), "{failure}");
    }

    #[tokio::test]
    async fn a_list_that_changes_with_every_page_is_not_put_together() {
        let (session, total) = (session(), Cell::new(500));
        let all = every(&session, "proposals", async |page| {
            total.set(total.get() + 1);
            let entries = vec![0_u8; MOST_PER_PAGE as usize];
            Ok(PageOf { total: total.get(), page, page_size: MOST_PER_PAGE, entries })
        });
        let failure = all.await.unwrap_err().to_string();
        assert!(failure.contains("changes faster than it can be read"), "{failure}");
    }
}
