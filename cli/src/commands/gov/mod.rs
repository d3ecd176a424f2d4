//! `contract gov`.

mod fetch;
mod motions;
mod propose;
mod release_vote;
mod roster;
mod seal;
mod show;
mod ticket;

pub(super) use show::releases;

use super::keys;
use crate::answer::Answer;
use crate::args::Writing;
use crate::args::gov::Gov;
use crate::failure::Failure;
use crate::session::Session;
use crate::submit;
use crate::watch;
use governance::{Call, Choice, Reason};
use primitives::ProposalId;

/// Does what was asked of governance.
///
/// # Errors
/// See [`submit::send`].
pub async fn run(command: Gov, session: &Session) -> Result<Answer, Failure> {
    match command {
        Gov::ProposeRelease(arguments) => propose::release(session, &arguments).await,
        Gov::Reveal { sealed, writing } => write(session, &writing, seal::opened(&sealed)?).await,
        Gov::ProposeRoster(arguments) => roster::propose(session, &arguments).await,
        Gov::SignRoster { edit, key, passphrase } => {
            roster::sign(session, &edit, &keys::read(&key, &passphrase)?).await
        }
        Gov::LeaveRoster(arguments) => roster::leave(session, &arguments).await,
        Gov::ProposeRevoke(arguments) => motions::revoke(session, &arguments).await,
        Gov::ProposeMinimum(arguments) => motions::minimum(session, &arguments).await,
        Gov::ProposeEndOfSupport(arguments) => motions::end_of_support(session, &arguments).await,
        Gov::ProposeCancel(arguments) => motions::cancel(session, &arguments).await,
        Gov::ApproveRelease { id, reason, writing } => write(session, &writing, vote(id, Choice::Yes, reason)).await,
        Gov::Vote { id, choice, reason, writing } => write(session, &writing, vote(id, choice, reason)).await,
        Gov::Withdraw { id, writing } => {
            write(session, &writing, runtime::Call::Governance(Call::Withdraw { proposal_id: id })).await
        }
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

fn vote(proposal_id: ProposalId, choice: Choice, reason: Option<Reason>) -> runtime::Call {
    runtime::Call::Governance(Call::Vote { proposal_id, choice, reason })
}

/// Signs a call with the key of the account that asks, and sends it.
///
/// # Errors
/// A key that cannot be read, and everything [`submit::send`] refuses.
async fn write(session: &Session, writing: &Writing, call: runtime::Call) -> Result<Answer, Failure> {
    let key = keys::read(&writing.key, &writing.passphrase)?;
    submit::send(session, &key, writing, call).await
}
