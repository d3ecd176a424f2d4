//! For how long flags served what, and in which stage.

use super::{MemoryRows, example, fold, later, named};
use crate::fold::BlockWriter;
use crate::store::table::{Row, SqlValue};
use crate::topics::rollouts::SPANS;
use crate::topics::rollouts::fold::write_flag;
use primitives::{Amount, ChangeId, List, Moment, Path, Quarter, Timestamp};
use rollouts::Event;
use rollouts::change::{ChangeDraft, ChangeRequest, Effected, FlagSide, SubmittedChange};
use runtime::testing::examples::{AT, change, draft, installation};

/// The path, the height and the end of each span of the example's flag, and what it served then in which stage.
fn spans(rows: &MemoryRows) -> Vec<Row> {
    rows.columns(&SPANS, &["path", "from_height", "to_time", "stage", "variants"])
}

fn span(path: &str, from: Moment, to: Option<Moment>, stage: Option<&str>, variants: &str) -> Row {
    // What is missing is read as a number, whatever the column is of.
    let stage = stage.map_or(SqlValue::Int(None), SqlValue::from);
    vec![path.into(), from.height.0.into(), to.map(|to| to.time.0).into(), stage, variants.into()]
}

/// A first version whose flag serves its fallback, in no stage.
async fn installed() -> MemoryRows {
    let mut rows = MemoryRows::default();
    let installation = Box::new(installation());
    let installed = Event::Installed { installation, by: None, deposit: Amount(0), effects: List::new() };
    fold(&mut rows, AT, &[installed]).await.unwrap();
    rows
}

/// The example's change moves the flag so at a path.
fn moved(path: Path, before: FlagSide, after: FlagSide) -> Event {
    let Event::Executed { plan, change, by, mut execution } = example("executed") else { unreachable!() };
    execution.effects = List::truncate_from(vec![Effected::Flag { flag: named("checkout"), path, before, after }]);
    Event::Executed { plan, change, by, execution }
}

#[tokio::test]
async fn req_160_a_span_goes_from_the_block_that_moved_a_flag_to_the_next_one_that_did() {
    let mut rows = installed().await;
    assert_eq!(spans(&rows), [span("", AT, None, None, "off")], "nobody has moved it, and it is named");
    let (plain, off) = (FlagSide::default(), FlagSide { targeting: None, disabled: true });
    fold(&mut rows, later(1), &[example("submitted"), example("executed")]).await.unwrap();
    let on = span("", later(1), None, None, "on");
    assert_eq!(spans(&rows), [span("", AT, Some(later(1)), None, "off"), on.clone()]);
    // Below the root it has spans of its own as long as something is set there, in the stage of the path.
    let below = Path::new([named("DEV"), named("t1")]).unwrap();
    fold(&mut rows, later(2), &[moved(below.clone(), plain.clone(), off.clone())]).await.unwrap();
    let disabled = |to| span("DEV/t1", later(2), to, Some("DEV"), "off");
    assert_eq!(spans(&rows)[1..], [on.clone(), disabled(None)]);
    fold(&mut rows, later(3), &[moved(below, off, plain)]).await.unwrap();
    assert_eq!(spans(&rows)[1..], [on, disabled(Some(later(3)))]);
}

#[tokio::test]
async fn what_one_block_has_had_and_changed_again_was_never_served() {
    let mut rows = installed().await;
    let (plain, off) = (FlagSide::default(), FlagSide { targeting: None, disabled: true });
    let there_and_back = [moved(Path::ROOT, plain.clone(), off.clone()), moved(Path::ROOT, off, plain)];
    fold(&mut rows, later(1), &[example("submitted"), example("executed")]).await.unwrap();
    let before = spans(&rows);
    fold(&mut rows, later(1), &there_and_back).await.unwrap();
    let expected = [before[0].clone(), span("", later(1), None, None, "off")];
    assert_eq!(spans(&rows), expected, "the setting is taken away by the last of them");
}

#[tokio::test]
async fn a_stage_that_is_entered_begins_a_span_and_a_flag_that_is_retired_ends_its_own() {
    let mut rows = installed().await;
    let asked = ChangeDraft { request: ChangeRequest::Promote { to: named("DEV"), artifact: None }, ..draft() };
    let promoted = SubmittedChange::new(ChangeId(1), named("shop"), change().by, AT, asked);
    let (expires, vote, incident, execution) = (None, None, None, None);
    let submitted =
        Event::Submitted { change: Box::new(promoted), expires, vote, deposit: Amount(0), incident, execution };
    let Event::Executed { plan, by, mut execution, .. } = example("executed") else { unreachable!() };
    execution.effects = List::new();
    let executed = Event::Executed { plan: plan.clone(), change: ChangeId(1), by: by.clone(), execution };
    fold(&mut rows, later(4), &[submitted, executed]).await.unwrap();
    let in_stage = |to| span("", later(4), to, Some("DEV"), "off");
    assert_eq!(spans(&rows), [span("", AT, Some(later(4)), None, "off"), in_stage(None)]);
    let retired = flags::Event::Retired { plan, key: named("checkout"), by };
    let mut block = BlockWriter::new(&mut rows, later(5).position());
    write_flag(&mut block, later(5), &retired).await.unwrap();
    block.finish().await.unwrap();
    assert_eq!(spans(&rows)[1..], [in_stage(Some(later(5)))]);
}

#[tokio::test]
async fn req_160_a_span_that_is_over_is_in_pieces_each_of_one_quarter() {
    let mut rows = installed().await;
    let quarter = Quarter::of(AT.time).unwrap();
    let next = quarter.next().unwrap();
    let at = Moment { height: AT.height.plus(1), time: next.ends().plus(5), ..AT };
    fold(&mut rows, at, &[example("submitted"), example("executed")]).await.unwrap();
    let pieces = rows.columns(&SPANS, &["from_time", "to_time", "quarter", "from_height"]);
    let piece = |from: Timestamp, to: Option<Timestamp>, quarter: Option<Quarter>, height: u64| -> Row {
        let quarter = quarter.map(|quarter| quarter.begins().0);
        vec![from.0.into(), to.map(|to| to.0).into(), quarter.into(), height.into()]
    };
    let began = AT.height.0;
    let expected = [
        piece(AT.time, Some(quarter.ends()), Some(quarter), began),
        piece(next.begins(), Some(next.ends()), Some(next), began),
        piece(next.ends(), Some(at.time), next.next(), began),
        piece(at.time, None, None, began + 1),
    ];
    assert_eq!(pieces, expected);
}
