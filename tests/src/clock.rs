//! A process whose clock is off. What decides or runs takes no library from its environment; what an operator types does.

use crate::NodeProcess;
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says by how many seconds the clock is off.
const OFF_BY: &str = "OTHER_CLOCK_S";

/// A library that sets the clock of a process, and nothing else, forward or back.
pub struct OtherClock(PathBuf);

impl OtherClock {
    /// Makes it in a folder.
    ///
    /// # Errors
    /// When it cannot be compiled.
    pub fn build(folder: &Path) -> anyhow::Result<Self> {
        let (source, library) = (folder.join("other_clock.c"), folder.join("libother_clock.so"));
        std::fs::write(
            &source,
            format!(
                "#define _GNU_SOURCE\n#include <stdlib.h>\n#include <sys/syscall.h>\n#include <time.h>\n#include <unistd.h>\n\
                 int clock_gettime(clockid_t which, struct timespec *at) {{\n\
                 int done = (int)syscall(SYS_clock_gettime, which, at);\n\
                 const char *off = getenv(\"{OFF_BY}\");\n\
                 if (done == 0 && which == CLOCK_REALTIME && off) at->tv_sec += atol(off);\n\
                 return done;\n}}\n"
            ),
        )?;
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status();
        ensure!(compiled.context("cannot run cc")?.success(), "the C compiler failed");
        let clock = Self(library);
        clock.require_works()?;
        Ok(clock)
    }

    /// The environment of a process whose clock is so many seconds ahead of the machine's.
    pub fn ahead(&self, seconds: i64) -> [(String, String); 2] {
        [("LD_PRELOAD".into(), self.0.display().to_string()), (OFF_BY.into(), seconds.to_string())]
    }

    fn require_works(&self) -> anyhow::Result<()> {
        let output = Command::new("date").arg("+%s").envs(self.ahead(1_000_000)).output().context("cannot run date")?;
        let told: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().context("date printed no number")?;
        ensure!(told > host::clock::now().0 / 1000 + 900_000, "the clock of a process cannot be set here");
        Ok(())
    }
}

/// `the-block clock accept` of a home, and what it prints.
///
/// # Errors
/// When it fails.
pub fn accept(node: &NodeProcess) -> anyhow::Result<Value> {
    let command = ["clock", "accept", "--json", "--home"];
    let output = Command::new(&node.executable).args(command).arg(&node.home).output().context("cannot run it")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("clock accept printed no JSON")
}
