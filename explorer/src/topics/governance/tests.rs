//! What votes write, without a database.

use super::fold::{build_moved, held, revealed, write};
use super::{BALLOTS, HELD_POWER, HOLDERS, OVERRIDDEN, PROPOSALS, REVEALED};
use crate::fold::testing::{account, build, moment};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::json;
use crate::store::memory::MemoryRows;
use crate::store::table::{COUNTS, Row};
use governance::{
    Ballot, Cancelled, Choice, Deposit, DepositEnd, Electorate, Event, LighterBallot, Overridden, Place, Proposal,
    Shortfall, Tally, TrackName, TrackRules,
};
use primitives::{Amount, Epoch, Fraction, Moment, ProposalId, Timestamp};
use releases::{HeldPower, Manifest};
use rpc::views::DecisionStatus;
use runtime::Motion;

const ONE: ProposalId = ProposalId(1);

async fn folded(rows: &mut MemoryRows, events: &[Event<Motion>]) -> Result<(), FoldError> {
    let mut block = BlockWriter::new(rows, moment(12));
    for event in events {
        write(&mut block, event).await?;
    }
    block.finish().await
}

fn proposed(id: ProposalId, byte: u8) -> Event<Motion> {
    let vote = runtime::testing::release_vote(&runtime::testing::genesis(), build(byte), 2);
    let share = |whole| Fraction::new(1, whole).unwrap();
    Event::Proposed(Proposal {
        id,
        motion: Motion::Releases(releases::Motion::Approve(Box::new(vote))),
        proposer: account(1),
        track: TrackName::Routine,
        rules: TrackRules { quorum: share(3), support: share(4), deposit: Amount(1_000) },
        place: Place::Shared,
        electorate: Electorate::Stake { epoch: Epoch(1), total: Amount(100) },
        created: Moment::of(moment(12), 12_000, 1),
        created_epoch: Epoch(1),
        vote_deadline_epoch: Epoch(2),
        activation_epoch: Epoch(3),
        closes_at: None,
    })
}

fn returned() -> DepositEnd {
    DepositEnd::Returned(Deposit { account: account(1), amount: Amount(1_000) })
}

fn passed(id: ProposalId) -> Event<Motion> {
    let (tally, activation_epoch) = (Tally::default(), Epoch(3));
    Event::Passed { proposal_id: id, tally, activation_epoch, deposit: returned() }
}

fn ballot(voter: u8, weight: u64) -> Ballot {
    Ballot {
        proposal_id: ONE,
        voter: account(voter),
        number: voter.into(),
        choice: Choice::Yes,
        weight: Amount(weight),
        represented: Amount(0),
        reason: None,
        received_at: Timestamp(12_000),
    }
}

/// Where proposals stand: number, place, status.
fn standing(rows: &MemoryRows) -> Vec<Row> {
    rows.columns(&PROPOSALS, &["id", "place", "status"])
}

fn stands(id: u64, place: u64, status: &str) -> Row {
    vec![id.into(), place.into(), status.into()]
}

fn counted(rows: &MemoryRows, status: &str) -> Option<i64> {
    let name = format!("proposals/{status}");
    rows.table(&COUNTS).iter().find(|row| row[0].text() == Some(name.as_str()))?[1].number()
}

#[tokio::test]
async fn a_proposal_is_open_first_and_found_by_the_build_it_is_named_after() {
    let mut rows = MemoryRows::default();
    folded(&mut rows, &[proposed(ONE, 5)]).await.unwrap();
    let columns = ["id", "place", "status", "kind", "build_hash", "proposer", "tally"];
    let expected: Row = vec![
        1_u64.into(),
        0_u64.into(),
        "open".into(),
        "release".into(),
        build(5).to_string().into(),
        account(1).to_string().into(),
        json(&Tally::default()).into(),
    ];
    assert_eq!(rows.columns(&PROPOSALS, &columns), [expected]);
    assert_eq!(counted(&rows, "open"), Some(1));
}

#[tokio::test]
async fn a_vote_counts_and_lightens_the_ballots_it_takes_stake_from() {
    let mut rows = MemoryRows::default();
    let tally = Tally { yes: Amount(60), ..Tally::default() };
    let (amount, total) = (Amount(10), Amount(10));
    let lighter = Some(LighterBallot { weight: Amount(50), represented: Amount(0) });
    let overridden = vec![Overridden { validator: account(1), amount, total, lighter }];
    let first = Event::Voted { ballot: ballot(1, 60), tally: Tally::default(), overridden: Vec::new(), decides: false };
    let second = Event::Voted { ballot: ballot(2, 10), tally, overridden, decides: false };
    folded(&mut rows, &[proposed(ONE, 5), first, second]).await.unwrap();
    let row = |voter, weight| -> Row {
        let number = u64::from(voter);
        vec![1_u64.into(), account(voter).to_string().into(), number.into(), json(&ballot(voter, weight)).into()]
    };
    assert_eq!(rows.table(&BALLOTS), [row(1, 50), row(2, 10)]);
    let taken: Row = vec![1_u64.into(), account(1).to_string().into(), json(&Amount(10)).into()];
    assert_eq!(rows.table(&OVERRIDDEN), [taken]);
    let count: Row = vec![json(&tally).into()];
    assert_eq!(rows.columns(&PROPOSALS, &["tally"]), [count]);
}

