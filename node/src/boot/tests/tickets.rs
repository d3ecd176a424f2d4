//! Stories of a home that has only genesis, which does not approve this executable; its chain does so later.

use super::*;
use crate::boot::Witness;
use host::clock::HomeClock;
use jsonrpsee::RpcModule;
use jsonrpsee::server::{Server, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use light::testing::TestChain;
use primitives::{Timestamp, TrackName};
use rpc::error::UNKNOWN_RELEASE;
use runtime::testing::{held_by, install, propose, propose_on, release_vote, validator, vote};
use serde_json::Value;
use std::path::PathBuf;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use update::{Journal, RealDisk, Releases, Slot, Step};

/// A chain that began at a time and has approved this executable by a vote.
fn approving(began: Timestamp) -> TestChain {
    approving_with(began, |_| {})
}

/// As [`approving`], of a genesis with changes.
fn approving_with(began: Timestamp, change: impl Fn(&mut Genesis)) -> TestChain {
    let mut genesis = testing::genesis();
    genesis.time = began;
    change(&mut genesis);
    let build = measure().unwrap();
    let mut chain = TestChain::new(genesis);
    chain.block(&[(validator(0), propose(release_vote(&chain.genesis, build, 2)))]);
    chain.block(&[0, 1, 2].map(|index| (validator(index), vote(1, governance::Choice::Yes, None))));
    chain.block(&held_by(2, &[build]));
    chain.until(25);
    chain
}

/// Lets the chain revoke this executable, while its validators run another; gives the epoch from which it stops.
fn revoke(chain: &mut TestChain) -> Epoch {
    let (build, other) = (measure().unwrap(), chain.genesis.releases.approved[0].build_hash);
    chain.block(&[0, 1, 2, 3].map(|index| (validator(index), install(other))));
    chain.block(&[(validator(0), propose_on(TrackName::Expedited, testing::revoke(&[build])))]);
    chain.block(&[0, 1, 2, 3].map(|index| (validator(index), vote(2, governance::Choice::Yes, None))));
    chain.until(45);
    releases::queries::stop(&chain.state(), &build).expect("it is revoked").epoch
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
fn a_ticket_of_a_network_above_the_level_of_this_build_is_exit_13_and_blames_nobody() {
    let (_dir, home) = home();
    let ahead = |genesis: &mut Genesis| genesis.chain.level = runtime::LEVEL + 1;
    let chain = approving_with(clock::now().minus(60_000), ahead);
    let report = ask(&home, &chain, &chain.ticket(measure().unwrap()).to_bytes());
    assert_eq!((report.decision, report.exit_code), (Decision::LevelDiffers, 13), "{}", report.reason);
    assert_eq!(report.code.as_deref(), Some("E_LEVEL"));
    assert!(report.reason.contains("cannot be read here") && !report.reason.contains("proves nothing"));
    assert!(!home.ticket().exists(), "it is not kept");
}

#[test]
fn o50_a_ticket_that_is_no_file_is_a_mistake_of_whoever_named_it_and_proves_nothing_against_anybody() {
    let (_dir, home) = home();
    let chain = approving(clock::now().minus(60_000));
    for missing in [home.path().join("no-such-ticket"), home.path().to_path_buf()] {
        let asked = examine(&home, &Config::default(), &chain.genesis, Access::Primary, Some(&missing));
        let error = asked.err().expect("there is no ticket");
        assert!(matches!(&error, BootError::Ticket { path, .. } if *path == missing), "{error}");
        assert!(error.to_string().contains("name the file"), "{error}");
    }
    assert_eq!(ask(&home, &chain, b"no ticket").exit_code, 12, "one that can be read is judged");
}

#[test]
fn t03_t26_a_ticket_of_another_time_is_refused_by_the_clock() {
    let build = measure().unwrap();
    let tomorrow = clock::now().plus(86_400_000).0;
    let old = (1_700_000_000_000, "ms old", "E_FREEZE", Decision::TicketInvalid, 12);
    // It verifies: so it is the clock that is behind, and only for as long as it is.
    let ahead = (tomorrow, "ahead of this machine's clock; set the clock", "E_CLOCK", Decision::ClockWrong, 1);
    for (began, why, code, decision, exit_code) in [old, ahead] {
        let (_dir, home) = home();
        let chain = approving(Timestamp(began));
        let report = ask(&home, &chain, &chain.ticket(build).to_bytes());
        assert_eq!((report.decision, report.exit_code), (decision, exit_code));
        assert_eq!(report.code.as_deref(), Some(code));
        assert!(report.reason.contains(why), "{}", report.reason);
        assert!(!home.ticket().exists(), "a ticket that proves nothing is not kept");
    }
}

#[test]
fn t30_a_ticket_that_shows_a_fork_is_refused_as_is_every_other_until_the_operator_has_spoken() {
    let (_dir, home) = home();
    let chain = approving(clock::now().minus(60_000));
    let good = chain.ticket(measure().unwrap());
    let [_, other] = TestChain::forked(&chain.genesis, 25);
    // Trust reaches its head over one of its headers, and there they are two.
    let mut both = good.clone();
    both.hops = primitives::List::truncate_from(vec![other.head().clone()]);
    for ticket in [&both, &good] {
        let report = ask(&home, &chain, &ticket.to_bytes());
        assert_eq!((report.decision, report.exit_code), (Decision::TicketInvalid, 12));
        assert_eq!(report.code.as_deref(), Some("E_FORK"));
        assert!(report.reason.contains("its validators have decided two blocks of height 25, "), "{}", report.reason);
    }
    let evidence = store::EvidenceFolder::of(&home, &chain.genesis);
    assert_eq!(evidence.list().unwrap().len(), 3, "what was done goes on chain");
    std::fs::remove_file(home.fork()).unwrap();
    assert_eq!(ask(&home, &chain, &good.to_bytes()).decision, Decision::Run);
}

#[test]
fn t21_a_forged_ticket_is_refused_with_what_failed_in_it() {
    let (_dir, home) = home();
    let chain = approving(clock::now().minus(60_000));
    let mut forged = chain.ticket(measure().unwrap());
    forged.approval = chain.ticket(chain.genesis.releases.approved[0].build_hash).approval;
    let report = ask(&home, &chain, &forged.to_bytes());
    assert_eq!((report.decision, report.code.as_deref()), (Decision::TicketInvalid, Some("E_PROOF")));
    assert!(report.reason.contains("its proof is about \"releases/approved/"), "{}", report.reason);
}

#[test]
fn h12_t26_a_clock_that_was_set_back_takes_no_ticket_until_an_operator_confirms_it() {
    let (_dir, home) = home();
    let chain = approving(clock::now().minus(60_000));
    let ticket = chain.ticket(measure().unwrap()).to_bytes();
    let hour = || HomeClock::of(&home).read_at(clock::now().plus(3_600_000), None).unwrap();
    let refused = |report: crate::boot::BootReport| {
        assert_eq!((report.decision, report.exit_code), (Decision::ClockWrong, 1), "{}", report.reason);
        assert_eq!(report.code.as_deref(), Some("E_CLOCK"));
        assert!(report.reason.contains("`the-block clock accept`"), "{}", report.reason);
    };
    // Another process has seen a later time before.
    hour();
    refused(ask(&home, &chain, &ticket));
    assert!(!home.ticket().exists());
    HomeClock::of(&home).accept(clock::now()).unwrap();
    assert_eq!(ask(&home, &chain, &ticket).decision, Decision::Run);

    // The one that was kept is no better, whoever asks, for as long as the clock is as it is.
    let waits = || {
        let report = examine(&home, &Config::default(), &chain.genesis, Access::ReadOnly, None).unwrap().report;
        assert_eq!((report.decision, report.exit_code), (Decision::ClockWrong, 1), "{}", report.reason);
        assert_eq!(report.code.as_deref(), Some("E_CLOCK"));
        assert!(report.reason.contains("`the-block clock accept`"), "{}", report.reason);
    };
    hour();
    waits();
    let judged = judge(&home, &chain.genesis, measure().unwrap());
    assert_eq!((judged.require().unwrap_err().exit_code, judged.code), (1, Some("E_CLOCK")));
    assert!(judged.is_open());
    std::fs::write(home.clock(), "not what was written").unwrap();
    waits();
    HomeClock::of(&home).accept(clock::now()).unwrap();
    assert!(judge(&home, &chain.genesis, measure().unwrap()).require().is_ok());
}

#[test]
fn h12_a_stop_one_epoch_ahead_of_a_kept_ticket_is_exit_11_once_the_clock_has_come_there() {
    let (_dir, home) = home();
    // A minute from one block to the next, by which the clock is behind the chain; and clocks that are far apart.
    let mut chain = approving_with(clock::now().minus(60_000), |genesis| {
        genesis.chain.consensus.block_time_ms = 60_000;
        genesis.chain.consensus.max_clock_drift_ms = 600_000;
    });
    let stop = revoke(&mut chain);
    chain.until(55);
    assert_eq!(stop, Height(55).next().epoch(10).next(), "the stop is one epoch ahead");
    assert_eq!(ask(&home, &chain, &chain.ticket(measure().unwrap()).to_bytes()).decision, Decision::Run);
    std::fs::remove_file(home.path().join("given")).unwrap();
    assert_eq!(decide(&home, &chain.genesis).0, Decision::Run, "by the ticket that was kept");

    // Four blocks are missing to the next epoch. Whatever the clock says since, it was as late as that.
    HomeClock::of(&home).read_at(clock::now().plus(300_000), None).unwrap();
    for _ in 0..2 {
        let (decision, reason) = decide(&home, &chain.genesis);
        assert_eq!((decision, decision.exit_code()), (Decision::NoLongerApproved, 11), "{reason}");
    }
    assert_eq!(judge(&home, &chain.genesis, measure().unwrap()).require().unwrap_err().exit_code, 11);
}

#[test]
fn h12_a_ticket_is_good_for_one_notice_period_and_at_least_for_what_the_operator_says() {
    let build = measure().unwrap();
    let of_age = |age_ms: u64, change: &dyn Fn(&mut Genesis)| {
        let (_dir, home) = home();
        let chain = approving_with(clock::now().minus(age_ms + 25_000), change);
        let report = ask(&home, &chain, &chain.ticket(build).to_bytes());
        (report.decision, report.code)
    };
    let too_old = (Decision::TicketInvalid, Some("E_FREEZE".to_owned()));
    // Two epochs of ten seconds are less than ten minutes.
    assert_eq!(of_age(540_000, &|_| {}).0, Decision::Run);
    assert_eq!(of_age(601_000, &|_| {}), too_old);
    let slowly = |genesis: &mut Genesis| genesis.chain.consensus.block_time_ms = 60_000;
    assert_eq!(of_age(1_140_000, &slowly).0, Decision::Run);
    assert_eq!(of_age(1_201_000, &slowly), too_old);
}

#[tokio::test(flavor = "multi_thread")]
async fn h12_sources_are_asked_before_the_kept_ticket_and_the_later_of_both_counts() {
    let (_dir, home) = home();
    let build = measure().unwrap();
    let mut chain = approving(clock::now().minus(70_000));
    let approved = chain.ticket(build);
    std::fs::create_dir_all(home.ticket().parent().unwrap()).unwrap();
    std::fs::write(home.ticket(), approved.to_bytes()).unwrap();
    let stop = revoke(&mut chain);
    chain.until(stop.first_height(10).0);
    let revoked = chain.ticket(build);

    let decided = |url: &str, access: Access| {
        let mut config = Config::default();
        config.boot.ticket_sources = vec![url.to_owned()];
        let examined = tokio::task::block_in_place(|| examine(&home, &config, &chain.genesis, access, None));
        examined.unwrap().report.decision
    };
    let (later, knows_more) = serving(&revoked).await;
    assert_eq!(decided("http://127.0.0.1:9", Access::ReadOnly), Decision::Run, "nobody else has one");
    assert_eq!(decided(&knows_more, Access::Primary), Decision::NoLongerApproved);
    // A source that is behind what is kept since does not bring the earlier one back.
    let (earlier, knows_less) = serving(&approved).await;
    assert_eq!(decided(&knows_less, Access::ReadOnly), Decision::NoLongerApproved);
    drop((later, earlier));
}

/// A node that has a ticket, whatever it is asked.
async fn serving(ticket: &light::Ticket) -> (ServerHandle, String) {
    serving_at("127.0.0.1:0", ticket).await
}

/// As [`serving`], at an address.
async fn serving_at(address: &str, ticket: &light::Ticket) -> (ServerHandle, String) {
    let server = Server::builder().build(address).await.unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let mut module = RpcModule::new(serde_json::to_value(ticket).unwrap());
    module.register_method("gov.release_proof", |_, ticket, _| ticket.clone()).unwrap();
    (server.start(module), url)
}

/// A server that answers every question with a status of HTTP and nothing else; with nothing at all where that is none.
async fn turning_away(status: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            if let Some(status) = status {
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    url
}

/// A node that says of every build that it was never approved.
async fn denying() -> (ServerHandle, String) {
    let server = Server::builder().build("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let mut module = RpcModule::new(());
    let never = || Err::<Value, _>(ErrorObjectOwned::owned(UNKNOWN_RELEASE, "it was never approved", None::<()>));
    module.register_method("gov.release_proof", move |_, _, _| never()).unwrap();
    (server.start(module), url)
}

#[tokio::test(flavor = "multi_thread")]
async fn h14_a_build_that_is_not_known_here_was_never_approved_only_where_nothing_is_in_doubt() {
    let (_dir, home) = home();
    let build = measure().unwrap();
    let decided = |genesis: &Genesis, sources: &[&str]| {
        let mut config = Config::default();
        config.boot.ticket_sources = sources.iter().map(|url| (*url).to_owned()).collect();
        tokio::task::block_in_place(|| may_run(&home, &config, genesis, build)).unwrap()
    };
    let never = |judged: Judgement| assert_eq!(judged.decision, Decision::NotApproved, "{}", judged.reason);
    let in_doubt = |judged: Judgement, why: &str| {
        let refusal = judged.require().unwrap_err();
        assert_eq!((judged.decision, refusal.exit_code), (Decision::Unanswered, 14), "{refusal}");
        assert!(judged.is_open() && judged.reason.contains(why), "{refusal}");
    };
    let chain = approving(clock::now().minus(60_000));
    let recent = &chain.genesis;
    let old = &Genesis { time: clock::now().minus(86_400_000), ..recent.clone() };
    let (_denying, url) = denying().await;
    let (denies, silent) = (url.as_str(), "http://127.0.0.1:9");
    never(decided(recent, &[]));
    never(decided(recent, &[denies]));
    in_doubt(decided(old, &[]), "s old");
    in_doubt(decided(old, &[denies]), "s old");
    in_doubt(decided(recent, &[silent]), "nobody who was asked could say");
    in_doubt(decided(recent, &[denies, silent]), silent);

    // What was kept of another build says nothing of this one; of this one, that it was approved once.
    let keep = |ticket: light::Ticket| std::fs::write(home.ticket(), ticket.to_bytes()).unwrap();
    keep(chain.ticket(recent.releases.approved[0].build_hash));
    never(decided(recent, &[]));
    keep(approving(Timestamp(1_700_000_000_000)).ticket(build));
    in_doubt(decided(recent, &[]), "an earlier start");
    std::fs::remove_file(home.ticket()).unwrap();
    never(decided(recent, &[]));

    // Whoever installed it has seen the proof of a later block.
    let releases = Releases::of(&home);
    std::fs::create_dir_all(releases.path()).unwrap();
    let mut journal = Journal::default();
    journal.step = Step::Trying { slot: Slot::B, hash: build, from: Some(Slot::A), attempts: 0 };
    journal.save(&releases, &RealDisk).unwrap();
    in_doubt(decided(recent, &[]), "installed here by a proof");
}

#[tokio::test(flavor = "multi_thread")]
async fn h14_a_source_that_is_behind_or_lies_is_final_only_where_nobody_else_was_to_be_asked() {
    let (_dir, home) = home();
    let (chain, build) = (approving(clock::now().minus(60_000)), measure().unwrap());
    let good = chain.ticket(build);
    let mut forged = good.clone();
    forged.approval = chain.ticket(chain.genesis.releases.approved[0].build_hash).approval;
    let (lying, lies) = serving(&forged).await;
    let (lagging, lags) = serving(&approving(clock::now().minus(86_400_000)).ticket(build)).await;
    let (honest, right) = serving(&good).await;
    let silent = "http://127.0.0.1:9".to_owned();
    let decided = |sources: &[&String]| {
        let mut config = Config::default();
        config.boot.ticket_sources = sources.iter().map(|url| (*url).clone()).collect();
        let access = Access::ReadOnly;
        let examined = tokio::task::block_in_place(|| examine(&home, &config, &chain.genesis, access, None));
        let report = examined.unwrap().report;
        let judged = tokio::task::block_in_place(|| may_run(&home, &config, &chain.genesis, build)).unwrap();
        assert_eq!((judged.decision, judged.code), (report.decision, report.code.as_deref()), "{}", report.reason);
        assert!(judged.is_open() || judged.decision == Decision::Run, "nothing of it stops a supervisor for good");
        (report.exit_code, judged.code)
    };
    assert_eq!(decided(&[&lies]), (12, Some("E_PROOF")));
    assert_eq!(decided(&[&lies, &silent]), (14, Some("E_PROOF")));
    assert_eq!(decided(&[&silent, &lies]), (14, Some("E_PROOF")));
    assert_eq!(decided(&[&lags]), (14, Some("E_FREEZE")));
    assert_eq!(decided(&[&lies, &lags]), (14, Some("E_PROOF")));
    assert_eq!(decided(&[&lies, &lags, &silent, &right]), (0, None));
    // The supervisor keeps it for the build, which finds it when nobody answers.
    assert_eq!(decided(&[&silent]), (0, None));
    drop((lying, lagging, honest));
}

#[tokio::test(flavor = "multi_thread")]
async fn o11_a_ticket_ahead_of_the_clock_shows_that_the_clock_is_behind_and_is_exit_1() {
    const YESTERDAY_MS: u64 = 86_400_000;
    let build = measure().unwrap();
    for behind_ms in [YESTERDAY_MS, clock::now().0] {
        let chain = approving(clock::now().plus(behind_ms));
        let ticket = chain.ticket(build);
        let (_server, url) = serving(&ticket).await;
        for way in ["given", "kept", "fetched"] {
            let (_dir, home) = home();
            let given = home.path().join("given");
            let mut config = Config::default();
            match way {
                "given" => std::fs::write(&given, ticket.to_bytes()).unwrap(),
                "kept" => {
                    std::fs::create_dir_all(home.ticket().parent().unwrap()).unwrap();
                    std::fs::write(home.ticket(), ticket.to_bytes()).unwrap();
                }
                _ => config.boot.ticket_sources = vec![url.clone()],
            }
            let file = (way == "given").then_some(given.as_path());
            // Also once this home has seen, by the ticket, how late it is.
            for _ in 0..2 {
                let asked = || examine(&home, &config, &chain.genesis, Access::ReadOnly, file);
                let report = tokio::task::block_in_place(asked).unwrap().report;
                assert_eq!((report.decision, report.exit_code), (Decision::ClockWrong, 1), "{way}: {}", report.reason);
                assert_eq!(report.code.as_deref(), Some("E_CLOCK"));
                assert!(report.reason.contains("this machine's clock"), "{way}: {}", report.reason);
                assert!(report.reason.contains("set "), "{way}: {}", report.reason);
            }
            if file.is_none() {
                let judged = tokio::task::block_in_place(|| may_run(&home, &config, &chain.genesis, build)).unwrap();
                assert!(judged.is_open(), "a supervisor asks again: {}", judged.reason);
            }
            assert_eq!(home.ticket().exists(), way == "kept", "what proves nothing yet is neither kept nor lost");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o11_a_clock_that_is_behind_the_chain_of_this_home_makes_no_build_unknown_for_good() {
    let (_dir, home) = home();
    let chain = approving(clock::now().plus(86_400_000));
    let (_denying, url) = denying().await;
    let mut config = Config::default();
    for sources in [vec![], vec![url]] {
        config.boot.ticket_sources = sources;
        let asked = || may_run(&home, &config, &chain.genesis, measure().unwrap());
        let judged = tokio::task::block_in_place(asked).unwrap();
        assert_eq!(judged.decision, Decision::Unanswered, "{}", judged.reason);
        assert!(judged.reason.contains("this machine's clock is 86"), "{}", judged.reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o13_a_source_that_could_not_be_asked_has_not_said_no() {
    let (_dir, home) = home();
    let (chain, build) = (approving(clock::now().minus(60_000)), measure().unwrap());
    let decided = |sources: &[&str]| {
        let mut config = Config::default();
        config.boot.ticket_sources = sources.iter().map(|url| (*url).to_owned()).collect();
        let asked = || examine(&home, &config, &chain.genesis, Access::ReadOnly, None);
        tokio::task::block_in_place(asked).unwrap().report
    };
    let (_denying, denies) = denying().await;
    let denies = denies.as_str();
    let (full, hangs_up) = (turning_away(Some("503 Service Unavailable")).await, turning_away(None).await);
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let absent = format!("http://{address}");
    let all_silent = [absent.as_str(), full.as_str(), hangs_up.as_str()];
    for silent in all_silent {
        for sources in [vec![silent], vec![silent, denies], vec![denies, silent]] {
            let report = decided(&sources);
            assert_eq!((report.decision, report.exit_code), (Decision::Unanswered, 14), "{}", report.reason);
            assert!(report.reason.contains(&format!("{silent}: ")), "{}", report.reason);
        }
    }
    let all = decided(&all_silent).reason;
    assert!(all_silent.iter().all(|url| all.contains(url)) && all.contains("503"), "{all}");
    assert_eq!(decided(&[denies]).exit_code, 10);
    assert_eq!(decided(&[]).exit_code, 10, "nobody is named");
    // It comes later.
    let (_late, came) = serving_at(&address, &chain.ticket(build)).await;
    assert_eq!(came, absent);
    assert_eq!(decided(&[full.as_str(), came.as_str()]).exit_code, 0);
}
