//! What have the last blocks changed? What a peer passed on before it had them was good then, and is on its way for a while.

use primitives::AccountId;
use runtime::{NextBlock, Payload, Transaction, TxError};
use state::State;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For how long a change is remembered at least, by the blocks that come: longer than what is of no use waits to be reconsidered, and than
/// what was sent before is on its way.
const REMEMBERED: Duration = Duration::from_secs(10);

/// What the blocks of the last while have changed of what a transaction is judged by.
pub(super) struct Lately(Mutex<[Span; 2]>);

/// What changed from a block on. One span follows another, and the one before both is forgotten.
struct Span {
    began: Instant,
    /// What was judged by before it.
    before: Arc<NextBlock>,
    /// How many transactions of each account are in its blocks.
    spoke: HashMap<AccountId, u64>,
}

impl Span {
    fn begin(before: Arc<NextBlock>, began: Instant) -> Self {
        Self { began, before, spoke: HashMap::new() }
    }
}

impl Lately {
    /// Nothing yet, where `next` is what the next block is judged by.
    pub fn begin(next: &Arc<NextBlock>, now: Instant) -> Self {
        Self(Mutex::new([(); 2].map(|()| Span::begin(next.clone(), now))))
    }

    fn spans(&self) -> MutexGuard<'_, [Span; 2]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block was committed with transactions of these accounts, which was judged by `before`.
    pub fn moves(&self, before: Arc<NextBlock>, spoke: impl Iterator<Item = AccountId>, now: Instant) {
        let mut spans = self.spans();
        if now.saturating_duration_since(spans[1].began) >= REMEMBERED {
            spans.swap(0, 1);
            spans[1] = Span::begin(before, now);
        }
        for account in spoke {
            *spans[1].spoke.entry(account).or_default() += 1;
        }
    }

    /// How many transactions of an account blocks have taken, each with a nonce and some tokens.
    pub fn spoke(&self, account: &AccountId) -> u64 {
        self.spans().iter().filter_map(|span| span.spoke.get(account)).sum()
    }

    /// Whether a transaction that is of no use by `state` may have been good a moment ago: blocks have taken others of its account since, or
    /// what is judged by has changed. What an account that can pay nothing signs never was.
    pub fn was_good_before(&self, transaction: &Transaction, state: &State, refused: &TxError) -> bool {
        let Payload { account, fee, .. } = &transaction.payload;
        let spoke = self.spoke(account);
        let pays = || spoke > 0 || accounts::queries::account(state, account).free >= *fee;
        match refused {
            TxError::NonceUsed { expected, found, .. } => found.saturating_add(spoke) >= *expected,
            TxError::NonceTooHigh { .. } | TxError::CannotPayFee { .. } => spoke > 0,
            // How much there is to read grows with what is on record, and how much there was is not kept.
            TxError::TooManyReads { .. } | TxError::FeeTooLow { .. } if transaction.reads(state) > 0 => pays(),
            _ => {
                let before = self.spans()[0].before.clone();
                pays() && transaction.check_terms(state, &before).is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::{decide, open, transfer};
    use crate::metrics::NodeMetrics;
    use accounts::Lane;
    use host::provenance::TrustedSigners;
    use primitives::{Amount, Height};
    use runtime::testing;

    #[test]
    fn h16_what_the_last_blocks_have_changed_is_remembered_for_a_while_and_then_is_not() {
        let (genesis, dir) = (testing::genesis(), tempfile::tempdir().unwrap());
        let chain = open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new());
        let (first, began) = (chain.tip.next(), Instant::now());
        decide(&chain);
        let view = chain.store().view();
        let (state, second) = (State::over(&view), chain.tip.next());
        let (late, lately) = (transfer(&genesis, 0), Lately::begin(&first, began));
        let of_another = testing::signed(&genesis, &testing::holder(1), 0, late.payload.call.clone());
        let mut expired = late.clone();
        expired.payload.expires_at = Height(1);
        let used = TxError::NonceUsed { lane: Lane::Wallet, expected: 1, found: 0 };
        let used_long_ago = TxError::NonceUsed { lane: Lane::Wallet, expected: 2, found: 0 };
        let poor = TxError::CannotPayFee { have: Amount(0), need: Amount(1_000) };
        let over = TxError::Expired { expires_at: Height(1), now: Height(2) };
        let known = || {
            let of_account = [&used, &poor].map(|refused| lately.was_good_before(&late, &state, refused));
            let other = lately.was_good_before(&of_another, &state, &used);
            assert!(!lately.was_good_before(&late, &state, &used_long_ago), "one nonce was used");
            (of_account, other, lately.was_good_before(&expired, &state, &over))
        };
        assert_eq!(known(), ([false; 2], false, true), "nothing has been in a block");
        let mut unpaid = expired.clone();
        unpaid.payload.account = AccountId([7; 32]);
        assert!(!lately.was_good_before(&unpaid, &state, &over), "nobody could ever have taken it");
        lately.moves(first.clone(), [late.payload.account].into_iter(), began);
        assert_eq!(known(), ([true; 2], false, true));
        lately.moves(second.clone(), std::iter::empty(), began + REMEMBERED);
        assert_eq!(known(), ([true; 2], false, true), "for one while at least");
        lately.moves(second.clone(), std::iter::empty(), began + REMEMBERED * 2 - Duration::from_millis(1));
        assert_eq!(known(), ([true; 2], false, true));
        lately.moves(second, std::iter::empty(), began + REMEMBERED * 2);
        assert_eq!(known(), ([false; 2], false, false), "and for no longer than two");
    }
}
