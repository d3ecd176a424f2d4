//! How large an answer may be: as large as the record of the fullest block, which explorers cannot do without, or the longest ticket.

use runtime::{Genesis, MOST_RECORD_JSON};

/// What stands around a record in an answer, or in a message of a feed.
const AROUND: u32 = 1 << 10;

/// The most bytes of an answer that holds no whole block: that of a ticket with all the headers it can have.
const MOST_OF_OTHERS: u32 = 40 << 20;

/// The most bytes of an answer of a node of any chain: what a client takes.
pub const MOST_ANSWER_BYTES: u32 = MOST_RECORD_JSON as u32 + AROUND;

/// The most bytes of an answer of a node of this chain.
pub(crate) fn most_of(genesis: &Genesis) -> u32 {
    let record = u32::try_from(genesis.most_record_json()).unwrap_or(u32::MAX);
    record.saturating_add(AROUND).max(MOST_OF_OTHERS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flags::{MOST_MEMBERS_OF_SEGMENT, MOST_SETTING_BYTES};
    use light::{FlagRows, MAX_HOPS, MAX_TICKET_BYTES, SignedHeader};
    use parity_scale_codec::Encode;
    use primitives::{AccountId, Amount, BlockHash, Digest, Height, List, Signature, StateRoot, Text, Timestamp};
    use runtime::{Certificate, Header};
    use staking::{MAX_VALIDATORS, Validator, ValidatorSet};
    use state::StateProof;

    /// The rows of a flag at the longest path, with the largest setting at each name of it, and all the segments that these can name, each
    /// with all the members that it can have.
    fn longest_rows() -> FlagRows {
        // A proof repeats the value. Where there is none, it has two ways down the tree, of no more than 64 steps with 64 bytes each.
        let row = |bytes: usize| StateProof {
            key: vec![0xff; 256],
            value: Some(vec![0xff; bytes]),
            proof: vec![0xff; bytes + 2 * 64 * 64],
        };
        // A member is a text of 64 bytes, behind its length.
        let segment = row(MOST_MEMBERS_OF_SEGMENT as usize * 66);
        let setting = row(MOST_SETTING_BYTES);
        // As many as there may be.
        FlagRows {
            levels: setting.clone(),
            flag: segment.clone(),
            disabled: List::truncate_from(vec![setting.clone(); 64]),
            settings: List::truncate_from(vec![setting; 64]),
            segments: List::truncate_from(vec![segment; 64]),
        }
    }

    #[test]
    fn h07_the_longest_ticket_is_answered() {
        let account = AccountId([0xff; 32]);
        let validators = vec![Validator { account, power: Amount(u64::MAX) }; MAX_VALIDATORS as usize];
        // No more than a third of the largest set is left out of its precommits.
        let precommits = vec![(account, Signature([0xff; 64])); MAX_VALIDATORS as usize * 2 / 3 + 1];
        let (block, late, digest) = (BlockHash([0xff; 32]), Height(u64::MAX), Digest([0xff; 32]));
        let header = Header {
            chain_id: Text::new("x".repeat(32)).unwrap(),
            height: late,
            time: Timestamp(u64::MAX),
            proposer: account,
            parent: block,
            transactions_root: digest,
            facts_root: digest,
            state_root: StateRoot([0xff; 32]),
            validators_hash: digest,
            next_validators_hash: digest,
            last_commit_hash: digest,
        };
        let signatures = List::try_from(precommits).unwrap();
        let certificate = Certificate { height: late, round: u32::MAX, block, signatures };
        let validators = ValidatorSet { validators: List::try_from(validators).unwrap() };
        let hop = SignedHeader { header, certificate, validators };
        // The proofs of an approval and of the minimum sequence are within a megabyte; the rows of a flag are more.
        let rows = longest_rows();
        let with_proofs = |hop: usize, rows: usize| hop * (MAX_HOPS as usize + 1) + rows.max(1 << 20);
        let json = with_proofs(serde_json::to_vec(&hop).unwrap().len(), serde_json::to_vec(&rows).unwrap().len());
        assert!(json <= MOST_OF_OTHERS as usize, "{json}");
        const { assert!(MOST_OF_OTHERS <= MOST_ANSWER_BYTES) };
        let bytes = with_proofs(hop.encoded_size(), rows.encoded_size());
        assert!(bytes <= MAX_TICKET_BYTES, "{bytes}");
    }
}
