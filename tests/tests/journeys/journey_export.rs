//! What is on record about a plan, as a tree of files: do tools that nobody here wrote read it, is it the same when nothing has happened
//! since, and what does whoever looks back on the quarter find?

use anyhow::{Context as _, ensure};
use primitives::{CaseId, Quarter, Timestamp};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};
use tests::explorer::repository;
use tests::network::QUICK;
use tests::votes::find;
use tests::{Contract, ExplorerProcess, Network, TestWallet, opened};

/// The plan that governs the network.
const PLAN: &str = "chain";
/// Why things are asked for here: it breaks a document that does not escape it.
const REASON: &str = "it is `odd` <b>too</b>";

/// Runs a program of others in a folder, and gives what it prints.
fn others(folder: &Path, program: &str, words: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(words).current_dir(folder).output();
    let output = output.with_context(|| format!("cannot run {program}; run scripts/setup.sh test"))?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{program} {words:?}: {said}");
    Ok(said)
}

/// The files of a folder, in the order of their names.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> anyhow::Result<Value> {
    serde_json::from_slice(&std::fs::read(file)?).with_context(|| file.display().to_string())
}

/// A gate is disabled and the council agrees to that, a playbook is tried, and a report becomes an incident.
async fn something_happens(network: &mut Network) -> anyhow::Result<u64> {
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let act = |network: &Network, member: &str, words: &[&str]| {
        contract.json(&[words, &["--reason", REASON, "--key", &network.council(member)]].concat())
    };
    let disabled = act(network, "release_commander", &["rollout", "disable", "pruning", "--cause", "SAFETY"])?;
    let emergency = find(&disabled, "id").and_then(Value::as_u64).context("no change is named")?;
    let poll = network.nodes[0].until("poll on the ratification", async |node| {
        let change = node.call("rollout.change", json!({ "id": emergency })).await.ok()?;
        let duties = change["duties"].as_array()?;
        duties.iter().find(|duty| duty["check"] == "ratify")?["poll"].as_u64()
    });
    let poll = poll.await?.to_string();
    for member in ["member0", "member1"] {
        act(network, member, &["gov", "vote", "--id", &poll, "--choice", "yes"])?;
    }
    let drill = ["rollout", "drill", "--plan", PLAN, "--playbook", "chain"];
    act(network, "sre_lead", &[&drill[..], &["--begin"]].concat())?;
    act(network, "sre_lead", &[&drill[..], &["--end", "--passed"]].concat())?;
    let (holder, sre) = (network.holder(0), network.council("sre_lead"));
    let calls =
        [(&holder, opened::report(PLAN, REASON)), (&sre, opened::incident(PLAN, "sre_lead", CaseId(1), REASON))];
    for (key, call) in calls {
        let status = TestWallet::open(key)?.send(&mut network.nodes[0], &call).await?;
        let included = status.get("included").unwrap_or(&status);
        ensure!(!included["fact"].is_null() && included["refusal"].is_null(), "{status}");
    }
    Ok(emergency)
}

/// What an export has, by folders.
fn has_the_records(out: &Path, emergency: u64) -> anyhow::Result<()> {
    let change = read(&out.join(format!("changes/{emergency:012}.json")))?;
    ensure!(change["asked"]["reason"] == REASON && change["effects"][0]["flag"]["flag"] == "pruning", "{change:#}");
    let ratify = change["duties"].as_array().into_iter().flatten().find(|duty| duty["check"] == "ratify");
    let poll = ratify.and_then(|duty| duty["poll"].as_u64()).context("no poll")?;
    let proposal = read(&out.join(format!("proposals/{poll:012}.json")))?;
    ensure!(proposal["change"] == emergency, "{proposal:#}");
    let votes = read(&out.join(format!("votes/{poll:012}.json")))?;
    let numbers: Vec<u64> = votes.as_array().into_iter().flatten().filter_map(|vote| vote["number"].as_u64()).collect();
    ensure!(numbers == [1, 2] && votes[0]["reason"] == REASON, "{votes:#}");
    let drill = read(&out.join("drills/chain.json"))?;
    ensure!(drill["words"].as_array().is_some_and(|words| words.len() == 2), "{drill:#}");
    ensure!(drill["drills"][0]["ended"]["outcome"] == "passed", "the explorer knows how it ended: {drill:#}");
    let incident = read(&out.join("incidents/000000000002.json"))?;
    ensure!(incident["plan"] == PLAN && !incident["body"].is_null(), "{incident:#}");
    Ok(())
}

