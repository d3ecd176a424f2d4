//! The pages of proposals: the list, and one of them.

mod list;
mod proposal;
pub(crate) mod votes;

pub use list::proposals;
pub use proposal::proposal;
