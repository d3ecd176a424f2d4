//! A snapshot, as whoever offers one may have made it up.
//!
//! The hashes of its chunks protect from damage and from nobody's intent, so they are right in every input: where its first
//! byte is even, the file follows, whose hashes are mended; where it is odd, the contents of chunks follow, each behind the
//! number of its kind and its length in two bytes.

use crate::{Outcome, Seed};
use light::testing::TestChain;
use runtime::testing::{genesis, holder, transfer};
use store::snapshot::testing::{SnapshotParts, framed, mended};
use store::snapshot::{About, SnapshotError};

/// More chunks than this are not looked at.
const MOST_CHUNKS: usize = 64;

/// What is read is the same again when it is put together anew.
pub fn check(bytes: &[u8]) -> Outcome {
    let Some((form, rest)) = bytes.split_first() else { return Outcome::Refused };
    let file = if form % 2 == 0 { mended(rest) } else { framed(&contents(rest)).expect("an input fits into a chunk") };
    match SnapshotParts::read(&file[..]) {
        Ok(parts) => {
            let again = parts.write().expect("what fitted into chunks fits again");
            assert_eq!(SnapshotParts::read(&again[..]).expect("what was written is read"), parts);
            Outcome::Taken
        }
        Err(
            SnapshotError::NotSnapshot(_)
            | SnapshotError::Version(_)
            | SnapshotError::Truncated { .. }
            | SnapshotError::TooLarge { .. }
            | SnapshotError::OutOfOrder { .. }
            | SnapshotError::Undecodable { .. }
            | SnapshotError::Leftover,
        ) => Outcome::Refused,
        Err(other) => panic!("not what can be wrong with a file whose hashes are right: {other}"),
    }
}

/// The contents that an input has, as far as they are whole.
fn contents(mut rest: &[u8]) -> Vec<(u8, &[u8])> {
    let mut contents = Vec::new();
    while let Some((&[kind, low, high], after)) = rest.split_first_chunk()
        && contents.len() < MOST_CHUNKS
    {
        let length = usize::from(u16::from_le_bytes([low, high]));
        let Some((content, after)) = after.split_at_checked(length) else { break };
        contents.push((kind, content));
        rest = after;
    }
    contents
}

/// A snapshot of a chain of some epochs, as a file and as the contents of its chunks.
pub fn seeds() -> Vec<Seed> {
    let parts = parts();
    let mut file = vec![0];
    file.extend(parts.write().expect("a chunk is large enough"));
    let mut chunks = vec![1];
    for (kind, content) in parts.contents() {
        let length = u16::try_from(content.len()).expect("the chain is a small one");
        chunks.push(kind);
        chunks.extend(length.to_le_bytes());
        chunks.extend(content);
    }
    vec![Seed { name: "file".into(), bytes: file }, Seed { name: "contents".into(), bytes: chunks }]
}

fn parts() -> SnapshotParts {
    let mut chain = TestChain::new(genesis());
    chain.until(24);
    chain.block(&[(holder(0), transfer(holder(1).account(), 7))]);
    let (head, epoch_length) = (chain.head().clone(), chain.genesis.chain.epoch_length);
    let ends = chain.headers.iter().filter(|end| end.height().ends_epoch(epoch_length)).cloned().collect();
    let last = chain.blocks().last().expect("the chain has blocks");
    let entries = chain.genesis.build().0.into_iter().take(40).collect();
    SnapshotParts {
        about: About { chain_id: chain.genesis.chain.chain_id.clone(), genesis: chain.genesis.hash(), head },
        ends,
        hashes: chain.headers.iter().map(|signed| signed.header.hash()).collect(),
        body: (last.block.last_commit.clone(), last.block.transactions.clone()),
        facts: last.record.facts.clone(),
        entries,
    }
}
