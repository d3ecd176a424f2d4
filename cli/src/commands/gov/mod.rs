//! `contract gov`.

mod calls;
mod fetch;
mod motions;
mod propose;
mod release_vote;
mod roster;
mod seal;
mod show;
mod ticket;

pub(super) use show::releases;

use super::{keys, sending};
use crate::answer::Answer;
use crate::args::gov::Gov;
use crate::failure::Failure;
use crate::session::Session;
use crate::watch;

/// Does what was asked of governance.
///
/// # Errors
/// See [`crate::submit::send`].
pub async fn run(command: Gov, session: &Session) -> Result<Answer, Failure> {
    match command {
        Gov::ProposeRelease(arguments) => propose::release(session, &arguments).await,
        Gov::Reveal(arguments) => sending::send(session, &arguments).await,
        Gov::ProposeRoster(arguments) => roster::propose(session, &arguments).await,
        Gov::SignRoster { edit, key, passphrase } => {
            roster::sign(session, &edit, &keys::read(&key, &passphrase)?).await
        }
        Gov::LeaveRoster(arguments) => roster::leave(session, &arguments).await,
        Gov::ProposeRevoke(arguments) => sending::propose(session, &arguments).await,
        Gov::ProposeMinimum(arguments) => sending::propose(session, &arguments).await,
        Gov::ProposeEndOfSupport(arguments) => sending::propose(session, &arguments).await,
        Gov::ProposeCancel(arguments) => sending::propose(session, &arguments).await,
        Gov::ApproveRelease(arguments) => sending::send(session, &arguments).await,
        Gov::Vote(arguments) => sending::send(session, &arguments).await,
        Gov::Withdraw(arguments) => sending::send(session, &arguments).await,
        Gov::Proposals { status, page } => show::proposals(session, status, page).await,
        Gov::Proposal { id, watch: true } => watch::proposal(session, id).await,
        Gov::Proposal { id, watch: false } => show::proposal(session, id).await,
        Gov::Signers { history: false, .. } => show::signers(session).await,
        Gov::Signers { history: true, page } => show::rosters(session, page).await,
        Gov::FetchRelease(arguments) => fetch::fetch(session, &arguments).await,
        Gov::Ticket { hash, out, from } => ticket::ticket(session, hash, &out, from).await,
        Gov::Releases(arguments) => releases(session, arguments).await,
        Gov::Release { hash } => show::release(session, hash).await,
        Gov::Params => show::params(session).await,
    }
}
