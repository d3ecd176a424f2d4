//! What does an operator read when a node cannot start, and how does it stop? Every mistake has a sentence and a code.

use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tests::network::QUICK;
use tests::node::PATIENCE;
use tests::refusal::refused_start;
use tests::{Network, NodeProcess};

/// An orderly stop takes less, on the slowest machine that runs this.
const STOP_BOUND: Duration = Duration::from_secs(10);

fn one(dir: &Path) -> anyhow::Result<Network> {
    Network::write(dir, 1, QUICK)
}

fn edit(file: &Path, change: impl FnOnce(String) -> String) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file)?;
    Ok(std::fs::write(file, change(text))?)
}

/// A start that fails with an exit code; gives what it said.
async fn fails(node: &mut NodeProcess, code: i32) -> anyhow::Result<String> {
    let refused = refused_start(node).await?;
    assert_eq!(refused.code, Some(code), "{refused:?}");
    Ok(refused.said)
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_key() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = one(dir.path())?;
    let node = &mut network.nodes[0];
    let keys = ["rpc.listen", "metrics.listen", "consensus.listen", "overlay.listen", "web.listen"];
    for (port, key) in (node.port..).zip(keys) {
        let taken = TcpListener::bind(("127.0.0.1", port))?;
        let before = std::fs::read_to_string(node.log()).unwrap_or_default().len();
        node.start()?;
        assert_eq!(node.exit().await?.code(), Some(1), "{key}: {}", node.last_words());
        let said = std::fs::read_to_string(node.log())?.split_off(before);
        let sentence = said.lines().rfind(|line| line.starts_with("the-block: ")).unwrap_or_default();
        assert!(sentence.contains(&port.to_string()) && sentence.contains(key), "{key}: {said}");
        assert!(sentence.contains("in use"), "{key}: {said}");
        drop(taken);
    }
    node.start()?;
    node.reach(2).await?;
    Ok(())
}

#[tokio::test]
async fn a_second_node_on_a_home_says_who_has_the_database_and_leaves_the_first_alone() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = one(dir.path())?;
    network.start_all()?;
    network.reach(2).await?;
    let node = &mut network.nodes[0];
    let output = Command::new(&node.executable).args(["start", "--home"]).arg(&node.home).output()?;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("in use by another process; stop that node first"), "{said}");
    assert!(said.contains(&node.home.join("governance_db").display().to_string()), "{said}");

    // The boot check alone only reads, so it can be asked meanwhile.
    let (code, report) = node.check()?;
    assert_eq!((code, &report["decision"], &report["exit_code"]), (Some(0), &json!("run"), &json!(0)), "{report}");
    let height = report["height"].as_u64().unwrap_or_default();
    let block = node.call("chain.block", json!({ "height": height })).await?;
    assert_eq!(report["state_root"], block["header"]["state_root"], "{report}");
    node.reach(height + 2).await?;
    Ok(())
}

#[tokio::test]
async fn every_mistake_in_the_configuration_is_listed_at_once() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = one(dir.path())?;
    let node = &mut network.nodes[0];
    let file = node.home.join("config/config.toml");
    let good = std::fs::read_to_string(&file)?;
    edit(&file, |text| {
        let text = text.replace("max_batch = ", "max_btch = ").replace("max_peers = 32", "max_peers = 0");
        text.replace("level = \"info\"", "level = \"loud\"") + "\n[explorer]\nlisten = 1\n"
    })?;
    let said = fails(node, 2).await?;
    for expected in [
        "4 mistakes",
        "rpc.max_btch is not a known key; did you mean rpc.max_batch?",
        "overlay.max_peers = 0 is not possible: at least 1",
        "log.level = \"loud\" is not possible",
        "explorer.listen is not a known key",
    ] {
        assert!(said.contains(expected), "{expected} is missing: {said}");
    }
    assert_eq!(node.check()?.0, Some(2), "check reads the same file");

    std::fs::write(&file, format!("{good}\nrpc = "))?;
    assert!(fails(node, 2).await?.contains("is not TOML"));
    std::fs::remove_file(&file)?;
    assert!(fails(node, 1).await?.contains("`the-block init` writes one"));
    let metrics = format!("127.0.0.1:{}", node.port + 1);
    std::fs::write(&file, good.replace(&format!("127.0.0.1:{}", node.port), &metrics))?;
    assert!(fails(node, 2).await?.contains("rpc.listen and metrics.listen both listen on"));
    std::fs::write(&file, good)?;
    node.start()?;
    node.reach(1).await?;
    Ok(())
}

