//! What the plan of `config/profiles/chain.toml` asks at each stage, of whom, and by which question: what the requirements of a rollout
//! say, which nobody blesses.

use crate::files::Given;
use primitives::{Decimal, Fraction, Name, Span};
use rollouts::check::{AboutKind, Ask, Check, FleetProfile, Least, Refs, SoakSince};
use rollouts::plan::{ChangeKind, Missed, Plan, Stage};

const RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";
const COMMANDER: &str = "release_commander";
const SRE: &str = "sre_lead";
const STEWARD: &str = "security_steward";
const COUNCIL: &str = "governance_council";

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn chain() -> Plan {
    Given::chain().loaded().plan
}

fn stage<'p>(plan: &'p Plan, key: &str) -> &'p Stage {
    plan.stage(&name(key)).unwrap()
}

fn check<'p>(plan: &'p Plan, key: &str) -> &'p Check {
    plan.check(&name(key)).unwrap_or_else(|| panic!("there is no {key}"))
}

/// The keys of a list with who owns each, and the question.
fn asked<'p>(plan: &'p Plan, keys: impl IntoIterator<Item = &'p Name>) -> Vec<(&'p str, &'p str, &'static str)> {
    let of = |key: &'p Name| {
        let check = plan.check(key).unwrap();
        (key.as_str(), check.by.as_ref().unwrap().as_str(), <&'static str>::from(&check.ask))
    };
    keys.into_iter().map(of).collect()
}

/// The steps of a stage with what each needs.
fn steps(stage: &Stage) -> Vec<(&str, Vec<&str>)> {
    stage.steps.iter().map(|step| (step.key.as_str(), step.needs.iter().map(Name::as_str).collect())).collect()
}

/// The type of what a word rests on.
fn predicate<'p>(plan: &'p Plan, key: &str) -> Option<&'p str> {
    match &check(plan, key).ask {
        Ask::Word { predicate, .. } => predicate.as_ref().map(|predicate| predicate.as_str()),
        other => panic!("{key} asks for no word: {other:?}"),
    }
}

#[test]
fn req_039_before_every_stage_the_same_is_asked_each_of_whoever_answers_for_it() {
    let plan = chain();
    let promote = plan.procedure(ChangeKind::Promote, None).unwrap();
    let expected = [
        ("preflight.config_drift", SRE, "fleet"),
        ("preflight.binary", STEWARD, "build"),
        ("preflight.sbom", STEWARD, "build"),
        ("preflight.consensus_health", SRE, "word"),
        ("preflight.proof_latency", SRE, "word"),
        ("preflight.vrf_participation", SRE, "word"),
        ("preflight.network_churn", SRE, "word"),
        ("preflight.alert_routing", SRE, "word"),
        ("preflight.rollback_assets", SRE, "word"),
        ("preflight.recoverable", SRE, "recoverable"),
        ("preflight.drill", SRE, "drill"),
        ("preflight.no_incident", COMMANDER, "clear"),
        ("signoff.observability", SRE, "word"),
        ("signoff.provenance", STEWARD, "word"),
        ("signoff.commander", COMMANDER, "word"),
        ("council.promote", COUNCIL, "vote"),
    ];
    assert_eq!(asked(&plan, &promote.approve), expected);
    let blockers = plan.checks.iter().filter(|check| check.blocker).map(|check| check.key.as_str());
    assert_eq!(
        blockers.collect::<Vec<_>>(),
        [
            "preflight.config_drift",
            "preflight.binary",
            "preflight.sbom",
            "preflight.rollback_assets",
            "preflight.recoverable",
            "signoff.observability",
            "signoff.provenance",
            "testnet.soak",
            "canary.soak",
            "canary.observed",
            "mainnet.soak",
        ],
        "what nobody waives"
    );
}

#[test]
fn req_040_nodes_know_the_next_stage_and_have_its_bundle_and_the_build_is_that_which_was_tested() {
    let plan = chain();
    let Ask::Fleet { profile, share, fresh, bundle } = &check(&plan, "preflight.config_drift").ask else { panic!() };
    assert_eq!((*profile, *share), (FleetProfile::Target, Fraction::new(9, 10).unwrap()));
    assert!(*fresh && *bundle);
    let Ask::Build { provenance, commit_of, .. } = &check(&plan, "preflight.binary").ask else { panic!() };
    assert!(*provenance);
    assert_eq!(commit_of.as_slice(), [name("smoke.pipeline"), name("smoke.observability")]);
    let Ask::Build { sbom, .. } = &check(&plan, "preflight.sbom").ask else { panic!() };
    assert!(*sbom);
}

