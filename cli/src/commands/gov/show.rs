//! The commands that only read.

use crate::answer::CommandAnswer;
use crate::args::gov::{Page, ReleasesArgs};
use crate::failure::Failure;
use crate::render;
use crate::session::Session;
use governance::Status;
use primitives::{BuildHash, ProposalId};
use rpc::api::GovApiClient;

pub async fn proposals(session: &Session, status: Option<Status>, page: Page) -> Result<CommandAnswer, Failure> {
    let list = session.node.proposals(status, Some(page.page), Some(page.page_size)).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::proposals(&session.screen, &list))
}

pub async fn proposal(session: &Session, id: ProposalId) -> Result<CommandAnswer, Failure> {
    let view = session.node.proposal(id).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::proposal(&session.screen, &view))
}

pub async fn signers(session: &Session) -> Result<CommandAnswer, Failure> {
    let view = session.node.release_signers().await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::signers(&session.screen, &view))
}

pub async fn rosters(session: &Session, page: Page) -> Result<CommandAnswer, Failure> {
    let list = session.node.roster_history(Some(page.page), Some(page.page_size)).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::rosters(&session.screen, &list))
}

pub async fn releases(session: &Session, arguments: ReleasesArgs) -> Result<CommandAnswer, Failure> {
    let ReleasesArgs { proposer, start_epoch, end_epoch, page } = arguments;
    let (page, size) = (Some(page.page), Some(page.page_size));
    let list = session.node.release_history(page, size, proposer, start_epoch, end_epoch).await;
    let list = list.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&list, render::releases(&session.screen, &list))
}

pub async fn release(session: &Session, hash: BuildHash) -> Result<CommandAnswer, Failure> {
    let view = session.node.release(hash).await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::release(&session.screen, &view))
}

pub async fn params(session: &Session) -> Result<CommandAnswer, Failure> {
    let view = session.node.params().await.map_err(|error| session.explain(error))?;
    CommandAnswer::new(&view, render::params(&session.screen, &view))
}
