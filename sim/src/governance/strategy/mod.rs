//! What an attacker with less than a third of the stake can try: one strategy in each file.

mod cancel;
mod censor;
mod dust;
mod flip;
mod full;
mod gap;
mod grab;
mod grief;
mod leave;
mod places;
mod sealed;
mod veto;

use super::arena::Arena;
use super::cast::{Post, Side};
use super::costs::Costs;
use super::known::{Known, Live};
use super::outcome::Outcome;
use super::properties;
use crate::chance::Chance;
use crate::property::Property;
use ::governance::{Choice, TrackName};
use primitives::{Amount, Epoch, ProposalId};
use rpc::SubmitError;
use runtime::{Call, Motion, testing};
use serde::Serialize;
use std::fmt;
use the_block::mempool::Admitted;

/// The strategies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum StrategyName {
    /// Proposes what others want before they do, and takes it back once they have voted (H3 b).
    Veto,
    /// Takes every place that all proposers share, for as long as the rules let it, and renews that (H3 a).
    Places,
    /// Delegates dust to everybody, takes it back, and has it vote for itself (H4).
    Dust,
    /// Votes at once on routine motions, so that taking a mistake back costs the deposit.
    Grief,
    /// Copies a release with its signatures under a seal, and never opens it (H3 c, H9).
    Sealed,
    /// Votes for a motion and changes sides when its vote ends.
    Flip,
    /// Votes against a motion and takes its stake away at once.
    Leave,
    /// Sends transactions whose turn cannot come, at any fee (H2).
    Gap,
    /// Fills blocks with long ballots that pay more than most.
    Full,
    /// Leaves honest transactions out of the blocks that it proposes.
    Censor,
    /// Proposes to stop what is voted on.
    Cancel,
    /// Proposes what nobody else wants, and votes for it with all it has.
    Grab,
}

impl StrategyName {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Veto,
        Self::Places,
        Self::Dust,
        Self::Grief,
        Self::Sealed,
        Self::Flip,
        Self::Leave,
        Self::Gap,
        Self::Full,
        Self::Censor,
        Self::Cancel,
        Self::Grab,
    ];

    /// Its name, as it is typed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Veto => "veto",
            Self::Places => "places",
            Self::Dust => "dust",
            Self::Grief => "grief",
            Self::Sealed => "sealed",
            Self::Flip => "flip",
            Self::Leave => "leave",
            Self::Gap => "gap",
            Self::Full => "full",
            Self::Censor => "censor",
            Self::Cancel => "cancel",
            Self::Grab => "grab",
        }
    }

    /// What shows that it did something at all.
    pub fn bite(self) -> &'static Property {
        match self {
            Self::Veto => &properties::VETO_REFUSED,
            Self::Places => &properties::PLACES_TAKEN,
            Self::Dust => &properties::BALLOT_LIGHTER,
            Self::Grief => &properties::DEPOSIT_LOST,
            Self::Sealed => &properties::NEVER_OPENED,
            Self::Flip => &properties::FLIPPED,
            Self::Leave => &properties::LEFT_AFTER_VOTING,
            Self::Gap => &properties::KEPT_APART,
            Self::Full => &properties::WAITED,
            Self::Censor => &properties::LEFT_OUT,
            Self::Cancel => &properties::STOP_REJECTED,
            Self::Grab => &properties::GRAB_REJECTED,
        }
    }

    /// It, with nothing done yet.
    pub fn begin(self) -> Box<dyn Strategy> {
        match self {
            Self::Veto => Box::new(veto::Veto::default()),
            Self::Places => Box::new(places::Places),
            Self::Dust => Box::new(dust::Dust::default()),
            Self::Grief => Box::new(grief::Grief::default()),
            Self::Sealed => Box::new(sealed::Sealed::default()),
            Self::Flip => Box::new(flip::Flip::default()),
            Self::Leave => Box::new(leave::Leave::default()),
            Self::Gap => Box::new(gap::Gap),
            Self::Full => Box::new(full::Full),
            Self::Censor => Box::new(censor::Censor),
            Self::Cancel => Box::new(cancel::Cancel::default()),
            Self::Grab => Box::new(grab::Grab::default()),
        }
    }
}

impl fmt::Display for StrategyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What an attacker does.
pub trait Strategy {
    /// Acts before each block.
    fn act(&mut self, field: &mut Field<'_, '_>);

    /// Whether its proposers leave out what honest accounts send.
    fn censors(&self) -> bool {
        false
    }

