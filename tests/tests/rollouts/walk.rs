//! The way of a change through the plan, as stories begin with it: approved, in its window, carried out, closed.
#![allow(dead_code, reason = "each story uses a part of it")]

use crate::evidence::BUILD;
use crate::founding::Founding;
use crate::network::{DAY, HOUR, Network};
use crate::people::{commander, promotes};
use governance::Choice;
use primitives::{ChangeId, Timestamp};
use rollouts::change::{ChangeDraft, ChangeState};

/// How long the soak of testnet is.
pub const SOAK: u64 = 48 * HOUR;
/// How long ahead of it the window of mainnet is announced.
pub const NOTICE: u64 = 14 * DAY;
/// How long that may be.
pub const LONGEST_WINDOW: u64 = 8 * HOUR;

/// The days and the hour at which the windows of a stage begin that are every week.
fn weekly(stage: &str) -> (&'static [u64], u64) {
    match stage {
        "development" => (&[0, 1, 2, 3, 4, 5, 6], 8),
        "testnet" => (&[1, 3], 9),
        "canary" => (&[2], 9),
        other => panic!("the windows of {other} are announced"),
    }
}

impl Network {
    /// When the next window of a stage begins, more than two hours ahead.
    pub fn window_of(&self, stage: &str) -> Timestamp {
        let (days, hour) = weekly(stage);
        self.next_window(days, hour)
    }

    /// A change of the commander for which everybody has said what is asked, and which two thirds of the council agree to.
    pub fn approved(&mut self, draft: ChangeDraft) -> ChangeId {
        let change = self.submitted(commander().submits(draft));
        self.agreed(change);
        change
    }

    /// The same of one that is submitted.
    pub fn agreed(&mut self, change: ChangeId) {
        self.answer(change);
        let enough = self.two_thirds();
        self.council(change, enough, Choice::Yes);
        assert_eq!(self.progress(change).state, ChangeState::Approved, "unmet: {:?}", self.unmet(change));
    }

    /// Waits until an hour before a moment; there everybody says again what has become too old, and each node advertises. Then it waits
    /// until a block stands at the moment.
    pub fn ready_at(&mut self, change: ChangeId, moment: Timestamp) {
        self.wait_until(moment.minus(HOUR));
        self.answer(change);
        self.advertise_all();
        self.wait_until(moment);
    }

    /// A change of the commander that is approved and carried out in the next window of a stage.
    pub fn carried_out(&mut self, draft: ChangeDraft, stage: &str) -> ChangeId {
        let change = self.approved(draft);
        self.epochs(3);
        let window = self.window_of(stage);
        self.ready_at(change, window);
        self.granted(commander().executes(change));
        change
    }

    /// Everybody says what a change owes, and the commander closes it.
    pub fn closed(&mut self, change: ChangeId) {
        self.answer_duties(change);
        self.granted(commander().closes(change));
        assert_eq!(self.progress(change).state, ChangeState::Closed);
    }
}

/// A sealed network in development where the soak of testnet is over in an hour, with a council of seven, whose list for testnet lacks
/// that and the vote.
pub fn before_testnet() -> (Network, ChangeId) {
    let mut network = Founding::at("development").council(7).network();
    let build = network.release();
    network.state_baselines("development", 80);
    let change = network.submitted(commander().submits(promotes("testnet", build)));
    network.run_until(SOAK - HOUR);
    network.answer(change);
    (network, change)
}

/// The same, approved, in the epoch in which the stake could not stop it any more. Its next window begins on the Thursday.
pub fn approved_for_testnet() -> (Network, ChangeId) {
    let (mut network, change) = before_testnet();
    network.run_until(SOAK);
    network.agreed(change);
    network.epochs(3);
    (network, change)
}

/// The genesis of a network that begins at canary, with two validators whose presence is paid for and two that witness.
pub fn canary() -> Founding {
    Founding::at("canary").segment("canary_validators", &[0, 1]).segment("canary_witnesses", &[2, 3])
}

impl Network {
    /// A promotion to mainnet for which a window was announced two weeks ahead, and which is approved. Asks that canary has soaked.
    pub fn announced_for_mainnet(&mut self) -> (ChangeId, Timestamp) {
        let change = self.submitted(commander().submits(promotes("mainnet", BUILD)));
        let from = self.at.time.plus(NOTICE + HOUR);
        self.granted(commander().announces(change, from, from.plus(LONGEST_WINDOW)));
        self.agreed(change);
        (change, from)
    }
}

/// A network on which mainnet was entered from canary in the first second of its window, and nothing was said since.
pub fn entered_mainnet() -> (Network, ChangeId) {
    let mut network = canary().network();
    network.release();
    network.begin(8);
    let (change, from) = network.announced_for_mainnet();
    network.ready_at(change, from);
    network.granted(commander().executes(change));
    (network, change)
}