/// `sha256sum` finds every file as it was written, `git` takes the tree, and in-toto's own package reads each statement.
fn others_read_it(out: &Path) -> anyhow::Result<()> {
    others(out, "sha256sum", &["--check", "--strict", "--quiet", "SHA256SUMS"])?;
    others(out, "git", &["init", "--quiet", "."])?;
    others(out, "git", &["add", "--all"])?;
    others(
        out,
        "git",
        &["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "--message", "x"],
    )?;
    others(out, "git", &["fsck", "--strict"])?;
    let evidence = files(&out.join("evidence"))?;
    ensure!(evidence.len() >= 2, "{evidence:?}");
    let script = repository().join("tests/fixtures/in_toto.py").display().to_string();
    let names: Vec<String> = evidence.iter().map(|file| file.display().to_string()).collect();
    let words: Vec<&str> = std::iter::once(script.as_str()).chain(names.iter().map(String::as_str)).collect();
    let said = others(out, &tests::binaries::python().display().to_string(), &words)?;
    ensure!(said.lines().count() == evidence.len() && said.lines().all(|line| line.ends_with(PLAN)), "{said}");
    Ok(())
}

/// The quarter that runs, by the command: every gate of the plan, also those that nobody moved.
fn looked_back_on(contract: &Contract, explorer: &ExplorerProcess, dir: &Path) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let quarter = Quarter::of(Timestamp(now.try_into()?)).context("no quarter")?.to_string();
    let words = ["rollout", "retrospective", "--plan", PLAN, "--quarter", &quarter, "--explorer", &explorer.url];
    let answer = contract.json(&words)?;
    let gates = answer["flags"].as_array().context("a list")?;
    ensure!(gates.len() > 1 && gates.iter().all(|gate| gate["spent"][0]["stage"] == "testnet"), "{answer:#}");
    ensure!(answer["incidents"][0]["id"] == 2 && answer["drills"][0]["domain"] == "chain", "{answer:#}");
    let printed = contract.run(&words)?;
    let printed = String::from_utf8(printed.stdout)?;
    for gate in gates {
        let key = gate["key"].as_str().context("a key")?;
        ensure!(printed.contains(&format!("### `{key}`")), "{key} is not in {printed}");
    }
    let file = dir.join("quarter.md").display().to_string();
    contract.json(&[&words[..], &["--out", &file]].concat())?;
    ensure!(std::fs::read_to_string(&file)?.starts_with("# Retrospective of `chain`"));
    let (code, said) = contract.refused(&[&words[..], &["--out", &file]].concat())?;
    ensure!(code == Some(1) && said.contains("name another file"), "{said}");
    let before = ["rollout", "retrospective", "--plan", PLAN, "--quarter", "1999Q4", "--explorer", &explorer.url];
    let (_, said) = contract.refused(&before)?;
    ensure!(said.contains("was not there in 1999-q4"), "{said}");
    Ok(())
}

#[tokio::test]
async fn req_038_the_records_of_a_plan_leave_as_a_tree_that_sha256sum_git_and_in_toto_read() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::governed(&dir.path().join("network"), 2, "testnet", QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let emergency = something_happens(&mut network).await?;
    let (rpc, db) = (network.nodes[0].rpc.clone(), dir.path().join("explorer.sqlite").display().to_string());
    let explorer = ExplorerProcess::start(&["--rpc", &rpc, "--db", &db], &dir.path().join("log"))?;
    explorer.reach(network.nodes[0].height().await?).await?;
    let contract = Contract::at(&rpc)?;
    let out = dir.path().join("records");
    let place = out.display().to_string();
    let export = ["rollout", "export", "--plan", PLAN, "--out", &place, "--explorer", &explorer.url];
    let told = contract.json(&export)?;
    ensure!(told["plan"] == PLAN && told["files"].as_u64().is_some_and(|files| files > 5), "{told}");
    has_the_records(&out, emergency)?;
    others_read_it(&out)?;

    // Blocks came since, and nothing else: not a byte is another one, and what git knows of the folder is still there.
    let height = network.nodes[0].height().await?;
    network.reach(height + 2).await?;
    contract.json(&export)?;
    let changed = others(&out, "git", &["status", "--porcelain"])?;
    ensure!(changed.is_empty(), "{changed}");

    std::fs::write(out.join("notes.txt"), "mine")?;
    let (code, said) = contract.refused(&export)?;
    ensure!(code == Some(2) && said.contains("notes.txt"), "{said}");
    looked_back_on(&contract, &explorer, dir.path())?;
    explorer.stop()
}
