//! The home of a node: two slots, the link to one of them, and the journal, on a disk that loses what was not synced.

use crate::chance::Chance;
use crate::disk::Disk;
use primitives::BuildHash;
use update::{Journal, Slot, Step};

/// The bytes that lie in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// None.
    Nothing,
    /// A whole build, by its number.
    Whole(usize),
    /// A part of one.
    Torn(usize),
}

/// What lies on the disk of a node. Each part is synced by itself.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// The journal.
    pub journal: Disk<Journal>,
    /// Where `current` leads to.
    pub link: Disk<Slot>,
    slots: [Disk<Content>; 2],
}

impl Home {
    /// As a first installation leaves it: the first build in the first slot.
    pub fn adopted(first: BuildHash) -> Self {
        let mut journal = Journal::default();
        journal.record(Slot::A, first);
        Self {
            journal: Disk::new(journal),
            link: Disk::new(Slot::A),
            slots: [Disk::new(Content::Whole(0)), Disk::new(Content::Nothing)],
        }
    }

    /// The journal as it is opened: a move that was interrupted is taken for done or not by where the link leads.
    pub fn journal(&self) -> Journal {
        let mut journal = self.journal.read().clone();
        if matches!(journal.step, Step::Switching { .. }) {
            journal.resolve(Some(self.live()));
        }
        journal
    }

    /// What is under way, of the journal as it is opened.
    pub fn step(&self) -> Step {
        match &self.journal.read().step {
            Step::Switching { .. } => self.journal().step,
            step => step.clone(),
        }
    }

    /// Whether what runs has still to prove itself.
    pub fn is_on_trial(&self) -> bool {
        matches!(self.step(), Step::Trying { .. })
    }

    /// Writes the journal, and returns once it is on the disk.
    pub fn save(&mut self, journal: Journal) {
        *self.journal.write() = journal;
        self.journal.sync();
    }

    /// Changes the journal as it is opened, and writes it.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Journal) -> T) -> T {
        let mut journal = self.journal();
        let changed = change(&mut journal);
        self.save(journal);
        changed
    }

    /// The slot that runs.
    pub fn live(&self) -> Slot {
        *self.link.read()
    }

    /// What lies in a slot.
    pub fn content(&self, slot: Slot) -> Content {
        *self.slots[index(slot)].read()
    }

    /// The disk of a slot.
    pub fn slot(&mut self, slot: Slot) -> &mut Disk<Content> {
        &mut self.slots[index(slot)]
    }

    /// The machine goes down. Of what was not synced, each part is on the disk or not, as chance has it.
    pub fn crash(&mut self, chance: &mut Chance) {
        let mut survives = || chance.below(2) == 0;
        lose(&mut self.journal, survives());
        lose(&mut self.link, survives());
        for slot in &mut self.slots {
            lose(slot, survives());
        }
    }
}

fn lose<T: Clone>(disk: &mut Disk<T>, survives: bool) {
    if survives {
        disk.sync();
    }
    disk.crash();
}

fn index(slot: Slot) -> usize {
    match slot {
        Slot::A => 0,
        Slot::B => 1,
    }
}
