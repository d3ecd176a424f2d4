//! `contract gov fetch-release`, as an operator types it: against mirrors of every kind, with a node that runs.

use host::config::Home;
use releases::Platform;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::network::QUICK;
use tests::votes::{approve, approve_release};
use tests::{Contract, Network, binaries};
use update::Releases;
use update::release_file::host_platform;

/// A running network of one with an approved release that a mirror has.
struct Scene {
    dir: tempfile::TempDir,
    network: Network,
    mirror: MirrorServer,
    artifact: PathBuf,
    hash: String,
}

impl Scene {
    async fn set() -> anyhow::Result<Self> {
        Self::of_release(true).await
    }

    /// With a release whose size is on chain, or one that was proposed by its hash alone.
    async fn of_release(is_described: bool) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
        network.start_all()?;
        network.reach(2).await?;
        let artifact = binaries::variant("the-block", &dir.path().join("next"), "the next release")?;
        let served = publish(&network, &artifact, &dir.path().join("mirror"))?;
        let mirror = MirrorServer::of(&served, MirrorBehaviour::Good)?;
        let hash = if is_described {
            approve_release(&mut network, &artifact).await?
        } else {
            let hash = update::release_file::inspect(&artifact)?.build_hash.to_string();
            approve(&mut network, &hash, &[]).await?;
            hash
        };
        Ok(Self { dir, network, mirror, artifact, hash })
    }

    /// Has a file approved for a platform, whatever it is made for, and the mirror serve it.
    async fn approve_for(&mut self, file: &Path, platform: &Platform) -> anyhow::Result<String> {
        let hash = update::release_file::measure_file(file)?.to_string();
        let served = publish(&self.network, file, &self.dir.path().join(format!("mirror of {hash}")))?;
        self.mirror = MirrorServer::of(&served, MirrorBehaviour::Good)?;
        approve(&mut self.network, &hash, &["--platform", platform.as_str()]).await?;
        Ok(hash)
    }

    fn home(&self) -> String {
        self.network.nodes[0].home.display().to_string()
    }

    fn releases(&self) -> Releases {
        Releases::of(&Home::at(&self.network.nodes[0].home))
    }

    /// The artifacts that lie where they are fetched to. What the node itself fetches ahead of a vote has a folder of its own there.
    fn staged(&self) -> Vec<String> {
        let staging = Home::at(&self.network.nodes[0].home).staging();
        let Ok(entries) = std::fs::read_dir(staging) else { return Vec::new() };
        let files = entries.map(Result::unwrap).filter(|entry| entry.file_type().unwrap().is_file());
        files.map(|file| file.file_name().to_string_lossy().into_owned()).collect()
    }

    fn contract(&self) -> anyhow::Result<Contract> {
        Ok(Contract::at(&self.network.nodes[0].rpc)?.fetching_from(&self.mirror))
    }

    fn fetch(&self, hash: &str, more: &[&str]) -> anyhow::Result<Output> {
        let home = self.home();
        self.contract()?.run(&[&["gov", "fetch-release", "--hash", hash, "--no-peers", "--home", &home], more].concat())
    }

    fn refusals(&self, code: &str) -> f64 {
        self.network.nodes[0].metric(&format!("release_updates_refused_total{{code=\"{code}\"}}")).unwrap_or(0.0)
    }

    /// An installation that must be refused: by its code, counted, and with nothing left or changed.
    fn require_refused(&self, hash: &str, more: &[&str], code: &str) -> anyhow::Result<()> {
        let (linked, counted) = (self.releases().live(), self.refusals(code));
        let output = self.fetch(hash, &[&["--install"], more].concat())?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{code}: {said}");
        assert!(said.contains(&format!("({code})")), "{code}: {said}");
        assert_eq!(self.releases().live(), linked, "{code}: what is linked is as it was");
        assert_eq!(self.staged(), Vec::<String>::new(), "{code}: nothing is left");
        assert_eq!(self.refusals(code), counted + 1.0, "{code}: it is counted");
        Ok(())
    }
}