#[test]
fn req_044_dashboards_and_alerts_are_said_anew_each_day_and_held_against_the_stage_before() {
    let plan = chain();
    for key in ["consensus_health", "proof_latency", "vrf_participation", "network_churn", "alert_routing"] {
        let check = check(&plan, &format!("preflight.{key}"));
        assert_eq!(check.fresh, Some(Span::hours(24)), "{key}");
    }
    for (key, of) in [("consensus_health", "consensus_latency"), ("proof_latency", "proof_queue_depth")] {
        let Ask::Word { within, .. } = &check(&plan, &format!("preflight.{key}")).ask else { panic!("{key}") };
        let most: Decimal = "1.5".parse().unwrap();
        assert_eq!(*within, Some((name(&format!("baseline.{of}")), most)), "{key}");
    }
}

#[test]
fn req_047_development_asks_for_tests_nodes_and_telemetry_and_takes_its_measures() {
    let plan = chain();
    let development = stage(&plan, "development");
    let expected = [
        ("dev.ci_green", COMMANDER, "word"),
        ("dev.property_tests", COMMANDER, "word"),
        ("dev.provision", SRE, "word"),
        ("dev.telemetry", SRE, "word"),
    ];
    assert_eq!(asked(&plan, &development.readiness), expected);
    let baselines = ["baseline.consensus_latency", "baseline.proof_queue_depth", "baseline.vrf_participation"];
    let expected = [
        ("deploy", vec!["dev.deploy"]),
        ("smoke", vec!["smoke.pipeline", "smoke.observability"]),
        ("baseline", baselines.to_vec()),
    ];
    assert_eq!(steps(development), expected);
    for key in ["dev.ci_green", "dev.property_tests", "smoke.pipeline", "smoke.observability"] {
        assert_eq!(predicate(&plan, key), Some(RESULT), "{key} rests on a report of tests");
    }
}

#[test]
fn req_051_testnet_asks_for_a_soak_and_for_validators_and_looks_at_gossip_and_regressions() {
    let plan = chain();
    let testnet = stage(&plan, "testnet");
    let expected = [
        ("testnet.soak", COMMANDER, "soak"),
        ("testnet.acknowledged", COMMANDER, "chorus"),
        ("testnet.profile", COMMANDER, "fleet"),
    ];
    assert_eq!(asked(&plan, &testnet.readiness), expected);
    let Ask::Soak { stage, span, since, unless } = &check(&plan, "testnet.soak").ask else { panic!() };
    assert_eq!((stage.as_str(), *span, since), ("development", Span::hours(48), &SoakSince::Verified));
    assert_eq!(unless.as_slice(), [name("paging_alert")]);
    let Ask::Chorus { segment, least, .. } = &check(&plan, "testnet.acknowledged").ask else { panic!() };
    assert_eq!((segment.as_str(), *least), ("validators", Least::Share(Fraction::TWO_THIRDS)));
    let expected = [
        ("confirm", vec!["testnet.profile"]),
        ("deploy", vec!["testnet.deploy"]),
        ("gossip", vec!["testnet.gossip"]),
        ("regression", vec!["testnet.regression"]),
    ];
    assert_eq!(steps(testnet), expected);
    assert_eq!(predicate(&plan, "testnet.gossip"), Some("dashboard-snapshot"));
    assert_eq!(predicate(&plan, "testnet.regression"), Some(RESULT));
}

#[test]
fn req_054_canary_asks_every_node_of_its_cohort_and_is_left_after_three_epochs_of_rewards() {
    let plan = chain();
    let canary = stage(&plan, "canary");
    let expected = [
        ("canary.soak", COMMANDER, "soak"),
        ("canary.installed", SRE, "installed"),
        ("canary.dry_run", COMMANDER, "chorus"),
        ("canary.alert_rewards", SRE, "word"),
        ("canary.alert_witness", SRE, "word"),
    ];
    assert_eq!(asked(&plan, &canary.readiness), expected);
    let Ask::Soak { stage, span, unless, .. } = &check(&plan, "canary.soak").ask else { panic!() };
    assert_eq!((stage.as_str(), *span), ("testnet", Span::Epochs(10)));
    assert_eq!(unless.as_slice(), [name("emergency")]);
    let Ask::Installed { segment, stage } = &check(&plan, "canary.installed").ask else { panic!() };
    assert_eq!((segment.as_str(), *stage), ("canary_validators", releases::StageName::Booted));
    let Ask::Chorus { segment, least, .. } = &check(&plan, "canary.dry_run").ask else { panic!() };
    let all = Least::Share(Fraction::new(1, 1).unwrap());
    assert_eq!((segment.as_str(), *least), ("canary_validators", all));
    let expected =
        [("observe", vec!["canary.observed"]), ("relays", vec!["canary.relays_stable"]), ("witness_subset", vec![])];
    assert_eq!(steps(canary), expected);
    let Ask::Soak { stage, span, since, .. } = &check(&plan, "canary.observed").ask else { panic!() };
    assert_eq!((stage.as_str(), *span, since), ("canary", Span::Epochs(3), &on_rewards()));
    assert_eq!(asked(&plan, &canary.leave), [("canary.observed", COMMANDER, "soak")]);
}

