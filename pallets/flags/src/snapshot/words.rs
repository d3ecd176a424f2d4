//! The texts, attributes and scopes that the flags of a plan name, each with its number.

use super::names::{Interner, NO_PLACE};
use crate::rule::TARGETING_KEY;
use std::sync::Arc;

/// Where the targeting key is in a context: behind the 64 attributes that the rules of a plan may ask beside it.
pub(super) const KEY_SLOT: u8 = 64;

/// How many texts may have a number before those that nothing names any more are dropped, by compiling everything anew: twice what the
/// rules of a plan and its segments can have.
const MOST_TEXTS: usize = 65_536;

/// What has a number. Numbers are shared by the snapshots that follow one another, and only ever added.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    texts: Arc<Interner>,
    attributes: Arc<Interner>,
    scopes: Arc<Interner>,
}

impl Words {
    /// Whether there are so many that it is time to begin anew.
    pub fn are_too_many(&self) -> bool {
        let too_many = |all: &Interner, most: usize| all.len() > most;
        too_many(&self.texts, MOST_TEXTS)
            || too_many(&self.scopes, MOST_TEXTS)
            || too_many(&self.attributes, usize::from(KEY_SLOT))
    }

    /// The number of a text that a rule compares with, or that is the member of a segment; [`NO_PLACE`] for any other.
    #[inline]
    pub fn symbol_of(&self, text: &str) -> u32 {
        self.texts.find(text).unwrap_or(NO_PLACE)
    }

    pub fn symbol(&mut self, text: &str) -> u32 {
        Interner::number(&mut self.texts, text)
    }

    /// Where the attribute of that name is in a context; none when no rule asks it.
    #[inline]
    pub fn slot_of(&self, attribute: &str) -> Option<u8> {
        slot_of_key(attribute).or_else(|| self.attributes.find(attribute).and_then(slot))
    }

    /// None for more attributes than a plan may ask, which no change that was admitted does.
    pub fn slot(&mut self, attribute: &str) -> Option<u8> {
        slot_of_key(attribute).or_else(|| slot(Interner::number(&mut self.attributes, attribute)))
    }

    /// The number of a scope, by its path; none when nothing is set or disabled there.
    #[inline]
    pub fn scope_of(&self, path: &str) -> Option<u32> {
        self.scopes.find(path)
    }

    pub fn scope(&mut self, path: &str) -> u32 {
        Interner::number(&mut self.scopes, path)
    }
}

fn slot_of_key(attribute: &str) -> Option<u8> {
    (attribute == TARGETING_KEY).then_some(KEY_SLOT)
}

fn slot(number: u32) -> Option<u8> {
    u8::try_from(number).ok().filter(|slot| *slot < KEY_SLOT)
}
