//! A light client: it trusts genesis, and follows by certificates alone, of which it checks each one.

use light::{Anchor, SignedHeader, Trail};
use parity_scale_codec::Encode as _;
use primitives::{ChainId, Height};
use runtime::Genesis;
use std::collections::BTreeSet;

/// Follows from one end of an epoch to the next, and remembers which of them a newcomer would need.
#[derive(Debug)]
pub(super) struct Follower {
    chain: ChainId,
    genesis: Anchor,
    here: Anchor,
    trail: Trail,
    hops: Vec<SignedHeader>,
    /// The last header of the epoch before: from the last hop, trust may reach it and nothing later.
    end: Option<SignedHeader>,
    last: Option<SignedHeader>,
    /// The certificates that were found to hold.
    held: BTreeSet<[u8; 32]>,
}

impl Follower {
    pub fn new(genesis: &Genesis) -> Self {
        let anchor = Anchor::genesis(genesis);
        let trail = Trail::resume(anchor.clone(), None);
        let chain = genesis.chain.chain_id.clone();
        let (genesis, here) = (anchor.clone(), anchor);
        Self { chain, genesis, here, trail, hops: Vec::new(), end: None, last: None, held: BTreeSet::new() }
    }

    /// Takes a header in the order of heights.
    ///
    /// # Errors
    /// Why trust does not reach it, in a sentence.
    pub fn sees(&mut self, signed: SignedHeader) -> Result<(), String> {
        let there = self.here.step(&signed).map_err(|error| error.to_string())?;
        self.held.insert(name(&signed));
        if signed.height().ends_epoch(self.here.epoch_length()) {
            self.here = there;
            self.hops.extend(self.trail.extend(&signed));
            self.end = Some(signed.clone());
        }
        self.last = Some(signed);
        Ok(())
    }

    /// Takes a header that it knows, as another machine has it: by other precommits, maybe.
    ///
    /// # Errors
    /// Why the certificate does not verify, in a sentence.
    pub fn checks(&mut self, signed: SignedHeader) -> Result<(), String> {
        let name = name(&signed);
        if !self.held.contains(&name) {
            signed.verify(&self.chain).map_err(|error| error.to_string())?;
            self.held.insert(name);
        }
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

fn name(signed: &SignedHeader) -> [u8; 32] {
    *blake3::hash(&signed.encode()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use light::testing::TestChain;
    use primitives::List;
    use runtime::testing;

    /// The same header by fewer precommits.
    fn by(signed: &SignedHeader, precommits: usize) -> SignedHeader {
        let mut fewer = signed.clone();
        fewer.certificate.signatures =
            List::truncate_from(signed.certificate.signatures.iter().take(precommits).copied().collect());
        fewer
    }

    #[test]
    fn every_certificate_has_to_verify_and_not_only_those_at_the_ends_of_epochs() {
        let mut genesis = testing::genesis();
        genesis.chain.epoch_length = 4;
        let mut chain = TestChain::new(genesis);
        chain.until(9);
        for short in 1..=9 {
            let mut follower = Follower::new(&chain.genesis);
            for signed in &chain.headers {
                let is_short = signed.height() == Height(short);
                let seen = follower.sees(if is_short { by(signed, 1) } else { signed.clone() });
                assert_eq!(seen.is_err(), is_short, "{}: {seen:?}", signed.height());
                if is_short {
                    break;
                }
            }
        }
    }

    #[test]
    fn the_certificates_of_other_machines_for_a_known_block_have_to_verify_too() {
        let mut chain = TestChain::new(testing::genesis());
        chain.until(3);
        let mut follower = Follower::new(&chain.genesis);
        for signed in &chain.headers {
            follower.sees(signed.clone()).unwrap();
        }
        let first = &chain.headers[0];
        assert_eq!(follower.checks(first.clone()), Ok(()));
        assert_eq!(follower.checks(by(first, 3)), Ok(()), "three of four are enough");
        let refused = follower.checks(by(first, 2)).unwrap_err();
        assert!(refused.contains("does not verify"), "{refused}");
        assert_eq!(follower.newcomer(), Ok(Height(3)));
    }
}
