//! Consensus: a validator is restarted; then one votes for two things, loses stake and its place, and comes back.
//!
//! A simulated offender goes on contradicting itself once it is back, so both sides are compared up to its return. What its delegators lose
//! is not compared: nobody delegates there. A partition of processes on loopback cannot be planned to the block, and leaves no
//! fact: the restart stands for it.

use super::scene::Scene;
use super::{facts, simulated};
use anyhow::{Context as _, ensure};
use host::config::Home;
use primitives::{BlockHash, Height, VoteKind, vote_payload};
use runtime::{Fact, Genesis};
use serde_json::json;
use sim::consensus::{Dishonest, Hazards, HostileNetwork, MachineCrash, Vice};
use sim::drift::Drift;
use sim::links::LinkRules;
use sim::world::Moment;
use staking::{Offence, SignedVote};
use store::EvidenceFolder;
use tests::Contract;

/// Who is restarted, and who votes twice.
const RESTARTED: usize = 1;
const OFFENDER: usize = 3;
/// Blocks that are enough for a punishment, an epoch outside, and a return.
const BLOCKS: u64 = 60;

fn plan(validators: usize) -> Hazards {
    let (at, down_us) = (Moment(1_000_000), 2_000_000);
    Hazards {
        heights: BLOCKS,
        links: LinkRules { least_delay_us: 1_000, most_delay_us: 5_000, lost_per_million: 0, twice_per_million: 0 },
        partitions: Vec::new(),
        crashes: vec![MachineCrash { place: RESTARTED, at, after_effects: 0, down_us, loses_log: false }],
        // Beside the validators there is one machine that may become one.
        clocks: vec![Drift::default(); validators + 1],
        jumps: Vec::new(),
        dishonest: vec![Dishonest { place: OFFENDER, vices: vec![Vice::DoubleVote], per_million: 1_000_000 }],
        moves: Vec::new(),
        payments_per_million: 0,
    }
}

fn play(genesis: &Genesis) -> anyhow::Result<Vec<Fact>> {
    let (network, line) = (simulated::network(genesis)?, "--as-they-are --epoch-length 10 --disks-keep-their-word");
    let plan = plan(network.validators.len());
    simulated::facts(&HostileNetwork::new(&simulated::options(line)?, network, None)?, &plan)
}

/// What became of validators until as many are elected again as there were.
fn until_all_are_back(facts: &[Fact], validators: usize) -> Vec<String> {
    let (mut lines, last) = (facts::elections(facts, validators), format!("{validators} validators are elected"));
    if let Some(back) = lines.iter().position(|line| *line == last) {
        lines.truncate(back + 1);
    }
    lines
}

/// Kills a node as a power cut would, and starts it again once the others have gone on.
async fn restart(scene: &mut Scene) -> anyhow::Result<()> {
    let nodes = &mut scene.network.nodes;
    nodes[RESTARTED].kill()?;
    let height = nodes[0].height().await?;
    let height = nodes[0].reach(height + 3).await?;
    nodes[RESTARTED].start()?;
    nodes[RESTARTED].reach(height).await.map(drop)
}

/// Two prevotes of one round by the offender's key, as a machine signs that does not look after it: left where a node keeps what it
/// notices.
async fn contradict(scene: &Scene) -> anyhow::Result<()> {
    let (key, witness) = (scene.validator(OFFENDER)?.0, &scene.network.nodes[0]);
    let height = Height(witness.height().await?);
    let signed = |block: Option<BlockHash>| {
        let payload = vote_payload(&scene.genesis.chain.chain_id, VoteKind::Prevote, height, 0, block);
        SignedVote { block, signature: key.sign(&payload) }
    };
    let votes = [signed(None), signed(Some(BlockHash([9; 32])))];
    let offence = Offence::of_votes(key.account(), height, 0, VoteKind::Prevote, votes).context("it is an offence")?;
    EvidenceFolder::of(&Home::at(&witness.home), &scene.genesis).keep(&offence)?;
    Ok(())
}

/// The offender stands for election again as soon as it may, and is elected.
async fn come_back(scene: &mut Scene) -> anyhow::Result<()> {
    let (account, key) = (scene.network.nodes[OFFENDER].account.clone(), scene.network.nodes[OFFENDER].key());
    let node = &mut scene.network.nodes[0];
    node.until("the end of its time outside", async |node| {
        let view = node.call("account.get", json!({ "account": account })).await.ok()?;
        let status = node.call("chain.status", json!({})).await.ok()?;
        (status["epoch"].as_u64()? >= view["jailed_until"].as_u64()?).then_some(())
    })
    .await?;
    let view = Contract::at(&node.rpc)?.json(&["staking", "unjail", "--key", &key])?;
    ensure!(view["status"] == "included" && view["refusal"].is_null(), "{view}");
    node.until("its return to the set", async |node| {
        let status = node.call("chain.status", json!({})).await.ok()?;
        status["validators"].as_array()?.iter().any(|member| member["account"] == account.as_str()).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_double_vote_and_a_restart_come_to_what_is_simulated() -> anyhow::Result<()> {
    let mut scene = Scene::write(|genesis| genesis["staking"]["params"]["penalties"]["jail_epochs"] = 1.into())?;
    let simulated = play(&scene.genesis)?;
    scene.start().await?;
    restart(&mut scene).await?;
    contradict(&scene).await?;
    come_back(&mut scene).await?;

    let (real, validators) = (scene.facts().await?, scene.network.nodes.len());
    let [found, expected] = [&real, &simulated].map(|decided| until_all_are_back(decided, validators));
    assert_eq!(found, expected);
    let story = [
        "a validator loses stake for what another reports",
        "3 validators are elected",
        "a validator stands for election again",
        "4 validators are elected",
    ];
    assert_eq!(found, story);
    tests::chain::same(&scene.network.nodes.iter().collect::<Vec<_>>()).await?;
    Ok(())
}
