//! What a snapshot is compiled from: a flag with everything that decides what it serves anywhere, read once.

use super::names::NO_PLACE;
use super::words::Words;
use crate::targeting::{Disabled, SegmentMembers, Setting};
use crate::{DefinedFlag, Expiry, queries, storage::*};
use parity_scale_codec::Encode;
use primitives::{Digest, Name, Path};
use state::State;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::sync::{Arc, OnceLock};

/// A flag of a snapshot, with all that is said of it beside a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFlag {
    /// The flag, and when it was defined.
    pub defined: DefinedFlag,
    /// Whether the day has come by which it was to be gone, and was told of. It serves what it served (REQ-115).
    pub expired: bool,
}

/// A segment, with its members by their numbers.
#[derive(Debug)]
pub(super) struct SegmentTable {
    members: SegmentMembers,
    /// Sorted.
    numbers: Box<[u32]>,
}

impl SegmentTable {
    pub fn new(members: SegmentMembers, words: &mut Words) -> Arc<Self> {
        let mut numbers: Vec<u32> = members.iter().map(|member| words.symbol(member.as_str())).collect();
        numbers.sort_unstable();
        Arc::new(Self { members, numbers: numbers.into() })
    }

    #[inline]
    pub fn has(&self, number: u32) -> bool {
        number != NO_PLACE && self.numbers.binary_search(&number).is_ok()
    }
}

/// A flag, where something is set of it, and where it is disabled; both in the order of the paths.
#[derive(Debug)]
pub(super) struct FlagSource {
    pub flag: ListedFlag,
    pub settings: Vec<(Path, Setting)>,
    pub disabled: Vec<(Path, Disabled)>,
    /// Those that settings name and the plan has.
    pub segments: BTreeMap<Name, Arc<SegmentTable>>,
    digests: OnceLock<FlagDigests>,
}

