//! `contract rewards`.

use super::account::named;
use super::sending::{ToCall, send};
use crate::answer::CommandAnswer;
use crate::args::rewards::{CollectArgs, FundArgs, RewardsArgs};
use crate::failure::Failure;
use crate::render::rewards as render;
use crate::session::Session;
use primitives::{AccountId, Epoch};
use rpc::api::{RewardsApiClient as _, StakingApiClient as _};
use runtime::Call;

/// Does what was asked about what presence is paid.
///
/// # Errors
/// When the node does not answer, and see [`crate::submit::send`].
pub async fn run(command: RewardsArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        RewardsArgs::Show { epoch } => show(session, epoch).await,
        RewardsArgs::Due { whose, passphrase } => due(session, named(whose, &passphrase)?).await,
        RewardsArgs::Collect(arguments) => send(session, &arguments).await,
        RewardsArgs::Fund(arguments) => send(session, &arguments).await,
    }
}

async fn show(session: &Session, epoch: Option<Epoch>) -> Result<CommandAnswer, Failure> {
    let presence = session.node.staking_presence(epoch).await.map_err(|error| session.explain(error))?;
    let paid = epoch.unwrap_or(presence.epoch.minus(1));
    let rewards = session.node.rewards_epoch(paid).await.map_err(|error| session.explain(error))?;
    let text = render::epoch(&session.screen, &presence, &rewards);
    CommandAnswer::new(&serde_json::json!({ "presence": presence, "rewards": rewards }), text)
}

async fn due(session: &Session, account: AccountId) -> Result<CommandAnswer, Failure> {
    let view = session.node.rewards_due(account).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::due(&session.screen, &view))
}

impl ToCall for CollectArgs {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Rewards(rewards::Call::Collect { validator: self.validator }))
    }
}

impl ToCall for FundArgs {
    fn to_call(&self) -> Result<Call, Failure> {
        Ok(Call::Rewards(rewards::Call::Fund { amount: self.amount }))
    }
}
