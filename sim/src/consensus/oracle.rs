//! Who looks on: sees every decision and every signature of all machines, and says which property is broken.

use super::cuts::ends_a_standstill;
use super::follower::Follower;
use super::hazards::Hazards;
use super::outcome::ConsensusOutcome;
use super::setting::{BrokenRule, Setting};
use super::{ALIVE, HONEST, LATER_ROUND, LAWS, LIGHT, NO_FORK, NOTHING_LOST, PROGRESS, SET_CHANGED, STAKE_LOST};
use crate::links::{Partition, Place};
use crate::run::Run;
use crate::world::Moment;
use light::SignedHeader;
use primitives::{AccountId, Amount, BlockHash, Epoch, Height, List, SecretKey, VoteKind};
use runtime::{Certificate, Event, Executed, Fact, Header};
use staking::ValidatorSet;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What was signed at a place in the course of a height; no kind of vote is a proposal.
pub(super) type Word = (Place, Height, u32, Option<VoteKind>);

/// So many heights of signatures are remembered.
const REMEMBERED: u64 = 16;

/// A committed block, as the oracle is told of it.
pub(super) struct Commitment<'c> {
    pub place: Place,
    pub header: &'c Header,
    pub hash: BlockHash,
    pub certificate: &'c Certificate,
    /// Who decided it.
    pub validators: &'c ValidatorSet,
    pub executed: &'c Executed,
    /// All tokens there are after it.
    pub supply: Amount,
}

/// Who looks on.
pub(super) struct Oracle {
    honest: BTreeSet<AccountId>,
    honest_places: Vec<bool>,
    /// Whose key each place has.
    accounts: Vec<AccountId>,
    patience: Duration,
    supply: Option<Amount>,
    decided: BTreeMap<Height, (BlockHash, Place, Moment)>,
    confirmed: BTreeMap<(Place, Height), BlockHash>,
    signed: BTreeMap<Word, Option<BlockHash>>,
    known_offences: BTreeSet<(Epoch, AccountId)>,
    follower: Follower,
    follows: bool,
    /// See [`BrokenRule::CertificateCutShort`]; the length of an epoch.
    cuts_short: Option<u64>,
    cuts: Vec<Partition>,
    /// Those of them after which no block came yet.
    unhealed: Vec<Partition>,
    last_progress: Moment,
    is_over: bool,
    outcome: ConsensusOutcome,
}

impl Oracle {
    pub fn new(setting: &Setting, plan: &Hazards) -> Self {
        let honest_places: Vec<bool> = (0..setting.places()).map(|place| plan.is_honest(place)).collect();
        let keys = setting.keys.iter().zip(&honest_places);
        Self {
            honest: keys.filter(|(_, honest)| **honest).map(|(key, _)| key.account()).collect(),
            honest_places,
            accounts: setting.keys.iter().map(SecretKey::account).collect(),
            patience: setting.patience(plan.dishonest.len()),
            supply: None,
            decided: BTreeMap::new(),
            confirmed: BTreeMap::new(),
            signed: BTreeMap::new(),
            known_offences: BTreeSet::new(),
            follower: Follower::new(&setting.genesis),
            follows: true,
            cuts_short: (setting.broken == Some(BrokenRule::CertificateCutShort)).then(|| setting.epoch_length()),
            cuts: plan.partitions.clone(),
            unhealed: plan.partitions.clone(),
            last_progress: Moment::BEGIN,
            is_over: false,
            outcome: ConsensusOutcome::default(),
        }
    }

    pub fn is_honest(&self, place: Place) -> bool {
        self.honest_places.get(place).copied().unwrap_or_default()
    }

    /// Whether nothing that follows would say anything more: there are two chains, or none that goes on.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// A machine is gone for good that should not be.
    pub fn gives_up(&mut self) {
        self.is_over = true;
    }

    /// A dishonest machine came to an end by what it did.
    pub fn loses_a_dishonest_one(&mut self) {
        self.outcome.dishonest_ended += 1;
    }

    /// A machine says what it has signed. What was signed and never said is nobody's business: a crash may come between.
    pub fn says(&mut self, word: Word, block: Option<BlockHash>, now: Moment, run: &mut Run) {
        let (place, height, round, kind) = word;
        if !self.is_honest(place) {
            return;
        }
        let before = *self.signed.entry(word).or_insert(block);
        if before != block {
            let what = match kind {
                None => "proposal",
                Some(VoteKind::Prevote) => "prevote",
                Some(VoteKind::Precommit) => "precommit",
            };
            run.broken(&HONEST, now, format!("machine {place} signed two {what}s for height {height}, round {round}"));
        }
        let oldest = height.minus(REMEMBERED);
        self.signed.retain(|(_, height, ..), _| *height >= oldest);
    }

