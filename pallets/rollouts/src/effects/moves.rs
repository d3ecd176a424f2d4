//! The effects of one change while they are put together.

use crate::Error;
use crate::change::{Effected, FlagSide, MOST_EFFECTED_BYTES, MOST_EFFECTS};
use parity_scale_codec::Encode;
use primitives::{List, Name, Path, Text};
use state::State;
use std::collections::BTreeMap;

/// What moves: each flag once at a path, each segment once.
pub(super) struct Moves<'s> {
    state: &'s State<'s>,
    plan: &'s Name,
    flags: BTreeMap<(Name, Path), FlagMove>,
    segments: Vec<Effected>,
}

/// How a flag stands at a path, and how it will.
struct FlagMove {
    before: FlagSide,
    after: FlagSide,
    /// Whether the change asked for it; otherwise it follows from what the change does.
    is_asked: bool,
}

impl<'s> Moves<'s> {
    pub fn of(state: &'s State<'s>, plan: &'s Name) -> Self {
        Self { state, plan, flags: BTreeMap::new(), segments: Vec::new() }
    }

    /// Moves a flag at a path.
    pub fn flag(&mut self, flag: &Name, path: &Path, is_asked: bool, change: impl FnOnce(&mut FlagSide)) {
        let (state, plan) = (self.state, self.plan);
        let moved = self.flags.entry((flag.clone(), path.clone())).or_insert_with(|| {
            let before = super::side(state, plan, flag, path);
            FlagMove { after: before.clone(), before, is_asked }
        });
        change(&mut moved.after);
    }

    /// Moves the members of a segment; who is in both lists is in it then.
    pub fn segment(&mut self, segment: &Name, add: &[Text<64>], remove: &[Text<64>]) {
        let before = flags::queries::segment(self.state, self.plan, segment).unwrap_or_default();
        let added: Vec<Text<64>> = add.iter().filter(|member| !before.contains(member)).cloned().collect();
        let goes = |member: &&Text<64>| before.contains(member) && !add.contains(member);
        let removed: Vec<Text<64>> = remove.iter().filter(goes).cloned().collect();
        if !added.is_empty() || !removed.is_empty() {
            let (added, removed) = (List::truncate_from(added), List::truncate_from(removed));
            self.segments.push(Effected::Segment { name: segment.clone(), added, removed });
        }
    }

    /// Whether the change asked for what moves of a flag at a path.
    pub fn asks_for(&self, flag: &Name, path: &Path) -> bool {
        self.flags.get(&(flag.clone(), path.clone())).is_some_and(|moved| moved.is_asked)
    }

    /// The flags that move, and where.
    pub fn places(&self) -> Vec<(Name, Path)> {
        self.flags.keys().cloned().collect()
    }

    /// What moves in the end, in the order of flags and paths, and then of the segments as they were asked for.
    pub fn effects(&self) -> Vec<Effected> {
        let moved = self.flags.iter().filter(|(_, moved)| moved.before != moved.after);
        let of_flags = moved.map(|((flag, path), moved)| Effected::Flag {
            flag: flag.clone(),
            path: path.clone(),
            before: moved.before.clone(),
            after: moved.after.clone(),
        });
        of_flags.chain(self.segments.iter().cloned()).collect()
    }

    /// The same, if one change may move so much.
    pub fn bounded(&self) -> Result<Vec<Effected>, Error> {
        let effects = self.effects();
        let number = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
        let (have, bytes) = (number(effects.len()), effects.encoded_size());
        if have > MOST_EFFECTS {
            return Err(Error::TooManyEffects { have, most: MOST_EFFECTS });
        }
        if bytes > MOST_EFFECTED_BYTES {
            return Err(Error::EffectsTooLarge { bytes: number(bytes), most: number(MOST_EFFECTED_BYTES) });
        }
        Ok(effects)
    }
}
