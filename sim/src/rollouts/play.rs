//! A future, hour by hour: which side of the network decides, who looks, and the block that comes of it.

use super::outcome::Outcome;
use super::plan::{Plan, What};
use super::recount::{self, Books};
use super::setting::{HOUR, Setting};
use super::{LAWS, PROMOTED, STOOD};
use crate::chain::Chain;
use crate::keys::{Role, key};
use crate::run::Run;
use crate::world::Moment;
use ::rollouts::change::{ChangeState, SubmittedChange};
use primitives::{AccountId, Amount, Fraction, ProposalId, SecretKey, Timestamp};
use runtime::{Call, Event, Fact, Transaction};
use state::Told as _;
use std::collections::BTreeSet;
use std::time::Duration;

/// One hour.
const AN_HOUR: Duration = Duration::from_millis(HOUR);

/// How long a drill takes.
const DRILL: Duration = Duration::from_secs(60);

/// A future while it is played.
pub(super) struct Play<'a> {
    pub setting: &'a Setting,
    pub plan: &'a Plan,
    pub run: &'a mut Run,
    pub chain: Chain,
    pub books: Books,
    pub outcome: Outcome,
    /// Which hour it is, from 1.
    pub hour: u64,
    /// Who has voted in which poll.
    pub voted: BTreeSet<(ProposalId, AccountId)>,
    /// The hour in which the promotion was first asked for.
    pub asked_at: Option<u64>,
    /// Whether a drill is under way, which ends a minute after the next block.
    pub drills: bool,
    /// What is to be done as soon as there is a block.
    pub urgent: Vec<What>,
    validators: Vec<SecretKey>,
    begin: Timestamp,
    /// Nodes that are down, and that are cut off, each until before an hour.
    down: Vec<(u64, BTreeSet<usize>)>,
    cut: Vec<(u64, BTreeSet<usize>)>,
    /// For how many hours the chain has stood.
    stands: u64,
    asked: Vec<Transaction>,
}

/// A law broke.
struct Stopped;

/// Plays it to its end, or until a law breaks.
pub(super) fn play(setting: &Setting, plan: &Plan, run: &mut Run) -> Outcome {
    let validators = (0..setting.network.validators.len() as u64).map(|index| key(Role::Validator, index));
    let mut play = Play {
        setting,
        plan,
        run,
        chain: Chain::begin(&setting.network),
        books: Books::default(),
        outcome: Outcome::default(),
        hour: 0,
        voted: BTreeSet::new(),
        asked_at: None,
        drills: false,
        urgent: Vec::new(),
        validators: validators.collect(),
        begin: setting.network.genesis.time,
        down: Vec::new(),
        cut: Vec::new(),
        stands: 0,
        asked: Vec::new(),
    };
    for hour in 1..=plan.hours() {
        if play.pass(hour).is_err() {
            break;
        }
    }
    play.outcome.stood.extend(Some(play.stands).filter(|hours| *hours > 0));
    play.outcome
}

