//! Tokens that were verified, remembered by their hash: a signature is checked once, and whether the issuer may issue it once after each
//! block that wrote about flags or roles, however many ask with it.

use crate::refusal::Refusal;
use crate::source::{ChainSource, now};
use flags::FlagReader;
use host::token::{FlagToken, TokenAudience};
use quick_cache::sync::Cache;
use state::State;
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// How many are remembered.
const MOST_REMEMBERED: usize = 8_192;
/// What a role is granted that may issue tokens where that is.
const ACTION: &str = "token";

/// A token that was verified.
#[derive(Debug)]
pub(crate) struct KnownToken {
    /// What it says.
    pub token: FlagToken,
    /// The BLAKE3 of its text.
    pub hash: [u8; 32],
    /// By how many blocks it was judged.
    judged_by: u64,
    /// Whether its issuer might issue it then.
    granted: Result<(), Refusal>,
    /// Whoever judges it again has this, so that one request of many does.
    turn: Arc<Mutex<()>>,
}

impl KnownToken {
    /// Who reads with it.
    pub fn reader(&self) -> FlagReader {
        match self.token.aud {
            TokenAudience::Server => FlagReader::Server,
            TokenAudience::Client => FlagReader::Client,
        }
    }

    /// Whether no block since it was judged could have ended it.
    pub fn is_judged(&self, source: &dyn ChainSource) -> bool {
        self.judged_by == source.writes().count()
    }

    /// Whether it counts now, as it was judged last.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, source: &dyn ChainSource) -> Result<(), Refusal> {
        self.token.check_time(now(source))?;
        self.granted.clone()
    }

    /// Waits until nobody else judges it.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
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
    /// The token of a hash, where its signature was verified before.
    pub fn known(&self, hash: &[u8; 32]) -> Option<Arc<KnownToken>> {
        self.0.get(hash)
    }

    /// Verifies a token that is not known yet, judges it, and remembers both, but of a new one that does not count: whoever likes signs
    /// such, and they would take the places of others. Reads state, and is called where that is allowed.
    ///
    /// # Errors
    /// Why it is none, or none now; nothing is remembered of it then.
    pub fn verify(&self, source: &dyn ChainSource, hash: [u8; 32], text: &str) -> Result<Arc<KnownToken>, Refusal> {
        let before = self.0.get(&hash);
        let is_new = before.is_none();
        let (token, turn) = match before {
            Some(known) => (known.token.clone(), known.turn.clone()),
            None => {
                let token = FlagToken::read(text, &source.network())?;
                token.check_time(now(source))?;
                (token, Arc::default())
            }
        };
        // Counted before state is read: a block in between has it judged once more, and never less.
        let judged_by = source.writes().count();
        let mut granted = Err(Refusal::Broken);
        source.read(&mut |state, _, _| granted = require_granted(state, &token));
        let known = Arc::new(KnownToken { token, hash, judged_by, granted, turn });
        if known.granted.is_ok() || !is_new {
            self.0.insert(hash, known.clone());
        }
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
