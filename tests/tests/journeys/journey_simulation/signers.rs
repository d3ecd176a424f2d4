//! Signers: a release; a lost key that is replaced while another release is voted on, which is void then and is proposed again under the
//! new roster; a stolen key that approves nothing alone and takes itself out of the roster, and is replaced.

use super::scene::Scene;
use super::{facts, simulated};
use anyhow::{Context as _, ensure};
use primitives::{BuildHash, Epoch, List, PublicKey};
use releases::{Roster, RosterApproval, RosterChange};
use runtime::{Fact, Genesis, testing};
use serde_json::Value;
use sim::release_signers::{Happening, Plan, ReleaseSigners, Trick, What};
use std::process::Command;
use tests::release::Draft;
use tests::votes::find;
use tests::wallet::submit;
use tests::{TestWallet, binaries};

/// All validators, by their nodes.
const ALL: [usize; 4] = [0, 1, 2, 3];
/// How many epochs lie between the vote on the second roster and its activation, so that a release can be proposed between.
const BETWEEN: u64 = 6;

const FIRST: BuildHash = BuildHash([1; 32]);
const SECOND: BuildHash = BuildHash([2; 32]);
const THIEFS: BuildHash = BuildHash([3; 32]);

/// A vote is open for two epochs and carried out one later. What is lost is noticed in the next epoch, and its replacement proposed: so the
/// roster changes in epoch 9, between the proposal of the second release and the end of its vote.
fn plan() -> Plan {
    let release = || What::Release { slow: Vec::new() };
    let happenings = [
        (1, release()),
        (5, What::KeyLost { rank: 0 }),
        (8, release()),
        (14, What::KeysStolen { rank: 0, keys: 1 }),
        (14, What::Thief { trick: Trick::Approve }),
        (14, What::Thief { trick: Trick::TakeOut }),
    ];
    let happenings = happenings.map(|(epoch, what)| Happening { epoch, what }).to_vec();
    Plan { epochs: 18, happenings, lost_in_the_end: Vec::new() }
}

fn play(genesis: &Genesis) -> anyhow::Result<Vec<Fact>> {
    let options = simulated::options("--window 2 --delay 1 --notice-after 1")?;
    simulated::facts(&ReleaseSigners::new(&options, simulated::network(genesis)?, None)?, &plan())
}

/// A roster of two of these keys.
fn roster(version: u64, keys: &[&TestWallet]) -> Roster {
    let signers: Vec<PublicKey> = keys.iter().map(|key| key.0.public()).collect();
    Roster { version, signers: List::truncate_from(signers), threshold: 2 }
}

/// A release that some keys of a roster have signed; to be voted on until an epoch.
fn release(build: BuildHash, by: &[&TestWallet], roster: &Roster, deadline: Epoch) -> Draft {
    let by: Vec<TestWallet> = by.iter().map(|key| (*key).clone()).collect();
    let draft = Draft::of(build, &by, &roster.signers).spoiled(|vote| vote.signature_threshold = roster.threshold);
    Draft { deadline: Some(deadline), ..draft }
}

/// The motion to have a roster, approved by some keys.
fn rotation(genesis: &Genesis, roster: Roster, by: &[&TestWallet]) -> runtime::Motion {
    let message = roster.approval_message(&genesis.chain.chain_id);
    let approve = |key: &&TestWallet| RosterApproval { signer: key.0.public(), signature: key.0.sign(&message) };
    let approvals = List::truncate_from(by.iter().map(approve).collect());
    runtime::Motion::Releases(releases::Motion::SetRoster(Box::new(RosterChange { roster, approvals })))
}

/// Has a release without its quorum proposed, which the node does not take; why. In the simulation, where no node stands before the chain,
/// a block takes it and the chain refuses it.
async fn refused(scene: &Scene, thief: &TestWallet, draft: &Draft) -> anyhow::Result<String> {
    let node = &scene.network.nodes[0];
    let transaction = thief.signed(node, &draft.call(), |_| {}).await?;
    let Err(refused) = submit(node, &transaction).await else { anyhow::bail!("the node takes {draft:?}") };
    let why = find(&refused.data, "would_be_refused").with_context(|| format!("another refusal: {refused:?}"))?;
    Ok(facts::code(why))
}

