//! `make soak`: kills validators of a network of four at random moments, while transfers go on.
//!
//!     soak [KILLS [SEED]]     100 kills unless it is told otherwise, at moments of a new seed, which it prints

use anyhow::Context as _;
use std::time::Instant;
use tests::soak::Soak;

/// How often somebody is killed.
const KILLS: u32 = 100;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (kills, seed) = (std::env::args().nth(1), std::env::args().nth(2));
    let kills = kills.map(|text| text.parse::<u32>()).transpose().context("the number of kills is no number")?;
    let seed = seed.map(|text| text.parse::<u64>()).transpose().context("the seed is no number")?;
    let soak = Soak { kills: kills.unwrap_or(KILLS), seed: seed.unwrap_or_else(rand::random) };
    let folder = tempfile::Builder::new().prefix("the-block-soak-").tempdir().context("cannot make a folder")?;
    println!("{} kills, seed {}", soak.kills, soak.seed);
    let began = Instant::now();
    match soak.endure(folder.path(), &|said| println!("{said}")).await {
        Ok(endured) => {
            println!(
                "{} nodes and {} with their supervisors were killed in {:.0?}, and all came back: {} blocks and {} confirmed \
                 transfers are the same at all four",
                endured.alone,
                endured.with_supervisor,
                began.elapsed(),
                endured.blocks,
                endured.confirmed
            );
            Ok(())
        }
        Err(error) => {
            let kept = folder.keep();
            Err(error.context(format!("failed with seed {}; the homes stay in {}", soak.seed, kept.display())))
        }
    }
}
