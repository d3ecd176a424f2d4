//! Release notes: which changes they are made of, and what strangers write into them.

use super::super::answer::{NoteEntry, NotesAnswer};
use super::super::notes::markdown;
use super::super::{CHANGES, MILESTONES, page};
use super::{FRAME, example, fold, is_sound, later, named, summary};
use crate::store::memory::MemoryRows;
use crate::store::table::Row;
use primitives::ChangeId;
use rollouts::Event;
use rollouts::change::{ChangeState, EndedWhy, SubmittedChange};
use rpc::views::Descriptions;
use runtime::testing::examples::{AT, change};

/// What a stranger would have users read.
const HOSTILE: &str = "# <script>alert(1)</script>\n- `x`";

fn entry(id: u64, state: ChangeState, impact: &str) -> NoteEntry {
    let mut summary = summary(&change());
    (summary.id, summary.state, summary.milestone) = (ChangeId(id), state, Some(named("autumn")));
    NoteEntry { summary, impact: impact.into(), features: change().asked.features.to_vec(), artifact: None }
}

fn notes(entries: Vec<NoteEntry>) -> NotesAnswer {
    let (milestones, milestone) = (vec![named("autumn"), named("summer")], Some(named("autumn")));
    NotesAnswer { at: AT, plan: named("shop"), milestones, milestone, entries, described: Descriptions::default() }
}

#[test]
fn req_158_notes_are_segmented_by_what_became_of_each_change_and_say_what_users_notice() {
    let entries = vec![
        entry(1, ChangeState::Closed, "a button more"),
        entry(2, ChangeState::Open, "darker colours"),
        entry(3, ChangeState::Reverted { by: ChangeId(4) }, "faster search"),
        entry(4, ChangeState::Ended { why: EndedWhy::Withdrawn }, "nobody sees this"),
    ];
    let (text, drawn) = (markdown(&notes(entries.clone())), page::notes(&FRAME, &notes(entries)).into_string());
    is_sound(&drawn);
    for whole in [&text, &drawn] {
        let at = |said: &str| whole.find(said).unwrap_or_else(|| panic!("{said} is not in {whole}"));
        let order =
            ["Carried out", "a button more", "Gone back from", "faster search", "To come", "darker colours"].map(at);
        assert!(order.is_sorted(), "{order:?} in {whole}");
        assert!(!whole.contains("nobody sees this"), "it was ended before it was carried out: {whole}");
    }
    assert!(drawn.contains("/notes/shop/markdown?milestone=autumn") && drawn.contains("/notes/shop?milestone=summer"));
}

#[test]
fn a07_nothing_that_strangers_write_is_markup_in_notes() {
    let answer = notes(vec![entry(1, ChangeState::Closed, HOSTILE)]);
    let text = markdown(&answer);
    let line = text.lines().find(|line| line.contains("script")).unwrap();
    assert!(line.starts_with("- `` # <script>alert(1)</script>\\u{a}- `x` ``"), "{line}");
    let drawn = page::notes(&FRAME, &answer).into_string();
    assert!(drawn.contains("&lt;script&gt;") && !drawn.contains("<script>alert"), "{drawn}");
}

#[tokio::test]
async fn a_milestone_is_known_by_its_latest_change() {
    let mut rows = MemoryRows::default();
    let submitted = |id: u64| {
        let Event::Submitted { change, expires, vote, deposit, incident, execution } = example("submitted") else {
            unreachable!()
        };
        let mut asked = change.asked.clone();
        asked.milestone = Some(named("autumn"));
        let change = SubmittedChange::new(ChangeId(id), change.plan.clone(), change.by.clone(), change.created, asked);
        Event::Submitted { change: Box::new(change), expires, vote, deposit, incident, execution }
    };
    fold(&mut rows, AT, &[example("installed")]).await.unwrap();
    for id in [5, 9] {
        fold(&mut rows, later(id), &[submitted(id)]).await.unwrap();
    }
    let known: Row = vec!["shop".into(), "autumn".into(), 9_u64.into()];
    assert_eq!(rows.table(&MILESTONES), [known]);
    let noted = [5_u64, 9].map(|id| -> Row { vec![id.into(), "autumn".into()] }).to_vec();
    assert_eq!(rows.columns(&CHANGES, &["id", "milestone"]), noted);
}
