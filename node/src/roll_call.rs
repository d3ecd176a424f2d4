//! For whom the chain waits while it stands still, and whether this node's own key counts: what its operator wants to be told first.

use crate::chain::Chain;
use consensus::{Application, Voices};
use primitives::{AccountId, Amount, Epoch, Fraction};
use staking::ValidatorSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often it is looked whether the chain stands still.
const LOOK: Duration = Duration::from_secs(1);
/// So many validators are named in a sentence.
const NAMED: usize = 4;

/// Why the chain stands still here, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// Too few validators are heard to decide a block.
    Waits {
        /// So many more are enough, if they are the strongest of those that are silent.
        needed: usize,
        /// Who is not heard, the strongest first.
        silent: Vec<AccountId>,
    },
    /// It is not known.
    Unknown,
}

/// Who is heard of those that decide.
pub struct RollCall {
    chain: Arc<Chain>,
    voices: Voices,
    /// The account of the key under `validator.key`; none for a node that only follows.
    key: Option<AccountId>,
    /// Who is not heard for so long is missing.
    patience: Duration,
    began: Instant,
}

impl Halt {
    /// By who of a set is heard.
    fn of(set: &ValidatorSet, is_heard: impl Fn(&AccountId) -> bool) -> Self {
        let total = set.total_power();
        let (heard, silent): (Vec<_>, Vec<_>) = set.validators.iter().partition(|member| is_heard(&member.account));
        let mut power: Amount = heard.iter().map(|member| member.power).sum();
        let mut needed = 0;
        for member in &silent {
            if Fraction::TWO_THIRDS.is_exceeded(power, total) {
                break;
            }
            power = power.saturating_add(member.power);
            needed += 1;
        }
        // Who hears nobody is itself out of hearing.
        if needed == 0 || heard.is_empty() {
            return Halt::Unknown;
        }
        Halt::Waits { needed, silent: silent.into_iter().map(|member| member.account).collect() }
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Halt::Waits { needed, silent } = self else {
            return write!(f, "this node is catching up, or more than a third of the stake is offline");
        };
        let plural = if *needed == 1 { "" } else { "s" };
        let any = if *needed < silent.len() { "of " } else { "" };
        let named: Vec<String> = silent.iter().take(NAMED).map(ToString::to_string).collect();
        let more = silent.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} others") } else { String::new() };
        write!(f, "waiting for {needed} more validator{plural} ({any}{}{more})", named.join(", "))
    }
}

impl RollCall {
    /// Of the validators of a chain, as `voices` have them; `key` is this node's own, when it has one.
    pub fn new(chain: Arc<Chain>, voices: Voices, key: Option<AccountId>) -> Self {
        let timing = &chain.genesis().chain.consensus;
        // After so long, everybody says again what did not decide a block.
        let again_ms = timing.vote_timeout_ms.saturating_mul(2).saturating_add(timing.propose_timeout_ms);
        let patience = Duration::from_millis(again_ms.saturating_mul(2));
        Self { chain, voices, key, patience, began: Instant::now() }
    }

    /// Why the chain stands still here; none while it moves.
    pub fn halt(&self) -> Option<Halt> {
        self.chain.stands_still().then(|| self.missing())
    }

    /// That this node has a validator's key that is none.
    pub fn key_warning(&self) -> Option<String> {
        let (key, epoch) = (self.key?, self.chain.next_position().epoch);
        let is_outside = self.validators().is_some_and(|set| set.power_of(&key).is_none());
        is_outside.then(|| {
            format!(
                "the key of this node, {key}, is not among the validators of epoch {epoch}: it follows the chain and votes for nothing; \
                 bond to it, or set validator.key to \"\" where it is only to follow"
            )
        })
    }

