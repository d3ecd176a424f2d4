//! Running the operator's command, as an operator would.

use crate::binaries;
use crate::mirror::MirrorServer;
use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

/// The `contract` command, speaking to one node.
#[derive(Debug, Clone)]
pub struct Contract {
    executable: PathBuf,
    rpc: String,
    /// Environment beside the test's own.
    pub environment: Vec<(String, String)>,
}

impl Contract {
    /// The command for the node at a URL.
    ///
    /// # Errors
    /// When `contract` is not built.
    pub fn at(rpc: impl Into<String>) -> anyhow::Result<Self> {
        Ok(Self { executable: binaries::built("contract")?, rpc: rpc.into(), environment: Vec::new() })
    }

    /// The same command, told to fetch releases from a mirror.
    pub fn fetching_from(mut self, mirror: &MirrorServer) -> Self {
        self.environment.push(("TB_RELEASE_SOURCE_URL".into(), mirror.url.clone()));
        self
    }

    /// Runs it and gives everything back, whatever the exit code.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        self.command(arguments).output().with_context(|| format!("cannot run {}", self.executable.display()))
    }

    /// The process that [`run`](Self::run) starts, for what goes on while it is watched.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.executable);
        command.args(arguments).args(["--rpc", &self.rpc]);
        let signers = ["TB_RELEASE_SIGNERS", "TB_RELEASE_SIGNERS_FILE"];
        for variable in signers.iter().chain(&["TB_KEY_PASSPHRASE", "TB_RELEASE_SOURCE_URL", "TB_RPC", "TB_KEY"]) {
            command.env_remove(variable);
        }
        command.envs(self.environment.iter().cloned());
        command
    }

    /// Runs it with `--json` and reads what it prints.
    ///
    /// # Errors
    /// When it exits with anything but 0, or prints something else.
    pub fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = self.run(&all)?;
        if !output.status.success() {
            bail!("`contract {}` failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`contract {}` printed something else than JSON", arguments.join(" ")))
    }

    /// Runs it, expecting a refusal: its exit code and the sentence on standard error.
    ///
    /// # Errors
    /// When it cannot be run, or succeeds.
    pub fn refused(&self, arguments: &[&str]) -> anyhow::Result<(Option<i32>, String)> {
        let output = self.run(arguments)?;
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        ensure!(!output.status.success(), "`contract {}` succeeded: {said}", arguments.join(" "));
        Ok((output.status.code(), said))
    }
}
