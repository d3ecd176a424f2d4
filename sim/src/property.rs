//! What must hold of every future, and what must happen in some.

use crate::world::Moment;
use serde::Serialize;

/// What is asked of futures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It must not be broken in any.
    Never,
    /// It must have happened in some: a simulation in which it never does shows nothing.
    Sometimes,
}

/// One thing that is asked of futures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Property {
    /// What holds, or happens, in a few words.
    pub name: &'static str,
    /// How it is asked.
    pub kind: Kind,
    /// What it means when it is broken, or when it has happened.
    pub meaning: &'static str,
}

/// A property that a future broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Its name.
    pub property: &'static str,
    /// When.
    pub at: Moment,
    /// How, in a sentence.
    pub what: String,
}
