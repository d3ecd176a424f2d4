//! What is left of undecided blocks when a process or the power ends at any moment.

pub mod disk;

use super::log::{LogDisk, blocks};
use super::*;
use crate::application::Application;
use crate::tests::Memory;
use disk::{Fails, LossyDisk};
use std::collections::BTreeSet;
use std::path::PathBuf;

impl Undecided {
    /// Keeps what comes from now on on another disk.
    pub fn keep_on(&mut self, disk: impl LogDisk + 'static) {
        self.log = Arc::new(log_on(disk));
    }
}

fn log_on(disk: impl LogDisk + 'static) -> UndecidedLog {
    UndecidedLog::on(PathBuf::from("undecided.log"), disk)
}

/// A small block of a height, built for a round.
fn built(height: u64, round: u32) -> UndecidedBlock {
    let mut block = Memory::new(1, &[(0, &[1])]).propose(Height(1), round, &BTreeSet::new()).unwrap();
    block.header.height = Height(height);
    block.transactions.truncate(1);
    UndecidedBlock::built(block, round)
}

/// The same as an earlier process kept it.
fn read_again(kept: &UndecidedBlock) -> (Block, u32, Vec<u32>, bool, bool) {
    (Block::clone(&kept.block), kept.round, kept.built_for.clone(), false, false)
}

fn as_read(kept: &UndecidedBlock) -> (Block, u32, Vec<u32>, bool, bool) {
    (Block::clone(&kept.block), kept.round, kept.built_for.clone(), kept.checked, kept.told)
}

/// What a crash leaves, read.
fn found(left: &[u8]) -> Vec<UndecidedBlock> {
    blocks(left).expect("what a crash leaves is no damage")
}

#[test]
fn a_block_takes_one_sync_and_is_there_wherever_the_power_is_cut_in_the_next() {
    for step in [Fails::Append, Fails::Sync] {
        let disk = LossyDisk::default();
        let log = log_on(disk.clone());
        let [first, second, third] = [0, 1, 2].map(|round| built(1, round));
        log.append(&first).unwrap();
        log.append(&second).unwrap();
        assert_eq!((disk.syncs(), disk.after_a_cut().len()), (2, 1), "nothing is left to lose");

        disk.fail(step);
        let refusal = format!("{:#}", log.append(&third).unwrap_err());
        assert!(refusal.contains("this node must not vote for it"), "{refusal}");
        let cuts = disk.after_a_cut();
        assert!(cuts.len() > 100, "{}", cuts.len());
        for left in cuts {
            let found: Vec<_> = found(&left).iter().map(as_read).collect();
            let all = [&first, &second, &third].map(read_again);
            assert!(found.len() >= 2 && all.starts_with(&found), "{} bytes are left", left.len());
        }
    }
}

#[test]
fn what_was_decided_comes_back_whole_or_not_at_all_and_never_hides_what_comes_next() {
    let disk = LossyDisk::default();
    let log = log_on(disk.clone());
    log.append(&built(1, 0)).unwrap();
    log.empty().unwrap();
    disk.fail(Fails::Sync);
    log.append(&built(2, 0)).unwrap_err();
    let mut heights: Vec<Vec<u64>> = Vec::new();
    for left in disk.after_a_cut() {
        heights.push(found(&left).iter().map(|kept| kept.height().0).collect());
    }
    heights.sort();
    heights.dedup();
    assert_eq!(heights, [vec![], vec![1], vec![2]]);
    assert_eq!(disk.syncs(), 1, "emptying takes none");
}

#[test]
fn no_flipped_bit_passes_for_a_block_or_for_the_end_of_what_was_written() {
    let disk = LossyDisk::default();
    let log = log_on(disk.clone());
    [0, 1].iter().for_each(|round| log.append(&built(1, *round)).unwrap());
    let mut bytes = disk.after_a_cut().remove(0);
    assert_eq!(found(&bytes).len(), 2);
    for at in 0..bytes.len() {
        let bit = 1_u8 << (at % 8);
        bytes[at] ^= bit;
        assert!(blocks(&bytes).is_none(), "bit {} of byte {at}", at % 8);
        bytes[at] ^= bit;
    }
}

#[test]
fn a_log_is_begun_with_what_is_whole_and_undecided_also_of_a_version_that_had_files() {
    let dir = tempfile::tempdir().unwrap();
    let open = |head| Undecided::open(dir.path(), Height(head));
    let (file, earlier) = (dir.path().join("undecided.log"), dir.path().join("undecided"));
    let [old, new] = [built(1, 0), built(1, 1)];
    fs::create_dir(&earlier).unwrap();
    fs::write(earlier.join("1-00.block"), old.encoded()).unwrap();
    fs::write(earlier.join("1-01.block.0123456789ab.part"), b"half").unwrap();
    open(0).unwrap().log().append(&new).unwrap();
    assert!(!earlier.exists());
    let whole = fs::read(&file).unwrap();
    // A store that lost blocks is known by this.
    assert_eq!(whole[..12], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);

    fs::write(&file, [&whole[..], &whole[..100]].concat()).unwrap();
    let undecided = open(0).unwrap();
    assert_eq!(fs::read(&file).unwrap(), whole, "what was cut off is gone");
    for kept in [&old, &new] {
        assert_eq!(undecided.find(Height(1), kept.block.hash()).map(as_read), Some(read_again(kept)));
        assert_eq!(undecided.built(Height(1), kept.round).map(as_read), Some(read_again(kept)));
    }
    assert!(undecided.built(Height(1), 2).is_none());

    let mut undecided = open(1).unwrap();
    assert_eq!(undecided.at(Height(1)).count(), 0);
    assert_eq!(fs::read(&file).unwrap(), b"", "what is decided is gone");
    let [second, third] = [built(2, 0), built(3, 0)];
    undecided.log().append(&second).unwrap();
    undecided.forget(Height(2)).unwrap();
    undecided.log().append(&third).unwrap();
    assert_eq!(found(&fs::read(&file).unwrap()).iter().map(as_read).collect::<Vec<_>>(), [read_again(&third)]);
}

#[test]
fn what_is_damaged_stops_the_node_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Undecided::open(dir.path(), Height(0));
    let (file, earlier) = (dir.path().join("undecided.log"), dir.path().join("undecided"));
    open().unwrap().log().append(&built(1, 0)).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, &bytes).unwrap();
    let refusal = format!("{:#}", open().unwrap_err());
    assert!(refusal.contains("undecided.log is damaged"), "{refusal}");
    assert_eq!(fs::read(&file).unwrap(), bytes);

    fs::remove_file(&file).unwrap();
    fs::create_dir(&earlier).unwrap();
    fs::write(earlier.join("1-00.block"), b"damaged").unwrap();
    let refusal = format!("{:#}", open().unwrap_err());
    assert!(refusal.contains("1-00.block is damaged"), "{refusal}");
    fs::remove_dir_all(&earlier).unwrap();
    assert_eq!(open().unwrap().at(Height(1)).count(), 0);
}
