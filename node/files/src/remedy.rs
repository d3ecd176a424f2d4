//! What mends what the system answered.

use crate::NotText;
use std::io::{Error, ErrorKind};

/// EIO of Linux and the BSDs; the standard library has no kind for it.
const BROKEN: i32 = 5;
/// ENFILE and EMFILE there.
const TOO_MANY: [i32; 2] = [23, 24];

/// What to do about an error of the file system, as the end of a sentence that has told what could not be done and what the system
/// said. It goes by the error alone, never by a path or a text.
pub fn remedy(error: &Error) -> &'static str {
    let otherwise = match error.kind() {
        ErrorKind::NotFound => "name another place, or mount the disk that it is on",
        _ => "see to what the system says, and try again",
    };
    remedy_or(error, otherwise)
}

/// The same of a file that was to be read: `otherwise` where the error alone does not say what mends it, such as of a file that is not
/// there.
pub fn remedy_or<'a>(error: &Error, otherwise: &'a str) -> &'a str {
    match (error.kind(), error.raw_os_error()) {
        _ if error.get_ref().is_some_and(|inner| inner.is::<NotText>()) => "save it as UTF-8",
        (_, Some(BROKEN)) => "the disk does not give what it holds; look into the log of the kernel, and replace it",
        (_, Some(number)) if TOO_MANY.contains(&number) => {
            "let this process have more files open (LimitNOFILE of its unit, or `ulimit -n`)"
        }
        (ErrorKind::PermissionDenied, _) => "run this as the owner of the files, or let its user reach them",
        (ErrorKind::ReadOnlyFilesystem, _) => "mount the file system so that it can be written",
        (ErrorKind::StorageFull | ErrorKind::QuotaExceeded, _) => "free some space on that disk",
        _ => otherwise,
    }
}

/// An error of the system that tells, as one sentence, what could not be done, what the system said, and what mends it.
pub fn told(what: &str, error: &Error) -> Error {
    Error::new(error.kind(), format!("{what}: {error}; {}", remedy(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_error_says_goes_before_what_the_file_is_for() {
        assert_eq!(remedy_or(&ErrorKind::NotFound.into(), "look for it"), "look for it");
        for (error, said) in [(Error::from(NotText::Utf16), "UTF-8"), (ErrorKind::PermissionDenied.into(), "owner")] {
            assert!(remedy_or(&error, "look for it").contains(said), "{error}");
            assert_eq!(remedy(&error), remedy_or(&error, "look for it"));
        }
        assert!(remedy(&ErrorKind::NotFound.into()).contains("another place"));
        let told = told("cannot listen to signals", &Error::from_raw_os_error(TOO_MANY[1])).to_string();
        assert!(told.starts_with("cannot listen to signals: ") && told.contains("LimitNOFILE"), "{told}");
    }
}