/// What decides at a path where something is set or disabled.
#[derive(Debug, Clone, Copy)]
pub(super) enum InForce<'s> {
    /// It is disabled there or above; the nearest says so.
    Disabled(&'s Disabled),
    Set(&'s Setting),
}

/// What a flag is configured to be: where nothing is set or disabled, and at each path where something is, in the order of the paths.
#[derive(Debug)]
struct FlagDigests {
    base: Digest,
    at: Vec<(Path, Digest)>,
}

/// Everything of a plan, each flag by itself when it is its turn: four passes over what is stored, however many flags there are.
pub(super) fn read_all(
    state: &State,
    plan: &Name,
    segments: &BTreeMap<Name, Arc<SegmentTable>>,
) -> impl Iterator<Item = Arc<FlagSource>> {
    let mut settings = SETTINGS.rest_under(state, plan).peekable();
    let mut disabled = DISABLED.rest_under(state, plan).peekable();
    FLAGS.values_under(state, plan).map(move |defined| {
        let key = &defined.flag.key;
        let (settings, disabled) = (of_key(&mut settings, key), of_key(&mut disabled, key));
        FlagSource::new(state, plan, defined, settings, disabled, segments)
    })
}

/// The rows of one flag, from rows in the order of their flags.
fn of_key<T>(rows: &mut Peekable<impl Iterator<Item = ((Name, Path), T)>>, key: &Name) -> Vec<(Path, T)> {
    let mut found = Vec::new();
    loop {
        match rows.peek().map(|((of, _), _)| of.cmp(key)) {
            Some(Ordering::Less) => drop(rows.next()),
            Some(Ordering::Equal) => {
                // Most flags are set at one place.
                found.reserve_exact(usize::from(found.is_empty()));
                found.extend(rows.next().map(|((_, path), row)| (path, row)));
            }
            Some(Ordering::Greater) | None => return found,
        }
    }
}

impl FlagSource {
    /// One flag; none when the plan has no such flag.
    pub fn read(
        state: &State,
        plan: &Name,
        key: &Name,
        segments: &BTreeMap<Name, Arc<SegmentTable>>,
    ) -> Option<Arc<Self>> {
        let flag = queries::flag(state, plan, key)?;
        let settings = queries::settings(state, plan, key).collect();
        let disabled = queries::disablings(state, plan, key).collect();
        Some(Self::new(state, plan, flag, settings, disabled, segments))
    }

    fn new(
        state: &State,
        plan: &Name,
        defined: DefinedFlag,
        settings: Vec<(Path, Setting)>,
        disabled: Vec<(Path, Disabled)>,
        segments: &BTreeMap<Name, Arc<SegmentTable>>,
    ) -> Arc<Self> {
        let expired = is_expired(state, plan, &defined);
        let named = settings.iter().flat_map(|(_, setting)| setting.targeting.segments());
        let segments = named.filter_map(|name| Some((name.clone(), Arc::clone(segments.get(name)?)))).collect();
        let flag = ListedFlag { defined, expired };
        Arc::new(Self { flag, settings, disabled, segments, digests: OnceLock::new() })
    }

    pub fn key(&self) -> &Name {
        &self.flag.defined.flag.key
    }

    /// Whether settings name any of these segments, those that the plan has not among them.
    pub fn names_any(&self, segments: &BTreeSet<Name>) -> bool {
        let mut named = self.settings.iter().flat_map(|(_, setting)| setting.targeting.segments());
        named.any(|name| segments.contains(name))
    }

    /// Where something is set or disabled, and what is in force there, in order: what lies under another comes after it.
    pub fn places(&self) -> Vec<(&Path, InForce<'_>)> {
        let set = self
            .settings
            .iter()
            .map(|(path, setting)| (path, self.disabled_above(path).map_or(InForce::Set(setting), InForce::Disabled)));
        let disabled = self.disabled.iter().map(|(path, disabled)| (path, InForce::Disabled(disabled)));
        let mut places: Vec<(&Path, InForce<'_>)> = set.chain(disabled).collect();
        places.sort_by_key(|(path, _)| *path);
        // What is set where it is disabled is there twice, disabled both times.
        places.dedup_by_key(|(path, _)| *path);
        places
    }

    /// That it is disabled at a path or above, by the nearest.
    fn disabled_above(&self, path: &Path) -> Option<&Disabled> {
        let above = self.disabled.iter().rev().find(|(above, _)| path.is_under(above));
        above.map(|(_, disabled)| disabled)
    }

    /// What it is configured to be at a path, given as itself and what it lies under, the nearest first. Equal ones serve everybody
    /// the same, by the same versions and with the same beside it.
    pub fn digest(&self, ancestors: &[Path]) -> Digest {
        let FlagDigests { base, at: found } = self.digests.get_or_init(|| self.digests());
        ancestors.iter().find_map(|path| at(found, path)).copied().unwrap_or(*base)
    }

    fn digests(&self) -> FlagDigests {
        let ListedFlag { defined, expired } = &self.flag;
        let base = Digest::blake3(&("the-block/flag/v1", defined, expired).encode());
        let mut found: Vec<(Path, Digest)> = Vec::new();
        for (path, in_force) in self.places() {
            let digest = match in_force {
                InForce::Disabled(disabled) => Digest::blake3(&("the-block/flag-disabled/v1", base, disabled).encode()),
                InForce::Set(setting) => {
                    let above = found.iter().rev().find(|(above, _)| path.is_under(above)).map(|(_, digest)| *digest);
                    // What stands above is served to nobody, unless it is asked for.
                    let above = above.filter(|_| setting.targeting.inherits());
                    let members = self.members(setting);
                    Digest::blake3(&("the-block/flag-setting/v1", base, above, setting, members).encode())
                }
            };
            found.push((path.clone(), digest));
        }
        FlagDigests { base, at: found }
    }

    fn members(&self, setting: &Setting) -> Vec<(Name, Option<&SegmentMembers>)> {
        let named = setting.targeting.segments().into_iter();
        named.map(|name| (name.clone(), self.segments.get(name).map(|segment| &segment.members))).collect()
    }
}

/// What is at a path, among what is in the order of its paths.
fn at<'a, T>(all: &'a [(Path, T)], path: &Path) -> Option<&'a T> {
    let place = all.binary_search_by(|(other, _)| other.cmp(path)).ok()?;
    all.get(place).map(|(_, found)| found)
}

/// Whether its day has come and was told of; by what is stored, so that nothing changes but by a block.
fn is_expired(state: &State, plan: &Name, defined: &DefinedFlag) -> bool {
    match defined.flag.expires {
        Expiry::At(time) => !EXPIRIES.contains(state, &(time, plan.clone(), defined.flag.key.clone())),
        Expiry::Never => false,
    }
}
