//! `contract rollout artifact`.

use super::{ActingAs, network_plan};
use crate::answer::CommandAnswer;
use crate::args::Send;
use crate::args::rollout::artifact::{ArtifactArgs, ArtifactsArgs, MarkArtifact, RegisterArtifact};
use crate::commands::keys;
use crate::failure::{Failure, usage};
use crate::render::rollout as render;
use crate::session::Session;
use crate::submit;
use artifacts::{ArtifactEntry, Call as ArtifactsCall, MOST_META};
use primitives::List;
use rpc::api::RolloutApiClient as _;
use runtime::Call;

/// The grant of whoever registers and marks artifacts.
const ARTIFACT: &str = "artifact";

pub async fn run(command: ArtifactArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        ArtifactArgs::Register(arguments) => register(session, &arguments).await,
        ArtifactArgs::List(arguments) => list(session, arguments).await,
        ArtifactArgs::Mark(arguments) => mark(session, &arguments).await,
    }
}

async fn list(session: &Session, arguments: ArtifactsArgs) -> Result<CommandAnswer, Failure> {
    let ArtifactsArgs { plan, stage, page } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let list = session.node.rollout_artifacts(plan, stage, Some(page.page), Some(page.page_size)).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::artifacts(&session.screen, &list.answer))
}

async fn register(session: &Session, arguments: &Send<RegisterArtifact>) -> Result<CommandAnswer, Failure> {
    let Send { call: RegisterArtifact { within, name, digest, phase, meta }, writing } = arguments;
    let meta = List::try_from(meta.clone())
        .map_err(|_| usage(format!("{} --meta are more than the {MOST_META} of an artifact", meta.len())))?;
    let artifact = ArtifactEntry { name: name.clone(), digest: *digest, phase: phase.clone(), meta };
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let plan = network_plan(session, within.plan.as_ref()).await?;
    let acting = ActingAs { who: key.account(), plan: &plan, named: within.acting.as_ref() };
    let acting = acting.by_grant(session, ARTIFACT).await?;
    submit::send(session, &key, writing, Call::Artifacts(ArtifactsCall::Register { plan, acting, artifact })).await
}

async fn mark(session: &Session, arguments: &Send<MarkArtifact>) -> Result<CommandAnswer, Failure> {
    let Send { call: MarkArtifact { within, digest, standing }, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let plan = network_plan(session, within.plan.as_ref()).await?;
    let acting = ActingAs { who: key.account(), plan: &plan, named: within.acting.as_ref() };
    let acting = acting.by_grant(session, ARTIFACT).await?;
    let call = ArtifactsCall::Mark { plan, acting, digest: *digest, standing: *standing };
    submit::send(session, &key, writing, Call::Artifacts(call)).await
}
