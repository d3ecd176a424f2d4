//! Rollbacks: to the artifact that was good, and of this network by the playbook of its stage (ROLLOUTS 7.8).

use super::chain::*;
use super::shop::*;
use crate::change::{ChangeDraft, ChangeRequest, ChangeState, MANUAL};
use crate::decide::guards::rollback_of;
use crate::install::Installation;
use crate::plan::{EMERGENCY, Plan};
use crate::queries::ChangeLabel;
use crate::statement::{StatementOutcome, StatementSubject};
use crate::storage::{ASKED_ROLLBACKS, ASKING_GUESTS, MARKS};
use crate::tests::sample::{list, name, names};
use crate::{Call, Error, Event, RollbackFlaw};
use artifacts::ArtifactStanding;
use flags::Gate;
use governance::{Choice, Deposit, DepositEnd};
use primitives::{Amount, ChangeId, Path, ScopePattern};
use roles::{Actor, Grant};
use state::{Apply as _, Memory};

/// A network that stands at mainnet by a promotion, where Ben may roll back: rewards go off, and testnet's values are wanted.
fn network(memory: &Memory) -> (Chain<'_>, ChangeId) {
    let mut plan = plan();
    let grants = ["rollback.submit", "rollback.execute", "rollback.close", "waive", "incident"]
        .map(|action| Grant { action: name(action), scope: ScopePattern::everywhere() });
    plan.roles.iter_mut().find(|(role, _)| role.as_str() == "sre").unwrap().1.grants = list(grants);
    let mut chain = Chain::at_stage(memory, plan, "testnet");
    let change = chain.submit(promotes("mainnet")).unwrap();
    chain.block();
    chain.say("ci", change);
    chain.council(change, Choice::Yes);
    chain.epochs(4);
    let from = chain.at.time.plus(14 * DAY);
    chain.call(ANN, &announces(change, from, from.plus(8 * HOUR))).unwrap();
    chain.later(14 * DAY);
    chain.execute(change).unwrap();
    (chain, change)
}

fn back_on_network(stage: &str) -> ChangeDraft {
    let (trigger, source) = (name(MANUAL), name("telemetry"));
    draft(ChangeRequest::Rollback { stage: name(stage), trigger, source })
}

fn roll_network_back(chain: &mut Chain<'_>) -> Result<ChangeId, Error> {
    match chain.call(BEN, &submits("sre", back_on_network("mainnet")))? {
        Event::Submitted { change, .. } => Ok(change.id),
        other => panic!("{other:?}"),
    }
}

fn last_stage(chain: &Chain<'_>) -> (String, ChangeId) {
    let (stage, standing) = crate::queries::standing(&chain.state, &name("chain")).unwrap();
    (stage.to_string(), standing.change)
}

#[test]
fn a_network_goes_back_to_the_stage_before_by_its_playbook_at_once() {
    let memory = Memory::default();
    let (mut chain, mainnet) = network(&memory);
    assert!(chain.is_on(Gate::WitnessNetwork) && chain.is_on(Gate::TimetokeRewards));
    let change = roll_network_back(&mut chain).unwrap();
    assert!(!chain.is_on(Gate::WitnessNetwork), "testnet has it off");
    assert!(!chain.is_on(Gate::TimetokeRewards), "the playbook switches it off");
    assert!(chain.is_on(Gate::MalachiteConsensus));
    assert_eq!(last_stage(&chain), ("testnet".into(), crate::plans::FIRST_CHANGE));
    assert_eq!(chain.progress(mainnet).state, ChangeState::Reverted { by: change });
    let incident = chain.progress(change).incident.unwrap();
    assert_eq!(cases::queries::first_open_at(&chain.state, &name("chain"), &Path::ROOT), Some(incident));
    let mark = MARKS.get(&chain.state, &(name("chain"), name("testnet"), name(EMERGENCY)));
    assert_eq!(mark, Some(chain.at));
    chain.block();
    assert_eq!(chain.label(change), ChangeLabel::RatifyDue);
}

#[test]
fn one_that_the_council_rejects_gives_values_and_standing_back() {
    let memory = Memory::default();
    let (mut chain, mainnet) = network(&memory);
    let before = chain.progress(mainnet).state;
    let change = roll_network_back(&mut chain).unwrap();
    chain.block();
    let events = chain.council(change, Choice::No);
    assert_eq!(kinds(&events)[0], "reverted");
    assert!(chain.is_on(Gate::WitnessNetwork) && chain.is_on(Gate::TimetokeRewards));
    assert_eq!(last_stage(&chain), ("mainnet".into(), mainnet));
    assert_eq!(chain.progress(mainnet).state, before);
    assert_eq!(chain.progress(change).state, ChangeState::Reverted { by: change });
    let (_, standing) = crate::queries::standing(&chain.state, &name("chain")).unwrap();
    assert_eq!(standing.since, chain.at, "its soaks begin anew");
}

