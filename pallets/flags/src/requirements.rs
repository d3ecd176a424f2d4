//! Which flag goes off with which, and where: read once for a whole change, however many flags and paths it is about (ROLLOUTS 6.2).

use crate::counts::few;
use crate::resolve::may_serve;
use crate::targeting::Targeting;
use crate::{Error, Flag, queries, storage::*};
use primitives::{Name, Path};
use state::State;
use std::collections::{BTreeMap, BTreeSet};

/// Flags of a plan that require others, with everything that is set and disabled of them and of what they require.
#[derive(Debug, Clone)]
pub struct FlagRequirements {
    flags: BTreeMap<Name, DecidedFlag>,
    order: Vec<Name>,
}

/// A flag, and everything that decides what it serves anywhere.
#[derive(Debug, Clone)]
struct DecidedFlag {
    flag: Flag,
    settings: BTreeMap<Path, Targeting>,
    disabled: BTreeSet<Path>,
}

/// What [reading them](FlagRequirements::among) takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequirementsCost {
    /// How many rows it reads.
    pub rows: u32,
    /// At how many paths at most a flag goes off because another does.
    pub places: u32,
}

impl DecidedFlag {
    fn read(state: &State, plan: &Name, key: &Name) -> Option<Self> {
        let flag = queries::flag(state, plan, key)?.flag;
        let settings = queries::settings(state, plan, key).map(|(path, setting)| (path, setting.targeting));
        let disabled = queries::disablings(state, plan, key).map(|(path, _)| path);
        Some(Self { flag, settings: settings.collect(), disabled: disabled.collect() })
    }

    fn served_at(&self, path: &Path) -> BTreeSet<u8> {
        let is_disabled = path.ancestors().any(|above| self.disabled.contains(&above));
        let above: Vec<Path> = path.ancestors().collect();
        may_serve(&self.flag, is_disabled, above.iter().filter_map(|above| self.settings.get(above)))
    }

    fn is_on_for_some(&self, path: &Path) -> bool {
        self.served_at(path).into_iter().any(|variant| self.flag.is_on(variant))
    }

    fn is_on_for_all(&self, path: &Path) -> bool {
        self.served_at(path).into_iter().all(|variant| self.flag.is_on(variant))
    }

    fn places(&self) -> impl Iterator<Item = &Path> {
        self.settings.keys().chain(&self.disabled)
    }
}

/// Some flags, and all that require one of them, by way of others too.
fn concerned<'k>(
    state: &State,
    plan: &Name,
    moved: impl IntoIterator<Item = &'k Name>,
) -> BTreeMap<Name, BTreeSet<Name>> {
    let mut to_come: Vec<Name> = moved.into_iter().cloned().collect();
    let mut found = BTreeMap::new();
    while let Some(key) = to_come.pop() {
        if found.contains_key(&key) {
            continue;
        }
        to_come.extend(queries::required_by(state, plan, &key));
        let flag = queries::flag(state, plan, &key);
        let requires = flag.map(|defined| defined.flag.requires.iter().cloned().collect());
        found.insert(key, requires.unwrap_or_default());
    }
    found
}

impl FlagRequirements {
    /// Those that may go off when some flags of a plan move.
    pub fn among<'k>(state: &State, plan: &Name, moved: impl IntoIterator<Item = &'k Name>) -> Self {
        let concerned = concerned(state, plan, moved);
        let mut flags = BTreeMap::new();
        for (key, requires) in concerned.iter().filter(|(_, requires)| !requires.is_empty()) {
            for read in requires.iter().chain([key]) {
                if !flags.contains_key(read) {
                    flags.extend(DecidedFlag::read(state, plan, read).map(|decided| (read.clone(), decided)));
                }
            }
        }
        Self { flags, order: ordered(&concerned) }
    }

    /// What reading those takes, when they move at so many paths; reads the definitions of flags, and of each how much there is.
    pub fn cost<'k>(
        state: &State,
        plan: &Name,
        moved: impl IntoIterator<Item = &'k Name>,
        paths: u32,
    ) -> RequirementsCost {
        let concerned = concerned(state, plan, moved);
        let decided = |key: &Name| PLACES.get(state, &(plan.clone(), key.clone())).unwrap_or_default();
        let (mut rows, mut places) = (0_u32, 0_u32);
        for (key, requires) in &concerned {
            // Itself, and that another requires it.
            rows = rows.saturating_add(2).saturating_add(few(requires.len()));
            if !requires.is_empty() {
                let all = requires.iter().chain([key]).map(&decided).fold(0, u32::saturating_add);
                rows = rows.saturating_add(all).saturating_add(few(requires.len())).saturating_add(1);
                // Where it is set already, and where something moves that it requires.
                places = places.saturating_add(all).saturating_add(paths);
            }
        }
        RequirementsCost { rows, places }
    }

    /// The flags that require others, each after those of them that it requires.
    pub fn order(&self) -> &[Name] {
        &self.order
    }

    /// What a flag requires.
    pub fn requires(&self, key: &Name) -> impl Iterator<Item = &Name> {
        self.flags.get(key).into_iter().flat_map(|decided| &decided.flag.requires)
    }

    /// Some paths, and every one below them at which the flag, or one that it requires, is set or disabled. What any other path below serves
    /// is what the nearest of these above it serves.
    pub fn decided(&self, key: &Name, paths: &BTreeSet<Path>) -> BTreeSet<Path> {
        let keys = self.requires(key).chain([key]);
        let places = keys.filter_map(|key| self.flags.get(key)).flat_map(DecidedFlag::places);
        let is_below = |place: &&Path| place.ancestors().any(|above| paths.contains(&above));
        places.filter(is_below).chain(paths).cloned().collect()
    }

    /// Why a flag may not stand as it does at a path: it is on for somebody there, and something that it requires is not for everybody.
    pub fn missing(&self, key: &Name, path: &Path) -> Option<Error> {
        let own = self.flags.get(key).filter(|own| own.is_on_for_some(path))?;
        let is_missing = |required: &&Name| !self.flags.get(*required).is_some_and(|other| other.is_on_for_all(path));
        let requires = own.flag.requires.iter().find(is_missing)?.clone();
        Some(Error::Prerequisite { key: key.clone(), requires, path: path.clone() })
    }

    /// A flag is set to something at a path from now on.
    pub fn set(&mut self, key: &Name, path: &Path, targeting: &Targeting) {
        if let Some(decided) = self.flags.get_mut(key) {
            decided.settings.insert(path.clone(), targeting.clone());
        }
    }

    /// A flag is disabled at a path from now on.
    pub fn disable(&mut self, key: &Name, path: &Path) {
        if let Some(decided) = self.flags.get_mut(key) {
            decided.disabled.insert(path.clone());
        }
    }
}

/// Those that require something, each after what it requires. No flag requires itself, by way of others either: one is defined after what
/// it requires, and a plan with such a circle is none.
fn ordered(concerned: &BTreeMap<Name, BTreeSet<Name>>) -> Vec<Name> {
    let mut left: BTreeSet<&Name> = concerned.iter().filter(|(_, of)| !of.is_empty()).map(|(key, _)| key).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waits = |key: &&Name| {
            concerned.get(*key).is_some_and(|requires| requires.iter().any(|required| left.contains(required)))
        };
        let ready: Vec<&Name> = left.iter().copied().filter(|key| !waits(key)).collect();
        // Without one that waits for none of the others there is a circle; then any order does.
        let next = if ready.is_empty() { left.iter().copied().collect() } else { ready };
        for key in &next {
            left.remove(*key);
        }
        order.extend(next.into_iter().cloned());
    }
    order
}
