//! Stories of a ledger in memory.

use crate::{InMemory, JudgeError, Ledger};
use primitives::{Height, Signature, Timestamp, TransactionHash};
use runtime::testing::{self, certificate, genesis, holder, signed, validator};
use runtime::{Block, BlockError, KnownSignatures, Transaction, TxError};

fn ledger() -> Ledger<InMemory> {
    Ledger::in_memory(&genesis())
}

fn transfer() -> Transaction {
    signed(&genesis(), &holder(0), 0, testing::transfer(validator(0).account(), 5))
}

fn propose(ledger: &mut Ledger<InMemory>, candidates: Vec<Transaction>) -> Block {
    let time = ledger.head().at.time.next();
    ledger.propose(0, time, validator(1).account(), candidates).unwrap()
}

#[test]
fn what_one_proposes_another_judges_and_both_commit_to_the_same_head() {
    let (mut proposer, mut other) = (ledger(), ledger());
    for transactions in [vec![transfer()], vec![], vec![]] {
        let block = propose(&mut proposer, transactions.clone());
        assert_eq!(block.transactions, transactions);
        other.judge(&block).unwrap();
        let certificate = certificate(&block.header, &[validator(0)]);
        let facts = proposer.commit(block.clone(), certificate.clone()).unwrap();
        assert_eq!(other.commit(block, certificate).unwrap(), facts);
        assert_eq!(proposer.head(), other.head());
    }
    assert_eq!(proposer.storage().state, other.storage().state);
    assert_eq!(proposer.storage().at(Height(1)).unwrap().record.facts.len(), 1);
}

#[test]
fn what_was_executed_on_the_head_says_which_transactions_it_had_until_another_block_is_the_head() {
    let (mut proposer, mut other) = (ledger(), ledger());
    let block = propose(&mut proposer, vec![transfer()]);
    let ids =
        |ledger: &Ledger<InMemory>| ledger.executed(&block.hash()).map(|of| of.transactions().collect::<Vec<_>>());
    assert_eq!(ids(&other), None);
    other.judge(&block).unwrap();
    for mut ledger in [proposer, other] {
        assert_eq!(ids(&ledger), Some(vec![transfer().hash()]));
        ledger.commit(block.clone(), certificate(&block.header, &[validator(0)])).unwrap();
        assert_eq!(ids(&ledger), None);
    }
}

#[test]
fn a_decided_block_that_was_never_judged_here_is_judged_when_it_is_committed() {
    let block = propose(&mut ledger(), vec![transfer()]);
    let decided = certificate(&block.header, &[validator(0)]);
    ledger().commit(block, decided).unwrap();
}

#[test]
fn a_block_is_refused_for_its_body_its_time_its_place_its_proposer_and_its_header() {
    let good = propose(&mut ledger(), vec![transfer()]);
    let judged = |change: &dyn Fn(&mut Block)| {
        let mut block = good.clone();
        change(&mut block);
        ledger().judge(&block).unwrap_err()
    };
    assert!(matches!(
        judged(&|block| block.transactions.clear()),
        JudgeError::Block(BlockError::HeaderMismatch { field: "transactions_root", .. })
    ));
    assert!(matches!(
        judged(&|block| block.header.time = Timestamp(0)),
        JudgeError::Block(BlockError::TimeNotAfterParent { .. })
    ));
    assert!(matches!(judged(&|block| block.header.height = Height(2)), JudgeError::Elsewhere { .. }));
    assert!(matches!(judged(&|block| block.header.proposer = holder(0).account()), JudgeError::Stranger(_)));
    assert!(matches!(
        judged(&|block| block.header.state_root.0[0] ^= 1),
        JudgeError::Block(BlockError::HeaderMismatch { field: "state_root", .. })
    ));
    ledger().judge(&good).unwrap();
}

#[test]
fn the_head_moves_only_with_a_commit() {
    let mut ledger = ledger();
    let before = ledger.head().clone();
    let (first, second) = (propose(&mut ledger, vec![transfer()]), propose(&mut ledger, vec![]));
    assert_eq!(ledger.head(), &before);
    let decided = certificate(&second.header, &[validator(0)]);
    ledger.commit(second, decided).unwrap();
    assert!(matches!(ledger.judge(&first).unwrap_err(), JudgeError::Elsewhere { .. } | JudgeError::Block(_)));
}

/// Takes every signature to be known.
struct AllKnown;

impl KnownSignatures for AllKnown {
    fn is_good(&self, _: &TransactionHash) -> bool {
        true
    }
}

#[test]
fn what_is_known_of_signatures_is_taken_where_it_is_brought_and_a_commit_brings_none() {
    let mut forged = transfer();
    forged.signature = Signature([7; 64]);
    // Whoever builds a block trusts its candidates, so this one has a signature that is none.
    let block = propose(&mut ledger(), vec![forged]);
    let is_for_its_signature = |refused: &JudgeError<_>| {
        let JudgeError::Block(BlockError::Transaction { index: 0, error }) = refused else { return false };
        matches!(error, TxError::BadSignature(_))
    };
    assert!(is_for_its_signature(&ledger().judge(&block).unwrap_err()));
    ledger().judge_knowing(&block, &AllKnown).unwrap();
    let decided = certificate(&block.header, &[validator(0)]);
    assert!(is_for_its_signature(&ledger().commit(block, decided).unwrap_err()));
}
