//! The operator's socket. The file system says who reaches it, and the system says once more who is at the other end.

use super::ServeError;
use super::accept::Door;
use super::peer::Peer;
use crate::socket::SocketPath;
use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use tokio::net::{UnixListener, UnixStream};

/// The user who may do everything on a machine, with or without this socket.
const ROOT: u32 = 0;

/// A socket that only the user who runs this process reaches.
pub(super) struct OperatorSocket {
    listener: UnixListener,
    owner: u32,
}

impl OperatorSocket {
    /// Makes the socket, in a folder of its own.
    pub fn bind(path: &Path) -> Result<Self, ServeError> {
        let refused = |error| ServeError::Socket { path: path.into(), error };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            close_to_others(folder).map_err(refused)?;
        }
        let way = SocketPath::open(path).map_err(refused)?;
        let short = way.short();
        match std::os::unix::net::UnixStream::connect(&short) {
            Ok(_) => return Err(ServeError::SocketInUse(path.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // A node that was killed has left it behind.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                std::fs::remove_file(&short).map_err(refused)?;
            }
            Err(error) => return Err(refused(error)),
        }
        let listener = UnixListener::bind(&short).map_err(refused)?;
        std::fs::set_permissions(&short, Permissions::from_mode(0o600)).map_err(refused)?;
        Ok(Self { listener, owner: rustix::process::geteuid().as_raw() })
    }
}

/// Makes a folder that its owner alone can enter, or makes one such.
fn close_to_others(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    std::fs::set_permissions(folder, Permissions::from_mode(0o700))
}

impl Door for OperatorSocket {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<(UnixStream, Peer)> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            match stream.peer_cred().map(|found| found.uid()) {
                Ok(user) if may_operate(user, self.owner) => return Ok((stream, Peer::Operator)),
                Ok(user) => tracing::warn!(user, "another user was turned away from the operator's socket"),
                // Who cannot be named has no right here.
                Err(error) => tracing::warn!(%error, "somebody unknown was turned away from the operator's socket"),
            }
        }
    }
}

/// Whether a user may ask what is the operator's to ask of a node that `owner` runs.
fn may_operate(user: u32, owner: u32) -> bool {
    user == owner || user == ROOT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h13_only_who_runs_the_node_and_who_could_do_everything_anyway_operate_it() {
        assert!(may_operate(1000, 1000) && may_operate(0, 1000) && may_operate(0, 0));
        assert!(!may_operate(1001, 1000) && !may_operate(1000, 0) && !may_operate(u32::MAX, 1000));
    }

    #[tokio::test]
    async fn h13_the_socket_is_closed_to_others_replaces_a_dead_one_and_no_living_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run/node.sock");
        // A folder that was left open to everybody is closed.
        std::fs::create_dir(home.path().join("run")).unwrap();
        std::fs::set_permissions(home.path().join("run"), Permissions::from_mode(0o777)).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        let first = OperatorSocket::bind(&path).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert!(matches!(OperatorSocket::bind(&path), Err(ServeError::SocketInUse(_))), "somebody listens");
        drop(first);
        assert!(path.exists(), "as a node leaves it that is killed");
        let second = OperatorSocket::bind(&path).unwrap();
        let (_client, accepted) = tokio::join!(UnixStream::connect(&path), second.accept());
        assert_eq!(accepted.unwrap().1, Peer::Operator, "the user of this process is the node's");
    }
}