fn on_rewards() -> SoakSince {
    SoakSince::On(name("timetoke_rewards"))
}

#[test]
fn req_057_mainnet_asks_every_validator_after_the_announcement_and_is_watched_for_a_day() {
    let plan = chain();
    let mainnet = stage(&plan, "mainnet");
    let expected = [
        ("mainnet.soak", COMMANDER, "soak"),
        ("mainnet.window_signed", COMMANDER, "chorus"),
        ("mainnet.hotfixes", COMMANDER, "word"),
    ];
    assert_eq!(asked(&plan, &mainnet.readiness), expected);
    let Ask::Soak { stage, span, since, unless } = &check(&plan, "mainnet.soak").ask else { panic!() };
    assert_eq!((stage.as_str(), *span, since), ("canary", Span::Epochs(7), &on_rewards()));
    assert_eq!(unless.as_slice(), [name("regression"), name("emergency")]);
    let Ask::Chorus { segment, least, after_announced } = &check(&plan, "mainnet.window_signed").ask else { panic!() };
    let all = Least::Share(Fraction::new(1, 1).unwrap());
    assert_eq!((segment.as_str(), *least, *after_announced), ("validators", all, true));
    assert_eq!(steps(mainnet), [("confirm", vec!["mainnet.profile"]), ("monitor", vec!["mainnet.monitored"])]);
    let watch = &check(&plan, "mainnet.monitored").ask;
    assert_eq!(*watch, Ask::Watch { about: AboutKind::Change, lasted: Span::hours(24) });
    assert!(mainnet.freezes && mainnet.thaws == Some(name("close.audit")));
}

#[test]
fn req_077_a_promotion_owes_its_audit_within_a_day_and_its_sections_the_fleet_and_what_it_is_brought_back_with() {
    let plan = chain();
    let promote = plan.procedure(ChangeKind::Promote, None).unwrap();
    let owed: Vec<_> = promote.close.iter().map(|duty| (duty.check.as_str(), duty.within)).collect();
    let timeless = ["close.release_checks", "close.fleet", "close.recovery"].map(|key| (key, None));
    assert_eq!(owed, [&[("close.audit", Some(Span::hours(24)))][..], &timeless].concat());
    assert_eq!(promote.close[0].missed, Missed::Block);
    assert!(promote.close[0].or_incident, "or an incident says what went wrong");
    assert_eq!(predicate(&plan, "close.audit"), Some("metrics"));
    let Ask::Word { refs, .. } = &check(&plan, "close.release_checks").ask else { panic!() };
    assert_eq!(*refs, Refs::ReleaseChecks);
    let Ask::Fleet { profile, share, fresh, bundle } = &check(&plan, "close.fleet").ask else { panic!() };
    assert_eq!((*profile, *share), (FleetProfile::Current, Fraction::new(9, 10).unwrap()));
    assert!(*fresh && *bundle);
    assert_eq!(check(&plan, "close.recovery").fresh, Some(Span::hours(24)));
}

#[test]
fn req_082_what_an_emergency_did_is_ratified_and_mitigated_within_a_day_and_held_when_it_is_not() {
    let plan = chain();
    for (kind, vote, then) in
        [(ChangeKind::Disable, "ratify", Missed::Hold), (ChangeKind::Freeze, "ratify", Missed::Restore)]
    {
        let procedure = plan.procedure(kind, None).unwrap();
        let duty = procedure.close.iter().find(|duty| duty.check.as_str() == vote).unwrap();
        assert_eq!((duty.within, duty.missed), (Some(Span::hours(24)), then), "{kind}");
    }
    let disable = plan.procedure(ChangeKind::Disable, None).unwrap();
    assert_eq!(disable.causes.as_slice(), [name("SAFETY"), name("LIVENESS")]);
    let owed = asked(&plan, disable.close.iter().map(|duty| &duty.check));
    assert_eq!(owed, [("ratify", COUNCIL, "vote"), ("mitigation", COUNCIL, "word")]);
}

#[test]
fn req_094_every_playbook_has_a_document_and_an_owner_and_the_two_that_bring_a_node_back_are_tried() {
    let plan = chain();
    let tried: Vec<&str> =
        plan.playbooks.iter().filter(|book| book.drill.is_some()).map(|book| book.domain.as_str()).collect();
    assert_eq!(tried, ["chain", "storage"]);
    assert!(plan.playbooks.iter().all(|book| book.owner.as_str() == SRE && !book.doc.path.as_str().is_empty()));
    let drill = plan.playbooks[0].drill.as_ref().unwrap();
    assert_eq!((drill.every, drill.window), (Span::days(90), Span::minutes(30)));
}
