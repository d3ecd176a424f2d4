//! Blocks that travel as ids, between whole nodes.

use super::*;

/// Four validators, to one of which nothing was ever told that waits.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_none_of_the_transactions_is_told_them_and_votes_for_full_blocks_in_round_0() {
    let dir = tempfile::tempdir().unwrap();
    let ports = free_ports::<4>();
    let apps: Vec<Arc<Memory>> = (1..=4).map(|n| Memory::new(n, &[(0, &[1, 2, 3, 4])])).collect();
    let poor = secret(4).account();
    apps[3].lacks.lock().unwrap().extend(WAITING.keys());
    let handles = nodes(dir.path(), &ports, &apps).await;
    // A full block of another, and the precommit for it in the round in which it was proposed.
    let is_full = |block: &Block| block.transactions.len() == WAITING.len() && block.header.proposer != poor;
    let has_voted = |app: &Arc<Memory>| {
        let finalized = app.finalized.lock().unwrap();
        finalized.iter().filter(|precommits| precommits.round == 0).any(|precommits| {
            let signs = precommits.signatures.iter().any(|(voter, _)| *voter == poor);
            signs && app.decided(precommits.height).is_some_and(|(block, _)| is_full(&block))
        })
    };
    while !apps[..3].iter().any(has_voted) {
        let height = apps[0].head().0;
        assert!(height < 60, "it never votes for what it lacks");
        for app in &apps {
            app.reaches(height + 1).await;
        }
    }
    stop_all(handles).await;
}
