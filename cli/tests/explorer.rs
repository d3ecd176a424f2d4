//! `contract explorer`: the same rows from a node, from its store, and as `contract gov releases` has them.

mod contract;
mod served;

use contract::contract;
use primitives::BuildHash;
use runtime::testing::{genesis, validator};
use serde_json::Value;
use served::Served;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use store::db::{Access, Settings, Store};
use tempfile::TempDir;

const HASH: BuildHash = BuildHash([0xcd; 32]);

/// For people, and for scripts.
const FORMS: [&[&str]; 2] = [&[], &["--json"]];

/// A node at genesis.
fn node() -> Served {
    Served::start(|_, _| ())
}

/// What a command prints about a node.
fn tell(node: &Served, arguments: &[&str]) -> String {
    told(&[arguments, &["--rpc", &node.url]].concat())
}

/// Runs, expects success, and returns what was printed.
fn told(arguments: &[&str]) -> String {
    let run = contract(arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    run.stdout
}

/// A home whose store holds the chain at genesis.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path().join("governance_db"), Access::Primary, Settings::default()).unwrap();
    store.commit_genesis(&genesis()).unwrap();
    home
}

#[test]
fn the_history_of_a_node_is_the_list_of_its_releases() {
    let node = node();
    node.approve(HASH);
    let proposer = validator(0).account().to_string().to_uppercase();
    let nobody = validator(1).account().to_string();
    let filters: [(&[&str], u64); 6] = [
        (&[], 2),
        (&["--proposer", &proposer], 1),
        (&["--proposer", &nobody], 0),
        (&["--start-epoch", "2", "--end-epoch", "2"], 1),
        (&["--end-epoch", "1"], 1),
        (&["--page", "1", "--page-size", "1"], 2),
    ];
    for (filter, total) in filters {
        for form in FORMS {
            let asked = |command: &[&str]| tell(&node, &[command, filter, form].concat());
            assert_eq!(asked(&["explorer", "release-history"]), asked(&["gov", "releases"]), "{filter:?} {form:?}");
        }
        let answer = tell(&node, &[&["explorer", "release-history", "--json"], filter].concat());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["total"], total, "{filter:?}");
    }
}

#[test]
fn a_store_and_its_home_tell_what_the_node_tells() {
    let (node, home) = (node(), home());
    let store = home.path().join("governance_db");
    for folder in [home.path(), &store] {
        for form in FORMS {
            let read = ["explorer", "release-history", "--state", folder.to_str().unwrap()];
            assert_eq!(told(&[&read, form].concat()), tell(&node, &[&["gov", "releases"], form].concat()));
        }
    }
    let beyond = ["explorer", "release-history", "--start-epoch", "1", "--state", store.to_str().unwrap()];
    assert_eq!(told(&beyond), tell(&node, &["gov", "releases", "--start-epoch", "1"]));
}

#[test]
fn a_folder_without_a_store_is_a_failure_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let run = contract(&["explorer", "release-history", "--state", path]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let said =
        format!("error: there is no store at {path}; check the home directory, or start the node once to create it\n");
    assert_eq!(run.stderr, said);
}

/// An explorer that answers one question with a body; what it was asked.
fn answering(kind: &str, body: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        first
    });
    (url, asked)
}

#[test]
fn req_158_release_notes_of_a_milestone_are_printed_as_an_explorer_has_them() {
    let (url, asked) = answering("text/markdown", "# Release notes of `shop`, `autumn`\n");
    let notes = ["rollout", "notes", "--plan", "shop", "--milestone", "autumn", "--explorer"];
    let printed = contract(&[&notes[..], &[url.as_str()]].concat());
    assert_eq!(
        (printed.code, printed.stdout.as_str()),
        (0, "# Release notes of `shop`, `autumn`\n"),
        "{}",
        printed.stderr
    );
    assert_eq!(asked.join().unwrap(), "GET /notes/shop/markdown?milestone=autumn HTTP/1.1");
    let (url, asked) = answering("application/json", r#"{"plan":"shop"}"#);
    let json = contract(&[&notes[..], &[url.as_str(), "--json"]].concat());
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &answer["plan"]), (0, &Value::from("shop")));
    assert_eq!(asked.join().unwrap(), "GET /notes/shop?milestone=autumn HTTP/1.1");
    assert_eq!(contract(&[&notes[..], &["https://h"]].concat()).code, 2, "only http is spoken");
    assert_eq!(contract(&notes[..6]).code, 2, "no explorer is named");
}

#[test]
fn a05_whom_a_node_denied_flags_leaves_its_home_as_lines_that_hang_together() {
    let home = tempfile::tempdir().unwrap();
    let (path, out) = (home.path().join("web/access.log"), home.path().join("denied.jsonl"));
    let (named, file) = (home.path().to_str().unwrap(), out.to_str().unwrap());
    let export = ["audit", "export", "--node", "--home", named];
    let none = contract(&export);
    assert!(none.code == 1 && none.stderr.contains("access.log"), "{}", none.stderr);
    let first = format!("{{\"prev\":\"{}\",\"at\":1,\"more_denied\":1}}", "0".repeat(64));
    let second = format!("{{\"prev\":\"{}\",\"at\":2,\"more_denied\":3}}", blake3::hash(first.as_bytes()).to_hex());
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("{first}\n{second}\n")).unwrap();
    let printed = contract(&export);
    assert_eq!((printed.code, printed.stdout), (0, format!("{first}\n{second}\n")), "{}", printed.stderr);
    let saved = contract(&[&export[..], &["--out", file]].concat());
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), format!("{first}\n{second}\n"));
    std::fs::remove_file(&out).unwrap();
    std::fs::write(&path, format!("{}\n{second}\n", first.replace("1}", "9}"))).unwrap();
    let changed = contract(&[&export[..], &["--out", file]].concat());
    assert!(changed.code == 1 && changed.stderr.contains("line 2 of "), "{}", changed.stderr);
    assert!(!out.exists(), "what is not whole is not left behind");
    for misused in [&["audit", "export"][..], &["audit", "export", "--node", "--plan", "pos"]] {
        assert_eq!(contract(misused).code, 2, "{misused:?}");
    }
}