#[test]
fn a_network_rolls_back_the_last_stage_that_stands_alone() {
    let memory = Memory::default();
    let (mut chain, _) = network(&memory);
    let refused = chain.call(BEN, &submits("sre", back_on_network("testnet"))).unwrap_err();
    assert_eq!(refused, Error::from(RollbackFlaw::NotStanding { stage: name("testnet") }));
    let first = roll_network_back(&mut chain).unwrap();
    assert_eq!(rollback_of(&chain.state, &name("chain"), &name("mainnet")), Some(first));
    assert_eq!(code(roll_network_back(&mut chain)), "E_STAGE", "it stands no longer");
}

#[test]
fn a_shop_goes_back_to_the_artifact_that_was_good_and_the_other_is_bad() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let good = artifact(&mut chain, 1, None);
    let by = walk(&mut chain, good);
    let worse = artifact(&mut chain, 2, None);
    let bad_one = walk(&mut chain, worse);
    let change = ask(&mut chain, ANN, "commander", rolls_back("mainnet")).unwrap();
    assert_eq!(stands(&chain, "mainnet"), Some((Some(good), by)), "by its old change");
    assert_eq!(standing_of(&chain, worse), ArtifactStanding::Bad);
    assert_eq!(standing_of(&chain, good), ArtifactStanding::Good);
    assert_eq!(chain.progress(bad_one).state, ChangeState::Reverted { by: change });
    assert!(chain.progress(change).effects.is_empty(), "artifacts move no flag");
    let incident = chain.progress(change).incident.unwrap();
    assert_eq!(cases::queries::first_open_at(&chain.state, &name("shop"), &path("mainnet")), Some(incident));
    // Another rollback of the stage waits until this one is closed.
    let again = ask(&mut chain, ANN, "commander", rolls_back("mainnet")).unwrap_err();
    assert_eq!(again, Error::from(RollbackFlaw::Lives { stage: name("mainnet"), change }));
    says(&mut chain, "smoke", StatementSubject::Change(change)).unwrap();
    chain.block();
    close_in_shop(&mut chain, change).unwrap();
    let none = ask(&mut chain, ANN, "commander", rolls_back("mainnet")).unwrap_err();
    assert_eq!(none, Error::from(RollbackFlaw::NoGoodArtifact { stage: name("mainnet") }));
}

#[test]
fn req_098_what_is_good_in_an_earlier_stage_alone_is_not_gone_back_to_in_a_later_one() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let good = artifact(&mut chain, 1, None);
    walk(&mut chain, good);
    let mut last = good;
    for number in [2, 3] {
        last = artifact(&mut chain, number, None);
        enter_and_close(&mut chain, "development", last);
        enter_and_close(&mut chain, "testnet", last);
        enter(&mut chain, "mainnet", last);
        assert_eq!(standing_of(&chain, last), ArtifactStanding::Good, "by its promotions before that");
    }
    assert_eq!(stands(&chain, "mainnet").unwrap().0, Some(last));
    let target = |stage| artifacts::queries::good_before(&chain.state, &name("shop"), &name(stage), Some(&last));
    assert_eq!(target("mainnet"), Some(good));
    assert_ne!(target("testnet"), Some(good), "there the second is");
    ask(&mut chain, ANN, "commander", rolls_back("mainnet")).unwrap();
    assert_eq!(stands(&chain, "mainnet").unwrap().0, Some(good));
    // It is still good there, now that it stands by its old promotion again.
    let next = artifact(&mut chain, 4, None);
    enter_and_close(&mut chain, "development", next);
    assert_eq!(standing_of(&chain, good), ArtifactStanding::Good);
}

#[test]
fn nothing_is_rolled_back_that_does_not_stand_or_has_nothing_to_go_back_to() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    assert_eq!(code(ask(&mut chain, ANN, "commander", rolls_back("development"))), "E_STAGE");
    let first = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", first);
    assert_eq!(code(ask(&mut chain, ANN, "commander", rolls_back("development"))), "E_NO_GOOD_ARTIFACT");
    let mut other = rolls_back("development");
    if let ChangeRequest::Rollback { trigger, .. } = &mut other.request {
        *trigger = name("boredom");
    }
    assert_eq!(code(ask(&mut chain, ANN, "commander", other)), "E_TRIGGER");
}

