//! Finding what a hash, a number or a key stands for.

use crate::answers::{Match, SearchAnswer};
use crate::store::{Index, QueryError};
use crate::topics::{audit, blocks, cases, governance, releases, rollouts, signers, validators};
use primitives::typed_digits;

/// Looks for whatever the text can stand for.
///
/// # Errors
/// The database cannot be read.
pub async fn search(index: &Index, query: &str) -> Result<SearchAnswer, QueryError> {
    let written = query.trim();
    let text = typed_digits(written).to_ascii_lowercase();
    let is_digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut matches = Vec::new();
    if text.len() == 64 && is_digits {
        matches = by_hash(index, &text).await?;
    } else if !written.is_empty() {
        // What has 0x in front is no number of a block.
        if let Ok(number) = written.parse::<u64>() {
            matches.extend(governance::read::found_by_number(index, number).await?);
            matches.extend(rollouts::read::found_by_number(index, number).await?);
            matches.extend(cases::read::found_by_number(index, number).await?);
            matches.extend(blocks::read::found_by_number(index, number).await?);
        }
        if text.len() >= 6 && is_digits {
            matches.extend(releases::find::found_by_beginning(index, &text).await?);
            matches.extend(blocks::read::found_by_beginning(index, &text).await?);
        }
        matches.extend(releases::find::found_by_version(index, written).await?);
    }
    matches.truncate(SearchAnswer::MOST);
    Ok(SearchAnswer { query: query.to_owned(), matches })
}

/// What a whole hash or key stands for.
async fn by_hash(index: &Index, hash: &str) -> Result<Vec<Match>, QueryError> {
    let mut matches = Vec::new();
    matches.extend(releases::find::found_by_hash(index, hash).await?);
    matches.extend(governance::read::found_by_build(index, hash).await?);
    matches.extend(blocks::read::found_by_hash(index, hash).await?);
    matches.extend(audit::read::found_transaction(index, hash).await?);
    matches.extend(validators::read::found_by_key(index, hash).await?);
    matches.extend(audit::read::found_account(index, hash).await?);
    matches.extend(releases::find::found_proposer(index, hash).await?);
    matches.extend(signers::read::found_by_key(index, hash).await?);
    Ok(matches)
}
