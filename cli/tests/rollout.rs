//! What is said of a profile, before a chain is told.

mod contract;

use contract::contract;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const CHAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/profiles/chain.toml");

#[test]
fn a_profile_without_mistakes_is_told_with_its_hashes() {
    let bundle = std::fs::read(format!("{ROOT}/config/defaults/mainnet.toml")).unwrap();
    let run = contract(&["rollout", "lint", CHAIN, "--root", ROOT]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let hash = blake3::hash(&bundle).to_hex().to_string();
    assert!(
        run.stdout.contains(&hash) && run.stdout.contains("development, testnet, canary, mainnet"),
        "{}",
        run.stdout
    );
    let run = contract(&["rollout", "lint", CHAIN, "--root", ROOT, "--json"]);
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(said["plan"] == "chain" && said["bundle"] == hash.as_str(), "{said}");
    assert_eq!(said["mistakes"], Value::Array(Vec::new()));
    assert_eq!(said["references"].as_array().map(Vec::len), Some(11), "{said}");
}

#[test]
fn a_profile_that_holds_its_bundle_is_told_with_its_one_hash() {
    for (name, stages) in [("pos", "DEV, STAGING, PROD"), ("trunk", "local, staging, canary, ga")] {
        let file = format!("{ROOT}/config/profiles/{name}.toml");
        let hash = blake3::hash(&std::fs::read(&file).unwrap()).to_hex().to_string();
        let run = contract(&["rollout", "lint", &file, "--root", ROOT]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        assert!(run.stdout.contains(&hash) && run.stdout.contains(stages), "{}", run.stdout);
    }
}

#[test]
fn every_mistake_is_listed_and_the_exit_code_is_1() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profile.toml");
    let text = std::fs::read_to_string(CHAIN).unwrap();
    let text = text.replace("monotonic = true", "monotone = true").replace("hold_at_most", "hold_at_least");
    std::fs::write(&file, text.replace("../defaults/", &format!("{ROOT}/config/defaults/"))).unwrap();
    let file = file.to_str().unwrap();
    let run = contract(&["rollout", "lint", file, "--root", ROOT]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{}", run.stdout);
    for sentence in [
        "policy.monotone is not a known key; did you mean policy.monotonic?",
        "policy.monotonic is left out, and it has no default",
        "policy.hold_at_least is not a known key; did you mean policy.hold_at_most?",
        "policy.hold_at_most is left out, and it has no default",
    ] {
        assert!(run.stdout.contains(sentence), "{sentence}: {}", run.stdout);
    }
    let run = contract(&["rollout", "lint", file, "--root", ROOT, "--json"]);
    let said: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, said["mistakes"].as_array().map(Vec::len)), (1, Some(4)), "{said}");
    assert_eq!(said["mistakes"][0]["kind"], "left_out");
}

#[test]
fn a_missing_section_is_an_anchor_that_is_told_and_a_missing_profile_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    let run = contract(&["rollout", "lint", CHAIN, "--root", folder.path().to_str().unwrap()]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("E_ANCHOR: ") && run.stdout.contains("staged_rollout.md cannot be read"),
        "{}",
        run.stdout
    );
    let run = contract(&["rollout", "lint", "nowhere.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nowhere.toml cannot be read"), "{}", run.stderr);
}

#[test]
fn the_page_of_a_profile_is_the_one_in_the_documents() {
    let run = contract(&["rollout", "plan", "--file", CHAIN, "--root", ROOT, "--markdown"]);
    let page = std::fs::read_to_string(format!("{ROOT}/docs/rollout_plan.md")).unwrap();
    assert_eq!((run.code, run.stdout), (0, page));
}
