//! Stories of plans.

mod encoding;
mod lists;
mod mistakes;
mod sample;
mod values;
mod windows;
