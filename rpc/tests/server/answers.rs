//! Every method's answer, held in a file (`BLESS=1` rewrites them) and against the schema that `rpc.discover` gives.

use crate::plan::{EMERGENCY, PLAN, PROMOTION, commander, execute};
use crate::schema;
use crate::world::{World, propose_release, transfer, vote};
use governance::{Choice, Shortfall, Status};
use primitives::{Amount, BuildHash, Height, ProposalId};
use rpc::api::*;
use rpc::golden;
use rpc::methods::METHODS;
use rpc::views::{DecisionStatus, DryRun, Feed, ProposalDetail, ProposalSubject, Submission, TransactionStatus};
use runtime::Lane;
use runtime::testing::{self, genesis, held_by, holder, propose, release_vote, signer, validator};
use serde_json::{Value, json};
use state::{Key, KeyBytes};
use std::collections::BTreeSet;

fn held(name: &str, answer: &Value) {
    let (file, text) = (golden::file(name), golden::text(name, answer));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, text, "{name} changed; if that is meant, run with BLESS=1");
    assert_eq!(golden::answer(name), *answer, "{name} is not what its file comes to");
}

#[tokio::test]
async fn every_method_answers_as_its_golden_file_and_its_schema_say() {
    let world = World::with_story().await;
    let transaction = world.memory.sign(&holder(0), transfer(7));
    let included = world.node.block(Height(2)).await.unwrap().answer.transactions[3].hash();
    let questions = [
        ("gov.release_signers", json!({})),
        ("gov.release_history", json!({ "page": 0, "page_size": 1 })),
        ("gov.release", json!({ "hash": BuildHash([0xbb; 32]) })),
        ("gov.release_nodes", json!({ "hash": BuildHash([0xbb; 32]), "page_size": 1 })),
        ("gov.rebuilds", json!({ "hash": BuildHash([0xbb; 32]), "page": 0 })),
        ("gov.stage_proofs", json!({ "hash": BuildHash([0xbb; 32]), "height": 21 })),
        ("gov.release_advice", json!({ "hash": BuildHash([0xaa; 32]) })),
        ("gov.release_proof", json!({ "hash": BuildHash([0xbb; 32]) })),
        ("gov.trust_path", json!({ "from": 3 })),
        ("gov.roster_history", json!({ "page": 0 })),
        ("gov.proposals", json!({ "status": "open", "page": 0, "page_size": 10 })),
        ("gov.proposal", json!({ "id": 2 })),
        ("gov.ballots", json!({ "id": 1, "page": 0, "page_size": 2 })),
        ("gov.params", json!({})),
        ("chain.status", json!({})),
        ("chain.head", json!({})),
        ("chain.block", json!({ "height": 2 })),
        ("chain.record", json!({ "height": 2 })),
        ("chain.certificate", json!({ "height": 2 })),
        ("chain.genesis", json!({})),
        ("state.get", json!({ "key": "releases/roster" })),
        ("state.proof", json!({ "key": "releases/roster", "height": 3 })),
        ("tx.prepare", json!({ "account": holder(0).account(), "call": transfer(7) })),
        ("tx.dry_run", json!({ "transaction": transaction })),
        ("tx.submit", json!({ "transaction": transaction })),
        ("tx.status", json!({ "hash": included })),
        ("account.get", json!({ "account": holder(0).account() })),
        ("node.version", json!({})),
        ("node.health", json!({})),
        ("node.peers", json!({})),
        ("node.log_level", json!({ "level": "debug" })),
        ("node.pin_artifact", json!({ "hash": BuildHash([0xbb; 32]), "reason": "incident 7" })),
        ("node.artifacts", json!({})),
        ("node.unpin_artifact", json!({ "hash": BuildHash([0xbb; 32]) })),
        ("net.overlay_status", json!({})),
        ("net.dial", json!({ "address": "/ip4/127.0.0.1/tcp/26603" })),
        ("net.forget", json!({ "peer_id": "12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust" })),
    ];
    // Of what no plan governs there is nothing to be told about plans.
    let governed = World::under_a_plan().await;
    let somebody = json!({ "targetingKey": validator(0).account(), "load": 0.5 });
    let first = json!({ "key": "ci", "about": "0".repeat(64), "account": "0".repeat(64) });
    let of_plans = [
        ("rollout.plans", json!({ "page": 0, "page_size": 1 })),
        ("rollout.plan", json!({ "plan": PLAN })),
        ("rollout.board", json!({ "plan": PLAN })),
        ("rollout.changes", json!({ "plan": PLAN, "state": "open", "kind": "promote", "scope": "", "page_size": 1 })),
        ("rollout.change", json!({ "id": EMERGENCY })),
        ("rollout.explain", json!({ "change": PROMOTION })),
        ("rollout.simulate", json!({ "call": execute(PROMOTION), "account": commander().account() })),
        ("rollout.statements", json!({ "plan": PLAN, "key": "ci", "about": { "change": PROMOTION }, "from": first })),
        ("rollout.fleet", json!({ "plan": PLAN })),
        ("rollout.artifacts", json!({ "plan": PLAN, "stage": "testnet", "page": 0, "page_size": 1 })),
        ("rollout.phases", json!({ "plan": PLAN })),
        ("rollout.playbooks", json!({ "plan": PLAN })),
        ("case.list", json!({ "plan": PLAN, "kind": "report", "state": "open", "scope": "", "page_size": 1 })),
        ("case.get", json!({ "id": 1 })),
        ("roles.list", json!({ "plan": PLAN })),
        ("roles.role", json!({ "plan": PLAN, "role": "council" })),
        ("roles.of", json!({ "account": commander().account(), "page": 0 })),
        ("flags.list", json!({ "plan": PLAN, "scope": "", "audience": "node" })),
        ("flags.flag", json!({ "plan": PLAN, "key": "timetoke_rewards" })),
        ("flags.evaluate", json!({ "plan": PLAN, "key": "pruning", "scope": "", "context": somebody })),
        ("flags.snapshot", json!({ "plan": PLAN, "scope": "", "audience": "node" })),
        ("flags.proof", json!({ "plan": PLAN, "key": "timetoke_rewards", "scope": "", "from": 3 })),
        ("audit.integrity", json!({})),
        ("audit.proof", json!({ "height": 2, "index": 0, "from": 0 })),
        ("audit.block_proof", json!({ "height": 2 })),
        ("audit.checkpoint", json!({ "epoch": 1 })),
        ("audit.witnesses", json!({})),
        ("staking.candidates", json!({ "epoch": 1 })),
        ("staking.presence", json!({})),
        ("rewards.epoch", json!({ "epoch": 1 })),
        ("rewards.due", json!({ "account": holder(0).account() })),
    ];
    // The document is made of the types and the table of methods; a file of it would say both a second time.
    let document = world.call("rpc.discover", json!({})).await.unwrap();
    assert_eq!(document, *rpc::openrpc());
    schema::require(&document, "rpc.discover", &document);
    let all = questions.iter().map(|question| (&world, question));
    for (world, (method, params)) in all.chain(of_plans.iter().map(|question| (&governed, question))) {
        schema::require_params(&document, method, params);
        let answer = world.ask(method, params.clone()).await.unwrap_or_else(|error| panic!("{method}: {error}"));
        held(method, &answer);
        schema::require(&document, method, &answer);
    }
    let asked = questions.iter().chain(&of_plans).map(|(method, _)| *method);
    let asked: BTreeSet<&str> = asked.chain(["rpc.discover"]).collect();
    let all = METHODS.iter().map(|method| method.name).filter(|name| !name.contains("subscribe"));
    assert_eq!(asked, all.collect(), "every method is asked");
}

