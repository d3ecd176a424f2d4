//! Does anything depend on who reads what programs write? Readers that go, stand still or have no room end nothing, hold nothing up
//! and change no exit code.

use anyhow::{Context as _, ensure};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tests::explorer::ExplorerProcess;
use tests::network::free_base_port;
use tests::{Network, NodeProcess, binaries};

/// Blocks as fast as they come, so that twenty of them are soon there.
const FAST: &[&str] = &["--block-time-ms", "50", "--epoch-length", "100000"];

/// What a pipe holds before whoever writes has to wait.
const PIPE: usize = 64 * 1024;

/// A pipe with a name. For as long as the file is open, somebody could read it.
fn pipe(path: &Path) -> anyhow::Result<File> {
    ensure!(Command::new("mkfifo").arg(path).status()?.success(), "cannot make {}", path.display());
    Ok(File::options().read(true).write(true).open(path)?)
}

/// How a reader lets a program down.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lapse {
    Gone,
    GoesMidway,
    StandsStill,
    NoRoom,
}

/// A reader that will, and where a program is to write for it.
struct Reader {
    lapse: Lapse,
    place: PathBuf,
    held: Option<File>,
}

impl Reader {
    fn new(lapse: Lapse, dir: &Path) -> anyhow::Result<Self> {
        if lapse == Lapse::NoRoom {
            return Ok(Self { lapse, place: "/dev/full".into(), held: None });
        }
        let place = dir.join("pipe");
        let mut held = pipe(&place)?;
        if lapse == Lapse::StandsStill {
            held.write_all(&vec![0; PIPE])?;
        }
        Ok(Self { lapse, place, held: Some(held) })
    }

    /// The program has started.
    fn started(&mut self) {
        self.held.take_if(|_| self.lapse == Lapse::Gone);
    }

    /// The program is at work.
    fn midway(&mut self) {
        self.held.take_if(|_| self.lapse == Lapse::GoesMidway);
    }

    /// Whether what the program says from now on is lost.
    fn loses(&self) -> bool {
        self.held.is_none()
    }
}

/// A supervisor and its node write to the same place.
async fn supervised_goes_on_beside(lapse: Lapse) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, FAST)?;
    let node = network.nodes.first_mut().context("a network without nodes")?;
    let mut reader = Reader::new(lapse, dir.path())?;
    node.supervised();
    node.output = Some(reader.place.clone());
    node.start()?;
    reader.started();
    let height = node.reach(2).await?;
    reader.midway();
    // Something to say that there was not before.
    for level in ["debug", "info"] {
        node.operate("node.log_level", serde_json::json!({ "level": level })).await?;
        node.reach(height + 10).await?;
    }
    node.reach(height + 20).await?;
    let lost = node.metric("log_lines_lost_total")?;
    assert_eq!(lost > 0.0, reader.loses(), "{lapse:?}: {lost} lines were lost");
    let status = node.stop().await?;
    assert_eq!(status.code(), Some(0), "{lapse:?}");
    Ok(())
}

#[tokio::test]
async fn o02_a_log_that_nobody_reads_costs_no_block_and_no_exit_code() -> anyhow::Result<()> {
    for lapse in [Lapse::Gone, Lapse::GoesMidway, Lapse::StandsStill, Lapse::NoRoom] {
        supervised_goes_on_beside(lapse).await?;
    }
    Ok(())
}

/// An explorer of a young chain, so that all it has to say of it is less than what is kept for a reader that stands still.
async fn followed_on_beside(lapse: Lapse) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 1, FAST)?;
    network.start_all()?;
    let node = network.nodes.first_mut().context("a network without nodes")?;
    let height = node.reach(2).await?;
    let mut reader = Reader::new(lapse, dir.path())?;
    let index = dir.path().join("index.sqlite").display().to_string();
    let arguments = ["--rpc", &node.rpc, "--db", &index, "--log", "info,sqlx=debug"];
    let explorer = ExplorerProcess::start(&arguments, &reader.place)?;
    reader.started();
    explorer.reach(height + 20).await?;
    let metrics = explorer.get("/metrics")?.body;
    let lost = metrics.lines().find_map(|line| line.strip_prefix("explorer_log_lines_lost_total "));
    assert_eq!(lost.context("nothing counts lost lines")? != "0", reader.loses(), "{lapse:?}");
    explorer.stop()
}

#[tokio::test]
async fn o02_an_explorer_whose_log_nobody_reads_follows_on() -> anyhow::Result<()> {
    for lapse in [Lapse::Gone, Lapse::StandsStill, Lapse::NoRoom] {
        followed_on_beside(lapse).await?;
    }
    Ok(())
}

/// How a program ended whose standard output, or standard error, nobody reads.
fn unread(program: &str, arguments: &[&str], of_errors: bool) -> anyhow::Result<Output> {
    let (reader, writer) = std::io::pipe()?;
    drop(reader);
    let mut command = Command::new(binaries::built(program)?);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if of_errors {
        command.stderr(writer)
    } else {
        command.stdout(writer)
    };
    command.output().with_context(|| format!("cannot run {program}"))
}

