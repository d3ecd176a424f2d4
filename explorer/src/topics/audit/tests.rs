//! What facts write, and what they were for those they are about, without a database.

use super::fold::{count, write};
use super::query::AuditQuery;
use super::turns::turn_of;
use super::{FACTS, SUBJECTS, fact_id};
use crate::fold::BlockWriter;
use crate::fold::testing::{account, build, moment, release};
use crate::serve::ask;
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::{COUNTS, Row};
use primitives::{Amount, Epoch, List, ProposalId, Subject, TransactionHash};
use releases::{Reason, Superseded};
use runtime::{Cause, Event, Fact, Lane};
use state::Told as _;

fn approved() -> Fact {
    let superseded = vec![Superseded { build_hash: build(1), by: build(2) }];
    let event = releases::Event::Approved { builds: vec![release(2, 2, Some(7))], superseded, applied_threshold: 2 };
    Fact { cause: Cause::Proposal(ProposalId(7)), outcome: Ok(Event::Releases(event)) }
}

fn revoked() -> Fact {
    let event = releases::Event::Revoked {
        build_hashes: List::truncate_from(vec![build(2)]),
        reason: Reason::new("broken").unwrap(),
        effective_epoch: Epoch(9),
        reinstated: vec![build(1)],
    };
    Fact { cause: Cause::Proposal(ProposalId(8)), outcome: Ok(Event::Releases(event)) }
}

fn refused() -> Fact {
    let (hash, lane, fee) = (TransactionHash([0; 32]), Lane::Wallet, Amount(1));
    let cause = Cause::Transaction { hash, account: account(5), lane, fee, burned: fee };
    Fact { cause, outcome: Err(governance::Error::UnknownProposal(ProposalId(9)).into()) }
}

async fn folded(facts: &[Fact]) -> MemoryRows {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(30));
    count(&mut block, facts).unwrap();
    for (index, fact) in (0..).zip(facts) {
        write(&mut block, index, fact);
    }
    block.finish().await.unwrap();
    rows
}

#[tokio::test]
async fn every_fact_has_its_row_refusals_included() {
    let facts = [approved(), refused()];
    let rows = folded(&facts).await;
    let row = |index: usize, kind: &str, refused: bool, account: Option<String>| -> Row {
        let fact = &facts[index];
        let id = fact_id(30, index as u64);
        let tx = account.is_some().then_some(0_u64);
        let (sentence, fact) = (fact.sentence(), json(fact));
        let (epoch, time) = (3_u64, 30_000_u64);
        vec![
            id.into(),
            epoch.into(),
            time.into(),
            kind.into(),
            refused.into(),
            account.map_or(None::<u64>.into(), Into::into),
            tx.into(),
            sentence.into(),
            fact.into(),
        ]
    };
    let asked = account(5).to_string();
    let expected = [row(0, "releases.approved", false, None), row(1, "governance.refused", true, Some(asked))];
    assert_eq!(rows.table(&FACTS), expected);
    let counted: Row = vec!["facts".into(), 2_u64.into()];
    assert_eq!(rows.table(&COUNTS), [counted]);
}

#[tokio::test]
async fn a_refusal_is_found_and_is_no_turn() {
    let rows = folded(&[approved(), refused()]).await;
    let row = |subject: Subject, index, is_turn: bool| -> Row {
        vec![subject.to_string().into(), fact_id(30, index).into(), is_turn.into()]
    };
    let mut expected = [
        row(Subject::Account(account(5)), 1, false),
        row(Subject::Build(build(1)), 0, true),
        row(Subject::Build(build(2)), 0, true),
        row(Subject::Proposal(ProposalId(7)), 0, true),
        row(Subject::Proposal(ProposalId(9)), 1, false),
    ];
    expected.sort();
    assert_eq!(rows.table(&SUBJECTS), expected);
}

#[tokio::test]
async fn h03_why_a_decision_is_not_carried_out_is_a_turn_of_its_proposal() {
    let outcome = Err(releases::Error::AlreadyRevoked(build(2)).into());
    let rows = folded(&[Fact { cause: Cause::Proposal(ProposalId(8)), outcome }]).await;
    let row = |subject: Subject| -> Row { vec![subject.to_string().into(), fact_id(30, 0).into(), true.into()] };
    let mut expected = [row(Subject::Build(build(2))), row(Subject::Proposal(ProposalId(8)))];
    expected.sort();
    assert_eq!(rows.table(&SUBJECTS), expected);
}

#[test]
fn a_build_that_gave_way_was_superseded_and_not_approved() {
    let fact = approved();
    assert_eq!(turn_of(&fact, &Subject::Build(build(2))), "releases.approved");
    assert_eq!(turn_of(&fact, &Subject::Build(build(1))), "releases.superseded");
    assert_eq!(turn_of(&fact, &Subject::Proposal(ProposalId(7))), "releases.approved");
}

#[test]
fn a_build_that_came_back_was_reinstated_and_not_revoked() {
    let fact = revoked();
    assert_eq!(turn_of(&fact, &Subject::Build(build(2))), "releases.revoked");
    assert_eq!(turn_of(&fact, &Subject::Build(build(1))), "releases.reinstated");
    assert_eq!(turn_of(&refused(), &Subject::Proposal(ProposalId(9))), "governance.refused");
}

#[test]
fn a_block_has_no_more_facts_than_have_numbers() {
    assert!(fact_id(1, (1 << super::PLACE_BITS) - 1) < fact_id(2, 0));
}

#[test]
fn an_outcome_is_granted_or_refused() {
    let asked = |query: &str| ask::query::<AuditQuery>(&format!("/audit?outcome={query}").parse().unwrap());
    assert!(asked("granted").is_ok() && asked("refused").is_ok());
    assert!(asked("maybe").is_err());
}
