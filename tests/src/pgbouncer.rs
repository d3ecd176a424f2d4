//! A pooler before a PostgreSQL server: it gives the same few connections to everybody, one transaction each.

use crate::postgres::{Postgres, own, user};
use anyhow::{Context as _, bail, ensure};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A running pooler; it ends when this is dropped.
pub struct PgBouncer {
    /// Where it listens on loopback.
    pub port: u16,
    process: Child,
    _folder: tempfile::TempDir,
}

impl PgBouncer {
    /// Starts one with so many connections to a server, and returns when it takes connections.
    ///
    /// # Errors
    /// PgBouncer is not installed (`scripts/setup.sh test` does), or does not start.
    pub fn before(server: &Postgres, connections: u32) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("bouncer-").tempdir_in("/tmp")?;
        own(folder.path())?;
        let port = crate::network::free_base_port(1)?;
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(
            &file,
            format!(
                "[databases]\n* = host=127.0.0.1 port={} user=explorer\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
                 default_pool_size = {connections}\nmax_client_conn = 100\nignore_startup_parameters = extra_float_digits\n",
                server.port
            ),
        )?;
        let packaged = Path::new("/usr/sbin/pgbouncer");
        let program = if packaged.exists() { packaged } else { Path::new("pgbouncer") };
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut process = user(program)
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("PgBouncer is not installed; run scripts/setup.sh test")?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = process.try_wait()? {
                bail!("pgbouncer ended with {status}: {}", std::fs::read_to_string(folder.path().join("log"))?);
            }
            ensure!(begun.elapsed() < crate::node::PATIENCE, "pgbouncer takes no connections");
            std::thread::sleep(crate::node::GLANCE);
        }
        Ok(Self { port, process, _folder: folder })
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // At once. The process is this one's own child, also when it runs as another user.
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}
