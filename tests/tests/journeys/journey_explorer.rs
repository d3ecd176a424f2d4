//! The explorer beside a running network: the same rows for whoever asks, in whichever way, and answers that keep their word.

use anyhow::{Context as _, ensure};
use light::{Anchor, Ticket};
use primitives::BuildHash;
use serde_json::{Value, json};
use sqlx::{AnyPool, Row as _};
use std::path::Path;
use std::process::{Command, Stdio};
use tests::explorer::repository;
use tests::http::{get, get_with};
use tests::network::QUICK;
use tests::postgres::Postgres;
use tests::votes::{all_hold, all_yes, attested, concluded, described, propose, propose_signed};
use tests::{Contract, ExplorerProcess, Network};

/// Two approved releases, of which one is revoked, one rejected, and one proposal that is open; each with what strangers
/// write.
async fn decided(network: &mut Network) -> anyhow::Result<(String, u64)> {
    let (first, second) = ("5a".repeat(32), "5b".repeat(32));
    for (hash, version) in [(&first, "1.0.0"), (&second, "1.1.0")] {
        let signed = described(network, hash, &["--version", version, "--severity", "high"])?;
        let id = propose_signed(network, &signed, &[]).await?;
        all_hold(network, id).await?;
        all_yes(network, id)?;
        ensure!(concluded(&mut network.nodes[0], id).await? == "activated");
    }
    let reason = "a <b>bad</b> build";
    let revoked = propose(network, &["propose-revoke", "--hash", &first, "--reason", reason]).await?;
    all_yes(network, revoked)?;
    ensure!(concluded(&mut network.nodes[0], revoked).await? == "activated");
    let open = propose_signed(network, &attested(network, &"5c".repeat(32))?, &[]).await?;
    let holder = network.holder(0);
    let vote = ["gov", "vote", "--id", &open.to_string(), "--choice", "no", "--key", &holder, "--reason", reason];
    Contract::at(&network.nodes[0].rpc)?.json(&vote)?;
    Ok((second, open))
}

/// The fields that a moment changes: how far away a deadline is.
fn without_clock(mut value: Value) -> Value {
    for deadline in ["vote_deadline", "activation"] {
        if let Some(deadline) = value.get_mut(deadline).and_then(Value::as_object_mut) {
            deadline.retain(|name, _| name == "epoch" || name == "height");
        }
    }
    value
}

async fn same_rows(network: &Network, explorers: &[&ExplorerProcess]) -> anyhow::Result<()> {
    let node = &network.nodes[0];
    let proposer = node.account.to_uppercase();
    let filters = [
        ("", json!({}), vec![]),
        ("?page_size=1&page=1", json!({ "page_size": 1, "page": 1 }), vec!["--page-size", "1", "--page", "1"]),
        ("?start_epoch=1", json!({ "start_epoch": 1 }), vec!["--start-epoch", "1"]),
        ("?end_epoch=0", json!({ "end_epoch": 0 }), vec!["--end-epoch", "0"]),
        (&*format!("?proposer={proposer}"), json!({ "proposer": proposer }), vec!["--proposer", &proposer]),
    ];
    let store = node.home.join("governance_db").display().to_string();
    for (query, parameters, flags) in filters {
        let mut expected = node.call("gov.release_history", parameters).await?;
        let flags = [&["explorer", "release-history"], &flags[..]].concat();
        let contract = Contract::at(&node.rpc)?;
        // The page size that is left out is the one thing that a terminal may choose for itself.
        let sorts = |mut value: Value| {
            value.as_object_mut().map(|page| page.remove("page_size"));
            value
        };
        expected = sorts(expected);
        let by_cli = sorts(contract.json(&flags)?);
        let by_store = sorts(contract.json(&[&flags[..], &["--state", &store]].concat())?);
        ensure!(by_cli == expected, "{flags:?}: {by_cli} is not {expected}");
        ensure!(by_store == expected, "{flags:?} --state: {by_store} is not {expected}");
        for explorer in explorers {
            let found = sorts(explorer.json(&format!("/releases{query}"))?);
            ensure!(found == expected, "{query}: {found} is not {expected}");
        }
    }
    Ok(())
}

