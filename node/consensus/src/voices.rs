//! Which validators were heard, and when: so that whoever waits for the others can say for whom.
//!
//! Everybody whose votes do not decide a block says them again and again, so who is not heard for a while is missing.
//!
//! # Invariants
//! - What was heard is not verified here: it is for people to read, and decides nothing.

use crate::context::ChainContext;
use arc_malachitebft_app::consensus::SignedConsensusMsg;
use arc_malachitebft_app::engine::util::events::{Event, RxEvent};
use primitives::AccountId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::broadcast::error::RecvError;

/// How many validators are remembered; names cost nothing, and no set is so large.
const MOST: usize = 1024;

/// When each validator was heard last. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Voices(Arc<Mutex<BTreeMap<AccountId, Instant>>>);

impl Voices {
    /// When a validator voted or proposed last, as it came here; none where it is not remembered.
    pub fn last(&self, validator: &AccountId) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(validator).copied()
    }

    /// Takes in that a validator speaks.
    pub fn hear(&self, validator: AccountId, now: Instant) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.insert(validator, now);
        if heard.len() > MOST {
            let longest_ago = heard.iter().min_by_key(|(_, last)| **last).map(|(validator, _)| *validator);
            if let Some(validator) = longest_ago {
                heard.remove(&validator);
            }
        }
    }

    /// Listens until the engine ends.
    pub(crate) async fn listen(self, mut events: RxEvent<ChainContext>) {
        loop {
            match events.recv().await {
                Ok(Event::Received(message)) => self.hear(speaker(&message), Instant::now()),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}

fn speaker(message: &SignedConsensusMsg<ChainContext>) -> AccountId {
    match message {
        SignedConsensusMsg::Vote(vote) => vote.message.voter.0,
        SignedConsensusMsg::Proposal(proposal) => proposal.message.proposer.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn who_was_heard_last_is_remembered_and_no_more_than_a_set_can_have() {
        let (voices, began) = (Voices::default(), Instant::now());
        let named = |number: usize| {
            let mut name = [0; 32];
            name[..8].copy_from_slice(&number.to_be_bytes());
            AccountId(name)
        };
        for number in 0..MOST + 10 {
            voices.hear(named(number), began + Duration::from_millis(number as u64));
        }
        assert_eq!(voices.last(&named(9)), None);
        assert_eq!(voices.last(&named(10)), Some(began + Duration::from_millis(10)));
        voices.hear(named(10), began + Duration::from_secs(9));
        assert_eq!(voices.last(&named(10)), Some(began + Duration::from_secs(9)));
    }
}
