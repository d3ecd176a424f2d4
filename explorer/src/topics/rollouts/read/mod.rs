//! What is asked about rollouts: what facts say, and nothing that a node would have to judge.

mod board;
mod change;
mod flags;
mod fleet;
mod plan;
mod summary;

pub use self::board::{board, plans};
pub(crate) use self::change::found_by_number;
pub use self::change::{change, changes};
pub use self::flags::{flag, flags};
pub use self::fleet::fleet;

use super::clock::IndexClock;
use crate::store::{Index, QueryError};
use crate::topics::blocks;

/// The moment of the newest block, and how fast blocks come.
pub(crate) async fn clock(index: &Index) -> Result<IndexClock, QueryError> {
    Ok(IndexClock { at: blocks::read::moment(index).await?, pace: blocks::read::pace(index).await? })
}
