//! What flags served where, and in which stage: a span from the block that had them do so to the one that changed it (REQ-160). What
//! stands at the root is in the last stage that stands, and what is set below it in the stage that its path names.

use super::super::{FLAGS, SETTINGS, SPANS};
use super::kept::{FlagKept, SettingKept};
use super::plans;
use crate::fold::{BlockDraft, BlockWriter, FoldError};
use crate::store::column::{parsed, typed};
use crate::store::rows::{RowFilter, RowOrder, Selection};
use crate::store::table::natural;
use primitives::{Moment, Name, Path, Quarter, Timestamp};
use rollouts::change::SubmittedChange;
use rollouts::plan::ChangeKind;
use std::collections::BTreeMap;

/// What a flag serves at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Serving {
    stage: Option<Name>,
    variants: String,
}

/// Since which block, and its time, it serves that.
struct OpenSpan {
    from: (u64, Timestamp),
    serving: Serving,
}

/// A flag, and its plan.
#[derive(Clone, Copy)]
struct FlagOf<'n> {
    plan: &'n Name,
    key: &'n Name,
}

impl FlagOf<'_> {
    /// Under which name its open spans are found.
    fn open(self) -> String {
        // No name has a slash in it.
        format!("{}/{}", self.plan, self.key)
    }
}

/// A flag is there, or is set, otherwise than before.
///
/// # Errors
/// The database refuses.
pub(super) async fn follow(block: &mut BlockWriter<'_>, at: Moment, plan: &Name, key: &Name) -> Result<(), FoldError> {
    let flag = FlagOf { plan, key };
    let open = open(block, flag).await?;
    let stage = match open.get(&Path::ROOT) {
        Some(span) => span.serving.stage.clone(),
        None => plans::last_stage(block, plan).await?,
    };
    go_on(block, at, flag, stage.as_ref(), open).await
}

/// A change was carried out, or undone, by which other stages may stand.
///
/// # Errors
/// The database refuses.
pub(super) async fn carried_on(
    block: &mut BlockWriter<'_>,
    at: Moment,
    change: &SubmittedChange,
) -> Result<(), FoldError> {
    match change.kind() {
        ChangeKind::Promote | ChangeKind::Demote | ChangeKind::Rollback => stages_moved(block, at, &change.plan).await,
        _ => Ok(()),
    }
}

/// Other stages of a plan stand than before.
///
/// # Errors
/// The database refuses.
pub(super) async fn stages_moved(block: &mut BlockWriter<'_>, at: Moment, plan: &Name) -> Result<(), FoldError> {
    let stage = plans::last_stage(block, plan).await?;
    let filter = RowFilter::Equal("plan", plan.as_str().into());
    let rows = block.select(Selection { table: &FLAGS, columns: &["key"], filter, order: RowOrder::By("key") }).await?;
    for key in rows.iter().filter_map(|row| row[0].text().and_then(Name::new)) {
        let flag = FlagOf { plan, key: &key };
        let open = open(block, flag).await?;
        if open.get(&Path::ROOT).is_some_and(|span| span.serving.stage != stage) {
            go_on(block, at, flag, stage.as_ref(), open).await?;
        }
    }
    Ok(())
}

/// Ends the spans of a flag that served something else, and begins those of what it serves.
async fn go_on(
    block: &mut BlockWriter<'_>,
    at: Moment,
    flag: FlagOf<'_>,
    stage: Option<&Name>,
    mut open: BTreeMap<Path, OpenSpan>,
) -> Result<(), FoldError> {
    for (path, serving) in servings(block, flag, stage).await? {
        let before = open.remove(&path);
        if before.as_ref().is_some_and(|span| span.serving == serving) {
            continue;
        }
        // What one block has had and changed again was never served.
        if let Some(span) = before.filter(|span| span.from.0 != at.height.0) {
            end(block, flag, &path, &span, at);
        }
        begin(block, flag, &path, &OpenSpan { from: (at.height.0, at.time), serving });
    }
    for (path, span) in open {
        end(block, flag, &path, &span, at);
    }
    Ok(())
}

