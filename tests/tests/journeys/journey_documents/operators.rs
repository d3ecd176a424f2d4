//! `docs/operations` for who runs nodes and explorers.

use super::day::{Day, measured};
use anyhow::ensure;
use std::path::Path;
use tests::explorer::repository;
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::network::free_base_port;
use tests::{Contract, Network, TestWallet};

pub(crate) fn run_a_node(day: &mut Day, network: &Network, hash: &str) -> anyhow::Result<()> {
    day.follow("docs/operations/run_a_node.md");
    let key = network.nodes[0].key();
    day.types("the-block clock accept --home HOME", &[("HOME", "net/node0")])?;
    day.is_refused("contract staking unjail --key HOME/config/validator.key", &[("HOME", "net/node0")], "jailed")?;
    day.exports("export TB_KEY=$HOME/me.key", &[])?;
    day.types("contract keys generate", &[])?;
    day.types("contract account show", &[])?;
    // Nobody has given the new account anything.
    day.is_refused("contract gov approve-release --id 1", &[], "add funds")?;
    day.exports.clear();
    day.exports.push(format!("export TB_KEY={key}"));
    let describe = "contract account describe --name \"Acme Validators\" --link https://acme.example/about";
    day.types(describe, &[])?;
    day.exports.clear();
    // It is for a node that stands still.
    let resume = "the-block signing resume --home HOME --no-later-state";
    day.is_refused(resume, &[("HOME", "net/node0")], "stop it first")?;

    let (to, holder) = (TestWallet::fresh().account().to_string(), network.holder(0));
    let transfer = concat!(
        r#"echo '{"accounts":{"transfer":{"to":"ACCOUNT","amount":"5"}}}'"#,
        " | contract send --call - --key KEY --dry-run"
    );
    day.types(transfer, &[("ACCOUNT", &to), ("KEY", &holder)])?;
    let bond = r#"echo '{"staking":{"bond":{"amount":"5"}}}' | contract send --call - --key KEY"#;
    day.types(bond, &[("KEY", &key)])?;
    let revoke = concat!(
        r#"echo '{"releases":{"revoke":{"build_hashes":["HASH"],"reason":"it leaks keys"}}}'"#,
        " | contract propose --motion - --key KEY"
    );
    day.is_answered(revoke, &[("HASH", hash), ("KEY", &key)])?;
    day.types("mkdir -p ~/.local/share/bash-completion/completions", &[])?;
    day.types("contract completions bash > ~/.local/share/bash-completion/completions/contract", &[])?;
    day.types("contract man --out ~/.local/share/man/man1", &[])?;
    day.types("the-block man --out ~/.local/share/man/man1", &[])?;
    let written = day.dir.join("user/.local/share");
    for file in ["bash-completion/completions/contract", "man/man1/contract-gov-proposal.1", "man/man1/the-block.1"] {
        ensure!(written.join(file).is_file(), "there is no {file}");
    }
    day.types(
        "sudo -u the-block-node contract node log-level debug --home /var/lib/the-block",
        &[("sudo -u the-block-node ", ""), ("/var/lib/the-block", "net/node0")],
    )?;
    let answer = day.types(
        "curl -s --unix-socket HOME/run/node.sock http://node -H 'content-type: application/json' -d \
         '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"chain.status\"}'",
        &[("HOME", "net/node0")],
    )?;
    ensure!(answer.contains("\"height\""), "{answer}");
    Ok(())
}

pub(crate) fn updates(day: &mut Day, candidate: &Path, hash: &str) -> anyhow::Result<()> {
    day.follow("docs/operations/updates.md");
    let file = candidate.display().to_string();
    let served = day.dir.join("mirror");
    let dest = served.display().to_string();
    Contract::at(&day.rpc)?.json(&["release", "publish", &file, "--dest", &dest])?;
    let mirror = MirrorServer::of(&served, MirrorBehaviour::Good)?;
    day.exports(
        "export TB_RELEASE_SOURCE_URL=https://releases.example.org/bin,https://mirror.example.net",
        &[("https://releases.example.org/bin,https://mirror.example.net", &mirror.url)],
    )?;
    let values = [("BLAKE3", hash), ("HOME", "net/node2")];
    day.types("contract gov fetch-release --hash BLAKE3 --home HOME", &values)?;
    let fetched = day.dir.join("downloads").join(format!("{hash}.bin"));
    ensure!(measured(&fetched)? == hash, "it fetched another file");
    day.types("contract gov fetch-release --hash BLAKE3 --home HOME --install", &values)?;
    let publish = "contract release publish FILE --dest HOME/artifacts";
    day.types(publish, &[("FILE", &file), ("HOME", "net/node2")])?;
    Ok(())
}

