//! A PostgreSQL server of one's own: the Debian package's programs, a throwaway folder, a free port on loopback.

use anyhow::{Context as _, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A running server; it ends when this is dropped.
pub struct Postgres {
    /// The URL of its database.
    pub url: String,
    /// Where it listens on loopback.
    pub port: u16,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Postgres {
    /// Starts one, and returns when it takes connections.
    ///
    /// # Errors
    /// PostgreSQL is not installed (`scripts/setup.sh test` does), or does not start.
    pub fn start() -> anyhow::Result<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("pg-").tempdir_in("/tmp")?;
        let data = folder.path().join("data");
        own(folder.path())?;
        let made = user(&programs.join("initdb"))
            .args(["--no-sync", "--auth=trust", "--username=explorer", "--encoding=UTF8", "--locale=C.UTF-8", "-D"])
            .arg(&data)
            .output()
            .context("cannot run initdb")?;
        ensure!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        Self::run(&programs, folder)
    }

    /// Another server with what this one has now: one that follows it and only reads, or one that goes on by itself.
    ///
    /// # Errors
    /// It cannot be copied, or does not start.
    pub fn copy(&self, standby: bool) -> anyhow::Result<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("pg-").tempdir_in("/tmp")?;
        own(folder.path())?;
        let mut copy = user(&programs.join("pg_basebackup"));
        copy.args(["-h", "127.0.0.1", "-U", "explorer", "-X", "stream", "-c", "fast", "-p", &self.port.to_string()]);
        let copied = copy.arg("-D").arg(folder.path().join("data")).args(standby.then_some("-R")).output()?;
        ensure!(copied.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&copied.stderr));
        Self::run(&programs, folder)
    }

    fn run(programs: &Path, folder: tempfile::TempDir) -> anyhow::Result<Self> {
        let (data, port) = (folder.path().join("data"), crate::network::free_base_port(1)?);
        let log = std::fs::File::create(folder.path().join("log"))?;
        let process = user(&programs.join("postgres"))
            .args(["-F", "-h", "127.0.0.1", "-p", &port.to_string(), "-D"])
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot run postgres")?;
        let url = format!("postgres://explorer@127.0.0.1:{port}/postgres");
        let mut server = Self { url, port, process, _folder: folder };
        server.until_ready(programs, port)?;
        Ok(server)
    }

    /// An empty database of a name; gives its URL.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        let programs = programs()?;
        let made = Command::new(programs.join("psql"))
            .args([&self.url, "-qc", &format!("CREATE DATABASE {name}")])
            .output()
            .context("cannot run psql")?;
        ensure!(made.status.success(), "psql: {}", String::from_utf8_lossy(&made.stderr));
        let server = self.url.strip_suffix("/postgres").context("the URL names another database")?;
        Ok(format!("{server}/{name}"))
    }

    fn until_ready(&mut self, programs: &Path, port: u16) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let ready = Command::new(programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
                .status()?;
            if ready.success() {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("postgres ended with {status}");
            }
            ensure!(begun.elapsed() < crate::node::PATIENCE, "postgres takes no connections");
            std::thread::sleep(crate::node::GLANCE);
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A fast shutdown: sessions are ended. The process is this one's own child, also when it runs as another user.
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

/// Where Debian puts the server's programs, else where the path finds them.
fn programs() -> anyhow::Result<PathBuf> {
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> =
        packaged.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).find(|folder| folder.join("initdb").exists());
    versions.pop().or(found).context("PostgreSQL is not installed; run scripts/setup.sh test")
}

/// The server refuses to run as root; the package made a user for it.
pub(crate) fn user(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program).current_dir("/");
    command
}

pub(crate) fn own(folder: &Path) -> anyhow::Result<()> {
    if rustix::process::geteuid().is_root() {
        let status = Command::new("chown").arg("postgres:postgres").arg(folder).status()?;
        ensure!(status.success(), "cannot give {} to the user postgres", folder.display());
    }
    Ok(())
}
