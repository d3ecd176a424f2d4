//! Incidents, risks, holds and flags, typed against a node with the real rules.

use crate::Network;
use crate::contract::Run;
use serde_json::Value;

const HASH: &str = "abababababababababababababababababababababababababababababababab";

/// Runs something that is granted, and gives what it printed.
fn done(network: &Network, arguments: &[&str]) -> String {
    let run = network.run(arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    run.stdout
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn an_incident_is_seen_to_step_by_step_in_the_role_that_may() {
    let network = Network::start();
    done(&network, &["incident", "report", "--observation", "blocks are slow"]);
    let detect = ["incident", "detect", "--observation", "blocks are slow", "--impact", "no votes", "--report", "1"];
    let both = network.run(&detect);
    assert!(both.code == 2 && both.stderr.contains("--as"), "three roles may: {}", both.stderr);
    let sre = |arguments: &[&str]| done(&network, &[arguments, &["--as", "sre_lead"]].concat());
    sre(&detect);
    let wrong = network.run(&[
        "incident",
        "classify",
        "--case",
        "1",
        "--severity",
        "warn",
        "--module",
        "m",
        "--as",
        "sre_lead",
    ]);
    assert!(wrong.code == 1 && wrong.stderr.contains("error: E_CASE: case 1 is of kind report"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("\nnext: list them with `contract incident list`"), "{}", wrong.stderr);
    sre(&["incident", "classify", "--case", "2", "--severity", "CRITICAL", "--module", "consensus"]);
    sre(&["incident", "respond", "--case", "2", "--lock"]);
    let shown = network.ask(&["incident", "show", "2"]);
    assert!(shown.stdout.contains("CRITICAL") && shown.stdout.contains("Resolve it."), "{}", shown.stdout);
    let resolve = ["incident", "resolve", "--case", "2", "--recovery", "restarted", "--root-cause", "a full disk"];
    let public = ["--verification", HASH, "--public-report", "https://status.example/2", "--report-digest", HASH];
    sre(&[&resolve[..], &public].concat());
    let list = json(&network.ask(&["incident", "list", "--state", "resolved", "--json"]));
    assert_eq!((&list["total"], &list["entries"][0]["id"]), (&Value::from(1), &Value::from(2)));
    let reports = json(&network.ask(&["incident", "list", "--reports", "--json"]));
    assert_eq!(reports["entries"][0]["step"], "taken");
    let unknown = network.ask(&["incident", "show", "9"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("there is no case 9"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("\nnext: list them with `contract incident list`"), "{}", unknown.stderr);
}

#[test]
fn a_risk_is_accepted_until_it_is_looked_at_again() {
    let network = Network::start();
    done(&network, &["risk", "open", "--severity", "warn", "--text", "one cloud", "--owner", "sre_lead"]);
    let early = network.run(&["risk", "close", "--case", "1", "--reason", "gone"]);
    assert!(early.code == 1 && early.stderr.contains("error: E_CASE_STEP: "), "{}", early.stderr);
    assert!(early.stderr.contains("`contract risk show`"), "{}", early.stderr);
    done(&network, &["risk", "mitigate", "--case", "1", "--mitigation", "two moved"]);
    done(&network, &["risk", "accept", "--case", "1", "--review", "2024-01-01T00:00:00Z", "--reason", "enough"]);
    let shown = network.ask(&["risk", "show", "1"]);
    assert!(shown.stdout.contains("2024-01-01") && shown.stdout.contains("two moved"), "{}", shown.stdout);
    done(&network, &["risk", "close", "--case", "1", "--reason", "gone"]);
    assert_eq!(json(&network.ask(&["risk", "list", "--state", "open", "--json"]))["total"], 0);
}

#[test]
fn a_long_hold_waits_for_another_member_and_its_own_does_not_count() {
    let network = Network::start();
    let place = ["hold", "place", "--from", "0", "--until", "2024-01-13T00:00:00Z", "--reason", "a court asks"];
    let tried = network.run(&[&place[..], &["--as", "sre_lead", "--dry-run"]].concat());
    assert!(tried.code == 0 && tried.stdout.contains("It would be granted."), "{}{}", tried.stdout, tried.stderr);
    done(&network, &[&place[..], &["--as", "sre_lead"]].concat());
    let shown = network.ask(&["hold", "show", "1"]);
    assert!(shown.stdout.contains("for another to confirm it"), "{}", shown.stdout);
    let own = network.run(&["hold", "confirm", "--case", "1", "--reason", "it does", "--as", "security_steward"]);
    assert!(
        own.code == 1 && own.stderr.contains("error: E_HOLD: hold 1 was asked for by this account"),
        "{}",
        own.stderr
    );
    assert!(own.stderr.contains("\nnext: have another member run `contract hold confirm`"), "{}", own.stderr);
    done(&network, &["hold", "release", "--case", "1", "--reason", "settled", "--as", "security_steward"]);
    assert_eq!(json(&network.ask(&["hold", "list", "--json"]))["entries"][0]["step"], "released");
}

#[test]
fn flags_are_read_and_moved_as_changes_do_it() {
    let network = Network::start();
    let list = network.ask(&["flags", "list"]);
    assert!(list.code == 0 && list.stdout.contains("witness_network"), "{}{}", list.stdout, list.stderr);
    let served = json(&network.ask(&["flags", "evaluate", "pruning", "--attribute", "load=0.5", "--json"]));
    assert_eq!((&served["key"], &served["variant"]), (&Value::from("pruning"), &Value::from("on")));
    let unknown = network.ask(&["flags", "flag", "nope"]);
    assert!(
        unknown.code == 1 && unknown.stderr.contains("\nnext: list them with `contract flags list`"),
        "{}",
        unknown.stderr
    );

    let disable = ["flags", "disable", "pruning", "--cause", "SAFETY", "--reason", "nodes forget too much"];
    done(&network, &disable);
    let terms = ["--as", "release_commander", "--reason", "it is mended", "--dry-run"];
    let (short, long) = (["flags", "enable", "pruning"], ["rollout", "set", "pruning", "--enable"]);
    let [short, long] = [&short[..], &long[..]].map(|asked| network.run(&[asked, &terms].concat()));
    assert_eq!((short.code, &short.stdout, &short.stderr), (long.code, &long.stdout, &long.stderr), "the same change");
    let shown = network.ask(&["flags", "flag", "pruning"]);
    assert!(shown.stdout.contains("DISABLED"), "{}", shown.stdout);
    let gate = network.run(&["flags", "retire", "pruning"]);
    assert!(gate.code == 1 && gate.stderr.contains("flag is granted to no role"), "nobody may: {}", gate.stderr);
}

#[test]
fn phases_playbooks_and_artifacts_are_read_where_a_plan_has_them() {
    let network = Network::start();
    assert!(network.ask(&["rollout", "playbooks"]).stdout.contains("chain-testnet"));
    assert!(network.ask(&["rollout", "phases"]).stdout.contains("The plan has no phases."));
    assert!(network.ask(&["rollout", "artifact", "list"]).stdout.contains("No artifacts."));
    let register = ["rollout", "artifact", "register", "--name", "chain-1", "--digest", HASH, "--as", "sre_lead"];
    let refused = network.run(&register);
    assert!(refused.code == 1 && refused.stderr.contains("error: E_PLAN: "), "{}", refused.stderr);
    assert!(refused.stderr.contains("\nnext: list the plans with `contract rollout plans`"), "{}", refused.stderr);
    done(&network, &["rollout", "drill", "--playbook", "chain", "--begin"]);
    let said = json(&network.ask(&["rollout", "statements", "--check", "drill.chain.began", "--json"]));
    assert_eq!(said["entries"][0]["actor"]["role"], "sre_lead");
}