fn publish(network: &Network, artifact: &Path, dest: &Path) -> anyhow::Result<PathBuf> {
    let contract = Contract::at(&network.nodes[0].rpc)?;
    contract.json(&["release", "publish", &artifact.display().to_string(), "--dest", &dest.display().to_string()])?;
    Ok(dest.into())
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn o38_a_release_is_fetched_and_installed_and_every_bad_mirror_is_refused_and_counted() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    scene.network.nodes[0].configure(|config| {
        config.update.pace_window_s = 1;
        config.update.min_bytes_per_second = 100_000;
    })?;
    let bad = [
        (MirrorBehaviour::OtherByte(3), "E_ARBITRARY"),
        (MirrorBehaviour::OtherTree, "E_ARBITRARY"),
        (MirrorBehaviour::Silent, "E_SLOW"),
        (MirrorBehaviour::Drip(1000), "E_SLOW"),
        (MirrorBehaviour::RedirectLoop, "E_REDIRECT"),
        (MirrorBehaviour::WrongLength, "E_SIZE"),
        (MirrorBehaviour::Compressed, "E_ARCHIVE"),
        (MirrorBehaviour::Status(404), "E_NOT_HELD"),
        (MirrorBehaviour::Status(503), "E_STATUS"),
    ];
    for (conduct, code) in bad {
        scene.mirror.behave(conduct);
        scene.require_refused(&scene.hash.clone(), &[], code)?;
    }
    scene.mirror.behave(MirrorBehaviour::Good);

    // As a file, for whoever wants to look at it: other tools agree about it.
    let dest = scene.dir.path().join("out/release.bin");
    let output = scene.fetch(&scene.hash, &["--dest", &dest.display().to_string(), "--json"])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let events = lines(&output);
    assert_eq!(events.first().map(|event| event["event"].clone()), Some("started".into()), "{events:?}");
    let done = events.last().expect("a last line");
    assert_eq!((&done["event"], done["proven_at"].is_u64()), (&"done".into(), true), "{done}");
    assert_eq!(std::fs::read(&dest)?, std::fs::read(&scene.artifact)?);
    let b3sum = std::process::Command::new("b3sum").arg(&dest).output()?;
    assert!(String::from_utf8_lossy(&b3sum.stdout).starts_with(&scene.hash));

    let output = scene.fetch(&scene.hash, &["--install"])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let releases = scene.releases();
    assert_eq!(update::release_file::measure_file(&releases.running())?.to_string(), scene.hash);
    assert_eq!(scene.staged(), Vec::<String>::new());
    // What was installed is held for other nodes.
    assert!(scene.network.nodes[0].home.join(format!("artifacts/{}.bin.obao4", scene.hash)).is_file());

    // Started by its old path, the old build runs, and says which one is installed.
    let hash = scene.hash.clone();
    scene.network.nodes[0].stop().await?;
    let old = update::release_file::measure_file(&scene.network.nodes[0].executable)?.to_string();
    scene.network.nodes[0].start()?;
    scene.network.nodes[0]
        .until("a warning with both builds", async |node| {
            let log = std::fs::read_to_string(node.log()).ok()?;
            let says = |line: &str| [&old, &hash].iter().all(|build| line.contains(build.as_str()));
            log.lines().any(|line| says(line) && line.contains("start --home")).then_some(())
        })
        .await?;
    scene.network.nodes[0].stop().await?;
    // What was printed runs it.
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let command = printed.lines().find_map(|line| line.trim().strip_prefix("To run")).expect("how to run it").trim();
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    scene.network.nodes[0].executable = PathBuf::from(&words[0]);
    scene.network.nodes[0].arguments = words[1..].to_vec();
    scene.network.nodes[0].start()?;
    scene.network.nodes[0]
        .until("the new build", async |node| {
            let version = node.call("node.version", serde_json::json!({})).await.ok()?;
            (version["build_bin_hash"] == hash.as_str()).then_some(())
        })
        .await
}

