//! What a block costs in which everybody speaks at once under a plan, beside its signature checks alone.

use crate::governed::VALIDATORS;
use crate::governed::said::{advertisements, ballot, states};
use crate::governed::signed;
use crate::measure::beside;
use crate::scene::{ACKNOWLEDGED, Scene, VOTERS};
use crate::votes::{check, voter};
use governance::Choice;
use primitives::SecretKey;
use rollouts::plan::VALIDATORS as EVERY_VALIDATOR;
use rollouts::statement::{StatementOutcome, StatementSubject};
use runtime::testing::{self, validator};
use runtime::{Call, Context, execute};

/// How many members of the council say yes to a list.
const ON_A_LIST: usize = 3;

pub fn measure(scene: &Scene) {
    compare(scene, "votes on stake alone", &stake(scene, VOTERS as usize), "1.25x");
    compare(scene, "all that the plan asks, and votes on stake", &everybody(scene), "1.35x");
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

fn compare(scene: &Scene, what: &str, asked: &[(SecretKey, Call)], target: &str) {
    let (network, at) = (&scene.network, scene.at);
    let block = signed(&network.genesis, &network.state(), at.height, asked);
    let context = Context { time: at.time, ..testing::context(&network.genesis, at.height.0) };
    let made = execute(&network.memory, &context, &block).unwrap();
    let refused = made.facts.iter().find_map(|fact| fact.outcome.as_ref().err());
    assert!(refused.is_none(), "{refused:?}");
    let floor = format!("check {} signatures, all cores", block.len());
    let work = format!("execute a block of them: {what}");
    let run = || execute(&network.memory, &context, &block).unwrap();
    beside((floor.as_str(), || check(&block)), (work.as_str(), run), target);
}