    /// A machine has confirmed a decision, and its log is on disk; it may not have committed yet.
    pub fn confirms(&mut self, place: Place, height: Height, block: BlockHash, now: Moment, run: &mut Run) {
        if !self.is_honest(place) {
            return;
        }
        let before = *self.confirmed.entry((place, height)).or_insert(block);
        if before != block {
            let what =
                format!("machine {place} had confirmed block {before} of height {height}, and now confirms {block}");
            run.broken(&NOTHING_LOST, now, what);
        }
    }

    /// Whether this machine is the first honest one that commits at a height.
    pub fn is_first_at(&self, place: Place, height: Height) -> bool {
        self.is_honest(place) && !self.decided.contains_key(&height)
    }

    /// A machine has made a block its head.
    pub fn commits(&mut self, commitment: &Commitment<'_>, now: Moment, run: &mut Run) {
        let Commitment { place, header, hash, .. } = commitment;
        if !self.is_honest(*place) {
            return;
        }
        let known = self.decided.get(&header.height).copied();
        match known {
            Some((block, by, _)) if block != *hash => {
                self.is_over = true;
                let height = header.height;
                let what = format!("at height {height} machine {by} committed {block}, and machine {place} {hash}");
                run.broken(&NO_FORK, now, what);
            }
            Some(_) => self.shows(commitment, Follower::checks, now, run),
            None => self.first_at_a_height(commitment, now, run),
        }
    }

    fn first_at_a_height(&mut self, commitment: &Commitment<'_>, now: Moment, run: &mut Run) {
        let Commitment { place, header, hash, certificate, validators, executed, supply } = commitment;
        self.heals(validators, now);
        if let Some((_, (_, _, before))) = self.decided.last_key_value() {
            self.outcome.block_ms.push(millis(now.since(*before)));
        }
        self.decided.insert(header.height, (*hash, *place, now));
        self.last_progress = now;
        self.outcome.heights += 1;
        let last = self.outcome.rounds.len() - 1;
        self.outcome.rounds[(certificate.round as usize).min(last)] += 1;
        if certificate.round > 0 {
            run.happened(&LATER_ROUND);
        }
        if header.validators_hash != header.next_validators_hash {
            self.outcome.sets += 1;
            run.happened(&SET_CHANGED);
        }
        if *self.supply.get_or_insert(*supply) != *supply {
            run.broken(&LAWS, now, format!("block {} changed the supply to {supply}", header.height));
        }
        self.shows(commitment, Follower::sees, now, run);
        run.decided(&executed.facts);
        for fact in &executed.facts {
            self.learns(fact, header.height, now, run);
        }
    }

    /// Shows a light client what a machine committed. Once is enough: who does not follow to here does not follow to what comes later.
    fn shows(
        &mut self,
        commitment: &Commitment<'_>,
        take: impl FnOnce(&mut Follower, SignedHeader) -> Result<(), String>,
        now: Moment,
        run: &mut Run,
    ) {
        let (place, signed) = (commitment.place, self.signed(commitment));
        let height = signed.height();
        if self.follows
            && let Err(error) = take(&mut self.follower, signed)
        {
            self.follows = false;
            let what = format!("a light client does not follow to height {height} as machine {place} has it: {error}");
            run.broken(&LIGHT, now, what);
        }
    }

    /// What a machine has to show of a block.
    fn signed(&self, commitment: &Commitment<'_>) -> SignedHeader {
        let Commitment { header, certificate, validators, .. } = commitment;
        let (header, validators) = ((*header).clone(), (*validators).clone());
        let mut certificate = (*certificate).clone();
        if self.cuts_short.is_some_and(|epoch_length| !header.height.ends_epoch(epoch_length)) {
            certificate.signatures = List::truncate_from(certificate.signatures.iter().take(1).copied().collect());
        }
        SignedHeader { header, certificate, validators }
    }

