//! Stories of a home that is looked at while its node goes on.

use super::*;
use crate::boot::report::Disbelief;
use crate::boot::verified::{Remembered, Unverified, Verified, settled};
use ledger::{KeptBlock, Ledger};
use light::testing::TestChain;
use std::sync::atomic::{AtomicBool, Ordering};
use store::begin;

/// A validator that decides one block after the other, as far as a home shows it.
struct Validator<'a> {
    home: &'a Home,
    /// The block of height 1, and what follows.
    blocks: &'a [KeptBlock],
    ledger: Ledger<Store>,
}

impl<'a> Validator<'a> {
    fn of(home: &'a Home, chain: &'a TestChain) -> Self {
        let store = Store::open(home.gov_db(&Config::default()), Access::Primary, Settings::default()).unwrap();
        let head = begin(&store, &chain.genesis).unwrap();
        Self { home, blocks: chain.blocks(), ledger: Ledger::over(store, &chain.genesis, head.header) }
    }

    /// Commits a block, and begins to decide the next one.
    fn decide(&mut self) {
        let head = self.ledger.head().at.height;
        let next = &self.blocks[usize::try_from(head.0).unwrap()];
        self.ledger.commit(next.block.clone(), next.certificate.clone().unwrap()).unwrap();
        deciding(self.home, head.0 + 2);
    }
}

/// Has the log of consensus begin with a height, as Malachite writes it.
fn deciding(home: &Home, height: u64) {
    let bytes = [&1u32.to_be_bytes()[..], &height.to_be_bytes()].concat();
    std::fs::create_dir_all(home.consensus().join("wal")).unwrap();
    // As a whole, as the engine changes it: twelve bytes at once.
    std::fs::write(home.consensus().join("wal/next"), bytes).unwrap();
    std::fs::rename(home.consensus().join("wal/next"), home.consensus().join("wal/consensus.wal")).unwrap();
}

#[test]
fn o36_a_home_whose_node_goes_on_between_two_reads_is_not_called_damaged() {
    let (_dir, home) = home();
    let (genesis, config) = (genesis(|_| {}), Config::default());
    let mut chain = TestChain::new(genesis.clone());
    chain.until(120);
    let mut node = Validator::of(&home, &chain);
    // A pause in which the node decides three blocks.
    for _ in 0..20 {
        let remembered = Remembered::read(&home, &config, &genesis);
        (0..3).for_each(|_| node.decide());
        assert!(remembered.verify(&home, &config, &genesis, Access::ReadOnly).is_ok());
    }
    // And a node that goes on as fast as it can.
    let stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let decides = scope.spawn(|| {
            (0..60).for_each(|_| node.decide());
            stopped.store(true, Ordering::Release);
        });
        while !stopped.load(Ordering::Acquire) && !decides.is_finished() {
            assert!(Verified::open(&home, &config, &genesis, Access::ReadOnly).is_ok());
        }
    });
    assert_eq!(decide(&home, &genesis).0, Decision::Run);
}

#[test]
fn o36_a_store_that_really_lost_blocks_is_exit_12_however_often_it_is_read() {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    drop(chain(&home, &genesis, 4, |_| {}));
    deciding(&home, 2);
    assert_eq!(decide(&home, &genesis).0, Decision::Run);
    deciding(&home, 30);
    for access in [Access::ReadOnly, Access::Primary] {
        let report = examine(&home, &Config::default(), &genesis, access, None).unwrap().report;
        assert_eq!((report.decision, report.exit_code), (Decision::StoreDamaged, 12), "{}", report.reason);
        assert!(report.reason.contains("deciding height 30"), "{}", report.reason);
    }
}

#[test]
fn o36_what_does_not_hold_for_a_moment_beside_a_node_is_read_again_before_it_is_said() {
    let holds_at_the = |reading: u32, access| {
        let mut readings = 0;
        let found = settled(access, || {
            readings += 1;
            let disbelief = || Unverified::Unbelieved(Disbelief::damaged("a moment's"));
            if readings < reading { Err(disbelief()) } else { Ok(()) }
        });
        (found.is_ok(), readings)
    };
    assert_eq!(holds_at_the(1, Access::ReadOnly), (true, 1));
    assert_eq!(holds_at_the(3, Access::ReadOnly), (true, 3));
    assert_eq!(holds_at_the(9, Access::ReadOnly), (false, 3));
    assert_eq!(holds_at_the(2, Access::Primary), (false, 1), "nobody else writes");
}
