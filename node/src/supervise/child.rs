//! The node as a child process.
//!
//! Its standard input is a socket that the supervisor holds: when the supervisor ends, however it ends, the socket closes, and a
//! node that was told it is supervised stops by itself. No node is left behind without somebody who looks after it. Through the
//! socket comes the supervisor's own executable, open, for a node of another user cannot look at it otherwise.

use super::parent::SUPERVISED_VARIABLE;
use host::config::GOV_DB_VARIABLE;
use host::handover;
use host::keys::PASSPHRASE_VARIABLE;
use host::provenance::{SIGNERS_FILE_VARIABLE, SIGNERS_VARIABLE};
use host::variables;
use rollout::{Ended, Exit};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child as Process, Command};
use tokio::runtime::Handle;
use tokio::signal::unix::SignalKind;
use update::{Confinement, MeasuredExecutable, PREVIOUS_VARIABLE, UpdateError};

/// The file of this process, whatever happened to its path.
const OWN_EXECUTABLE: &str = "/proc/self/exe";
/// What no process can keep from ending it.
const KILL: SignalKind = SignalKind::from_raw(9);
/// How long a node may take to stop before it is killed.
pub(super) const STOP: Duration = Duration::from_secs(60);

/// What a node gets of this process' environment, as far as it is set: what it reads, where the system's certificates are, how
/// many threads to use, and what to say when it fails. Nothing else passes: neither what systemd gave to the supervisor alone,
/// nor anything by which a loader would bring in files that nobody approved (T8).
const PASSED_ON: [&str; 9] = [
    PASSPHRASE_VARIABLE,
    GOV_DB_VARIABLE,
    SIGNERS_VARIABLE,
    SIGNERS_FILE_VARIABLE,
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "TOKIO_WORKER_THREADS",
    "RAYON_NUM_THREADS",
    "RUST_BACKTRACE",
];

/// A node that was started.
pub struct Child {
    process: Process,
    /// As whom it runs, and may be signalled.
    confinement: Confinement,
    /// Held open for as long as this supervisor lives.
    _input: UnixStream,
}

impl Child {
    /// Starts a measured executable on a home, within a confinement. In a runtime.
    ///
    /// # Errors
    /// When its file could be something else by now, or it cannot be started.
    pub fn start(
        executable: &MeasuredExecutable,
        confinement: &Confinement,
        home: &Path,
        previous: Option<&Path>,
        log: Option<&str>,
    ) -> Result<Self, UpdateError> {
        let (input, its) = UnixStream::pair().map_err(UpdateError::disk("execute", executable.path()))?;
        let runtime = Handle::current();
        let process = executable.execute(confinement, |command| {
            let _entered = runtime.enter();
            let mut command = Command::from(command);
            command.arg("start").arg("--home").arg(home).stdin(Stdio::from(OwnedFd::from(its.try_clone()?)));
            command.envs(PASSED_ON.into_iter().filter_map(|name| Some((name, variables::passed_on(name)?))));
            command.env(SUPERVISED_VARIABLE, "1");
            if let Some(previous) = previous {
                command.env(PREVIOUS_VARIABLE, previous);
            }
            if let Some(log) = log {
                command.args(["--log", log]);
            }
            command.spawn()
        })?;
        let shown = File::open(OWN_EXECUTABLE).and_then(|own| handover::send(&input, &own));
        if let Err(error) = shown {
            tracing::debug!(%error, "the node is not shown who supervises it");
        }
        Ok(Self { process, confinement: confinement.clone(), _input: input })
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When the system cannot wait for it.
    pub async fn ended(&mut self) -> io::Result<Ended> {
        self.process.wait().await.map(|status| Ended::from(exit(status)))
    }

    /// The number of its process; none once it has ended.
    pub fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Passes a signal on.
    pub fn signal(&self, signal: SignalKind) {
        let (Some(id), Some(signal)) = (
            self.process.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())),
            rustix::process::Signal::from_named_raw(signal.as_raw_value()),
        ) else {
            return;
        };
        let sent = self.confinement.as_its_user(|| rustix::process::kill_process(id, signal));
        if let Err(error) = sent.and_then(|sent| sent.map_err(io::Error::from)) {
            tracing::debug!(%error, "the node has ended before the signal reached it");
        }
    }

    /// Asks it to stop, and kills it when it does not.
    ///
    /// # Errors
    /// When the system cannot wait for it.
    pub async fn stop(&mut self) -> io::Result<Ended> {
        self.signal(SignalKind::terminate());
        match tokio::time::timeout(STOP, self.ended()).await {
            Ok(ended) => ended,
            Err(_) => {
                tracing::error!("the node did not stop within {} s and is killed", STOP.as_secs());
                self.signal(KILL);
                self.ended().await
            }
        }
    }
}

/// How a process came to its end.
fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}
