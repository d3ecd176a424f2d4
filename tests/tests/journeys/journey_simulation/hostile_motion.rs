//! Votes: honest accounts vote a release through, and a hostile validator with less than a third of the stake proposes to stop it
//! and votes for that with all it has.
//!
//! The simulated attacker spreads its stake over more accounts, so it is compared how each side voted and not how many accounts did. With
//! a high minimum bond it is one validator there too: three honest ones and a hostile one on both sides.

use super::scene::Scene;
use super::{facts, simulated};
use anyhow::ensure;
use governance::TrackName;
use primitives::{AccountId, BuildHash};
use runtime::{Fact, Genesis, testing};
use sim::governance::strategy::StrategyName;
use sim::governance::{Campaign, Governance, Options, Plan, PlannedMotion, Subject};
use sim::keys::{Role, key};
use std::collections::BTreeSet;
use tests::release::Draft;

/// The validators that want the release, by their nodes, and the other one.
const HONEST: [usize; 3] = [0, 1, 2];
const HOSTILE: usize = 3;
/// As much of all stake as the last of four validators has, in percent, when holders delegate to the other three.
const HOSTILE_PERCENT: u64 = 23;
/// More than half of what a validator has: nobody is two validators with that.
const MINIMUM_BOND: &str = "600000000000";
/// How many epochs longer the release is voted on than the motion to stop it.
const LONGER: u64 = 8;

const WANTED: BuildHash = BuildHash([1; 32]);

fn plan() -> Plan {
    let motion = PlannedMotion {
        epoch: 1,
        subject: Subject::Release,
        track: TrackName::Routine,
        longer: 0,
        delayed: 0,
        mistaken: false,
    };
    let campaign = Campaign { strategy: StrategyName::Cancel, from: 0, until: 20, watched: false };
    Plan { epochs: 30, motions: vec![motion], campaigns: vec![campaign] }
}

fn play(genesis: &Genesis) -> anyhow::Result<Vec<Fact>> {
    let network = simulated::network(genesis)?;
    let honest = network.validators[..HONEST.len()].to_vec();
    let options = Options { attacker_percent: HOSTILE_PERCENT, ..Options::default() };
    simulated::facts(&Governance::new(&options, network.with_validators(&honest), None)?, &plan())
}

/// The honest accounts of the simulation.
fn honest_there() -> BTreeSet<AccountId> {
    let validators = (0..HONEST.len() as u64).map(|index| key(Role::Validator, index));
    validators.chain((0..10).map(|index| key(Role::Holder, index))).map(|key| key.account()).collect()
}

/// Those of the network.
fn honest_here(scene: &Scene) -> anyhow::Result<BTreeSet<AccountId>> {
    HONEST.into_iter().map(|index| Ok(scene.validator(index)?.account())).collect()
}

async fn act(scene: &mut Scene) -> anyhow::Result<()> {
    let (holder, hostile, signers) = (scene.holder(0)?, scene.validator(HOSTILE)?, scene.signers()?);
    let draft = Draft::of(WANTED, &signers[..2], &scene.genesis.releases.roster.signers);
    let deadline = scene.deadline().await?.plus(LONGER);
    scene.ask(&holder, &Draft { deadline: Some(deadline), ..draft }.call()).await?;
    let deadline = scene.deadline().await?;
    let stop = testing::propose_for(TrackName::Expedited, testing::cancel(1), Some(deadline), None);
    scene.ask(&hostile, &stop).await?;
    scene.vote(2, &[HOSTILE], None).await?;
    scene.vote(1, &HONEST, Some(WANTED)).await?;
    scene.ends(2, "rejected").await?;
    scene.ends(1, "activated").await
}

#[tokio::test]
async fn a_hostile_motion_beside_an_honest_one_comes_to_what_is_simulated() -> anyhow::Result<()> {
    let mut scene = Scene::write(|genesis| genesis["staking"]["params"]["minimum_bond"] = MINIMUM_BOND.into())?;
    let simulated = play(&scene.genesis)?;
    scene.start().await?;
    act(&mut scene).await?;

    let (genesis, real) = (&scene.genesis, scene.facts().await?);
    let found = facts::decisions(genesis, &real, facts::by_side(&honest_here(&scene)?));
    let expected = facts::decisions(genesis, &simulated, facts::by_side(&honest_there()));
    assert_eq!(found, expected);
    for line in
        ["proposal 2: yes by the hostile", "proposal 2: rejected, for want of: Quorum", "proposal 1: carried out"]
    {
        ensure!(found.iter().any(|told| told == line), "{line:?} is missing: {found:#?}");
    }
    Ok(())
}