/// What a flag serves at the root, and wherever something is set of it; nothing of one that is no more.
async fn servings(
    block: &mut BlockWriter<'_>,
    flag: FlagOf<'_>,
    stage: Option<&Name>,
) -> Result<BTreeMap<Path, Serving>, FoldError> {
    let of_flag =
        || RowFilter::Among(&["plan", "key"], vec![vec![flag.plan.as_str().into(), flag.key.as_str().into()]]);
    let columns = &["flag", "retired"];
    let found = Selection { table: &FLAGS, columns, filter: of_flag(), order: RowOrder::Any };
    let row = block.select(found).await?.pop().filter(|row| row[1].number() != Some(1));
    let Some(row) = row else { return Ok(BTreeMap::new()) };
    let kept: FlagKept = parsed("a flag", row[0].text().unwrap_or_default())?;
    let columns = &["path", "setting"];
    let set = Selection { table: &SETTINGS, columns, filter: of_flag(), order: RowOrder::Any };
    let mut settings: BTreeMap<Path, SettingKept> = BTreeMap::new();
    for row in block.select(set).await? {
        let text = |place: usize| row[place].text().unwrap_or_default();
        settings.insert(typed("a path", text(0))?, parsed("a setting", text(1))?);
    }
    let is_set = |kept: &SettingKept| kept.side.targeting.is_some() || kept.side.disabled;
    let below = settings.iter().filter(|(path, kept)| !path.is_root() && is_set(kept));
    let paths = std::iter::once(Path::ROOT).chain(below.map(|(path, _)| path.clone()));
    let serving = |path: &Path| Serving {
        stage: path.names().next().and_then(Name::new).or_else(|| stage.cloned()),
        variants: variants(&kept, &settings, path),
    };
    Ok(paths.map(|path| (path.clone(), serving(&path))).collect())
}

/// The variants that somebody may be served at a path, in the order of their places.
fn variants(kept: &FlagKept, settings: &BTreeMap<Path, SettingKept>, path: &Path) -> String {
    let places = kept.scoped(Some(settings), path).may_serve();
    let served = places.into_iter().filter_map(|place| kept.flag.variant(place));
    served.map(|variant| variant.name.as_str()).collect::<Vec<_>>().join(",")
}

async fn open(block: &mut BlockWriter<'_>, flag: FlagOf<'_>) -> Result<BTreeMap<Path, OpenSpan>, FoldError> {
    let filter = RowFilter::Equal("open_of", flag.open().into());
    let columns = &["path", "from_height", "from_time", "stage", "variants"];
    let mut open = BTreeMap::new();
    for row in block.select(Selection { table: &SPANS, columns, filter, order: RowOrder::Any }).await? {
        let number = |place: usize| row[place].number().map_or(0, natural);
        let stage = row[3].text().and_then(Name::new);
        let serving = Serving { stage, variants: row[4].text().unwrap_or_default().to_owned() };
        let path = typed("a path", row[0].text().unwrap_or_default())?;
        open.insert(path, OpenSpan { from: (number(1), Timestamp(number(2))), serving });
    }
    Ok(open)
}

/// What is served from now on.
fn begin(block: &mut BlockDraft, flag: FlagOf<'_>, path: &Path, span: &OpenSpan) {
    put(block, flag, path, span, span.from.1, None);
}

/// What was served until now, in pieces that are each of one quarter; the first takes the place of the open span.
fn end(block: &mut BlockDraft, flag: FlagOf<'_>, path: &Path, span: &OpenSpan, at: Moment) {
    let (from, to) = (span.from.1, at.time);
    // A quarter that begins where the span ends has nothing of it.
    for quarter in Quarter::between(from, to).filter(|quarter| quarter.begins() < to || from == to) {
        let begin = from.max(quarter.begins());
        put(block, flag, path, span, begin, Some((to.min(quarter.ends()), quarter)));
    }
}

fn put(
    block: &mut BlockDraft,
    flag: FlagOf<'_>,
    path: &Path,
    span: &OpenSpan,
    from: Timestamp,
    ended: Option<(Timestamp, Quarter)>,
) {
    let Serving { stage, variants } = &span.serving;
    let (to, quarter) = ended.unzip();
    let row = vec![
        flag.plan.as_str().into(),
        flag.key.as_str().into(),
        path.as_str().into(),
        from.0.into(),
        span.from.0.into(),
        to.map(|to| to.0).into(),
        quarter.map(|quarter| quarter.begins().0).into(),
        stage.as_ref().map(|stage| stage.as_str().to_owned()).into(),
        variants.as_str().into(),
        ended.is_none().then(|| flag.open()).into(),
    ];
    block.put(&SPANS, row);
}
