//! One future: block after block, with what all do before each, and what blocks and epochs are held to.

use super::arena::{Arena, Made};
use super::cast::{Cast, Side};
use super::costs::{Costs, Paid};
use super::honest::Honest;
use super::known::{Known, Live};
use super::outcome::Outcome;
use super::plan::{Campaign, Plan};
use super::properties as laws;
use super::shadow::Shadow;
use super::strategy::{Field, Strategy, StrategyName};
use crate::chance::Chance;
use crate::property::Property;
use crate::run::Run;
use crate::world::Moment;
use ::governance::{Place, Status, TrackName};
use primitives::{AccountId, Epoch};
use runtime::{Cause, Error, Event, Fact};

/// A campaign that has begun.
struct Running {
    campaign: Campaign,
    strategy: Box<dyn Strategy>,
    is_done: bool,
}

/// A future while it is played.
pub struct Play<'p> {
    plan: &'p Plan,
    pub(super) arena: Arena<'p>,
    pub(super) honest: Honest,
    pub(super) live: Live,
    pub(super) shadow: Shadow,
    costs: Costs,
    pub(super) outcome: Outcome,
    running: Vec<Running>,
    /// Who proposes.
    lots: Chance,
    /// What strategies draw from.
    hostile: Chance,
    /// The epoch whose first block was made last.
    begun: Option<Epoch>,
    pub(super) run: &'p mut Run,
}

impl<'p> Play<'p> {
    /// Before the first block.
    pub fn new(cast: &'p Cast, plan: &'p Plan, uses_own_places: bool, run: &'p mut Run) -> Self {
        let arena = Arena::new(cast);
        let params = &cast.network.genesis.governance.params;
        let mut outcome = Outcome { block_bytes: arena.limits.max_block_bytes.into(), ..Outcome::default() };
        for track in [TrackName::Routine, TrackName::Expedited] {
            outcome.places(track).all = params.places(track).into();
        }
        Self {
            plan,
            honest: Honest::new(&arena, run.chance.fork("honest"), uses_own_places),
            arena,
            live: Live::new(),
            shadow: Shadow::new(&cast.network.genesis.staking),
            costs: Costs::default(),
            outcome,
            running: Vec::new(),
            lots: run.chance.fork("lots"),
            hostile: run.chance.fork("hostile"),
            begun: None,
            run,
        }
    }

    /// Plays it to its end.
    pub fn until_its_end(mut self) -> Outcome {
        while self.arena.next().epoch.0 < self.plan.epochs {
            if let Err(law) = self.block() {
                let at = self.moment();
                self.run.broken(&laws::LAWS, at, law);
                break;
            }
        }
        if self.outcome.attacks.get(&StrategyName::Gap).is_some_and(|attack| attack.kept_out > 0) {
            self.run.happened(&laws::KEPT_APART);
        }
        self.outcome
    }

    /// How long the network runs.
    pub(super) fn moment(&self) -> Moment {
        let began = self.arena.chain.genesis().time.0;
        Moment(self.arena.chain.time().0.saturating_sub(began).saturating_mul(1_000))
    }

    pub(super) fn broken(&mut self, property: &'static Property, what: impl Into<String>) {
        let at = self.moment();
        self.run.broken(property, at, what);
    }

    fn block(&mut self) -> Result<(), String> {
        let epoch = self.arena.next().epoch;
        if self.begun != Some(epoch) {
            self.begin_epoch(epoch);
        }
        self.honest.act(&mut self.arena);
        for track in self.honest.take_closed() {
            self.outcome.places(track).closed += 1;
            if self.is_held_on(track) {
                self.run.happened(&laws::PLACES_TAKEN);
            }
        }
        self.attack(epoch);
        let proposer = self.arena.lot(&mut self.lots);
        let hostile = self.arena.cast.people[proposer].side == Side::Hostile;
        let censored = hostile && self.censors(epoch);
        let made = self.arena.block(proposer, censored)?;
        self.see_block(&made);
        Ok(())
    }

    /// Whether what was played to take the shared places of a track holds any.
    fn is_held_on(&self, track: TrackName) -> bool {
        let holds = |known: &Known| known.strategy == Some(StrategyName::Places) && is_shared(known, track);
        self.live.values().any(holds)
    }

