//! What is kept of statements for whoever judges: a role's last words, and who of a chorus has said yes (ROLLOUTS 7.3). Speakers are
//! counted when they speak, so that a verdict reads one row a key.

use crate::plan::VALIDATORS;
use crate::statement::{ChorusTally, MOST_WORDS, SpeakerBits, StatementOutcome, TalliedWord, WordTally};
use primitives::{AccountId, Moment, Name};
use roles::{Actor, RoleKey};
use state::State;
use std::collections::BTreeSet;

impl WordTally {
    /// Puts a word in front, in place of what its speaker said before. Where there are too many, the oldest goes that is no failure:
    /// what somebody found wrong is not talked away by others.
    pub(crate) fn say(&mut self, word: TalliedWord) {
        let mut words = std::mem::take(&mut self.words).into_inner();
        words.retain(|other| other.by.account != word.by.account);
        words.insert(0, word);
        while words.len() > MOST_WORDS as usize {
            let last = words.len().saturating_sub(1);
            let spared = words.iter().rposition(|word| word.outcome != StatementOutcome::Failed);
            words.remove(spared.filter(|place| *place > 0).unwrap_or(last));
        }
        self.words = primitives::List::truncate_from(words);
    }

    /// The words that count at a moment, the newest first: of those who still have the role, and not expired.
    pub(crate) fn counting<'t>(
        &'t self,
        state: &'t State<'t>,
        at: Moment,
        plan: &'t Name,
    ) -> impl Iterator<Item = &'t TalliedWord> {
        self.words.iter().filter(move |word| !is_expired(word, at) && is_present(state, at, plan, &word.by))
    }

    /// Whether it stands as failed: somebody who has the role says so, and neither that one nor another of the role has later said
    /// that it passed, with evidence.
    pub(crate) fn stands_failed(&self, state: &State, at: Moment, plan: &Name) -> bool {
        let mut words = self.counting(state, at, plan);
        let decisive = |word: &&TalliedWord| word.outcome == StatementOutcome::Failed || heals(word);
        words.find(decisive).is_some_and(|word| word.outcome == StatementOutcome::Failed)
    }
}

impl ChorusTally {
    /// Notes what the speaker of a place said last, when the change was announced so many times.
    pub(crate) fn say(&mut self, place: u16, yes: bool, announced: u8) {
        self.yes.set(place, yes);
        if self.announcement != announced {
            (self.announcement, self.yes_since) = (announced, SpeakerBits::default());
        }
        self.yes_since.set(place, yes && announced > 0);
    }

    /// Whether the speaker of a place said yes; when that is asked for, after the announcement of that number.
    pub(crate) fn has_said(&self, place: u16, after_announcement: Option<u8>) -> bool {
        match after_announcement {
            None => self.yes.has(place),
            Some(number) => number > 0 && self.announcement == number && self.yes_since.has(place),
        }
    }
}

fn heals(word: &TalliedWord) -> bool {
    word.outcome.meets() && word.digest.is_some()
}

/// Whether a word counts no longer; at the very moment it does not.
pub(crate) fn is_expired(word: &TalliedWord, at: Moment) -> bool {
    word.expires.is_some_and(|end| end <= at.time)
}

/// Whether somebody still is what it spoke as: a member of the role, or one who could be elected.
pub(crate) fn is_present(state: &State, at: Moment, plan: &Name, by: &Actor) -> bool {
    if by.role.as_str() == VALIDATORS {
        return staking::queries::candidates(state, at.epoch).power_of(&by.account).is_some();
    }
    let key = RoleKey { plan: plan.clone(), role: by.role.clone() };
    roles::queries::is_member(state, &key, &by.account)
}

/// The accounts that are in a segment now, each once; of `validators` those who could be elected, the strongest first. Whoever is in it
/// under a name that is no account speaks for nobody. Reads one row, of [`flags::MOST_MEMBERS_OF_SEGMENT`] members at most, or of as many
/// validators as may be elected.
pub(crate) fn accounts_in(state: &State, at: Moment, plan: &Name, segment: &Name) -> Vec<AccountId> {
    if segment.as_str() == VALIDATORS {
        let candidates = staking::queries::candidates(state, at.epoch);
        return candidates.validators.iter().map(|candidate| candidate.account).collect();
    }
    let members = flags::queries::segment(state, plan, segment).unwrap_or_default();
    let accounts = members.iter().filter_map(|member| member.as_str().parse::<AccountId>().ok());
    // Members of an application's segment are any texts, and digits of either case are the same account.
    let mut seen = BTreeSet::new();
    accounts.filter(|account| seen.insert(*account)).collect()
}
