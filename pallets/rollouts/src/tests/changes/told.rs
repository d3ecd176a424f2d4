//! What is told of a change to whoever looks at it: whose turn it is, and everything that keeps it from being carried out.

use super::chain::*;
use crate::queries::{NextAct, NextActKind, inverse, next_acts, once_written, refusals_of_execution, simulated};
use crate::tests::sample::name;
use governance::Choice;
use primitives::ChangeId;
use state::{Decide as _, Memory};

/// The moments of a promotion to mainnet up to the one at which it can be carried out; each is looked at.
fn walk(chain: &mut Chain<'_>, mut look: impl FnMut(&Chain<'_>, ChangeId)) -> ChangeId {
    let change = chain.submit(promotes("mainnet")).unwrap();
    look(chain, change);
    chain.block();
    look(chain, change);
    chain.say("ci", change);
    look(chain, change);
    chain.council(change, Choice::Yes);
    look(chain, change);
    chain.epochs(4);
    look(chain, change);
    let from = chain.at.time.plus(14 * DAY);
    chain.call(ANN, &announces(change, from, from.plus(8 * HOUR))).unwrap();
    look(chain, change);
    chain.later(14 * DAY);
    look(chain, change);
    change
}

fn acts(chain: &Chain<'_>, change: ChangeId) -> Vec<(NextActKind, Option<String>)> {
    let shown = |act: NextAct| (act.what, act.key.map(|key| key.to_string()));
    next_acts(&chain.state, chain.at, change).into_iter().map(shown).collect()
}

#[test]
fn whose_turn_it_is_follows_a_promotion_from_its_submission_to_its_close() {
    use NextActKind::*;
    let (memory, mut seen) = (Memory::default(), Vec::new());
    let mut chain = Chain::begin(&memory);
    let change = walk(&mut chain, |chain, change| seen.push(acts(chain, change)));
    let on = |what, key: &str| (what, Some(key.to_owned()));
    let (ci, vote) = (on(State, "ci"), on(Vote, "council"));
    let (announce, execute) = ((Announce, None), (Execute, None));
    let expected = [
        vec![ci.clone()],
        vec![ci, vote.clone()],
        vec![vote],
        vec![announce.clone(), execute.clone()],
        vec![announce, execute.clone()],
        vec![execute.clone()],
        vec![execute],
    ];
    assert_eq!(seen, expected);
    chain.execute(change).unwrap();
    assert_eq!(acts(&chain, change), [on(State, "audit"), on(State, "deployed"), on(Step, "deploy")]);
    for check in ["audit", "deployed"] {
        chain.say(check, change);
    }
    chain.block();
    assert_eq!(acts(&chain, change), [on(Step, "deploy"), (Close, None)]);
}

#[test]
fn a_pause_is_ratified_or_lifted_whichever_comes_first() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let pause = chain.submit(pauses()).unwrap();
    chain.block();
    assert_eq!(acts(&chain, pause), [(NextActKind::Vote, Some("ratify".to_owned())), (NextActKind::Close, None)]);
}

#[test]
fn roles_are_named_by_what_they_are_granted() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = chain.submit(promotes("mainnet")).unwrap();
    chain.block();
    let roles: Vec<String> = next_acts(&chain.state, chain.at, change)
        .iter()
        .flat_map(|act| act.roles.iter().map(ToString::to_string))
        .collect();
    assert_eq!(roles, ["sre", "council"], "who owns the check, and who votes");
    assert_eq!(next_acts(&chain.state, chain.at, ChangeId(99)), [], "nobody has a turn in what there is not");
}

/// Whoever shows what is in the way and whoever decides are told the same first, at every moment of a change.
#[test]
fn the_first_refusal_that_is_told_is_the_one_that_would_be_given() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let mut told = Vec::new();
    walk(&mut chain, |chain, change| {
        let all = refusals_of_execution(&chain.state, chain.at, &name("chain"), change).unwrap();
        let given = executes(change).decide(&chain.state, chain.at, ANN).err();
        assert_eq!(all.first(), given.as_ref());
        told.push(all.len());
    });
    assert_eq!(told.last(), Some(&0), "in the end nothing is in the way");
    assert!(told.iter().any(|count| *count > 2), "not only the first is told: {told:?}");
}

/// What is foreseen is what is written, and its inverse brings back what stood.
#[test]
fn what_would_undo_a_change_that_waits_undoes_it_once_it_is_carried_out() {
    let (memory, plan) = (Memory::default(), name("chain"));
    let mut chain = Chain::begin(&memory);
    let draft = disables(&["recursive_proofs"]);
    let foreseen = simulated(&chain.state, chain.at, &plan, &draft.request).unwrap();
    let undone =
        once_written(&chain.state, chain.at, &plan, &foreseen, |written| inverse(written, chain.at, &plan, &foreseen));
    assert!(chain.is_on(flags::Gate::RecursiveProofs), "nothing of it stays");
    let change = chain.submit(draft).unwrap();
    assert_eq!(chain.progress(change).effects.to_vec(), foreseen);
    assert_eq!(inverse(&chain.state, chain.at, &plan, &foreseen), undone);
}
