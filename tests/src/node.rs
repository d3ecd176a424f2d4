//! One node as a process.

use crate::http;
use anyhow::{Context as _, anyhow, bail, ensure};
use host::config::{Config, Home};
use jsonrpsee::core::client::{ClientT, Error as ClientError};
use jsonrpsee::core::params::ObjectParams;
use jsonrpsee::http_client::{HttpClient, HttpClientBuilder};
use rpc::MOST_ANSWER_BYTES;
use rpc::client::Node;
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long anything on a test network may take before it counts as failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often a process is asked whether it has come so far; it offers no other sign before its sockets are open.
pub(crate) const GLANCE: Duration = Duration::from_millis(50);

/// One node: a home, and a process when it runs.
pub struct NodeProcess {
    /// Its folder.
    pub home: PathBuf,
    /// The executable that the next start runs.
    pub executable: PathBuf,
    /// What the executable is told; `start --home HOME` unless a test says otherwise.
    pub arguments: Vec<String>,
    /// Its first port: JSON-RPC; metrics, consensus and overlay take the three after it.
    pub port: u16,
    /// Its JSON-RPC.
    pub rpc: String,
    /// Its metrics.
    pub metrics: String,
    /// Its validator account, hex.
    pub account: String,
    /// Environment for the next start.
    pub environment: Vec<(String, String)>,
    /// The working folder of the next start; that of the test unless it says otherwise.
    pub folder: Option<PathBuf>,
    /// Where its output goes; `node.log` in its home unless a test says otherwise.
    pub output: Option<PathBuf>,
    process: Option<Child>,
}

/// What a node says instead of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The JSON-RPC code.
    pub code: i32,
    /// The sentence.
    pub message: String,
    /// The typed error.
    pub data: Value,
}

impl NodeProcess {
    /// A node that does not run yet.
    pub fn new(executable: &Path, home: PathBuf, port: u16, account: String) -> Self {
        Self {
            arguments: vec!["start".into(), "--home".into(), home.display().to_string()],
            home,
            executable: executable.to_owned(),
            port,
            rpc: format!("http://127.0.0.1:{port}"),
            metrics: format!("http://127.0.0.1:{}/metrics", port + 1),
            account,
            environment: Vec::new(),
            folder: None,
            output: None,
            process: None,
        }
    }

