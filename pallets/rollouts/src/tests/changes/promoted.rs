//! Artifacts on their way through the stages of an application (ROLLOUTS 7.5).

use super::chain::*;
use super::shop::*;
use crate::change::{ChangeRequest, ChangeState};
use crate::check::{Ask, Check};
use crate::plan::Plan;
use crate::statement::StatementSubject;
use crate::tests::sample::{check, list, name, names};
use crate::{Call, Error, PhaseFlaw};
use artifacts::ArtifactStanding;
use primitives::Digest;
use state::{Apply as _, Decide as _, Memory};

#[test]
fn an_artifact_goes_from_stage_to_stage_is_good_once_closed_and_moves_no_flag() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let artifact = artifact(&mut chain, 1, None);
    let first = enter(&mut chain, "development", artifact);
    assert_eq!(standing_of(&chain, artifact), ArtifactStanding::Candidate);
    assert!(chain.progress(first).effects.is_empty(), "deploy is not release");
    close_in_shop(&mut chain, first).unwrap();
    assert_eq!(standing_of(&chain, artifact), ArtifactStanding::Good);
    let second = enter_and_close(&mut chain, "testnet", artifact);
    assert_eq!(stands(&chain, "development"), Some((Some(artifact), first)), "it stands there too");
    assert_eq!(stands(&chain, "testnet"), Some((Some(artifact), second)));
}

#[test]
fn no_stage_is_left_out_or_entered_twice_and_each_refusal_leaves_nothing() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let first = artifact(&mut chain, 1, None);
    let tried = |chain: &mut Chain<'_>, to: &str, digest| {
        let before = crate::queries::latest(&chain.state);
        let outcome = code(ask(chain, ANN, "commander", promotes_artifact(to, digest)));
        assert!(outcome == "granted" || crate::queries::latest(&chain.state) == before, "{outcome}");
        outcome
    };
    assert_eq!(tried(&mut chain, "testnet", first), "E_NOT_SUCCESSOR");
    assert_eq!(tried(&mut chain, "development", Digest([9; 32])), "E_ARTIFACT_UNKNOWN");
    enter_and_close(&mut chain, "development", first);
    assert_eq!(tried(&mut chain, "development", first), "E_NOT_SUCCESSOR");
    assert_eq!(tried(&mut chain, "mainnet", first), "E_NOT_SUCCESSOR");
    enter_and_close(&mut chain, "testnet", first);
    assert_eq!(tried(&mut chain, "development", first), "E_NOT_SUCCESSOR", "this plan may go back");
    // Another artifact begins where the first did, and takes its place.
    let second = artifact(&mut chain, 2, None);
    enter_and_close(&mut chain, "development", second);
    assert_eq!(stands(&chain, "development").unwrap().0, Some(second));
    assert_eq!(stands(&chain, "testnet").unwrap().0, Some(first));
}

#[test]
fn a_plan_that_goes_one_way_brings_no_artifact_back() {
    let memory = Memory::default();
    let mut plan = shop_plan();
    plan.policy.one_way = true;
    plan.procedures = crate::tests::sample::list(
        plan.procedures.iter().filter(|procedure| procedure.of != crate::plan::ChangeKind::Demote).cloned(),
    );
    let mut chain = open(&memory, plan);
    let artifact = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", artifact);
    enter_and_close(&mut chain, "testnet", artifact);
    let back = ask(&mut chain, ANN, "commander", promotes_artifact("development", artifact));
    assert_eq!(code(back), "E_ONE_WAY");
}

#[test]
fn what_is_for_an_earlier_stage_or_bad_is_not_promoted() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let short = registered(&mut chain, 1, None, "development");
    says(&mut chain, "ci", StatementSubject::Artifact(short)).unwrap();
    enter_and_close(&mut chain, "development", short);
    let beyond = ask(&mut chain, ANN, "commander", promotes_artifact("testnet", short));
    assert!(matches!(beyond, Err(Error::Artifact(_))), "{beyond:?}");
    let bad = artifact(&mut chain, 2, None);
    artifacts::apply::bad(&mut chain.state, &name("shop"), &bad);
    let refused = ask(&mut chain, ANN, "commander", promotes_artifact("development", bad));
    assert!(matches!(refused, Err(Error::Artifact(_))), "{refused:?}");
}

