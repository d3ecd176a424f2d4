//! The honest side: it wants motions, finds them places, votes for them, and offers more for a transaction the longer
//! that waits.
//!
//! Nobody here knows who the attacker is. A motion that asks for what is wanted is voted for whoever proposed it, as
//! often as not. What nobody wants is voted against, if it is watched and there is time for all to vote: a few ballots
//! against a motion do nothing but bring it over its quorum. Validators say that they hold whatever is proposed, as
//! their nodes do by themselves.

use super::arena::Arena;
use super::cast::{Post, Side};
use super::known::Known;
use super::plan::{MARGIN, PlannedMotion, Subject};
use super::strategy::StrategyName;
use super::wallet::{Errand, Wallet};
use crate::chance::Chance;
use ::governance::{Choice, Event as Governance, GovernanceParams, Proposal, TrackName};
use primitives::{AccountId, BuildHash, Epoch, ProposalId};
use releases::{Manifest, Motion as Release};
use runtime::{Call, Error, Event, Motion, testing};
use std::collections::{BTreeMap, BTreeSet};

/// The epochs that honest voters leave between their vote and the end of it, so that it is in time however blocks are.
const TO_SPARE: u64 = 4;

/// The epochs within which a motion must be open for votes.
pub const PATIENCE: u64 = 4;

/// What a motion is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// That a build is approved.
    Approved(BuildHash),
    /// That a build is revoked.
    Revoked(BuildHash),
}

/// How far a motion has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has a place for it.
    Wanted,
    /// Its proposal waits for a block.
    Asked,
    /// It takes votes, or waits for its activation.
    Open(ProposalId),
    /// It is over.
    Ended,
}

/// An honest motion.
#[derive(Clone, Debug)]
pub struct Want {
    /// What is planned about it.
    pub planned: PlannedMotion,
    /// The motion.
    pub motion: Motion,
    /// What it is for.
    pub aim: Aim,
    /// The epoch in which it was wanted.
    pub since: Epoch,
    /// The epoch in which a place was found for it.
    pub asked: Epoch,
    /// The epoch in which it was opened for votes.
    pub opened: Epoch,
    /// How far it has come.
    pub stage: Stage,
    /// What is played meanwhile.
    pub during: Vec<StrategyName>,
    /// Whether it was said that it is kept out.
    pub told: bool,
}

/// What an honest transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To propose a motion of this number.
    Propose(usize),
    /// Anything else.
    Other,
}

/// What came of an honest transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Included {
    /// Blocks that it waited beyond the next one.
    pub waited: u64,
}

/// Everybody honest.
pub struct Honest {
    /// All motions, the first one first.
    pub wants: Vec<Want>,
    wallets: BTreeMap<AccountId, Wallet>,
    /// Those that are not over.
    live: BTreeSet<usize>,
    /// What is sent before the block of a height, and by whom.
    scheduled: BTreeMap<u64, Vec<(usize, Call)>>,
    /// Builds that have a later one and are not to be revoked yet.
    superseded: Vec<BuildHash>,
    newest: Option<BuildHash>,
    chance: Chance,
    /// Whether a validator goes to its own place, where the shared ones are taken.
    uses_own_places: bool,
    /// The tracks whose shared places somebody found taken before the next block.
    closed: Vec<TrackName>,
}

impl Honest {
    /// Nobody wants anything yet.
    pub fn new(arena: &Arena<'_>, chance: Chance, uses_own_places: bool) -> Self {
        let honest = arena.cast.with_stake(Side::Honest).into_iter();
        Self {
            wants: Vec::new(),
            wallets: honest.map(|who| (arena.account(who), Wallet::new(who))).collect(),
            live: BTreeSet::new(),
            scheduled: BTreeMap::new(),
            superseded: Vec::new(),
            newest: None,
            chance,
            uses_own_places,
            closed: Vec::new(),
        }
    }

