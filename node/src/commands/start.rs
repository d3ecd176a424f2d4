//! `the-block start` and `the-block dev`: run a node.

use super::{Failure, examine, log_to_stderr, read_home};
use crate::boot::{BootReport, Decision, Examined, Judgement};
use crate::descriptors;
use crate::lifetime::Retired;
use crate::network::Plan;
use crate::node::{Identity, RunningNode};
use crate::supervise::parent::is_supervised;
use anyhow::{Context as _, anyhow};
use host::config::{Config, Home};
use host::variables::variable;
use runtime::Genesis;
use std::io;
use std::path::{Path, PathBuf};
use store::db::{Access, Store};
use tokio::runtime::Runtime;
use update::audit;
use update::{
    Installer, MeasuredExecutable, PREVIOUS_VARIABLE, RealDisk, Releases, UpdateError, rollback_failed_startup,
};

/// Threads that may block at once for what peers and clients want.
const MOST_BLOCKING: usize = 64;

/// The priority of threads that do not decide blocks, whose is 0; 19 is the least.
#[cfg(target_os = "linux")]
const GIVES_WAY: i32 = 10;

/// Runs the node of a home until it is told to stop.
pub(super) fn start(home: &Path, ticket: Option<&Path>, log: Option<&str>) -> Result<(), Failure> {
    let (home, config, genesis) = read_home(home)?;
    log_to_stderr(&config, log)?;
    boot_and_run(home, config, genesis, ticket)
}

/// Runs a one-validator network in this process.
pub(super) fn dev(home: Option<&Path>, rpc_port: u16, log: Option<&str>) -> Result<(), Failure> {
    let temporary = match home {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("the-block-dev-").tempdir().context("cannot make a folder")?),
    };
    let dir = home.or_else(|| temporary.as_ref().map(tempfile::TempDir::path)).context("no folder for the chain")?;
    let home = Home::at(dir);
    if !home.genesis().exists() {
        let plan = Plan { base_port: rpc_port, ..Plan::default() };
        plan.write_single(&home, None).map_err(Failure::Usage)?;
    }
    let (home, config, genesis) = read_home(dir)?;
    log_to_stderr(&config, log)?;
    println!("the-block dev: JSON-RPC on http://{}, files in {}", config.rpc.listen, dir.display());
    println!("  signers  {}", dir.join("signers").display());
    println!("  holders  {}", dir.join("holders").display());
    boot_and_run(home, config, genesis, None)
}

/// Ends the process when stored state turns out not to be what this software wrote: whatever thread finds it, nothing may go
/// on deciding by it.
fn stop_on_corrupt_state() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        usual(panic);
        let message = panic.payload_as_str().unwrap_or_default();
        if message.starts_with(state::CORRUPT) {
            eprintln!("the-block: stopped: {message}");
            std::process::exit(Decision::StoreDamaged.exit_code().into());
        }
    }));
}

/// The threads of all but consensus, which has its own: of what peers and clients ask, send and fetch. However much that is, so many
/// of them block at once, and where consensus and they want the same core, consensus comes first.
fn beside_consensus() -> io::Result<Runtime> {
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    threads.thread_name("the-block").max_blocking_threads(MOST_BLOCKING).on_thread_start(give_way);
    threads.enable_all().build()
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
    let of_the_build =
        matches!(report.decision, Decision::NotApproved | Decision::NoLongerApproved | Decision::SourceDiffers);
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
        Ok(undone) => eprintln!("the-block: build {} is back in its place; start again", undone.restored),
        Err(UpdateError::NoPrevious(_)) => {}
        Err(error) => eprintln!("the-block: {error} ({})", error.code()),
    }
}

/// The boot check, and only then the node.
fn boot_and_run(home: Home, config: Config, genesis: Genesis, ticket: Option<&Path>) -> Result<(), Failure> {
    descriptors::take(&config).map_err(|error| Failure::Usage(error.into()))?;
    let identity = Identity::read(&home, &config).map_err(Failure::Usage)?;
    let examined = examine(&home, &config, &genesis, Access::Primary, ticket)?;
    let Examined { store, report, looked } = examined;
    if report.decision != Decision::Run {
        eprintln!("the-block: refused: {}", report.reason);
        if let Some(code) = &report.code {
            audit::not_started(&Releases::of(&home), report.build_bin_hash, code, &report.reason);
        }
        if let Some(store) = store {
            undo(&home, &genesis, &store, &report);
        }
        return Err(Failure::Refused(report.decision));
    }
    tracing::info!("{}", report.reason);
    let store = store.ok_or_else(|| anyhow!("the store of an approved boot is not open"))?;
    stop_on_corrupt_state();
    let runtime = beside_consensus().context("cannot start the asynchronous runtime")?;
    let ended = runtime.block_on(async {
        let node = RunningNode::start(home, config, genesis, identity, store, report, looked).await?;
        node.run().await
    });
    match ended {
        Err(error) if error.is::<crate::node::StoreDamaged>() => {
            eprintln!("the-block: stopped: {error:#}");
            Err(Failure::Refused(Decision::StoreDamaged))
        }
        Err(error) if error.is::<Retired>() => {
            eprintln!("the-block: stopped: {error:#}");
            Err(Failure::Refused(Decision::NoLongerApproved))
        }
        other => Ok(other?),
    }
}
