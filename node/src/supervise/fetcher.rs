//! Having a release fetched by the user that runs the node, within what is the node's: what strangers send is read by no process
//! that could change what runs. What was fetched is opened with that user's rights, and taken from there on by its descriptor; it
//! is verified here once more, and while it goes into a slot.

use super::gate::StartGate;
use super::parent::SUPERVISED_VARIABLE;
use host::variables::variable;
use primitives::BuildHash;
use releases::Target;
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use update::{DownloadedRelease, Fetch, SOURCE_URL_VARIABLE, UpdateError};

/// This very executable, whatever happened to its path.
const OWN_EXECUTABLE: &str = "/proc/self/exe";
/// What whoever fetches gets of this process' environment, as far as it is set.
const PASSED_ON: [&str; 7] =
    [SOURCE_URL_VARIABLE, "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "RUST_BACKTRACE"];

/// Why nothing was fetched, as whoever fetches says it on standard output.
#[derive(Debug, Serialize, Deserialize)]
pub struct NotFetched {
    /// In a word.
    pub code: String,
    /// In a sentence.
    pub why: String,
}

/// The bytes of a release, if they are in the home: open, verified a moment ago, and to be verified once more by whoever copies
/// them, for they are the node's to change.
pub(super) async fn held(gate: &Arc<StartGate>, target: &Target) -> Result<Option<DownloadedRelease>, UpdateError> {
    let (gate, fetch) = (gate.clone(), fetch(gate, target));
    let place = gate.home.path().to_path_buf();
    let looked =
        tokio::task::spawn_blocking(move || gate.as_the_node(|| DownloadedRelease::held(&gate.home, &fetch)).flatten());
    looked.await.unwrap_or_else(|failed| Err(UpdateError::disk("look into", &place)(io::Error::other(failed))))
}

/// What is to be fetched, and to where.
fn fetch(gate: &StartGate, target: &Target) -> Fetch {
    Fetch::of(target, gate.home.staged(target.build_hash), &gate.config.update)
}

/// Has a release fetched among the artifacts of the home.
pub(super) async fn bring(gate: &StartGate, target: &Target) -> Result<(), UpdateError> {
    let hash = target.build_hash;
    let failed =
        |error: io::Error| UpdateError::not_fetched(hash, "E_DISK", format!("nobody fetches release {hash}: {error}"));
    // It ends when this end closes, such as when the node needs looking after and nobody waits for it any more.
    let (_input, its) = UnixStream::pair().map_err(failed)?;
    let runtime = Handle::current();
    let start = || {
        let _entered = runtime.enter();
        command(gate, target, its.try_clone()?).spawn()
    };
    let child = gate.confinement.within(start).map_err(failed)?;
    judge(hash, child).await.map_err(failed)?
}

fn command(gate: &StartGate, target: &Target, input: UnixStream) -> Command {
    let mut command = Command::new(OWN_EXECUTABLE);
    command.arg("fetch").arg("--home").arg(gate.home.path()).args(["--hash", &target.build_hash.to_string()]);
    command.args(["--platform", &target.platform.to_string()]);
    if let Some(size) = target.size {
        command.args(["--size", &size.to_string()]);
    }
    if let Some(sha256) = target.sha256 {
        command.args(["--sha256", &sha256.to_string()]);
    }
    command.env_clear().env(SUPERVISED_VARIABLE, "1");
    command.envs(PASSED_ON.into_iter().filter_map(|name| Some((name, variable(name)?))));
    command.stdin(Stdio::from(OwnedFd::from(input))).stdout(Stdio::piped());
    command
}

/// How it ended.
async fn judge(hash: BuildHash, child: Child) -> io::Result<Result<(), UpdateError>> {
    let output = child.wait_with_output().await?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = serde_json::from_slice::<NotFetched>(&output.stdout).unwrap_or_else(|_| NotFetched {
        code: "E_BROKEN".into(),
        why: format!("whoever fetches release {hash} ended with {}", output.status),
    });
    Ok(Err(UpdateError::not_fetched(hash, &said.code, said.why)))
}
