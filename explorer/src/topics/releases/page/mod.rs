//! The pages of releases: the list, and one of them.

mod list;
mod nodes;
mod release;

pub use list::releases;
pub use release::release;
