//! `contract rollout simulate`: what would come of a call, and all that is in its way.

use crate::answer::CommandAnswer;
use crate::args::file::CallFile;
use crate::args::rollout::read::SimulateArgs;
use crate::commands::sending::ToCall as _;
use crate::failure::{Failure, failed, usage};
use crate::render::rollout as render;
use crate::session::Session;
use primitives::{ChangeId, Name};
use rollouts::Call as Rollout;
use rollouts::queries::NextActKind;
use rpc::api::{RolesApiClient as _, RolloutApiClient as _};
use rpc::views::ChangeDetail;
use runtime::Call;

/// What would come of a call. One that would be refused is an answer with exit code 1.
pub async fn simulate(session: &Session, arguments: &SimulateArgs) -> Result<CommandAnswer, Failure> {
    let call = match (&arguments.call, arguments.change) {
        (Some(file), _) => CallFile { file: file.clone() }.to_call()?,
        (None, Some(change)) => carried_out(session, change, arguments).await?,
        (None, None) => return Err(usage("name what is tried with --change or --call")),
    };
    let view = session.node.rollout_simulate(call, arguments.account).await.map_err(|error| session.explain(error))?;
    let is_granted = view.refusals.is_empty();
    Ok(CommandAnswer::new(&view, render::simulation(&session.screen, &view))?.found(is_granted))
}

/// The call that carries a change out, or takes a step of its stage.
async fn carried_out(session: &Session, change: ChangeId, arguments: &SimulateArgs) -> Result<Call, Failure> {
    let detail = session.node.rollout_change(change).await.map_err(|error| session.explain(error))?;
    let plan = detail.summary.plan.clone();
    let acting = match &arguments.acting {
        Some(named) => named.clone(),
        None => first_that_may(session, &detail).await?,
    };
    Ok(Call::Rollouts(match arguments.step.clone() {
        Some(step) => Rollout::Step { plan, acting, change, step },
        None => Rollout::Execute { plan, acting, change, sealer_proof: None },
    }))
}

/// The first role that may carry a change out: whose turn it is, or else whoever has the grant. What is carried out when it is asked for
/// nobody may carry out again; then it is the role that asked.
async fn first_that_may(session: &Session, detail: &ChangeDetail) -> Result<Name, Failure> {
    let mut acts = detail.next.iter().filter(|act| matches!(act.what, NextActKind::Execute | NextActKind::Step));
    if let Some(role) = acts.find_map(|act| act.roles.first()) {
        return Ok(role.clone());
    }
    let (plan, action) = (detail.summary.plan.clone(), format!("{}.execute", detail.summary.kind));
    let roles = session.node.roles_list(plan).await.map_err(|error| session.explain(error))?.roles;
    let may = roles.into_iter().find(|role| role.grants.iter().any(|grant| grant.action.as_str() == action));
    let asked = || detail.summary.by.as_ref().map(|by| by.role.clone());
    may.map(|role| role.name).or_else(asked).ok_or_else(|| {
        failed(format!("no role of plan {} has the grant {action}, so nobody can carry this out", detail.summary.plan))
    })
}
