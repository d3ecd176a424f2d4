//! What did governance approve? The same notes from a running node, from its store, and from an exported file.

use serde_json::Value;
use std::process::{Command, Output};
use tests::network::QUICK;
use tests::votes::{all_yes, approve, concluded, propose};
use tests::{Network, binaries};

fn run(arguments: &[&str]) -> anyhow::Result<Output> {
    Ok(Command::new(binaries::built("release_notes")?).args(arguments).env_remove("TB_GOV_DB_PATH").output()?)
}

/// The notes as JSON, without the place up to which they know the chain.
fn notes(arguments: &[&str]) -> anyhow::Result<Value> {
    let output = run(&[arguments, &["--json"]].concat())?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut notes: Value = serde_json::from_slice(&output.stdout)?;
    for name in ["height", "epoch"] {
        anyhow::ensure!(notes[name].take().is_u64(), "the notes leave out {name}");
    }
    Ok(notes)
}

fn lengths(notes: &Value) -> [usize; 4] {
    ["switches", "releases", "rosters", "retirements"].map(|name| notes[name].as_array().map_or(usize::MAX, Vec::len))
}

#[tokio::test]
async fn a_cycle_reads_the_same_from_a_node_a_store_and_a_file() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let hash = "5a".repeat(32);
    let words = ["--version", "2.0.0", "--transport-backend", "quic", "--storage-backend", "a|b`c"];
    let approved = approve(&mut network, &hash, &words).await?;
    let revoked = propose(&network, &["propose-revoke", "--hash", &hash, "--reason", "it never ran"]).await?;
    all_yes(&network, revoked)?;
    assert_eq!(concluded(&mut network.nodes[0], revoked).await?, "activated");

    let home = network.nodes[0].home.display().to_string();
    let store = network.nodes[0].home.join("governance_db").display().to_string();
    let rpc = network.nodes[0].rpc.clone();
    let file = dir.path().join("history.json").display().to_string();
    assert!(run(&["--state-dir", &home, "--export", &file])?.status.success());
    let sources = [["--state-dir", &home], ["--state-dir", &store], ["--rpc", &rpc], ["--history", &file]];
    let cycles: [&[&str]; 3] = [&[], &["--since-epoch", "1"], &["--since-proposal", &revoked.to_string()]];
    for (cycle, expected) in cycles.into_iter().zip([[2, 2, 1, 1], [2, 1, 0, 1], [0, 0, 0, 1]]) {
        let all = sources.iter().map(|source| notes(&[source, cycle].concat())).collect::<Result<Vec<_>, _>>()?;
        assert_eq!(lengths(&all[0]), expected, "{cycle:?}: {:#}", all[0]);
        assert!(all.iter().all(|other| *other == all[0]), "{cycle:?}: the sources differ: {all:#?}");
    }
    let switch = &notes(&["--rpc", &rpc])?["switches"][1];
    assert_eq!((&switch["component"], &switch["to"]), (&"storage".into(), &"a|b`c".into()), "{switch}");
    assert_eq!(switch["proposal_id"], approved, "{switch}");

    let markdown = String::from_utf8(run(&["--state-dir", &home])?.stdout)?;
    assert!(markdown.contains("- transport: unnamed to `quic` with release 2, epoch "), "{markdown}");
    assert!(markdown.contains("to ``a|b`c`` with") && markdown.contains(": `it never ran`"), "{markdown}");
    Ok(())
}

#[test]
fn notes_without_a_source_or_from_a_wrong_one_say_what_to_do() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let folder = dir.path().display().to_string();
    let cases: [(&[&str], i32, &str); 5] = [
        (&[], 2, "--state-dir"),
        (&["--rpc", "http://127.0.0.1:9", "--state-dir", &folder], 2, "cannot be used with"),
        (&["--state-dir", &folder], 1, "there is no store at"),
        (&["--history", &folder], 1, "--export FILE"),
        (&["--rpc", "http://127.0.0.1:9"], 1, "no node answers at http://127.0.0.1:9"),
    ];
    for (arguments, code, sentence) in cases {
        let output = run(arguments)?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(code) && said.contains(sentence),
            "{arguments:?}: {:?} {said}",
            output.status
        );
    }
    Ok(())
}
