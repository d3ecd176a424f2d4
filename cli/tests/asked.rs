//! Which node is asked, and what is said when none answers.

mod contract;
mod served;

use contract::{Run, contract, contract_with};
use served::Served;
use std::path::Path;

/// An address at which nobody listens: a port that was free a moment ago.
fn nowhere() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A home whose configuration says this and nothing else.
fn home(configuration: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/config.toml"), configuration).unwrap();
    folder
}

fn status_of(home: &Path, variables: &[(&str, &str)]) -> Run {
    contract_with(&["status", "--home", home.to_str().unwrap()], variables)
}

#[test]
fn o48_the_node_that_is_asked_is_typed_else_set_else_that_of_the_home() {
    let served = Served::start(|_, _| ());
    let (url, elsewhere) = (served.url.as_str(), format!("http://{}", nowhere()));
    let listen = url.trim_start_matches("http://");
    let with_variable = contract_with(&["status"], &[("TB_RPC", url)]);
    assert_eq!(with_variable.code, 0, "{}", with_variable.stderr);
    let typed = contract_with(&["status", "--rpc", url], &[("TB_RPC", &elsewhere)]);
    assert_eq!(typed.code, 0, "what is typed goes first: {}", typed.stderr);
    let before = contract_with(&["--rpc", url, "status"], &[("TB_RPC", &elsewhere)]);
    assert_eq!(before.code, 0, "also before the command: {}", before.stderr);

    let home = home(&format!("[rpc]\nlisten = \"{listen}\"\n"));
    let of_home = status_of(home.path(), &[]);
    assert_eq!(of_home.code, 0, "{}", of_home.stderr);
    assert_eq!(status_of(home.path(), &[("TB_RPC", "")]).code, 0, "an empty variable names nothing");
    let set = status_of(home.path(), &[("TB_RPC", &elsewhere)]);
    assert_eq!(set.code, 1, "what is set goes before the home");
    assert!(set.stderr.contains(&elsewhere), "{}", set.stderr);
}

#[test]
fn o48_a_configuration_that_cannot_say_where_its_node_is_says_why() {
    let home = home("[rpc]\nlisten = \"nowhere\"\n");
    let run = status_of(home.path(), &[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("config.toml") && run.stderr.contains("rpc.listen"), "{}", run.stderr);
    let operated = contract(&["node", "health", "--home", home.path().to_str().unwrap()]);
    assert_eq!(operated.code, 1, "the socket needs no configuration: {}", operated.stderr);
    assert!(operated.stderr.contains("no node answers at the socket"), "{}", operated.stderr);
}

#[test]
fn o48_a_connection_that_fails_says_why() {
    // A label of more than 63 letters is no name of DNS, so the resolver of no machine asks anybody for it, or has an answer.
    let unnamed = format!("http://{}.invalid:26600", "a".repeat(64));
    let nobody = contract(&["status", "--rpc", &unnamed]);
    assert_eq!((nobody.code, nobody.stdout.as_str()), (1, ""));
    assert!(nobody.stderr.contains(&format!("the host of {unnamed} cannot be found")), "{}", nobody.stderr);
    assert!(nobody.stderr.contains("check its name"), "{}", nobody.stderr);

    let closed = contract(&["status", "--rpc", &format!("http://{}", nowhere())]);
    assert!(closed.stderr.contains(": connection refused; start one or pass --rpc"), "{}", closed.stderr);

    let served = Served::start(|_, _| ());
    let plain = contract(&["status", "--rpc", &served.url.replace("http:", "https:")]);
    assert_eq!(plain.code, 1, "{}", plain.stderr);
    assert!(plain.stderr.contains("speak TLS"), "{}", plain.stderr);
    for run in [nobody, closed, plain] {
        assert!(!run.stderr.contains("client error ("), "the cause is missing: {}", run.stderr);
    }
}

#[test]
fn o48_which_node_is_asked_stands_only_in_the_help_of_commands_that_ask_one() {
    let help = |command: &[&str]| contract(&[command, &["--help"]].concat()).stdout;
    let asking: [&[&str]; 7] = [
        &["status"],
        &["gov", "vote"],
        &["account", "transfer"],
        &["release", "attest"],
        &["release", "manifest"],
        &["rollout", "board"],
        &["roles", "list"],
    ];
    for command in asking {
        let said = help(command);
        assert!(said.contains("--rpc <URL>") && said.contains("TB_RPC"), "{command:?}: {said}");
    }
    let alone: [&[&str]; 7] = [
        &["keys", "list"],
        &["release", "hash"],
        &["release", "sign"],
        &["rollout", "lint"],
        &["probe"],
        &["completions"],
        &["man"],
    ];
    for command in alone {
        let said = help(command);
        assert!(said.contains("--json") && !said.contains("--rpc") && !said.contains("--home"), "{command:?}: {said}");
    }
    let operated = help(&["node", "health"]);
    assert!(operated.contains("--home") && !operated.contains("--rpc"), "{operated}");
    let taken = contract(&["keys", "list", "--rpc", "http://127.0.0.1:9", "--home", "."]);
    assert_eq!(taken.code, 0, "scripts pass it everywhere: {}", taken.stderr);
}
