//! `the-block start` and `the-block dev`: run a node.

use super::{Failure, examine, log_to_stderr, prepare, read_home};
use crate::boot::{BootReport, Decision, Examined, Judgement};
use crate::lifetime::Retired;
use crate::network::NetworkPlan;
use crate::node::{PortTaken, RunningNode};
use crate::supervise::Signals;
use crate::supervise::parent::is_supervised;
use anyhow::{Context as _, anyhow};
use host::config::{Config, Home};
use host::console;
use host::memory::AvailableMemory;
use host::threads;
use host::variables::variable;
use primitives::BuildHash;
use runtime::Genesis;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::db::{Access, Settings, Store};
use tokio::runtime::Runtime;
use update::audit;
use update::{
    Installer, Journal, MeasuredExecutable, PREVIOUS_VARIABLE, RealDisk, Releases, UpdateError, rollback_failed_startup,
};

/// How long what still reads is waited for once the node has stopped, and as long again until nobody has the store any more.
const AFTER_STOPPING: Duration = Duration::from_secs(2);
/// Threads that may block at once for what peers and clients want.
const MOST_BLOCKING: usize = 64;

/// The priority of threads that do not decide blocks, whose is 0; 19 is the least.
#[cfg(target_os = "linux")]
const GIVES_WAY: i32 = 10;

/// Runs the node of a home until it is told to stop.
pub(super) fn start(home: &Path, ticket: Option<&Path>, log: Option<&str>) -> Result<(), Failure> {
    share_beside_consensus()?;
    let (home, config, genesis) = read_home(home)?;
    log_to_stderr(&config, log)?;
    boot_and_run(home, config, genesis, ticket)
}

/// Runs a one-validator network in this process.
pub(super) fn dev(home: Option<&Path>, rpc_port: u16, log: Option<&str>) -> Result<(), Failure> {
    share_beside_consensus()?;
    let temporary = match home {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("the-block-dev-").tempdir().context("cannot make a folder")?),
    };
    let dir = home.or_else(|| temporary.as_ref().map(tempfile::TempDir::path)).context("no folder for the chain")?;
    let home = Home::at(dir);
    if !home.genesis().exists() {
        let plan = NetworkPlan { base_port: rpc_port, ..NetworkPlan::default() };
        plan.write_single(&home, None).map_err(Failure::Usage)?;
    }
    let (home, config, genesis) = read_home(dir)?;
    log_to_stderr(&config, log)?;
    console::announce(&format!(
        "the-block dev: JSON-RPC on http://{}, files in {}\n  signers  {}\n  holders  {}\n",
        config.rpc.listen,
        dir.display(),
        dir.join("signers").display(),
        dir.join("holders").display()
    ));
    let ended = boot_and_run(home, config, genesis, None);
    // The configuration of a temporary folder is nobody's to change.
    ended.map_err(|failure| if temporary.is_some() { with_other_ports(failure) } else { failure })
}

/// What to do where something else, such as the first node of a testnet, has the ports of a network in a temporary folder.
fn with_other_ports(failure: Failure) -> Failure {
    let taken = match &failure {
        Failure::Failed(error) => error.downcast_ref::<PortTaken>(),
        _ => None,
    };
    let Some(PortTaken { address, .. }) = taken else { return failure };
    Failure::Failed(anyhow!(
        "port {} of {} is in use, such as by node0 of a testnet; name others with --rpc-port, which takes the three after it too",
        address.port(),
        address.ip()
    ))
}

/// The threads of all but consensus, which has its own: of what peers and clients ask, send and fetch. However much that is, so many
/// of them block at once, and where consensus and they want the same core, consensus comes first.
fn beside_consensus() -> io::Result<Runtime> {
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    threads.thread_name("the-block").max_blocking_threads(MOST_BLOCKING).on_thread_start(give_way);
    threads.enable_all().build()
}

/// Begins the threads that work on all cores for whoever is not consensus, such as on the signatures of what strangers send together. They
/// give way to it too; blocks have their own. Once in a process, before anything is shared among them: whoever is the first to share
/// something begins them otherwise, with its own priority.
fn share_beside_consensus() -> anyhow::Result<()> {
    let threads = rayon::ThreadPoolBuilder::new().thread_name(|number| format!("cores-{number}"));
    threads.start_handler(|_| give_way()).build_global().context("cannot start the threads that work on all cores")
}

/// Lets other threads of this process come first, where the system knows threads by their priority.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, GIVES_WAY) {
        tracing::warn!(%error, "a thread that answers others has the priority of those that decide blocks");
    }
}

