//! Whose flags are compiled next: each plan about which something was written has its turn before any has its second, however often blocks
//! write about one of them.

use flags::TouchedFlags;
use primitives::Name;
use std::collections::BTreeSet;

/// What was written about a plan since its last turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unread {
    /// What is to be read again.
    Touched(TouchedFlags),
    /// Nobody can name all of it.
    Everything,
}

/// The plans, each with what waits for its turn.
#[derive(Debug)]
pub(crate) struct CompilingTurns {
    waiting: Vec<(Name, Option<Unread>)>,
    /// The place of the one that is looked at first.
    next: usize,
}

impl CompilingTurns {
    /// For these plans, of which nothing was read yet.
    pub fn of(names: Vec<Name>) -> Self {
        Self { waiting: names.into_iter().map(|name| (name, Some(Unread::Everything))).collect(), next: 0 }
    }

    /// Notes the keys that blocks wrote; none when there were too many to keep. Each plan has a turn for them, which costs next to nothing
    /// where they are about others.
    pub fn note(&mut self, written: Option<&BTreeSet<Vec<u8>>>) {
        if written.is_some_and(BTreeSet::is_empty) {
            return;
        }
        for (name, unread) in &mut self.waiting {
            let more = written.map(|keys| TouchedFlags::of(name, keys.iter().map(Vec::as_slice)));
            *unread = Some(match (unread.take(), more) {
                (Some(Unread::Touched(mut before)), Some(more)) => {
                    before.join(more);
                    Unread::Touched(before)
                }
                (None, Some(more)) => Unread::Touched(more),
                (Some(Unread::Everything), _) | (_, None) => Unread::Everything,
            });
        }
    }

    /// The place of the plan whose turn it is, with what it waits for; none when none waits.
    pub fn take(&mut self) -> Option<(usize, Unread)> {
        let count = self.waiting.len();
        for place in (0..count).map(|step| (self.next + step) % count) {
            if let Some(unread) = self.waiting.get_mut(place).and_then(|(_, unread)| unread.take()) {
                self.next = place + 1;
                return Some((place, unread));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::name;

    fn keys(keys: &[&[u8]]) -> BTreeSet<Vec<u8>> {
        keys.iter().map(|key| key.to_vec()).collect()
    }

    #[test]
    fn e09_a_plan_about_which_every_block_writes_holds_up_no_other() {
        let mut turns = CompilingTurns::of(["busy", "pos", "trunk"].map(name).into());
        let mut order = Vec::new();
        for _ in 0..9 {
            turns.note(Some(&keys(&[b"flags/flags/busy\0a\0"])));
            order.push(turns.take().unwrap().0);
        }
        assert_eq!(order, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn what_waits_for_a_turn_is_gathered_until_it_comes_and_nothing_is_lost() {
        let mut turns = CompilingTurns::of(["pos", "trunk"].map(name).into());
        assert_eq!(
            [turns.take(), turns.take(), turns.take()],
            [Some((0, Unread::Everything)), Some((1, Unread::Everything)), None]
        );
        turns.note(Some(&keys(&[])));
        assert_eq!(turns.take(), None, "a block that wrote nothing wakes nobody");
        let written = [keys(&[b"flags/flags/pos\0a\0"]), keys(&[b"flags/flags/pos\0b\0"])];
        written.iter().for_each(|written| turns.note(Some(written)));
        let all = written.iter().flatten().map(Vec::as_slice);
        assert_eq!(turns.take(), Some((0, Unread::Touched(TouchedFlags::of(&name("pos"), all)))));
        assert_eq!(turns.take(), Some((1, Unread::Touched(TouchedFlags::default()))));
        turns.note(Some(&written[0]));
        turns.note(None);
        assert_eq!([turns.take(), turns.take()], [Some((0, Unread::Everything)), Some((1, Unread::Everything))]);
    }
}