#[tokio::test]
async fn h08_t10_liars_about_the_size_keep_no_release_from_being_installed() -> anyhow::Result<()> {
    let scene = Scene::of_release(false).await?;
    scene.network.nodes[0].configure(|config| config.update.max_artifact_bytes = 1 << 62)?;
    let size = std::fs::metadata(&scene.artifact)?.len();
    for (says, code) in [(1 << 63, "E_ENDLESS"), (1 << 61, "E_DISK_FULL"), (size - 1, "E_ENDLESS")] {
        scene.mirror.behave(MirrorBehaviour::Announces(says));
        scene.require_refused(&scene.hash, &[], code)?;
    }
    scene.mirror.behave(MirrorBehaviour::Good);

    // They are asked before the good one.
    let served = scene.dir.path().join("mirror");
    let lies = [1 << 63, 1 << 61, size + 1, size - 1].map(MirrorBehaviour::Announces);
    let liars = lies.into_iter().map(|lie| MirrorServer::of(&served, lie)).collect::<Result<Vec<_>, _>>()?;
    let named = liars.iter().flat_map(|liar| ["--source", liar.url.as_str()]);
    let output = scene.fetch(&scene.hash, &named.chain(["--install", "--json"]).collect::<Vec<_>>())?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let events = lines(&output);
    let failed = events.iter().filter(|event| event["event"] == "source_failed");
    let mut blamed: Vec<&str> = failed.filter_map(|event| event["source"].as_str()).collect();
    let mut expected: Vec<&str> = liars.iter().map(|liar| liar.url.as_str()).collect();
    blamed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(blamed, expected, "each liar, and not the good one");
    let releases = scene.releases();
    assert_eq!(update::release_file::measure_file(&releases.running())?.to_string(), scene.hash);
    assert_eq!(scene.staged(), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn what_governance_or_this_operator_does_not_allow_is_not_installed() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    let hash = scene.hash.clone();

    // T1: never approved.
    scene.require_refused(&"ab".repeat(32), &[], "E_NOT_APPROVED")?;

    // The operator trusts a signer who has not signed.
    let stranger = scene.dir.path().join("stranger.key");
    let contract = scene.contract()?;
    let generated = contract.json(&["keys", "generate", &stranger.display().to_string()])?;
    let public = tests::votes::find(&generated, "public_key").and_then(Value::as_str).expect("a public key").to_owned();
    let mut distrusting = scene.contract()?;
    distrusting.environment.push(("TB_RELEASE_SIGNERS".into(), public.clone()));
    let home = scene.home();
    let fetch = ["gov", "fetch-release", "--hash", &hash, "--no-peers", "--home", &home, "--install"];
    let (code, said) = distrusting.refused(&fetch)?;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("(E_PROVENANCE)") && scene.staged().is_empty(), "{said}");
    // With that signer's own signature it is fine.
    let signed = contract.json(&["release", "sign", "--hash", &hash, "--key", &stranger.display().to_string()])?;
    let signature = signed["signature"].as_str().expect("a signature");
    let brought = [&fetch[..7], &["--signer", &public, "--signature", signature]].concat();
    let dest = scene.dir.path().join("brought.bin").display().to_string();
    let output = distrusting.run(&[&brought[..], &["--dest", &dest]].concat())?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // T21: a node of another network proves nothing here.
    let mut other = Network::write(&scene.dir.path().join("other"), 1, QUICK)?;
    other.start_all()?;
    let height = scene.network.nodes[0].height().await?;
    other.reach(height + 5).await?;
    let old = scene.network.nodes[0].call("node.version", serde_json::json!({})).await?["build_bin_hash"].clone();
    let old = old.as_str().expect("a hash").to_owned();
    let lying = Contract::at(&other.nodes[0].rpc)?.fetching_from(&scene.mirror);
    let of_genesis = ["gov", "fetch-release", "--hash", &old, "--no-peers", "--home", &home, "--install"];
    let (code, said) = lying.refused(&of_genesis)?;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("(E_PROOF)"), "{said}");

    // T28: governance approved something that is no executable.
    let gzip = scene.dir.path().join("archive.gz");
    std::fs::write(&gzip, b"\x1f\x8b\x08 an archive in place of a release")?;
    let archive = scene.approve_for(&gzip, &host_platform()).await?;
    scene.require_refused(&archive, &[], "E_ARCHIVE")?;
    Ok(())
}

#[tokio::test]
async fn h10_t09_a_release_for_another_platform_is_not_installed() -> anyhow::Result<()> {
    let mut scene = Scene::set().await?;
    let here = host_platform();
    let (elsewhere, machine): (Platform, u16) =
        if here.as_str() == "aarch64-linux" { ("x86_64-linux".parse()?, 62) } else { ("aarch64-linux".parse()?, 183) };

    // What would run here, approved for other machines.
    let mine = binaries::variant("the-block", &scene.dir.path().join("mine"), "for other machines")?;
    let hash = scene.approve_for(&mine, &elsewhere).await?;
    scene.require_refused(&hash, &[], "E_WRONG_TARGET")?;
    let before = scene.network.nodes[0].call("gov.release", serde_json::json!({ "hash": scene.hash })).await?;
    assert_eq!(before["standing"], "active", "it takes no place here: {before}");

    // What runs on other machines, approved for this one.
    let theirs = scene.dir.path().join("theirs");
    let mut bytes = std::fs::read(&mine)?;
    bytes[18..20].copy_from_slice(&machine.to_le_bytes());
    std::fs::write(&theirs, bytes)?;
    let hash = scene.approve_for(&theirs, &here).await?;
    scene.require_refused(&hash, &[], "E_WRONG_TARGET")?;
    Ok(())
}

#[tokio::test]
async fn a_large_artifact_is_fetched_in_bounded_memory() -> anyhow::Result<()> {
    const MIB: usize = 1 << 20;
    let dir = tempfile::tempdir()?;
    let large = dir.path().join("large");
    let chunk: Vec<u8> = (0..MIB).map(|at| (at * 31 + at / 977) as u8).collect();
    {
        let mut file = std::fs::File::create(&large)?;
        for _ in 0..300 {
            std::io::Write::write_all(&mut file, &chunk)?;
        }
    }
    let contract = Contract::at("http://127.0.0.1:9")?;
    let served = dir.path().join("mirror");
    let published = contract.json(&[
        "release",
        "publish",
        &large.display().to_string(),
        "--dest",
        &served.display().to_string(),
    ])?;
    let hash = published["build_hash"].as_str().expect("a hash").to_owned();
    let mirror = MirrorServer::of(&served, MirrorBehaviour::Good)?;
    let dest = dir.path().join("out.bin").display().to_string();
    let (status, most) = tests::memory::most_of(contract.command(&[
        "gov",
        "fetch-release",
        "--hash",
        &hash,
        "--source",
        &mirror.url,
        "--dest",
        &dest,
        "--home",
        &dir.path().display().to_string(),
    ]))?;
    assert!(status.success());
    assert!(most < 64 * MIB as u64, "{} MiB were resident", most / MIB as u64);
    Ok(())
}
