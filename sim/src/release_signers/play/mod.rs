//! A plan, played on the real chain: epoch by epoch, three blocks each.

mod asked;
mod end;
mod heard;

use super::LAWS;
use super::council::Council;
use super::outcome::Outcome;
use super::plan::{Plan, What};
use super::recount::{Asked, Books, Whose};
use super::seats::Seats;
use super::setting::{self, EPOCH_LENGTH, Setting};
use crate::chain::Chain;
use crate::run::Run;
use crate::world::Moment;
use primitives::{Epoch, ProposalId, PublicKey, SecretKey};
use releases::RosterRecord;
use runtime::{Cause, Transaction};
use std::collections::BTreeMap;

/// Plays a plan; what breaks is told to `run`.
pub(super) fn play(setting: &Setting, plan: &Plan, run: &mut Run) -> Outcome {
    let mut play = Play::begin(setting, run);
    // A law that broke is on record, and nothing after it means anything.
    let _ = play.whole(plan);
    play.concluded()
}

/// Where a future stands.
struct Play<'a> {
    setting: &'a Setting,
    run: &'a mut Run,
    chain: Chain,
    seats: Seats,
    council: Council,
    books: Books<'a>,
    /// Who acts with stolen keys.
    thief: SecretKey,
    /// Who pays for what a signer says by itself.
    payer: SecretKey,
    /// What is asked for in the next block.
    asked: Vec<(Act, Transaction)>,
    /// What became of the last rehearsal.
    rehearsed: Option<Result<ProposalId, runtime::Error>>,
    /// Whether the roster that is aimed at is the planned one, and is not in force yet.
    is_changing: bool,
    outcome: Outcome,
}

/// What a transaction is about, for whoever hears what came of it.
enum Act {
    Propose {
        whose: Whose,
        asked: Asked,
        version: u64,
    },
    /// A key leaves the roster; of the thief's attempts the one of this number.
    Leave(Option<usize>),
    Other,
}

/// A law broke.
struct Stopped;

impl<'a> Play<'a> {
    fn begin(setting: &'a Setting, run: &'a mut Run) -> Self {
        let network = &setting.network;
        let planned_since = setting.change.is_none().then_some(0);
        Self {
            setting,
            run,
            chain: Chain::begin(network),
            seats: Seats::of(network),
            council: Council::of(&network.genesis.releases.roster),
            books: Books::of(setting),
            thief: setting::thief(),
            payer: setting::payer(),
            asked: Vec::new(),
            rehearsed: None,
            is_changing: false,
            outcome: Outcome { planned_since, ..Outcome::default() },
        }
    }

    fn whole(&mut self, plan: &Plan) -> Result<(), Stopped> {
        for now in 1..=plan.epochs {
            self.epoch(now, plan)?;
        }
        let settled = plan.epochs + self.setting.options.window + self.setting.options.delay + 1;
        for now in plan.epochs + 1..=settled {
            self.conclude_votes(now)?;
        }
        self.lose_all(settled + 1, &plan.lost_in_the_end)
    }

    fn epoch(&mut self, now: u64, plan: &Plan) -> Result<(), Stopped> {
        self.until(now)?;
        for what in plan.in_epoch(now) {
            self.happen(now, what);
        }
        self.notice(now);
        self.rotate(now);
        self.release(now);
        self.block()?;
        self.vote(now);
        self.block()?;
        self.take_stock(now);
        Ok(())
    }

    /// An epoch after the last one that is planned: what is open is voted on, and nothing is proposed.
    fn conclude_votes(&mut self, now: u64) -> Result<(), Stopped> {
        self.until(now)?;
        self.vote(now);
        self.block()?;
        self.take_stock(now);
        Ok(())
    }

    /// Blocks up to and with the first one of an epoch.
    fn until(&mut self, epoch: u64) -> Result<(), Stopped> {
        while self.chain.height().0 < epoch * EPOCH_LENGTH {
            self.block()?;
        }
        Ok(())
    }

