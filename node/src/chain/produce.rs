//! Building, judging and committing blocks: what consensus asks of the chain.

use super::{Chain, KeyStanding, Skew};
use anyhow::{Context as _, ensure};
use consensus::{Application, Blame, Origin, Signing, TwinSighting};
use host::clock;
use ledger::{Committed, Head, Ledger};
use parity_scale_codec::Encode;
use primitives::{AccountId, ChainId, Height, Timestamp, TransactionHash};
use runtime::{Block, Cause, Certificate, Transaction};
use staking::{Offence, ValidatorSet};
use state::State;
use std::collections::BTreeSet;
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;
use store::db::{DbError, Store};

impl Application for Chain {
    fn chain_id(&self) -> ChainId {
        self.genesis.chain.chain_id.clone()
    }

    fn head(&self) -> Height {
        Chain::head(self).at.height
    }

    fn validators(&self, height: Height) -> Option<ValidatorSet> {
        let view = self.store.view();
        let set = staking::queries::validator_set(&State::over(&view), height.epoch(self.genesis.chain.epoch_length));
        (!set.validators.is_empty()).then_some(set)
    }

    fn propose(&self, height: Height, round: u32, set_aside: &BTreeSet<TransactionHash>) -> anyhow::Result<Block> {
        let most = self.genesis.chain.limits.room(round).transactions as usize;
        let mut candidates = self.waiting(most.saturating_add(set_aside.len()));
        if !set_aside.is_empty() {
            candidates.retain(|candidate| !set_aside.contains(&candidate.hash()));
        }
        let mut ledger = self.ledger();
        let head = ledger.head().at.height;
        ensure!(height == head.next(), "asked to propose {height} on top of {head}");
        let block = ledger.propose(round, clock::now(), self.account, candidates)?;
        self.pulse().proposes(block.hash());
        tracing::debug!(%height, round, transactions = block.transactions.len(), "proposing a block");
        Ok(block)
    }

    fn ids(&self, block: &Block) -> Vec<TransactionHash> {
        let executed: Option<Vec<_>> = self.ledger().executed(&block.hash()).map(|of| of.transactions().collect());
        executed.unwrap_or_else(|| block.transactions.iter().map(Transaction::hash).collect())
    }

    fn transactions(&self, ids: &[TransactionHash], most_bytes: u32) -> Vec<Option<Vec<u8>>> {
        let (pool, mut room) = (self.pool(), Some(most_bytes as usize));
        let found = ids.iter().map_while(|id| {
            let left = room?;
            let encoded = pool.find(id).map(Encode::encode);
            room = left.checked_sub(encoded.as_ref().map_or(0, Vec::len));
            Some(encoded)
        });
        let found: Vec<_> = found.collect();
        drop(pool);
        self.metrics.block_by_ids(found.iter().all(Option::is_some));
        found
    }

    fn came_in_chunks(&self) {
        self.metrics.block_in_chunks();
    }

    fn refused(&self, _height: Height, _round: u32, _proposer: AccountId, _reason: &str) {
        self.metrics.block_refused();
    }

    fn blamed(&self, blame: Blame) {
        self.metrics.sender_blamed(blame);
    }

    fn contradicted(&self, offences: &[Offence]) {
        for offence in offences {
            self.keep(offence);
        }
    }

    fn signing(&self) -> Signing {
        self.standing.as_ref().map_or(Signing::ALWAYS, KeyStanding::signing)
    }

    fn has_twin(&self, shown: &TwinSighting) {
        if let Some(standing) = &self.standing {
            standing.has_twin(shown);
            self.tell_silence();
        }
    }

    fn validate(&self, block: &Block, origin: Origin) -> Result<(), String> {
        let drift = self.genesis.chain.consensus.max_clock_drift_ms;
        let latest = clock::now().plus(drift);
        if origin == Origin::Proposal {
            // Also one that is refused by a clock that is behind: it may be decided all the same.
            self.pulse().hears(block.hash(), block.header.time, Instant::now());
        }
        if origin == Origin::Proposal && block.header.time > latest {
            return Err(format!("the block's time {} is more than {drift} ms ahead of this clock", block.header.time));
        }
        let judged = match origin {
            Origin::Proposal => self.ledger().judge_knowing(block, &self.verified),
            Origin::Sync => self.ledger().judge(block),
        };
        judged.map_err(|error| error.to_string())
    }