#[tokio::test]
async fn the_typed_client_reads_what_the_server_writes() {
    let world = World::with_story().await;
    let node = &world.node;
    let signers = node.release_signers().await.unwrap();
    assert_eq!(signers.signers, (0..3).map(|index| signer(index).public()).collect::<Vec<_>>());
    assert_eq!((signers.threshold, signers.required, signers.roster), (2, 2, 1));

    let history = node.release_history(None, None, None, None, None).await.unwrap();
    assert_eq!((history.total, history.entries.len()), (2, 2));
    let latest = &history.entries[0];
    assert_eq!(
        (latest.release.build_hash, latest.status, latest.quorum_met),
        (BuildHash([0xbb; 32]), DecisionStatus::Activated, true)
    );
    assert_eq!((latest.install_count, latest.install_times.len()), (1, 1));
    assert_eq!(latest.last_install_ts, Some(latest.install_times[0]));
    assert_eq!(history.entries[1].status, DecisionStatus::Superseded);

    let detail = node.release(BuildHash([0xbb; 32])).await.unwrap();
    assert_eq!(detail.installs[0].node, validator(0).account());
    assert_eq!(detail.release, *latest);

    let old = node.proposal(ProposalId(1)).await.unwrap();
    let ProposalSubject::Release(release) = &old.proposal.subject else { unreachable!("{old:?}") };
    assert_eq!((release.build_hash, old.proposal.status), (BuildHash([0xbb; 32]), DecisionStatus::Activated));
    assert_eq!(release.manifest.version.as_ref().unwrap().as_str(), "1.187.0");
    assert_eq!(node.proposals(Some(Status::Open), None, None).await.unwrap().total, 1);
    let ended = node.proposals(Some(Status::Activated), None, None).await.unwrap();
    assert_eq!((ended.total, ended.entries[0].id), (1, ProposalId(1)));
    assert_eq!(node.proposals(Some(Status::Passed), None, None).await.unwrap().total, 0);
    let ballots = node.ballots(ProposalId(1), None, Some(2)).await.unwrap();
    let numbers: Vec<u64> = ballots.entries.iter().map(|ballot| ballot.number).collect();
    assert_eq!((ballots.total, numbers), (3, vec![3, 2]));
    let nodes = node.release_nodes(BuildHash([0xbb; 32]), None, None).await.unwrap();
    let booted: Vec<bool> = nodes.entries.iter().map(|report| report.installs.is_some()).collect();
    assert_eq!(
        (nodes.total, booted),
        (4, vec![false, true, false, false]),
        "the first two held it while it was voted on"
    );
    assert_eq!(
        node.rebuilds(BuildHash([0xcc; 32]), None, None).await.unwrap().total,
        1,
        "of a build that is voted on too"
    );
    assert_eq!(node.proposals(None, Some(1), Some(1)).await.unwrap().entries[0].id, ProposalId(1));

    assert_eq!(node.status().await.unwrap().genesis_hash, genesis().hash());
    let started_from = node.genesis().await.unwrap();
    assert_eq!((started_from.hash(), &started_from), (genesis().hash(), world.memory.genesis()));
    let block = node.block(Height(2)).await.unwrap();
    assert_eq!((block.hash, block.answer.transactions.len()), (block.answer.hash(), 4));
    let record = node.record(Height(2)).await.unwrap();
    assert!(record.answer.facts.iter().any(|fact| fact.outcome.is_err()), "refusals are on record");
    assert_eq!(node.head().await.unwrap().hash, world.memory.make_block().header.parent);
}

