//! What is done with a change that was asked for. Its plan is that of the change; who may do it is asked of the node.

use super::ActingAs;
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::rollout::ActingOn;
use crate::args::rollout::carried::{AbortArgs, AnnounceArgs, CloseArgs, ExecuteArgs, StepArgs, WithdrawArgs};
use crate::commands::keys;
use crate::commands::sending::ToMotion;
use crate::failure::{Failure, failed};
use crate::session::Session;
use crate::submit;
use primitives::{AccountId, Name};
use rollouts::Call as Rollout;
use rollouts::plan::ChangeKind;
use rpc::api::{ChainApiClient as _, RolloutApiClient as _};
use rpc::views::ChangeDetail;
use runtime::{Call, Certificate, Motion};

/// A change as it stands, and who acts on it.
struct Acting<'a> {
    who: AccountId,
    detail: ChangeDetail,
    on: &'a ActingOn,
}

impl<'a> Acting<'a> {
    async fn of(session: &Session, who: AccountId, on: &'a ActingOn) -> Result<Self, Failure> {
        let detail = session.node.rollout_change(on.change).await.map_err(|error| session.explain(error))?;
        Ok(Self { who, detail, on })
    }

    fn plan(&self) -> Name {
        self.detail.summary.plan.clone()
    }

    /// The role in which it is done, by the grant for that.
    async fn by(&self, session: &Session, action: &str) -> Result<Name, Failure> {
        let plan = &self.detail.summary.plan;
        ActingAs { who: self.who, plan, named: self.on.acting.as_ref() }.by_grant(session, action).await
    }

    /// The grant for something that is done to changes of this kind.
    fn action(&self, what: &str) -> String {
        format!("{}.{what}", self.detail.summary.kind)
    }

    /// The role in which this account submitted it.
    fn submitter(&self) -> Option<&Name> {
        self.detail.summary.by.as_ref().filter(|by| by.account == self.who).map(|by| &by.role)
    }
}

pub async fn withdraw(session: &Session, arguments: &Send<WithdrawArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: WithdrawArgs { on }, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let found = Acting::of(session, key.account(), on).await?;
    // Whoever submitted it takes it back, whatever roles it has by now.
    let acting = match on.acting.as_ref().or(found.submitter()) {
        Some(role) => role.clone(),
        None => found.by(session, &found.action("submit")).await?,
    };
    let call = Rollout::Withdraw { plan: found.plan(), acting, change: on.change };
    submit::send(session, &key, writing, Call::Rollouts(call)).await
}

pub async fn announce(session: &Session, arguments: &Send<AnnounceArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: AnnounceArgs { on, from, until, text }, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let found = Acting::of(session, key.account(), on).await?;
    let acting = found.by(session, "announce").await?;
    let (plan, text) = (found.plan(), text.clone());
    let call = Rollout::Announce { plan, acting, change: on.change, from: *from, until: *until, text };
    submit::send(session, &key, writing, Call::Rollouts(call)).await
}

pub async fn execute(session: &Session, arguments: &Send<ExecuteArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: ExecuteArgs { on }, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let found = Acting::of(session, key.account(), on).await?;
    let acting = found.by(session, &found.action("execute")).await?;
    let sealer_proof = match &found.detail.asked.sealer {
        Some(sealer) => Some(Box::new(alive(session, sealer).await?)),
        None => None,
    };
    let call = Rollout::Execute { plan: found.plan(), acting, change: on.change, sealer_proof };
    submit::send(session, &key, writing, Call::Rollouts(call)).await
}

/// A certificate of the epoch before that of the next block, with the precommit of whoever is to decide alone.
async fn alive(session: &Session, sealer: &AccountId) -> Result<Certificate, Failure> {
    let status = session.node.status().await.map_err(|error| session.explain(error))?;
    let epoch = status.height.next().epoch(status.epoch_length);
    let (first, end) = (epoch.minus(1).first_height(status.epoch_length), epoch.first_height(status.epoch_length));
    let mut height = end;
    while height > first && height > status.earliest {
        height = height.minus(1);
        // Nothing decided genesis.
        let Ok(certificate) = session.node.certificate(height).await else { break };
        if certificate.signatures.iter().any(|(account, _)| account == sealer) {
            return Ok(certificate);
        }
    }
    Err(failed(format!(
        "the node has no certificate of epoch {} with a precommit of {sealer}, who is to decide alone and has to be alive; \
         start that validator, and send it again an epoch later",
        epoch.minus(1)
    )))
}

pub async fn step(session: &Session, arguments: &Send<StepArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: StepArgs { on, step }, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let found = Acting::of(session, key.account(), on).await?;
    let acting = found.by(session, &found.action("execute")).await?;
    let next = || found.detail.steps.iter().find(|step| !step.is_taken).map(|step| step.key.clone());
    let step = step.clone().or_else(next).ok_or_else(|| {
        failed(format!(
            "change {} leaves no step to take; `contract rollout board` shows those of every stage",
            on.change
        ))
    })?;
    let call = Rollout::Step { plan: found.plan(), acting, change: on.change, step };
    submit::send(session, &key, writing, Call::Rollouts(call)).await
}

pub async fn close(session: &Session, arguments: &Send<CloseArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: CloseArgs { on }, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let found = Acting::of(session, key.account(), on).await?;
    let is_freeze = found.detail.summary.kind == ChangeKind::Freeze;
    let acting = match on.acting.as_ref().or(found.submitter().filter(|_| is_freeze)) {
        Some(role) => role.clone(),
        None => found.by(session, &found.action("close")).await?,
    };
    let call = Rollout::Close { plan: found.plan(), acting, change: on.change };
    submit::send(session, &key, writing, Call::Rollouts(call)).await
}

impl ToMotion for AbortArgs {
    fn to_motion(&self) -> Result<Motion, Failure> {
        let motion = rollouts::Motion::Abort { change: self.change, reason: self.reason.clone() };
        Ok(Motion::Rollouts(motion))
    }
}
