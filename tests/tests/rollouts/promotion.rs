//! From development, where one validator decides alone, to testnet, where a quorum does: what is asked before, by whom it is decided, and
//! when it is carried out (ROLLOUTS 7.9 and 11).

use crate::evidence::{BUILD, COMMIT, FIRST_BUILD};
use crate::founding::Founding;
use crate::made::{code, kinds};
use crate::network::{HOUR, Network, SECOND, name};
use crate::people::{Asked, commander, failed, member, passed, promotes, sets, sre_lead, steward};
use crate::walk::{SOAK, approved_for_testnet, before_testnet};
use governance::Choice;
use primitives::{AccountId, ChangeId, Decimal, Digest, Epoch, Reason, Text, Timestamp};
use releases::{FirstManifest, Manifest};
use rollouts::change::ChangeState;
use rollouts::queries::ChangeLabel;
use rollouts::statement::{Statement, StatementSubject};
use rollouts::verdict::Answer;
use runtime::testing::validator;
use runtime::{Error, Motion};

/// All that keeps a network from testnet where a build is approved and nobody has said anything, in the order of the list.
const UNMET: [&str; 15] = [
    "testnet.soak",
    "testnet.acknowledged",
    "preflight.config_drift",
    "preflight.binary",
    "preflight.consensus_health",
    "preflight.proof_latency",
    "preflight.vrf_participation",
    "preflight.network_churn",
    "preflight.alert_routing",
    "preflight.rollback_assets",
    "preflight.drill",
    "signoff.observability",
    "signoff.provenance",
    "signoff.commander",
    "council.promote",
];

/// The refusal of a change, as it is told.
fn of_changes(refusal: Error) -> rollouts::Error {
    match refusal {
        Error::Rollouts(error) => error,
        other => panic!("{other}"),
    }
}

fn texts(names: &[primitives::Name]) -> Vec<&str> {
    names.iter().map(primitives::Name::as_str).collect()
}

#[test]
fn a_build_of_genesis_meets_preflight_where_genesis_says_what_it_was_made_of() {
    let unmet = |manifests: Vec<FirstManifest>| {
        let mut genesis = Founding::at("development").genesis();
        genesis.releases.manifests = manifests;
        let mut network = Network::new(genesis);
        let change = network.submitted(commander().submits(promotes("testnet", FIRST_BUILD)));
        network.unmet(change)
    };
    let sbom = "preflight.sbom".to_owned();
    assert!(unmet(Vec::new()).contains(&sbom), "nothing is known of what it was made of");
    let sbom_hash = Some(Digest([3; 32]));
    let manifest = Manifest { source_commit: Text::new(COMMIT), sbom_hash, ..Manifest::default() };
    assert!(!unmet(vec![FirstManifest { build_hash: FIRST_BUILD, manifest }]).contains(&sbom));
}

#[test]
fn what_is_missing_is_told_from_the_first_block_on_and_a_yes_that_comes_too_early_names_it() {
    let mut network = Founding::at("development").council(7).network();
    let build = network.release();
    let change = network.submitted(commander().submits(promotes("testnet", build)));
    assert_eq!((network.label(change), network.unmet(change)), (ChangeLabel::Voting, UNMET.map(String::from).to_vec()));
    let poll = network.poll(change);
    let rollouts::Error::NotReady { missing, .. } =
        of_changes(network.refused(member(0).votes(poll, Choice::Yes), "E_NOT_READY"))
    else {
        panic!("it is not ready")
    };
    assert_eq!(texts(&missing), UNMET[..14], "all but the vote itself");
    network.refused(member(1).votes_without_a_word(poll, Choice::No), "E_REASON");
    network.refused(commander().votes(poll, Choice::No), "E_NOT_MEMBER");
    network.all_granted(&[member(1).votes(poll, Choice::No), member(2).votes(poll, Choice::Abstain)]);
}

