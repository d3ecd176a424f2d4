//! The user that runs a node, where it is another than the one that supervises it.
//!
//! Linux gives each thread its own user. So what is done as the node's user is done on a thread that becomes that user first, and
//! ends with it: a file that is opened there is one that the node could open, and a process that is started there is the node's.
//! It takes the right to change users and groups (`CAP_SETUID`, `CAP_SETGID`), and no other.

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, set_capabilities, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};
use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

/// Where a system lists its users.
const USERS: &str = "/etc/passwd";

/// A user other than the one that runs this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeUser {
    uid: u32,
    gid: u32,
}

/// Why a user cannot be the node's.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The list of users cannot be read.
    #[error(
        "the users of this system cannot be read from {USERS}: {0}; name the node's user by its number under supervise.node_user"
    )]
    Unlisted(io::Error),
    /// There is no such user.
    #[error("supervise.node_user names {0:?}, which is no user of this system; make it, or name another")]
    Unknown(String),
    /// It is no user apart.
    #[error("supervise.node_user names {name:?}, {why}; name a user that does nothing but run the node")]
    NotApart {
        /// What was named.
        name: String,
        /// What is wrong with it; completes "which is named ...".
        why: &'static str,
    },
}

impl NodeUser {
    /// The user of this name, or of this number (`UID` or `UID:GID`); none when nobody is named, so that one user does all.
    ///
    /// # Errors
    /// When there is no such user, or it is root or the one that runs this process.
    pub fn named(name: &str) -> Result<Option<Self>, UserError> {
        if name.is_empty() {
            return Ok(None);
        }
        let user = match numbered(name) {
            Some(user) => user,
            None => {
                let users = std::fs::read_to_string(Path::new(USERS)).map_err(UserError::Unlisted)?;
                listed(&users, name).ok_or_else(|| UserError::Unknown(name.into()))?
            }
        };
        let not_apart = |why| Err(UserError::NotApart { name: name.into(), why });
        match user.uid {
            0 => not_apart("who may do everything"),
            me if me == geteuid().as_raw() => not_apart("who supervises"),
            _ => Ok(Some(user)),
        }
    }

    /// Its number.
    pub fn uid(self) -> u32 {
        self.uid
    }

    /// The number of its group.
    pub fn gid(self) -> u32 {
        self.gid
    }

    /// Does something as this user, on a thread of its own.
    ///
    /// # Errors
    /// When this process may not do that.
    pub fn act<T: Send>(self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        apart(|| {
            self.take_thread()?;
            Ok(work())
        })
    }

    /// Makes the calling thread this user's, with none of this process' groups and rights, for as long as it lives.
    ///
    /// # Errors
    /// When this process may not do that; the thread must not go on then.
    pub fn take_thread(self) -> io::Result<()> {
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        clear_ambient_capability_set()?;
        set_thread_groups(&[])?;
        set_thread_res_gid(gid, gid, gid)?;
        set_thread_res_uid(uid, uid, uid)?;
        // A user that is not root keeps its rights over this, unless they are given up.
        let none = CapabilitySet::empty();
        set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
        Ok(())
    }
}

/// Does something as the node's user, where that is another; else as this process does everything.
///
/// # Errors
/// When this process may not do that.
pub fn act_as<T: Send>(user: Option<NodeUser>, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    match user {
        Some(user) => user.act(work),
        None => Ok(work()),
    }
}

/// Does something on a thread of its own: what that gives up, it alone gives up.
///
/// # Errors
/// What `work` gives.
pub fn apart<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panic| resume_unwind(panic))
}

/// `UID` or `UID:GID`.
fn numbered(text: &str) -> Option<NodeUser> {
    let (uid, gid) = text.split_once(':').unwrap_or((text, text));
    // What is one less than nothing stands for "as it is" in the system's calls.
    let number = |text: &str| text.parse().ok().filter(|number| *number != u32::MAX);
    Some(NodeUser { uid: number(uid)?, gid: number(gid)? })
}

/// The user of a name in a list of the form of `/etc/passwd`.
fn listed(users: &str, name: &str) -> Option<NodeUser> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (found, _, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        (found == name).then(|| numbered(&format!("{uid}:{gid}"))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    const OTHER: NodeUser = NodeUser { uid: 65_533, gid: 65_532 };

    #[test]
    fn h20_a_user_is_named_by_its_name_or_number_and_is_neither_root_nor_this_one() {
        let users = "root:x:0:0:root:/root:/bin/sh\nnode:x:990:991::/nonexistent:/usr/sbin/nologin\nbroken:x\n";
        assert_eq!(listed(users, "node"), Some(NodeUser { uid: 990, gid: 991 }));
        assert_eq!([listed(users, "nobody"), listed(users, "broken"), listed(users, "")], [None; 3]);
        assert_eq!(numbered("990:991"), Some(NodeUser { uid: 990, gid: 991 }));
        assert_eq!(numbered("990"), Some(NodeUser { uid: 990, gid: 990 }));
        assert_eq!([numbered("4294967295"), numbered("node"), numbered("-1"), numbered("1:")], [None; 4]);
        assert_eq!(NodeUser::named("").unwrap(), None);
        assert!(matches!(NodeUser::named("0"), Err(UserError::NotApart { .. })));
        let me = geteuid().as_raw().to_string();
        assert!(matches!(NodeUser::named(&me), Err(UserError::NotApart { .. })));
        assert!(matches!(NodeUser::named("no-such-user-here"), Err(UserError::Unknown(_))));
    }

    #[test]
    fn h20_what_is_done_as_another_user_is_that_users_and_the_other_threads_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let (open, closed) = (folder.path().join("open"), folder.path().join("closed"));
        for (path, mode) in [(&open, 0o777), (&closed, 0o755)] {
            fs::create_dir(path).unwrap();
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
        let written = |folder: &Path| fs::write(folder.join("file"), "").is_ok();
        if geteuid().as_raw() != 0 {
            // Who is not root may not, and then nothing is done.
            assert!(OTHER.act(|| written(&open)).is_err() && !open.join("file").exists());
            return;
        }
        assert_eq!(OTHER.act(|| (written(&open), written(&closed))).unwrap(), (true, false));
        assert_eq!(fs::metadata(open.join("file")).unwrap().uid(), OTHER.uid);
        assert_eq!(geteuid().as_raw(), 0);
        assert!(written(&closed), "this thread is what it was");
        assert!(OTHER.act(|| OTHER.act(|| ())).unwrap().is_err(), "the right to change users is gone there");
    }
}
