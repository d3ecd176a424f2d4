//! Stories of a store that somebody made: it fits together, and nobody whom its home trusts has decided it.

use super::*;
use host::keys;
use ledger::Ledger;
use light::testing::TestChain;
use runtime::testing::{holder, transfer};
use store::{KeptAnchor, begin};

/// A home whose node has a key.
fn with_key() -> (TempDir, Home, primitives::SecretKey) {
    let (dir, home) = home();
    std::fs::create_dir_all(home.path().join("config")).unwrap();
    let key = keys::generate();
    keys::write(&home.node_key(), &key).unwrap();
    (dir, home, key)
}

/// Puts a chain in the place of what a home has, as a node commits it.
fn put(home: &Home, chain: &TestChain) {
    let path = home.gov_db(&Config::default());
    let _ = std::fs::remove_dir_all(&path);
    let store = Store::open(path, Access::Primary, Settings::default()).unwrap();
    let head = begin(&store, &chain.genesis).unwrap();
    let mut ledger = Ledger::over(store, &chain.genesis, head.header);
    for kept in chain.blocks() {
        ledger.commit(kept.block.clone(), kept.certificate.clone().unwrap()).unwrap();
    }
}

/// What is decided about the home, by its own check and by a supervisor.
fn require_unproven(home: &Home, genesis: &Genesis, why: &str) {
    let report = examine(home, &Config::default(), genesis, Access::ReadOnly, None).unwrap().report;
    assert_eq!((report.decision, report.exit_code), (Decision::StoreDamaged, 12), "{}", report.reason);
    assert_eq!(report.code.as_deref(), Some("E_PROOF"));
    assert!(report.reason.contains(why) && report.reason.ends_with("(E_PROOF)"), "{}", report.reason);
    assert_eq!((report.height, report.release), (None, None), "nothing of it is believed");
    let judged = judge(home, genesis, measure().unwrap());
    assert_eq!((judged.require().unwrap_err().exit_code, judged.code), (12, Some("E_PROOF")));
}

#[test]
fn h11_t22_a_second_history_in_a_home_that_has_verified_another_is_exit_12() {
    let (_dir, home, key) = with_key();
    let genesis = genesis(|_| {});
    let (mut first, mut second) = (TestChain::new(genesis.clone()), TestChain::new(genesis.clone()));
    first.until(25);
    second.block(&[(holder(0), transfer(holder(1).account(), 1))]);
    second.until(35);
    put(&home, &first);
    assert_eq!(decide(&home, &genesis).0, Decision::Run);
    KeptAnchor::move_on(&home, &genesis, &key, first.headers[18].clone()).unwrap();
    assert_eq!(decide(&home, &genesis).0, Decision::Run);
    put(&home, &second);
    require_unproven(&home, &genesis, "this home has verified block");
    std::fs::remove_dir_all(home.gov_db(&Config::default())).unwrap();
    require_unproven(&home, &genesis, "there is no chain in its store");
    put(&home, &first);
    assert_eq!(decide(&home, &genesis).0, Decision::Run);
}

#[test]
fn h11_t22_a_kept_anchor_that_somebody_else_wrote_is_exit_12() {
    let (_dir, home, _) = with_key();
    let genesis = genesis(|_| {});
    let mut chain = TestChain::new(genesis.clone());
    chain.until(25);
    put(&home, &chain);
    KeptAnchor::move_on(&home, &genesis, &keys::generate(), chain.headers[8].clone()).unwrap();
    require_unproven(&home, &genesis, "was not written with this node's key");
}
