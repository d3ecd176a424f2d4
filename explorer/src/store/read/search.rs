//! Finding what a hash, a number or a key stands for.

use super::{Index, all, one};
use crate::answers::{Match, SearchAnswer};
use crate::fold::work::{FoldError, parsed};
use crate::fold::{fact_place, transaction_prefix};
use crate::store::table::{Cell, natural};
use primitives::TransactionHash;
use runtime::{Cause, Fact};
use sqlx::Row as _;

/// The most things that one search names.
const MOST: usize = 20;

/// Looks for whatever the text can stand for.
///
/// # Errors
/// The database cannot be read.
pub async fn search(index: &Index, query: &str) -> Result<SearchAnswer, FoldError> {
    let written = query.trim();
    let text = written.to_ascii_lowercase();
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut matches = Vec::new();
    if is_hex {
        by_hash(index, &text, &mut matches).await?;
    } else if !text.is_empty() {
        if let Ok(number) = text.parse::<u64>() {
            by_number(index, number, &mut matches).await?;
        }
        by_beginning(index, &text, &mut matches).await?;
        by_version(index, written, &mut matches).await?;
    }
    matches.truncate(MOST);
    Ok(SearchAnswer { query: query.to_owned(), matches })
}

fn found(kind: &'static str, id: &str, url: String) -> Match {
    Match { kind, id: id.to_owned(), url }
}

async fn by_hash(index: &Index, hash: &str, matches: &mut Vec<Match>) -> Result<(), FoldError> {
    let is = |sql| one(&index.pool, sql, vec![hash.into()]);
    if is("SELECT 1 FROM release_history WHERE build_hash=$1").await?.is_some() {
        matches.push(found("release", hash, format!("/releases/{hash}")));
    }
    for row in
        all(&index.pool, "SELECT id FROM proposals WHERE build_hash=$1 ORDER BY id DESC LIMIT 20", vec![hash.into()])
            .await?
    {
        let id = natural(row.get(0));
        matches.push(found("proposal", &id.to_string(), format!("/proposals/{id}")));
    }
    if let Some(row) = is("SELECT height FROM blocks WHERE hash=$1").await? {
        matches.push(found("block", hash, format!("/blocks/{}", natural(row.get(0)))));
    }
    matches.extend(transaction(index, hash).await?);
    if is("SELECT 1 FROM powers WHERE validator=$1 LIMIT 1").await?.is_some() {
        matches.push(found("validator", hash, format!("/validators#v-{hash}")));
    }
    if one(&index.pool, "SELECT 1 FROM subjects WHERE subject=$1 LIMIT 1", vec![format!("account/{hash}").into()])
        .await?
        .is_some()
    {
        matches.push(found("account", hash, format!("/audit?account={hash}")));
    }
    if is("SELECT 1 FROM release_lists WHERE list=$1 LIMIT 1").await?.is_some() {
        matches.push(found("account", hash, format!("/releases?proposer={hash}")));
    }
    // Rosters are few and short.
    let like = format!("%\"{hash}\"%");
    if one(&index.pool, "SELECT 1 FROM rosters WHERE record LIKE $1 LIMIT 1", vec![like.into()]).await?.is_some() {
        matches.push(found("signer", hash, format!("/signers#s-{hash}")));
    }
    Ok(())
}

async fn transaction(index: &Index, hash: &str) -> Result<Option<Match>, FoldError> {
    let Ok(wanted) = hash.parse::<TransactionHash>() else { return Ok(None) };
    let beginning = vec![Cell::Int(Some(transaction_prefix(&wanted)))];
    for row in all(&index.pool, "SELECT id, fact FROM facts WHERE tx=$1", beginning).await? {
        let fact: Fact = parsed("a fact", row.get("fact"))?;
        if matches!(fact.cause, Cause::Transaction { hash, .. } if hash == wanted) {
            let (height, place) = fact_place(natural(row.get("id")));
            return Ok(Some(found("transaction", hash, format!("/blocks/{height}#fact-{place}"))));
        }
    }
    Ok(None)
}

async fn by_number(index: &Index, number: u64, matches: &mut Vec<Match>) -> Result<(), FoldError> {
    let is = |sql| one(&index.pool, sql, vec![number.into()]);
    if is("SELECT 1 FROM proposals WHERE id=$1").await?.is_some() {
        matches.push(found("proposal", &number.to_string(), format!("/proposals/{number}")));
    }
    if is("SELECT 1 FROM blocks WHERE height=$1").await?.is_some() {
        matches.push(found("block", &number.to_string(), format!("/blocks/{number}")));
    }
    Ok(())
}

/// The beginning of a hash, at least six digits of it.
async fn by_beginning(index: &Index, text: &str, matches: &mut Vec<Match>) -> Result<(), FoldError> {
    if text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        // Everything that begins with the text stands between the text and the text with a letter behind all digits.
        let key = vec![text.into(), format!("{text}g").into()];
        let sql = "SELECT build_hash FROM release_history WHERE build_hash >= $1 AND build_hash < $2 \
                   ORDER BY build_hash LIMIT 20";
        for row in all(&index.pool, sql, key.clone()).await? {
            let hash: String = row.get(0);
            matches.push(found("release", &hash, format!("/releases/{hash}")));
        }
        let sql = "SELECT hash, height FROM blocks WHERE hash >= $1 AND hash < $2 ORDER BY hash LIMIT 20";
        for row in all(&index.pool, sql, key).await? {
            matches.push(found("block", row.get(0), format!("/blocks/{}", natural(row.get(1)))));
        }
    }
    Ok(())
}

async fn by_version(index: &Index, version: &str, matches: &mut Vec<Match>) -> Result<(), FoldError> {
    let sql = "SELECT build_hash FROM release_history WHERE version=$1 ORDER BY ordinal DESC LIMIT 20";
    for row in all(&index.pool, sql, vec![version.into()]).await? {
        let hash: String = row.get(0);
        matches.push(found("release", &hash, format!("/releases/{hash}")));
    }
    Ok(())
}
