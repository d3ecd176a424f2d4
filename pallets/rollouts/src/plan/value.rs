//! Which values hold at a stage, and what moves on the way to it.

use super::{Plan, Stage};
use flags::Flag;
use primitives::Name;

/// What a flag serves at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServedVariant<'p> {
    /// The variant.
    pub variant: &'p Name,
    /// The segment that alone gets it, where there is one; all others have what the stage before serves.
    pub only: Option<&'p Name>,
}

/// A flag that serves something else at a stage than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueDelta<'p> {
    /// The flag.
    pub flag: &'p Name,
    /// What it served at the stage before, or before any stage stood.
    pub before: ServedVariant<'p>,
    /// What it serves at the stage.
    pub after: ServedVariant<'p>,
}

impl Plan {
    /// What every flag of the plan serves at a stage, in the order of the plan's flags (REQ-034): what the stage says, or else
    /// its fallback. What the stage's steps move is not in it. Nothing for a stage that is not of the plan.
    pub fn values_at(&self, stage: &Name) -> Vec<(&Name, ServedVariant<'_>)> {
        self.stage(stage).map(|stage| self.values(Some(stage))).unwrap_or_default()
    }

    /// The flags that serve something else at a stage than at the one before; at the first, than before any stage stood.
    pub fn delta(&self, stage: &Name) -> Vec<ValueDelta<'_>> {
        let after = self.values_at(stage);
        let before = self.values(self.predecessor(stage));
        let pairs = before.into_iter().zip(after);
        let both = pairs.map(|((flag, before), (_, after))| ValueDelta { flag, before, after });
        both.filter(|delta| delta.before != delta.after).collect()
    }

    /// What every flag serves at a stage, or before any stood. A flag whose fallback is none of its variants has no row, at no
    /// stage; such a plan is not taken.
    fn values<'p>(&'p self, stage: Option<&'p Stage>) -> Vec<(&'p Name, ServedVariant<'p>)> {
        self.flags.iter().filter_map(|flag| Some((&flag.key, served(flag, stage, fallback(flag)?)))).collect()
    }
}

/// The name of the variant that a flag serves where nothing is set.
fn fallback(flag: &Flag) -> Option<&Name> {
    flag.variant(flag.fallback).map(|variant| &variant.name)
}

fn served<'p>(flag: &'p Flag, stage: Option<&'p Stage>, fallback: &'p Name) -> ServedVariant<'p> {
    let Some(stage) = stage else { return ServedVariant { variant: fallback, only: None } };
    let said = stage.values.iter().find(|(key, _)| *key == flag.key);
    let limit = stage.limits.iter().find(|limit| limit.flag == flag.key);
    ServedVariant { variant: said.map_or(fallback, |(_, variant)| variant), only: limit.map(|limit| &limit.segment) }
}

/// [`Flag::is_on`], of a variant by its name. No for a variant that it has not.
pub(super) fn is_on(flag: &Flag, variant: &Name) -> bool {
    flag.place_of(variant).is_some_and(|place| flag.is_on(place))
}
