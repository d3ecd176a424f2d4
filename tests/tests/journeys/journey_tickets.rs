//! Can a home that has only genesis run a build that was approved later? By a ticket that proves it, and by no other.

use host::config::{Config, Home};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tests::clock::{OtherClock, accept};
use tests::network::{QUICK, free_base_port};
use tests::node::PATIENCE;
use tests::refusal::{RefusedStart, refused_start};
use tests::votes::{all_yes, approve_release, concluded, propose};
use tests::walk::{Walk, stripped};
use tests::{Contract, Network, NodeProcess, binaries};
use update::Releases;

/// A network of one that has approved a second build and runs it, and a network of strangers whose genesis approves it.
struct World {
    network: Network,
    strangers: Network,
    candidate: PathBuf,
    hash: String,
}

async fn world(dir: &Path) -> anyhow::Result<World> {
    let executable = binaries::copied("the-block", dir)?;
    let candidate = stripped(&executable, &dir.join("the-block-0.2.0"))?;
    let mut network = Network::write_with(&executable, &dir.join("network"), 1, free_base_port(1)?, QUICK)?;
    let walked = Walk { network: &mut network, candidate: &candidate, tell: &|_| {} }.take().await?;
    let other = [QUICK, &["--chain-id", "strangers"]].concat();
    let mut strangers = Network::write_with(&candidate, &dir.join("strangers"), 1, free_base_port(1)?, &other)?;
    strangers.start_all()?;
    strangers.reach(2).await?;
    Ok(World { network, strangers, candidate, hash: walked.build_hash })
}

impl World {
    /// A home with nothing but genesis and a configuration, for the second build.
    fn newcomer(&self) -> anyhow::Result<NodeProcess> {
        let mut node = self.network.follower()?;
        node.executable.clone_from(&self.candidate);
        Ok(node)
    }

    fn ticket(&self, of: &Network, file: &str) -> anyhow::Result<PathBuf> {
        let path = self.network.dir.join(file);
        let written = Contract::at(&of.nodes[0].rpc)?.json(&[
            "gov",
            "ticket",
            "--hash",
            &self.hash,
            "--out",
            &path.display().to_string(),
        ])?;
        assert_eq!(written["build_hash"], self.hash.as_str(), "{written}");
        Ok(path)
    }
}

fn with_ticket(node: &mut NodeProcess, ticket: &Path) {
    node.arguments.truncate(3);
    node.arguments.extend(["--ticket".into(), ticket.display().to_string()]);
}

fn with_sources(node: &NodeProcess, sources: &[&NodeProcess]) -> anyhow::Result<()> {
    let file = node.home.join("config/config.toml");
    let mut config = Config::parse(&std::fs::read_to_string(&file)?, "config.toml")?;
    config.boot.ticket_sources = sources.iter().map(|source| source.rpc.clone()).collect();
    Ok(std::fs::write(&file, config.to_text())?)
}

#[tokio::test]
async fn a_home_with_only_genesis_boots_a_later_build_by_its_ticket() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let world = world(dir.path()).await?;
    let mut node = world.newcomer()?;
    let RefusedStart { code, said } = refused_start(&mut node).await?;
    assert_eq!(code, Some(10), "{said}");
    assert!(said.contains("--ticket"), "what to do is missing: {said}");

    let ticket = world.ticket(&world.network, "ticket")?;
    assert!(std::fs::metadata(&ticket)?.len() < 16 << 10);
    with_ticket(&mut node, &ticket);
    node.start()?;
    let height = node.reach(5).await?;
    assert_eq!(node.stop().await?.code(), Some(0));

    // The node was not told again: it kept the ticket until its own state knows the build.
    node.arguments.truncate(3);
    std::fs::remove_file(&ticket)?;
    node.start()?;
    node.reach(height + 5).await?;
    Ok(())
}

#[tokio::test]
async fn t21_a_ticket_that_proves_nothing_is_refused_with_what_failed_in_it() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let world = world(dir.path()).await?;
    let mut node = world.newcomer()?;
    let good = std::fs::read(world.ticket(&world.network, "good")?)?;
    let mut refuse = async |name: &str, bytes: &[u8], why: &str| -> anyhow::Result<()> {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes)?;
        with_ticket(&mut node, &file);
        let RefusedStart { code, said } = refused_start(&mut node).await?;
        assert_eq!(code, Some(12), "{name}: {said}");
        assert!(said.contains(why), "{name}: {said}");
        Ok(())
    };
    refuse("truncated", &good[..good.len() / 2], "cut off or damaged").await?;
    refuse("not-a-ticket", b"#!/bin/sh\n", "it is not a ticket").await?;
    // The last byte belongs to a proof, one in the middle to a header or its certificate.
    let flipped = |at: usize| {
        let mut forged = good.clone();
        forged[at] ^= 1;
        forged
    };
    refuse("forged-proof", &flipped(good.len() - 3), "proves nothing").await?;
    refuse("forged-header", &flipped(64), "cannot be trusted").await?;
    let foreign = std::fs::read(world.ticket(&world.strangers, "foreign")?)?;
    refuse("foreign", &foreign, "of network \"strangers\"").await?;
    let (code, report) = node.check()?;
    assert_eq!(code, Some(10), "without the bad ticket the home is as it was: {report}");
    Ok(())
}

