//! What is seen of a node from outside.

use primitives::Height;

/// What a node says of itself, as far as a build is judged by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vitals {
    /// Whether it follows the chain: its newest block is recent, and it is not catching up.
    pub ok: bool,
    /// Its newest block.
    pub height: Height,
    /// Peers it is connected to.
    pub peers: u32,
    /// The age of its newest block, in milliseconds.
    pub block_age_ms: u64,
}

/// What a node was like before it was replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// Its newest block.
    pub height: Height,
    /// Its peers.
    pub peers: u32,
}

/// What one look at a node showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<H = Vitals> {
    /// It answered, with its health.
    Health(H),
    /// It did not, and nothing but itself was in the way.
    Silence,
    /// It answered, and not how it is: with an error, or with what this supervisor does not read. Nobody but the node answers
    /// there.
    NoHealth,
    /// It could not be asked; why.
    Unasked(String),
}

impl<H> Seen<H> {
    /// The same, with something else of its health.
    pub fn map<T>(self, of: impl FnOnce(H) -> T) -> Seen<T> {
        match self {
            Seen::Health(health) => Seen::Health(of(health)),
            Seen::Silence => Seen::Silence,
            Seen::NoHealth => Seen::NoHealth,
            Seen::Unasked(why) => Seen::Unasked(why),
        }
    }
}
