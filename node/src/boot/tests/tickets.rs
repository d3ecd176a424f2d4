//! Stories of a home that has only genesis, which does not approve this executable; its chain does so later.

use super::*;
use crate::boot::Witness;
use host::clock;
use light::testing::TestChain;
use primitives::Timestamp;
use runtime::testing::{held_by, propose, release_vote, validator, vote};
use std::path::PathBuf;

/// A chain that began at a time and has approved this executable by a vote.
fn approving(began: Timestamp) -> TestChain {
    let mut genesis = testing::genesis();
    genesis.time = began;
    let build = measure().unwrap();
    let mut chain = TestChain::new(genesis);
    chain.block(&[(validator(0), propose(release_vote(&chain.genesis, build, 2)))]);
    chain.block(&[0, 1, 2].map(|index| (validator(index), vote(1, governance::Choice::Yes, None))));
    chain.block(&held_by(2, &[build]));
    chain.until(25);
    chain
}

fn ask(home: &Home, chain: &TestChain, bytes: &[u8]) -> crate::boot::BootReport {
    let file: PathBuf = home.path().join("given");
    std::fs::write(&file, bytes).unwrap();
    examine(home, &Config::default(), &chain.genesis, Access::Primary, Some(&file)).unwrap().report
}

#[test]
fn a_ticket_lets_a_build_run_that_local_state_does_not_know_and_is_kept() {
    let (_dir, home) = home();
    let chain = approving(clock::now().minus(60_000));
    assert_eq!(decide(&home, &chain.genesis).0, Decision::NotApproved);
    let report = ask(&home, &chain, &chain.ticket(measure().unwrap()).to_bytes());
    assert_eq!((report.decision, report.height), (Decision::Run, Some(primitives::Height(25))), "{}", report.reason);
    assert!(matches!(report.witness, Some(Witness::Ticket { .. })));
    std::fs::remove_file(home.path().join("given")).unwrap();
    assert_eq!(decide(&home, &chain.genesis).0, Decision::Run, "by the ticket that was kept");
    std::fs::remove_file(home.ticket()).unwrap();
    assert_eq!(decide(&home, &chain.genesis).0, Decision::NotApproved);
}

#[test]
fn t03_t26_a_ticket_of_another_time_is_refused_by_the_clock() {
    let build = measure().unwrap();
    for (began, why) in
        [(1_700_000_000_000, "ms old"), (clock::now().plus(86_400_000).0, "ahead of this machine's clock")]
    {
        let (_dir, home) = home();
        let chain = approving(Timestamp(began));
        let report = ask(&home, &chain, &chain.ticket(build).to_bytes());
        assert_eq!((report.decision, report.exit_code), (Decision::TicketInvalid, 12));
        assert!(report.reason.contains(why), "{}", report.reason);
        assert!(!home.ticket().exists(), "a ticket that proves nothing is not kept");
    }
}

#[test]
fn t21_a_forged_ticket_is_refused_with_what_failed_in_it() {
    let (_dir, home) = home();
    let chain = approving(clock::now().minus(60_000));
    let mut forged = chain.ticket(measure().unwrap());
    forged.approval = chain.ticket(chain.genesis.releases.approved[0].build_hash).approval;
    let report = ask(&home, &chain, &forged.to_bytes());
    assert_eq!(report.decision, Decision::TicketInvalid);
    assert!(report.reason.contains("its proof is about \"releases/approved/"), "{}", report.reason);
}