#[tokio::test]
async fn o29_a_reader_that_has_seen_enough_changes_neither_effect_nor_exit_code() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 1, FAST)?;
    network.start_all()?;
    network.reach(3).await?;
    let node = network.nodes.first_mut().context("a network without nodes")?;
    node.stop().await?;
    let home = node.home.display().to_string();
    for (stream, of_errors) in [("stdout", false), ("stderr", true)] {
        let place = |name: &str| dir.path().join(format!("{name}-{stream}")).display().to_string();
        let (testnet, solo, snapshot, pages) = (place("testnet"), place("solo"), place("snapshot"), place("pages"));
        let asked: [(&str, &[&str], i32); 23] = [
            ("the-block", &["version"], 0),
            ("the-block", &["version", "--json"], 0),
            ("the-block", &["--help"], 0),
            ("the-block", &["no-such-command"], 2),
            ("the-block", &["self-check"], 0),
            ("the-block", &["man"], 0),
            ("the-block", &["man", "--out", &pages], 0),
            ("the-block", &["completions", "bash"], 0),
            ("the-block", &["testnet", "--nodes", "2", "--home", &testnet], 0),
            ("the-block", &["init", "--home", &solo, "--chain-id", "solo-1"], 0),
            ("the-block", &["check", "--home", &home], 0),
            ("the-block", &["check", "--home", "/no/home"], 1),
            ("the-block", &["export-state", "--home", &home, "--out", &snapshot], 0),
            ("the-block", &["clock", "accept", "--home", &home], 0),
            ("the-block", &["net", "overlay-status", "--rpc", "http://127.0.0.1:9"], 1),
            ("contract", &["man"], 0),
            ("contract", &["completions", "bash"], 0),
            ("contract", &["--help"], 0),
            ("contract", &["--json", "no-such-command"], 2),
            ("the-block-explorer", &["--help"], 0),
            ("the-block-explorer", &["--log", "explorer=loud"], 2),
            ("release_notes", &["--state-dir", &home], 0),
            ("migrate_overlay_store", &["/no/store", "/no/other"], 1),
        ];
        for (program, arguments, code) in asked {
            let output = unread(program, arguments, of_errors)?;
            let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
            assert_eq!(
                output.status.code(),
                Some(code),
                "{program} {arguments:?} without a reader of {stream}: {said}"
            );
            assert!(!said.contains("panicked"), "{program} {arguments:?} without a reader of {stream}: {said}");
        }
        for made in [&testnet, &solo, &snapshot, &pages] {
            assert!(Path::new(made).exists(), "{made} was not made");
        }
    }
    Ok(())
}

fn dev(home: &Path, port: u16) -> Vec<String> {
    vec!["dev".into(), "--home".into(), home.display().to_string(), "--rpc-port".into(), port.to_string()]
}

#[tokio::test]
async fn o29_a_network_of_one_goes_on_whose_words_nobody_reads() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut reader = Reader::new(Lapse::Gone, dir.path())?;
    let port = free_base_port(1)?;
    let executable = binaries::copied("the-block", &dir.path().join("bin"))?;
    let mut node = NodeProcess::new(&executable, dir.path().join("home"), port, String::new());
    node.arguments = dev(&node.home, port);
    node.output = Some(reader.place.clone());
    node.start()?;
    reader.started();
    node.reach(3).await?;
    assert_eq!(node.stop().await?.code(), Some(0));
    Ok(())
}

/// What a program writes to a terminal; it may fail.
fn on_terminal(command: &str, environment: &[(&str, &str)]) -> anyhow::Result<String> {
    let mut script = Command::new("script");
    script.args(["-qc", command, "/dev/null"]).stdin(Stdio::null()).env_remove("NO_COLOR").env("TERM", "xterm");
    let output = script.envs(environment.iter().copied()).output().context("cannot run script")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn o33_every_program_colours_its_log_on_a_terminal_alone_and_not_when_nobody_wants_it() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::write(dir.path(), 1, FAST)?;
    let node = network.nodes.first().context("a network without nodes")?;
    // It says what its boot check found, and then that it cannot serve.
    let _taken = std::net::TcpListener::bind(("127.0.0.1", node.port))?;
    let index = dir.path().join("index.sqlite");
    let (contract, explorer) = (binaries::built("contract")?, binaries::built("the-block-explorer")?);
    let commands = [
        format!("{} start --home {}", node.executable.display(), node.home.display()),
        format!("{} --rpc http://127.0.0.1:9 --log debug status", contract.display()),
        // It waits for a node.
        format!(
            "timeout 1 {} --rpc http://127.0.0.1:9 --db {} --listen 127.0.0.1:0",
            explorer.display(),
            index.display()
        ),
    ];
    for command in commands {
        assert!(on_terminal(&command, &[])?.contains('\x1b'), "{command} colours nothing");
        assert!(on_terminal(&command, &[("NO_COLOR", "")])?.contains('\x1b'), "{command}: an empty NO_COLOR is none");
        for plain in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            let said = on_terminal(&command, &[plain])?;
            assert!(!said.is_empty() && !said.contains('\x1b'), "{command} with {plain:?}: {said:?}");
        }
        let output = Command::new("sh").args(["-c", &command]).output()?;
        assert!(!output.stderr.is_empty() && !output.stderr.contains(&0x1b), "{command} colours a file");
    }
    Ok(())
}
