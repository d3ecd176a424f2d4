//! What a block came to, counted anew from the bonds that stand and from the facts, and not by the questions that the rules ask.

use super::acts::heights;
use super::scene::{NAMED, Scene, VALIDATORS, account};
use crate::governed::plan::list;
use primitives::{AccountId, Amount, Digest, Epoch, Fraction, Moment};
use runtime::{Cause, ChainParams, Event, Fact};
use staking::{Validator, ValidatorSet};

/// A block, or the next one, has nobody who decides it.
pub const NO_SET: &str = "a height has no set";
/// The header before announced another set than the one that decides, or announces another than the next one will be.
pub const ANNOUNCED: &str = "a header announced another set";
/// An election came to something else than the rule that held in the state before its block.
pub const ELECTED: &str = "another was elected than who stands";
/// The quorum ended without the stake, or for one that did not precommit in the epoch before.
pub const ENDED: &str = "the quorum ended for one that was not there, or without the stake";
/// A quorum began while a fourth of the power was silent.
pub const BEGAN: &str = "a quorum began while those were silent who decide by it";

/// For how many epochs before an election a validator counts as one that was heard of.
const HEARD_EPOCHS: u64 = 2;
/// More of the power than this has to be there for a quorum to begin.
const NEEDED: (u32, u32) = (3, 4);

/// What an election comes to.
struct Outcome {
    validators: ValidatorSet,
    candidates: ValidatorSet,
    sealer: Option<AccountId>,
}

/// A block that was made on a scene, with the hashes in its header.
pub struct BlockTold<'b> {
    pub chain: &'b ChainParams,
    pub before: &'b Scene,
    pub after: &'b Scene,
    pub at: Moment,
    pub facts: &'b [Fact],
    /// Of the set that decides the block, and of the one that decides the next.
    pub hashes: (Digest, Digest),
}

/// Who is to decide alone, and who was heard of when, once some facts have happened.
pub fn reckon(scene: &mut Scene, before: &Scene, epoch: Epoch, facts: &[Fact]) {
    for fact in facts {
        match &fact.outcome {
            Ok(Event::Staking(staking::Event::Elected { .. })) => scene.alone = outcome(before, epoch).sealer,
            Ok(Event::Rollouts(::rollouts::Event::Executed { change, .. })) => {
                let asked = ::rollouts::queries::change(&scene.state(), *change).and_then(|change| change.asked.sealer);
                scene.alone = asked.or(scene.alone);
            }
            Ok(Event::Releases(releases::Event::Advertised { node, .. })) => {
                let all = scene.heard.iter_mut().enumerate();
                let own = all.filter(|(index, _)| u8::try_from(*index).is_ok_and(|index| account(index) == *node));
                own.for_each(|(_, heard)| *heard = Some(epoch));
            }
            _ => {}
        }
    }
}

/// Whom the rule elects that held before a block, the strongest first.
fn outcome(before: &Scene, epoch: Epoch) -> Outcome {
    let mut standing: Vec<Validator> = (0..VALIDATORS)
        .map(account)
        .filter(|who| before.stands(who))
        .map(|account| Validator { account, power: before.bond_of(&account) })
        .collect();
    standing.sort_by_key(|member| (std::cmp::Reverse(member.power), member.account));
    let candidates = ValidatorSet { validators: list(standing.iter().cloned()) };
    if before.is_by_quorum() {
        return Outcome { validators: candidates.clone(), candidates, sealer: None };
    }
    let since = epoch.minus(HEARD_EPOCHS);
    let was_heard = |member: &&Validator| last_heard(before, &member.account).is_some_and(|heard| heard >= since);
    let stays = standing.iter().find(|member| before.alone == Some(member.account));
    let alone = stays.or_else(|| standing.iter().find(was_heard)).or_else(|| standing.first());
    let validators = ValidatorSet { validators: list(alone.cloned()) };
    Outcome { validators, candidates, sealer: alone.map(|member| member.account) }
}

fn last_heard(scene: &Scene, who: &AccountId) -> Option<Epoch> {
    (0..VALIDATORS).zip(scene.heard).find(|(index, _)| account(*index) == *who).and_then(|(_, heard)| heard)
}

