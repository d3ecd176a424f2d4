//! Go's packages for transparency logs, which check the log of a node: in a program of its own, in tests/tools/log_check.

use crate::binaries;
use crate::explorer::repository;
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::process::Command;

/// Where Debian puts sources of Go that programs are built with.
const PACKAGES: &str = "/usr/share/gocode";

/// What is asked of a log.
#[derive(Debug, Clone, Default)]
pub struct LogQuestion {
    /// Where the log is, such as `http://127.0.0.1:26604/log`.
    pub url: String,
    /// The verifier key of the log.
    pub vkey: String,
    /// The verifier keys of witnesses.
    pub witnesses: Vec<String>,
    /// How many of them have to have cosigned the checkpoint.
    pub quorum: usize,
    /// An earlier tree that the log goes on from: its size, and its root in base64.
    pub from: Option<(u64, String)>,
    /// Blocks that are in the tree: height, and hash in hex.
    pub blocks: Vec<(u64, String)>,
}

/// Has Go check a log: the signatures of its checkpoint, that blocks are in its tree, and that it grew out of an earlier one. Gives what was
/// checked, and what it refuses as an error.
///
/// # Errors
/// When something does not hold, or Go is not there.
pub fn checked(question: &LogQuestion) -> anyhow::Result<Value> {
    let mut command = Command::new("go");
    // Without modules, a network or a C compiler: from what the distribution has, as anybody else would build it.
    command.env("GO111MODULE", "off").env("GOPATH", PACKAGES).env("GOFLAGS", "").env("CGO_ENABLED", "0");
    command.env("GOTOOLCHAIN", "local").env("GOCACHE", binaries::cache().join("go"));
    command.arg("run").arg(repository().join("tests/tools/log_check/main.go"));
    command.args(["-log", &question.url, "-vkey", &question.vkey, "-quorum", &question.quorum.to_string()]);
    for witness in &question.witnesses {
        command.args(["-witness", witness]);
    }
    if let Some((size, root)) = &question.from {
        command.args(["-from", &format!("{size}:{root}")]);
    }
    command.args(question.blocks.iter().map(|(height, hash)| format!("{height}:{hash}")));
    let output = command.output().context("cannot run go; run scripts/setup.sh test")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "log_check: {}", said.trim());
    serde_json::from_slice(&output.stdout).context("log_check printed something else than JSON")
}
