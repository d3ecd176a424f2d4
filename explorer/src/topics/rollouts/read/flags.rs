//! Flags: what they are, what is set of them, what they serve by that, and how it came to be so.

use super::super::answer::{FlagAnswer, FlagFlip, FlagLine, FlagsAnswer, SettingLine};
use super::super::fold::{FlagKept, SettingKept};
use crate::store::column::{parsed, typed};
use crate::store::{Index, QueryError};
use crate::topics::blocks;
use flags::{EvaluationContext, ScopedFlag, SegmentMembers, resolve};
use primitives::{Moment, Name, Path};
use rpc::views::FlagServed;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet};

/// How many moves of a flag are shown.
const MOST_FLIPS: u64 = 100;

/// The flags of a plan; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn flags(index: &Index, plan: &Name) -> Result<Option<FlagsAnswer>, QueryError> {
    if index.one("SELECT 1 FROM plans WHERE plan=$1", vec![plan.as_str().into()]).await?.is_none() {
        return Ok(None);
    }
    let (at, set) = (blocks::read::moment(index).await?, SetFlags::of(index, plan).await?);
    let lines = set.flags.keys().filter_map(|key| set.line(at, key));
    Ok(Some(FlagsAnswer { at, plan: plan.clone(), flags: lines.take(::flags::MOST_FLAGS as usize).collect() }))
}

/// One flag of a plan; none that the plan never had.
///
/// # Errors
/// The database cannot be read.
pub async fn flag(index: &Index, plan: &Name, key: &Name) -> Result<Option<FlagAnswer>, QueryError> {
    let (at, set) = (blocks::read::moment(index).await?, SetFlags::of(index, plan).await?);
    let Some(line) = set.line(at, key) else { return Ok(None) };
    let settings = set.settings.get(key).into_iter().flatten().take(100).map(|(path, kept)| {
        let (since, change) = if kept.set.0.height > kept.disabled.0.height { kept.set } else { kept.disabled };
        SettingLine { path: path.clone(), side: kept.side.clone(), since, change }
    });
    let settings = settings.collect();
    let sql = "SELECT moved FROM flag_moves WHERE plan=$1 AND key=$2 ORDER BY number DESC LIMIT $3";
    let rows = index.all(sql, vec![plan.as_str().into(), key.as_str().into(), MOST_FLIPS.into()]).await?;
    let moves: Result<Vec<FlagFlip>, _> = rows.iter().map(|row| parsed("a move", row.get(0))).collect();
    Ok(Some(FlagAnswer { at, plan: plan.clone(), line, settings, moves: moves? }))
}

/// The flags of a plan with all that is set of them.
pub(super) struct SetFlags {
    pub flags: BTreeMap<Name, (FlagKept, bool, bool)>,
    pub settings: BTreeMap<Name, BTreeMap<Path, SettingKept>>,
    pub segments: BTreeMap<Name, SegmentMembers>,
}

impl SetFlags {
    /// Those of a plan.
    pub async fn of(index: &Index, plan: &Name) -> Result<Self, QueryError> {
        let key = || vec![plan.as_str().into()];
        let mut flags = BTreeMap::new();
        for row in index.all("SELECT key, flag, of_plan, retired FROM flags WHERE plan=$1", key()).await? {
            let yes = |column: &str| row.get::<i64, _>(column) == 1;
            flags.insert(name(&row, "key")?, (parsed("a flag", row.get("flag"))?, yes("of_plan"), yes("retired")));
        }
        let mut settings: BTreeMap<Name, BTreeMap<Path, SettingKept>> = BTreeMap::new();
        for row in index.all("SELECT key, path, setting FROM flag_settings WHERE plan=$1", key()).await? {
            let (path, kept) = (typed("a path", row.get("path"))?, parsed("a setting", row.get("setting"))?);
            settings.entry(name(&row, "key")?).or_default().insert(path, kept);
        }
        let mut segments = BTreeMap::new();
        for row in index.all("SELECT name, members FROM segments WHERE plan=$1", key()).await? {
            segments.insert(name(&row, "name")?, parsed("a segment", row.get("members"))?);
        }
        Ok(Self { flags, settings, segments })
    }

    /// A flag with everything that decides what it serves at a path; none of one that there is not.
    pub fn scoped(&self, key: &Name, path: &Path) -> Option<ScopedFlag> {
        let (kept, _, retired) = self.flags.get(key)?;
        (!retired).then(|| ScopedFlag { segments: self.segments.clone(), ..kept.scoped(self.settings.get(key), path) })
    }

    /// What a flag serves at a path whoever nothing is known of, and may serve others there.
    pub fn served(&self, key: &Name, path: &Path) -> Option<FlagServed> {
        let scoped = self.scoped(key, path)?;
        let resolution = resolve(&scoped, &EvaluationContext::default());
        let flag = &scoped.flag.flag;
        let variant = flag.variant(resolution.variant)?;
        let may_serve = scoped.may_serve().into_iter().filter_map(|place| flag.variant(place));
        let segments: BTreeSet<Name> =
            scoped.settings.values().flat_map(|setting| setting.targeting.segments()).cloned().collect();
        Some(FlagServed {
            variant: variant.name.clone(),
            value: variant.value.clone(),
            reason: resolution.reason,
            version: resolution.version,
            may_serve: may_serve.map(|variant| variant.name.clone()).collect(),
            is_on_for_all: scoped.is_on_for_all(),
            is_on_for_some: scoped.is_on_for_some(),
            segments: segments.into_iter().collect(),
            disabled_at: scoped.disabled.keys().next_back().cloned(),
        })
    }

    fn line(&self, at: Moment, key: &Name) -> Option<FlagLine> {
        let (kept, is_of_plan, is_retired) = self.flags.get(key)?;
        let flag = &kept.flag;
        // A flag that is no more serves nobody; what it would is its fallback.
        let fallback = || {
            let variant = flag.variant(flag.fallback)?;
            Some(FlagServed {
                variant: variant.name.clone(),
                value: variant.value.clone(),
                reason: ::flags::EvaluationReason::Default,
                version: kept.since,
                may_serve: vec![variant.name.clone()],
                is_on_for_all: flag.is_on(flag.fallback),
                is_on_for_some: flag.is_on(flag.fallback),
                segments: Vec::new(),
                disabled_at: None,
            })
        };
        Some(FlagLine {
            flag: flag.clone(),
            since: kept.since,
            is_of_plan: *is_of_plan,
            is_retired: *is_retired,
            is_expired: flag.expires.is_over(at.time),
            now: self.served(key, &Path::ROOT).or_else(fallback)?,
        })
    }
}

fn name(row: &AnyRow, column: &str) -> Result<Name, QueryError> {
    Ok(typed("a name", row.get(column))?)
}
