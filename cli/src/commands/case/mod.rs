//! `contract incident`, `contract risk` and `contract hold`: one file each, and what they have in common.

pub mod hold;
pub mod incident;
pub mod risk;

use super::keys;
use super::rollout::{ActingAs, network_plan};
use crate::answer::CommandAnswer;
use crate::args::Writing;
use crate::args::case::{ActingOnCase, CasesArgs};
use crate::args::rollout::ActingIn;
use crate::failure::Failure;
use crate::render::case as render;
use crate::session::Session;
use crate::submit;
use cases::{Call as CasesCall, CaseKind};
use primitives::{CaseId, Name};
use rpc::api::CaseApiClient as _;
use rpc::views::CaseDetail;
use runtime::Call;

async fn list(session: &Session, kind: CaseKind, which: CasesArgs) -> Result<CommandAnswer, Failure> {
    let CasesArgs { plan, state, scope, before, page } = which;
    let (page, size) = (Some(page.page), Some(page.page_size));
    let list = session.node.case_list(plan, Some(kind), state, scope, page, size, before).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::list(&session.screen, kind, &list.answer))
}

async fn show(session: &Session, case: CaseId) -> Result<CommandAnswer, Failure> {
    let view = find(session, case).await?;
    CommandAnswer::new(&view, render::case(&session.screen, &view))
}

async fn find(session: &Session, case: CaseId) -> Result<CaseDetail, Failure> {
    session.node.case_get(case).await.map_err(|error| session.explain(error))
}

/// Signs what opens something under a plan, in the role that has a grant.
async fn open(
    session: &Session,
    writing: &Writing,
    within: &ActingIn,
    action: &str,
    call: impl FnOnce(Name, Name) -> CasesCall,
) -> Result<CommandAnswer, Failure> {
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let plan = network_plan(session, within.plan.as_ref()).await?;
    let acting = ActingAs { who: key.account(), plan: &plan, named: within.acting.as_ref() };
    let acting = acting.by_grant(session, action).await?;
    submit::send(session, &key, writing, Call::Cases(call(plan, acting))).await
}

/// Signs what is done to a case, under its plan and in the role that has a grant.
async fn act(
    session: &Session,
    writing: &Writing,
    on: &ActingOnCase,
    action: &str,
    call: impl FnOnce(Name, Name) -> CasesCall,
) -> Result<CommandAnswer, Failure> {
    let plan = find(session, on.case).await?.summary.head.plan;
    let within = ActingIn { plan: Some(plan), acting: on.acting.clone() };
    open(session, writing, &within, action, call).await
}
