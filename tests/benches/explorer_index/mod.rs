//! How many facts per second come into an index: fetched, verified, folded, and written.

use accounts::Endowment;
use explorer::feed::{BlockSource, LocalStore};
use explorer::follow::Follower;
use explorer::index::IndexStore;
use explorer::metrics::ExplorerMetrics;
use explorer::store::IndexPlace;
use light::testing::TestChain;
use primitives::{Amount, BuildHash, SecretKey};
use releases::{InstallStage, Target};
use runtime::{Call, testing};
use staking::GenesisBond;
use std::path::Path;
use std::time::Instant;
use tests::stored::store_of;
use tokio::sync::watch;

const NODES: u8 = 200;
const BUILDS: u8 = 100;
const BLOCKS: u64 = 60;
/// What each node says in a block.
const EACH: u8 = 6;

/// What nodes talk about.
#[derive(Debug, Clone, Copy)]
enum Talk {
    /// As on a network: each says how far it is with the newest release, and some pay others.
    Newest,
    /// The worst there is for pages of a database: each says something about any of many builds.
    Any,
}

/// Runs blocks through the real runtime, and indexes them.
///
/// # Errors
/// The index refuses one.
pub async fn facts_per_second(dir: &Path) -> anyhow::Result<()> {
    for (name, talk) in [("the newest release", Talk::Newest), ("any of 100 builds", Talk::Any)] {
        let dir = dir.join(format!("{talk:?}"));
        std::fs::create_dir(&dir)?;
        indexed(&dir, name, &chain(talk)).await?;
    }
    Ok(())
}

/// Follows the store of a chain as the explorer does: blocks are fetched, verified and made ready while others are written.
async fn indexed(dir: &Path, name: &str, chain: &TestChain) -> anyhow::Result<()> {
    let state = dir.join("governance_db");
    store_of(chain, &state)?;
    let store = IndexStore::open(IndexPlace::File(dir.join("x.sqlite")), false).await?;
    let head = store.begin(&chain.genesis).await?;
    let source = BlockSource::Store(LocalStore::at(&state));
    let metrics = ExplorerMetrics::default();
    let (follower, mut progress) = Follower::new(source, store.clone(), chain.genesis.clone(), head, metrics);
    let (stop, stopped) = watch::channel(false);
    let begun = Instant::now();
    let following = tokio::spawn(follower.run(stopped));
    progress.head.wait_for(|head| head.at.height == chain.height()).await?;
    let took = begun.elapsed();
    stop.send_replace(true);
    following.await??;
    let facts: usize = chain.blocks().iter().map(|kept| kept.record.facts.len()).sum();
    let rate = facts as f64 / took.as_secs_f64();
    println!(
        "indexing, about {name}: {facts} facts of {BLOCKS} blocks in {took:.2?}, {rate:.0} per second (20000 needed): {}",
        if rate >= 20_000.0 { "met" } else { "missed" }
    );
    store.close().await;
    Ok(())
}

fn chain(talk: Talk) -> TestChain {
    let mut genesis = testing::genesis();
    // Each block is an epoch, so that nodes have something new to say in each.
    genesis.chain.epoch_length = 1;
    genesis.releases.approved = (0..BUILDS)
        .map(|build| Target {
            build_hash: BuildHash([build + 1; 32]),
            platform: format!("platform-{build}").parse().expect("a name in small letters"),
            sha256: None,
            size: None,
        })
        .collect();
    let nodes: Vec<SecretKey> = (0..NODES).map(|index| SecretKey::from_seed(&[index; 32])).collect();
    for node in &nodes {
        let account = node.account();
        if !genesis.accounts.balances.iter().any(|endowed| endowed.account == account) {
            genesis.accounts.balances.push(Endowment { account, balance: Amount(1_000_000_000) });
        }
        // It takes stake to report.
        if !genesis.staking.bonds.iter().any(|bond| bond.account == account) {
            let (validator, amount) = (testing::validator(0).account(), genesis.releases.params.reporter_stake);
            genesis.staking.bonds.push(GenesisBond { account, validator, amount });
        }
    }
    let mut chain = TestChain::new(genesis);
    for block in 1..BLOCKS {
        let stages = [InstallStage::Booted, InstallStage::Healthy, InstallStage::Staged];
        let call = |(node, number): (usize, u8)| {
            let build = match talk {
                Talk::Newest if number >= 3 => {
                    return testing::transfer(nodes[usize::from(number)].account(), 1);
                }
                Talk::Newest => block as usize / 6,
                Talk::Any => block as usize * 31 + node * 7 + usize::from(number) * 13,
            };
            let build_hash = BuildHash([(build % usize::from(BUILDS)) as u8 + 1; 32]);
            let stage = stages[usize::from(number) % 3].clone();
            testing::report(build_hash, stage)
        };
        let calls: Vec<(SecretKey, Call)> = nodes
            .iter()
            .enumerate()
            .flat_map(|(node, key)| (0..EACH).map(move |number| (key.clone(), call((node, number)))))
            .collect();
        chain.block(&calls);
    }
    chain
}
