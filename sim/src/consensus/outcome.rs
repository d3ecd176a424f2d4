//! What a future came to: the numbers that answers are made of.

use serde::Serialize;

/// What a future of hostile consensus came to. Times are of the simulated world.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConsensusOutcome {
    /// How many blocks were decided.
    pub heights: u64,
    /// From one block to the next, as the first honest machine committed them, in milliseconds.
    pub block_ms: Vec<u64>,
    /// How many blocks were decided in each round; the last counts all later ones.
    pub rounds: [u64; 6],
    /// From the end of each partition that had left nobody together with more than two thirds of the power, to the next block, in
    /// milliseconds.
    pub healing_ms: Vec<u64>,
    /// How many partitions were over before the last block and stopped nothing by themselves: more than two thirds of the power were
    /// together all the same, or were not yet together when they ended.
    pub idle_cuts: u64,
    /// From each restart until the machine had what the others had when it came back, in milliseconds.
    pub catching_up_ms: Vec<u64>,
    /// How many validators were known to have contradicted themselves, of each epoch once.
    pub offences: u64,
    /// How many blocks after each offence it was punished.
    pub punished_after: Vec<u64>,
    /// How much stake was lost.
    pub lost: u64,
    /// How many dishonest validators came to an end by what they did, and did no more from then on.
    pub dishonest_ended: u64,
    /// How many epochs had another set than the one before.
    pub sets: u64,
}
