//! `rollout.board` of a plan with a thousand changes, beside a bare jsonrpsee method that returns a constant of as many bytes: by one client,
//! over one connection that stays open, by turns. The plan is that of `config/profiles/chain.toml`.
//!
//!     cargo bench --profile dev --workspace --bench board
//!
//! Target: 5 ms (ROLLOUTS 17).

use accounts::Endowment;
use anyhow::ensure;
use jsonrpsee::RpcModule;
use jsonrpsee::core::JsonRawValue;
use jsonrpsee::core::client::ClientT;
use jsonrpsee::core::params::ObjectParams;
use jsonrpsee::http_client::HttpClientBuilder;
use jsonrpsee::server::Server;
use primitives::{
    AccountId, Amount, ChangeId, Digest, List, Name, Path, Reason, ReleaseClass, ScopePattern, SecretKey, Text,
};
use profiles::Loaded;
use roles::Seat;
use rollouts::RolloutsGenesis;
use rollouts::change::{ChangeDraft, ChangeRequest, MOST_OPEN};
use rollouts::install::{RoleSeats, SegmentFill};
use rollouts::plan::{Nature, Plan};
use rpc::api::RolloutApiClient;
use rpc::client::Node;
use rpc::testing::MemoryNode;
use runtime::{Call, Genesis, testing};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::explorer::repository;

/// How many changes the plan has in all: taken back, open, and one emergency.
const CHANGES: u64 = 1_000;
/// How many are asked for and taken back in one block, which has room for no more of what they may read.
const OF_A_BLOCK: u64 = 5;
/// How often each is asked.
const ASKED: usize = 300;
const COMMANDER: &str = "release_commander";
const COUNCIL: &str = "governance_council";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let loaded = profiles::load(&repository().join("config/profiles/chain.toml"), &repository())?;
    let memory = Arc::new(MemoryNode::new(genesis(&loaded)?));
    fill(&memory, &loaded.plan);
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = rpc::ServerConfig { listen: any_port, requests_per_second: 0, ..Default::default() };
    let ours = rpc::serve(config, memory, Arc::new(|_, _: Duration, _| ())).await?;
    let url = format!("http://{}", ours.address());
    let length = shown(&url, &loaded.plan.name).await?;

    let mut module = RpcModule::new(());
    let constant = "x".repeat(length);
    module.register_method("constant", move |_, _, _| constant.clone())?;
    let bare = Server::builder().build(any_port).await?;
    let theirs = format!("http://{}", bare.local_addr()?);
    let _handle = bare.start(module);

    let (mut boards, mut constants) = (Vec::new(), Vec::new());
    let client = |url: &str| HttpClientBuilder::default().build(url);
    let (of_ours, of_theirs) = (client(&url)?, client(&theirs)?);
    for _ in 0..ASKED {
        let began = Instant::now();
        of_ours.request::<Box<JsonRawValue>, _>("rollout.board", of_plan(&loaded.plan.name)?).await?;
        boards.push(began.elapsed());
        let began = Instant::now();
        of_theirs.request::<Box<JsonRawValue>, _>("constant", ObjectParams::new()).await?;
        constants.push(began.elapsed());
    }
    println!("{:<52} {:>12} {:>12} {:>8}", "what", "median", "best", "target");
    row(&format!("rollout.board of {CHANGES} changes, {length} bytes"), boards, "5 ms");
    row("  floor: a constant of as many bytes", constants, "");
    Ok(())
}

fn row(what: &str, mut times: Vec<Duration>, target: &str) {
    times.sort();
    println!("{what:<52} {:>12.3?} {:>12.3?} {target:>8}", times[times.len() / 2], times[0]);
}

fn of_plan(plan: &Name) -> anyhow::Result<ObjectParams> {
    let mut parameters = ObjectParams::new();
    parameters.insert("plan", plan)?;
    Ok(parameters)
}

