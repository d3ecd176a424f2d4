//! What may a service manager, a terminal or a watchdog do to a node that only watches it? It ends for who is entitled to end it, says
//! that it is ready for itself, and beats whatever its disk does.

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tests::network::{QUICK, free_base_port};
use tests::node::PATIENCE;
use tests::processes::{children_of, signal};
use tests::{ExplorerProcess, Network, NodeProcess, binaries};

/// What ends other programs, and asks for the end of none of these.
const MEANINGLESS: [Signal; 4] = [Signal::HUP, Signal::USR1, Signal::USR2, Signal::ALARM];

/// A manager at a socket, as systemd is: what it was told, and when.
fn manager(socket: &Path) -> anyhow::Result<Receiver<(Instant, String)>> {
    let systemd = UnixDatagram::bind(socket)?;
    let (said, heard) = channel();
    std::thread::spawn(move || {
        let mut message = [0; 4096];
        while let Ok(length) = systemd.recv(&mut message) {
            let text = String::from_utf8_lossy(&message[..length]).into_owned();
            if said.send((Instant::now(), text)).is_err() {
                return;
            }
        }
    });
    Ok(heard)
}

/// Waits until a manager is told something.
fn told(heard: &Receiver<(Instant, String)>, what: &str) -> anyhow::Result<String> {
    let began = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(began.elapsed());
        let (_, text) = heard.recv_timeout(left).with_context(|| format!("nobody says {what}"))?;
        if text.contains(what) {
            return Ok(text);
        }
    }
}

/// Sends a process what means nothing to it.
fn pester(process: u32) -> anyhow::Result<()> {
    MEANINGLESS.into_iter().try_for_each(|meaningless| signal(process, meaningless))
}

/// Has a node pestered from its first word on until it was told to stop, with what it started.
async fn goes_on_pestered(node: &mut NodeProcess) -> anyhow::Result<()> {
    let said = |node: &NodeProcess| node.log().metadata().map_or(0, |log| log.len());
    let before = said(node);
    node.start()?;
    let process = node.process_id().context("it does not run")?;
    node.until("a word", async |node| (said(node) > before).then_some(())).await?;
    pester(process)?;
    let height = node.reach(2).await?;
    let children = children_of(process)?;
    for more in [2, 4] {
        pester(process)?;
        children.iter().try_for_each(|child| pester(*child))?;
        node.reach(height + more).await?;
    }
    assert_eq!(children_of(process)?, children, "another node runs; {}", node.last_words());
    signal(process, Signal::TERM)?;
    for process in children.into_iter().chain([process]) {
        // It may have ended by now.
        let _ = pester(process);
    }
    let status = node.exit().await?;
    assert_eq!(status.code(), Some(0), "{status}: {}", node.last_words());
    Ok(())
}

#[tokio::test]
async fn o01_signals_that_ask_for_nothing_end_neither_node_supervisor_dev_nor_explorer() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    let node = network.nodes.first_mut().context("a network without nodes")?;
    goes_on_pestered(node).await?;
    node.supervised();
    goes_on_pestered(node).await?;

    let port = free_base_port(1)?;
    let executable = binaries::copied("the-block", &dir.path().join("bin"))?;
    let home = dir.path().join("dev");
    let mut dev = NodeProcess::new(&executable, home.clone(), port, String::new());
    dev.arguments =
        vec!["dev".into(), "--home".into(), home.display().to_string(), "--rpc-port".into(), port.to_string()];
    dev.output = Some(dir.path().join("dev.log"));
    goes_on_pestered(&mut dev).await?;

    node.start()?;
    node.reach(8).await?;
    let index = dir.path().join("index.sqlite").display().to_string();
    let explorer = ExplorerProcess::start(&["--rpc", &node.rpc, "--db", &index], &dir.path().join("explorer.log"))?;
    pester(explorer.process_id())?;
    let height = node.height().await?;
    explorer.reach(height + 1).await?;
    explorer.stop()?;
    node.stop().await?;
    Ok(())
}

#[tokio::test]
async fn o04_one_of_four_is_ready_alone_and_says_what_it_waits_for() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 4, QUICK)?;
    for (number, node) in network.nodes.iter_mut().enumerate() {
        let socket = dir.path().join(format!("notify-{number}"));
        let heard = manager(&socket)?;
        node.supervised();
        node.environment.push(("NOTIFY_SOCKET".into(), socket.display().to_string()));
        node.start()?;
        // As `systemctl start` does, one after the other.
        told(&heard, "READY=1").with_context(|| node.last_words())?;
        node.height().await?;
        // The first one alone says for how long nothing came, once the last block, that of genesis, is old, and what it waits for.
        told(&heard, if number == 0 { " s, 0 peers; " } else { "STATUS=height" })?;
    }
    network.reach(3).await?;
    for node in &mut network.nodes {
        assert!(node.stop().await?.success(), "{}", node.last_words());
    }
    Ok(())
}

/// A process that holds a write lease on a file: who opens it waits. It ends when this is dropped.
struct Lease(Child);

impl Lease {
    fn on(path: &Path) -> anyhow::Result<Self> {
        const HOLD: &str = "import fcntl, os, signal, sys\n\
                            signal.signal(signal.SIGIO, signal.SIG_IGN)\n\
                            held = os.open(sys.argv[1], os.O_RDWR)\n\
                            fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)\n\
                            print('held', flush=True)\n\
                            sys.stdin.read()\n";
        let mut python = Command::new("python3");
        let mut process = python.args(["-c", HOLD]).arg(path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        let stdout = process.stdout.take().context("no standard output")?;
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut said)?;
        let lease = Self(process);
        ensure!(said == "held\n", "there is no lease on {}", path.display());
        Ok(lease)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn o03_no_beat_and_no_signal_waits_for_the_disk() -> anyhow::Result<()> {
    const LIMIT: Duration = Duration::from_secs(2);
    let dir = tempfile::tempdir()?;
    // Slow enough for the supervisor to open the store only once the lease is held: when the node is well.
    let slow = ["--block-time-ms", "1000", "--epoch-length", "100000"];
    let mut network = Network::write(&dir.path().join("network"), 1, &slow)?;
    let node = network.nodes.first_mut().context("a network without nodes")?;
    let socket = dir.path().join("notify");
    let heard = manager(&socket)?;
    node.supervised();
    let watched = [("NOTIFY_SOCKET", socket.display().to_string()), ("WATCHDOG_USEC", LIMIT.as_micros().to_string())];
    node.environment.extend(watched.map(|(name, value)| (name.to_owned(), value)));
    node.start()?;
    node.until("an answer", async |node| node.height().await.ok()).await?;
    let _lease = Lease::on(&node.home.join("governance_db/CURRENT"))?;
    let began = Instant::now();
    // Long enough for a beat to be missed.
    let mut last = began;
    while began.elapsed() < LIMIT * 4 {
        let (at, text) = heard.recv_timeout(LIMIT).context("no beat within the watchdog's time")?;
        if at > last && text.contains("WATCHDOG=1") {
            ensure!(at - last < LIMIT, "{:?} passed without a beat", at - last);
            last = at;
        }
    }
    ensure!(last.elapsed() < LIMIT, "{:?} passed without a beat", last.elapsed());
    let asked = Instant::now();
    let status = node.stop().await?;
    assert!(status.success(), "{status}: {}", node.last_words());
    assert!(asked.elapsed() < Duration::from_secs(5), "the end took {:?}", asked.elapsed());
    Ok(())
}
