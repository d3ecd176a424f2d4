//! Building, judging and committing blocks: what consensus asks of the chain.

use super::{Chain, EXECUTIONS_KEPT, Execution};
use crate::clock;
use crate::consensus::{Application, Origin};
use crate::db::{BlockCommit, DbError, ends_epoch};
use anyhow::{Context as _, ensure};
use primitives::{AccountId, BlockHash, ChainId, Height, Timestamp};
use rpc::Head;
use runtime::{Block, BlockError, Certificate, Context, Executed, Header, Transaction};
use staking::ValidatorSet;
use state::State;
use std::sync::{Arc, PoisonError};

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

    fn propose(&self, height: Height, round: u32) -> anyhow::Result<Block> {
        let head = Chain::head(self);
        ensure!(height == head.at.height.next(), "asked to propose {height} on top of {}", head.at.height);
        let context = self.context_after(&head, clock::now().max(head.at.time.next()), self.account);
        let candidates = self.waiting(self.genesis.chain.limits.max_block_transactions as usize);
        let (transactions, executed) = runtime::assemble(&self.store.view(), &context, candidates);
        let header = self.keep(&context, &transactions, executed)?;
        tracing::debug!(%height, round, transactions = transactions.len(), "proposing a block");
        Ok(Block { header, transactions })
    }

    fn validate(&self, block: &Block, origin: Origin) -> Result<(), String> {
        let drift = self.genesis.chain.consensus.max_clock_drift_ms;
        let latest = clock::now().plus(drift);
        if origin == Origin::Proposal && block.header.time > latest {
            return Err(format!("the block's time {} is more than {drift} ms ahead of this clock", block.header.time));
        }
        self.judge(block).map_err(|error| error.to_string())
    }

    fn commit(&self, block: Block, certificate: Certificate) -> anyhow::Result<()> {
        let height = block.header.height;
        let hash = block.hash();
        let execution = match self.take(&hash) {
            Some(execution) => execution,
            None => {
                self.judge(&block).with_context(|| format!("the decided block of height {height} is invalid"))?;
                self.take(&hash).context("an execution was just kept and is gone")?
            }
        };
        let Execution { executed, prepared } = execution;
        let ends = ends_epoch(height, self.genesis.chain.epoch_length);
        let epoch_end = if ends { self.validators(height) } else { None };
        let commit =
            BlockCommit { block: &block, certificate: &certificate, facts: &executed.facts, prepared, epoch_end };
        self.store.commit(commit).with_context(|| format!("cannot store the block of height {height}"))?;
        self.advance(block.header, &executed);
        Ok(())
    }

    fn may_go_on(&self) -> anyhow::Result<()> {
        let Some(lifetime) = &self.lifetime else { return Ok(()) };
        Ok(lifetime.require(&State::over(&self.store.view()), self.next_moment().epoch)?)
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
    fn context_after(&self, head: &Head, time: Timestamp, proposer: AccountId) -> Context {
        Context {
            chain_id: self.genesis.chain.chain_id.clone(),
            height: head.at.height.next(),
            time,
            proposer,
            parent: head.hash,
        }
    }

    /// Executes a block on the tip, once, and compares every field of its header with what execution gives.
    fn judge(&self, block: &Block) -> anyhow::Result<()> {
        // The hash is the header's: what was executed under it counts only for the transactions that the header commits to.
        block.require_body()?;
        if self.executions.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&block.hash()) {
            return Ok(());
        }
        let head = Chain::head(self);
        let (time, parent) = (block.header.time, head.at.time);
        if time <= parent {
            return Err(BlockError::TimeNotAfterParent { time, parent }.into());
        }
        let context = self.context_after(&head, time, block.header.proposer);
        ensure!(
            self.validators(context.height).is_some_and(|set| set.power_of(&context.proposer).is_some()),
            "its proposer {} is not in the validator set",
            context.proposer
        );
        // The cheap comparison first: a block for another place is not executed.
        ensure!(
            (block.header.height, block.header.parent) == (context.height, context.parent),
            "it stands on {} and does not follow this node's head {} of height {}",
            block.header.parent,
            head.hash,
            head.at.height
        );
        let executed = runtime::execute(&self.store.view(), &context, &block.transactions)?;
        let execution = Execution { prepared: self.store.prepare(executed.writes.clone())?, executed };
        let expected = Header::over(&context, &block.transactions, &execution.executed, execution.prepared.root());
        block.header.require(&expected)?;
        self.remember(block.hash(), execution);
        Ok(())
    }

    /// Computes the header of a block that this node built, and keeps its execution for the commit.
    fn keep(&self, context: &Context, transactions: &[Transaction], executed: Executed) -> anyhow::Result<Header> {
        let execution = Execution { prepared: self.store.prepare(executed.writes.clone())?, executed };
        let header = Header::over(context, transactions, &execution.executed, execution.prepared.root());
        self.remember(header.hash(), execution);
        Ok(header)
    }

    fn remember(&self, hash: BlockHash, execution: Execution) {
        let mut executions = self.executions.lock().unwrap_or_else(PoisonError::into_inner);
        if executions.len() >= EXECUTIONS_KEPT {
            executions.pop_first();
        }
        executions.insert(hash, execution);
    }

    fn take(&self, hash: &BlockHash) -> Option<Execution> {
        self.executions.lock().unwrap_or_else(PoisonError::into_inner).remove(hash)
    }

    /// Makes a stored block the head and tells everyone who waits for it.
    fn advance(&self, header: Header, executed: &Executed) {
        self.executions.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let head = Head::new(header, self.genesis.chain.epoch_length);
        self.metrics.block(&Chain::head(self).header, &head.header, &executed.facts);
        tracing::info!(height = %head.at.height, hash = %head.hash, facts = executed.facts.len(), "committed a block");
        self.head.send_replace(Arc::new(head));
        let next = self.next_moment();
        let view = self.store.view();
        match view.earliest() {
            Ok(earliest) => self.metrics.earliest(earliest),
            Err(error) => tracing::warn!(%error, "cannot tell how far back history goes"),
        }
        let mut pool = self.pool();
        pool.recheck(&State::over(&view), next);
        self.metrics.pool(&pool);
    }
}