async fn same_details(network: &Network, explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let node = &network.nodes[0];
    let all = node.call("gov.release_history", json!({})).await?;
    for release in all["entries"].as_array().context("no entries")? {
        let hash = release["build_hash"].as_str().context("no hash")?;
        let expected = node.call("gov.release", json!({ "hash": hash })).await?;
        let found = explorer.json(&format!("/releases/{hash}"))?;
        let expected = expected.as_object().context("no object")?;
        let differs = expected.iter().find(|(name, value)| found[*name] != **value);
        ensure!(differs.is_none(), "{hash}: {differs:?} is not {found}");
        ensure!(found["milestones"].as_array().is_some_and(|all| !all.is_empty()), "{hash} has no milestones");
    }
    let proposals = explorer.json("/proposals")?;
    ensure!(proposals["entries"][0]["status"] == "open", "the open one does not come first: {proposals}");
    for id in 1..=proposals["total"].as_u64().context("no total")? {
        let expected = without_clock(node.call("gov.proposal", json!({ "id": id })).await?);
        let mut found = without_clock(explorer.json(&format!("/proposals/{id}"))?);
        ensure!(found.as_object_mut().and_then(|found| found.remove("milestones")).is_some());
        ensure!(found == expected, "proposal {id}: {found} is not {expected}");
    }
    let signers = node.call("gov.release_signers", json!({})).await?;
    let found = explorer.json("/signers")?;
    ensure!(signers.as_object().is_some_and(|signers| signers.iter().all(|(name, value)| found[name] == *value)));
    let validators = explorer.json("/validators")?;
    let status = node.call("chain.status", json!({})).await?;
    ensure!(validators["total_power"] == status["total_power"], "{validators}");
    let running = validators["validators"].as_array().context("no validators")?;
    ensure!(running.iter().all(|validator| validator["running"].is_string()), "{validators}");
    for height in [1, 2] {
        let block = explorer.json(&format!("/blocks/{height}"))?;
        let expected = node.call("chain.record", json!({ "height": height })).await?;
        ensure!(block["hash"] == expected["hash"] && block["header"] == expected["header"], "{block}");
        let facts: Vec<&Value> = block["facts"].as_array().into_iter().flatten().map(|entry| &entry["fact"]).collect();
        ensure!(facts == expected["facts"].as_array().into_iter().flatten().collect::<Vec<_>>(), "{block}");
    }
    Ok(())
}

/// What operators read with a program of their own.
async fn same_in_sql(network: &Network, url: &str) -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(url).await?;
    let sql = "SELECT build_hash, proposer, activated_epoch, status, quorum_met, install_count FROM release_history \
               ORDER BY ordinal DESC";
    let rows = sqlx::query(sql).fetch_all(&pool).await?;
    let all = network.nodes[0].call("gov.release_history", json!({ "page_size": 100 })).await?;
    let entries = all["entries"].as_array().context("no entries")?;
    ensure!(rows.len() == entries.len(), "{} rows, {} entries", rows.len(), entries.len());
    for (row, entry) in rows.iter().zip(entries) {
        let found = json!({
            "build_hash": row.get::<String, _>(0),
            "proposer": row.get::<Option<String>, _>(1),
            "activated_epoch": row.get::<i64, _>(2),
            "status": row.get::<String, _>(3),
            "quorum_met": row.get::<i64, _>(4) == 1,
            "install_count": row.get::<i64, _>(5),
        });
        let differs = found.as_object().into_iter().flatten().find(|(name, value)| entry[*name] != **value);
        ensure!(differs.is_none(), "{differs:?} is not {entry}");
    }
    pool.close().await;
    Ok(())
}

fn ticket_is_good(network: &Network, explorer: &ExplorerProcess, hash: &str, dir: &Path) -> anyhow::Result<()> {
    let file = dir.join("downloaded.ticket");
    let status = Command::new("curl")
        .args(["-sSf", "-o"])
        .arg(&file)
        .arg(format!("{}/releases/{hash}/ticket", explorer.url))
        .status()?;
    ensure!(status.success(), "the ticket cannot be downloaded");
    let genesis = std::fs::read_to_string(network.nodes[0].home.join("config/genesis.json"))?;
    let anchor = Anchor::genesis(&serde_json::from_str(&genesis)?);
    let hash: BuildHash = hash.parse()?;
    let proven = Ticket::from_bytes(&std::fs::read(&file)?)?.verify(&anchor, &hash)?;
    ensure!(proven.verdict() == releases::queries::Verdict::Approved, "{:?}", proven.verdict());
    Ok(())
}

