//! `gov.*`

use super::answers::Answers;
use super::follow::follow;
use crate::api::GovApiServer;
use crate::chain_view::state_of;
use crate::error::RpcRefusal;
use crate::views::*;
use governance::{Ballot, Status};
use http::Extensions;
use jsonrpsee::PendingSubscriptionSink;
use jsonrpsee::core::async_trait;
use jsonrpsee::server::SubscriptionCloseResponse;
use light::Ticket;
use primitives::{AccountId, BuildHash, Epoch, Height, ProposalId};
use releases::RosterRecord;
use runtime::CHAIN;
use state::State;

/// The refusal that names the first live proposal for a build, if there is one.
fn never_approved(state: &State, hash: BuildHash) -> RpcRefusal {
    RpcRefusal::UnknownRelease { hash, proposal: releases::queries::proposals_of(state, &hash).next() }
}

#[async_trait]
impl GovApiServer for Answers {
    fn release_signers(&self) -> Result<ReleaseSigners, RpcRefusal> {
        self.ask_state(|state, at| Ok(signers(state, at.epoch))).map_err(RpcRefusal::of_release)
    }

    fn release_history(
        &self,
        asked: &Extensions,
        page: Option<u64>,
        page_size: Option<u32>,
        proposer: Option<AccountId>,
        start_epoch: Option<Epoch>,
        end_epoch: Option<Epoch>,
    ) -> Result<PageOf<ReleaseView>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        let filter = HistoryFilter { proposer, start_epoch, end_epoch };
        self.ask_much(asked, |view| {
            let now = view.head()?.at.epoch;
            Ok(history_while(&state_of(view), now, &filter, range, || view.go_on())?)
        })
        .map_err(RpcRefusal::of_release)
    }

    fn release(&self, hash: BuildHash) -> Result<ReleaseDetail, RpcRefusal> {
        self.ask_state(|state, at| release_detail(state, at.epoch, &hash).ok_or_else(|| never_approved(state, hash)))
            .map_err(RpcRefusal::of_release)
    }

    fn release_nodes(
        &self,
        asked: &Extensions,
        hash: BuildHash,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<PageOf<NodeReport>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        self.ask_much(asked, |view| {
            let state = state_of(view);
            if releases::queries::release(&state, &hash).is_none() {
                return Err(never_approved(&state, hash));
            }
            Ok(nodes_while(&state, &hash, range, || view.go_on())?)
        })
        .map_err(RpcRefusal::of_release)
    }

    fn rebuilds(
        &self,
        asked: &Extensions,
        hash: BuildHash,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<PageOf<RebuildView>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        self.ask_much(asked, |view| Ok(rebuilds(&state_of(view), &hash, range, || view.go_on())?))
            .map_err(RpcRefusal::of_release)
    }

    fn stage_proofs(
        &self,
        asked: &Extensions,
        hash: BuildHash,
        height: Option<Height>,
    ) -> Result<StageProofs, RpcRefusal> {
        self.ask_much(asked, |view| Ok(stage_proofs(view, &hash, height)?)).map_err(RpcRefusal::of_release)
    }

    fn release_advice(&self, hash: BuildHash) -> Result<ReleaseAdvice, RpcRefusal> {
        self.ask_state(|state, at| Ok(advice(state, at.epoch, hash))).map_err(RpcRefusal::of_release)
    }

    fn release_proof(&self, asked: &Extensions, hash: BuildHash, from: Option<Height>) -> Result<Ticket, RpcRefusal> {
        self.ask_much(asked, |view| {
            let state = state_of(view);
            if releases::queries::release(&state, &hash).is_none() {
                return Err(never_approved(&state, hash));
            }
            release_ticket(view, self.source.genesis(), hash, from.unwrap_or_default())
        })
        .map_err(RpcRefusal::of_release)
    }

    fn trust_path(&self, asked: &Extensions, from: Option<Height>) -> Result<TrustPath, RpcRefusal> {
        self.ask_much(asked, |view| trust_path(view, self.source.genesis(), from.unwrap_or_default()))
    }

    fn roster_history(&self, page: Option<u64>, page_size: Option<u32>) -> Result<PageOf<RosterRecord>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        self.ask_state(|state, _| Ok(rosters(state, range))).map_err(RpcRefusal::of_release)
    }

    fn proposals(
        &self,
        asked: &Extensions,
        status: Option<Status>,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<PageOf<ProposalView>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        self.ask_much(asked, |view| {
            let now = view.head()?.at.epoch;
            Ok(proposals(&state_of(view), now, status, range, || view.go_on())?)
        })
    }

    fn proposal(&self, id: ProposalId) -> Result<ProposalDetail, RpcRefusal> {
        self.ask(|view| {
            let (state, at) = (state_of(view), view.head()?.at);
            let chain = CHAIN.require(&state);
            let pace = BlockPace::measure(view, chain.epoch_length, chain.consensus.block_time_ms)?;
            proposal_detail(&state, at.epoch, pace, id).ok_or(RpcRefusal::UnknownProposal(id))
        })
    }

    fn ballots(
        &self,
        asked: &Extensions,
        id: ProposalId,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<PageOf<Ballot>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        self.ask_much(asked, |view| {
            let state = state_of(view);
            if id == ProposalId(0) || id > governance::queries::latest(&state) {
                return Err(RpcRefusal::UnknownProposal(id));
            }
            Ok(ballots(&state, id, range, || view.go_on())?)
        })
    }

    fn params(&self) -> Result<ParamsView, RpcRefusal> {
        self.ask_state(|state, at| Ok(governance_params(state, at.epoch)))
    }

    async fn subscribe_events(
        &self,
        pending: PendingSubscriptionSink,
        asked: &Extensions,
        from: Option<Height>,
    ) -> SubscriptionCloseResponse {
        follow(self, pending, asked, from, |feeds| &feeds.events).await
    }
}