    /// Says in the log what begins and what ends.
    pub async fn say(self: Arc<Self>) {
        let (mut halt, mut asked_in): (Option<Halt>, Option<Epoch>) = (None, None);
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            let at = self.chain.next_position();
            if asked_in.replace(at.epoch) != Some(at.epoch)
                && let Some(warning) = self.key_warning()
            {
                tracing::warn!("{warning}");
            }
            let now = self.halt();
            if now == halt {
                continue;
            }
            match &now {
                Some(why) => tracing::warn!(next = %at.height, "the chain stands still: {why}"),
                None => tracing::info!(next = %at.height, "the chain moves again"),
            }
            halt = now;
        }
    }

    fn missing(&self) -> Halt {
        // Who has not listened for so long yet has missed whoever spoke before.
        let set = self.validators().filter(|_| self.began.elapsed() >= self.patience);
        let heard_lately = |who: &AccountId| self.voices.last(who).is_some_and(|last| last.elapsed() < self.patience);
        set.map_or(Halt::Unknown, |set| Halt::of(&set, |who| self.key == Some(*who) || heard_lately(who)))
    }

    fn validators(&self) -> Option<ValidatorSet> {
        Application::validators(&*self.chain, self.chain.next_position().height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::{decide, open};
    use crate::metrics::NodeMetrics;
    use host::provenance::TrustedSigners;
    use runtime::testing::{self, holder, validator};

    /// Over a chain of two blocks that has stood for a while, by a node that has listened for as long.
    fn halted(key: AccountId) -> (tempfile::TempDir, RollCall) {
        let (dir, genesis) = (tempfile::tempdir().unwrap(), testing::genesis());
        let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new());
        (0..2).for_each(|_| drop(decide(&chain)));
        let mut roll = RollCall::new(Arc::new(chain), Voices::default(), Some(key));
        roll.began = Instant::now().checked_sub(roll.patience).unwrap();
        (dir, roll)
    }

    #[test]
    fn o46_a_chain_that_stands_still_waits_for_so_many_validators_and_says_for_whom() {
        let (_dir, roll) = halted(validator(0).account());
        assert_eq!(roll.halt(), None, "its newest block is new");
        roll.chain.stood_for(Duration::from_secs(60));
        // Four of equal power: three decide.
        let said = |needed, silent: &[u8]| {
            let halt = roll.halt().unwrap();
            let Halt::Waits { needed: found, silent: named } = &halt else { panic!("{halt:?}") };
            let mut named: Vec<AccountId> = named.clone();
            let mut silent: Vec<AccountId> = silent.iter().map(|index| validator(*index).account()).collect();
            named.sort();
            silent.sort();
            assert_eq!((*found, &named), (needed, &silent));
            let text = halt.to_string();
            assert!(silent.iter().all(|who| text.contains(&who.to_string())), "{text}");
            text
        };
        assert!(said(2, &[1, 2, 3]).starts_with("waiting for 2 more validators (of "));
        roll.voices.hear(validator(1).account(), Instant::now());
        assert!(said(1, &[2, 3]).starts_with("waiting for 1 more validator (of "));
        roll.voices.hear(validator(2).account(), Instant::now());
        let halt = roll.halt();
        assert_eq!(halt, Some(Halt::Unknown), "they are enough, so it is something else");
        // One that was heard too long ago.
        let long_ago = Instant::now().checked_sub(roll.patience).unwrap();
        roll.voices.hear(validator(2).account(), long_ago);
        assert!(said(1, &[2, 3]).starts_with("waiting for 1 more validator (of "));
        decide(&roll.chain);
        assert_eq!(roll.halt(), None);
    }

    #[test]
    fn o46_who_has_just_begun_to_listen_or_hears_nobody_blames_nobody() {
        let (_dir, mut roll) = halted(holder(0).account());
        roll.chain.stood_for(Duration::from_secs(60));
        assert_eq!(roll.halt(), Some(Halt::Unknown), "nobody is heard");
        roll.voices.hear(validator(0).account(), Instant::now());
        assert!(matches!(roll.halt(), Some(Halt::Waits { needed: 2, .. })));
        roll.began = Instant::now();
        assert_eq!(roll.halt(), Some(Halt::Unknown));
    }

    #[test]
    fn o46_a_validator_key_that_is_not_in_the_set_says_so() {
        let (_dir, roll) = halted(holder(0).account());
        let warning = roll.key_warning().unwrap();
        assert!(
            warning.contains(&holder(0).account().to_string()) && warning.contains("votes for nothing"),
            "{warning}"
        );
        let (_dir, roll) = halted(validator(0).account());
        assert_eq!(roll.key_warning(), None);
        let (_dir, mut roll) = halted(validator(0).account());
        roll.key = None;
        assert_eq!(roll.key_warning(), None, "it is only to follow");
    }
}