#[test]
fn nobody_speaks_for_another_role_and_evidence_has_a_type_a_hash_and_the_commit_of_the_build() {
    let mut network = Founding::at("development").network();
    let build = network.release();
    let change = network.submitted(commander().submits(promotes("testnet", build)));
    let about = || StatementSubject::Change(change);
    network.refused(commander().states(passed("signoff.observability", about())), "E_STATEMENT_OWNER");
    network.refused(steward().acting_as("sre_lead").states(passed("signoff.observability", about())), "E_MEMBER");
    network.refused(sre_lead().states(passed("signoff.nobody", about())), "E_CHECK_UNKNOWN");
    network.refused(sre_lead().states(passed("preflight.sbom", about())), "E_ABOUT");
    let tested = || passed("smoke.pipeline", StatementSubject::Artifact(Digest(BUILD.0)));
    network.refused(commander().states(Statement { digest: None, ..tested() }), "E_EVIDENCE");
    network.refused(commander().states(Statement { predicate: Text::default(), ..tested() }), "E_EVIDENCE");
    let commit = Text::new("89abcdef0123456789abcdef0123456789abcdef");
    network.refused(commander().states(Statement { commit, ..tested() }), "E_COMMIT");
    network.granted(commander().states(tested()));
    let waived = crate::people::waived("preflight.recoverable", change, network.at.time.plus(HOUR));
    network.refused(steward().states(waived), "E_WAIVER");
}

#[test]
fn when_the_list_is_go_the_fifth_of_seven_decides_and_the_stake_has_its_time_to_stop_it() {
    let (mut network, change) = before_testnet();
    assert_eq!(network.unmet(change), ["testnet.soak", "council.promote"]);
    network.run_until(SOAK);
    assert_eq!(network.unmet(change), ["council.promote"]);
    assert_eq!(network.council(change, 4, Choice::Yes).brought(), [], "four of seven are not two thirds");
    let poll = network.poll(change);
    network.granted(member(4).votes(poll, Choice::Yes));
    let decided = network.block(SECOND, &[]);
    let brought = decided.brought();
    let [rollouts::Event::Approved { verdict, not_before, .. }] = brought.as_slice() else { panic!("{brought:?}") };
    assert_eq!((*verdict, *not_before), (Answer::Go, Some(decided.at.epoch.plus(3))));
    assert_eq!(network.label(change), ChangeLabel::Approved);
    network.refused(commander().executes(change), "E_TOO_EARLY");
    network.refused(member(0).executes(change), "E_ROLE");
}

#[test]
fn it_is_carried_out_from_the_first_to_the_last_millisecond_of_its_window() {
    let (tuesday, length) = (5 * 24 * HOUR, 6 * HOUR);
    for (offset, opens) in [(0, Some(1)), (1, None), (length, None), (length + 1, Some(1 + tuesday))] {
        let (mut network, change) = approved_for_testnet();
        // A millisecond before the Thursday's window, from which everything is counted here.
        let before = network.window_of("testnet").minus(1);
        network.ready_at(change, before.plus(offset).minus(1));
        let outcome = network.ask_after(1, commander().executes(change));
        let Some(opens) = opens else {
            assert_eq!(code(&outcome), "granted", "{offset}: {outcome:?}");
            continue;
        };
        let (window, opens) = (name("twice-weekly"), Some(before.plus(opens)));
        assert_eq!(of_changes(outcome.unwrap_err()), rollouts::Error::OutsideWindow { window, opens }, "{offset}");
    }
}

/// Some validators in the order in which refusals name them.
fn validators(indexes: impl IntoIterator<Item = u8>) -> Vec<AccountId> {
    let mut accounts: Vec<AccountId> = indexes.into_iter().map(|index| validator(index).account()).collect();
    accounts.sort();
    accounts
}

#[test]
fn a_quorum_begins_when_more_than_three_quarters_are_there_and_who_is_silent_is_named() {
    let (mut network, change) = approved_for_testnet();
    let window = network.window_of("testnet");
    network.wait_until(window.minus(HOUR));
    network.answer(change);
    network.wait_until(window);
    // All four advertised when it was submitted, which is too long ago; now one after the other does again.
    for (percent, heard) in [(0, 0..0), (50, 0..2), (75, 2..3)] {
        let silent = validators(heard.end..4);
        network.advertise(&heard.collect::<Vec<u8>>());
        let refusal = of_changes(network.refused(commander().executes(change), "E_QUORUM_ABSENT"));
        let rollouts::Error::QuorumAbsent { share_percent, missing } = &refusal else { panic!("{refusal}") };
        assert_eq!((*share_percent, missing.to_vec()), (percent, silent));
    }
    network.advertise(&[3]);
    network.granted(commander().executes(change));
}

