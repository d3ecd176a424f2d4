//! The explorer as a process.

use crate::{binaries, http};
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A running explorer; it ends when this is dropped.
pub struct ExplorerProcess {
    /// Where it serves, such as `http://127.0.0.1:40123`.
    pub url: String,
    process: Child,
}

impl ExplorerProcess {
    /// Starts it on a free port, and returns when it serves. Its log goes to a file.
    ///
    /// # Errors
    /// It ends before that.
    pub fn start(arguments: &[&str], log: &Path) -> anyhow::Result<Self> {
        Self::start_at("127.0.0.1:0", arguments, log)
    }

    /// The same at an address.
    ///
    /// # Errors
    /// It ends before it serves.
    pub fn start_at(address: &str, arguments: &[&str], log: &Path) -> anyhow::Result<Self> {
        let mut process = Self::command(log)?
            .args(["--listen", address])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run the-block-explorer")?;
        let mut lines = BufReader::new(process.stdout.take().context("no standard output")?).lines();
        let said = lines.next().transpose()?.unwrap_or_default();
        // Nothing more is read; what it may say later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let url = said.split_whitespace().last().filter(|word| word.starts_with("http://"));
        let Some(url) = url.map(str::to_owned) else {
            let status = process.wait()?;
            anyhow::bail!("the explorer ended with {status}: {}", std::fs::read_to_string(log)?.trim());
        };
        Ok(Self { url, process })
    }

    /// The command, with its log going to a file and none of the caller's settings.
    ///
    /// # Errors
    /// It is not built, or the file cannot be opened.
    pub fn command(log: &Path) -> anyhow::Result<Command> {
        let log = std::fs::File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(binaries::built("the-block-explorer")?);
        command.env_remove("DATABASE_URL").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Ok(command)
    }

    /// Its process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// What it answers at a path.
    ///
    /// # Errors
    /// It does not answer.
    pub fn get(&self, path: &str) -> anyhow::Result<http::HttpReply> {
        http::get(&format!("{}{path}", self.url))
    }

    /// The JSON it answers at a path with status 200.
    ///
    /// # Errors
    /// It answers something else.
    pub fn json(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.get(path)?;
        ensure!(answer.status == 200, "{path}: {} {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).with_context(|| format!("{path} is not JSON"))
    }

    /// Waits until the index has reached a height.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn reach(&self, height: u64) -> anyhow::Result<u64> {
        self.until(&format!("height {height}"), |explorer| {
            let health: Value = serde_json::from_str(&explorer.get("/healthz")?.body)?;
            Ok(health["height"].as_u64().filter(|now| *now >= height))
        })
        .await
    }

    /// Waits until `ask` has an answer.
    ///
    /// # Errors
    /// `ask` fails, or time is over.
    pub async fn until<T>(
        &self,
        what: &str,
        mut ask: impl FnMut(&Self) -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(answer) = ask(self)? {
                return Ok(answer);
            }
            let in_time = begun.elapsed() < crate::node::PATIENCE;
            ensure!(in_time, "{}: no {what} in time; its health: {}", self.url, self.get("/healthz")?.body);
            tokio::time::sleep(crate::node::GLANCE).await;
        }
    }

    /// Asks it to stop, and waits for it.
    ///
    /// # Errors
    /// It does not end with 0.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let status = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status()?;
        ensure!(status.success(), "cannot signal the explorer");
        let status = self.process.wait()?;
        ensure!(status.success(), "the explorer ended with {status}");
        Ok(())
    }
}

impl Drop for ExplorerProcess {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}
