//! Stories of plans.

mod changes;
mod encoding;
mod install;
mod lists;
mod mistakes;
mod sample;
mod statements;
mod values;
mod verdict;
mod windows;