#[tokio::test]
async fn a_key_file_that_others_can_read_is_refused_with_the_command_that_mends_it() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = one(dir.path())?;
    let node = &mut network.nodes[0];
    for name in ["validator.key", "node.key"] {
        let key = node.home.join("config").join(name);
        let mode = |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode));
        mode(0o644)?;
        let said = fails(node, 2).await?;
        assert!(said.contains(&format!("chmod 600 {}", key.display())), "{said}");
        assert!(!said.contains("PRIVATE"), "a secret was printed: {said}");
        mode(0o600)?;
        let moved = key.with_extension("moved");
        std::fs::rename(&key, &moved)?;
        assert!(fails(node, 1).await?.contains(&format!("there is no key file {}", key.display())));
        std::fs::rename(&moved, &key)?;
    }
    Ok(())
}

#[tokio::test]
async fn every_mistake_in_the_genesis_is_listed_at_once() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = one(dir.path())?;
    let file = network.nodes[0].home.join("config/genesis.json");
    let good = std::fs::read_to_string(&file)?;
    network.edit_genesis(|genesis| genesis["staking"]["bonds"] = json!([]))?;
    assert!(fails(&mut network.nodes[0], 2).await?.contains("bonds: is empty; without stake nobody decides"));

    network.edit_genesis(|genesis| {
        genesis["chain"]["epoch_length"] = 0.into();
        genesis["releases"]["roster"]["threshold"] = 9.into();
        genesis["releases"]["approved"] = json!([]);
        genesis["releases"]["manifests"] = json!([]);
        genesis["governance"]["params"]["routine"]["quorum"] = "0/1".into();
    })?;
    let said = fails(&mut network.nodes[0], 2).await?;
    let fields =
        ["bonds:", "chain.epoch_length:", "roster.threshold:", "approved:", "governance.params.routine.quorum:"];
    assert!(said.contains("5 mistake"), "{said}");
    for field in fields {
        assert!(said.contains(field), "{field} is missing: {said}");
    }
    for broken in ["{", "{\"time\": 1, \"nonsense\": 2}", ""] {
        std::fs::write(&file, broken)?;
        assert!(fails(&mut network.nodes[0], 2).await?.contains("is not a genesis"));
    }
    // A disk may come late, so that what is not there yet is tried again.
    std::fs::remove_file(&file)?;
    assert!(fails(&mut network.nodes[0], 1).await?.contains("genesis.json"));
    std::fs::write(&file, good)?;
    network.start_all()?;
    network.reach(1).await
}

#[tokio::test]
async fn the_genesis_of_another_network_is_refused_by_start_and_by_check() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = one(dir.path())?;
    network.start_all()?;
    network.reach(3).await?;
    network.nodes[0].stop().await?;
    let file = network.nodes[0].home.join("config/genesis.json");
    let good = std::fs::read_to_string(&file)?;
    let others: [&dyn Fn(&mut Value); 2] = [&|genesis| genesis["chain"]["chain_id"] = "another".into(), &|genesis| {
        genesis["time"] = (genesis["time"].as_u64().unwrap_or_default() + 1).into()
    }];
    for change in others {
        network.edit_genesis(change)?;
        let said = fails(&mut network.nodes[0], 2).await?;
        assert!(said.contains("the database was made from another genesis"), "{said}");
        assert_eq!(network.nodes[0].check()?.0, Some(2));
        std::fs::write(&file, &good)?;
    }
    network.start_all()?;
    network.reach(5).await
}

/// Bytes in the newest log of a store: what would be replayed at the next start. Older logs only wait for their removal.
fn unflushed(store: &Path) -> anyhow::Result<u64> {
    let files = std::fs::read_dir(store)?.map(|file| file.map(|file| file.path())).collect::<Result<Vec<_>, _>>()?;
    let newest = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "log")).max();
    newest.map_or(Ok(0), |log| Ok(log.metadata()?.len()))
}