    /// Wants a motion from an epoch on.
    pub fn want(&mut self, arena: &Arena<'_>, planned: PlannedMotion, since: Epoch, during: Vec<StrategyName>) {
        let number = self.wants.len();
        let revoked = match planned.subject {
            Subject::Revocation if !self.superseded.is_empty() => {
                let place = self.chance.below(self.superseded.len() as u64) as usize;
                Some(self.superseded.swap_remove(place))
            }
            _ => None,
        };
        let (motion, aim) = match revoked {
            Some(hash) => (testing::revoke(&[hash]), Aim::Revoked(hash)),
            None => {
                let vote = arena.cast.release("wanted", number as u64);
                let aim = Aim::Approved(vote.build_hash);
                (testing::approve(vote), aim)
            }
        };
        self.live.insert(number);
        let (stage, asked, opened, told) = (Stage::Wanted, since, since, false);
        self.wants.push(Want { planned, motion, aim, since, asked, opened, stage, during, told });
    }

    /// Sends what is due before a block.
    pub fn act(&mut self, arena: &mut Arena<'_>) {
        let next = arena.next();
        let height = next.height.0;
        for number in self.live.clone() {
            let Want { stage, planned, since, .. } = &self.wants[number];
            if *stage != Stage::Wanted {
                continue;
            }
            if planned.mistaken && next.epoch > since.plus(PATIENCE) {
                // Nobody waits longer for a place for a mistake.
                self.end(number);
            } else {
                self.find_place(arena, number, height);
            }
        }
        for (who, call) in self.scheduled.remove(&height).unwrap_or_default() {
            self.ask(arena, who, call, Purpose::Other, height);
        }
        self.potter(arena, height);
        for wallet in self.wallets.values_mut() {
            wallet.send(arena, height);
        }
    }

    /// The tracks whose shared places somebody found taken since this was last asked.
    pub fn take_closed(&mut self) -> Vec<TrackName> {
        std::mem::take(&mut self.closed)
    }

    fn ask(&mut self, arena: &Arena<'_>, who: usize, call: Call, purpose: Purpose, height: u64) {
        if let Some(wallet) = self.wallets.get_mut(&arena.account(who)) {
            wallet.ask(Errand::new(call, purpose, height));
        }
    }

    /// Now and then a holder delegates a little more, takes it back, or sends a token.
    fn potter(&mut self, arena: &Arena<'_>, height: u64) {
        let holders = arena.cast.of(Side::Honest, Post::Holder);
        if !self.chance.happens(60_000) {
            return;
        }
        let Some(who) = self.chance.pick(&holders).copied() else { return };
        let least = arena.cast.network.genesis.staking.params.minimum_delegation.0.max(1);
        let to = arena.account(arena.cast.people[who].to);
        let call = match self.chance.below(3) {
            0 => testing::delegate(to, least),
            1 => testing::unbond(to, least),
            _ => testing::transfer(to, 1),
        };
        // What is delegated from the start stays, so that it is enough to propose.
        let bonded = arena.chain.ask(|state| staking::queries::bonded(state, &arena.account(who), &to));
        let is_start = matches!(call, Call::Staking(staking::Call::Unbond { .. }))
            && bonded.0 < arena.cast.people[who].stake.saturating_add(least);
        if !is_start {
            self.ask(arena, who, call, Purpose::Other, height);
        }
    }

    /// Has somebody propose a motion that has a place for it: on the track it is wanted on, else by a validator on the
    /// expedited one.
    fn find_place(&mut self, arena: &Arena<'_>, number: usize, height: u64) {
        let asked = self.wants[number].planned.track;
        let mut found = self.proposer(arena, number, asked, !self.uses_own_places);
        if found.is_none() && self.uses_own_places && !self.wants[number].planned.mistaken {
            found = self.proposer(arena, number, TrackName::Expedited, false);
        }
        if let Some((who, call)) = found {
            self.wants[number].stage = Stage::Asked;
            self.wants[number].asked = arena.next().epoch;
            self.ask(arena, who, call, Purpose::Propose(number), height);
        }
    }