/// Carried out in the first second of the Thursday's window.
fn on_testnet() -> (Network, ChangeId, runtime::Event) {
    let (mut network, change) = approved_for_testnet();
    let window = network.window_of("testnet");
    network.ready_at(change, window);
    let event = network.granted(commander().executes(change));
    (network, change, event)
}

#[test]
fn the_fact_has_the_whole_map_and_what_moved_and_four_decide_two_epochs_later() {
    let (mut network, change, event) = on_testnet();
    let runtime::Event::Rollouts(rollouts::Event::Executed { execution, .. }) = &event else { panic!("{event:?}") };
    assert_eq!((execution.verdict, execution.map.len(), execution.effects.len()), (Answer::Go, 7, 1));
    let owed: Vec<&str> = execution.duties.iter().map(|duty| duty.check.as_str()).collect();
    assert_eq!(owed, ["close.audit", "close.release_checks", "close.fleet", "close.recovery"]);
    assert_eq!(network.standing(), ("testnet".into(), change));
    assert!(network.is_on(flags::Gate::MalachiteConsensus), "the gate is on at once, and nobody decides otherwise yet");
    let (epoch, alone, all) = (network.at.epoch, validators([crate::network::SEALER]), validators(0..4));
    let deciding = |network: &Network, later: u64| network.deciding(epoch.plus(later));
    network.begin(epoch.0 + 1);
    assert_eq!([0, 1, 2].map(|later| deciding(&network, later)), [alone.clone(), alone, all]);
    network.wait_before(epoch.0 + 2);
    let last = network.block(SECOND, &[]);
    let announced = staking::queries::validator_set(&network.state(), epoch.plus(2));
    assert_eq!((last.at.epoch, last.next_validators_hash), (epoch.plus(1), announced.hash()), "headers announce them");
    network.block(SECOND, &[]);
    assert_eq!(staking::queries::sealer(&network.state()), None);
    let verified = |network: &Network, epoch: Epoch, keys: &[u8]| {
        let set = staking::queries::validator_set(&network.state(), epoch);
        let certificate = certificate(network, keys);
        certificate.verify(&network.genesis.chain.chain_id, &set).is_ok()
    };
    let now = network.at.epoch;
    assert!(verified(&network, now, &[0, 2, 3]) && !verified(&network, now, &[0, 1]), "three of four, and not two");
    assert!(verified(&network, epoch, &[1]) && !verified(&network, epoch, &[0]), "before, the sealer and nobody else");
}

/// What some validators sign when they decide the newest block.
fn certificate(network: &Network, keys: &[u8]) -> runtime::Certificate {
    let (chain_id, height, block) =
        (&network.genesis.chain.chain_id, network.at.height, primitives::BlockHash([5; 32]));
    let payload = primitives::vote_payload(chain_id, primitives::VoteKind::Precommit, height, 0, Some(block));
    let signed = keys.iter().map(|index| (validator(*index).account(), validator(*index).sign(&payload)));
    let signatures = primitives::List::truncate_from(signed.collect());
    runtime::Certificate { height, round: 0, block, signatures }
}

#[test]
fn its_steps_are_taken_in_their_order_its_audit_is_said_within_a_day_and_it_is_closed() {
    let (mut network, change, _) = on_testnet();
    network.refused(commander().steps(change, "gossip"), "E_STEP");
    network.refused(sre_lead().steps(change, "confirm"), "E_ROLE");
    network.take_step(change, "confirm");
    network.refused(commander().steps(change, "deploy"), "E_DEFERRED");
    for step in ["deploy", "gossip", "regression"] {
        network.take_step(change, step);
    }
    network.refused(commander().steps(change, "regression"), "E_STEP");
    assert_eq!(network.label(change), ChangeLabel::AuditDue);
    let owed = ["close.audit", "close.release_checks", "close.fleet", "close.recovery"];
    let rollouts::Error::DutiesOwed { owed: told, .. } =
        of_changes(network.refused(commander().closes(change), "E_DUTY"))
    else {
        panic!("it owes something")
    };
    assert_eq!((texts(&told), network.owed(change)), (owed.to_vec(), owed.map(String::from).to_vec()));
    network.answer_only(change, &["close.audit"]);
    let audited = network.block(SECOND, &[]);
    assert!(matches!(audited.brought().as_slice(), [rollouts::Event::Met { late: false, .. }]));
    assert_eq!(network.label(change), ChangeLabel::Active, "what else is owed has no time of its own");
    assert!(held(&network).0 > 0);
    network.closed(change);
    assert_eq!((network.label(change), held(&network).0), (ChangeLabel::Closed, 0));
    network.refused(commander().submits(promotes("testnet", BUILD)), "E_NOT_SUCCESSOR");
    network.refused(commander().submits(promotes("mainnet", BUILD)), "E_NOT_SUCCESSOR");
}