/// How many bytes the board has, once it shows what it should.
async fn shown(url: &str, plan: &Name) -> anyhow::Result<usize> {
    let node = Node::open(url)?;
    let all = node.rollout_changes(Some(plan.clone()), None, None, None, Some(0), Some(1), None).await;
    let total = all.map_err(|error| node.explain(error))?.answer.found.total;
    ensure!(total == CHANGES, "there are {total} changes, not {CHANGES}: some were refused");
    let board = node.rollout_board(plan.clone()).await.map_err(|error| node.explain(error))?;
    let (live, urgent) = (board.live.len(), board.emergencies.len());
    ensure!((live, urgent) == (MOST_OPEN as usize + 1, 1), "{live} changes are live, and {urgent} of them urgent");
    Ok(serde_json::to_vec(&board)?.len())
}

/// A key that no validator, signer or holder of the small network has.
fn person(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn commander() -> SecretKey {
    person(51)
}

/// A network at testnet, with one person in each role and three in the council.
fn genesis(loaded: &Loaded) -> anyhow::Result<Genesis> {
    let mut genesis = testing::genesis();
    genesis.accounts.balances.push(Endowment { account: commander().account(), balance: Amount(1_000_000_000) });
    let seat = |account: AccountId| Seat { account, scopes: list([ScopePattern::everywhere()]) };
    let members = loaded.plan.roles.iter().zip(60..).map(|((role, _), index)| {
        let seats: Vec<Seat> = match role.as_str() {
            COMMANDER => vec![seat(commander().account())],
            COUNCIL => (0..3).map(|index| seat(person(71 + index).account())).collect(),
            _ => vec![seat(person(index).account())],
        };
        RoleSeats { role: role.clone(), seats: list(seats) }
    });
    let segments = loaded.segments.iter().cloned().map(|(segment, members)| SegmentFill { segment, members });
    let (plan, stage) = (loaded.plan.clone(), Name::new("testnet"));
    let (members, segments) = (list(members), list(segments));
    genesis.rollouts = Some(Box::new(RolloutsGenesis { plan, members, segments, stage, sealer: None }));
    genesis.check()?;
    Ok(genesis)
}

/// Most changes are taken back at once; then as many are open as may be, and one is an emergency that waits to be ratified.
fn fill(memory: &MemoryNode, plan: &Plan) {
    let ask = |call| memory.send(&commander(), Call::Rollouts(call));
    for id in 1..CHANGES - u64::from(MOST_OPEN) {
        ask(submit(plan, promotion()));
        ask(rollouts::Call::Withdraw { plan: plan.name.clone(), acting: name(COMMANDER), change: ChangeId(id) });
        if id % OF_A_BLOCK == 0 {
            memory.make_block();
        }
    }
    memory.make_block();
    for id in 1..=u64::from(MOST_OPEN) {
        ask(submit(plan, promotion()));
        if id % OF_A_BLOCK == 0 {
            memory.make_block();
        }
    }
    let (flags, cause) = (list([name("pruning")]), name("SAFETY"));
    ask(submit(plan, ChangeRequest::Disable { flags, scope: Path::ROOT, cause }));
    memory.make_block();
    // Polls open in the next one.
    memory.make_block();
}

fn promotion() -> ChangeRequest {
    // The build that genesis approves.
    ChangeRequest::Promote { to: name("canary"), artifact: Some(Digest([0xaa; 32])) }
}

fn submit(plan: &Plan, request: ChangeRequest) -> rollouts::Call {
    let change = Box::new(ChangeDraft {
        version: plan.version,
        bundle: plan.bundle,
        request,
        class: ReleaseClass::Minor,
        nature: Nature::Feature,
        phase: None,
        sealer: None,
        ticket: None,
        reason: Reason::new("the soak is over, and nobody saw anything").expect("it says something"),
        milestone: None,
        impact: Text::default(),
        features: List::new(),
    });
    rollouts::Call::Submit { plan: plan.name.clone(), acting: name(COMMANDER), change }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("it is a name")
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    List::truncate_from(items.into_iter().collect())
}