    fn proposer(&mut self, arena: &Arena<'_>, number: usize, track: TrackName, holders: bool) -> Option<(usize, Call)> {
        let call = self.proposal(arena, number, track);
        let mut everybody = arena.cast.of(Side::Honest, Post::Holder);
        if !holders {
            everybody.extend(arena.cast.of(Side::Honest, Post::Validator));
        }
        self.chance.shuffle(&mut everybody);
        for who in everybody {
            if self.wallets.get(&arena.account(who)).is_some_and(Wallet::is_proposing) {
                continue;
            }
            match arena.refusal(who, &call) {
                None => return Some((who, call)),
                Some(Error::Governance(::governance::Error::TooManyOpen { .. })) if !self.closed.contains(&track) => {
                    self.closed.push(track);
                }
                Some(_) => {}
            }
        }
        None
    }

    /// With as long a window as honest voters need, as far as the track has one.
    fn proposal(&self, arena: &Arena<'_>, number: usize, track: TrackName) -> Call {
        let want = &self.wants[number];
        let rules = arena.cast.network.genesis.governance.params.track(track).expect("accounts propose on it");
        let window = (TO_SPARE + 1 + want.planned.longer).max(rules.least_window + 1).min(rules.most_window);
        let delay = (rules.least_delay + want.planned.delayed).min(rules.most_delay);
        let deadline = arena.next().epoch.plus(window);
        testing::propose_for(track, want.motion.clone(), Some(deadline), Some(delay))
    }

    /// Whether a motion asks for what is wanted.
    pub fn wants_it(&self, motion: &Motion) -> bool {
        let mut live = self.live.iter().map(|number| &self.wants[*number]).filter(|want| !want.planned.mistaken);
        live.any(|want| match (motion, want.aim) {
            (Motion::Releases(Release::Approve(vote)), Aim::Approved(hash)) => {
                vote.build_hash == hash && vote.manifest == Manifest::default()
            }
            (Motion::Releases(Release::Revoke { build_hashes, .. }), Aim::Revoked(hash)) => {
                build_hashes.iter().eq([&hash])
            }
            _ => false,
        })
    }

    /// A block took the first transaction of an honest account that waits.
    pub fn included(
        &mut self,
        account: &AccountId,
        outcome: &Result<Event, Error>,
        now: (u64, Epoch),
    ) -> Option<Included> {
        let (height, epoch) = now;
        let errand = self.wallets.get_mut(account)?.included()?;
        if let Purpose::Propose(number) = errand.purpose {
            let want = &mut self.wants[number];
            (want.stage, want.opened) = match outcome {
                Ok(Event::Governance(Governance::Proposed(proposal))) => (Stage::Open(proposal.id), epoch),
                _ => (Stage::Wanted, want.opened),
            };
        }
        Some(Included { waited: height.saturating_sub(errand.asked) })
    }

    /// The number of the motion that a proposal is of.
    pub fn number_of(&self, id: ProposalId) -> Option<usize> {
        self.live.iter().copied().find(|number| self.wants[*number].stage == Stage::Open(id))
    }

    /// A motion is over.
    pub fn end(&mut self, number: usize) {
        self.wants[number].stage = Stage::Ended;
        self.live.remove(&number);
    }

    /// A release is approved: the one before it can be revoked from now on.
    pub fn approved(&mut self, hash: BuildHash) {
        self.superseded.extend(self.newest.replace(hash));
    }

    /// A proposal is open for votes: who votes when, and how.
    pub fn see_proposed(&mut self, arena: &Arena<'_>, known: &Known, watched: bool) {
        let proposal = &known.proposal;
        let own = self.number_of(proposal.id);
        if own.is_some_and(|number| self.wants[number].planned.mistaken) {
            let height = arena.next().height.0 + 1 + self.chance.below(5);
            let by = arena.cast.place_of(&proposal.proposer).unwrap_or_default();
            self.scheduled.entry(height).or_default().push((by, testing::withdraw(proposal.id.0)));
            return;
        }
        self.schedule_holding(arena, proposal);
        let choice = match (own, known.wanted) {
            (Some(_), _) => Some(Choice::Yes),
            (None, true) => self.chance.happens(500_000).then_some(Choice::Yes),
            (None, false) => (watched && leaves_time(arena, proposal)).then_some(Choice::No),
        };
        if let Some(choice) = choice {
            self.schedule_votes(arena, proposal, choice);
        }
    }