#[tokio::test]
async fn a_name_stands_beside_its_key_wherever_the_account_is_named() {
    let world = World::new().await;
    let (name, link) = ("Acme Validators", "https://acme.example/about");
    let (keeper, delegator) = (validator(0).account(), holder(0).account());
    world.memory.send(&validator(0), testing::describe(name, link));
    world.memory.send(&holder(0), testing::describe(name, ""));
    world.memory.send(&holder(0), testing::delegate(keeper, 500));
    propose_release(&world.memory, &validator(0), 0xbb, "");
    world.memory.make_block();
    vote(&world.memory, &validator(0), 1, Choice::Yes, "");
    world.memory.make_block();

    let status = world.node.status().await.unwrap();
    assert_eq!((status.described.name(&keeper), status.described.link(&keeper)), (Some(name), Some(link)));
    assert_eq!(status.described.iter().count(), 1, "the other validators say nothing");
    let account = world.node.account(delegator).await.unwrap();
    assert_eq!((account.name.as_str(), account.link.as_str()), (name, ""), "a name is nobody's alone");
    assert_eq!((account.bonds[0].validator, account.described.name(&keeper)), (keeper, Some(name)));
    let proposal = world.node.proposal(ProposalId(1)).await.unwrap();
    assert_eq!((proposal.proposal.proposer, proposal.ballots[0].voter), (keeper, keeper));
    assert_eq!(proposal.described.iter().count(), 1, "who proposed and voted is named once");

    let document = world.call("rpc.discover", json!({})).await.unwrap();
    for (method, params) in [
        ("chain.status", json!({})),
        ("account.get", json!({ "account": delegator })),
        ("gov.proposal", json!({ "id": 1 })),
    ] {
        schema::require(&document, method, &world.ask(method, params).await.unwrap());
    }

    world.memory.send(&validator(0), testing::describe("", ""));
    world.memory.make_block();
    assert_eq!(world.node.status().await.unwrap().described.iter().count(), 0, "what was taken back is gone");
}

