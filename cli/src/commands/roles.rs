//! `contract roles`.

use super::account::named;
use super::keys;
use super::rollout::{ActingAs, network_plan};
use super::sending;
use crate::answer::CommandAnswer;
use crate::args::gov::Page;
use crate::args::roles::{AppointArgs, DismissArgs, NewMembers, ResignArgs, RolesArgs};
use crate::args::{Propose, Send};
use crate::failure::{Failure, usage};
use crate::render::roles as render;
use crate::session::Session;
use crate::submit;
use primitives::{AccountId, List, Name};
use roles::{Call as RolesCall, RoleKey};
use rpc::api::RolesApiClient as _;
use runtime::{Call, Motion};

/// Does what was asked about who may do what.
///
/// # Errors
/// When the node does not answer or does not know what is asked about, and see [`submit::send`].
pub async fn run(command: RolesArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        RolesArgs::List(of) => list(session, of.plan).await,
        RolesArgs::Show { role, plan } => show(session, role, plan).await,
        RolesArgs::Of { whose, passphrase, page } => of(session, named(whose, &passphrase)?, page).await,
        RolesArgs::Appoint(arguments) => appoint(session, &arguments).await,
        RolesArgs::Dismiss(arguments) => dismiss(session, &arguments).await,
        RolesArgs::Resign(arguments) => resign(session, &arguments).await,
        RolesArgs::ProposeMembers(arguments) => propose_members(session, &arguments).await,
    }
}

async fn list(session: &Session, plan: Option<Name>) -> Result<CommandAnswer, Failure> {
    let plan = network_plan(session, plan.as_ref()).await?;
    let view = session.node.roles_list(plan).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::list(&session.screen, &view))
}

async fn show(session: &Session, role: Name, plan: Option<Name>) -> Result<CommandAnswer, Failure> {
    let plan = network_plan(session, plan.as_ref()).await?;
    let view = session.node.roles_role(plan, role).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::role(&session.screen, &view))
}

async fn of(session: &Session, account: AccountId, page: Page) -> Result<CommandAnswer, Failure> {
    let list = session.node.roles_of(account, Some(page.page), Some(page.page_size)).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::held(&session.screen, &list.answer))
}

async fn appoint(session: &Session, arguments: &Send<AppointArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: AppointArgs { role, account, scopes, within }, writing } = arguments;
    let scopes = List::try_from(scopes.clone()).map_err(|_| {
        usage(format!("{} --scope are more than the 4 of a member; name fewer, or wider ones", scopes.len()))
    })?;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let plan = network_plan(session, within.plan.as_ref()).await?;
    let acting = appointing(session, key.account(), &plan, within.acting.as_ref(), role).await?;
    let call = RolesCall::Appoint { key: RoleKey { plan, role: role.clone() }, acting, account: *account, scopes };
    submit::send(session, &key, writing, Call::Roles(call)).await
}

async fn dismiss(session: &Session, arguments: &Send<DismissArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: DismissArgs { role, account, within }, writing } = arguments;
    let key = keys::read(&writing.key, &writing.passphrase)?;
    let plan = network_plan(session, within.plan.as_ref()).await?;
    let acting = appointing(session, key.account(), &plan, within.acting.as_ref(), role).await?;
    let call = RolesCall::Dismiss { key: RoleKey { plan, role: role.clone() }, acting, account: *account };
    submit::send(session, &key, writing, Call::Roles(call)).await
}

/// The role in which an account appoints another to a role, or dismisses it.
async fn appointing(
    session: &Session,
    who: AccountId,
    plan: &Name,
    named: Option<&Name>,
    role: &Name,
) -> Result<Name, Failure> {
    ActingAs { who, plan, named }.by_grant(session, &format!("appoint.{role}")).await
}

async fn resign(session: &Session, arguments: &Send<ResignArgs>) -> Result<CommandAnswer, Failure> {
    let Send { call: ResignArgs { role, plan }, writing } = arguments;
    let plan = network_plan(session, plan.as_ref()).await?;
    let key = RoleKey { plan, role: role.clone() };
    sending::write(session, writing, Call::Roles(RolesCall::Resign { key })).await
}

async fn propose_members(session: &Session, arguments: &Propose<NewMembers>) -> Result<CommandAnswer, Failure> {
    let Propose { motion: NewMembers { role, plan, members, reason }, timing, writing } = arguments;
    let members = List::try_from(members.clone())
        .map_err(|_| usage(format!("{} --member are more than the 100 that a motion names", members.len())))?;
    let plan = network_plan(session, plan.as_ref()).await?;
    let key = RoleKey { plan, role: role.clone() };
    let motion = Motion::Roles(roles::Motion::SetMembers { key, members, reason: reason.clone() });
    sending::write_proposal(session, writing, motion, *timing).await
}
