//! Stories of the evaluation plane: what each path answers, and to whom it refuses what.

mod bulk;
mod edges;
mod isolation;
mod log;
mod plans;
mod preview;
mod single;
mod streams;
mod tokens;
