//! What a block costs in which everybody speaks at once under a plan, beside its signature checks alone.

use crate::governed::plan::{PLAN, gate_key, name};
use crate::governed::said::{advertisements, ballot, states};
use crate::governed::{Governed, VALIDATORS, signed};
use crate::measure::beside;
use crate::scene::{ACKNOWLEDGED, Scene, VOTERS};
use crate::votes::{check, voter};
use flags::{Gate, Setting, Targeting};
use governance::Choice;
use primitives::{ChangeId, Path, SecretKey};
use rayon::prelude::*;
use rollouts::plan::VALIDATORS as EVERY_VALIDATOR;
use rollouts::statement::{StatementOutcome, StatementSubject};
use runtime::testing::{self, validator};
use runtime::{Call, Context, execute};
use state::State;

/// How many members of the council say yes to a list.
const ON_A_LIST: usize = 3;

pub fn measure(scene: &Scene) {
    let network = &scene.network;
    compare(scene, network, "votes on stake alone", &stake(scene, VOTERS as usize), "1.25x");
    compare(scene, network, "all that the plan asks, and votes on stake", &everybody(scene), "1.35x");
    compare(scene, &full_block(scene), "the same with everything on", &everybody(scene), "1.35x");
}

/// The network with every gate on: each block appends its parent to the tree, and brings the precommits of all validators for it.
fn full_block(scene: &Scene) -> Governed {
    let mut network = scene.network.clone();
    let mut state = State::over(&network.memory);
    let setting = Setting { targeting: Targeting::constant(0), since: scene.at, by: ChangeId(0) };
    for gate in Gate::ALL {
        flags::apply::set(&mut state, &name(PLAN), &gate_key(*gate), &Path::ROOT, &setting);
    }
    let writes = state.into_writes();
    network.memory.commit(writes);
    network
}

/// As many transactions as there are voters: each validator advertises where it has not, and acknowledges the promotion; the council
/// ratifies the pause, some of it agree to the promotion, and the rest are votes on stake.
fn everybody(scene: &Scene) -> Vec<(SecretKey, Call)> {
    let newcomers = scene.newcomers();
    let advertise = advertisements().remove(0).1;
    let about = StatementSubject::Change(scene.promotion);
    let acknowledge = states(EVERY_VALIDATOR, ACKNOWLEDGED, about, StatementOutcome::Passed);
    let (ratify, agree) = (ballot(scene.ratification, Choice::Yes), ballot(scene.approval, Choice::Yes));
    let advertised = newcomers.iter().map(|key| (key.clone(), advertise.clone()));
    let validators = (0..VALIDATORS).map(validator).chain(newcomers.iter().cloned());
    let acknowledged = validators.map(|key| (key, acknowledge.clone()));
    let ratified = scene.council.iter().map(|key| (key.clone(), ratify.clone()));
    let agreed = scene.council.iter().skip(1).take(ON_A_LIST).map(|key| (key.clone(), agree.clone()));
    let mut asked: Vec<(SecretKey, Call)> = advertised.chain(acknowledged).chain(ratified).chain(agreed).collect();
    let rest = VOTERS as usize - asked.len();
    asked.extend(stake(scene, rest));
    asked
}

fn stake(scene: &Scene, count: usize) -> Vec<(SecretKey, Call)> {
    let vote = testing::vote(scene.on_stake.0, Choice::Yes, None);
    (0..VOTERS).take(count).map(|index| (voter(index), vote.clone())).collect()
}

fn compare(scene: &Scene, network: &Governed, what: &str, asked: &[(SecretKey, Call)], target: &str) {
    let at = scene.at;
    let block = signed(&network.genesis, &network.state(), at.height, asked);
    let keys: Vec<SecretKey> = (0..VALIDATORS).map(validator).chain(scene.newcomers()).collect();
    let context = Context { time: at.time, ..testing::context(&network.genesis, at.height.0) };
    let context = testing::attended(&network.genesis, &network.state(), context, &keys);
    let made = execute(&network.memory, &context, &block).unwrap();
    let refused = made.facts.iter().find_map(|fact| fact.outcome.as_ref().err());
    assert!(refused.is_none(), "{refused:?}");
    let precommits = context.last_commit.as_ref().map_or(&[][..], |brought| brought.signatures.as_slice());
    let bytes = context.last_commit.as_ref().map(|brought| brought.signed_bytes(&context.chain_id)).unwrap_or_default();
    let floor = format!("check {} signatures, all cores", block.len() + precommits.len());
    let work = format!("execute a block of them: {what}");
    let run = || execute(&network.memory, &context, &block).unwrap();
    let checks = || {
        let are_good = precommits.par_iter().all(|(account, signature)| account.key().verify(&bytes, signature));
        check(&block) && are_good
    };
    beside((floor.as_str(), checks), (work.as_str(), run), target);
}
