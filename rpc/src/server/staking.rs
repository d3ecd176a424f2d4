//! `staking.*`

use super::answers::Answers;
use crate::api::StakingApiServer;
use crate::error::RpcRefusal;
use crate::views::*;
use http::Extensions;
use primitives::Epoch;

impl StakingApiServer for Answers {
    fn staking_candidates(&self, epoch: Option<Epoch>) -> Result<EpochCandidates, RpcRefusal> {
        self.ask_state(|state, at| Ok(epoch_candidates(state, at.height, epoch.unwrap_or(at.epoch))))
    }

    fn staking_presence(&self, asked: &Extensions, epoch: Option<Epoch>) -> Result<EpochPresence, RpcRefusal> {
        self.ask_much(asked, |view| Ok(epoch_presence(view, epoch)?))
    }
}