    fn commit(&self, block: Block, certificate: Certificate) -> anyhow::Result<()> {
        let (height, time, mut ledger) = (block.header.height, block.header.time, self.ledger());
        let committed = ledger.commit(block, certificate);
        let committed = committed.with_context(|| format!("the decided block of height {height} cannot be kept"))?;
        self.advance(ledger.head().clone(), &committed);
        if let Some(standing) = &self.standing {
            standing.committed(height, time, self.new_since());
            self.count_silence();
        }
        Ok(())
    }

    fn finalized(&self, precommits: Certificate) {
        self.ledger().finalized(precommits);
    }

    fn may_go_on(&self) -> anyhow::Result<()> {
        let Some(lifetime) = &self.lifetime else { return Ok(()) };
        Ok(lifetime.require(&State::over(&self.store.view()), self.next_position().epoch)?)
    }

    fn decided(&self, height: Height) -> Option<(Block, Certificate)> {
        let read = || -> Result<Option<(Block, Certificate)>, DbError> {
            let view = self.store.view();
            Ok(view.block(height)?.zip(view.certificate(height)?))
        };
        read().unwrap_or_else(|error| {
            tracing::error!(%height, %error, "cannot read a decided block");
            None
        })
    }

    fn earliest(&self) -> Height {
        self.store.view().earliest().map_or(Height(1), |earliest| earliest.max(Height(1)))
    }
}

impl Chain {
    fn ledger(&self) -> MutexGuard<'_, Ledger<Store>> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says in the log and in the metrics whether this node's key signs.
    pub(super) fn tell_silence(&self) {
        match self.silence() {
            Some(silence) if silence.is_for_a_twin() => tracing::error!("{silence}"),
            Some(silence) => tracing::warn!("{silence}"),
            None => {}
        }
        self.count_silence();
    }

    /// After which time a block was surely made after this start; none while the proposals of others have not shown that this machine's
    /// clock is right, such as while blocks are fetched.
    fn new_since(&self) -> Option<Timestamp> {
        let drift = self.genesis.chain.consensus.max_clock_drift_ms;
        self.clock_skew().filter(|skew| skew.ms() <= drift)?;
        let ago = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        // A proposer's clock, and this one's, may each be off by so much.
        Some(clock::now().minus(ago).plus(drift.saturating_mul(2)))
    }

    fn count_silence(&self) {
        let silence = self.silence();
        let signs = self.standing.is_some() && silence.is_none();
        self.metrics.signing(signs, silence.is_some_and(|silence| silence.is_for_a_twin()));
    }

    /// Makes a stored block the head and tells everyone who waits for it.
    fn advance(&self, head: Head, committed: &Committed) {
        let facts = &committed.executed.facts;
        self.metrics.block(&Chain::head(self).header, &head.header, facts);
        tracing::info!(height = %head.at.height, hash = %head.hash, facts = facts.len(), "committed a block");
        self.pulse().moves(head.hash, Instant::now());
        let spoke = facts.iter().filter_map(|fact| match fact.cause {
            Cause::Transaction { account, .. } => Some(account),
            _ => None,
        });
        self.lately.moves(self.tip.next(), spoke, Instant::now());
        let view = self.store.view();
        let state = State::over(&view);
        self.tip.moves(head, &state);
        self.flag_writes.note(committed.executed.writes.keys().map(Vec::as_slice));
        self.metrics.clock_off(self.clock_skew().map_or(0, Skew::seconds));
        self.come_up();
        match view.earliest() {
            Ok(earliest) => self.metrics.earliest(earliest),
            Err(error) => tracing::warn!(%error, "cannot tell how far back history goes"),
        }
        self.count_gates(&state);
        let mut pool = self.pool();
        pool.recheck(&state, &self.tip.next());
        self.changed(&mut pool, None);
    }
}
