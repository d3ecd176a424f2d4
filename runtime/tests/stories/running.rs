//! How long the chain has run: what is measured by it neither passes nor lapses while the chain stands still.

use crate::network::Network;
use primitives::{BuildHash, ProposalId, SecretKey, Timestamp};
use runtime::testing::{certificate, genesis, propose, release_vote, validator};
use runtime::{Call, Motion, RUNNING, Running};

const HOUR: u64 = 3_600_000;

/// A block that is made so long after the one before.
fn block_after(network: &mut Network, ms: u64, asked: &[(SecretKey, Call)]) -> Timestamp {
    let time = network.ledger.head().at.time.plus(ms);
    let transactions = network.sign(asked);
    let block = network.ledger.propose(0, time, validator(0).account(), transactions).unwrap();
    let decided = certificate(&block.header, []);
    network.ledger.commit(block, decided).unwrap();
    time
}

fn ran(network: &Network) -> u64 {
    RUNNING.require(&network.state()).ms
}

#[test]
fn at_genesis_the_chain_has_not_run() {
    let genesis = genesis();
    let begins = Running { ms: 0, time: genesis.time };
    assert_eq!(RUNNING.get(&Network::new(genesis).state()), Some(begins));
}

#[test]
fn a_chain_that_stands_for_thirty_hours_has_run_one_longest_block_more() {
    let mut network = Network::new(genesis());
    let most = network.genesis.chain.most_block_ms;
    (0..3).for_each(|_| _ = block_after(&mut network, 1_000, &[]));
    assert_eq!(ran(&network), 3_000, "as long as blocks come, all of their time counts");
    let time = block_after(&mut network, 30 * HOUR, &[]);
    assert_eq!(ran(&network), 3_000 + most);
    assert_eq!(RUNNING.require(&network.state()).time, time, "and what comes next counts from there");
    block_after(&mut network, 1_000, &[]);
    assert_eq!(ran(&network), 4_000 + most);
}

#[test]
fn what_is_made_in_a_block_is_made_at_the_moment_of_that_block() {
    let mut network = Network::new(genesis());
    let most = network.genesis.chain.most_block_ms;
    block_after(&mut network, 1_000, &[]);
    let asked = [(validator(1), propose(release_vote(&network.genesis, BuildHash([7; 32]), 2)))];
    let time = block_after(&mut network, 30 * HOUR, &asked);
    let created = governance::queries::proposal::<Motion>(&network.state(), ProposalId(1)).created;
    assert_eq!((created.time, created.running), (time, 1_000 + most), "with the stand before it, which counts once");
}
