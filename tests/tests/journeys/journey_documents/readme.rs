//! `README.md`: from a network of four to a release that runs under a supervisor.

use super::day::{Day, measured, signed_by_all};
use anyhow::ensure;
use host::config::{Config, Home};
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use tests::explorer::repository;
use tests::network::free_base_port;
use tests::votes::{all_hold, deadline_after};
use tests::{Contract, Network, NodeProcess, TestWallet};

/// Validators of the README.
const NODES: usize = 4;
/// Three runs of the command line, and holding what is voted on, take as long on a machine that is busy.
const TIME_TO_VOTE: Duration = Duration::from_secs(15);

/// The network that the README's line has written.
fn network(dir: &Path) -> anyhow::Result<Network> {
    let net = dir.join("net");
    let nodes = (0..NODES).map(|index| {
        let home = Home::at(net.join(format!("node{index}")));
        let account = host::keys::read(&home.default_validator_key())?.account().to_string();
        let port = Config::load(&home)?.rpc.listen.first().port();
        Ok(NodeProcess::new(&dir.join("bin/the-block"), home.path().to_owned(), port, account))
    });
    let nodes = nodes.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Network { dir: net, nodes })
}

/// Follows it; gives the network, and the release that is in force there.
pub(crate) async fn followed(day: &mut Day, candidate: &Path) -> anyhow::Result<(Network, String)> {
    day.follow("README.md");
    let (port, base) = (free_base_port(1)?, free_base_port(u16::try_from(NODES)?)?);
    // Beside whatever runs on this machine, as the README says.
    let dev = format!("dev --rpc-port {port}");
    drop(day.starts("the-block dev", &[("dev", &dev)], port)?);
    let quick = format!("testnet --base-port {base} --block-time-ms 200 --epoch-length 5");
    day.types("the-block testnet --nodes 4 --home net", &[("testnet", &quick)])?;
    written_under_plan(day)?;
    let mut network = network(&day.dir)?;
    day.rpc.clone_from(&network.nodes[0].rpc);
    started_as(&mut network.nodes[0], day, "the-block start --home net/node0", &[])?;
    network.start_all()?;
    network.reach(2).await?;

    let file = candidate.display().to_string();
    let hash = measured(candidate)?;
    let printed = day.types("contract release hash FILE", &[("FILE", &file)])?;
    ensure!(printed.contains(&hash), "{printed}");
    let sign = "contract release sign --hash H --key net/signers/signer0.key";
    let signed = signed_by_all(day, sign, "net/signers/signer0.key", &[("H", &hash)])?;
    let others: String = signed[1..].iter().map(|one| format!("{} ", one.options(false))).collect();
    let said = [("H", hash.as_str()), ("V", "0.2.0"), ("...", "--class minor")];
    let manifest = day.types("contract release manifest --hash H --version V ...", &said)?;
    ensure!(manifest.contains("\"root\""), "{manifest}");
    let deadline = deadline_after(&network.nodes[0], TIME_TO_VOTE).await?;
    let propose = format!("propose-release --deadline {deadline}");
    day.types(
        "contract gov propose-release --hash H --signature S --signer P ... --key net/node0/config/validator.key",
        &[
            ("propose-release", &propose),
            ("H", &hash),
            ("S", &signed[0].signature),
            ("P", &signed[0].signer),
            ("...", others.trim()),
        ],
    )?;
    day.types("contract gov approve-release --id 1 --key net/node1/config/validator.key", &[])?;
    all_hold(&network, 1).await?;
    // Two of four are more than a third, and nobody is against it.
    let key = network.nodes[0].key();
    Contract::at(&day.rpc)?.json(&["gov", "approve-release", "--id", "1", "--key", &key])?;
    let watched = day.types("contract gov proposal 1 --watch", &[])?;
    ensure!(watched.contains("activated"), "{watched}");

    let rpc = day.rpc.clone();
    day.types("contract probe http://127.0.0.1:26600/ready", &[("http://127.0.0.1:26600", &rpc)])?;
    let (to, holder) = (TestWallet::fresh().account().to_string(), network.holder(0));
    let describe = "contract account describe --name \"Acme Validators\" --link https://acme.example --key KEY";
    day.types(describe, &[("KEY", &holder)])?;
    let call = json!({ "accounts": { "transfer": { "to": to, "amount": "5" } } });
    let call = day.write("call.json", &call.to_string())?.display().to_string();
    day.types("contract send --call FILE --key KEY", &[("FILE", &call), ("KEY", &holder)])?;
    day.types("contract gov ticket --hash H --out ticket", &[("H", &hash)])?;
    ensure!(day.dir.join("ticket").is_file(), "no ticket was written");
    let publish = "contract release publish FILE --dest DIR";
    day.types(publish, &[("FILE", &file), ("DIR", "net/node3/artifacts")])?;
    let fetch = "contract gov fetch-release --hash H --home HOME --install";
    day.types(fetch, &[("H", &hash), ("HOME", "net/node3")])?;
    day.types("contract node health --home HOME", &[("HOME", "net/node0")])?;
    supervised(&mut network, day, &hash).await?;
    Ok((network, hash))
}

/// Writes a network under the plan of the repository, from where it is.
fn written_under_plan(day: &mut Day) -> anyhow::Result<()> {
    let (root, profile) = (repository().display().to_string(), "config/profiles/chain.toml");
    let there = format!("{root}/{profile} --root {root}");
    let line = format!("the-block testnet --nodes 4 --home governed --profile {profile} --stage development");
    day.types(&line, &[(profile, &there)])?;
    ensure!(day.dir.join("governed/council/release_commander.key").is_file(), "the commander has no key");
    Ok(())
}

/// Has a node run by the words of a line, in the folder of the day.
fn started_as(node: &mut NodeProcess, day: &mut Day, line: &str, values: &[(&str, &str)]) -> anyhow::Result<()> {
    let typed = day.line(line, values)?;
    node.arguments = typed.split_whitespace().skip(1).map(str::to_owned).collect();
    node.folder = Some(day.dir.clone());
    node.start()
}

/// Stops the last node, and has a supervisor run the release that is installed there.
async fn supervised(network: &mut Network, day: &mut Day, hash: &str) -> anyhow::Result<()> {
    let height = network.nodes[0].height().await?;
    let node = &mut network.nodes[3];
    node.stop().await?;
    started_as(node, day, "the-block supervise --home HOME", &[("HOME", "net/node3")])?;
    node.reach(height + 1).await?;
    let version = node.call("node.version", json!({})).await?;
    ensure!(version["build_bin_hash"] == hash, "it runs {version}");
    Ok(())
}