/// What is held of the commander.
fn held(network: &Network) -> primitives::Amount {
    accounts::queries::account(&network.state(), &commander().account()).held
}

#[test]
fn the_stake_ends_what_the_council_approved_in_the_block_in_which_it_could_first_be_carried_out() {
    let (mut network, change) = before_testnet();
    network.run_until(SOAK);
    network.epochs(1);
    network.agreed(change);
    let reason = Reason::new("we were not asked").unwrap();
    let activation = network.stake_asks(Motion::Rollouts(rollouts::Motion::Abort { change, reason }));
    assert_eq!(network.progress(change).not_before, Some(Epoch(activation).next()));
    network.wait_before(activation);
    network.refused(commander().executes(change), "E_TOO_EARLY");
    let block = network.block(SECOND, &[commander().executes(change)]);
    assert_eq!(
        (block.at.epoch, block.codes(), kinds(&block.facts)),
        (Epoch(activation), vec!["E_STATE"], vec!["ended"])
    );
    assert_eq!((network.label(change), held(&network).0), (ChangeLabel::Aborted, 0));
    assert!(!network.is_on(flags::Gate::MalachiteConsensus));
}

/// The SRE lead says how long consensus takes.
fn latency(value: i64) -> Asked {
    let about = StatementSubject::Stage(name("testnet"));
    sre_lead().states(Statement { value: Decimal::new(value, 0), ..passed("preflight.consensus_health", about) })
}

#[test]
fn what_is_beyond_its_bound_is_no_go_also_once_it_is_approved_and_heals_by_what_is_within() {
    let (mut network, change) = approved_for_testnet();
    let window = network.window_of("testnet");
    network.ready_at(change, window);
    // One and a half times the 80 that were measured in development.
    network.granted(latency(121));
    assert_eq!(network.list(change).answer, Answer::NoGo);
    assert_eq!(network.unmet(change), ["preflight.consensus_health"]);
    let refusal = of_changes(network.refused(commander().executes(change), "E_NO_GO"));
    let rollouts::Error::NoGo { failed: named, of } = &refusal else { panic!("{refusal}") };
    assert_eq!((texts(named), *of), (vec!["preflight.consensus_health"], 1));
    network.granted(sre_lead().states(failed("preflight.alert_routing", StatementSubject::Stage(name("testnet")))));
    network.granted(latency(120));
    network.refused(commander().executes(change), "E_NO_GO");
    network.granted(sre_lead().states(passed("preflight.alert_routing", StatementSubject::Stage(name("testnet")))));
    network.granted(commander().executes(change));
}

#[test]
fn nothing_is_promoted_while_an_audit_is_overdue_and_it_is_once_that_is_said() {
    let mut network = Founding::at("development").council(7).network();
    let build = network.release();
    let joining = network.joining("canary_witnesses", &[2]);
    let set = network.carried_out(sets(vec![joining]), "development");
    let change = network.submitted(commander().submits(promotes("testnet", build)));
    network.run_until(SOAK);
    network.agreed(change);
    network.epochs(3);
    assert_eq!((network.label(set), network.progress(set).state), (ChangeLabel::AuditOverdue, ChangeState::Active));
    let window: Timestamp = network.window_of("testnet");
    network.ready_at(change, window);
    let refusal = of_changes(network.refused(commander().executes(change), "E_OVERDUE"));
    let rollouts::Error::Overdue { change: overdue, check, .. } = &refusal else { panic!("{refusal}") };
    assert_eq!((*overdue, check.as_str()), (set, "close.audit"));
    network.answer_only(set, &["close.audit"]);
    let healed = network.block(SECOND, &[]);
    assert!(matches!(healed.brought().as_slice(), [rollouts::Event::Met { late: true, .. }]));
    network.granted(commander().executes(change));
}
