//! The proof that a fact is on record, as whoever audits is handed it, and as a node or an explorer gives it out.

use crate::{Outcome, Seed, numbered};
use light::testing::TestChain;
use light::{Anchor, FactProof, FactProofError};
use primitives::Height;
use runtime::testing::{genesis, holder, transfer};
use runtime::{Fact, Header};
use std::sync::OnceLock;

/// What a chain has on record.
struct OnRecord {
    anchor: Anchor,
    records: Vec<(Header, Vec<Fact>)>,
}

/// There is one encoding of a proof, and whatever is made of one shows what is on record, or nothing.
pub fn check(bytes: &[u8]) -> Outcome {
    let proof = match FactProof::from_bytes(bytes) {
        Ok(proof) => proof,
        Err(FactProofError::TooLarge(_) | FactProofError::NotAProof | FactProofError::Undecodable(_)) => {
            return Outcome::Refused;
        }
        Err(other) => panic!("bytes that were not read are judged: {other}"),
    };
    assert_eq!(proof.to_bytes(), bytes, "two encodings of one proof");

    static ON_RECORD: OnceLock<OnRecord> = OnceLock::new();
    let OnRecord { anchor, records } = ON_RECORD.get_or_init(on_record);
    if proof.verify(anchor).is_ok() {
        let of_block = records.iter().find(|(header, _)| *header == proof.fact.header);
        let (_, facts) = of_block.expect("a block that nobody decided");
        assert!(facts.contains(&proof.fact.fact), "a fact that is not on record");
    }
    Outcome::Taken
}

fn chain() -> TestChain {
    let mut chain = TestChain::new(genesis());
    let paid: Vec<_> = (0..3).map(|index| (holder(index), transfer(holder(1).account(), 5))).collect();
    chain.block(&paid);
    chain.until(25);
    chain
}

fn on_record() -> OnRecord {
    let chain = chain();
    let records = (1..=chain.height().0).filter_map(|height| chain.record(Height(height)));
    OnRecord {
        anchor: Anchor::genesis(&chain.genesis),
        records: records.map(|(record, _)| (record.header, record.facts)).collect(),
    }
}

/// Of facts of two blocks, by the tree of blocks and by their own headers.
pub fn seeds() -> Vec<Seed> {
    let chain = chain();
    let places = [(Height(2), 0), (Height(2), 2), (Height(10), 0)];
    let proofs = places.into_iter().flat_map(|(height, index)| {
        [chain.tree_proof(height, index), chain.direct_proof(height, index)].into_iter().flatten()
    });
    numbered("fact", proofs.map(|proof| proof.to_bytes()))
}
