//! `contract explorer`.

use super::gov;
use crate::answer::CommandAnswer;
use crate::args::explorer::ExplorerCommand;
use crate::args::gov::ReleasesArgs;
use crate::failure::{Failure, failed, usage};
use crate::render;
use crate::session::Session;
use rpc::views::{HistoryFilter, PageOf, PageRange, ReleaseView};
use std::path::Path;
use the_block::archive::Archive;

/// Reads what was decided so far.
///
/// # Errors
/// A node that does not answer, and a store that is missing or cannot be read.
pub async fn run(command: ExplorerCommand, session: &Session) -> Result<CommandAnswer, Failure> {
    match command {
        ExplorerCommand::ReleaseHistory { state: None, releases } => gov::releases(session, releases).await,
        ExplorerCommand::ReleaseHistory { state: Some(folder), releases } => {
            let list = tokio::task::spawn_blocking(move || read(&folder, releases)).await.map_err(failed)??;
            CommandAnswer::new(&list, render::releases(&session.screen, &list))
        }
    }
}

/// The same page as a node with this store answers.
fn read(folder: &Path, releases: ReleasesArgs) -> Result<PageOf<ReleaseView>, Failure> {
    let ReleasesArgs { proposer, start_epoch, end_epoch, page } = releases;
    let range = PageRange::new(Some(page.page), Some(page.page_size)).map_err(usage)?;
    let filter = HistoryFilter { proposer, start_epoch, end_epoch };
    Archive::open(folder).map_err(failed)?.release_history(&filter, range).map_err(failed)
}
