//! What a validator spoke of is there after a crash, and what it could not keep it does not speak of.

use super::*;
use crate::undecided::tests::disk::{Fails, LossyDisk};
use std::fs;

#[tokio::test]
async fn a_block_built_or_accepted_is_the_same_after_a_crash() {
    let World { mut proposer, mut other, dir } = world();
    let (value, parts) = proposer.proposes(0).await;
    assert!(is_valid(other.hears(proposer.n, parts).await));
    for n in [proposer.n, other.n] {
        let mut after = node(n, dir.path());
        let seen = after.answers.seen_before(Height(1)).await.unwrap();
        assert_eq!(seen.iter().map(|seen| seen.value).collect::<Vec<_>>(), [value.value]);
        assert_eq!(after.validated(), 1, "its outcome is known again");
        assert!(after.answers.seen_before(Height(1)).await.unwrap().is_empty(), "told once");
        if n == proposer.n {
            assert_eq!(after.proposes(0).await.0, value);
            assert_ne!(after.proposes(5).await.0.value, value.value, "another round, another block");
        }
        after.answers.undecided.forget(Height(1)).unwrap();
        assert!(node(n, dir.path()).answers.seen_before(Height(1)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_a_validator_spoke_of_takes_one_sync_and_is_there_after_the_power_is_cut() {
    let World { mut proposer, mut other, dir: _dir } = world();
    let disks = [&mut proposer, &mut other].map(|node| {
        let disk = LossyDisk::default();
        node.answers.undecided.keep_on(disk.clone());
        (node.n, disk)
    });
    let (value, parts) = proposer.proposes(0).await;
    assert!(is_valid(other.hears(proposer.n, parts).await));
    for (n, disk) in disks {
        assert_eq!(disk.syncs(), 1);
        for left in disk.after_a_cut() {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join(n.to_string());
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("undecided.log"), left).unwrap();
            let mut after = node(n, dir.path());
            let seen = after.answers.seen_before(Height(1)).await.unwrap();
            assert_eq!(seen.iter().map(|seen| seen.value).collect::<Vec<_>>(), [value.value]);
            if n == proposer.n {
                assert_eq!(after.proposes(0).await.0, value);
            }
        }
    }
}

#[tokio::test]
async fn a_block_that_cannot_be_kept_is_neither_voted_for_nor_proposed() {
    for step in [Fails::Append, Fails::Sync] {
        let World { mut proposer, mut other, dir: _dir } = world();
        let (_, parts) = proposer.proposes(0).await;
        for node in [&mut proposer, &mut other] {
            let disk = LossyDisk::default();
            disk.fail(step);
            node.answers.undecided.keep_on(disk);
        }
        let mut refusal = None;
        for part in parts {
            let key = (peer(proposer.n), part.stream_id.clone());
            match other.answers.receive(peer(proposer.n), key, part).await {
                Ok(verdict) => assert_eq!(verdict, None),
                Err(error) => refusal = Some(format!("{error:#}")),
            }
        }
        let refusal = refusal.expect("an error, for which the node stops");
        assert!(refusal.contains("this node must not vote for it"), "{refusal}");
        assert_eq!((other.validated(), other.answers.undecided.at(Height(1)).count()), (1, 0));

        let (reply, value) = oneshot::channel();
        let proposed = proposer.answers.propose(Height(1), Round::new(1), Duration::from_secs(9), reply).await;
        assert!(proposed.is_err() && value.await.is_err() && proposer.streamed().is_empty());
    }
}
