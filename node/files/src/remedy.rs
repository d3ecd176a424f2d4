//! What mends what the system answered.

use std::io::{Error, ErrorKind};

/// EIO of Linux and the BSDs; the standard library has no kind for it.
const BROKEN: i32 = 5;
/// ENFILE and EMFILE there.
const TOO_MANY: [i32; 2] = [23, 24];

/// What to do about an error of the file system, as the end of a sentence that has told what could not be done and what the system
/// said. It goes by the error alone, never by a path or a text.
pub fn remedy(error: &Error) -> &'static str {
    match (error.kind(), error.raw_os_error()) {
        (_, Some(BROKEN)) => "the disk does not give what it holds; look into the log of the kernel, and replace it",
        (_, Some(number)) if TOO_MANY.contains(&number) => {
            "let this process have more files open (LimitNOFILE of its unit, or `ulimit -n`)"
        }
        (ErrorKind::PermissionDenied, _) => "run this as the owner of the files, or let its user reach them",
        (ErrorKind::ReadOnlyFilesystem, _) => "mount the file system so that it can be written",
        (ErrorKind::StorageFull | ErrorKind::QuotaExceeded, _) => "free some space on that disk",
        (ErrorKind::NotFound, _) => "name another place, or mount the disk that it is on",
        _ => "see to what the system says, and try again",
    }
}