#[tokio::test]
async fn t21_a_node_that_lies_about_approvals_is_found_out_and_an_honest_one_is_enough() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let world = world(dir.path()).await?;
    let mut node = world.newcomer()?;
    let (liar, honest) = (&world.strangers.nodes[0], &world.network.nodes[0]);
    with_sources(&node, &[liar])?;
    let RefusedStart { code, said } = refused_start(&mut node).await?;
    assert_eq!(code, Some(12), "{said}");
    assert!(said.contains(&liar.rpc) && said.contains("strangers"), "who lied is missing: {said}");
    with_sources(&node, &[liar, honest])?;
    node.start()?;
    node.reach(5).await?;
    Ok(())
}

#[tokio::test]
async fn h11_t21_a_source_of_another_history_of_this_network_is_found_out_and_counted() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let world = world(dir.path()).await?;
    // It has this network's name, validators of its own, and a genesis that approves the build.
    let mut liars = Network::write_with(&world.candidate, &dir.path().join("liars"), 1, free_base_port(1)?, QUICK)?;
    liars.start_all()?;
    liars.reach(2).await?;
    let mut node = world.newcomer()?;
    let (liar, honest) = (&liars.nodes[0], &world.network.nodes[0]);
    with_sources(&node, &[liar])?;
    for _ in 0..2 {
        let RefusedStart { code, said } = refused_start(&mut node).await?;
        assert_eq!(code, Some(12), "{said}");
        assert!(said.contains(&liar.rpc) && said.contains("trusted power signed"), "{said}");
        assert!(said.contains("(E_PROOF)"), "{said}");
    }
    let home = Home::at(&node.home);
    assert!(!home.ticket().exists() && !home.anchor().exists(), "nothing of it is kept");
    assert_eq!(Releases::of(&home).live(), None);
    with_sources(&node, &[liar, honest])?;
    node.start()?;
    node.reach(5).await?;
    assert_eq!(node.metric("release_updates_refused_total{code=\"E_PROOF\"}")?, 1.0);
    Ok(())
}

#[tokio::test]
async fn h12_t26_a_clock_that_was_set_back_takes_no_ticket_until_it_is_confirmed() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (world, clock) = (world(dir.path()).await?, OtherClock::build(dir.path())?);
    let mut node = world.newcomer()?;
    // A process of this home runs while the clock is three hours ahead; then the clock is set back.
    let mut contract = Contract::at(&world.network.nodes[0].rpc)?;
    contract.environment.extend(clock.ahead(3 * 3600));
    let home = node.home.display().to_string();
    let (_, said) = contract.refused(&["gov", "fetch-release", "--hash", &world.hash, "--install", "--home", &home])?;
    assert!(said.contains("(E_FREEZE)"), "{said}");

    let ticket = world.ticket(&world.network, "ticket")?;
    with_ticket(&mut node, &ticket);
    for _ in 0..2 {
        let RefusedStart { code, said } = refused_start(&mut node).await?;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("(E_CLOCK)") && said.contains("`the-block clock accept`"), "{said}");
    }
    assert!(!Home::at(&node.home).ticket().exists());
    assert_eq!(accept(&node)?["accepted"], true);
    node.start()?;
    node.reach(5).await?;
    assert_eq!(node.metric("release_updates_refused_total{code=\"E_CLOCK\"}")?, 1.0);
    assert_eq!(node.metric("release_updates_refused_total{code=\"E_FREEZE\"}")?, 1.0);
    Ok(())
}

#[tokio::test]
async fn h12_a_stop_that_a_kept_ticket_knows_of_is_exit_11_from_then_on() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let candidate = binaries::variant("the-block", &dir.path().join("candidate"), "approved, and revoked")?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    // Long enough to start by the ticket in between: some thirty seconds.
    network.edit_genesis(|genesis| genesis["releases"]["params"]["notice_epochs"] = 30.into())?;
    network.start_all()?;
    network.reach(2).await?;
    let hash = approve_release(&mut network, &candidate).await?;
    let id = propose(&network, &["propose-revoke", "--hash", &hash, "--reason", "it leaks"]).await?;
    all_yes(&network, id)?;
    assert_eq!(concluded(&mut network.nodes[0], id).await?, "activated");
    let ticket = dir.path().join("ticket");
    let out = ticket.display().to_string();
    Contract::at(&network.nodes[0].rpc)?.json(&["gov", "ticket", "--hash", &hash, "--out", &out])?;
    // Nobody tells it anything from now on, neither the network nor the operator.
    assert!(network.nodes[0].stop().await?.success());
    let mut node = network.follower()?;
    node.executable.clone_from(&candidate);
    with_ticket(&mut node, &ticket);
    node.start()?;
    node.until("an answer", async |node| node.height().await.ok()).await?;
    assert!(node.stop().await?.success());
    std::fs::remove_file(&ticket)?;
    node.arguments.truncate(3);
    let (code, report) = node.check()?;
    assert_eq!(code, Some(0), "its end is announced and has not come: {report}");

    let started = Instant::now();
    while node.check()?.0 == Some(0) {
        assert!(started.elapsed() < PATIENCE, "the clock does not bring the end of a build");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for _ in 0..2 {
        let RefusedStart { code, said } = refused_start(&mut node).await?;
        assert_eq!(code, Some(11), "{said}");
        assert!(said.contains("it leaks"), "{said}");
    }
    assert_eq!(node.check()?.0, Some(11));
    Ok(())
}
