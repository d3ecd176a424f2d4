//! What facts write, and what they were for those they are about, without a database.

use super::fold::{count, write};
use super::query::AuditQuery;
use super::turns::turn_of;
use super::{FACTS, HOLDS, SUBJECTS, TURNS, fact_id};
use crate::fold::BlockWriter;
use crate::fold::testing::{account, build, moment, release};
use crate::serve::ask;
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::{COUNTS, Row, SqlValue};
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
        let class = if refused { 1_u64 } else { 0 };
        let unsaid = [const { SqlValue::Int(None) }; 7];
        let first: Row = vec![
            id.into(),
            epoch.into(),
            time.into(),
            kind.into(),
            refused.into(),
            account.map_or(None::<u64>.into(), Into::into),
            tx.into(),
            sentence.into(),
            fact.into(),
            0_u64.into(),
            false.into(),
            class.into(),
        ];
        first.into_iter().chain(unsaid).collect()
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
    let row = |subject: Subject, index| -> Row { vec![subject.to_string().into(), fact_id(30, index).into()] };
    let turns =
        [row(Subject::Build(build(1)), 0), row(Subject::Build(build(2)), 0), row(Subject::Proposal(ProposalId(7)), 0)];
    assert_eq!(rows.table(&TURNS), turns);
    let others = [row(Subject::Account(account(5)), 1), row(Subject::Proposal(ProposalId(9)), 1)];
    let mut expected = [turns.to_vec(), others.to_vec()].concat();
    expected.sort();
    assert_eq!(rows.table(&SUBJECTS), expected);
}

#[tokio::test]
async fn h03_why_a_decision_is_not_carried_out_is_a_turn_of_its_proposal() {
    let outcome = Err(releases::Error::AlreadyRevoked(build(2)).into());
    let rows = folded(&[Fact { cause: Cause::Proposal(ProposalId(8)), outcome }]).await;
    let row = |subject: Subject| -> Row { vec![subject.to_string().into(), fact_id(30, 0).into()] };
    let expected = [row(Subject::Build(build(2))), row(Subject::Proposal(ProposalId(8)))];
    assert_eq!(rows.table(&TURNS), expected);
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

fn text(rows: &[Row], row: usize, column: &str) -> Option<String> {
    let place = FACTS.columns.iter().position(|name| *name == column).unwrap();
    rows[row][place].text().map(str::to_owned)
}

fn number(rows: &[Row], row: usize, column: &str) -> Option<i64> {
    let place = FACTS.columns.iter().position(|name| *name == column).unwrap();
    rows[row][place].number()
}

#[tokio::test]
async fn req_148_who_was_refused_what_where_and_in_which_role_stands_in_columns() {
    let name = |text: &str| primitives::Name::new(text).unwrap();
    let error = roles::Error::Role {
        plan: name("pos"),
        role: name("TENANT_OWNER"),
        action: "rollback.submit".parse().unwrap(),
        scope: Box::new("PROD/t2".parse().unwrap()),
        held_by: List::default(),
        insider: true,
    };
    let Fact { cause, .. } = refused();
    let rows = folded(&[Fact { cause, outcome: Err(error.into()) }]).await.table(&FACTS);
    let said = ["plan", "scope", "role", "action", "code"].map(|column| text(&rows, 0, column).unwrap());
    assert_eq!(said, ["pos", "PROD/t2", "TENANT_OWNER", "rollback.submit", "E_ROLE"]);
    assert_eq!(number(&rows, 0, "severity"), Some(2), "somebody with a role tried to roll back");
    assert_eq!(number(&rows, 0, "class"), Some(1));
}

#[tokio::test]
async fn req_152_a01_an_attempt_to_play_an_incident_down_is_critical_and_counted() {
    let name = |text: &str| primitives::Name::new(text).unwrap();
    let classified = |asked| {
        let event = cases::Event::Classified {
            plan: name("pos"),
            case: primitives::CaseId(4),
            path: "PROD/t1".parse().unwrap(),
            by: roles::Actor { account: account(5), role: name("OWNER") },
            asked,
            severity: primitives::AlertSeverity::Warn,
            module: name("checkout"),
            wider: List::default(),
        };
        Fact { cause: Cause::Clock, outcome: Ok(Event::Cases(event)) }
    };
    let rows =
        folded(&[classified(primitives::AlertSeverity::Info), classified(primitives::AlertSeverity::Warn)]).await;
    let counted: Row = vec!["severity_downgrades".into(), 1_u64.into()];
    assert!(rows.table(&COUNTS).contains(&counted));
    let facts = rows.table(&FACTS);
    assert_eq!([number(&facts, 0, "severity"), number(&facts, 1, "severity")], [Some(2), Some(1)]);
    assert_eq!([number(&facts, 0, "downgrade"), number(&facts, 1, "downgrade")], [Some(1), Some(0)]);
    assert_eq!((number(&facts, 0, "case_id"), text(&facts, 0, "scope").as_deref()), (Some(4), Some("PROD/t1")));
}

#[tokio::test]
async fn req_155_a_hold_is_there_until_it_is_released() {
    let name = |text: &str| primitives::Name::new(text).unwrap();
    let (plan, case, path) = (name("pos"), primitives::CaseId(9), primitives::Path::ROOT);
    let by = roles::Actor { account: account(5), role: name("OWNER") };
    let hold = cases::HoldBody {
        reason: Reason::new("a claim in court").unwrap(),
        reference: Default::default(),
        from: primitives::Height(7),
        asked: primitives::Timestamp(9_000_000),
        until: primitives::Timestamp(9_000_000),
        until_epoch: None,
        by: by.clone(),
        confirmed: None,
        released: None,
    };
    let held = cases::Event::Held { plan: plan.clone(), case, path: path.clone(), by, hold: Box::new(hold) };
    let released = cases::Event::Released { plan, case, path, by: None, reason: None };
    let fact = |event| Fact { cause: Cause::Clock, outcome: Ok(Event::Cases(event)) };
    let row = |from: u64, released: bool| -> Row {
        vec![9_u64.into(), "pos".into(), "".into(), from.into(), released.into()]
    };
    assert_eq!(folded(&[fact(held.clone())]).await.table(&HOLDS), [row(7, false)]);
    assert_eq!(folded(&[fact(held), fact(released)]).await.table(&HOLDS), [row(0, true)]);
}

#[test]
fn req_153_every_filter_is_read_strictly() {
    let asked = |query: &str| ask::query::<AuditQuery>(&format!("/audit?{query}").parse().unwrap());
    for good in [
        "severity=WARN",
        "class=SECURITY",
        "plan=pos",
        "scope=PROD/t1",
        "role=OWNER&action=promote.submit",
        "from=2026-03-01&to=1772323200001",
        "change_id=7&case_id=4",
    ] {
        assert!(asked(good).is_ok_and(|query| query.is_filtered()), "{good}");
    }
    for bad in ["severity=warn", "class=all", "plan=a%20b", "scope=a//b", "from=yesterday", "change_id=-1", "branch=b2"]
    {
        assert!(asked(bad).is_err(), "{bad}");
    }
    assert!(!asked("page_size=7").unwrap().is_filtered());
}
