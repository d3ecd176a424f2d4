//! Search: what a hash, a number or a key stands for, asked of every topic.

pub mod page;
pub mod query;
pub mod read;
mod serve;

pub use serve::routes;