#[tokio::test]
async fn the_signers_are_those_of_the_newest_block() {
    let world = World::new().await;
    let threshold = async || world.node.release_signers().await.unwrap().threshold;
    assert_eq!(threshold().await, 2);
    let mut stricter = release_vote(world.memory.genesis(), BuildHash([0xbb; 32]), 3);
    stricter.signature_threshold = 3;
    world.memory.send(&validator(0), propose(stricter));
    world.memory.make_block();
    vote(&world.memory, &validator(1), 1, Choice::Yes, "");
    vote(&world.memory, &validator(2), 1, Choice::Yes, "");
    for (who, call) in held_by(2, &[BuildHash([0xbb; 32])]) {
        world.memory.send(&who, call);
    }
    world.memory.make_blocks_to(19);
    assert_eq!(threshold().await, 2);
    world.memory.make_block();
    assert_eq!(threshold().await, 3);
}

#[tokio::test]
async fn history_is_filtered_by_proposer_of_any_case_and_by_epochs_inclusively() {
    let world = World::with_story().await;
    let count =
        async |params: Value| world.call("gov.release_history", params).await.unwrap()["total"].as_u64().unwrap();
    let proposer = validator(0).account().to_string();
    assert_eq!(count(json!({ "proposer": proposer.to_uppercase() })).await, 1);
    assert_eq!(count(json!({ "proposer": holder(0).account() })).await, 0);
    assert_eq!(count(json!({ "start_epoch": 2, "end_epoch": 2 })).await, 1);
    assert_eq!(count(json!({ "start_epoch": 3 })).await, 0);
    assert_eq!(count(json!({ "end_epoch": 1 })).await, 1);
    let beyond = world.call("gov.release_history", json!([7, 10])).await.unwrap();
    assert_eq!((&beyond["total"], &beyond["entries"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn those_who_have_not_voted_and_the_turnout_are_the_electorate() {
    let world = World::with_story().await;
    let detail = world.node.proposal(ProposalId(2)).await.unwrap();
    let missing: Amount = detail.not_voted.iter().map(|missing| missing.weight).sum();
    assert_eq!(missing.saturating_add(detail.progress.turnout), detail.progress.electorate);
    assert_eq!(detail.not_voted.len(), 3);
    assert_eq!(detail.ballots[0].weight, Amount(1_000_500), "the delegation counts for the validator");
    assert_eq!((detail.not_voted_count, detail.not_voted_weight), (Some(3), missing));
    let deadline = detail.vote_deadline.unwrap();
    assert_eq!(deadline.blocks_left, 5);
    assert_eq!(deadline.estimated_time.0, world.memory.genesis().time.0 + 30_000);
}

#[tokio::test]
async fn h28_a_proposal_says_how_much_power_holds_the_release_and_who_does_not() {
    let world = World::with_story().await;
    let without = |detail: &ProposalDetail| {
        let validators = detail.not_holding.clone().expect("the validators are remembered");
        validators.into_iter().map(|validator| validator.account).collect::<BTreeSet<_>>()
    };
    let passed = world.node.proposal(ProposalId(1)).await.unwrap();
    let availability = passed.proposal.availability.clone().unwrap();
    assert_eq!((availability.needed, availability.total), (Amount(1_333_334), Amount(4_000_000)));
    assert_eq!((availability.scarcest().unwrap().power, availability.met), (Amount(2_000_000), true));
    assert_eq!(without(&passed), BTreeSet::from([0, 1].map(|index| validator(index).account())));

    vote(&world.memory, &validator(0), 2, Choice::Yes, "");
    vote(&world.memory, &validator(1), 2, Choice::Yes, "");
    world.memory.make_block();
    let withheld = world.node.proposal(ProposalId(2)).await.unwrap();
    assert_eq!(without(&withheld).len(), 4, "nobody has it");
    assert_eq!(withheld.progress.shortfall, Some(Shortfall::Unavailable), "although the votes are there");
    for (who, call) in held_by(2, &[BuildHash([0xcc; 32])]) {
        world.memory.send(&who, call);
    }
    world.memory.make_block();
    let held = world.node.proposal(ProposalId(2)).await.unwrap();
    assert_eq!((without(&held).len(), held.progress.shortfall), (2, None));
}

#[tokio::test]
async fn who_did_not_vote_is_still_said_after_voting_closed_and_until_the_stake_is_forgotten() {
    let world = World::with_story().await;
    let open = world.node.proposal(ProposalId(2)).await.unwrap();
    world.memory.make_blocks_to(40);
    let closed = world.node.proposal(ProposalId(2)).await.unwrap();
    assert_eq!(closed.proposal.status, DecisionStatus::Rejected);
    assert_eq!(closed.not_voted, open.not_voted);

    // Remembered are as many epochs as genesis says; after that only the sum is known.
    let remembered = world.memory.genesis().staking.params.remembered_epochs;
    let created = closed.proposal.created_epoch.0;
    world.memory.make_blocks_to((created + remembered + 1) * 10);
    let old = world.node.proposal(ProposalId(2)).await.unwrap();
    assert_eq!((old.not_voted, old.not_voted_count), (Vec::new(), None));
    assert_eq!(old.not_voted_weight, open.not_voted_weight);
}

#[tokio::test]
async fn a_prepared_payload_is_signed_sent_and_followed_to_its_block() {
    let world = World::with_story().await;
    let key = holder(2);
    let prepared = world.node.prepare(key.account(), transfer(5), None).await.unwrap();
    assert!(prepared.meaning.contains("sends 5 tokens to"), "{}", prepared.meaning);
    assert_eq!(prepared.signing_bytes, hex::encode(prepared.payload.signing_bytes()));
    let transaction = prepared.payload.sign(&key);
    let scale = hex::encode(parity_scale_codec::Encode::encode(&transaction));
    let DryRun::Granted { hash, .. } = world.node.dry_run(Submission::Scale(scale.clone())).await.unwrap() else {
        panic!("it should be granted")
    };
    assert_eq!(world.node.transaction_status(hash).await.unwrap(), TransactionStatus::Unknown);
    assert_eq!(world.node.submit(Submission::Scale(format!("0x{scale}"))).await.unwrap(), hash);
    assert_eq!(world.node.transaction_status(hash).await.unwrap(), TransactionStatus::Pending);
    assert_eq!(
        world.node.prepare(key.account(), transfer(5), None).await.unwrap().payload.nonce,
        1,
        "after the one that waits"
    );
    assert_eq!(world.node.account(key.account()).await.unwrap().next_nonce, 1);
    let of_node = world.node.prepare(key.account(), transfer(5), Some(Lane::Node)).await.unwrap();
    assert_eq!((of_node.payload.lane, of_node.payload.nonce), (Lane::Node, 0), "which has a counter of its own");
    assert!(of_node.meaning.contains("is transaction 0 of the account's node"), "{}", of_node.meaning);
    world.memory.make_block();
    let TransactionStatus::Included { height, fact, refusal, .. } = world.node.transaction_status(hash).await.unwrap()
    else {
        panic!("it should be included")
    };
    assert_eq!((height, fact.unwrap().outcome.is_ok(), refusal), (Height(26), true, None));
}

#[tokio::test]
async fn a_dry_run_says_why_a_transaction_would_be_refused_or_could_not_be_included() {
    let world = World::with_story().await;
    let refused = world.memory.sign(&holder(0), testing::withdraw(2));
    let DryRun::Refused { refusal, .. } = world.node.dry_run(refused.into()).await.unwrap() else { panic!() };
    assert!(refusal.starts_with("only the proposer"), "{refusal}");
    // The fee is taken first, so that all that was free before is too much.
    let all = world.node.account(holder(2).account()).await.unwrap().balance.free;
    let DryRun::Refused { .. } =
        world.node.dry_run(world.memory.sign(&holder(2), transfer(all.0)).into()).await.unwrap()
    else {
        panic!()
    };
    let mut invalid = world.memory.sign(&holder(0), transfer(1));
    invalid.payload.nonce += 5;
    let DryRun::Invalid { code, .. } = world.node.dry_run(invalid.clone().into()).await.unwrap() else { panic!() };
    assert_eq!(code, rpc::error::TX_BAD_SIGNATURE);
    let invalid = invalid.payload.sign(&holder(0));
    let DryRun::Invalid { code, refusal, .. } = world.node.dry_run(invalid.into()).await.unwrap() else { panic!() };
    assert_eq!(code, rpc::error::TX_NONCE_TOO_HIGH, "{refusal}");
}

#[tokio::test]
async fn a_proof_verifies_against_the_header_of_its_height_and_so_does_absence() {
    let world = World::with_story().await;
    let mut key = KeyBytes::from_slice(b"releases/approved/");
    BuildHash([0xbb; 32]).write(&mut key);
    let key: rpc::views::StorageKey = format!("0x{}", hex::encode(key)).parse().unwrap();
    for (height, present) in [(5, false), (25, true)] {
        let answer = world.node.proof(key.clone(), Some(Height(height))).await.unwrap();
        let header = world.node.block(Height(height)).await.unwrap().answer.header;
        assert_eq!((answer.state_root, answer.proof.value.is_some()), (header.state_root, present));
        answer.proof.verify(header.state_root).unwrap();
    }
    let value = world.node.get(key.clone()).await.unwrap().value.unwrap();
    assert_eq!(hex::decode(value).ok(), world.node.proof(key, None).await.unwrap().proof.value);
}

#[test]
fn a_feed_reads_back() {
    let feed: Feed<u8> = Feed::Dropped { missed: 3, resume_from: Height(7) };
    let text = serde_json::to_string(&feed).unwrap();
    assert_eq!(text, r#"{"dropped":{"missed":3,"resume_from":7}}"#);
    assert_eq!(serde_json::from_str::<Feed<u8>>(&text).unwrap(), feed);
}