    /// Makes good what would hinder the next strategy. It is asked before each block after the last of the campaign,
    /// until it is done.
    fn is_done(&mut self, _field: &mut Field<'_, '_>) -> bool {
        true
    }
}

/// What a strategy sees, and what it can do.
pub struct Field<'a, 'c> {
    /// The chain and its pool.
    pub arena: &'a mut Arena<'c>,
    /// The proposals that are live.
    pub live: &'a Live,
    /// Chance of its own.
    pub chance: &'a mut Chance,
    /// What it sent.
    pub costs: &'a mut Costs,
    /// What is counted.
    pub outcome: &'a mut Outcome,
    /// Which it is.
    pub name: StrategyName,
}

impl Field<'_, '_> {
    /// The epoch of the next block.
    pub fn now(&self) -> Epoch {
        self.arena.next().epoch
    }

    /// The attacker's accounts whose stake weighs.
    pub fn hands(&self) -> Vec<usize> {
        self.arena.cast.with_stake(Side::Hostile)
    }

    /// The attacker's accounts with next to no stake.
    pub fn dust(&self) -> Vec<usize> {
        self.arena.cast.of(Side::Hostile, Post::Dust)
    }

    /// All of the attacker's accounts.
    pub fn everybody(&self) -> Vec<usize> {
        let mut all = self.hands();
        all.extend(self.dust());
        all
    }

    /// The honest motions that take votes.
    pub fn honest(&self) -> Vec<Known> {
        let now = self.now();
        self.live.values().filter(|known| known.side == Side::Honest && known.is_open(now)).cloned().collect()
    }

    /// The proposals that this strategy made and that are live.
    pub fn own(&self) -> Vec<Known> {
        self.live.values().filter(|known| known.strategy == Some(self.name)).cloned().collect()
    }

    /// Whether the chain would grant a call of somebody, as things stand.
    pub fn may(&self, who: usize, call: &Call) -> bool {
        self.arena.refusal(who, call).is_none()
    }

    /// Sends a call for so many times the least fee. Gives whether it is ready for a block.
    pub fn send(&mut self, who: usize, call: Call, times: u64) -> bool {
        let sent = self.arena.submit(who, call, times);
        self.remember(sent)
    }

    /// The same with a nonce that is given.
    pub fn send_as(&mut self, who: usize, nonce: u64, call: Call, times: u64) -> bool {
        let sent = self.arena.submit_as(who, nonce, call, times);
        self.remember(sent)
    }

    fn remember(&mut self, sent: Result<Admitted, SubmitError>) -> bool {
        let (name, height) = (self.name, self.arena.chain.height().0);
        let attack = self.outcome.attack(name);
        attack.sent += 1;
        let ready = sent.as_ref().is_ok_and(|admitted| admitted.ready);
        attack.kept_out += u64::from(!ready);
        if let Ok(admitted) = sent {
            self.costs.sends(admitted.hash, name, height);
        }
        ready
    }

    /// Has the first account propose that has a place for it and nothing in the pool. Gives whether one does.
    pub fn propose(
        &mut self,
        track: TrackName,
        motion: &Motion,
        window: (Option<Epoch>, Option<u64>),
        times: u64,
    ) -> bool {
        let call = testing::propose_for(track, motion.clone(), window.0, window.1);
        let can = |who: &usize| !self.arena.waits(*who) && self.may(*who, &call);
        match self.hands().into_iter().find(can) {
            Some(who) => self.send(who, call, times),
            None => false,
        }
    }

    /// Has every account vote whose stake weighs and that can.
    pub fn vote_all(&mut self, id: ProposalId, choice: Choice, times: u64) {
        let call = testing::vote(id.0, choice, None);
        for who in self.hands() {
            if self.may(who, &call) {
                self.send(who, call.clone(), times);
            }
        }
    }

    /// What somebody has bonded to a validator, all changes included.
    pub fn bonded(&self, who: usize, to: usize) -> Amount {
        let (who, to) = (self.arena.account(who), self.arena.account(to));
        self.arena.chain.ask(|state| staking::queries::bonded(state, &who, &to))
    }
}

/// A release that signers signed once and nobody wants; there are many.
fn unwanted(field: &mut Field<'_, '_>) -> Motion {
    let cast = field.arena.cast;
    let vote = field.chance.pick(&cast.unwanted).cloned().unwrap_or_else(|| cast.release("unwanted", 0));
    testing::approve(vote)
}
