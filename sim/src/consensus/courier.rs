//! How what a machine knows against others comes on chain: the node's courier (`node/src/evidence.rs`), without its files and threads.
//!
//! What the core notices is an offence by the node's own function. After each block every offence is judged as the chain would judge
//! it: what is punished, or can never be, is forgotten; the rest is sent when this machine's turn has come, and again until it is in a
//! block.

use super::PUNISHED;
use super::machine::Machine;
use super::scene::Scene;
use super::setting::BrokenRule;
use primitives::{AccountId, Epoch, Height, Moment};
use runtime::{Lane, testing};
use staking::{Error, Offence};
use state::{Decide as _, State};
use the_block::own::LIFETIME;

/// An offence, as far as punishing it goes.
pub(super) type Key = (Epoch, AccountId);

/// What a machine knows against another one.
#[derive(Clone, Debug)]
pub(super) struct Noticed {
    pub offence: Offence,
    /// How many blocks this machine had taken part in then.
    live_blocks: u64,
}

/// What is to be done with an offence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Send,
    Wait,
    Forget,
}

impl Machine {
    /// Keeps what others did, before the next height empties the log from which it would be known after a crash.
    pub(super) fn contradicted(&mut self, offences: Vec<Offence>, scene: &mut Scene<'_>) {
        for offence in offences {
            let of = (offence.height().epoch(scene.setting.epoch_length()), offence.validator());
            if self.home.evidence.read().contains_key(&of) {
                continue;
            }
            if self.is_honest() {
                scene.oracle.knows(of);
                let (place, height) = (self.place, offence.height());
                scene.tell(|| format!("{place} knows that {} contradicted itself at {height}", offence.validator()));
            }
            let noticed = Noticed { offence, live_blocks: self.live_blocks };
            self.home.evidence.write().insert(of, noticed);
            self.home.evidence.sync();
        }
    }

    /// Looks at what is known, after a block.
    pub(super) fn brings_evidence(&mut self, scene: &mut Scene<'_>) {
        if !self.is_honest() {
            return;
        }
        let known: Vec<(Key, Noticed)> = self.home.evidence.read().iter().map(|(of, it)| (*of, it.clone())).collect();
        for (of, noticed) in known {
            match self.course(&noticed.offence) {
                Course::Wait => {}
                Course::Send => {
                    self.holds_against(of, &noticed, scene);
                    self.sends(of, &noticed.offence, scene);
                }
                Course::Forget => {
                    self.home.evidence.write().remove(&of);
                    self.home.evidence.sync();
                    if let Some(life) = &mut self.life {
                        life.not_before.remove(&of);
                    }
                }
            }
        }
    }

    /// What the chain would say, whoever brings it.
    fn course(&self, offence: &Offence) -> Course {
        let state = State::over(&self.ledger.storage().state);
        let call = staking::Call::Evidence(Box::new(offence.clone()));
        match call.decide(&state, self.next_moment(), AccountId([0; 32])) {
            Ok(_) => Course::Send,
            Err(Error::OutOfReach { epoch, newest, .. }) if epoch > newest => Course::Wait,
            Err(Error::Undecided(_)) => Course::Wait,
            Err(_) => Course::Forget,
        }
    }

    /// The property: who takes part sees what it knows of punished within a bound.
    fn holds_against(&self, (epoch, validator): Key, noticed: &Noticed, scene: &mut Scene<'_>) {
        let bound = scene.setting.blocks_until_punished();
        let passed = self.live_blocks.saturating_sub(noticed.live_blocks);
        if passed == bound.saturating_add(1) {
            let place = self.place;
            let what = format!(
                "machine {place} has known for {passed} blocks that {validator} contradicted itself in epoch {epoch}, and it is not \
                 punished"
            );
            scene.broken(&PUNISHED, what);
        }
    }

    fn sends(&mut self, of: Key, offence: &Offence, scene: &mut Scene<'_>) {
        if scene.setting.broken == Some(BrokenRule::DoubleVoteUnpunished) {
            return;
        }
        let height = self.height();
        let first = height.plus(self.turn(of));
        let Some(life) = &mut self.life else { return };
        if height < *life.not_before.entry(of).or_insert(first) {
            return;
        }
        let call = testing::evidence(offence.clone());
        let key = self.key.clone();
        if self.submits(&key, Lane::Node, call, scene).is_ok()
            && let Some(life) = &mut self.life
        {
            life.not_before.insert(of, height.plus(LIFETIME).next());
        }
    }

    /// How many blocks this machine leaves to others: its place in the set, counted from another member for each offence.
    fn turn(&self, (epoch, validator): Key) -> u64 {
        let set = self.ledger.validators(self.height().next()).unwrap_or_default();
        let others = set.validators.iter().map(|member| member.account).filter(|account| *account != validator);
        let others: Vec<AccountId> = others.collect();
        let (count, me) = (others.len() as u64, self.key.account());
        let place = others.iter().position(|account| *account == me).map_or(count, |place| place as u64);
        let begins = epoch.0.checked_rem(count).unwrap_or_default();
        if place >= begins { place - begins } else { place + count - begins }
    }

    /// The last committed height.
    pub(super) fn height(&self) -> Height {
        self.ledger.head().at.height
    }

    /// The moment of the next block, as far as it is known.
    pub(super) fn next_moment(&self) -> Moment {
        let (at, state) = (self.ledger.head().at, State::over(&self.ledger.storage().state));
        runtime::moment_of(&state, at.height.next(), at.time.next())
    }
}
