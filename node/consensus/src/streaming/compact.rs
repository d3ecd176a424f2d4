//! A block by the ids of its transactions: what is streamed instead of it, and how it is whole again.

use parity_scale_codec::{Compact, Decode, DecodeAll, Encode};
use primitives::TransactionHash;
use runtime::Block;

/// The longest that a block of `length` encoded bytes may be by ids, in bytes. One that is hardly shorter comes in chunks.
pub(super) const fn most_compact(length: u32) -> u32 {
    length / 2
}

/// A block without its transactions, and which those are.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CompactBlock {
    /// What stands before the transactions in the encoded block.
    frame: Vec<u8>,
    /// The transactions in their order.
    pub(super) ids: Vec<TransactionHash>,
}

impl CompactBlock {
    /// Of a block with these transactions.
    pub fn of(block: &Block, ids: Vec<TransactionHash>) -> Self {
        Self { frame: (&block.header, &block.last_commit).encode(), ids }
    }

    /// The encoding, where it is streamed instead of the `length` bytes of the encoded block.
    pub fn instead_of(&self, length: u32) -> Option<Vec<u8>> {
        Some(self.encode()).filter(|encoded| encoded.len() <= most_compact(length) as usize)
    }

    /// Reads one that has at most so many transactions.
    pub(super) fn read(encoded: &[u8], most_transactions: u32) -> Option<Self> {
        Self::decode_all(&mut &encoded[..]).ok().filter(|block| block.ids.len() <= most_transactions as usize)
    }

    /// How many bytes it takes.
    pub(super) fn held(&self) -> usize {
        self.frame.len().saturating_add(self.ids.len().saturating_mul(size_of::<TransactionHash>()))
    }

    /// The encoded block, of all of its encoded transactions in their order.
    pub(super) fn with<'t>(&self, transactions: impl Iterator<Item = &'t Vec<u8>>) -> Vec<u8> {
        let mut encoded = self.frame.clone();
        Compact(self.ids.len() as u32).encode_to(&mut encoded);
        transactions.for_each(|transaction| encoded.extend_from_slice(transaction));
        encoded
    }
}

#[cfg(any(test, feature = "testing"))]
impl CompactBlock {
    /// Of encoded transactions behind a frame, whatever both say.
    pub fn over(frame: Vec<u8>, transactions: &[Vec<u8>]) -> Self {
        Self { frame, ids: transactions.iter().map(|encoded| TransactionHash::of(encoded)).collect() }
    }

    /// The encoded block that has these transactions.
    pub fn whole(&self, transactions: &[Vec<u8>]) -> Vec<u8> {
        self.with(transactions.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Application as _;
    use crate::tests::Memory;
    use primitives::{BlockHash, Height, List};
    use runtime::Certificate;
    use std::collections::BTreeSet;

    #[test]
    fn a_block_by_ids_with_its_transactions_is_the_encoded_block() {
        let memory = Memory::new(1, &[(0, &[1])]);
        let mut block = memory.propose(Height(1), 0, &BTreeSet::new()).unwrap();
        let certificate =
            Certificate { height: Height(0), round: 1, block: BlockHash([3; 32]), signatures: List::new() };
        for last_commit in [None, Some(certificate)] {
            block.last_commit = last_commit;
            let compact = CompactBlock::of(&block, memory.ids(&block));
            let transactions: Vec<Vec<u8>> = block.transactions.iter().map(Encode::encode).collect();
            assert_eq!(compact.whole(&transactions), block.encode());
            assert_eq!(CompactBlock::over((&block.header, &block.last_commit).encode(), &transactions), compact);
        }
    }

    #[test]
    fn a_block_comes_by_ids_where_that_is_at_most_half_as_long() {
        let memory = Memory::new(1, &[(0, &[1])]);
        let mut block = memory.propose(Height(1), 0, &BTreeSet::new()).unwrap();
        let compact = CompactBlock::of(&block, memory.ids(&block));
        let length = block.encoded_size() as u32;
        let encoded = compact.instead_of(length).unwrap();
        let (short, most) = (2 * encoded.len() as u32, block.transactions.len() as u32);
        assert!(compact.instead_of(short).is_some() && compact.instead_of(short - 1).is_none());
        assert_eq!(CompactBlock::read(&encoded, most), Some(compact));
        assert_eq!(CompactBlock::read(&encoded, most - 1), None, "more transactions than a block may have");
        assert_eq!(CompactBlock::read(&[&encoded[..], &[0]].concat(), most), None);
        block.transactions.clear();
        assert_eq!(CompactBlock::of(&block, Vec::new()).instead_of(block.encoded_size() as u32), None, "an empty one");
    }
}
