//! The socket in a node's home, over which its operator asks it, and the way there.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

/// Where the socket lies in a node's home. Its folder is open to the user that runs the node alone.
pub const OPERATOR_SOCKET: &str = "run/node.sock";

/// A way to a socket. The system takes no path of more than 107 bytes for one, and a home may lie deeper than that: so the
/// folder is opened, and the socket is found from there.
#[derive(Debug)]
pub(crate) struct SocketPath {
    folder: File,
    name: OsString,
}

impl SocketPath {
    /// Opens the folder in which a socket lies, or is to lie.
    pub fn open(socket: &Path) -> io::Result<Self> {
        let name = socket.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        let folder = socket.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self { folder: File::open(folder)?, name })
    }

    /// A path of a few bytes to the same socket, which leads there for as long as this lives.
    pub fn short(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.folder.as_raw_fd())).join(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::{UnixListener, UnixStream};

    #[test]
    fn a_socket_is_reached_however_deep_its_home_lies() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a-folder-of-a-home".repeat(12)).join("run");
        std::fs::create_dir_all(&folder).unwrap();
        let socket = folder.join("node.sock");
        assert!(socket.as_os_str().len() > 108);
        assert!(UnixListener::bind(&socket).is_err(), "else this shows nothing");
        let way = SocketPath::open(&socket).unwrap();
        let _listener = UnixListener::bind(way.short()).unwrap();
        UnixStream::connect(SocketPath::open(&socket).unwrap().short()).unwrap();
        assert!(socket.exists(), "it lies where it was to lie");
        let nowhere = SocketPath::open(&home.path().join("none/node.sock")).unwrap_err();
        assert_eq!(nowhere.kind(), io::ErrorKind::NotFound);
    }
}