impl BlockTold<'_> {
    /// The first thing that must not have happened.
    pub fn wrong(&self) -> Option<&'static str> {
        let all = [
            (self.has_sets(), NO_SET),
            (self.is_announced(), ANNOUNCED),
            (self.elects_who_stands(), ELECTED),
            (self.ends_rightly(), ENDED),
            (self.begins_rightly(), BEGAN),
        ];
        all.into_iter().find_map(|(holds, wrong)| (!holds).then_some(wrong))
    }

    /// Whether something was to be carried out and was not, because who had to be there was silent.
    pub fn is_refused_to_the_silent(&self) -> bool {
        let flaws = self.asked().filter_map(|fact| match &fact.outcome {
            Err(runtime::Error::Rollouts(error)) => Some(error),
            _ => None,
        });
        let is_silent = |error: &::rollouts::Error| match error {
            ::rollouts::Error::QuorumAbsent { .. } => true,
            ::rollouts::Error::Sealer(::rollouts::SealerFlaw::BadProof(_)) => !self.was_there(),
            _ => false,
        };
        flaws.last().is_some_and(is_silent)
    }

    fn has_sets(&self) -> bool {
        let next = self.at.height.next().epoch(self.chain.epoch_length);
        let has_set = |scene: &Scene, epoch| !scene.deciding(epoch).validators.is_empty();
        has_set(self.before, self.at.epoch) && has_set(self.after, self.at.epoch) && has_set(self.after, next)
    }

    /// What is announced is the set that decides the next block, also once that block has happened.
    fn is_announced(&self) -> bool {
        let next = self.at.height.next().epoch(self.chain.epoch_length);
        let (decides, announces) = self.hashes;
        let is_set = |epoch, hash| self.after.deciding(epoch).hash() == hash;
        self.before.announced == decides && is_set(self.at.epoch, decides) && is_set(next, announces)
    }

    /// The first block of an epoch elects for the next one, and no other does.
    fn elects_who_stands(&self) -> bool {
        let elections = self.facts.iter().filter_map(|fact| match &fact.outcome {
            Ok(Event::Staking(staking::Event::Elected { epoch, validators, candidates, sealer, .. })) => {
                Some((*epoch, validators, candidates, *sealer))
            }
            _ => None,
        });
        let expected = outcome(self.before, self.at.epoch);
        let wanted = (self.at.epoch.next(), &expected.validators, &expected.candidates, expected.sealer);
        let is_first = heights(self.chain, self.at.epoch).next() == Some(self.at.height);
        let named = staking::queries::sealer(&self.after.state());
        elections.eq(is_first.then_some(wanted)) && named == self.after.alone
    }

    fn ends_rightly(&self) -> bool {
        let ends = self.before.is_by_quorum() && !self.after.is_by_quorum();
        !ends || (self.was_there() && self.is_by_last() && self.has_the_stake())
    }

    /// The power is that of those whom a quorum would be, and whoever of them was heard of in this epoch or the last one is there.
    fn begins_rightly(&self) -> bool {
        let begins = !self.before.is_by_quorum() && self.after.is_by_quorum();
        let since = self.at.epoch.minus(1);
        let would = staking::queries::candidates(&self.before.state(), self.at.epoch);
        let is_there = |who: &AccountId| last_heard(self.before, who).is_some_and(|heard| heard >= since);
        let there: Amount = would.validators.iter().filter(|it| is_there(&it.account)).map(|it| it.power).sum();
        let needed = Fraction::new(NEEDED.0, NEEDED.1).expect("it is a part of one");
        !begins || (needed.is_exceeded(there, would.total_power()) && self.is_by_last())
    }

    /// Whether the one that is named decides blocks now and helped to decide one of the epoch before.
    fn was_there(&self) -> bool {
        let (before, length) = (self.before, self.chain.epoch_length);
        let decides = before.deciding(self.at.epoch).power_of(&account(NAMED)).is_some();
        let mut earlier = heights(self.chain, self.at.epoch.minus(1));
        decides && earlier.any(|height| before.signed(length, height, NAMED))
    }

    /// Whether of all that was asked for in the block only the last was granted: what came before it proved nothing.
    fn is_by_last(&self) -> bool {
        let granted: Vec<bool> = self.asked().map(|fact| fact.outcome.is_ok()).collect();
        granted.split_last().is_some_and(|(last, others)| *last && others.iter().all(|other| !other))
    }

    /// Whether two thirds of all stake agreed to the change that was asked for last.
    fn has_the_stake(&self) -> bool {
        let asked = self.before.newest().filter(|it| it.ends_quorum());
        asked.and_then(|it| it.progress.poll).is_some_and(|poll| {
            let poll = governance::queries::poll(&self.before.state(), poll);
            let is_of_stake = poll.electorate.stake_epoch().is_some();
            is_of_stake && Fraction::TWO_THIRDS.is_met(poll.tally.yes, poll.total)
        })
    }

    /// What transactions came to.
    fn asked(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| matches!(fact.cause, Cause::Transaction { .. }))
    }
}
