//! What an explorer is asked about plans.

use crate::commands::explorer_http;
use crate::failure::{Failure, failed};

/// How many bytes an answer has at most.
const MOST_BYTES: u64 = 32 << 20;

/// What an explorer answers at a path.
///
/// # Errors
/// An explorer that does not answer or refuses, and an answer that is not whole.
pub async fn explored(explorer: &str, path: String) -> Result<Vec<u8>, Failure> {
    let explorer = explorer.to_owned();
    let fetched = tokio::task::spawn_blocking(move || {
        let mut whole = Vec::new();
        explorer_http::fetched(&explorer, &path, MOST_BYTES, &mut whole).map(|_| whole)
    });
    fetched.await.map_err(failed)?
}