fn answers_keep_their_word(explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let url = format!("{}/releases?page_size=2", explorer.url);
    let first = get(&url)?;
    let tag = first.header("etag").context("no ETag")?;
    ensure!(first.header("cache-control") == Some("public, max-age=15"), "{}", first.head);
    let again = get_with(&url, &[("If-None-Match", tag)])?;
    ensure!((again.status, again.body.as_str()) == (304, ""), "{again:?}");
    ensure!(again.header("etag") == Some(tag));
    let page = get_with(&url, &[("Accept", "text/html")])?;
    ensure!(page.body.starts_with("<!DOCTYPE html>") && page.header("etag") != Some(tag));
    ensure!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    for (path, status, says) in [
        ("/releases?page_size=101", 400, "1 to 100"),
        ("/releases?page_size=0", 400, "1 to 100"),
        ("/releases?propser=ab", 400, "propser"),
        ("/releases?store=/etc/passwd", 400, "paths are not opened"),
        ("/releases?store=..%2F..", 400, "paths are not opened"),
        ("/releases/xyz", 400, "not a build hash"),
        (&*format!("/releases/{}", "ee".repeat(32)), 404, "never approved"),
        ("/proposals/99999", 404, "/proposals"),
        ("/blocks/18446744073709551615", 404, "not in the index"),
        ("/audit?before=x", 400, "height.index"),
        ("/nothing", 404, "/openapi.json"),
    ] {
        let answer = explorer.get(path)?;
        let problem: Value = serde_json::from_str(&answer.body).with_context(|| format!("{path}: {answer:?}"))?;
        ensure!(answer.status == status && problem["status"] == status, "{path}: {answer:?}");
        ensure!(answer.header("content-type") == Some("application/problem+json"), "{path}: {}", answer.head);
        ensure!(problem["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{path}: {problem}");
    }
    // Also of what was just asked for, and is kept.
    let posted = tests::http::post(&url, b"{}")?;
    ensure!(posted.status == 405 && posted.header("allow").is_some(), "{posted:?}");
    Ok(())
}

/// The audit log from its end to its beginning has every fact of every record, once.
async fn audit_is_whole(network: &Network, explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let mut found = Vec::new();
    let mut path = "/audit?page_size=100".to_owned();
    loop {
        let part = explorer.json(&path)?;
        found.extend(part["entries"].as_array().context("no entries")?.iter().cloned());
        let Some(next) = part["next"].as_str() else { break };
        path = format!("/audit?page_size=100&before={next}");
    }
    let last = found.first().and_then(|entry| entry["height"].as_u64()).context("no facts")?;
    let mut expected = Vec::new();
    for height in 0..=last {
        let record = network.nodes[0].call("chain.record", json!({ "height": height })).await?;
        expected.extend(record["facts"].as_array().into_iter().flatten().cloned());
    }
    let facts: Vec<Value> = found.iter().rev().map(|entry| entry["fact"].clone()).collect();
    ensure!(facts == expected, "{} facts in the log, {} on the chain", facts.len(), expected.len());
    let refused = explorer.json("/audit?outcome=refused")?;
    ensure!(refused["entries"].as_array().is_some_and(|all| all.iter().all(|entry| entry["refused"] == true)));
    Ok(())
}

/// Checked by programs that nobody here wrote: ajv holds answers against the schema, schemathesis asks what the OpenAPI
/// document allows and what it does not.
fn contracts_hold(explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let root = repository();
    for path in ["/releases", "/releases?page_size=1", "/releases?start_epoch=99999"] {
        let mut ajv = Command::new("node")
            .arg(root.join("tests/browser/schema.mjs"))
            .arg(root.join("explorer/api_schema/release_history.json"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run node")?;
        let body = explorer.get(path)?.body;
        std::io::Write::write_all(&mut ajv.stdin.take().context("no input")?, body.as_bytes())?;
        let output = ajv.wait_with_output()?;
        ensure!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let schemathesis = tests::binaries::python().with_file_name("schemathesis");
    // It leaves a cache where it is run.
    let folder = tempfile::tempdir()?;
    let output = Command::new(&schemathesis)
        .arg("run")
        .arg(format!("{}/openapi.json", explorer.url))
        .args(["--url", &explorer.url, "--max-examples", "25", "--no-color", "--exclude-path", "/events"])
        .args(["--checks", "all", "--generation-database", "none"])
        .current_dir(folder.path())
        .output()
        .with_context(|| format!("cannot run {}; run scripts/setup.sh test", schemathesis.display()))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

#[tokio::test]
async fn node_command_api_and_sql_give_the_same_rows() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Postgres::start()?;
    let database = server.database("explorer")?;
    let mut network = Network::write(&dir.path().join("network"), 2, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;

    let path = |name: &str| dir.path().join(name).display().to_string();
    let (rpc, state) = (network.nodes[0].rpc.clone(), network.nodes[0].home.display().to_string());
    let log = dir.path().join("explorer.log");
    let other = format!("second={state}");
    let by_rpc = ["--rpc", &rpc, "--db", &path("rpc.sqlite"), "--store", &other];
    let by_rpc = ExplorerProcess::start(&by_rpc, &log)?;
    let in_postgres = ExplorerProcess::start(&["--rpc", &rpc, "--database-url", &database], &log)?;
    let by_store = ExplorerProcess::start(&["--state", &state, "--db", &path("store.sqlite")], &log)?;
    let explorers = [&by_rpc, &in_postgres, &by_store];

    let (hash, _) = decided(&mut network).await?;
    // Half of the stake decides nothing: the chain stands still while its answers are compared.
    network.nodes[1].stop().await?;
    let height = network.nodes[0].height().await?;
    for explorer in explorers {
        explorer.reach(height).await?;
    }
    same_rows(&network, &explorers).await?;
    for explorer in explorers {
        same_details(&network, explorer).await?;
        ticket_is_good(&network, explorer, &hash, dir.path())?;
    }
    let named = by_rpc.json("/releases?store=second")?;
    ensure!(named["total"] == by_rpc.json("/releases")?["total"], "{named}");
    same_in_sql(&network, &format!("sqlite://{}", path("rpc.sqlite"))).await?;
    same_in_sql(&network, &database).await?;
    let history = explorer::release_view::release_history(Path::new(&state))?;
    ensure!(history.len() == 3 && history.iter().filter(|row| row.proposer.is_some()).all(|row| row.quorum_met));
    let timeline = explorer::Explorer::release_timeline(Path::new(&state))?;
    ensure!(timeline.last().is_some_and(|genesis| genesis.points.last().is_some_and(|(_, nodes)| *nodes == 2)));

    answers_keep_their_word(&by_rpc)?;
    audit_is_whole(&network, &by_rpc).await?;
    contracts_hold(&by_rpc)?;

    network.nodes[0].stop().await?;
    unhealthy(&by_rpc).await?;
    by_rpc.stop()?;
    in_postgres.stop()?;
    by_store.stop()
}

/// An explorer that begins late catches up at once: the node outruns it and bounds its questions, and neither is trouble.
#[tokio::test]
async fn a_long_chain_is_caught_up_with_without_trouble() -> anyhow::Result<()> {
    const BLOCKS: u64 = 4_000;
    let dir = tempfile::tempdir()?;
    let quick = ["--block-time-ms", "1", "--epoch-length", "100"];
    let mut network = Network::write(&dir.path().join("network"), 1, &quick)?;
    network.start_all()?;
    // In steps, so that a busy machine has as long as it takes, as long as blocks come.
    for height in (500..=BLOCKS).step_by(500) {
        network.reach(height).await?;
    }
    let (rpc, db) = (network.nodes[0].rpc.clone(), dir.path().join("x.sqlite").display().to_string());
    let explorer = ExplorerProcess::start(&["--rpc", &rpc, "--db", &db], &dir.path().join("log"))?;
    explorer.reach(BLOCKS).await?;
    let metrics = explorer.get("/metrics")?.body;
    ensure!(metrics.contains("explorer_follow_errors_total 0\n"), "{metrics}");
    let block = explorer.json(&format!("/blocks/{BLOCKS}"))?;
    let expected = network.nodes[0].call("chain.record", json!({ "height": BLOCKS })).await?;
    ensure!(block["hash"] == expected["hash"], "{block}");
    explorer.stop()
}

/// Without its node, the explorer says that it does not keep up, and answers what it knows.
async fn unhealthy(explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let said = explorer.until("sign that its node is gone", |explorer| {
        let health = explorer.get("/healthz")?;
        Ok((health.status == 503).then_some(health.body))
    });
    let health: Value = serde_json::from_str(&said.await?)?;
    ensure!(health["ok"] == false && health["problems"][0].is_string(), "{health}");
    ensure!(explorer.get("/releases?page_size=7")?.status == 200);
    Ok(())
}
