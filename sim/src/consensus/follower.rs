//! A light client: it trusts genesis, and follows by certificates alone.

use light::{Anchor, SignedHeader, Trail};
use primitives::Height;
use runtime::Genesis;

/// Follows the last headers of epochs, and remembers which a newcomer would need.
#[derive(Debug)]
pub(super) struct Follower {
    genesis: Anchor,
    here: Anchor,
    trail: Trail,
    hops: Vec<SignedHeader>,
    /// The last header of the epoch before: from the last hop, trust may reach it and nothing later.
    end: Option<SignedHeader>,
    last: Option<SignedHeader>,
}

impl Follower {
    pub fn new(genesis: &Genesis) -> Self {
        let anchor = Anchor::genesis(genesis);
        let trail = Trail::resume(anchor.clone(), None);
        Self { genesis: anchor.clone(), here: anchor, trail, hops: Vec::new(), end: None, last: None }
    }

    /// Takes a header in the order of heights.
    ///
    /// # Errors
    /// Why trust does not reach it, in a sentence.
    pub fn sees(&mut self, signed: SignedHeader) -> Result<(), String> {
        if signed.height().ends_epoch(self.here.epoch_length()) {
            self.here = self.here.step(&signed).map_err(|error| error.to_string())?;
            self.hops.extend(self.trail.extend(&signed));
            self.end = Some(signed.clone());
        }
        self.last = Some(signed);
        Ok(())
    }

    /// Whether a newcomer comes from genesis to the last header; at which height that is.
    ///
    /// # Errors
    /// Why trust does not reach it, in a sentence.
    pub fn newcomer(&self) -> Result<Height, String> {
        let Some(last) = &self.last else { return Ok(Height(0)) };
        let mut headers: Vec<&SignedHeader> = self.hops.iter().chain(&self.end).chain([last]).collect();
        headers.dedup_by_key(|header| header.height());
        self.genesis.follow(headers).map(|anchor| anchor.height()).map_err(|error| error.to_string())
    }
}