    /// All validators vote, and holders as often as not; who delegates and does not vote is spoken for. Some change
    /// their mind.
    fn schedule_votes(&mut self, arena: &Arena<'_>, proposal: &Proposal<Motion>, choice: Choice) {
        for who in arena.cast.with_stake(Side::Honest) {
            if arena.cast.people[who].post == Post::Holder && self.chance.happens(500_000) {
                continue;
            }
            let height = self.before_it_ends(arena, proposal);
            if self.chance.happens(100_000) && height > arena.next().height.0 {
                let early = testing::vote(proposal.id.0, Choice::Abstain, None);
                self.scheduled.entry(height - 1).or_default().push((who, early));
            }
            self.scheduled.entry(height).or_default().push((who, testing::vote(proposal.id.0, choice, None)));
        }
    }

    fn schedule_holding(&mut self, arena: &Arena<'_>, proposal: &Proposal<Motion>) {
        let Motion::Releases(Release::Approve(vote)) = &proposal.motion else { return };
        if vote.sealed.is_some() {
            return;
        }
        for who in arena.cast.of(Side::Honest, Post::Validator) {
            let height = self.before_it_ends(arena, proposal);
            self.scheduled.entry(height).or_default().push((who, testing::hold(vote.build_hash)));
        }
    }

    /// A height at random, with blocks to spare before the vote ends, or the next one.
    fn before_it_ends(&mut self, arena: &Arena<'_>, proposal: &Proposal<Motion>) -> u64 {
        let first = arena.next().height.0;
        let last = proposal.vote_deadline_epoch.minus(TO_SPARE).next().first_height(arena.chain.epoch_length()).0;
        self.chance.within(first..=last.saturating_sub(1).max(first))
    }

    /// Motions that should be open by now and are not, although a validator has its own place for them; each once.
    pub fn kept_out(&mut self, arena: &Arena<'_>) -> Vec<usize> {
        let now = arena.next().epoch;
        let late: Vec<usize> = self.live.iter().copied().filter(|number| is_late(&self.wants[*number], now)).collect();
        if late.is_empty() || !self.has_free_place(arena) {
            return Vec::new();
        }
        late.iter().for_each(|number| self.wants[*number].told = true);
        late
    }

    /// Whether an honest validator has no live expedited motion.
    fn has_free_place(&self, arena: &Arena<'_>) -> bool {
        arena.cast.of(Side::Honest, Post::Validator).into_iter().any(|who| {
            let proposes = self.wallets.get(&arena.account(who)).is_some_and(Wallet::is_proposing);
            !proposes && arena.live_of(who).iter().all(|proposal| proposal.track == TrackName::Routine)
        })
    }

    /// Whether a motion is wanted early enough to be decided in a future of so many epochs.
    pub fn is_in_time(arena: &Arena<'_>, planned: &PlannedMotion, epochs: u64) -> bool {
        let longest = longest_vote(&arena.cast.network.genesis.governance.params);
        let lives = longest.saturating_add(planned.longer + planned.delayed);
        lives.saturating_add(planned.epoch + PATIENCE + MARGIN) < epochs
    }
}

/// The epochs from the beginning of a vote to its activation, at least, on the track on which that takes longest.
pub fn longest_vote(params: &GovernanceParams) -> u64 {
    let [routine, expedited] =
        [&params.routine, &params.expedited].map(|track| track.least_window.saturating_add(track.least_delay));
    routine.max(expedited)
}

/// Whether all can vote before a vote ends.
fn leaves_time(arena: &Arena<'_>, proposal: &Proposal<Motion>) -> bool {
    arena.next().epoch.plus(TO_SPARE) < proposal.vote_deadline_epoch
}

fn is_late(want: &Want, now: Epoch) -> bool {
    let waits = matches!(want.stage, Stage::Wanted | Stage::Asked);
    waits && !want.told && !want.planned.mistaken && now > want.since.plus(PATIENCE)
}
