//! Lists that a node answers by pages, as a whole.

use crate::failure::{Failure, failed};
use crate::session::Session;
use jsonrpsee::core::client::Error as ClientError;
use rpc::views::{MOST_PER_PAGE, PageOf};

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
    for _ in 0..MOST_TRIES {
        if let Some(all) = once(session, what, &ask).await? {
            return Ok(all);
        }
    }
    Err(failed(format!("the list of {what} changes faster than it can be read; run the command again")))
}

/// All entries, or none of a list that changed meanwhile.
async fn once<T>(
    session: &Session,
    what: &str,
    ask: &impl AsyncFn(u64) -> Result<PageOf<T>, ClientError>,
) -> Result<Option<Vec<T>>, Failure> {
    let (mut all, mut page, mut first) = (Vec::new(), 0, None);
    loop {
        let answer = ask(page).await.map_err(|error| session.explain(error))?;
        if answer.total > MOST_ENTRIES {
            return Err(failed(format!(
                "there are {} {what}, more than the {MOST_ENTRIES} of one export; take the audit log of an explorer instead, with \
                 `contract audit export`",
                answer.total
            )));
        }
        if *first.get_or_insert(answer.total) != answer.total {
            return Ok(None);
        }
        let is_last = answer.entries.is_empty();
        all.extend(answer.entries);
        page += 1;
        if is_last || page * u64::from(MOST_PER_PAGE) >= answer.total {
            session.say(&format!("Read {} {what}\n", all.len()));
            return Ok(Some(all));
        }
    }
}
