//! `the-block start` and `the-block dev`: run a node.

use super::{Failure, examine, log_to_stderr, read_home};
use crate::boot::{Decision, Examined};
use crate::config::{Config, Home};
use crate::db::Access;
use crate::lifetime::Retired;
use crate::network::Plan;
use crate::node::{Identity, Node};
use anyhow::{Context as _, anyhow};
use runtime::Genesis;
use std::path::Path;

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

/// The boot check, and only then the node.
fn boot_and_run(home: Home, config: Config, genesis: Genesis, ticket: Option<&Path>) -> Result<(), Failure> {
    let identity = Identity::read(&home, &config).map_err(Failure::Usage)?;
    let examined = examine(&home, &config, &genesis, Access::Primary, ticket)?;
    let Examined { store, report, looked } = examined;
    if report.decision != Decision::Run {
        eprintln!("the-block: refused: {}", report.reason);
        return Err(Failure::Refused(report.decision));
    }
    tracing::info!("{}", report.reason);
    let store = store.ok_or_else(|| anyhow!("the store of an approved boot is not open"))?;
    stop_on_corrupt_state();
    let runtime = tokio::runtime::Runtime::new().context("cannot start the asynchronous runtime")?;
    let ended = runtime.block_on(async {
        let node = Node::start(home, config, genesis, identity, store, report, looked).await?;
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
