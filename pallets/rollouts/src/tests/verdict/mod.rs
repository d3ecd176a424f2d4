//! What lists come to: each kind of question, at its boundaries, and what holds of all of them.

mod answers;
mod builds;
mod choruses;
mod fleet;
mod laws;
mod scene;
mod soaks;
mod words;

pub(super) use scene::{ANN, BEN, CAROL, DAN, Scene, moment, word_about};
