//! Open files, handed from one process to another over a socket between them.

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

/// What goes with a file: the system hands nothing over without a byte.
const WITH: [u8; 1] = [b'\n'];

/// Hands an open file over.
///
/// # Errors
/// When nobody is at the other end.
pub fn send(socket: &UnixStream, file: &File) -> io::Result<()> {
    let files = [file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut handed = SendAncillaryBuffer::new(&mut space);
    if !handed.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    sendmsg(socket, &[IoSlice::new(&WITH)], &mut handed, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Takes an open file over, which is the next thing in the socket.
///
/// # Errors
/// When nothing comes, or something else.
pub fn receive(socket: &UnixStream) -> io::Result<File> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut handed = RecvAncillaryBuffer::new(&mut space);
    let mut with = WITH;
    recvmsg(socket, &mut [IoSliceMut::new(&mut with)], &mut handed, RecvFlags::CMSG_CLOEXEC)?;
    let file = handed.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    file.map(File::from).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no file was handed over"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};

    #[test]
    fn h20_a_file_is_handed_over_whatever_becomes_of_its_path() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"a build").unwrap();
        send(&ours, &file).unwrap();
        let taken = receive(&theirs).unwrap();
        let mut bytes = [0; 7];
        std::os::unix::fs::FileExt::read_exact_at(&taken, &mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"a build");
        // Something else is no file, and neither is the end.
        (&ours).write_all(b"x").unwrap();
        assert_eq!(receive(&theirs).unwrap_err().kind(), io::ErrorKind::InvalidData);
        drop(ours);
        assert!(receive(&theirs).is_err());
        assert_eq!(theirs.read(&mut bytes).unwrap(), 0);
    }
}
