//! What have the last blocks changed? What a peer passed on before it had them was good then, and is on its way for a while.

use primitives::AccountId;
use runtime::{NextBlock, Transaction, TxError};
use state::State;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For how long a change is remembered at least, and for up to twice as long; what passes a node that is busy takes less.
const FOR: Duration = Duration::from_secs(10);

/// What the blocks of the last while have changed of what a transaction is judged by.
pub(super) struct Lately(Mutex<[Span; 2]>);

/// What changed from a block on.
struct Span {
    began: Instant,
    /// What was judged by before it.
    before: Arc<NextBlock>,
    /// The accounts whose transactions are in its blocks.
    spoke: HashSet<AccountId>,
}

impl Span {
    fn begin(before: Arc<NextBlock>, began: Instant) -> Self {
        Self { began, before, spoke: HashSet::new() }
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
        if now.saturating_duration_since(spans[1].began) >= FOR {
            spans.swap(0, 1);
            spans[1] = Span::begin(before, now);
        }
        spans[1].spoke.extend(spoke);
    }

    /// Whether a transaction that is of no use now may have been good a moment ago: its account has been changed by its own since, which
    /// have used nonces and tokens, or its terms are fulfilled by what was judged by then.
    pub fn may_have_taken(&self, transaction: &Transaction, state: &State, refused: &TxError) -> bool {
        let spans = self.spans();
        match refused {
            TxError::NonceUsed { .. } | TxError::NonceTooHigh { .. } | TxError::CannotPayFee { .. } => {
                spans.iter().any(|span| span.spoke.contains(&transaction.payload.account))
            }
            _ => transaction.check_terms(state, &spans[0].before).is_ok(),
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
        let poor = TxError::CannotPayFee { have: Amount(0), need: Amount(1_000) };
        let over = TxError::Expired { expires_at: Height(1), now: Height(2) };
        let known = || {
            let of_account = [&used, &poor].map(|refused| lately.may_have_taken(&late, &state, refused));
            let other = lately.may_have_taken(&of_another, &state, &used);
            (of_account, other, lately.may_have_taken(&expired, &state, &over))
        };
        assert_eq!(known(), ([false; 2], false, true), "nothing has been in a block");
        lately.moves(first.clone(), [late.payload.account].into_iter(), began);
        assert_eq!(known(), ([true; 2], false, true));
        lately.moves(second.clone(), std::iter::empty(), began + FOR);
        assert_eq!(known(), ([true; 2], false, true), "for one while at least");
        lately.moves(second.clone(), std::iter::empty(), began + FOR * 2 - Duration::from_millis(1));
        assert_eq!(known(), ([true; 2], false, true));
        lately.moves(second, std::iter::empty(), began + FOR * 2);
        assert_eq!(known(), ([false; 2], false, false), "and for no longer than two");
    }
}
