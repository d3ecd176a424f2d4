//! Whether a file keeps its secret: who reads it besides its owner, and what can be done about that.
//!
//! A file that this process owns is for it alone. Secret volumes give files that somebody else owns, mostly root, and that a group of the
//! process reads; these keep their secret as well. Others never read it, and nobody but the owner writes it.

use rustix::fs::{StatVfsMountFlags, fstatvfs};
use rustix::process::{getegid, geteuid, getgroups};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The permission bits of group and others.
const NOT_OWNER: u32 = 0o077;
/// That the group reads.
const GROUP_READS: u32 = 0o040;

/// What is wrong with who may read or write a file.
pub(crate) struct Exposed {
    /// Its permission bits.
    pub mode: u32,
    /// What mends it, as the end of a sentence.
    pub mend: String,
}

/// What is wrong with who may read or write an open file; none when it keeps its secret. Its mode is the open file's, so that the file
/// cannot be exchanged between the question and the reading.
pub(crate) fn exposed(path: &Path, file: &File) -> io::Result<Option<Exposed>> {
    let (found, user) = (file.metadata()?, geteuid().as_raw());
    let groups: Vec<u32> = getgroups()?.into_iter().chain([getegid()]).map(|group| group.as_raw()).collect();
    if is_kept(&Whose::of(&found), user, &groups) {
        return Ok(None);
    }
    let is_read_only = fstatvfs(file).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY));
    let mend = mend(path, is_read_only, found.uid(), user);
    Ok(Some(Exposed { mode: found.mode() & 0o7777, mend }))
}

/// Whose a file is.
pub(crate) struct Whose {
    owner: u32,
    group: u32,
    mode: u32,
}

impl Whose {
    pub(crate) fn of(found: &Metadata) -> Self {
        Self { owner: found.uid(), group: found.gid(), mode: found.mode() }
    }
}

/// Whether a file keeps its secret for a user in some groups.
pub(crate) fn is_kept(file: &Whose, user: u32, groups: &[u32]) -> bool {
    match file.mode & NOT_OWNER {
        0 => true,
        GROUP_READS => file.owner != user && groups.contains(&file.group),
        _ => false,
    }
}

/// Nobody is told to change what is not theirs, or what cannot be changed.
fn mend(path: &Path, is_read_only: bool, owner: u32, user: u32) -> String {
    let right = "0400, or 0440 where another user owns it and a group of this process reads it";
    if is_read_only {
        format!("it is mounted read-only, so have it mounted with another mode: {right}")
    } else if owner == user {
        format!("run `chmod 600 {}`", path.display())
    } else {
        format!("it belongs to user {owner}, who has to give it another mode: {right}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, chown};

    const ME: u32 = 1_000;
    const ROOT: u32 = 0;
    const OURS: [u32; 2] = [1_000, 2_000];

    #[test]
    fn o08_a_group_of_the_process_reads_what_another_owns_and_nobody_else_does() {
        let kept = |owner, group, mode: u32| is_kept(&Whose { owner, group, mode: 0o100_000 | mode }, ME, &OURS);
        for mode in [0o440, 0o640, 0o040] {
            assert!(kept(ROOT, 2_000, mode), "{mode:04o}");
            assert!(!kept(ROOT, 3_000, mode), "{mode:04o} of a group that this process is not in");
            assert!(!kept(ME, 2_000, mode), "one's own {mode:04o}");
        }
        for mode in [0o444, 0o460, 0o660, 0o450, 0o404, 0o402, 0o644] {
            assert!(!kept(ROOT, 2_000, mode) && !kept(ME, 1_000, mode), "{mode:04o}");
        }
        for mode in [0o400, 0o600] {
            assert!(kept(ROOT, 3_000, mode) && kept(ME, 1_000, mode), "{mode:04o}");
        }
    }

    #[test]
    fn o08_nobody_is_told_to_change_what_cannot_be_changed_or_is_not_theirs() {
        let said = |is_read_only, owner| mend(Path::new("/secrets/validator.key"), is_read_only, owner, ME);
        assert_eq!(said(false, ME), "run `chmod 600 /secrets/validator.key`");
        for (is_read_only, owner) in [(true, ME), (true, ROOT), (false, ROOT)] {
            let said = said(is_read_only, owner);
            assert!(!said.contains("chmod") && said.contains("0440"), "{said}");
        }
        assert!(said(true, ROOT).contains("read-only"));
    }

    #[test]
    fn o08_the_file_itself_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "it").unwrap();
        let ask = |mode| {
            let file = File::open(&path).unwrap();
            file.set_permissions(Permissions::from_mode(mode)).unwrap();
            exposed(&path, &file).unwrap()
        };
        assert!(ask(0o600).is_none());
        let found = ask(0o640).unwrap();
        assert!(found.mode == 0o640 && found.mend.contains("chmod 600"), "{:04o} {}", found.mode, found.mend);
        // Only root can give a file away.
        if geteuid().is_root() {
            chown(&path, Some(65_533), Some(getegid().as_raw())).unwrap();
            assert!(ask(0o440).is_none());
            assert!(!ask(0o444).unwrap().mend.contains("chmod"));
        }
    }
}