/// The plan, by processes; the codes of what was refused.
async fn act(scene: &mut Scene) -> anyhow::Result<Vec<String>> {
    let (signers, genesis, holder) = (scene.signers()?, scene.genesis.clone(), scene.holder(0)?);
    let [lost, stolen, third] = &signers[..] else { anyhow::bail!("{} signers", signers.len()) };
    let (fourth, fifth) = (TestWallet::fresh(), TestWallet::fresh());
    let first = &genesis.releases.roster;

    let deadline = scene.deadline().await?;
    scene.ask(&holder, &release(FIRST, &[lost, stolen, third], first, deadline).call()).await?;
    scene.vote(1, &ALL, Some(FIRST)).await?;
    scene.ends(1, "activated").await?;

    // The first key is lost from here on.
    let second = roster(2, &[stolen, third, &fourth]);
    let (motion, deadline) = (rotation(&genesis, second.clone(), &[stolen, third, &fourth]), scene.deadline().await?);
    let track = governance::TrackName::Routine;
    scene.ask(&holder, &testing::propose_for(track, motion, Some(deadline), Some(BETWEEN))).await?;
    scene.vote(2, &ALL, None).await?;
    scene.decided(2).await?;
    let after = deadline.plus(BETWEEN + 1);
    scene.ask(&holder, &release(SECOND, &[stolen, third], first, after).call()).await?;
    scene.vote(3, &ALL, Some(SECOND)).await?;
    scene.ends(2, "activated").await?;
    scene.ends(3, "rejected").await?;
    let deadline = scene.deadline().await?;
    scene.ask(&holder, &release(SECOND, &[stolen, third], &second, deadline).call()).await?;
    scene.vote(4, &ALL, Some(SECOND)).await?;
    scene.ends(4, "activated").await?;

    // A thief has the second key from here on.
    let deadline = scene.deadline().await?;
    let alone = release(THIEFS, &[stolen], &second, deadline);
    let (thief, payer) = (scene.holder(1)?, scene.holder(2)?);
    let refused = refused(scene, &thief, &alone).await?;
    scene.ask(&payer, &testing::leave_roster_with(&genesis.chain.chain_id, &stolen.0, 2)).await?;
    let next = roster(3, &[third, &fourth, &fifth]);
    let (motion, deadline) = (rotation(&genesis, next, &[third, &fourth, &fifth]), scene.deadline().await?);
    scene.ask(&holder, &testing::propose_for(track, motion, Some(deadline), None)).await?;
    scene.vote(5, &ALL, None).await?;
    scene.ends(5, "activated").await?;
    Ok(vec![refused])
}

#[tokio::test]
async fn releases_rosters_and_lost_and_stolen_keys_come_to_what_is_simulated() -> anyhow::Result<()> {
    let mut scene = Scene::write(|_| {})?;
    let simulated = play(&scene.genesis)?;
    scene.start().await?;
    let refused = act(&mut scene).await?;
    let real = scene.facts().await?;
    let [found, expected] =
        [&real, &simulated].map(|decided| facts::decisions(&scene.genesis, decided, facts::counted));
    assert_eq!(found, expected);
    assert_eq!(refused, facts::refusals(&simulated)?);
    for line in [
        "proposal 3: rejected, for want of: Signers",
        "build 2 is approved as release 3",
        "roster 3 signs releases from now on: 2 of 3 keys",
    ] {
        ensure!(found.iter().any(|told| told == line), "{line:?} is missing: {found:#?}");
    }
    every_program_takes_it_as_it_is(&scene)
}

/// Each program plays the network that runs, by a node's word and by its home, in which the node goes on.
fn every_program_takes_it_as_it_is(scene: &Scene) -> anyhow::Result<()> {
    let node = &scene.network.nodes[0];
    let home = node.home.display().to_string();
    for program in ["release_signers", "lagging_release", "governance", "consensus"] {
        for (flag, place) in [("--rpc", &node.rpc), ("--state", &home)] {
            let played =
                Command::new(binaries::built(program)?).args([flag, place, "--seeds", "1", "--json"]).output()?;
            ensure!(played.status.success(), "{program} {flag}: {}", String::from_utf8_lossy(&played.stderr));
            let said: Value = serde_json::from_slice(&played.stdout)?;
            let source = said["source"].as_str().unwrap_or_default();
            ensure!(source.contains(place.as_str()) && source.contains("at height"), "{program} {flag}: {source}");
        }
    }
    Ok(())
}
