//! OpenFeature's providers as they are published, which ask a node for the values of flags: each in a program of its own, in tests/ofrep.

use crate::explorer::repository;
use crate::node::PATIENCE;
use crate::{binaries, http};
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// Where a browser is, unless `CHROMIUM` names one; as web.mjs looks for it.
const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// A program of tests/ofrep.
pub fn script(file: &str) -> PathBuf {
    repository().join("tests/ofrep").join(file)
}

/// What the provider for services in Node gives for a list of questions, by server.mjs.
///
/// # Errors
/// When it cannot be run, or fails.
pub fn asked_in_node(url: &str, token: &str, questions: &Value) -> anyhow::Result<Value> {
    answered(Path::new("node"), "server.mjs", &[url, token, &questions.to_string()])
}

/// What the provider for Python gives for a list of questions, by provider.py.
///
/// # Errors
/// When it cannot be run, or fails.
pub fn asked_in_python(url: &str, token: &str, questions: &Value) -> anyhow::Result<Value> {
    answered(&binaries::python(), "provider.py", &[url, token, &questions.to_string()])
}

/// What a program prints as JSON on its last line.
fn answered(program: &Path, file: &str, arguments: &[&str]) -> anyhow::Result<Value> {
    let missing = || format!("cannot run {}; run scripts/setup.sh test", program.display());
    let output = Command::new(program).arg(script(file)).args(arguments).output().with_context(missing)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{file} failed: {}", said.trim());
    let printed = String::from_utf8(output.stdout)?;
    let last = printed.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("{file} printed something else than JSON: {last}"))
}

/// What a flag is for whoever has a token, as OFREP answers it without any provider.
///
/// # Errors
/// When nobody answers, or with something else than a value.
pub fn evaluated(url: &str, token: &str, flag: &str) -> anyhow::Result<Value> {
    let bearer = format!("Bearer {token}");
    let url = format!("{url}/ofrep/v1/evaluate/flags/{flag}");
    let answer = http::post_with(&url, &[("Authorization", bearer.as_str())], b"{}")?;
    ensure!(answer.status == 200, "{flag}: {} {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).with_context(|| format!("{flag}: {}", answer.body))
}

/// Whether there is a browser for [`FlagPage`]s here.
pub fn has_browser() -> bool {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(BROWSERS.map(PathBuf::from)).any(|path| path.is_file())
}

/// A page in a browser that shows a flag, by web.mjs; it ends when this is dropped.
pub struct FlagPage {
    process: Child,
    shown: Receiver<String>,
}

impl FlagPage {
    /// Opens a page for a token that shows a flag of a kind: `boolean` or `number`.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn open(url: &str, token: &str, key: &str, kind: &str) -> anyhow::Result<Self> {
        let mut process = Command::new("node")
            .arg(script("web.mjs"))
            .args([url, token, key, kind])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run node; run scripts/setup.sh test")?;
        let lines = BufReader::new(process.stdout.take().context("no output")?).lines();
        let (show, shown) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| show.send(line)));
        Ok(Self { process, shown })
    }

    /// The next value that it shows.
    ///
    /// # Errors
    /// When it shows none in time, or ended.
    pub fn shows(&self) -> anyhow::Result<Value> {
        let line = self.shown.recv_timeout(PATIENCE).context("the page shows nothing more, or ended")?;
        Ok(serde_json::from_str::<Value>(&line)?["value"].clone())
    }
}

impl Drop for FlagPage {
    fn drop(&mut self) {
        // Whoever closes its input ends it; one that stands still is killed, and its browser ends with it.
        drop(self.process.stdin.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