#[test]
fn a_signal_opens_an_incident_and_a_rollback_that_waits_for_its_authority() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let good = artifact(&mut chain, 1, None);
    walk(&mut chain, good);
    let worse = artifact(&mut chain, 2, None);
    walk(&mut chain, worse);
    let about = StatementSubject::Scope(path("mainnet/t1"));
    let call = states_in_shop("isolation", about, StatementOutcome::Failed, &[]);
    let stated = chain.call(BEN, &call).unwrap();
    let Event::Stated { opened: Some(opened), rolls_back: Some(stage), .. } = &stated else { panic!("{stated:?}") };
    assert_eq!((stage, &opened.path), (&name("mainnet"), &path("mainnet/t1")));
    let events = chain.block();
    let [Event::Submitted { change, deposit, incident, .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(*deposit, Amount::ZERO);
    let (change, incident) = (change.id, incident.unwrap());
    assert_eq!(incident, opened.id);
    assert_eq!(stands(&chain, "mainnet").unwrap().0, Some(worse), "evidence alone moves nothing");
    chain.later(365 * DAY);
    assert_eq!(chain.progress(change).state, ChangeState::Open, "it waits for as long as it takes");
    // The same word once more asks for nothing else.
    let again = chain.call(BEN, &call).unwrap();
    assert!(matches!(again, Event::Stated { opened: None, rolls_back: None, .. }), "{again:?}");
    let executes = Call::Execute { plan: name("shop"), acting: name("commander"), change, sealer_proof: None };
    chain.call(ANN, &executes).unwrap();
    assert_eq!(stands(&chain, "mainnet").unwrap().0, Some(good));
    assert_eq!(chain.progress(change).incident, Some(incident), "one incident, and not another");
}

#[test]
fn what_its_playbook_switches_off_counts_with_a_rollback() {
    let memory = Memory::default();
    let mut changed = plan();
    let back = changed.playbooks.iter_mut().find(|playbook| playbook.domain.as_str() == "back").unwrap();
    back.disables = names(&["timetoke_rewards", "witness_network"]);
    let grants =
        ["rollback.submit", "waive"].map(|action| Grant { action: name(action), scope: ScopePattern::everywhere() });
    changed.roles.iter_mut().find(|(role, _)| role.as_str() == "sre").unwrap().1.grants = list(grants);
    let mut chain = Chain::at_stage(&memory, changed, "mainnet");
    roll_network_back(&mut chain).unwrap();
    assert_eq!(crate::queries::emergencies(&chain.state, &name("chain"), &BEN), 2);
}

#[test]
fn a_rollback_that_a_signal_asked_for_is_taken_back_by_who_may_close_one() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let first = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", first);
    let about = StatementSubject::Stage(name("development"));
    chain.call(BEN, &states_in_shop("isolation", about, StatementOutcome::Failed, &[])).unwrap();
    chain.block();
    let change = rollback_of(&chain.state, &name("shop"), &name("development")).unwrap();
    let takes_back = |acting| Call::Withdraw { plan: name("shop"), acting: name(acting), change };
    assert_eq!(code(chain.call(BEN, &takes_back("sre"))), "E_ROLE");
    chain.call(ANN, &takes_back("commander")).unwrap();
    assert_eq!(rollback_of(&chain.state, &name("shop"), &name("development")), None);
}

#[test]
fn one_that_is_rejected_after_an_amendment_gives_back_a_change_whose_version_is_still_known() {
    let memory = Memory::default();
    let (mut chain, mainnet) = network(&memory);
    assert_eq!(chain.progress(mainnet).state, ChangeState::Active);
    let plan = crate::plans::current(&chain.state, &name("chain")).unwrap().whole(&chain.state);
    let (members, segments) = (list([]), list([]));
    let plan = Plan { version: 2, ..plan };
    let asked = Installation { plan, document: None, stage: None, members, segments, moves: list([]) };
    let installation = Box::new(asked);
    Event::Installed { installation, by: None, deposit: Amount::ZERO, effects: list([]) }
        .apply(&mut chain.state, chain.at);
    let back = ChangeDraft { version: 2, ..back_on_network("mainnet") };
    let submitted = chain.call(BEN, &submits("sre", back)).unwrap();
    let Event::Submitted { change, .. } = &submitted else { panic!("{submitted:?}") };
    assert_eq!(chain.progress(mainnet).state, ChangeState::Reverted { by: change.id });
    chain.block();
    chain.council(change.id, Choice::No);
    assert_eq!(chain.progress(mainnet).state, ChangeState::Active);
    let version = crate::plans::of_version(&chain.state, &name("chain"), 1);
    assert_eq!(version.unwrap().kept.active, 1, "nothing is judged by a plan that is gone");
}

#[test]
fn what_a_signal_asked_for_goes_with_its_plan() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let first = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", first);
    let about = StatementSubject::Stage(name("development"));
    chain.call(BEN, &states_in_shop("isolation", about, StatementOutcome::Failed, &[])).unwrap();
    assert!(ASKING_GUESTS.contains(&chain.state, &name("shop")));
    let by = Actor { account: ANN, role: name("council") };
    let deposit = DepositEnd::Returned(Deposit { account: ANN, amount: Amount::ZERO });
    Event::Retired { plan: name("shop"), by, deposit }.apply(&mut chain.state, chain.at);
    assert!(!ASKING_GUESTS.contains(&chain.state, &name("shop")));
    assert!(ASKED_ROLLBACKS.iter_under(&chain.state, &name("shop")).next().is_none());
    assert_eq!(chain.block(), []);
}
