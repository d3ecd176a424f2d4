//! What is asked about rollouts: what facts say, and nothing that a node would have to judge.

mod board;
mod change;
mod flags;
mod fleet;
mod notes;
mod phases;
mod plan;
mod playbooks;
mod retrospective;
mod summary;

pub use self::board::{board, plans};
pub use self::change::{change, changes};
pub(crate) use self::change::{found_by_number, promotions_of};
pub use self::flags::{flag, flags};
pub use self::fleet::fleet;
pub use self::notes::{FoundNotes, MOST_NOTED, notes};
pub use self::phases::phases;
pub use self::playbooks::playbooks;
pub use self::retrospective::{FoundRetrospective, retrospective, retrospectives};

use super::clock::IndexClock;
use crate::store::{Index, QueryError};
use crate::topics::blocks;

/// The moment of the newest block, and how fast blocks come.
pub(crate) async fn clock(index: &Index) -> Result<IndexClock, QueryError> {
    Ok(IndexClock { at: blocks::read::moment(index).await?, pace: blocks::read::pace(index).await? })
}
