//! What artifacts write, and how they are shown, without a database.

use super::answer::{ArtifactLine, ArtifactsAnswer};
use super::fold::{good, install, leave, mark, stand, write};
use super::pins::NeededArtifacts;
use super::query::ArtifactsQuery;
use super::{ARTIFACTS, STAGES, page};
use crate::fold::{BlockWriter, FoldError};
use crate::pages::Frame;
use crate::store::memory::MemoryRows;
use crate::store::table::COUNTS;
use crate::topics::cases::answer::CaseEntry;
use artifacts::{ArtifactEntry, ArtifactStanding, CasePin, Event, RegisteredArtifact, apply, queries};
use cases::{CaseBody, CaseKind, CaseStep};
use primitives::{CaseId, Digest, Height, Moment, Name, Path};
use rpc::views::{Descriptions, PageOf};
use runtime::testing::examples::{AT, artifact_rules, events, hold_body, incident_body};
use state::{Apply as _, Memory, State, Told as _};

fn named(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

fn later(blocks: u64) -> Moment {
    Moment { height: AT.height.plus(blocks), ..AT }
}

/// The example of an event of this kind.
fn example(kind: &str) -> Event {
    let found = events().into_iter().find_map(|event| match event {
        runtime::Event::Artifacts(event) if event.kind() == format!("artifacts.{kind}") => Some(event),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("there is no example of {kind}"))
}

/// An artifact is registered that is told by one byte.
fn registered(byte: u8) -> Event {
    let Event::Registered { plan, artifact, scope, by } = example("registered") else { unreachable!() };
    let artifact = ArtifactEntry { name: named(&format!("shop-2026.11.28.{byte}")), digest: digest(byte), ..artifact };
    Event::Registered { plan, artifact, scope, by }
}

/// What somebody said that an artifact is.
fn marked(byte: u8, standing: ArtifactStanding) -> Event {
    let Event::Marked { plan, name, before, scope, by, .. } = example("marked") else { unreachable!() };
    Event::Marked { plan, name, digest: digest(byte), before, standing, scope, by }
}

/// What happens to artifacts: by an event, or by a change.
enum Turn {
    Event(Event),
    Stand(u8),
    Good(u8),
    Mark(u8, ArtifactStanding),
    Leave,
}

fn on_chain(state: &mut State, at: Moment, turn: &Turn) {
    let (plan, stage) = (named("shop"), named("DEV"));
    match turn {
        Turn::Event(event) => event.apply(state, at),
        Turn::Stand(byte) => apply::stand(state, &plan, &stage, &digest(*byte), at),
        Turn::Good(byte) => apply::good(state, &plan, &stage, &digest(*byte)),
        Turn::Mark(byte, standing) => apply::mark(state, &plan, &digest(*byte), *standing),
        Turn::Leave => apply::leave(state, &plan, &stage),
    }
}

async fn folded(rows: &mut MemoryRows, at: Moment, turn: &Turn) -> Result<(), FoldError> {
    let (plan, stage) = (named("shop"), named("DEV"));
    let mut block = BlockWriter::new(rows, at.position());
    match turn {
        Turn::Event(event) => write(&mut block, at, event).await?,
        Turn::Stand(byte) => stand(&mut block, at, &plan, &stage, &digest(*byte)).await?,
        Turn::Good(byte) => good(&mut block, &plan, &stage, &digest(*byte)).await?,
        Turn::Mark(byte, standing) => mark(&mut block, &plan, &digest(*byte), *standing).await?,
        Turn::Leave => leave(&mut block, &plan, &stage).await?,
    }
    block.finish().await
}

fn all(rows: &MemoryRows) -> Vec<RegisteredArtifact> {
    let all = rows.columns(&ARTIFACTS, &["artifact"]);
    all.iter().map(|row| serde_json::from_str(row[0].text().unwrap()).unwrap()).collect()
}

/// What decides which artifacts are needed, as a database would give it.
fn needed(rows: &MemoryRows, keeping: Vec<CaseEntry>) -> NeededArtifacts {
    let kept = all(rows).into_iter().filter(|row| row.standing != ArtifactStanding::Released).collect();
    let stages = rows.columns(&STAGES, &["stage", "stands"]);
    let standing = stages.iter().filter_map(|row| Some((named(row[0].text()?), row[1].text()?.parse().ok()?)));
    NeededArtifacts { rules: Some(artifact_rules()), kept, standing: standing.collect(), keeping }
}

/// Folds turns, a block each, and has the chain do the same; after each of them every artifact stands in both alike, and is needed for the
/// same.
async fn alike(turns: &[Turn]) -> MemoryRows {
    let (memory, mut rows) = (Memory::default(), MemoryRows::default());
    let (mut state, plan) = (State::over(&memory), named("shop"));
    apply::install(&mut state, &plan, Some(&artifact_rules()));
    let mut block = BlockWriter::new(&mut rows, AT.position());
    install(&mut block, &plan, Some(&artifact_rules()));
    block.finish().await.unwrap();
    for (blocks, turn) in (0..).zip(turns) {
        let at = later(blocks);
        on_chain(&mut state, at, turn);
        folded(&mut rows, at, turn).await.unwrap();
        let needed = needed(&rows, Vec::new());
        for row in all(&rows) {
            let digest = row.artifact.digest;
            assert_eq!(Some(&row), queries::artifact(&state, &plan, &digest).as_ref(), "after turn {blocks}");
            assert_eq!(needed.of(&row), queries::pins(&state, &plan, &digest), "after turn {blocks}");
        }
        let stands = needed.stages()[0].stands.as_ref().map(|artifact| artifact.digest);
        assert_eq!(stands, queries::standing_in(&state, &plan, &named("DEV")), "after turn {blocks}");
    }
    rows
}

fn counted(rows: &MemoryRows, name: &str) -> Option<i64> {
    rows.table(&COUNTS).iter().find(|row| row[0].text() == Some(name))?[1].number()
}

/// Three artifacts: one that was good, one that it is gone back from, and one that nobody promoted and somebody let go.
async fn lived() -> MemoryRows {
    alike(&[
        Turn::Event(registered(1)),
        Turn::Event(registered(2)),
        Turn::Event(registered(3)),
        Turn::Stand(1),
        Turn::Good(1),
        Turn::Stand(2),
        Turn::Good(2),
        Turn::Mark(2, ArtifactStanding::Bad),
        Turn::Stand(1),
        Turn::Event(marked(3, ArtifactStanding::Bad)),
        Turn::Event(marked(3, ArtifactStanding::Released)),
        Turn::Good(2),
    ])
    .await
}

#[tokio::test]
async fn an_artifact_stands_after_each_turn_where_the_chain_has_it_and_is_needed_for_the_same() {
    let rows = lived().await;
    let standings: Vec<ArtifactStanding> = all(&rows).iter().map(|row| row.standing).collect();
    assert_eq!(standings, [ArtifactStanding::Good, ArtifactStanding::Bad, ArtifactStanding::Released]);
    let counts = ["*", "candidate", "good", "bad", "released"];
    let counts = counts.map(|standing| counted(&rows, &format!("artifacts/shop/{standing}")));
    assert_eq!(counts, [Some(3), Some(0), Some(1), Some(1), Some(1)]);
    assert_eq!(all(&rows)[0].stood[0].number, 3, "it came to stand there again");
}

#[tokio::test]
async fn a_stage_that_is_left_has_what_it_would_go_back_to() {
    let rows = alike(&[Turn::Event(registered(1)), Turn::Stand(1), Turn::Good(1), Turn::Leave]).await;
    let stage = needed(&rows, Vec::new()).stages().remove(0);
    assert_eq!(stage.stands, None);
    assert_eq!(stage.goes_back_to.map(|artifact| artifact.digest), Some(digest(1)));
    assert_eq!((stage.kept, stage.keep), (1, Some(30)));
}

fn keeping(kind: CaseKind, path: &str) -> CaseEntry {
    let body = match kind {
        CaseKind::Hold => CaseBody::Hold(Box::new(hold_body())),
        _ => CaseBody::Incident(Box::new(incident_body())),
    };
    CaseEntry {
        id: CaseId(7),
        plan: named("shop"),
        kind,
        path: path.parse().unwrap(),
        step: CaseStep::Detected,
        since: AT,
        severity: None,
        opened: AT,
        by: None,
        keeps_from: Height(1),
        wider: Vec::new(),
        body,
    }
}

#[tokio::test]
async fn what_an_open_incident_or_a_hold_is_about_is_needed_as_the_chain_says() {
    let memory = Memory::default();
    let (mut state, plan) = (State::over(&memory), named("shop"));
    let mut rows = MemoryRows::default();
    apply::install(&mut state, &plan, Some(&artifact_rules()));
    let turn = Turn::Event(registered(1));
    on_chain(&mut state, AT, &turn);
    folded(&mut rows, AT, &turn).await.unwrap();
    let scope: Path = "DEV/t1".parse().unwrap();
    apply::pin(&mut state, &plan, &scope, CasePin::Incident(CaseId(7)));
    apply::pin(&mut state, &plan, &Path::ROOT, CasePin::Hold(CaseId(7)));
    let cases = [keeping(CaseKind::Incident, "DEV/t1"), keeping(CaseKind::Hold, ""), keeping(CaseKind::Hold, "PROD")];
    let of_rows: Vec<String> =
        needed(&rows, cases.to_vec()).of(&all(&rows)[0]).iter().map(ToString::to_string).collect();
    let mut of_chain: Vec<String> = queries::pins(&state, &plan, &digest(1)).iter().map(ToString::to_string).collect();
    of_chain.sort();
    let mut sorted = of_rows.clone();
    sorted.sort();
    assert_eq!(sorted, of_chain);
    assert_eq!(of_rows.len(), 2, "what is about another stage keeps nothing of this one: {of_rows:?}");
}

#[tokio::test]
async fn no_artifact_that_was_never_registered_is_marked_and_none_stands() {
    let mut rows = MemoryRows::default();
    let refused = folded(&mut rows, AT, &Turn::Event(marked(1, ArtifactStanding::Bad))).await;
    assert!(matches!(refused, Err(FoldError::Damaged(_))));
    folded(&mut rows, AT, &Turn::Stand(1)).await.unwrap();
    assert!(rows.table(&STAGES).is_empty(), "a build of the network is no artifact");
}

const FRAME: Frame<'static> = Frame { position: None, path: "/artifacts/shop", query: "", now: AT.time };

#[tokio::test]
async fn the_page_says_what_stands_where_and_what_each_is_needed_for() {
    let rows = lived().await;
    let needed = needed(&rows, vec![keeping(CaseKind::Incident, "DEV")]);
    let lines = all(&rows).into_iter().map(|registered| ArtifactLine { pins: needed.of(&registered), registered });
    let entries: Vec<ArtifactLine> = lines.collect();
    let page = PageOf { total: entries.len() as u64, page: 0, page_size: 20, entries };
    let stages = needed.stages();
    let answer =
        ArtifactsAnswer { plan: named("shop"), rules: needed.rules, stages, page, described: Descriptions::default() };
    let drawn = page::artifacts(&FRAME, &ArtifactsQuery::default(), &answer).into_string();
    assert_eq!(drawn.matches("<h1>").count(), 1, "{drawn}");
    for said in
        ["shop-2026.11.28.1", "verified there", "/incidents/7", "released", "shop-{YYYY}.{MM}.{DD}.{n}", "the last 30"]
    {
        assert!(drawn.contains(said), "{said} is not in {drawn}");
    }
    let nothing = PageOf { total: 0, page: 0, page_size: 20, entries: Vec::new() };
    let answer = ArtifactsAnswer { rules: None, stages: Vec::new(), page: nothing, ..answer };
    let drawn = page::artifacts(&FRAME, &ArtifactsQuery::default(), &answer).into_string();
    assert!(drawn.contains("No artifacts are registered under this plan."), "{drawn}");
}