    fn begin_epoch(&mut self, epoch: Epoch) {
        self.begun = Some(epoch);
        self.outcome.epochs += 1;
        self.costs.forget(self.arena.chain.height().0);
        for campaign in self.plan.campaigns.iter().filter(|campaign| campaign.from == epoch.0) {
            self.running.retain(|one| one.campaign.strategy != campaign.strategy);
            let (strategy, is_done) = (campaign.strategy.begin(), false);
            self.running.push(Running { campaign: campaign.clone(), strategy, is_done });
            self.outcome.attack(campaign.strategy);
        }
        let during = self.during(epoch);
        for attack in self.outcome.played(&during) {
            attack.epochs += 1;
        }
        let at = self.moment();
        self.run.tell(at, || format!("epoch {epoch} begins; played: {during:?}"));
        for planned in self.plan.motions.iter().filter(|motion| motion.epoch == epoch.0) {
            if Honest::is_in_time(&self.arena, planned, self.plan.epochs) {
                self.outcome.wanted += u64::from(!planned.mistaken);
                self.honest.want(&self.arena, planned.clone(), epoch, during.clone());
            }
        }
    }

    /// What is played in an epoch.
    fn during(&self, epoch: Epoch) -> Vec<StrategyName> {
        let running = self.running.iter().filter(|one| one.campaign.until > epoch.0);
        running.map(|one| one.campaign.strategy).collect()
    }

    pub(super) fn is_played(&self, name: StrategyName) -> bool {
        let now = self.begun.unwrap_or_default();
        self.running.iter().any(|one| one.campaign.strategy == name && one.campaign.until > now.0)
    }

    fn censors(&self, epoch: Epoch) -> bool {
        self.running.iter().any(|one| one.campaign.until > epoch.0 && one.strategy.censors())
    }

    /// Whether honest accounts vote against what they do not want: in quiet times they do.
    pub(super) fn is_watched(&self) -> bool {
        self.running.is_empty() || self.running.iter().any(|one| one.campaign.watched)
    }

    fn attack(&mut self, epoch: Epoch) {
        for one in &mut self.running {
            let mut field = Field {
                arena: &mut self.arena,
                live: &self.live,
                chance: &mut self.hostile,
                costs: &mut self.costs,
                outcome: &mut self.outcome,
                name: one.campaign.strategy,
            };
            if one.campaign.until > epoch.0 {
                one.strategy.act(&mut field);
            } else {
                one.is_done = one.strategy.is_done(&mut field);
            }
        }
        self.running.retain(|one| !one.is_done);
    }

    fn see_block(&mut self, made: &Made) {
        let epoch = made.height.epoch(self.arena.chain.epoch_length());
        self.run.add_events(made.facts.len() as u64);
        self.run.decided(&made.facts);
        let (at, hash) = (self.moment(), self.arena.chain.head().hash);
        let (height, facts, live) = (made.height, made.facts.len(), self.live.len());
        self.run.tell(at, || {
            format!("block {height} by {}: {facts} facts, {} bytes, {live} live, {hash}", made.proposer, made.bytes)
        });
        self.count_block(made, epoch);
        self.is_within_limits(made);
        for fact in &made.facts {
            self.see(fact, made, epoch);
        }
        if made.height.ends_epoch(self.arena.chain.epoch_length()) {
            self.is_everything_in_time(epoch);
            self.count_places();
        }
    }

    fn count_block(&mut self, made: &Made, epoch: Epoch) {
        self.outcome.blocks += 1;
        let (during, most) = (self.during(epoch), self.outcome.block_bytes);
        self.outcome.full += u64::from(made.bytes * 10 >= most * 9);
        for attack in self.outcome.played(&during) {
            attack.blocks += 1;
            attack.bytes += made.bytes;
        }
        if made.left_out > 0 {
            self.run.happened(&laws::LEFT_OUT);
        }
    }

