//! That the audit log of this node is broken, said on chain under the network's plan, where that has a signal for it (REQ-157). One
//! validator that says so is to be looked at; more than a third of the power about one height stops promotions.

use crate::audit_watch::AuditWatch;
use crate::chain::Chain;
use crate::own::{self, Voice};
use primitives::{Decimal, Digest, Height, Name, Path, Text, TransactionHash};
use rollouts::queries::StatementPlace;
use rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use runtime::Call;
use state::{Decide as _, State};
use std::sync::Arc;

/// The signal, and in whose name it is said.
const SIGNAL: (&str, &str) = ("audit_integrity", "validators");

/// Says on chain what a node finds of its audit log.
pub struct AuditSignal {
    chain: Arc<Chain>,
    voice: Voice,
    audit: AuditWatch,
    /// What was sent and is not heard yet: the last block it may be in, and how often it was sent by now.
    sent: Option<(TransactionHash, Height, u32)>,
}

impl AuditSignal {
    /// Speaks for a validator, of what is found of its log.
    pub fn new(chain: Arc<Chain>, voice: Voice, audit: AuditWatch) -> Self {
        Self { chain, voice, audit, sent: None }
    }

    /// Looks after each block whether something is to be said, for as long as there are any.
    pub async fn run(self) {
        let mut heads = self.chain.heads();
        let mut signal = self;
        while heads.changed().await.is_ok() {
            if signal.audit.broken().is_none() || signal.chain.is_stale() {
                continue;
            }
            // State is read, and a word is signed: nothing for a thread that others wait for.
            let looked = tokio::task::spawn_blocking(move || {
                signal.look();
                signal
            });
            let Ok(back) = looked.await else { return };
            signal = back;
        }
    }

    fn look(&mut self) {
        let Some(call) = self.owed() else {
            self.sent = None;
            return;
        };
        let now = self.chain.head().at.height;
        let waits = |(hash, expires_at, _): &(TransactionHash, Height, u32)| {
            now <= *expires_at && self.chain.pool().contains(hash)
        };
        if self.sent.as_ref().is_some_and(waits) {
            return;
        }
        let (times, expires_at) = (self.sent.map_or(0, |(.., times)| times), now.plus(own::LIFETIME));
        match own::send(&self.chain, &self.voice, call, expires_at, times) {
            Ok(hash) => self.sent = Some((hash, expires_at, times.saturating_add(1))),
            Err(error) => tracing::debug!(%error, "that the audit log is broken has to be said later"),
        }
    }

    /// What is to be said now, and would be taken; none where it was said, or nobody asks.
    fn owed(&self) -> Option<Call> {
        let (height, what) = self.audit.broken()?;
        let view = self.chain.store().view();
        let state = State::over(&view);
        let (plan, account) = (flags::queries::node_plan(&state)?, self.voice.account());
        let (key, acting) = (Name::new(SIGNAL.0)?, Name::new(SIGNAL.1)?);
        let value: Decimal = height.to_string().parse().ok()?;
        let about = StatementSubject::Scope(Path::ROOT);
        let place = StatementPlace { key: key.clone(), about: about.digest(), account };
        let was_said = rollouts::queries::statement(&state, &plan, &place).is_some_and(|stated| {
            stated.statement.outcome == StatementOutcome::Failed && stated.statement.value.as_ref() == Some(&value)
        });
        let statement = Statement {
            digest: Some(Digest::blake3(what.as_bytes())),
            value: Some(value),
            reason: Text::new(what).unwrap_or_default(),
            ..Statement::new(key, about, StatementOutcome::Failed)
        };
        let call = Call::Rollouts(rollouts::Call::State { plan, acting, statement: Box::new(statement) });
        let is_taken = || call.decide(&state, self.chain.next_moment(), account).is_ok();
        (!was_said && is_taken()).then_some(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::open;
    use crate::governed_start::{CouncilKey, GovernedStart};
    use crate::metrics::NodeMetrics;
    use accounts::Endowment;
    use host::provenance::TrustedSigners;
    use primitives::{AccountId, Amount};
    use rpc::views::AuditWalk;
    use runtime::Genesis;
    use runtime::testing::{genesis, validator};
    use store::db::{Access, Settings, Store};
    use tempfile::TempDir;

    /// A genesis under the plan of `config/profiles/chain.toml`, where testnet stands.
    fn governed() -> Genesis {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let profile = root.join("config/profiles/chain.toml");
        let start = GovernedStart::read(&profile, &root, Name::new("testnet"), None).unwrap();
        let (mut genesis, council) = (genesis(), start.council());
        let validators: Vec<AccountId> = (0..4).map(|index| validator(index).account()).collect();
        genesis.rollouts = Some(Box::new(start.genesis(&validators, &council).unwrap()));
        let endow = |member: &CouncilKey| Endowment { account: member.key.account(), balance: Amount(10_000_000) };
        genesis.accounts.balances.extend(council.iter().map(endow));
        genesis
    }

    /// The node of the first validator, which found its log broken at a block, or whole.
    fn node(genesis: &Genesis, broken: Option<u64>) -> (TempDir, AuditSignal) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("db"), Access::Primary, Settings::default()).unwrap();
        store.commit_genesis(genesis).unwrap();
        drop(store);
        let chain = Arc::new(open(&dir, genesis, TrustedSigners::default(), &NodeMetrics::new()));
        let mut walk = AuditWalk::default();
        broken.into_iter().for_each(|height| walk.breaks(Height(height), "it is missing".into()));
        (dir, AuditSignal::new(chain, Voice::new(validator(0), 1), AuditWatch::found(walk)))
    }

    fn waiting(node: &AuditSignal) -> Vec<Call> {
        node.chain.waiting(9).into_iter().map(|transaction| transaction.payload.call).collect()
    }

    #[test]
    fn req_157_a_validator_whose_log_is_broken_says_so_once_with_the_height() {
        let (_dir, mut node) = node(&governed(), Some(7));
        (0..3).for_each(|_| node.look());
        let said = waiting(&node);
        let [Call::Rollouts(rollouts::Call::State { plan, acting, statement })] = &said[..] else { panic!("{said:?}") };
        assert_eq!(
            (plan.as_str(), acting.as_str(), statement.key.as_str()),
            ("chain", "validators", "audit_integrity")
        );
        assert_eq!(statement.outcome, StatementOutcome::Failed);
        assert_eq!(statement.value, Some("7".parse().unwrap()));
    }

    #[test]
    fn nothing_is_said_of_a_log_that_hangs_together_or_where_no_plan_asks() {
        for (genesis, broken) in [(governed(), None), (genesis(), Some(7))] {
            let (_dir, mut node) = node(&genesis, broken);
            node.look();
            assert!(waiting(&node).is_empty(), "{:?}", waiting(&node));
        }
    }
}
