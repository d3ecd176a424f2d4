//! Stories of the boot check, over a real store; the executable it measures is the one that runs these tests.

use super::{BootError, Decision, Judgement, examine, may_run};
use crate::build_info::source_hash;
use host::clock;
use host::config::{Config, Home};
use ledger::Commit;
use primitives::{
    BuildHash, ChainPosition, Digest, Epoch, Height, Moment, ProposalId, Reading, Reason, StateRoot, Timestamp,
    VoteKind, vote_payload,
};
use releases::{Amended, ApprovedRelease, Event, Standing};
use runtime::{Block, Certificate, Genesis, Header, testing};
use state::{Apply as _, State};
use store::db::{Access, Settings, Store};
use tempfile::TempDir;
use update::Shown;
use update::release_file::measure;

mod beside;
mod level;
mod tickets;
mod trust;

fn home() -> (TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path());
    (dir, home)
}

/// A genesis of a minute ago that approves this test executable, with changes.
fn genesis(change: impl Fn(&mut Genesis)) -> Genesis {
    let mut genesis = testing::genesis();
    genesis.time = clock::now().minus(60_000);
    genesis.releases.approved[0].build_hash = measure().unwrap();
    change(&mut genesis);
    genesis
}

fn decide(home: &Home, genesis: &Genesis) -> (Decision, String) {
    let report = examine(home, &Config::default(), genesis, Access::ReadOnly, None).unwrap().report;
    assert_eq!(report.exit_code, report.decision.exit_code());
    (report.decision, report.reason)
}

/// Writes genesis and one empty block whose state is changed by `change`, certified by `signers` of the four validators.
fn chain(home: &Home, genesis: &Genesis, signers: u8, change: impl Fn(&mut State)) -> Store {
    let store = Store::open(home.gov_db(&Config::default()), Access::Primary, Settings::default()).unwrap();
    store.commit_genesis(genesis).unwrap();
    let mut context = testing::context(genesis, 1);
    context.parent = store.view().head().unwrap().unwrap().hash;
    let mut executed = runtime::execute(&store.view(), &context, &[]).unwrap();
    {
        let view = store.view();
        let mut state = State::over(&view);
        change(&mut state);
        executed.writes.extend(state.into_writes());
    }
    let prepared = store.prepare(executed.writes.clone()).unwrap();
    let header = Header::over(&context, &[], &executed, prepared.root());
    let payload = vote_payload(&header.chain_id, VoteKind::Precommit, header.height, 0, Some(header.hash()));
    let signatures = (0..signers).map(testing::validator).map(|key| (key.account(), key.sign(&payload))).collect();
    let signatures = primitives::List::truncate_from(signatures);
    let certificate = Certificate { height: header.height, round: 0, block: header.hash(), signatures };
    let block = Block { header, last_commit: None, transactions: Vec::new() };
    let facts = &executed.facts;
    store.commit(Commit { block: &block, certificate: &certificate, facts, prepared, epoch_end: None }).unwrap();
    store
}

fn change_release(change: impl Fn(&mut ApprovedRelease)) -> impl Fn(&mut State) {
    move |state| {
        let hash = measure().unwrap();
        let mut release = releases::queries::release(state, &hash).unwrap();
        change(&mut release);
        let approved = Event::Approved { builds: vec![release], superseded: Vec::new(), applied_threshold: 1 };
        apply(&approved, state);
    }
}

fn apply(event: &Event, state: &mut State) {
    event.apply(state, Moment::of(ChainPosition::of(Height(1), Timestamp(0), 10), 0, 1));
}

#[test]
fn before_the_first_start_genesis_decides() {
    let (_dir, home) = home();
    assert_eq!(decide(&home, &genesis(|_| {})).0, Decision::Run);
    let (decision, reason) = decide(&home, &genesis(|g| g.releases.approved[0].build_hash = BuildHash([7; 32])));
    assert_eq!(decision, Decision::NotApproved);
    assert!(reason.contains("is not approved") && reason.contains("contract gov releases"), "{reason}");
}

