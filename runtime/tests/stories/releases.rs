//! The life of a release, from proposal to receipt, in real blocks.

use crate::network::{Network, attest_rebuild, delegate, install, propose, report, transfer, unbond, vote};
use governance::Choice::{No, Yes};
use governance::{Event as Governance, Shortfall, Status};
use primitives::{Amount, BuildHash, Epoch, ProposalId};
use releases::queries::{Verdict, verdict_now};
use runtime::testing::{genesis, held_by, holder, validator};
use runtime::{Cause, Event, Fact};

const NEW: BuildHash = BuildHash([1; 32]);
const ONE: ProposalId = ProposalId(1);

fn status(network: &Network) -> Status {
    governance::queries::poll(&network.state(), ONE).status
}

fn verdict(network: &Network) -> Verdict {
    verdict_now(&network.state(), &NEW, network.epoch())
}

/// Facts without those of staking, which come with every epoch.
fn of_governance(facts: Vec<Fact>) -> Vec<Fact> {
    facts.into_iter().filter(|fact| !matches!(fact.outcome, Ok(Event::Staking(_)))).collect()
}

#[test]
fn a_release_lives_from_proposal_to_receipt() {
    let mut network = Network::new(genesis());
    let free = network.balance(&validator(1).account()).free.0;
    let done = network.block(&[(validator(1), propose(&network.genesis, NEW, 2))]);
    assert!(matches!(&done.outcomes()[0], Ok(Event::Governance(Governance::Proposed(_)))));
    assert_eq!(network.balance(&validator(1).account()).free, Amount(free - 10 - 1_000), "fee and deposit");

    let ballots = [(0, Yes), (1, Yes), (2, No)].map(|(index, choice)| (validator(index), vote(1, choice, Some("why"))));
    let said = [&ballots[..], &held_by(3, &[NEW])[1..]].concat();
    assert!(network.block(&said).outcomes().iter().all(Result::is_ok));
    assert_eq!((status(&network), verdict(&network)), (Status::Open, Verdict::NotApproved));

    let facts = of_governance(network.until(1));
    let tally = governance::queries::poll(&network.state(), ONE).tally;
    let account = validator(1).account();
    let deposit = governance::DepositEnd::Returned(governance::Deposit { account, amount: Amount(1_000) });
    let passed = Governance::Passed { proposal_id: ONE, tally, activation_epoch: Epoch(2), deposit };
    let passed = Event::Governance(passed);
    assert_eq!(facts, [Fact { cause: Cause::Clock, outcome: Ok(passed) }]);
    assert_eq!((tally.yes, tally.no), (Amount(2_000_000), Amount(1_000_000)));
    assert_eq!(network.balance(&validator(1).account()).free, Amount(free - 30), "the deposit is back");
    assert_eq!(verdict(&network), Verdict::NotApproved, "passed is not active");
    let early = network.block(&[(validator(0), install(NEW))]).outcomes();
    assert_eq!(early, [Err(releases::Error::NotApproved(NEW).into())]);

    let facts = of_governance(network.until(2));
    assert!(matches!(&facts[0], Fact { cause: Cause::Proposal(ONE), outcome: Ok(Event::Releases(_)) }));
    let activated = Event::Governance(Governance::Activated { proposal_id: ONE });
    assert_eq!(facts[1..], [Fact { cause: Cause::Clock, outcome: Ok(activated) }]);
    assert_eq!((status(&network), verdict(&network)), (Status::Activated, Verdict::Approved));

    let installed = network.block(&[(validator(0), install(NEW)), (validator(0), install(NEW))]).outcomes();
    assert!(installed[0].is_ok());
    let again =
        releases::Error::AlreadyRecorded { build_hash: NEW, stage: releases::StageName::Booted, epoch: Epoch(2) };
    assert_eq!(installed[1], Err(again.into()));
    assert_eq!(releases::queries::installs(&network.state(), &NEW).count, 1);
    assert_eq!(of_governance(network.until(5)), [], "nothing of it fires again");
}