#[tokio::test]
async fn sigterm_and_sigint_stop_a_node_in_order_with_exit_code_0() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = one(dir.path())?;
    for signal in ["-TERM", "-INT"] {
        network.start_all()?;
        let node = &mut network.nodes[0];
        let height = node.reach(3).await?;
        let root = node.call("chain.block", json!({ "height": height })).await?["header"]["state_root"].clone();
        let asked = Instant::now();
        let status = node.signal(signal).await?;
        assert_eq!(status.code(), Some(0), "{signal}: {}", node.last_words());
        assert!(asked.elapsed() < STOP_BOUND, "{signal} took {:?}", asked.elapsed());
        assert_eq!(unflushed(&node.home.join("governance_db"))?, 0, "an orderly stop leaves nothing in the log");
        let (code, report) = node.check()?;
        assert_eq!(code, Some(0), "{report}");
        assert!(report["height"].as_u64() >= Some(height), "{report}");
        if report["height"] == height {
            assert_eq!(report["state_root"], root);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_node_that_is_asked_to_stop_while_it_starts_does_so_in_order() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = one(dir.path())?;
    network.start_all()?;
    let node = &mut network.nodes[0];
    // The overlay listens first, and answers come last.
    node.until("an open port", async |node| TcpStream::connect(("127.0.0.1", node.port + 3)).ok().map(drop)).await?;
    assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
    Ok(())
}

#[test]
fn version_says_what_is_measured() -> anyhow::Result<()> {
    let executable = tests::binaries::built("the-block")?;
    let output = Command::new(&executable).args(["version", "--json"]).output()?;
    let version: Value = serde_json::from_slice(&output.stdout)?;
    for field in ["version", "build_bin_hash", "build_source_hash", "target", "rustc", "profile"] {
        assert!(version[field].as_str().is_some_and(|text| !text.is_empty()), "{field} is missing: {version}");
    }
    let text = String::from_utf8(Command::new(&executable).arg("version").output()?.stdout)?;
    let hash = version["build_bin_hash"].as_str().unwrap_or_default();
    assert!(text.contains(&format!("BUILD_BIN_HASH     {hash}")), "{text}");
    Ok(())
}

/// Waits until a node's log has some words.
async fn says(node: &NodeProcess, words: &str) -> anyhow::Result<()> {
    let said = async {
        while !std::fs::read_to_string(node.log()).unwrap_or_default().contains(words) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let said = tokio::time::timeout(PATIENCE, said).await;
    said.map_err(|_| anyhow::anyhow!("{} never says {words:?}: {}", node.home.display(), node.last_words()))
}

#[tokio::test]
async fn o12_nodes_whose_peers_have_addresses_need_no_resolver_and_a_name_is_found_once_it_is_known()
-> anyhow::Result<()> {
    let alone = Command::new("unshare").args(["-rm", "mount", "--bind", "/dev/null", "/etc/resolv.conf"]).output();
    let alone = alone.map_err(|error| anyhow::anyhow!("this journey needs unshare of util-linux: {error}"))?;
    anyhow::ensure!(
        alone.status.success(),
        "this journey gives each node files of its own in /etc, with a user namespace and bind mounts, and this machine allows \
         no such thing: {}",
        String::from_utf8_lossy(&alone.stderr)
    );
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    let hosts = dir.path().join("hosts");
    std::fs::write(&hosts, "127.0.0.1 localhost\n")?;
    network.nodes[0].configure(|config| {
        let nobody = "/dns4/peer.test/tcp/9/p2p/12D3KooW9pP4Seg3kZYhySpuVjn1RPdQBsUFZKiFxGMGQN5MeL6A";
        config.consensus.peers.insert(0, nobody.parse().expect("an address"));
    })?;
    let resolvers = ["", "nameserver\n", "nameserver fe80::1%eth0\n", "\0 no text"];
    for (node, resolver) in network.nodes.iter_mut().zip(resolvers) {
        let file = node.home.join("resolv.conf");
        std::fs::write(&file, resolver)?;
        // With mounts of its own, in which the machine's files are these.
        let mounts = "mount --bind \"$0\" /etc/resolv.conf && mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"";
        let program = std::mem::replace(&mut node.executable, "unshare".into());
        let told = [&file, &hosts, &program].map(|path| path.display().to_string());
        let within = ["-rm", "sh", "-c", mounts].map(str::to_owned);
        node.arguments = [&within[..], &told[..], &node.arguments[..]].concat();
    }
    network.start_all()?;
    network.reach(3).await?;
    says(&network.nodes[0], "the name of a peer is not found").await?;
    std::fs::write(&hosts, "127.0.0.1 localhost peer.test\n")?;
    says(&network.nodes[0], "the name of a peer is found again").await
}