#[tokio::test]
async fn each_end_of_a_vote_has_its_status_and_is_counted_there() {
    let rejected = Event::Rejected {
        proposal_id: ProposalId(2),
        tally: Tally::default(),
        shortfall: Shortfall::Quorum,
        deposit: returned(),
    };
    let withdrawn = Event::Withdrawn { proposal_id: ProposalId(3), deposit: returned() };
    let cancelled = Event::Cancelled(Cancelled { proposal_id: ProposalId(4), deposit: None });
    let mut rows = MemoryRows::default();
    let all: Vec<_> = (1..5).map(|id| proposed(ProposalId(id), id as u8)).collect();
    folded(&mut rows, &all).await.unwrap();
    folded(&mut rows, &[passed(ONE), rejected, withdrawn, cancelled]).await.unwrap();
    let expected =
        [stands(1, 1, "passed"), stands(2, 2, "rejected"), stands(3, 2, "withdrawn"), stands(4, 2, "cancelled")];
    assert_eq!(standing(&rows), expected);
    let counts = ["open", "passed", "rejected", "withdrawn", "cancelled"].map(|status| counted(&rows, status));
    assert_eq!(counts, [Some(0), Some(1), Some(1), Some(1), Some(1)]);
}

/// A poll that the chain opened for members: two of three agree, and one of them goes.
#[tokio::test]
async fn what_members_are_asked_is_counted_again_when_some_go_and_ends_as_it_was_decided() {
    let Event::Proposed(proposal) = proposed(ONE, 5) else { unreachable!() };
    let electorate = runtime::testing::examples::council();
    let proposal = Proposal { electorate, place: Place::Chain, ..proposal };
    let two = Proposal { id: ProposalId(2), ..proposal.clone() };
    let tally = |yes| Tally { yes: Amount(yes), ..Tally::default() };
    let opened = [proposal, two].map(|proposal| Event::Opened { proposal, total: Amount(3) });
    let recounted = Event::Recounted { proposal_id: ONE, tally: tally(1), total: Amount(2) };
    let decided = |id, yes, shortfall| {
        let proposal_id = ProposalId(id);
        Event::Decided { proposal_id, tally: tally(yes), total: Amount(2), shortfall }
    };
    let mut rows = MemoryRows::default();
    folded(&mut rows, &opened).await.unwrap();
    let counts = |rows: &MemoryRows| rows.columns(&PROPOSALS, &["id", "tally", "total"]);
    let row = |id: u64, yes, total| -> Row { vec![id.into(), json(&tally(yes)).into(), json(&Amount(total)).into()] };
    assert_eq!(counts(&rows), [row(1, 0, 3), row(2, 0, 3)]);
    folded(&mut rows, &[recounted]).await.unwrap();
    assert_eq!(counts(&rows), [row(1, 1, 2), row(2, 0, 3)]);
    folded(&mut rows, &[decided(1, 2, None), decided(2, 0, Some(Shortfall::Voters))]).await.unwrap();
    assert_eq!(counts(&rows), [row(1, 2, 2), row(2, 0, 2)]);
    assert_eq!(standing(&rows), [stands(1, 1, "passed"), stands(2, 2, "rejected")]);
}

#[tokio::test]
async fn what_was_never_proposed_does_not_end() {
    let mut rows = MemoryRows::default();
    assert!(matches!(folded(&mut rows, &[passed(ONE)]).await, Err(FoldError::Damaged(_))));
    let vote = Event::Voted { ballot: ballot(1, 60), tally: Tally::default(), overridden: Vec::new(), decides: false };
    assert!(matches!(folded(&mut rows, &[vote]).await, Err(FoldError::Damaged(_))));
}

async fn moved(rows: &mut MemoryRows, byte: u8) {
    let mut block = BlockWriter::new(rows, moment(40));
    build_moved(&mut block, ONE, &build(byte), DecisionStatus::Superseded).await.unwrap();
    block.finish().await.unwrap();
}

#[tokio::test]
async fn a_proposal_that_was_carried_out_stands_where_its_build_does() {
    let mut rows = MemoryRows::default();
    folded(&mut rows, &[proposed(ONE, 5), passed(ONE)]).await.unwrap();
    moved(&mut rows, 5).await;
    assert_eq!(standing(&rows), [stands(1, 1, "passed")], "it was not carried out yet");
    folded(&mut rows, &[Event::Activated { proposal_id: ONE }]).await.unwrap();
    moved(&mut rows, 6).await;
    assert_eq!(standing(&rows), [stands(1, 2, "activated")], "it is not named after that build");
    moved(&mut rows, 5).await;
    assert_eq!(standing(&rows), [stands(1, 2, "superseded")]);
    assert_eq!((counted(&rows, "activated"), counted(&rows, "superseded")), (Some(0), Some(1)));
}

#[tokio::test]
async fn h28_who_holds_a_build_is_kept_with_each_proposal_that_asks_for_it() {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(12));
    let counted = |id, power| HeldPower { proposal_id: ProposalId(id), power: Amount(power), total: Amount(100) };
    held(&mut block, &build(5), &account(1), &[counted(1, 40)]);
    held(&mut block, &build(5), &account(2), &[counted(1, 60), counted(2, 20)]);
    block.finish().await.unwrap();
    let power =
        |id: u64, power| -> Row { vec![id.into(), build(5).to_string().into(), json(&counted(id, power)).into()] };
    assert_eq!(rows.table(&HELD_POWER), [power(1, 60), power(2, 20)]);
    let holder = |id: u64, byte| -> Row {
        vec![id.into(), build(5).to_string().into(), account(byte).to_string().into(), 12_u64.into()]
    };
    assert_eq!(rows.table(&HOLDERS), [holder(1, 1), holder(1, 2), holder(2, 2)]);
}

#[tokio::test]
async fn what_was_sealed_is_kept_with_its_proposal() {
    let mut rows = MemoryRows::default();
    let mut block = BlockWriter::new(&mut rows, moment(12));
    revealed(&mut block, ONE, &Manifest::default());
    block.finish().await.unwrap();
    let row: Row = vec![1_u64.into(), json(&Manifest::default()).into()];
    assert_eq!(rows.table(&REVEALED), [row]);
}