    /// Changes the node's configuration file; for its next start.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn configure(&self, change: impl FnOnce(&mut Config)) -> anyhow::Result<()> {
        let home = Home::at(&self.home);
        let mut config = Config::load(&home)?;
        change(&mut config);
        std::fs::write(home.config(), config.to_text()).context("cannot write the configuration")
    }

    /// Has the next start run the node under its supervisor.
    pub fn supervised(&mut self) {
        self.arguments = vec!["supervise".into(), "--home".into(), self.home.display().to_string()];
    }

    /// The process, when it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// Starts the node; its log goes to [`log`](Self::log).
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(&mut self) -> anyhow::Result<()> {
        ensure!(self.process.is_none(), "{} runs already", self.home.display());
        let log = File::options().create(true).append(true).open(self.log()).context("cannot open the node's log")?;
        let child = Command::new(&self.executable)
            .args(&self.arguments)
            .env_remove("TB_RELEASE_SIGNERS")
            .env_remove("TB_RELEASE_SIGNERS_FILE")
            .env_remove("TB_GOV_DB_PATH")
            .env_remove("TB_KEY_PASSPHRASE")
            .env_remove("TB_RELEASE_SOURCE_URL")
            .env_remove("TB_PREVIOUS_BINARY")
            .envs(self.environment.iter().cloned())
            .current_dir(self.folder.as_deref().unwrap_or(Path::new(".")))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot run {}", self.executable.display()))?;
        self.process = Some(child);
        Ok(())
    }

    /// The file its output goes to.
    pub fn log(&self) -> PathBuf {
        self.output.clone().unwrap_or_else(|| self.home.join("node.log"))
    }

    /// Whether it was started and not waited for since.
    pub fn has_started(&self) -> bool {
        self.process.is_some()
    }

    /// Whether its process runs.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| matches!(process.try_wait(), Ok(None)))
    }

    /// Its validator key file.
    pub fn key(&self) -> String {
        self.home.join("config/validator.key").display().to_string()
    }

    /// Kills the process as a power cut would.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let mut process = self.process.take().context("the node does not run")?;
        process.kill().context("cannot kill the node")?;
        process.wait().context("cannot wait for the node")?;
        Ok(())
    }

    /// Asks the process to stop, and waits for it.
    ///
    /// # Errors
    /// When it does not run, or does not stop in time.
    pub async fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        self.signal("-TERM").await
    }

    /// Sends the process a signal that ends it, such as `-INT`, and waits for its end.
    ///
    /// # Errors
    /// When it does not run, or does not stop in time.
    pub async fn signal(&mut self, signal: &str) -> anyhow::Result<ExitStatus> {
        let process = self.process.as_ref().context("the node does not run")?;
        let status = Command::new("kill").args([signal, &process.id().to_string()]).status()?;
        ensure!(status.success(), "cannot signal the node");
        self.exit().await
    }

    /// Waits until nobody answers at its RPC; for a node whose process is not this one's child.
    ///
    /// # Errors
    /// When somebody still does after a while.
    pub async fn until_gone(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            ensure!(started.elapsed() < PATIENCE, "{} still answers", self.rpc);
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// Waits until the process has ended by itself.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn exit(&mut self) -> anyhow::Result<ExitStatus> {
        let started = Instant::now();
        let mut process = self.process.take().context("the node does not run")?;
        loop {
            if let Some(status) = process.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() > PATIENCE {
                process.kill()?;
                process.wait()?;
                bail!("{} did not end within {PATIENCE:?}; {}", self.home.display(), self.last_words());
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// A client of its JSON-RPC.
    ///
    /// # Errors
    /// When the URL is not one.
    pub fn client(&self) -> anyhow::Result<HttpClient> {
        let builder = HttpClientBuilder::default().request_timeout(PATIENCE).max_response_size(MOST_ANSWER_BYTES);
        builder.build(&self.rpc).context("cannot make a client")
    }

    /// Calls a method at its port, with named parameters.
    ///
    /// # Errors
    /// When no node answers, or it answers with an error.
    pub async fn call(&self, method: &str, parameters: Value) -> anyhow::Result<Value> {
        Ok(self.client()?.request(method, named(parameters)?).await?)
    }

    /// Calls a method over the socket in its home, as its operator does.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn operate(&self, method: &str, parameters: Value) -> anyhow::Result<Value> {
        let node = Node::at_socket(&Home::at(&self.home).socket())?;
        Ok(node.request(method, named(parameters)?).await?)
    }

    /// Calls a method that the node may refuse.
    ///
    /// # Errors
    /// The node's refusal.
    ///
    /// # Panics
    /// When no node answers.
    pub async fn ask(&self, method: &str, parameters: Value) -> Result<Value, Refused> {
        answered(method, self.call(method, parameters).await)
    }

    /// As [`ask`](Self::ask), over the socket in its home.
    ///
    /// # Errors
    /// The node's refusal.
    ///
    /// # Panics
    /// When no node answers.
    pub async fn ask_as_operator(&self, method: &str, parameters: Value) -> Result<Value, Refused> {
        answered(method, self.operate(method, parameters).await)
    }

    /// A counter or gauge of `GET /metrics`, by its whole name with labels.
    ///
    /// # Errors
    /// When metrics are not served, or there is none of this name.
    pub fn metric(&self, name: &str) -> anyhow::Result<f64> {
        let text = http::get(&self.metrics)?.body;
        let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        found
            .with_context(|| format!("/metrics has no {name}"))?
            .parse()
            .with_context(|| format!("{name} is no number"))
    }

    /// The boot check alone: its exit code and its report, null when it printed none.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn check(&self) -> anyhow::Result<(Option<i32>, Value)> {
        let output = Command::new(&self.executable).args(["check", "--home"]).arg(&self.home).output()?;
        Ok((output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default()))
    }

    /// Its height; an error while it does not answer.
    ///
    /// # Errors
    /// When no node answers.
    pub async fn height(&self) -> anyhow::Result<u64> {
        let status = self.call("chain.status", serde_json::json!({})).await?;
        status["height"].as_u64().context("chain.status has no height")
    }

    /// Waits until it has reached a height.
    ///
    /// # Errors
    /// When its process ends before, or time is over.
    pub async fn reach(&mut self, height: u64) -> anyhow::Result<u64> {
        self.until(&format!("height {height}"), async |node| {
            let now = node.height().await.ok()?;
            (now >= height).then_some(now)
        })
        .await
    }

    /// Waits until `ask` has an answer.
    ///
    /// # Errors
    /// When its process ends before, or time is over.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut ask: impl AsyncFnMut(&NodeProcess) -> Option<T>,
    ) -> anyhow::Result<T> {
        let started = Instant::now();
        loop {
            if let Some(answer) = ask(self).await {
                return Ok(answer);
            }
            if let Some(Ok(Some(status))) = self.process.as_mut().map(Child::try_wait) {
                bail!("{} ended with {status} before {what}; {}", self.home.display(), self.last_words());
            }
            if started.elapsed() > PATIENCE {
                return Err(anyhow!("{}: no {what} within {PATIENCE:?}; {}", self.home.display(), self.last_words()));
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The end of its log, for error messages.
    pub fn last_words(&self) -> String {
        // What is no file has no end, or nothing to read yet.
        if !self.log().is_file() {
            return format!("its log went to {}", self.log().display());
        }
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(12).collect();
        let lines: Vec<&str> = lines.into_iter().rev().collect();
        format!("its log ends with:\n{}", lines.join("\n"))
    }
}

fn named(parameters: Value) -> anyhow::Result<ObjectParams> {
    let mut named = ObjectParams::new();
    for (name, value) in parameters.as_object().into_iter().flatten() {
        named.insert(name, value)?;
    }
    Ok(named)
}

/// What a node answered, told apart from what it refused.
fn answered(method: &str, answer: anyhow::Result<Value>) -> Result<Value, Refused> {
    match answer.map_err(|error| error.downcast::<ClientError>()) {
        Ok(answer) => Ok(answer),
        Err(Ok(ClientError::Call(error))) => Err(Refused {
            code: error.code(),
            message: error.message().to_owned(),
            data: error.data().map_or(Value::Null, |data| serde_json::from_str(data.get()).unwrap_or_default()),
        }),
        Err(other) => panic!("no node answers {method}: {other:?}"),
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        if self.process.is_some() {
            // Already ended is as good as killed.
            let _ = self.kill();
        }
    }
}