/// After a refusal of this very build: the build before it is brought back, so that the next start runs it, when there is one
/// and chain state lets it run. A supervisor does this itself.
fn undo(home: &Home, genesis: &Genesis, store: &Store, report: &BootReport) {
    use Decision::{LevelDiffers, NoLongerApproved, NotApproved, SourceDiffers};
    let of_the_build = matches!(report.decision, NotApproved | NoLongerApproved | SourceDiffers | LevelDiffers);
    let previous = variable(PREVIOUS_VARIABLE).map(PathBuf::from);
    let Ok(live) = std::env::current_exe() else { return };
    let releases = Releases::of(home);
    if !of_the_build || is_supervised() || (previous.is_none() && releases.slot_of(&live).is_none()) {
        return;
    }
    let undone = Installer::open(releases, &RealDisk).and_then(|installer| {
        let may_run = |executable: &MeasuredExecutable| {
            let hash = executable.hash();
            let judged = Judgement::by_store(store, genesis, &hash);
            judged.require().map_err(|why| UpdateError::PreviousRefused { hash, why })
        };
        let failed = report.build_bin_hash;
        rollback_failed_startup(&installer, failed, &live, previous.as_deref(), &report.reason, &may_run)
    });
    match undone {
        Ok(undone) => {
            console::say(&format!("the-block: build {} is back in its place; start again", undone.restored));
        }
        Err(UpdateError::NoPrevious(_)) => {}
        Err(error) => console::say(&format!("the-block: {error} ({})", error.code())),
    }
}

/// That another build is installed here than the one that was started, as by its old path after an installation; a supervisor
/// starts what is installed.
fn other_installed(home: &Home, runs: BuildHash) -> Option<String> {
    let releases = Releases::of(home);
    let installed = Journal::open(&releases).ok()?.recorded(releases.live()?).filter(|installed| *installed != runs)?;
    Some(format!(
        "this is build {runs}, and build {installed} is installed here; to run that one, stop this one and type `{}`",
        releases.start_command(home)
    ))
}

/// The boot check, and only then the node.
pub(super) fn boot_and_run(home: Home, config: Config, genesis: Genesis, ticket: Option<&Path>) -> Result<(), Failure> {
    let identity = prepare(&home, &config)?;
    let examined = examine(&home, &config, &genesis, Access::Primary, ticket)?;
    let Examined { store, report, looked } = examined;
    if report.decision != Decision::Run {
        console::say(&format!("the-block: refused: {}", report.reason));
        if let Some(code) = &report.code {
            audit::not_started(&Releases::of(&home), report.build_bin_hash, code, &report.reason);
        }
        if let Some(store) = store {
            undo(&home, &genesis, &store, &report);
        }
        return Err(Failure::Refused(report.decision));
    }
    tracing::info!("{}", report.reason);
    if let Some(warning) = other_installed(&home, report.build_bin_hash).filter(|_| !is_supervised()) {
        tracing::warn!("{warning}");
    }
    let memory = Settings::of(&config, Access::Primary).memory() >> 20;
    tracing::info!("the store takes {memory} MiB of the {} (storage.memory_bytes)", AvailableMemory::here());
    let store = store.ok_or_else(|| anyhow!("the store of an approved boot is not open"))?;
    let runtime = threads::given(beside_consensus()).map_err(anyhow::Error::from)?;
    let ended = runtime.block_on(async {
        // From before anybody can see that it runs: whoever does may ask it to stop.
        let signals = Signals::listen().context("cannot wait for signals")?;
        let node = RunningNode::start(home, config, genesis, identity, store.clone(), report, looked).await?;
        node.run(signals).await
    });
    // What only reads, such as the whole store, is not waited for; who writes has been.
    runtime.shutdown_timeout(AFTER_STOPPING);
    // Here and nowhere else: the threads of consensus end when they like, and the process does not wait for them.
    if !store.close(AFTER_STOPPING) {
        tracing::warn!("the store is still being read and was not closed; its log will be replayed at the next start");
    }
    match ended {
        Err(error) if error.is::<crate::node::StoreDamaged>() => {
            console::say(&format!("the-block: stopped: {}", console::sentence(error.as_ref())));
            Err(Failure::Refused(Decision::StoreDamaged))
        }
        Err(error) if error.is::<Retired>() => {
            console::say(&format!("the-block: stopped: {}", console::sentence(error.as_ref())));
            Err(Failure::Refused(Decision::NoLongerApproved))
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o52_a_network_in_a_temporary_folder_says_how_to_choose_other_ports() {
        let taken = PortTaken { address: ([127, 0, 0, 1], 26600).into(), key: "rpc.listen" };
        let Failure::Failed(error) = with_other_ports(Failure::Failed(taken.into())) else { panic!("it failed") };
        let said = error.to_string();
        assert!(said.contains("port 26600 of 127.0.0.1") && said.contains("--rpc-port"), "{said}");
        assert!(!said.contains("rpc.listen"), "its configuration is removed: {said}");
        let Failure::Failed(other) = with_other_ports(Failure::Failed(anyhow!("no disk"))) else { panic!("it failed") };
        assert_eq!(other.to_string(), "no disk");
    }
}
