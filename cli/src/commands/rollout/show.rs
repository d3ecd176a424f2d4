//! The commands that only read.

use super::network_plan;
use crate::answer::CommandAnswer;
use crate::args::gov::Page;
use crate::args::rollout::read::{ChangesArgs, PlanArgs, StatementsArgs};
use crate::escape;
use crate::failure::Failure;
use crate::render::rollout as render;
use crate::session::Session;
use primitives::{ChangeId, Name};
use rpc::api::RolloutApiClient as _;

pub async fn plan(session: &Session, arguments: &PlanArgs) -> Result<CommandAnswer, Failure> {
    let plan = network_plan(session, arguments.plan.as_ref()).await?;
    let view = session.node.rollout_plan(plan).await.map_err(|error| session.explain(error))?;
    let text = if arguments.markdown {
        escape::lines(&profiles::text::markdown(&view.plan))
    } else {
        render::plan(&session.screen, &view)
    };
    CommandAnswer::new(&view, text)
}

pub async fn plans(session: &Session, page: Page) -> Result<CommandAnswer, Failure> {
    let list = session.node.rollout_plans(Some(page.page), Some(page.page_size)).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::plans(&session.screen, &list.answer))
}

pub async fn board(session: &Session, plan: Option<Name>) -> Result<CommandAnswer, Failure> {
    let plan = network_plan(session, plan.as_ref()).await?;
    let view = session.node.rollout_board(plan).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::board(&session.screen, &view))
}

pub async fn changes(session: &Session, arguments: ChangesArgs) -> Result<CommandAnswer, Failure> {
    let ChangesArgs { plan, state, kind, scope, before, page } = arguments;
    let (page, size) = (Some(page.page), Some(page.page_size));
    let list = session.node.rollout_changes(plan, state, kind, scope, page, size, before).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::changes(&session.screen, &list.answer))
}

pub async fn change(session: &Session, id: ChangeId) -> Result<CommandAnswer, Failure> {
    let view = session.node.rollout_change(id).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::change(&session.screen, &view))
}

pub async fn statements(session: &Session, arguments: StatementsArgs) -> Result<CommandAnswer, Failure> {
    let StatementsArgs { plan, check, about, from, page_size } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let list = session.node.rollout_statements(plan, check, about, from, Some(page_size)).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::statements(&session.screen, &list.answer))
}

pub async fn fleet(session: &Session, plan: Option<Name>) -> Result<CommandAnswer, Failure> {
    let plan = network_plan(session, plan.as_ref()).await?;
    let view = session.node.rollout_fleet(plan).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::fleet(&session.screen, &view))
}

pub async fn phases(session: &Session, plan: Option<Name>) -> Result<CommandAnswer, Failure> {
    let plan = network_plan(session, plan.as_ref()).await?;
    let view = session.node.rollout_phases(plan).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::phases(&session.screen, &view))
}

pub async fn playbooks(session: &Session, plan: Option<Name>) -> Result<CommandAnswer, Failure> {
    let plan = network_plan(session, plan.as_ref()).await?;
    let view = session.node.rollout_playbooks(plan).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::playbooks(&session.screen, &view))
}
