//! `contract rollout`: plans, the changes under them, and what a profile says before a chain is told.

mod acting;
mod artifact;
mod asked;
mod attest;
mod carried;
mod explain;
mod explored;
mod export;
mod in_toto;
mod install;
mod notes;
mod profile;
mod retrospective;
mod set;
mod show;
mod simulate;

pub(super) use acting::{ActingAs, network_plan};
pub(super) use asked::submit as ask_for;
pub(super) use in_toto::InTotoStatement;

use crate::answer::CommandAnswer;
use crate::args::rollout::RolloutArgs;
use crate::args::rollout::read::PlanArgs;
use crate::failure::{Failure, failed};
use crate::render::Screen;
use crate::session::Session;
use crate::watch;

/// Does what was asked of profiles, for which no node is needed.
///
/// # Errors
/// A profile that is not there, and one with mistakes where its plan is asked for.
pub fn offline(command: RolloutArgs, screen: &Screen) -> Result<CommandAnswer, Failure> {
    match command {
        RolloutArgs::Lint(arguments) => profile::lint(&arguments, screen),
        RolloutArgs::Plan(PlanArgs { file: Some(file), root, markdown, .. }) => profile::plan(&file, &root, markdown),
        _ => Err(failed("this needs a node")),
    }
}

/// Does what was asked of plans and changes.
///
/// # Errors
/// When the node does not answer or does not know what is asked about, and see [`crate::submit::send`].
pub async fn run(command: RolloutArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        RolloutArgs::Lint(_) | RolloutArgs::Plan(PlanArgs { file: Some(_), .. }) => offline(command, &session.screen),
        RolloutArgs::Plan(arguments) => show::plan(session, &arguments).await,
        RolloutArgs::Plans(page) => show::plans(session, page).await,
        RolloutArgs::Board(of) => show::board(session, of.plan).await,
        RolloutArgs::Changes(arguments) => show::changes(session, arguments).await,
        RolloutArgs::Change { change, watch: true } => watch::change(session, change).await,
        RolloutArgs::Change { change, watch: false } => show::change(session, change).await,
        RolloutArgs::Explain(arguments) => explain::explain(session, arguments).await,
        RolloutArgs::Statements(arguments) => show::statements(session, arguments).await,
        RolloutArgs::Fleet(of) => show::fleet(session, of.plan).await,
        RolloutArgs::Simulate(arguments) => simulate::simulate(session, &arguments).await,
        RolloutArgs::Promote(arguments) => asked::submit(session, &arguments).await,
        RolloutArgs::Demote(arguments) => asked::submit(session, &arguments).await,
        RolloutArgs::Set(arguments) => asked::submit(session, &arguments).await,
        RolloutArgs::Disable(arguments) => asked::submit(session, &arguments).await,
        RolloutArgs::Freeze(arguments) => asked::submit(session, &arguments).await,
        RolloutArgs::Rollback(arguments) => asked::submit(session, &arguments).await,
        RolloutArgs::Phase(arguments) => asked::submit(session, &arguments).await,
        RolloutArgs::Phases(of) => show::phases(session, of.plan).await,
        RolloutArgs::Playbooks(of) => show::playbooks(session, of.plan).await,
        RolloutArgs::Notes(arguments) => notes::notes(session, arguments).await,
        RolloutArgs::Artifact(command) => artifact::run(command, session).await,
        RolloutArgs::Withdraw(arguments) => carried::withdraw(session, &arguments).await,
        RolloutArgs::Announce(arguments) => carried::announce(session, &arguments).await,
        RolloutArgs::Execute(arguments) => carried::execute(session, &arguments).await,
        RolloutArgs::Step(arguments) => carried::step(session, &arguments).await,
        RolloutArgs::Close(arguments) => carried::close(session, &arguments).await,
        RolloutArgs::Abort(arguments) => super::sending::propose(session, &arguments).await,
        RolloutArgs::Attest(arguments) => attest::attest(session, &arguments).await,
        RolloutArgs::Drill(arguments) => attest::drill(session, *arguments).await,
        RolloutArgs::Retrospective(arguments) => retrospective::retrospective(session, arguments).await,
        RolloutArgs::Export(arguments) => export::export(session, arguments).await,
        RolloutArgs::Install(arguments) => install::install(session, &arguments).await,
    }
}