    /// The next block, with what is asked for.
    fn block(&mut self) -> Result<(), Stopped> {
        let asked = std::mem::take(&mut self.asked);
        self.run.add_events(1 + asked.len() as u64);
        let height = self.chain.height().0 + 1;
        let builder = self.seats.builder(height, height / EPOCH_LENGTH);
        let (mut acts, mut transactions) = (BTreeMap::new(), Vec::with_capacity(asked.len()));
        for (act, transaction) in asked {
            acts.insert(transaction.hash(), act);
            transactions.push(transaction);
        }
        let committed = match self.chain.block(self.setting.between, builder, transactions) {
            Ok(committed) => committed,
            Err(law) => {
                let at = self.at();
                self.run.broken(&LAWS, at, law);
                return Err(Stopped);
            }
        };
        let head = self.chain.head().header.state_root;
        self.tell(|| format!("block {height}: state {head}"));
        self.run.decided(&committed.executed.facts);
        for fact in &committed.executed.facts {
            if let Cause::Transaction { hash, .. } = &fact.cause
                && let Some(act) = acts.remove(hash)
            {
                self.answered(act, &fact.outcome);
            }
            self.note(fact);
        }
        Ok(())
    }

    fn happen(&mut self, now: u64, what: &What) {
        self.tell(|| format!("{what:?}"));
        match what {
            What::Change { threshold, signers } => self.plan_change(*threshold, *signers),
            What::Release { slow } => {
                let planned = now + self.setting.options.window + self.setting.options.delay;
                self.outcome.releases += 1;
                self.council.make(slow.clone(), now, planned);
            }
            What::KeyLost { rank } => {
                let signing = self.signing(now);
                self.council.lose(&signing, *rank, now + self.setting.options.notice_after);
            }
            What::KeysStolen { rank, keys } => self.steal(now, *rank, *keys),
            What::Joins => self.council.join(),
            What::Leaves { rank } => self.leave(now, *rank),
            What::Offline { validator, epochs } => self.seats.take_offline(*validator, now + epochs),
            What::NobodyVotes { epochs } => self.seats.fall_quiet(now + epochs),
            What::Thief { trick } => self.try_trick(now, *trick),
        }
    }

    fn plan_change(&mut self, threshold: u32, signers: u32) {
        (self.council.aim.threshold, self.council.aim.signers) = (threshold, signers);
        self.is_changing = true;
    }

    fn steal(&mut self, now: u64, rank: u64, keys: u64) {
        let signing = self.signing(now);
        self.outcome.stolen = self.council.steal(&signing, rank, keys, now + self.setting.options.notice_after);
    }

    /// How many keys live, and whether that is enough, once all that an epoch brings has come.
    fn take_stock(&mut self, now: u64) {
        let record = self.record();
        let living = self.council.living(&record.signing(Epoch(now))).len() as u64;
        let are_too_few = living < u64::from(record.roster.threshold);
        if are_too_few && self.outcome.planned_since.is_some() {
            self.outcome.first_stranded.get_or_insert(now);
        }
        // A rotation that is on its way was approved while the keys for it lived.
        let is_stranded = are_too_few && self.council.rotation.is_none();
        let since = self.outcome.stranded_since.unwrap_or(now);
        self.outcome.stranded_since = is_stranded.then_some(since);
    }

    fn concluded(self) -> Outcome {
        self.outcome
    }

    fn record(&self) -> RosterRecord {
        self.chain.ask(releases::queries::roster_record)
    }

    /// The keys that sign in an epoch.
    fn signing(&self, now: u64) -> Vec<PublicKey> {
        self.record().signing(Epoch(now)).to_vec()
    }

    /// The epoch of the newest block.
    fn now(&self) -> u64 {
        self.chain.epoch().0
    }

    fn at(&self) -> Moment {
        let micros = u64::try_from(self.setting.between.as_micros()).unwrap_or(u64::MAX);
        Moment(self.chain.height().0.saturating_mul(micros))
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        let at = self.at();
        self.run.tell(at, what);
    }
}
