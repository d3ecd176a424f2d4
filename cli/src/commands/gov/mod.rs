//! `contract gov`.

mod propose;
mod release_vote;
mod show;

use super::keys;
use crate::answer::Answer;
use crate::args::Writing;
use crate::args::gov::Gov;
use crate::failure::Failure;
use crate::session::Session;
use crate::submit;
use crate::watch;
use governance::{Call, Choice};

/// Does what was asked of governance.
///
/// # Errors
/// See [`submit::send`].
pub async fn run(command: Gov, session: &Session) -> Result<Answer, Failure> {
    match command {
        Gov::ProposeRelease(arguments) => propose::release(session, &arguments).await,
        Gov::ApproveRelease { id, reason, writing } => {
            write(session, &writing, Call::Vote { proposal_id: id, choice: Choice::Yes, reason }).await
        }
        Gov::Vote { id, choice, reason, writing } => {
            write(session, &writing, Call::Vote { proposal_id: id, choice, reason }).await
        }
        Gov::Withdraw { id, writing } => write(session, &writing, Call::Withdraw { proposal_id: id }).await,
        Gov::Proposals { status, page } => show::proposals(session, status, page).await,
        Gov::Proposal { id, watch: true } => watch::proposal(session, id).await,
        Gov::Proposal { id, watch: false } => show::proposal(session, id).await,
        Gov::Signers => show::signers(session).await,
        Gov::Releases { proposer, start_epoch, end_epoch, page } => {
            show::releases(session, proposer, start_epoch, end_epoch, page).await
        }
        Gov::Release { hash } => show::release(session, hash).await,
        Gov::Params => show::params(session).await,
    }
}

async fn write(session: &Session, writing: &Writing, call: Call<runtime::Motion>) -> Result<Answer, Failure> {
    let key = keys::read(&writing.key, &writing.passphrase)?;
    submit::send(session, &key, writing, runtime::Call::Governance(call)).await
}
