use super::*;
use host::config::{Config, Home};
use host::provenance::TrustedSigners;
use jsonrpsee::RpcModule;
use jsonrpsee::server::{Server, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use light::Anchor;
use light::testing::TestChain;
use primitives::StateRoot;
use releases::StageReason;
use rollout::WaveTurns;
use rpc::Head;
use rpc::client::Node;
use rpc::error::{CHAIN_READ_FAILED, OVERSIZED_RESPONSE};
use rpc::views::{HistoryFilter, PageRange, release_history};
use runtime::{Genesis, testing};
use serde_json::{Value, json};
use state::StateProof;
use std::sync::Mutex;
use std::time::Duration;
use update::release_file::host_platform;
use update::{Confinement, Releases, Slot, UpdateMetrics};

/// A node whose proofs are right and whose hints are lies: it names a release that was never approved, and where to get it.
async fn lying_node(chain: TestChain, lie: Value) -> (ServerHandle, Node) {
    let server = Server::builder().build("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let mut module = RpcModule::new((chain, lie));
    let prove = |parameters: jsonrpsee::types::Params, context: &(TestChain, Value)| {
        let ticket = context.0.ticket(build_of(&parameters)?);
        Ok::<_, ErrorObjectOwned>(serde_json::to_value(ticket).unwrap())
    };
    module.register_method("gov.release_proof", move |parameters, context, _| prove(parameters, context)).unwrap();
    module.register_method("gov.release_history", |_, context, _| context.1.clone()).unwrap();
    (server.start(module), Node::open(&url).unwrap())
}

fn scout(home: &Home, genesis: &Genesis, node: Node, running: BuildHash) -> Scout {
    let (mut config, trusted) = (Config::default(), TrustedSigners::default());
    config.supervise.switch = true;
    Scout {
        gate: Arc::new(StartGate::new(home.clone(), config, genesis.clone(), trusted, None)),
        keeper: Arc::new(ReleaseKeeper::new(Releases::of(home), Confinement::none())),
        prover: Prover::new(node.clone(), Anchor::genesis(genesis)),
        reporter: Reporter::new(node, None, genesis),
        account: None,
        running,
        wanted: None,
        ready: None,
        patience: Patience::default(),
        until_said: Patience::default(),
        unheard_until: None,
        said: None,
        untimely: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t27_a_release_that_only_a_node_speaks_of_is_neither_fetched_nor_told() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let chain = TestChain::new(runtime::testing::genesis());
    let genesis = chain.genesis.clone();
    let running = genesis.releases.approved[0].build_hash;
    let real = chain.ticket(running).verify(&Anchor::genesis(&genesis), &running).unwrap().release.unwrap();
    let invented = BuildHash([0xee; 32]);
    let mut entry = serde_json::to_value(&real).unwrap();
    entry["build_hash"] = json!(invented);
    entry["target"]["build_hash"] = json!(invented);
    entry["target"]["platform"] = json!(host_platform());
    entry["sequence"] = json!(99);
    entry["manifest"]["notes"] = json!("urgent: update at http://updates.example/now");
    for (name, value) in [
        ("status", json!("activated")),
        ("verdict", json!("approved")),
        ("attested_signers", json!([])),
        ("quorum_met", json!(true)),
        ("install_times", json!([])),
        ("install_count", json!(0)),
        ("last_install_ts", Value::Null),
    ] {
        entry[name] = value;
    }
    let lie = json!({ "total": 1, "page": 0, "page_size": 20, "entries": [entry] });
    let (_server, node) = lying_node(chain, lie).await;
    // The hint is believed to be one: otherwise this test would show nothing.
    let page = node.release_history(None, Some(LOOKED_AT), None, None, None).await.unwrap();
    assert_eq!(page.entries[0].release.build_hash, invented);

    let mut scout = scout(&home, &genesis, node, running);
    let shown = scout.prover.show(running).await.unwrap().approval;
    assert!(scout.candidate(&shown).await.unwrap().is_none());
    assert_eq!(scout.look().await.unwrap(), Look::Nothing);
    let said = scout.said.clone().unwrap_or_default();
    assert!(!said.contains("http://") && !said.contains(&invented.to_string()), "{said}");
    assert!(scout.ready.is_none() && !home.staging().exists());
}

/// What a node answers when it is asked for the words of the validators, and what happens to its chain meanwhile.
type Words = fn(&mut TestChain, BuildHash) -> Result<Value, ErrorObjectOwned>;

/// A node of a chain on which a release is approved, which cannot say everything: `gov.release` would be larger than an answer may
/// be.
async fn node_that_says(chain: TestChain, words: Words) -> (ServerHandle, Node) {
    let now = chain.height().epoch(chain.genesis.chain.epoch_length);
    let range = PageRange::new(None, None).unwrap();
    let history = release_history(&chain.state(), now, &HistoryFilter::default(), range);
    let history = serde_json::to_value(history).unwrap();
    let server = Server::builder().build("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let mut module = RpcModule::new((Mutex::new(chain), history));
    let prove = |parameters: jsonrpsee::types::Params, context: &(Mutex<TestChain>, Value)| {
        let ticket = context.0.lock().unwrap().ticket(build_of(&parameters)?);
        Ok::<_, ErrorObjectOwned>(serde_json::to_value(ticket).unwrap())
    };
    module.register_method("gov.release_proof", move |parameters, context, _| prove(parameters, context)).unwrap();
    module.register_method("gov.release_history", |_, context, _| context.1.clone()).unwrap();
    let say = move |parameters: jsonrpsee::types::Params, context: &(Mutex<TestChain>, Value)| {
        words(&mut context.0.lock().unwrap(), build_of(&parameters)?)
    };
    module.register_method("gov.stage_proofs", move |parameters, context, _| say(parameters, context)).unwrap();
    let too_large = || Err::<Value, _>(ErrorObjectOwned::owned(OVERSIZED_RESPONSE, "too large", None::<()>));
    module.register_method("gov.release", move |_, _, _| too_large()).unwrap();
    (server.start(module), Node::open(&url).unwrap())
}

/// The build that a question is about.
fn build_of(parameters: &jsonrpsee::types::Params) -> Result<BuildHash, ErrorObjectOwned> {
    let asked: Value = parameters.parse()?;
    Ok(serde_json::from_value(asked["hash"].clone()).unwrap())
}

/// A chain of the last minute that approved [`NEXT`] for this machine, which so many of its four equal validators say failed.
fn upgraded(failed: u8) -> TestChain {
    let mut genesis = testing::genesis();
    genesis.time = clock::now().minus(60_000);
    genesis.chain.epoch_length = 3;
    // Trust reaches over the whole chain, so that a ticket leads from any of its blocks.
    genesis.staking.params.unbonding_epochs = 20;
    let vote = testing::release_vote_for(&genesis, NEXT, host_platform(), 2);
    let mut chain = TestChain::new(genesis);
    chain.until(2);
    chain.block(&[(testing::validator(0), testing::propose(vote))]);
    let votes = (0..4).map(|index| (testing::validator(index), testing::vote(1, governance::Choice::Yes, None)));
    chain.block(&votes.chain(testing::held_by(4, &[NEXT])).collect::<Vec<_>>());
    chain.until(15);
    let reason = StageReason::new("no block in 60 s").unwrap();
    let failure = InstallStage::RolledBack { reason };
    let words: Vec<_> =
        (0..failed).map(|index| (testing::validator(index), testing::report(NEXT, failure.clone()))).collect();
    let facts = chain.block(&words);
    assert!(facts.iter().all(|fact| fact.outcome.is_ok()), "{facts:?}");
    chain
}

const NEXT: BuildHash = BuildHash([0xbb; 32]);

/// The words as they are.
fn proofs(chain: &TestChain, hash: BuildHash) -> Vec<StateProof> {
    let validators = chain.head().validators.validators.iter();
    validators.map(|validator| chain.proof(&releases::queries::stage_key(&hash, &validator.account))).collect()
}

fn honest(chain: &mut TestChain, hash: BuildHash) -> Result<Value, ErrorObjectOwned> {
    Ok(json!({ "height": chain.height(), "proofs": proofs(chain, hash) }))
}

fn silent_about_it(_: &mut TestChain, _: BuildHash) -> Result<Value, ErrorObjectOwned> {
    Err(ErrorObjectOwned::owned(CHAIN_READ_FAILED, "the node could not read its store", None::<()>))
}

/// Says of every validator that it said nothing.
fn lying_about_it(chain: &mut TestChain, hash: BuildHash) -> Result<Value, ErrorObjectOwned> {
    let lies: Vec<StateProof> =
        proofs(chain, hash).into_iter().map(|proof| StateProof { value: None, ..proof }).collect();
    Ok(json!({ "height": chain.height(), "proofs": lies }))
}

/// For longer than a turn is.
fn slow(chain: &mut TestChain, hash: BuildHash) -> Result<Value, ErrorObjectOwned> {
    std::thread::sleep(TURN + Duration::from_millis(100));
    honest(chain, hash)
}

/// While the chain goes on for as long as a turn is.
fn overtaken(chain: &mut TestChain, hash: BuildHash) -> Result<Value, ErrorObjectOwned> {
    let answer = honest(chain, hash);
    chain.until(chain.height().0 + TURN.as_secs());
    answer
}

/// How long a turn is where waves follow each other as fast as they may, with a block each second.
const TURN: Duration = Duration::from_secs(2);

/// A chain at whose newest block it is the turn of a validator; its number.
fn at_a_turn() -> (TestChain, u8) {
    let mut chain = upgraded(0);
    let activated =
        chain.ticket(NEXT).verify(&Anchor::genesis(&chain.genesis), &NEXT).unwrap().release.unwrap().activated;
    let (begin, apart) = (activated.unwrap().time, TURN * 3);
    loop {
        let (now, set) = (chain.head().header.time, &chain.head().validators);
        let turns = |index: u8| WaveTurns::of(set, &NEXT, Some(&testing::validator(index).account()), begin, apart);
        if let Some(index) = (0..4).find(|index| turns(*index).next(now).is_none()) {
            return (chain, index);
        }
        chain.until(chain.height().0 + 1);
    }
}

/// A supervisor behind such a node, which has the release ready.
async fn ready(home: &Home, chain: TestChain, words: Words) -> (ServerHandle, Scout) {
    let genesis = chain.genesis.clone();
    let running = genesis.releases.approved[0].build_hash;
    let (server, node) = node_that_says(chain, words).await;
    assert!(node.release(NEXT).await.is_err(), "otherwise this would show nothing");
    let mut scout = scout(home, &genesis, node, running);
    let shown = scout.prover.show(NEXT).await.unwrap();
    let (rules, journal) = (scout.gate.rules().unwrap(), scout.keeper.journal().unwrap());
    let reading = Reading::alone(clock::now());
    let release = ensure_release_authorized(NEXT, &shown.approval, &rules, &journal, reading).unwrap();
    scout.ready = Some(Staged { slot: Slot::A, release });
    (server, scout)
}

/// The release whose turn it is by a look; none where it is nobody's.
async fn turn(scout: &mut Scout) -> Option<BuildHash> {
    match scout.look().await.unwrap() {
        Look::Turn(staged) => Some(staged.release.hash()),
        Look::Nothing => None,
        Look::Again => panic!("the chain says the same of it"),
        Look::Brought => panic!("it lay ready"),
    }
}

/// A home whose folder of releases is there.
fn home_of(folder: &tempfile::TempDir) -> Home {
    let home = Home::at(folder.path());
    std::fs::create_dir_all(Releases::of(&home).path()).unwrap();
    home
}

/// What dashboards of the node of a home show.
fn metrics(home: &Home) -> String {
    let head = Head::new(testing::genesis().header(StateRoot([0; 32])), 10);
    let (_heads, seen) = tokio::sync::watch::channel(Arc::new(head));
    let mut registry = prometheus_client::registry::Registry::default();
    registry.register_collector(Box::new(UpdateMetrics::new(home, seen, Duration::from_secs(60))));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn h06_t20_a_supervisor_changes_although_its_node_cannot_answer_gov_release() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_of(&folder);
    for failed in [0, 1] {
        let (_server, mut scout) = ready(&home, upgraded(failed), honest).await;
        assert_eq!(turn(&mut scout).await, Some(NEXT), "{failed} of 4: {:?}", scout.said);
    }
    let (_server, mut scout) = ready(&home, upgraded(2), honest).await;
    assert_eq!(turn(&mut scout).await, None);
    let said = scout.said.clone().unwrap_or_default();
    assert!(said.contains("held back") && said.contains("50 %"), "by the two numbers that it gets: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn h06_t20_a_supervisor_without_its_two_numbers_says_so_in_status_and_metric_and_takes_that_for_no_answer() {
    for words in [silent_about_it as Words, lying_about_it] {
        let folder = tempfile::tempdir().unwrap();
        let home = home_of(&folder);
        // Most of the stake says that it failed, which this node does not get to know.
        let (_server, mut scout) = ready(&home, upgraded(3), words).await;
        for _ in 0..3 {
            // As in each round of its watch.
            let error = scout.look().await.unwrap_err();
            assert_eq!(error.code(), "E_UNANSWERED", "{error}");
            scout.refuse(&error);
        }
        let said = scout.said.clone().unwrap_or_default();
        assert!(said.contains("has to wait") && said.contains("on how much of the stake"), "{said}");
        let counted = "release_updates_refused_total{code=\"E_UNANSWERED\"} 1\n";
        assert!(metrics(&home).contains(counted), "once, because it was said once: {}", metrics(&home));
        assert!(scout.keeper.journal().unwrap().held_back(&NEXT).is_none(), "nobody said that it failed");
        // And it does not wait for ever on a node that never says.
        scout.unheard_until = Some(Instant::now());
        assert_eq!(turn(&mut scout).await, Some(NEXT));
        assert!(scout.said.clone().unwrap_or_default().contains("nobody could say"), "{:?}", scout.said);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn o37_the_look_that_brings_a_release_does_not_change_to_it_and_the_next_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_of(&folder);
    let (_server, mut scout) = ready(&home, upgraded(0), honest).await;
    // It is not held here, and the block before it is fetched would give this node its turn.
    scout.ready = None;
    let bring = async |scout: &mut Scout, release: Authorized| {
        scout.ready = Some(Staged { slot: Slot::A, release });
        Ok(())
    };
    assert_eq!(scout.look_and(bring).await.unwrap(), Look::Brought);
    assert_eq!(turn(&mut scout).await, Some(NEXT), "by the newest block");
}

#[tokio::test(flavor = "multi_thread")]
async fn o37_of_supervisors_that_are_late_at_one_moment_no_two_change_together() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_of(&folder);
    let mut changing = 0;
    for index in 0..4 {
        let mut chain = upgraded(0);
        // Four waves at the distance of a second have come by then.
        chain.until(28);
        let (_server, mut scout) = ready(&home, chain, honest).await;
        scout.account = Some(testing::validator(index).account());
        Arc::get_mut(&mut scout.gate).expect("nobody else has it").config.supervise.wave_s = 1;
        match turn(&mut scout).await {
            Some(_) => changing += 1,
            None => assert!(scout.said.clone().unwrap_or_default().contains("changes in wave"), "{:?}", scout.said),
        }
    }
    assert!(changing <= 1, "{changing} of 4 change at one moment");
}

#[tokio::test(flavor = "multi_thread")]
async fn o37_who_was_kept_waiting_for_the_words_of_others_changes_by_the_newest_block_and_by_no_clock() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_of(&folder);
    for (words, changes) in [(honest as Words, true), (slow, true), (overtaken, false)] {
        let (chain, index) = at_a_turn();
        let (_server, mut scout) = ready(&home, chain, words).await;
        scout.account = Some(testing::validator(index).account());
        Arc::get_mut(&mut scout.gate).expect("nobody else has it").config.supervise.wave_s = 1;
        assert_eq!(turn(&mut scout).await, changes.then_some(NEXT), "{:?}", scout.said);
        let waits = scout.said.clone().unwrap_or_default().contains("changes in wave");
        assert_eq!(waits, !changes, "{:?}", scout.said);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h06_what_the_node_cannot_list_is_said_and_not_taken_for_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_of(&folder);
    let chain = upgraded(0);
    let (genesis, running) = (chain.genesis.clone(), chain.genesis.releases.approved[0].build_hash);
    // It has a newer release to tell of, and answers with no list.
    let (_server, node) = lying_node(chain, json!("no list")).await;
    let mut scout = scout(&home, &genesis, node, running);
    let error = scout.look().await.unwrap_err();
    assert_eq!(error.code(), "E_UNANSWERED", "{error}");
    assert!(error.to_string().contains("which releases are approved"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t30_a_fork_that_the_node_shows_is_kept_and_nothing_is_installed() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let [ours, theirs] = TestChain::forked(&runtime::testing::genesis(), 5);
    let genesis = ours.genesis.clone();
    let running = genesis.releases.approved[0].build_hash;
    let (_server, node) = lying_node(theirs, Value::Null).await;
    let mut scout = scout(&home, &genesis, node.clone(), running);
    scout.prover = Prover::new(node, Anchor::at(&genesis, ours.head()));
    let error = scout.look().await.unwrap_err();
    assert_eq!(error.code(), "E_FORK");
    scout.refuse(&error);
    let evidence = EvidenceFolder::of(&home, &genesis);
    assert!(evidence.fork().unwrap().is_some());
    assert_eq!(evidence.list().unwrap().len(), 3, "each that signed both");
    let proven = ours.ticket(running).verify(&Anchor::genesis(&genesis), &running).unwrap();
    let rules = scout.gate.rules().unwrap();
    let (journal, reading) = (update::Journal::default(), Reading::alone(clock::now()));
    let refused = ensure_release_authorized(running, &proven.into(), &rules, &journal, reading);
    assert_eq!(refused.unwrap_err().code(), "E_FORK");
}
