//! The explorer's pages in a real browser, of a network that a plan governs: with data, empty, with what strangers write, live, and
//! without scripts; and axe finds nothing in them that keeps somebody out.
//!
//! `tests/browser/pages.mjs` drives Chromium; screenshots stay in `explorer-pages` of the target folder.

use anyhow::{Context as _, ensure};
use primitives::{CaseId, ChangeId, Timestamp};
use runtime::Call;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tests::explorer::repository;
use tests::http::get_with;
use tests::network::QUICK;
use tests::votes::{all_hold, all_yes, attested, concluded, described, find, propose_signed};
use tests::{Contract, ExplorerProcess, Network, TestWallet, opened};

/// What breaks a page that does not escape it.
const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u{202e}RTL";

/// The plan that governs the network.
const PLAN: &str = "chain";

/// Where screenshots are kept: beside the executables, so that they can be looked at afterwards.
fn screenshots(name: &str) -> anyhow::Result<PathBuf> {
    let built = tests::binaries::built("the-block-explorer")?;
    let folder = built.parent().and_then(Path::parent).context("no target folder")?.join("explorer-pages").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn browser(explorer: &ExplorerProcess, scenario: &str, given: &Value) -> anyhow::Result<Child> {
    Command::new("node")
        .arg(repository().join("tests/browser/pages.mjs"))
        .arg(&explorer.url)
        .arg(screenshots(scenario)?)
        .args([scenario, &given.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run node; run scripts/setup.sh test")
}

fn passes(explorer: &ExplorerProcess, scenario: &str, given: &Value) -> anyhow::Result<()> {
    let output = browser(explorer, scenario, given)?.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{scenario}: {said}{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_str(said.lines().last().unwrap_or_default())?;
    let shots = report["screenshots"].as_array().context("no screenshots")?;
    ensure!(report["ok"] == true && !shots.is_empty(), "{report}");
    Ok(())
}

/// As a user who reloads: pages that were looked at when there was nothing are kept for fifteen seconds otherwise.
fn reloaded(explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let lists = ["/releases", "/proposals", "/rollouts", "/changes", "/signers", "/validators", "/blocks", "/audit"];
    let of_cases = ["/incidents", "/reports", "/risks", "/holds"];
    for path in lists.into_iter().chain(of_cases) {
        let headers = [("Accept", "text/html"), ("Cache-Control", "max-age=0")];
        ensure!(get_with(&format!("{}{path}", explorer.url), &headers)?.status == 200, "{path}");
    }
    Ok(())
}

async fn caught_up(network: &Network, explorer: &ExplorerProcess) -> anyhow::Result<u64> {
    explorer.reach(network.nodes[0].height().await?).await
}

#[tokio::test]
async fn pages_hold_with_data_with_nothing_and_with_what_strangers_write() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::governed(&dir.path().join("network"), 2, "testnet", QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let (rpc, db) = (network.nodes[0].rpc.clone(), dir.path().join("explorer.sqlite").display().to_string());
    let explorer = ExplorerProcess::start(&["--rpc", &rpc, "--db", &db], &dir.path().join("log"))?;
    caught_up(&network, &explorer).await?;
    passes(&explorer, "empty", &json!({}))?;

    // A release that is approved and runs nowhere yet, one that strangers describe, and votes with reasons.
    let (plain, hostile) = ("5a".repeat(32), "5b".repeat(32));
    let notes = dir.path().join("notes.md");
    std::fs::write(&notes, format!("{HOSTILE}\n{}", "Long notes. ".repeat(850)))?;
    let notes = notes.display().to_string();
    let described_by: [(&str, &[&str]); 2] =
        [(&plain, &["--version", "1.2.0"]), (&hostile, &["--version", "<b>2.0</b>", "--notes", &notes])];
    for (hash, words) in described_by {
        let signed = described(&network, hash, words)?;
        let id = propose_signed(&network, &signed, &["--max-fee", "1000000"]).await?;
        let (id_text, holder) = (id.to_string(), network.holder(0));
        let vote = ["gov", "vote", "--id", &id_text, "--choice", "abstain", "--key", &holder, "--reason", HOSTILE];
        Contract::at(&rpc)?.json(&vote)?;
        all_hold(&network, id).await?;
        all_yes(&network, id)?;
        ensure!(concluded(&mut network.nodes[0], id).await? == "activated");
    }
    let (key, link) = (network.nodes[0].key(), "https://acme.example/?a=1&b=2");
    let describe = ["account", "describe", "--name", "Acme Validators", "--link", link, "--key", &key];
    Contract::at(&rpc)?.json(&describe)?;
    live(&network, &explorer).await?;
    let [emergency, promotion] = governed(&mut network, &plain).await?;
    let cases = with_cases(&mut network, emergency).await?;
    caught_up(&network, &explorer).await?;
    reloaded(&explorer)?;
    let said = explorer.json("/validators")?["described"].clone();
    ensure!(said[0]["name"] == "Acme Validators" && said[0]["account"] == json!(network.nodes[0].account), "{said}");
    // A block that something happened in.
    let height = explorer.json("/audit?proposal_id=1")?["entries"][0]["height"].clone();
    let account = network.nodes[0].account.clone();
    let changes = [emergency, promotion];
    let governed = json!({
        "plan": PLAN, "flag": "pruning", "changes": changes, "application": opened::APPLICATION, "cases": cases,
    });
    let given = json!({ "hash": plain, "proposal": 1, "height": height, "account": account, "governed": governed });
    passes(&explorer, "data", &given)?;
    passes(&explorer, "hostile", &json!({ "hash": hostile, "proposal": 2, "governed": governed }))?;
    passes(&explorer, "filters", &json!({ "proposer": account }))?;
    explorer.stop()
}

/// A gate is disabled, and a member of the council votes on that; the next stage is asked for with a build, and somebody says no. Each
/// says why as strangers do. Gives the numbers of the two changes.
async fn governed(network: &mut Network, build: &str) -> anyhow::Result<[u64; 2]> {
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let act = |network: &Network, member: &str, words: &[&str]| {
        contract.json(&[words, &["--reason", HOSTILE, "--key", &network.council(member)]].concat())
    };
    let number = |sent: Value| find(&sent, "id").and_then(Value::as_u64).context("no change is named");
    let disable = ["rollout", "disable", "pruning", "--cause", "SAFETY"];
    let emergency = number(act(network, "release_commander", &disable)?)?;
    let poll = network.nodes[0].until("poll on the ratification", async |node| {
        let change = node.call("rollout.change", json!({ "id": emergency })).await.ok()?;
        let duties = change["duties"].as_array()?;
        duties.iter().find(|duty| duty["check"] == "ratify")?["poll"].as_u64()
    });
    let poll = poll.await?.to_string();
    act(network, "member0", &["gov", "vote", "--id", &poll, "--choice", "yes"])?;
    let promote = ["rollout", "promote", "--to", "canary", "--artifact", build, "--class", "minor"];
    let promote = [&promote[..], &["--milestone", "autumn", "--impact", HOSTILE]].concat();
    let promotion = number(act(network, "release_commander", &promote)?)?;
    let about = format!("change:{promotion}");
    let deny = ["rollout", "attest", "--check", "signoff.observability", "--about", &about, "--failed"];
    act(network, "sre_lead", &deny)?;
    Ok([emergency, promotion])
}

/// A report that an incident takes up and a change contains, a risk and a hold, each in words of strangers; and an application with an
/// artifact and a playbook that was tried. Gives the numbers of the cases.
async fn with_cases(network: &mut Network, emergency: u64) -> anyhow::Result<Value> {
    let (sre, steward) = (network.council("sre_lead"), network.council("security_steward"));
    let owner = network.holder(0);
    let (report, incident, risk, hold) = (CaseId(1), CaseId(2), CaseId(3), CaseId(4));
    let until = SystemTime::now().duration_since(UNIX_EPOCH)? + Duration::from_secs(86_400);
    let until = Timestamp(until.as_millis().try_into()?);
    let application = opened::application(TestWallet::open(&owner)?.account());
    let calls: [(&str, Call); 10] = [
        (&owner, opened::report(PLAN, HOSTILE)),
        (&sre, opened::incident(PLAN, "sre_lead", report, HOSTILE)),
        (&sre, opened::classified(PLAN, "sre_lead", incident)),
        (&sre, opened::contained(PLAN, "sre_lead", incident, ChangeId(emergency))),
        (&steward, opened::risk(PLAN, "security_steward", "", "sre_lead", HOSTILE)),
        (&steward, opened::hold(PLAN, "security_steward", until, HOSTILE)),
        (&owner, application),
        (&owner, opened::artifact()),
        (&owner, opened::drill("began")),
        (&owner, opened::drill("ended")),
    ];
    for (key, call) in calls {
        let status = TestWallet::open(key)?.send(&mut network.nodes[0], &call).await?;
        let included = status.get("included").unwrap_or(&status);
        ensure!(!included["fact"].is_null() && included["refusal"].is_null(), "{status}");
    }
    Ok(json!({ "report": report, "incident": incident, "risk": risk, "hold": hold }))
}

/// A vote lands while its proposal is looked at, and the page shows it without being loaded again.
async fn live(network: &Network, explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let id = propose_signed(network, &attested(network, &"5c".repeat(32))?, &[]).await?;
    caught_up(network, explorer).await?;
    let mut watching = browser(explorer, "live", &json!({ "proposal": id }))?;
    let mut lines = BufReader::new(watching.stdout.take().context("no output")?).lines();
    ensure!(lines.next().transpose()?.as_deref() == Some("READY"), "the page did not open");
    let (id, holder) = (id.to_string(), network.holder(0));
    Contract::at(&network.nodes[0].rpc)?.json(&["gov", "vote", "--id", &id, "--choice", "yes", "--key", &holder])?;
    let rest: Vec<String> = lines.collect::<Result<_, _>>()?;
    let output = watching.wait_with_output()?;
    ensure!(output.status.success(), "{rest:?} {}", String::from_utf8_lossy(&output.stderr));
    ensure!(rest.iter().any(|line| line == "CHANGED"), "{rest:?}");
    Ok(())
}