#[test]
fn a_promotion_says_which_artifact_and_production_asks_for_its_ticket() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let nothing = draft(ChangeRequest::Promote { to: name("development"), artifact: None });
    assert_eq!(code(ask(&mut chain, ANN, "commander", nothing)), "E_ARTIFACT_UNKNOWN");
    let artifact = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", artifact);
    enter_and_close(&mut chain, "testnet", artifact);
    let mut bare = promotes_artifact("mainnet", artifact);
    bare.ticket = None;
    assert_eq!(code(ask(&mut chain, ANN, "commander", bare)), "E_TICKET");
    enter_and_close(&mut chain, "mainnet", artifact);
}

#[test]
fn an_artifact_is_promoted_in_its_own_phase() {
    let memory = Memory::default();
    let mut chain = open(&memory, phased());
    super::phases::moves_on(&mut chain, "one", crate::plan::PhaseState::Open).unwrap();
    let artifact = artifact(&mut chain, 1, Some("one"));
    let mut of_two = promotes_artifact("development", artifact);
    of_two.phase = Some(name("two"));
    let flaw = PhaseFlaw::OfArtifact { phase: name("two"), artifact: Some(name("one")) };
    assert_eq!(ask(&mut chain, ANN, "commander", of_two).unwrap_err(), Error::from(flaw));
    let mut of_one = promotes_artifact("development", artifact);
    of_one.phase = Some(name("one"));
    let change = ask(&mut chain, ANN, "commander", of_one).unwrap();
    assert_eq!(chain.progress(change).state, ChangeState::Active);
}

/// A shop that enters a stage only where there is something to go back to, whatever anybody waives.
fn careful() -> Plan {
    let mut plan = shop_plan();
    let known = Check { blocker: true, ..check("known_good", Ask::Recoverable) };
    plan.checks = list(plan.checks.iter().cloned().chain([known]));
    plan.stages.iter_mut().for_each(|stage| stage.readiness = names(&["ci", "known_good"]));
    plan
}

#[test]
fn from_what_is_bad_the_next_artifact_goes_on_where_there_is_nothing_to_go_back_to() {
    let memory = Memory::default();
    let mut chain = open(&memory, careful());
    let first = artifact(&mut chain, 1, None);
    enter(&mut chain, "development", first);
    let second = artifact(&mut chain, 2, None);
    let tried = ask(&mut chain, ANN, "commander", promotes_artifact("development", second));
    assert_eq!(code(tried), "E_DEFERRED", "it is not known yet whether the first is good");
    let (plan, acting, standing) = (name("shop"), name("commander"), ArtifactStanding::Bad);
    let marks = artifacts::Call::Mark { plan, acting, digest: first, standing };
    marks.decide(&chain.state, chain.at, ANN).unwrap().apply(&mut chain.state, chain.at);
    enter_and_close(&mut chain, "development", second);
    assert_eq!(stands(&chain, "development").unwrap().0, Some(second));
    assert_eq!(standing_of(&chain, second), ArtifactStanding::Good);
}

#[test]
fn a_stage_in_which_nothing_stands_any_more_is_entered_again() {
    let memory = Memory::default();
    let mut chain = open(&memory, careful());
    let artifact = artifact(&mut chain, 1, None);
    let first = enter_and_close(&mut chain, "development", artifact);
    enter(&mut chain, "testnet", artifact);
    let mut back = draft(ChangeRequest::Demote { to: name("development") });
    back.ticket = Some(name("CHG-8"));
    ask(&mut chain, ANN, "commander", back).unwrap();
    assert_eq!(stands(&chain, "testnet"), None);
    let deploys = Call::Step { plan: name("shop"), acting: name("commander"), change: first, step: name("deploy") };
    chain.call(ANN, &deploys).unwrap();
    enter_and_close(&mut chain, "testnet", artifact);
    assert_eq!(stands(&chain, "testnet").unwrap().0, Some(artifact));
}

#[test]
fn what_carries_out_a_promotion_pays_for_looking_through_the_artifacts() {
    let memory = Memory::default();
    let mut chain = open(&memory, careful());
    let mut asked = Vec::new();
    for number in 1..=9 {
        let digest = artifact(&mut chain, number, None);
        let call = submits_to_shop("commander", promotes_artifact("development", digest));
        asked.push(call.reads(&chain.state));
    }
    assert!(asked.is_sorted() && asked[0] + 2 * 8 < asked[8], "{asked:?}");
    assert_eq!(asked[4], asked[5], "what is paid seldom changes while somebody waits");
}
