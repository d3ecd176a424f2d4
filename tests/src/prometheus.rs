//! A Prometheus of one's own: the Debian package's programs, a throwaway folder, a free port on loopback.

use crate::node::{GLANCE, PATIENCE};
use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A running server; it ends when this is dropped.
pub struct PrometheusProcess {
    /// Where it answers.
    pub url: String,
    process: Child,
    folder: tempfile::TempDir,
}

impl PrometheusProcess {
    /// Starts one by a configuration, beside the rules of `deploy/prometheus`, and returns when it is ready.
    ///
    /// # Errors
    /// Prometheus is not installed (`scripts/setup.sh test` does), or does not take the configuration.
    pub async fn start(config: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        fs::write(path("prometheus.yml"), config)?;
        fs::copy(crate::explorer::repository().join("deploy/prometheus/rules.yml"), path("rules.yml"))?;
        let (port, log) = (crate::network::free_base_port(1)?, File::create(path("log"))?);
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", path("prometheus.yml")))
            .arg(format!("--storage.tsdb.path={}", path("data")))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot run prometheus; run scripts/setup.sh test")?;
        let mut server = Self { url: format!("http://127.0.0.1:{port}"), process, folder };
        let begun = Instant::now();
        while !crate::http::get(&format!("{}/-/ready", server.url)).is_ok_and(|reply| reply.status == 200) {
            let words = fs::read_to_string(server.folder.path().join("log")).unwrap_or_default();
            if let Some(status) = server.process.try_wait()? {
                bail!("prometheus ended with {status}: {words}");
            }
            ensure!(begun.elapsed() < PATIENCE, "prometheus is not ready: {words}");
            tokio::time::sleep(GLANCE).await;
        }
        Ok(server)
    }

    /// The series that an expression has now, each with its labels under `metric` and its value under `value`.
    ///
    /// # Errors
    /// Prometheus does not take the expression.
    pub fn ask(&self, expression: &str) -> anyhow::Result<Vec<Value>> {
        let output = Command::new("promtool")
            .args(["query", "--format=json", "instant", &self.url, expression])
            .output()
            .context("cannot run promtool; run scripts/setup.sh test")?;
        ensure!(output.status.success(), "{expression}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).with_context(|| format!("{expression} comes to no series"))
    }

    /// Waits until an expression has a series.
    ///
    /// # Errors
    /// It has none in time, or is not taken.
    pub async fn until(&self, expression: &str) -> anyhow::Result<Vec<Value>> {
        let begun = Instant::now();
        loop {
            let series = self.ask(expression)?;
            if !series.is_empty() {
                return Ok(series);
            }
            ensure!(begun.elapsed() < PATIENCE, "nothing is ever shown for {expression}");
            tokio::time::sleep(GLANCE).await;
        }
    }
}

impl Drop for PrometheusProcess {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
