//! `rewards.*`

use super::answers::Answers;
use crate::api::RewardsApiServer;
use crate::error::RpcRefusal;
use crate::views::*;
use http::Extensions;
use primitives::{AccountId, Epoch};

impl RewardsApiServer for Answers {
    fn rewards_epoch(&self, asked: &Extensions, epoch: Epoch) -> Result<EpochRewards, RpcRefusal> {
        self.ask_much(asked, |view| Ok(epoch_rewards(view, epoch)?))
    }

    fn rewards_due(&self, asked: &Extensions, account: AccountId) -> Result<RewardsDue, RpcRefusal> {
        self.ask_much(asked, |view| Ok(crate::views::rewards_due(view, account)?))
    }
}
