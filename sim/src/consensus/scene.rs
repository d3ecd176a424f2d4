//! Where everything of one future happens: time, links, letters, and who looks on.

use super::checker::Checker;
use super::hazards::Hazards;
use super::oracle::Oracle;
use super::setting::Setting;
use crate::chance::Chance;
use crate::links::{Links, Place};
use crate::property::Property;
use crate::run::Run;
use crate::world::{Moment, World};
use ::consensus::{Address, ChainContext};
use arc_malachitebft_core_consensus::{LivenessMsg, SignedConsensusMsg};
use primitives::Height;
use runtime::{Block, Certificate, Transaction};
use std::cell::Cell;
use std::rc::Rc;

/// What is to happen.
#[derive(Debug)]
pub(super) enum Happens {
    /// A letter arrives.
    Hear { to: Place, from: Place, letter: Rc<Letter> },
    /// A timeout of a process ends.
    Timer { place: Place, life: u32, id: u64 },
    /// A crash of the plan, by its number.
    Crash(usize),
    /// The machine of that crash is started again.
    Back(usize),
    /// A clock is set.
    Jump(usize),
    /// A bond is to change.
    Move(usize),
    /// Somebody pays.
    Pay,
    /// Everything is looked at.
    Watch,
}

/// What machines say to each other.
#[derive(Debug)]
pub(super) enum Said {
    /// A vote or a proposal.
    Consensus(SignedConsensusMsg<ChainContext>),
    /// A vote said again, or a certificate that helps a round along.
    Liveness(LivenessMsg<ChainContext>),
    /// A block for a round.
    Block(Offer),
    /// Transactions that wait.
    Pool(Vec<Transaction>),
    /// How far the sender has come.
    Tip(Height),
    /// The wish for decided blocks from a height on.
    Ask(Height),
    /// Decided blocks: encoded, with their certificates.
    Decided(Vec<(Height, Vec<u8>, Certificate)>),
}

/// A block that is streamed for a round.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub round: u32,
    /// The earlier round in which two thirds prevoted it, if it is proposed again.
    pub pol_round: Option<u32>,
    /// Who streams it.
    pub publisher: Address,
    pub block: Rc<Block>,
}

/// Something said, on its way to some.
#[derive(Debug)]
pub(super) struct Letter {
    pub said: Said,
    /// To whom a copy is on its way or has come, a bit each.
    sent: Cell<u64>,
}

impl Letter {
    fn by(from: Place, said: Said) -> Rc<Self> {
        Rc::new(Self { said, sent: Cell::new(bit(from)) })
    }

    /// Whether whoever hears it hands it on.
    fn is_gossip(&self) -> bool {
        matches!(self.said, Said::Consensus(_) | Said::Liveness(_) | Said::Block(_) | Said::Pool(_))
    }
}

fn bit(place: Place) -> u64 {
    u32::try_from(place).ok().and_then(|place| 1u64.checked_shl(place)).unwrap_or_default()
}

/// One future while it is played.
pub(super) struct Scene<'r> {
    pub setting: &'r Setting,
    pub plan: &'r Hazards,
    pub run: &'r mut Run,
    pub world: World<Happens>,
    pub links: Links,
    /// For what machines draw while they act.
    pub chance: Chance,
    pub checker: Checker,
    pub oracle: Oracle,
}

impl Scene<'_> {
    pub fn now(&self) -> Moment {
        self.world.now()
    }

    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        let now = self.now();
        self.run.tell(now, what);
    }

    pub fn broken(&mut self, property: &'static Property, what: impl Into<String>) {
        let now = self.now();
        self.run.broken(property, now, what);
    }

    /// Says something to everybody.
    pub fn say(&mut self, from: Place, said: Said) {
        let letter = Letter::by(from, said);
        self.post(from, &letter, 0..self.setting.places());
    }

    /// Says something to some.
    pub fn say_to(&mut self, from: Place, said: Said, to: &[Place]) {
        let letter = Letter::by(from, said);
        self.post(from, &letter, to.iter().copied());
    }

    /// Hands on what was heard to those that no copy is on its way to.
    pub fn hand_on(&mut self, by: Place, letter: &Rc<Letter>) {
        if letter.is_gossip() {
            self.post(by, letter, 0..self.setting.places());
        }
    }

    fn post(&mut self, from: Place, letter: &Rc<Letter>, to: impl IntoIterator<Item = Place>) {
        let now = self.now();
        for to in to {
            if letter.sent.get() & bit(to) != 0 {
                continue;
            }
            let arrivals = self.links.arrivals(now, from, to);
            if !arrivals.is_empty() {
                letter.sent.set(letter.sent.get() | bit(to));
            }
            for at in arrivals {
                self.world.at(at, Happens::Hear { to, from, letter: letter.clone() });
            }
        }
    }

    /// Another machine than this one.
    pub fn somebody_but(&mut self, place: Place) -> Place {
        let others = self.setting.places().saturating_sub(1) as u64;
        let drawn = usize::try_from(self.chance.below(others)).unwrap_or_default();
        if drawn >= place { drawn + 1 } else { drawn }
    }
}