    fn is_within_limits(&mut self, made: &Made) {
        let limits = &self.arena.limits;
        let (facts, by_clock) = (made.facts.len() as u64, made.by_clock() as u64);
        let (most, half) = (u64::from(limits.max_block_transactions), u64::from(limits.most_by_clock()));
        let kept = facts <= most
            && by_clock <= half
            && made.bytes <= u64::from(limits.max_block_bytes)
            && made.signatures <= u64::from(limits.max_block_signatures);
        if !kept {
            let what = format!(
                "block {} has {facts} facts, {by_clock} of them by the clock, {} bytes and {} signatures",
                made.height, made.bytes, made.signatures
            );
            self.broken(&laws::LIMITS, what);
        }
    }

    fn see(&mut self, fact: &Fact, made: &Made, epoch: Epoch) {
        let mut by = None;
        if let Cause::Transaction { hash, account, fee, burned, .. } = &fact.cause {
            match self.arena.cast.side_of(account) {
                Some(Side::Hostile) => {
                    let own_proposer = self.arena.cast.people[made.proposer].side == Side::Hostile;
                    let (burned, earned) = (burned.0, fee.saturating_sub(*burned).0);
                    let paid = Paid { burned, earned, own_proposer, refused: fact.outcome.is_err() };
                    by = self.costs.included(hash, paid, &mut self.outcome);
                }
                Some(Side::Honest) => self.see_honest(account, &fact.outcome, made, epoch),
                None => {}
            }
        }
        match &fact.outcome {
            Ok(Event::Staking(event)) => {
                self.shadow.see(event);
                if by == Some(StrategyName::Leave) && matches!(event, staking::Event::Unbonding { .. }) {
                    self.run.happened(&laws::LEFT_AFTER_VOTING);
                }
            }
            Ok(Event::Governance(event)) => self.see_governance(event, by),
            Err(Error::Governance(::governance::Error::StaysOpen(_))) if by == Some(StrategyName::Veto) => {
                self.run.happened(&laws::VETO_REFUSED);
            }
            _ => {}
        }
    }

    fn see_honest(&mut self, account: &AccountId, outcome: &Result<Event, Error>, made: &Made, epoch: Epoch) {
        let Some(included) = self.honest.included(account, outcome, (made.height.0, epoch)) else { return };
        let during = self.during(epoch);
        for attack in self.outcome.played(&during) {
            *attack.waits.entry(included.waited).or_default() += 1;
        }
        if included.waited > 0 && self.is_played(StrategyName::Full) {
            self.run.happened(&laws::WAITED);
        }
    }

    /// At the end of an epoch: what was to be decided or done in it is, and what was wanted a while ago is open.
    fn is_everything_in_time(&mut self, epoch: Epoch) {
        let mut late = Vec::new();
        for known in self.live.values() {
            let Some(number) = self.honest.number_of(known.id()) else { continue };
            if self.honest.wants[number].planned.mistaken {
                continue;
            }
            let (id, proposal) = (known.id(), &known.proposal);
            if known.status == Status::Open && epoch >= proposal.vote_deadline_epoch {
                late.push((
                    &laws::UNDECIDED,
                    format!("proposal {id} is open after epoch {}", proposal.vote_deadline_epoch),
                ));
            } else if known.status == Status::Passed && epoch >= proposal.activation_epoch {
                let what = format!("proposal {id} waits after its activation epoch {}", proposal.activation_epoch);
                late.push((&laws::NOT_CARRIED_OUT, what));
            }
        }
        for number in self.honest.kept_out(&self.arena) {
            let want = &self.honest.wants[number];
            let (since, track) = (want.since, want.planned.track);
            late.push((
                &laws::KEPT_OUT,
                format!("a motion on the {track} track is wanted since epoch {since} and has no place"),
            ));
        }
        for (property, what) in late {
            self.broken(property, what);
        }
    }

    fn count_places(&mut self) {
        for track in [TrackName::Routine, TrackName::Expedited] {
            let taken = || self.live.values().filter(move |known| is_shared(known, track));
            let (all, hostile) = (taken().count(), taken().filter(|known| known.side == Side::Hostile).count());
            let places = self.outcome.places(track);
            places.most = places.most.max(all as u64);
            places.most_hostile = places.most_hostile.max(hostile as u64);
        }
    }
}

/// Whether a proposal holds one of the places of a track that all proposers share.
fn is_shared(known: &Known, track: TrackName) -> bool {
    known.proposal.track == track && known.proposal.place == Place::Shared
}