#[test]
fn a_certified_chain_decides_by_its_proven_state() {
    let decided = |change: &dyn Fn(&mut ApprovedRelease)| {
        let (_dir, home) = home();
        let genesis = genesis(|_| {});
        drop(chain(&home, &genesis, 4, change_release(change)));
        decide(&home, &genesis)
    };
    let (decision, reason) = decided(&|_| {});
    assert_eq!(decision, Decision::Run);
    assert!(reason.contains("approved by the chain state of height 1"), "{reason}");

    let revoked = |r: &mut ApprovedRelease| {
        r.standing = Standing::Revoked { reason: Reason::new("it leaks").unwrap(), effective_epoch: Epoch(0) };
    };
    let (decision, reason) = decided(&revoked);
    assert_eq!(decision, Decision::NoLongerApproved);
    assert!(reason.contains("it leaks"), "{reason}");

    let (decision, _) = decided(&|r| r.manifest.end_of_support_epoch = Some(Epoch(0)));
    assert_eq!(decision, Decision::Run, "the date of a manifest stops nothing");

    let (decision, reason) = decided(&|r| {
        r.standing = Standing::Superseded { by: r.build_hash, end_of_support_epoch: Some(Epoch(0)) };
    });
    assert_eq!(decision, Decision::NoLongerApproved);
    assert!(reason.contains("ended at epoch 0"), "{reason}");

    let (decision, reason) = decided(&|r| r.manifest.source_hash = Some(Digest([3; 32])));
    assert_eq!(decision, Decision::SourceDiffers);
    assert!(reason.contains("compiled from source"), "{reason}");
}

#[test]
fn the_source_hash_that_governance_approved_is_the_one_compiled_in() {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    drop(chain(&home, &genesis, 4, change_release(|release| release.manifest.source_hash = Some(source_hash()))));
    assert_eq!(decide(&home, &genesis).0, Decision::Run);
}

#[test]
fn h09_h10_a_source_that_an_amendment_names_stops_no_build_that_runs() {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    let amend = |release: &mut ApprovedRelease| {
        release.manifest.source_hash = Some(Digest([3; 32]));
        let (at, signer_set) = (ChainPosition::of(Height(1), Timestamp(0), 10), Default::default());
        release.amended = Some(Amended { proposal_id: ProposalId(1), at, signature_threshold: 2, signer_set });
    };
    drop(chain(&home, &genesis, 4, change_release(amend)));
    assert_eq!(decide(&home, &genesis).0, Decision::Run);
}

#[test]
fn a_release_below_the_minimum_sequence_does_not_run() {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    let minimum = releases::MinimumStep { sequence: 2, effective_epoch: Epoch(0) };
    let raised =
        Event::MinimumSequenceRaised { minimum: minimum.into(), level: 1, reason: Reason::new("old").unwrap() };
    drop(chain(&home, &genesis, 4, |state| apply(&raised, state)));
    let (decision, reason) = decide(&home, &genesis);
    assert_eq!(decision, Decision::NoLongerApproved);
    assert!(reason.contains("release 1") && reason.contains("at least 2"), "{reason}");
}

#[test]
fn a_head_that_two_thirds_did_not_sign_proves_nothing() {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    drop(chain(&home, &genesis, 2, |_| {}));
    let (decision, reason) = decide(&home, &genesis);
    assert_eq!(decision, Decision::StoreDamaged);
    assert!(reason.contains("more than two thirds is needed"), "{reason}");
}

#[test]
fn a_store_that_another_process_has_open_is_an_error_and_not_a_verdict() {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    let store = chain(&home, &genesis, 4, |_| {});
    let refused = examine(&home, &Config::default(), &genesis, Access::Primary, None).err().unwrap();
    assert!(refused.to_string().contains("in use by another process"), "{refused}");
    assert_eq!(decide(&home, &genesis).0, Decision::Run, "reading beside it is no trouble");
    drop(store);
}

#[test]
fn o05_what_the_disk_does_not_give_beside_the_store_is_no_verdict_either() {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    drop(chain(&home, &genesis, 4, |_| {}));
    for file in [home.anchor(), home.consensus().join("wal/consensus.wal")] {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        // Whoever reads it is told EIO.
        std::os::unix::fs::symlink("/proc/self/mem", &file).unwrap();
        let refused = examine(&home, &Config::default(), &genesis, Access::ReadOnly, None).err().unwrap().to_string();
        assert!(refused.contains("Input/output error") && refused.contains(file.to_str().unwrap()), "{refused}");
        assert!(!refused.contains("damaged"), "{refused}");
        assert!(may_run(&home, &Config::default(), &genesis, measure().unwrap()).is_err());
        std::fs::remove_file(&file).unwrap();
        assert_eq!(decide(&home, &genesis).0, Decision::Run);
    }
}