pub(crate) fn explorer(day: &mut Day) -> anyhow::Result<()> {
    day.follow("docs/operations/explorer.md");
    let (port, rpc) = (free_base_port(1)?, day.rpc.clone());
    let explorer = format!("the-block-explorer --listen 127.0.0.1:{port} --db explorer.sqlite");
    let values = [("the-block-explorer", explorer.as_str()), ("http://127.0.0.1:26600", rpc.as_str())];
    let running = day.starts("the-block-explorer --rpc http://127.0.0.1:26600", &values, port)?;
    let port = port.to_string();
    let values = [("26690", port.as_str())];
    let listed = day.types("curl -s 'http://127.0.0.1:26690/releases?page_size=5&start_epoch=10'", &values)?;
    ensure!(listed.contains("\"entries\""), "{listed}");
    let open = "curl -s 'http://127.0.0.1:26690/proposals?status=open' | jq '.entries[] | {id, kind, status, tally}'";
    day.types(open, &values)?;
    day.types("curl -s 'http://127.0.0.1:26690/audit?outcome=refused' | jq -r '.entries[].sentence'", &values)?;
    let export = "contract audit export --explorer http://127.0.0.1:26690 --format ocsf --plan pos --from 2026-03-01 --to 2026-04-01 \
                  --out march.ndjson";
    day.types(export, &[("26690", port.as_str()), (" --plan pos --from 2026-03-01 --to 2026-04-01", "")])?;
    let events = std::fs::read_to_string(day.dir.join("march.ndjson"))?;
    ensure!(events.lines().next().is_some_and(|first| first.contains("\"class_uid\":3004")), "{events}");
    // Its answer does not end; curl says so with 28.
    let bounded = [("26690", port.as_str()), ("-sN", "-sN --max-time 10")];
    let (output, told) = day.ended("curl -sN http://127.0.0.1:26690/events", &bounded)?;
    ensure!(output.status.code() == Some(28) && told.contains("event: block"), "{told}");
    running.stop()
}

pub(crate) fn applications(day: &mut Day) -> anyhow::Result<()> {
    day.follow("docs/operations/applications.md");
    let root = format!("--root {}", repository().display());
    let profile = repository().join("config/profiles/pos.toml").display().to_string();
    let values = [("config/profiles/pos.toml", profile.as_str()), ("--root .", root.as_str())];
    day.types("contract rollout lint config/profiles/pos.toml --root .", &values)?;
    let page = day.types("contract rollout plan --file config/profiles/pos.toml --root . --markdown", &values)?;
    ensure!(page.contains("advanced_discounts") && page.contains("TENANT_OWNER"), "{page}");
    day.types("contract keys generate t1.key", &[])?;
    let told = day.types("contract keys show t1.key", &[])?;
    let account = TestWallet::open(day.dir.join("t1.key"))?.account().to_string();
    ensure!(told.contains(&account), "{told}");
    let said = day.types("contract audit integrity", &[])?;
    ensure!(!said.is_empty(), "nothing is said of the log");
    Ok(())
}

pub(crate) fn long_running(day: &mut Day) -> anyhow::Result<()> {
    day.follow("docs/operations/long_running.md");
    day.types(
        "the-block export-state --home HOME [--height H] --out FILE",
        &[("HOME", "net/node0"), ("[--height H]", ""), ("FILE", "snapshot")],
    )?;
    day.newcomer("new")?;
    day.types("the-block import-state --home NEW --snapshot FILE", &[("NEW", "new"), ("FILE", "snapshot")])?;
    ensure!(day.dir.join("new/governance_db").is_dir(), "nothing was imported");
    Ok(())
}

pub(crate) fn containers(day: &mut Day) -> anyhow::Result<()> {
    day.follow("docs/operations/containers.md");
    day.exports("export TB_USER=$(id -u):$(id -g)", &[])?;
    day.types("mkdir -p deploy/homes/explorer", &[])?;
    let rpc = day.rpc.clone();
    day.types("contract status --rpc http://127.0.0.1:26600", &[("http://127.0.0.1:26600", &rpc)])?;
    Ok(())
}

pub(crate) fn debian(day: &mut Day) -> anyhow::Result<()> {
    day.follow("docs/operations/debian.md");
    let home = ("/var/lib/the-block", "packaged");
    day.types("the-block init --home /var/lib/the-block --chain-id ID", &[home, ("ID", "packaged-1")])?;
    day.types(
        "sed -i 's/^node_user = \"\"/node_user = \"the-block-node\"/' /var/lib/the-block/config/config.toml",
        &[home],
    )?;
    let written = std::fs::read_to_string(day.dir.join("packaged/config/config.toml"))?;
    ensure!(written.contains("\nnode_user = \"the-block-node\"\n"), "{written}");
    day.types(
        "sudo -u the-block-node contract node health --home /var/lib/the-block",
        &[("sudo -u the-block-node ", ""), ("/var/lib/the-block", "net/node0")],
    )?;
    Ok(())
}