#[test]
fn nothing_of_a_refused_proposal_is_stored() {
    let mut network = Network::new(genesis());
    let one = network.block(&[(validator(0), propose(&network.genesis, NEW, 1))]);
    assert_eq!(one.outcomes(), [Err(releases::Error::QuorumMissing { have: 1, need: 2 }.into())]);
    let keys = one.executed.writes.keys().map(|key| String::from_utf8_lossy(key).into_owned());
    let of_the_proposal = keys.filter(|key| !key.starts_with("accounts/") && key != "chain/running");
    assert_eq!(of_the_proposal.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn of_two_proposals_for_one_hash_the_first_that_is_carried_out_wins_and_it_is_never_proposed_again() {
    let mut network = Network::new(genesis());
    let proposals = [1, 2].map(|index| (validator(index), propose(&network.genesis, NEW, 3)));
    assert!(network.block(&proposals).outcomes().iter().all(Result::is_ok));
    let ballots = [0, 1].map(|index| [1, 2].map(|id| (validator(index), vote(id, Yes, None))));
    network.block(&[ballots.concat(), held_by(2, &[NEW])].concat());
    let facts = of_governance(network.until(2));
    let second = facts.iter().find(|fact| fact.cause == Cause::Proposal(ProposalId(2))).unwrap();
    assert_eq!(second.outcome, Err(releases::Error::HashTaken(NEW).into()), "the reason is on record");
    let statuses = [1, 2].map(|id| governance::queries::poll(&network.state(), ProposalId(id)).status);
    assert_eq!(statuses, [Status::Activated, Status::Cancelled]);
    let release = releases::queries::release(&network.state(), &NEW).unwrap();
    assert_eq!((release.proposal_id, release.proposer), (Some(ONE), Some(validator(1).account())));
    let again = network.block(&[(validator(3), propose(&network.genesis, NEW, 3))]);
    assert_eq!(again.outcomes(), [Err(releases::Error::HashTaken(NEW).into())]);
}

#[test]
fn a_release_without_votes_burns_its_deposit_and_approves_nothing() {
    let mut network = Network::new(genesis());
    network.block(&[(validator(1), propose(&network.genesis, NEW, 3))]);
    let facts = of_governance(network.until(1));
    let shortfall = Shortfall::Quorum;
    let account = validator(1).account();
    let deposit = governance::DepositEnd::Burned(governance::Deposit { account, amount: Amount(1_000) });
    let rejected = Governance::Rejected { proposal_id: ONE, tally: Default::default(), shortfall, deposit };
    assert_eq!(facts, [Fact { cause: Cause::Clock, outcome: Ok(Event::Governance(rejected)) }]);
    assert_eq!(accounts::queries::burned(&network.state()), Amount(10 + 1_000), "fee and deposit");
    network.until(3);
    assert_eq!((status(&network), verdict(&network)), (Status::Rejected, Verdict::NotApproved));
}

#[test]
fn two_releases_of_one_epoch_activate_in_order_and_the_later_supersedes() {
    let (mut network, newer) = (Network::new(genesis()), BuildHash([2; 32]));
    let proposals = [NEW, newer].map(|hash| (validator(1), propose(&network.genesis, hash, 2)));
    network.block(&proposals);
    let ballots = [0, 1, 2].map(|index| (1..3).map(move |id| (validator(index), vote(id, Yes, None))));
    network.block(&ballots.into_iter().flatten().collect::<Vec<_>>());
    network.block(&held_by(2, &[NEW, newer]));
    network.until(2);
    let release = |hash| releases::queries::release(&network.state(), hash).unwrap();
    assert_eq!((release(&NEW).sequence, release(&newer).sequence), (2, 3));
    let gave_way = releases::Standing::Superseded { by: newer, end_of_support_epoch: None };
    assert_eq!(release(&NEW).standing, gave_way);
}

#[test]
fn an_account_without_stake_neither_proposes_nor_votes() {
    let mut network = Network::new(genesis());
    let asked = [
        (holder(0), propose(&network.genesis, NEW, 2)),
        (validator(1), propose(&network.genesis, NEW, 2)),
        (holder(0), vote(1, Yes, None)),
        (holder(0), transfer(holder(1).account(), 1)),
    ];
    let outcomes = network.block(&asked).outcomes();
    let not_eligible = governance::Error::NotEligible { have: Amount(0), need: Amount(10_000) };
    assert_eq!(outcomes[0], Err(not_eligible.into()));
    assert_eq!(outcomes[2], Err(governance::Error::NoStake(Epoch(0)).into()));
    assert!(outcomes[1].is_ok() && outcomes[3].is_ok(), "the others are not disturbed");
}

#[test]
fn a_stage_left_out_of_a_report_is_a_boot() {
    let json = serde_json::json!({ "releases": { "record_install": { "build_hash": NEW } } });
    assert_eq!(serde_json::from_value::<runtime::Call>(json).unwrap(), install(NEW));
    let json = serde_json::json!({ "releases": { "record_install": { "build_hash": NEW, "stage": "healthy" } } });
    assert_eq!(serde_json::from_value::<runtime::Call>(json).unwrap(), report(NEW, releases::InstallStage::Healthy));
}

#[test]
fn t20_the_stake_on_which_a_release_failed_is_in_state_for_every_node_to_see() {
    let mut network = crate::lifetime::upgraded();
    let reason = primitives::Text::new("it exits with code 1").unwrap();
    let failed = releases::InstallStage::RolledBack { reason };
    let said = [0, 1].map(|index| (validator(index), report(NEW, failed.clone())));
    assert!(network.block(&said).outcomes().iter().all(Result::is_ok));
    let uptake = releases::queries::uptake(&network.state(), &NEW, network.epoch());
    assert_eq!((uptake.failed_stake, uptake.total_stake), (Amount(2_000_000), Amount(4_000_000)));
    assert_eq!((uptake.booted.nodes, uptake.rolled_back.nodes), (1, 2));
    let holder = holder(0);
    network.block(&[(holder.clone(), delegate(validator(3).account(), 1_000))]);
    network.until(network.epoch().0 + 1);
    let spoken_for = network.block(&[(holder, report(NEW, failed))]);
    assert!(spoken_for.outcomes()[0].is_ok(), "whoever has something at stake runs nodes");
    let uptake = releases::queries::uptake(&network.state(), &NEW, network.epoch());
    assert_eq!((uptake.failed_stake, uptake.rolled_back.nodes), (Amount(2_000_000), 3), "no validator, no weight");
}

#[test]
fn h06_receipts_and_stages_without_stake_are_refused_and_no_answer_grows_by_them() {
    let mut network = crate::lifetime::upgraded();
    let before = releases::queries::uptake(&network.state(), &NEW, network.epoch());
    let reason = || primitives::Text::new("so I say").unwrap();
    let words = [
        releases::InstallStage::Held,
        releases::InstallStage::Staged,
        releases::InstallStage::Booted,
        releases::InstallStage::Healthy,
        releases::InstallStage::RolledBack { reason: reason() },
        releases::InstallStage::Unusable { reason: reason() },
    ];
    let flood: Vec<_> =
        (0..3).flat_map(|index| words.iter().map(move |stage| (holder(index), report(NEW, stage.clone())))).collect();
    let refused = releases::Error::NotReporter { have: Amount(0), need: Amount(1_000) };
    for epoch in 0..3 {
        let outcomes = network.block(&flood).outcomes();
        assert_eq!(outcomes.len(), flood.len());
        assert!(outcomes.iter().all(|outcome| *outcome == Err(refused.clone().into())), "{outcomes:?} in {epoch}");
        network.until(network.epoch().0 + 1);
    }
    assert_eq!(releases::queries::uptake(&network.state(), &NEW, network.epoch()), before);
    // Stake counts once it is in force, and so long as it is.
    let (holder, bond) = (holder(0), delegate(validator(3).account(), 1_000));
    network.block(&[(holder.clone(), bond)]);
    let say = |network: &mut Network| network.block(&[(holder.clone(), install(NEW))]).outcomes().remove(0);
    assert_eq!(say(&mut network), Err(refused.clone().into()));
    network.until(network.epoch().0 + 1);
    assert!(say(&mut network).is_ok());
    network.block(&[(holder.clone(), unbond(validator(3).account(), 1_000))]);
    network.until(network.epoch().0 + 1);
    assert_eq!(say(&mut network), Err(refused.into()));
}

#[test]
fn rebuilds_are_attested_while_a_release_is_voted_on_and_after() {
    let mut network = Network::new(genesis());
    let early = network.block(&[(holder(0), attest_rebuild(NEW, None, None))]);
    assert_eq!(early.outcomes(), [Err(releases::Error::NotProposed(NEW).into())]);
    network.block(&[(validator(1), propose(&network.genesis, NEW, 2))]);
    let said = [(holder(0), attest_rebuild(NEW, None, None)), (holder(0), attest_rebuild(NEW, None, None))];
    let outcomes = network.block(&said).outcomes();
    let again = releases::Error::AlreadyAttested { build_hash: NEW, builder: holder(0).account() };
    assert!(outcomes[0].is_ok(), "no stake is needed");
    assert_eq!(outcomes[1], Err(again.into()));
    network.until(1);
    assert_eq!(status(&network), Status::Rejected);
    let late = network.block(&[(holder(1), attest_rebuild(NEW, None, None))]);
    assert_eq!(late.outcomes(), [Err(releases::Error::NotProposed(NEW).into())]);
}
