//! How the tree grows, stands still and catches up.

use super::*;

#[test]
fn every_block_appends_its_parent_and_every_epoch_begins_with_a_checkpoint() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    assert_eq!((queries::log(&chain.state), queries::origin(&chain.state)), (None, None));
    for height in 1..=9 {
        chain.until(height);
        let log = queries::log(&chain.state).unwrap();
        assert_eq!((log.frontier, log.last), (tree(height), Height(height - 1)));
    }
    assert_eq!(queries::origin(&chain.state), Some(LogOrigin::of(&chain_id(), &block(0))));
    let kept: Vec<(u64, u64)> = queries::checkpoints(&chain.state).map(|(epoch, at)| (epoch.0, at.size)).collect();
    assert_eq!(kept, [(0, 1), (1, 4), (2, 8)], "the first epoch begins with the block after genesis");
    let (epoch, newest) = queries::newest_checkpoint(&chain.state).unwrap();
    assert_eq!((epoch, newest.root), (Epoch(2), tree(8).root()));
    assert_eq!(queries::signed_checkpoint(&chain.state, epoch).unwrap().size, 8);
}

#[test]
fn a_tree_that_stood_still_takes_what_is_missing_in_order_and_at_most_so_many_a_block() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    chain.until(5);
    chain.turn(Gate::RecursiveProofs, false);
    chain.until(200);
    assert_eq!(chain.frontier(), tree(5), "it stands still");
    assert_eq!(queries::missing(&chain.state, Height(201)), 0..0);
    assert_eq!(queries::checkpoints(&chain.state).count(), 2, "nor does an epoch have a checkpoint");
    chain.turn(Gate::RecursiveProofs, true);
    let most = u64::from(MOST_MISSING);
    for (height, size) in [(201, 5 + most), (202, 5 + 2 * most), (203, 5 + 3 * most), (204, 204), (205, 205)] {
        assert_eq!(queries::missing(&chain.state, Height(height)).end, if height == 205 { 0 } else { size.min(203) });
        chain.until(height);
        assert_eq!(chain.frontier(), tree(size), "{height}");
    }
}

#[test]
fn only_so_many_checkpoints_are_kept_and_what_was_cosigned_goes_with_them() {
    let memory = Memory::default();
    let mut chain = Chain::witnessed(&memory);
    chain.until(1);
    chain.register(1).unwrap();
    chain.until(LENGTH);
    chain.cosign(1, 1).unwrap();
    let most = u64::from(MOST_CHECKPOINTS);
    chain.until(LENGTH * most);
    assert!(queries::has_cosigned(&chain.state, Epoch(1), &who(1)));
    chain.until(LENGTH * (most + 1));
    assert!(!queries::has_cosigned(&chain.state, Epoch(1), &who(1)));
    assert_eq!(queries::checkpoint(&chain.state, Epoch(1)), None);
    assert_eq!(queries::checkpoints(&chain.state).count() as u64, most);
    assert_eq!(chain.cosign(1, 1), Err(Error::UnknownCheckpoint { epoch: Epoch(1) }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// However often the gate goes off and on, the tree is that of all blocks up to its last leaf, and it catches up.
    #[test]
    fn the_tree_is_that_of_all_blocks_up_to_its_last(spans in prop::collection::vec((any::<bool>(), 1u64..90), 1..8)) {
        let memory = Memory::default();
        let mut chain = Chain::begin(&memory);
        for (on, blocks) in spans {
            chain.turn(Gate::RecursiveProofs, on);
            let until = chain.height + blocks;
            let before = chain.frontier().size();
            chain.until(until);
            let size = chain.frontier().size();
            prop_assert_eq!(chain.frontier(), tree(size));
            let most = u64::from(MOST_MISSING);
            // A block that is not too far behind brings its parent too, and one that is brings so many.
            let grows = |size: u64, height: u64| if height - 1 <= size + most { height } else { size + most };
            let expected = (until - blocks + 1..=until).fold(before, |size, height| if on { grows(size, height) } else { size });
            prop_assert_eq!(size, expected);
        }
    }
}
