//! `contract gov`.

mod calls;
mod fetch;
mod motions;
mod place;
mod propose;
mod release_vote;
mod roster;
mod seal;
mod show;
mod ticket;

pub(super) use release_vote::{Said, attested, described};
pub(super) use show::releases;

use super::sending;
use crate::answer::CommandAnswer;
use crate::args::gov::GovArgs;
use crate::failure::Failure;
use crate::session::Session;
use crate::watch;

/// Does what was asked of governance.
///
/// # Errors
/// See [`crate::submit::send`].
pub async fn run(command: GovArgs, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        GovArgs::ProposeRelease(arguments) => propose::release(session, &arguments).await,
        GovArgs::Reveal(arguments) => sending::send(session, &arguments).await,
        GovArgs::Roster(command) => roster::run(command, session).await,
        GovArgs::ProposeRevoke(arguments) => sending::propose(session, &arguments).await,
        GovArgs::ProposeMinimum(arguments) => sending::propose(session, &arguments).await,
        GovArgs::ProposeEndOfSupport(arguments) => sending::propose(session, &arguments).await,
        GovArgs::ProposeAmend(arguments) => sending::propose(session, &arguments).await,
        GovArgs::ProposeCancel(arguments) => sending::propose(session, &arguments).await,
        GovArgs::ApproveRelease(arguments) => sending::send(session, &arguments).await,
        GovArgs::Vote(arguments) => sending::send(session, &arguments).await,
        GovArgs::Withdraw(arguments) => sending::send(session, &arguments).await,
        GovArgs::Proposals { status, page } => show::proposals(session, status, page).await,
        GovArgs::Proposal { id, watch: true } => watch::proposal(session, id).await,
        GovArgs::Proposal { id, watch: false } => show::proposal(session, id).await,
        GovArgs::Signers { history: false, .. } => show::signers(session).await,
        GovArgs::Signers { history: true, page } => show::rosters(session, page).await,
        GovArgs::FetchRelease(arguments) => fetch::fetch(session, &arguments).await,
        GovArgs::Ticket { hash, out, from } => ticket::ticket(session, hash, &out, from).await,
        GovArgs::Releases(arguments) => releases(session, arguments).await,
        GovArgs::Release { hash } => show::release(session, hash).await,
        GovArgs::Params => show::params(session).await,
    }
}
