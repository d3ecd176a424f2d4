//! The node's side of being supervised: it stops when its supervisor is gone, and it looks who that is.

use host::config::GOV_DB_VARIABLE;
use host::handover;
use host::provenance::{SIGNERS_FILE_VARIABLE, SIGNERS_VARIABLE};
use host::variables::variable;
use primitives::BuildHash;
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::time::Duration;
use update::release_file::{measure_file, measure_open};

/// What a build has of the environment that is asked whether it may run here: where the store and the signers are.
pub const PASSED_ON: [&str; 3] = [GOV_DB_VARIABLE, SIGNERS_FILE_VARIABLE, SIGNERS_VARIABLE];

/// Tells a node that it has a supervisor, and that its standard input closes when it has none any more.
pub const SUPERVISED_VARIABLE: &str = "TB_SUPERVISED";

/// Whether a supervisor started this process.
pub fn is_supervised() -> bool {
    variable(SUPERVISED_VARIABLE).is_some()
}

/// Returns when the supervisor is gone; never for a node that has none.
pub async fn gone() {
    if !is_supervised() {
        return std::future::pending().await;
    }
    let (closed, gone) = tokio::sync::oneshot::channel();
    // A thread of its own: the read ends with the pipe or with the process, and nothing must wait for it.
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = std::io::stdin().lock().read_to_end(&mut rest);
        let _ = closed.send(());
    });
    let _ = gone.await;
    tracing::warn!("the supervisor is gone; this node stops with it");
}

/// How long the supervisor may take to show its executable.
const SHOWN: Duration = Duration::from_secs(5);

/// The build of the supervisor (T29); none when there is none, or it cannot be seen. The system shows it to a node of the same
/// user; to one of another, the supervisor shows it.
pub fn build() -> Option<BuildHash> {
    if !is_supervised() {
        return None;
    }
    let seen = measure_file(&PathBuf::from(format!("/proc/{}/exe", parent_id())));
    seen.or_else(|_| shown()).ok()
}

/// What the supervisor hands over through standard input, before anything else.
fn shown() -> io::Result<BuildHash> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    socket.set_read_timeout(Some(SHOWN))?;
    let executable = handover::receive(&socket);
    socket.set_read_timeout(None)?;
    measure_open(&executable?)
}

/// What an operator should know about the supervisor; none when it is as it should be. `expected` is the build that the
/// running release names, `approved` whether chain state lets a build run.
pub fn warning(
    supervisor: Option<BuildHash>,
    expected: Option<BuildHash>,
    approved: impl Fn(&BuildHash) -> bool,
) -> Option<String> {
    let found = supervisor?;
    match expected {
        Some(expected) if found != expected => Some(format!(
            "E_UPDATER_HASH: the supervisor is build {found}, and the release that runs expects {expected}; restart it from an \
             approved release"
        )),
        None if !approved(&found) => Some(format!(
            "E_UPDATER_HASH: the supervisor is build {found}, which chain state does not approve; restart it from an approved \
             release"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t29_a_supervisor_that_nobody_approved_is_reported() {
        let (ours, other) = (BuildHash([1; 32]), BuildHash([2; 32]));
        let only_ours = |hash: &BuildHash| *hash == ours;
        assert_eq!(warning(None, Some(ours), only_ours), None, "no supervisor");
        assert_eq!(warning(Some(ours), None, only_ours), None);
        assert_eq!(warning(Some(ours), Some(ours), |_| false), None, "the release names it");
        assert!(warning(Some(other), None, only_ours).unwrap().starts_with("E_UPDATER_HASH"));
        assert!(warning(Some(ours), Some(other), only_ours).unwrap().contains("expects"));
    }
}