/// What the chain of a home says about a build that somebody is about to execute.
fn judge(home: &Home, genesis: &Genesis, hash: BuildHash) -> Judgement {
    may_run(home, &Config::default(), genesis, hash).unwrap()
}

fn revoked_from(epoch: u64) -> impl Fn(&mut ApprovedRelease) {
    move |release| {
        let reason = Reason::new("it leaks").unwrap();
        release.standing = Standing::Revoked { reason, effective_epoch: Epoch(epoch) };
    }
}

#[test]
fn h05_t19_a_build_is_judged_by_its_measured_hash_and_is_not_asked() {
    let (_dir, home) = home();
    let build = BuildHash([7; 32]);
    let genesis = genesis(|genesis| genesis.releases.approved[0].build_hash = build);
    assert_eq!(judge(&home, &genesis, build).require(), Ok(()), "before the first start, genesis decides");
    let store = chain(&home, &genesis, 4, |state| {
        let mut release = releases::queries::release(state, &build).unwrap();
        revoked_from(0)(&mut release);
        apply(&Event::Approved { builds: vec![release], superseded: Vec::new(), applied_threshold: 1 }, state);
    });
    assert_eq!(Judgement::by_store(&store, &genesis, &build).decision, Decision::NoLongerApproved);
    drop(store);
    let judged = judge(&home, &genesis, build);
    let refusal = judged.require().unwrap_err();
    assert_eq!((judged.decision, refusal.exit_code), (Decision::NoLongerApproved, 11));
    assert!(refusal.why.contains("it leaks"), "{refusal}");
    let approval = judged.approval.unwrap();
    assert_eq!((approval.release.unwrap().build_hash, approval.epoch), (build, Epoch(0)));
    let unknown = judge(&home, &genesis, measure().unwrap());
    assert_eq!(unknown.require().unwrap_err().exit_code, 10, "the executable that asks is no exception");
}

#[test]
fn h05_a_store_that_proves_nothing_lets_no_build_be_executed() {
    let (_dir, home) = home();
    let genesis = genesis(|_| {});
    drop(chain(&home, &genesis, 2, |_| {}));
    let judged = judge(&home, &genesis, measure().unwrap());
    assert_eq!((judged.require().unwrap_err().exit_code, judged.approval), (12, None));
}

#[test]
fn h05_a_proof_of_a_while_ago_counts_for_the_epoch_that_it_is_by_now() {
    let (_dir, home) = home();
    let (genesis, config, build) = (genesis(|_| {}), Config::default(), measure().unwrap());
    drop(chain(&home, &genesis, 4, change_release(revoked_from(3))));
    let approval = judge(&home, &genesis, build).approval.unwrap();
    let (then, epoch) = (approval.time, approval.epoch.0);
    let shown = Shown { approval, height: Height(1), state_root: StateRoot([0; 32]), validators: Default::default() };
    let decided = |now: Timestamp| {
        let judged = Judgement::by_proof(&shown, &build, &config, &genesis, Reading::alone(now));
        judged.map(|judged| judged.decision)
    };
    assert_eq!(epoch, 0);
    let to_come = Epoch(3).first_height(genesis.chain.epoch_length).minus(shown.height.next().0);
    let at_end = to_come.0 * genesis.chain.consensus.block_time_ms;
    assert_eq!(decided(then), Some(Decision::Run));
    assert_eq!(decided(then.plus(at_end - 1)), Some(Decision::Run));
    assert_eq!(decided(then.plus(at_end)), Some(Decision::NoLongerApproved), "its end has come meanwhile");
    assert_eq!(decided(then.minus(at_end)), None, "a clock that was set back says nothing");
    let minutes_ms = config.boot.least_ticket_minutes * 60_000;
    assert_eq!(decided(then.plus(minutes_ms)), Some(Decision::NoLongerApproved));
    assert_eq!(decided(then.plus(minutes_ms + 1)), None, "too long ago to say anything");
}

#[test]
fn no_hash_is_special() {
    for hash in [BuildHash([0; 32]), BuildHash([0xff; 32])] {
        let (_dir, home) = home();
        assert_eq!(decide(&home, &genesis(|g| g.releases.approved[0].build_hash = hash)).0, Decision::NotApproved);
    }
}
