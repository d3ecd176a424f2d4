//! Tokens that were verified, remembered by their hash: a signature is checked once, and whether the issuer may issue it after each
//! block that wrote about flags or roles.

use crate::refusal::Refusal;
use crate::source::{ChainSource, now};
use flags::FlagReader;
use host::token::{FlagToken, TokenAudience};
use quick_cache::sync::Cache;
use state::State;
use std::sync::Arc;

/// How many are remembered.
const MOST_REMEMBERED: usize = 8_192;
/// What a role is granted that may issue tokens where that is.
const ACTION: &str = "token";

/// A token that counts.
#[derive(Debug)]
pub(crate) struct KnownToken {
    /// What it says.
    pub token: FlagToken,
    /// By how many blocks its issuer was allowed to issue it.
    judged_by: u64,
}

impl KnownToken {
    /// Who reads with it.
    pub fn reader(&self) -> FlagReader {
        match self.token.aud {
            TokenAudience::Server => FlagReader::Server,
            TokenAudience::Client => FlagReader::Client,
        }
    }
}

/// The tokens that were verified.
#[derive(Debug)]
pub(crate) struct KnownTokens(Cache<[u8; 32], Arc<KnownToken>>);

impl Default for KnownTokens {
    fn default() -> Self {
        Self(Cache::new(MOST_REMEMBERED))
    }
}

impl KnownTokens {
    /// A token that was verified, and that no block since could have ended.
    ///
    /// # Errors
    /// That it has ended by itself.
    pub fn remembered(&self, source: &dyn ChainSource, hash: &[u8; 32]) -> Result<Option<Arc<KnownToken>>, Refusal> {
        let blocks = source.writes().count();
        let Some(known) = self.0.get(hash).filter(|known| known.judged_by == blocks) else { return Ok(None) };
        known.token.check_time(now(source))?;
        Ok(Some(known))
    }

    /// Verifies a token, and remembers it. Reads state, and is called where that is allowed.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn verify(&self, source: &dyn ChainSource, hash: [u8; 32], text: &str) -> Result<Arc<KnownToken>, Refusal> {
        let before = self.0.get(&hash);
        let token = match before {
            Some(known) => known.token.clone(),
            None => FlagToken::read(text, &source.network())?,
        };
        token.check_time(now(source))?;
        // Counted before state is read: a block in between has it judged once more, and never less.
        let judged_by = source.writes().count();
        let mut granted = Err(Refusal::Broken);
        source.read(&mut |state, _, _| granted = require_granted(state, &token));
        granted?;
        let known = Arc::new(KnownToken { token, judged_by });
        self.0.insert(hash, known.clone());
        Ok(known)
    }
}

/// Requires that its issuer may issue a token at its scope, and has not revoked it.
fn require_granted(state: &State, token: &FlagToken) -> Result<(), Refusal> {
    let granted = roles::queries::require(state, &token.sub, &token.acting, token.iss, ACTION, &token.scope);
    granted.map_err(|_| Refusal::NotGranted)?;
    let revoked = flags::queries::token_revoked_before(state, &token.sub, &token.iss);
    if revoked.is_some_and(|before| token.issued() < before) { Err(Refusal::Revoked) } else { Ok(()) }
}