impl Play<'_> {
    fn pass(&mut self, hour: u64) -> Result<(), Stopped> {
        self.hour = hour;
        self.happen();
        let Some(side) = self.deciding_side() else {
            self.stands += 1;
            return Ok(());
        };
        self.go_on();
        self.act(&side);
        let until = self.begin.plus(hour * HOUR).0;
        let after = Duration::from_millis(until.saturating_sub(self.chain.time().0));
        self.block(after.max(Duration::from_millis(1)), &side)?;
        if std::mem::take(&mut self.drills) {
            self.end_drill();
            self.block(DRILL, &side)?;
        }
        Ok(())
    }

    /// Takes note of what happens in this hour.
    fn happen(&mut self) {
        let (hour, plan) = (self.hour, self.plan);
        for outages in [&mut self.down, &mut self.cut] {
            outages.retain(|(until, _)| *until > hour);
        }
        for what in plan.in_hour(hour) {
            match what {
                What::Down { validators, hours } => self.down.push((hour + hours, validators.clone())),
                What::Cut { validators, hours } => self.cut.push((hour + hours, validators.clone())),
                What::Emergency { .. } | What::Pause => self.urgent.push(what.clone()),
            }
        }
    }

    /// The side of the network that has more than two thirds of the power which decides, as numbers of validators; none where no side has.
    fn deciding_side(&self) -> Option<BTreeSet<usize>> {
        let of = |outages: &[(u64, BTreeSet<usize>)]| -> BTreeSet<usize> {
            outages.iter().flat_map(|(_, validators)| validators.iter().copied()).collect()
        };
        let (down, cut) = (of(&self.down), of(&self.cut));
        let up = (0..self.validators.len()).filter(|validator| !down.contains(validator));
        let (one, other): (BTreeSet<usize>, BTreeSet<usize>) = up.partition(|validator| !cut.contains(validator));
        let (set, accounts) = (self.chain.validators(), &self.validators);
        let power = |side: &BTreeSet<usize>| -> Amount {
            let members = accounts.iter().enumerate().filter(|(index, _)| side.contains(index));
            members.filter_map(|(_, key)| set.power_of(&key.account())).sum()
        };
        [one, other].into_iter().find(|side| Fraction::TWO_THIRDS.is_exceeded(power(side), set.total_power()))
    }

    /// The chain goes on, if it stood.
    fn go_on(&mut self) {
        let stood = std::mem::take(&mut self.stands);
        if stood > 0 {
            self.outcome.stood.push(stood);
            self.run.happened(&STOOD);
            self.tell(|| format!("the chain goes on after it stood for {stood} hours"));
        }
    }

    /// The keys of the validators on a side.
    pub fn nodes_of(&self, side: &BTreeSet<usize>) -> Vec<SecretKey> {
        side.iter().filter_map(|index| self.validators.get(*index)).cloned().collect()
    }

    /// Has a call in the next block.
    pub fn ask(&mut self, key: &SecretKey, call: Call) {
        let transaction = self.chain.sign(key, call);
        self.asked.push(transaction);
    }

    fn block(&mut self, after: Duration, side: &BTreeSet<usize>) -> Result<(), Stopped> {
        let set = self.chain.validators();
        let decides =
            |index: &&usize| self.validators.get(**index).is_some_and(|key| set.power_of(&key.account()).is_some());
        let proposer = side.iter().find(decides).copied().unwrap_or_default();
        let asked = std::mem::take(&mut self.asked);
        let made = self.chain.block(after, proposer, asked);
        let facts = match made {
            Ok(committed) => committed.executed.facts,
            Err(broken) => {
                let at = self.at();
                self.run.broken(&LAWS, at, broken);
                return Err(Stopped);
            }
        };
        self.run.add_events(1 + facts.len() as u64);
        self.run.decided(&facts);
        self.take_note(&facts);
        Ok(())
    }

    fn take_note(&mut self, facts: &[Fact]) {
        let at = self.at();
        for fact in facts.iter().filter(|fact| is_worth_telling(fact)) {
            self.run.tell(at, || fact.sentence());
        }
        for property in [&super::RATIFIED, &super::LAPSED, &super::RESTORED] {
            if recount::happened(facts).contains(property.name) {
                self.run.happened(property);
            }
        }
        let moment = self.moment();
        for (property, what) in self.books.note(self.setting, moment, facts, &mut self.outcome) {
            self.run.broken(property, at, what);
        }
        self.follow_promotion();
    }

    /// How far the promotion has come.
    fn follow_promotion(&mut self) {
        let Some(id) = self.books.promotion() else { return };
        let Some(progress) = self.chain.ask(|state| ::rollouts::queries::progress(state, id)) else { return };
        if progress.executed.is_some() && self.outcome.promoted_after.is_none() {
            self.outcome.promoted_after = Some(self.hour.saturating_sub(self.asked_at.unwrap_or_default()));
        }
        if progress.state == ChangeState::Closed && !self.outcome.is_closed {
            self.outcome.is_closed = true;
            self.run.happened(&PROMOTED);
        }
    }

    /// The moment of the newest block.
    fn moment(&self) -> primitives::Moment {
        let (height, time) = (self.chain.height(), self.chain.time());
        self.chain.ask(|state| runtime::moment_of(state, height, time))
    }

    /// The moment of the next block, if it comes at its hour.
    pub fn next_moment(&self) -> primitives::Moment {
        let (height, time) = (self.chain.height().next(), self.begin.plus(self.hour * HOUR));
        self.chain.ask(|state| runtime::moment_of(state, height, time))
    }

    /// A change that there is.
    pub fn change(&self, id: primitives::ChangeId) -> Option<SubmittedChange> {
        self.chain.ask(|state| ::rollouts::queries::change(state, id))
    }

    fn at(&self) -> Moment {
        Moment::BEGIN.plus(AN_HOUR.saturating_mul(u32::try_from(self.hour).unwrap_or(u32::MAX)))
    }

    pub fn tell(&mut self, what: impl FnOnce() -> String) {
        let at = self.at();
        self.run.tell(at, what);
    }
}

/// What nodes say of themselves, and single words, are many.
fn is_worth_telling(fact: &Fact) -> bool {
    match &fact.outcome {
        Ok(Event::Rollouts(event)) => !matches!(event, ::rollouts::Event::Stated { .. }),
        Ok(Event::Releases(_)) => false,
        Ok(_) => true,
        Err(error) => !matches!(error, runtime::Error::Releases(_)),
    }
}