    /// A block came, which these decided: cuts that are over have healed, those that had stopped the chain.
    fn heals(&mut self, validators: &ValidatorSet, now: Moment) {
        let power = |account: &AccountId| validators.power_of(account).unwrap_or(Amount::ZERO).0;
        let powers: Vec<u64> = self.accounts.iter().map(power).collect();
        let (over, open): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.unhealed).into_iter().partition(|cut| cut.until <= now);
        self.unhealed = open;
        for cut in over {
            if ends_a_standstill(&cut, &self.cuts, &powers) {
                self.outcome.healing_ms.push(millis(now.since(cut.until)));
            } else {
                self.outcome.idle_cuts += 1;
            }
        }
    }

    fn learns(&mut self, fact: &Fact, height: Height, now: Moment, run: &mut Run) {
        let Ok(Event::Staking(staking::Event::Punished { validator, height: of, loss, .. })) = &fact.outcome else {
            return;
        };
        if self.honest.contains(validator) {
            let what = format!("{validator} is honest, and was punished at height {height} for height {of}");
            return run.broken(&HONEST, now, what);
        }
        self.outcome.punished_after.push(height.0.saturating_sub(of.0));
        self.outcome.lost = self.outcome.lost.saturating_add(loss.total().0);
        if loss.total() > Amount::ZERO {
            run.happened(&STAKE_LOST);
        }
    }

    /// An honest machine knows of an offence.
    pub fn knows(&mut self, of: (Epoch, AccountId)) {
        if self.known_offences.insert(of) {
            self.outcome.offences += 1;
        }
    }

    /// A machine has what the others had when it came back.
    pub fn caught_up(&mut self, after: Duration) {
        self.outcome.catching_up_ms.push(millis(after));
    }

    /// Looks whether the chain goes on where it should; `calm` is since when nothing is cut and nobody is down.
    pub fn watches_progress(&mut self, calm: Moment, now: Moment, run: &mut Run) {
        let waited = now.since(calm.max(self.last_progress));
        if waited > self.patience {
            self.is_over = true;
            run.broken(&PROGRESS, now, format!("no block came for {} ms, and nothing was cut or down", millis(waited)));
        }
    }

    /// A machine is down while nothing is cut, and every crash of the plan that has begun is over.
    pub fn misses(&mut self, (place, head): (Place, Height), now: Moment, run: &mut Run) {
        if self.is_honest(place) && !self.is_over {
            self.is_over = true;
            run.broken(&ALIVE, now, format!("machine {place} is down since height {head}, and no crash made it so"));
        }
    }

    /// Looks whether one machine goes on that is behind and moved last at a moment.
    pub fn watches_straggler(&mut self, who: (Place, Height), moved: Moment, calm: Moment, now: Moment, run: &mut Run) {
        let (place, head) = who;
        let is_behind = self.decided.last_key_value().is_some_and(|(newest, _)| *newest > head);
        if is_behind && self.is_honest(place) && now.since(calm.max(moved)) > self.patience {
            self.is_over = true;
            run.broken(&PROGRESS, now, format!("machine {place} stays at height {head}, and others have more"));
        }
    }

    /// At the end: what an honest machine has at each height is held against what it had confirmed.
    pub fn compares(&self, place: Place, has: impl Fn(Height) -> Option<BlockHash>, now: Moment, run: &mut Run) {
        for ((_, height), block) in self.confirmed.range((place, Height(0))..=(place, Height(u64::MAX))) {
            let found = has(*height);
            if found.is_some_and(|found| found != *block) {
                let what = format!("machine {place} had confirmed block {block} of height {height}, and has another");
                run.broken(&NOTHING_LOST, now, what);
            }
            let is_below_another = self.confirmed.contains_key(&(place, height.next()));
            if found.is_none() && is_below_another {
                run.broken(&NOTHING_LOST, now, format!("machine {place} has no block of height {height} any more"));
            }
        }
    }

    /// What the future came to.
    pub fn ends(self, now: Moment, run: &mut Run) -> ConsensusOutcome {
        if self.follows
            && let Err(error) = self.follower.newcomer()
        {
            run.broken(&LIGHT, now, format!("a newcomer does not come from genesis to the last block: {error}"));
        }
        self.outcome
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consensus::hazards::{self, Dishonest, Vice};
    use crate::consensus::options::HostileOptions;
    use crate::network::Network;

    #[test]
    fn an_honest_machine_that_is_down_without_a_crash_is_a_breach_and_a_dishonest_one_is_not() {
        let options = HostileOptions {
            validators: 4,
            as_they_are: false,
            heights: 2,
            epoch_length: 10,
            byzantine: Some(1),
            beyond_a_third: false,
            partitions: 0,
            restarts: 0,
            disks_keep_their_word: true,
        };
        let setting = Setting::new(&options, &Network::small(), None).unwrap();
        let mut run = Run::new(0, false);
        let drawn = hazards::make(&setting, &mut run.chance.fork("plan"));
        let dishonest = vec![Dishonest { place: 1, vices: vec![Vice::Mute], per_million: 1 }];
        let mut oracle = Oracle::new(&setting, &Hazards { dishonest, ..drawn });
        oracle.misses((1, Height(3)), Moment(7), &mut run);
        assert!(!oracle.is_over() && !run.is_broken());
        oracle.misses((2, Height(3)), Moment(7), &mut run);
        assert!(oracle.is_over());
        let broken = run.end().broken;
        assert_eq!(broken.len(), 1);
        assert_eq!(broken[0].property, ALIVE.name);
        assert!(broken[0].what.contains("machine 2 is down since height 3"), "{}", broken[0].what);
    }
}
