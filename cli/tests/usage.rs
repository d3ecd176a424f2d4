//! What the command line refuses before anything is sent: exit code 2, and a sentence that says what to do.

mod contract;

use contract::{KEY, contract, key_file};

const HASH: &str = "abababababababababababababababababababababababababababababababab";

/// Runs the command, expects exit code 2 and nothing on standard output, and returns the message.
fn misused(arguments: &[&str]) -> String {
    let run = contract(arguments);
    assert_eq!(run.code, 2, "{arguments:?}: {}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "", "{arguments:?}");
    run.stderr
}

#[test]
fn every_signer_needs_its_signature() {
    let key = key_file(KEY);
    let path = key.path().to_str().unwrap();
    let message = misused(&["gov", "propose-release", "--hash", HASH, "--signer", HASH, "--key", path]);
    assert!(message.contains("1 --signer and 0 --signature; give each --signer its --signature"), "{message}");
    let signature = "00".repeat(64);
    let message = misused(&["gov", "propose-release", "--hash", HASH, "--signature", &signature, "--key", path]);
    assert!(message.contains("0 --signer and 1 --signature"), "{message}");
}

#[test]
fn hashes_and_keys_are_64_hex_digits() {
    let message = misused(&["gov", "release", &HASH[1..]]);
    assert!(message.contains("expected 64 hex digits, found 63"), "{message}");
    let message = misused(&["gov", "release", &HASH.replace("ba", "bg")]);
    assert!(message.contains("'g' is not a hex digit"), "{message}");
    let message = misused(&["release", "sign", "--hash", "0xabab", "--key", "k"]);
    assert!(message.contains("expected 64 hex digits, found 4"), "{message}");
    let message = misused(&["account", "transfer", "--to", "short", "--amount", "1", "--key", "k"]);
    assert!(message.contains("is not a hex digit"), "{message}");
    let message = misused(&["tx", "aabb"]);
    assert!(message.contains("expected 64 hex digits, found 4"), "{message}");
}

#[test]
fn a_signature_has_128_digits() {
    let message =
        misused(&["gov", "propose-release", "--hash", HASH, "--signer", HASH, "--signature", HASH, "--key", "k"]);
    assert!(message.contains("expected 128 hex digits, found 64"), "{message}");
}

#[test]
fn unknown_words_are_answered_with_the_known_ones() {
    let message = misused(&["gov", "vote", "--id", "1", "--choice", "maybe", "--key", "k"]);
    assert!(message.contains("yes, no, abstain"), "{message}");
    let message = misused(&["gov", "propose-release", "--hash", HASH, "--track", "fast", "--key", "k"]);
    assert!(message.contains("routine, expedited"), "{message}");
    let message = misused(&["gov", "propose-releas", "--hash", HASH]);
    assert!(message.contains("propose-release"), "{message}");
    assert!(misused(&[]).contains("Usage"), "the help is shown");
}

#[test]
fn what_a_command_needs_is_named() {
    assert!(misused(&["gov", "approve-release", "--key", "k"]).contains("--id"));
    assert!(misused(&["gov", "approve-release", "--id", "1"]).contains("--key"));
    assert!(misused(&["gov", "propose-release", "--key", "k"]).contains("--hash"));
    assert!(misused(&["account", "show"]).contains("ACCOUNT"));
    assert!(misused(&["send", "--key", "k"]).contains("--call <FILE>"));
    assert!(misused(&["propose", "--key", "k"]).contains("--motion <FILE>"));
    assert!(misused(&["gov", "proposals", "--page-size", "0"]).contains("page-size"));
}

#[test]
fn what_asks_for_a_change_says_what_and_why() {
    let set = |more: &[&str]| misused(&[&["rollout", "set", "--reason", "r", "--key", "k"], more].concat());
    assert!(set(&["pruning"]).contains("--variant <VARIANT>"), "what becomes of it");
    assert!(set(&["--variant", "on"]).contains("<FLAG>"), "of what");
    assert!(set(&["pruning", "--variant", "on", "--unset"]).contains("cannot be used with"));
    assert!(set(&["--segment", "canary_validators"]).contains("--add"));
    assert!(set(&["pruning", "--unset", "--add", HASH]).contains("cannot be used with"));
    assert!(misused(&["rollout", "promote", "--to", "canary", "--reason", "r", "--key", "k"]).contains("--class"));
    assert!(misused(&["rollout", "disable", "pruning", "--reason", "r", "--key", "k"]).contains("--cause"));
    assert!(misused(&["rollout", "close", "--key", "k"]).contains("--change <CHANGE>"));
    assert!(misused(&["rollout", "simulate"]).contains("--call <FILE>"));
    let window =
        ["rollout", "announce", "--change", "1", "--text", "t", "--key", "k", "--until", "2026-12-01T08:00:00Z"];
    let message = misused(&[&window[..], &["--from", "tomorrow"]].concat());
    assert!(message.contains("\"tomorrow\" is no time; write one in UTC such as"), "{message}");
}

#[test]
fn what_goes_back_on_and_forth_says_where_and_what_is_open_is_told_whole() {
    let key = ["--reason", "r", "--key", "k"];
    let asked = |words: &[&str]| misused(&[words, &key].concat());
    assert!(asked(&["rollout", "rollback", "--stage", "PROD"]).contains("--source <SOURCE>"));
    let phase = asked(&["rollout", "phase", "--phase", "5.x", "--to", "done"]);
    assert!(phase.contains("planned, open, frozen, locked"), "{phase}");
    assert!(asked(&["rollout", "drill", "--playbook", "server"]).contains("--begin"));
    assert!(asked(&["flags", "edit", "checkout"]).contains("unexpected argument '--reason'"));
    assert!(misused(&["flags", "edit", "checkout", "--key", "k"]).contains("--owner <ROLE>"));
    assert!(asked(&["flags", "segment", "testers"]).contains("--add"));
    let case = ["--case", "2", "--key", "k"];
    let told = |words: &[&str]| misused(&[words, &case].concat());
    assert!(told(&["incident", "respond"]).contains("--lock"));
    let resolve = ["incident", "resolve", "--recovery", "r", "--root-cause", "c", "--verification", HASH];
    let published = told(&[&resolve[..], &["--public-report", "https://status.example/2"]].concat());
    assert!(published.contains("--report-digest <HEX>"), "{published}");
    let worst = told(&["incident", "classify", "--severity", "worst", "--module", "m"]);
    assert!(worst.contains("info, warn, critical"), "{worst}");
    let register =
        ["rollout", "artifact", "register", "--name", "a-1", "--digest", HASH, "--meta", "target", "--key", "k"];
    assert!(misused(&register).contains("such as target=PROD"));
}

#[test]
fn what_is_stated_has_a_subject_and_one_outcome() {
    let attest = |more: &[&str]| misused(&[&["rollout", "attest", "--check", "audit", "--key", "k"], more].concat());
    assert!(attest(&["--passed"]).contains("--about"));
    assert!(attest(&["--about", "change:7", "--passed", "--failed"]).contains("cannot be used with"));
    assert!(attest(&["--about", "build:7", "--passed"]).contains("change:ID"));
    assert!(attest(&["--about", "change:7", "--waived"]).contains("--expires"));
    let both = ["--about", "plan", "--passed", "--statement", "f", "--digest", HASH];
    assert!(attest(&both).contains("cannot be used with"));
}

#[test]
fn a_page_of_the_release_history_has_1_to_100_entries() {
    for size in ["0", "101"] {
        let message = misused(&["explorer", "release-history", "--page-size", size]);
        assert!(message.contains(size) && message.contains("1..=100"), "{message}");
    }
    let message = misused(&["explorer", "release-history", "--proposer", &HASH[1..]]);
    assert!(message.contains("expected 64 hex digits, found 63"), "{message}");
}

#[test]
fn a_reason_has_a_bound() {
    let message = misused(&["gov", "vote", "--id", "1", "--choice", "no", "--reason", &"x".repeat(1025), "--key", "k"]);
    assert!(message.contains("1025 bytes; at most 1024"), "{message}");
    for vote in [["vote", "--id", "1", "--choice", "no"].as_slice(), &["propose-cancel", "--id", "1"]] {
        let message = misused(&[&["gov"][..], vote, &["--reason", " \t", "--key", "k"]].concat());
        assert!(message.contains("the reason is blank, and everybody reads it"), "{message}");
    }
}

#[test]
fn a_key_file_that_cannot_be_used_is_a_mistake_in_the_configuration() {
    let vote = |key: &str| misused(&["gov", "approve-release", "--id", "1", "--key", key]);
    assert!(vote("/nonexistent/k").contains("contract keys generate"));
    let open = key_file(KEY);
    contract::set_mode(&open, 0o644);
    assert!(vote(open.path().to_str().unwrap()).contains("chmod 600"));
    assert!(vote(key_file("nonsense").path().to_str().unwrap()).contains("PKCS#8"));
}

#[test]
fn o45_nobody_is_told_to_change_the_mode_of_what_is_no_key_file() {
    let (passwd, key) = (key_file("root:x:0:0"), key_file(KEY));
    let key = key.path().to_str().unwrap();
    contract::set_mode(&passwd, 0o644);
    for path in ["/etc", "/", passwd.path().to_str().unwrap()] {
        let message = misused(&["gov", "approve-release", "--id", "1", "--key", path]);
        assert!(message.contains(path) && !message.contains("chmod"), "{message}");
    }
    let message = misused(&["keys", "encrypt", key, "--passphrase-file", "/etc"]);
    assert!(message.contains("/etc") && !message.contains("chmod"), "{message}");
    let home = key_file("a file");
    let home = home.path().to_str().unwrap();
    let message = misused(&["gov", "propose-release", "--hash", HASH, "--key", key, "--home", home]);
    assert!(message.contains(home), "{message}");
    assert!(!message.contains("TB_RELEASE_SIGNERS_FILE"), "no variable is set: {message}");
}

#[test]
fn a_node_address_and_a_log_level_are_checked() {
    assert!(misused(&["status", "--rpc", "nonsense"]).contains("--rpc"));
    assert!(misused(&["status", "--rpc", "ftp://127.0.0.1"]).contains("--rpc"));
    assert!(misused(&["status", "--log", "=noise="]).contains("--log"));
}

#[test]
fn with_json_errors_are_an_object_on_standard_error() {
    for arguments in [&["gov", "release", "abab", "--json"][..], &["--json", "account", "show"], &["--json"]] {
        let run = contract(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("one JSON object");
        assert_eq!(error["error"]["code"], 2);
        assert!(error["error"]["message"].as_str().unwrap().len() > 10);
        assert!(error["error"].get("data").is_some());
    }
}

#[test]
fn a_node_that_does_not_answer_is_a_failure_and_says_what_to_do() {
    // A port that was free a moment ago, so that nobody listens on it.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let run = contract(&["status", "--rpc", &format!("http://127.0.0.1:{port}")]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    assert!(run.stderr.contains("--rpc") && run.stderr.contains(&port.to_string()), "{}", run.stderr);
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let run = contract(&["--help"]);
    assert_eq!(run.code, 0);
    for word in [
        "keys",
        "release",
        "gov",
        "explorer",
        "account",
        "node",
        "staking",
        "rewards",
        "witness",
        "rollout",
        "roles",
        "send",
        "propose",
        "status",
        "tx",
        "probe",
        "completions",
        "man",
        "--rpc",
        "--json",
        "--log",
        "Exit codes",
    ] {
        assert!(run.stdout.contains(word), "{word} is missing in {}", run.stdout);
    }
    let gov = contract(&["gov", "--help"]).stdout;
    for word in [
        "propose-release",
        "approve-release",
        "vote",
        "withdraw",
        "proposals",
        "proposal",
        "signers",
        "releases",
        "params",
    ] {
        assert!(gov.contains(word), "{word} is missing in {gov}");
    }
}

#[test]
fn trusted_signers_are_asked_before_anything_is_sent() {
    let (key, trusted) = (key_file(KEY), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let propose = ["gov", "propose-release", "--hash", HASH, "--key", key.path().to_str().unwrap()];
    let run = contract::contract_with(&propose, &[("TB_RELEASE_SIGNERS", trusted)]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains(trusted) && run.stderr.contains("this operator requires"), "{}", run.stderr);
    let run = contract::contract_with(&propose, &[("TB_RELEASE_SIGNERS", "abab")]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("TB_RELEASE_SIGNERS line 1"), "{}", run.stderr);
}

#[test]
fn a_variable_that_is_empty_is_not_set() {
    let variables = [
        "TB_RELEASE_SIGNERS",
        "TB_RELEASE_SIGNERS_FILE",
        "TB_KEY_PASSPHRASE",
        "TB_RELEASE_SOURCE_URL",
        "TB_RPC",
        "TB_KEY",
    ];
    let key = key_file(KEY);
    let propose = ["gov", "propose-release", "--hash", HASH, "--key", key.path().to_str().unwrap()];
    let unset = contract(&propose);
    for variable in variables {
        let run = contract::contract_with(&propose, &[(variable, "")]);
        assert_eq!((run.code, run.stderr), (unset.code, unset.stderr.clone()), "{variable}");
    }
    let nothing_named = ["keys", "show"];
    let (run, unset) = (contract::contract_with(&nothing_named, &[("TB_KEY", "")]), contract(&nothing_named));
    assert_eq!(run.code, unset.code);
    assert!(run.stderr.contains("<FILE>") && unset.stderr.contains("<FILE>"), "{}", run.stderr);
    let run = contract::contract_with(&propose, &[("TB_RELEASE_SIGNERS", " ,")]);
    assert_eq!(run.code, 2, "one that says something, and no key: {}", run.stderr);
}

#[test]
fn o49_a_number_that_is_none_is_told_with_an_example() {
    let key = key_file(KEY);
    let key = key.path().to_str().unwrap();
    let numbers: [&[&str]; 8] = [
        &["gov", "vote", "--choice", "yes", "--key", key, "--id"],
        &["gov", "proposal"],
        &["gov", "ticket", "--hash", HASH, "--out", "t", "--from"],
        &["gov", "proposals", "--page"],
        &["gov", "proposals", "--page-size"],
        &["gov", "propose-minimum", "--reason", "r", "--key", key, "--sequence"],
        &["gov", "propose-release", "--hash", HASH, "--key", key, "--threshold"],
        &["gov", "propose-release", "--hash", HASH, "--key", key, "--deadline"],
    ];
    for typed in numbers {
        for bad in ["-1", "-1.5", "1.5", "x"] {
            let message = misused(&[typed, &[bad]].concat());
            let expected = format!("{bad:?} is not a whole number; write one such as 25");
            assert!(message.contains(&expected), "{typed:?}: {message}");
        }
    }
    for bad in ["-1", "1.5", "1,5"] {
        let message = misused(&["account", "transfer", "--to", HASH, "--key", key, "--amount", bad]);
        assert!(message.contains("tokens are not divided") && message.contains("such as 1500"), "{message}");
    }
    for command in [&["release", "manifest"][..], &["release", "sign", "--key", key]] {
        let message = misused(&[command, &["--hash", HASH, "--platform", "amiga"]].concat());
        assert!(message.contains("\"amiga\" is no platform") && message.contains("x86_64-linux"), "{message}");
    }
}
