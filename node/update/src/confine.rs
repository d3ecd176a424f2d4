//! As whom, and within which folders, a build is executed.
//!
//! Both are given up by a thread of its own, on which the process is started: what a thread may no longer do, what it starts may not
//! either, and the other threads stay what they are. Folders are kept by Landlock, where the kernel has it: a user of its own keeps what
//! is not the node's from it on every kernel, Landlock also where one user does all.

use host::config::{Config, Home};
use host::user::{NodeUser, act_as, apart};
use landlock::{
    ABI, AccessFs, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, path_beneath_rules,
};
use std::io;
use std::path::{Path, PathBuf};

/// What of writing is confined: everything that the third version of Landlock knows; an older kernel confines what it knows.
const CONFINED: ABI = ABI::V3;
/// Where everybody may write, for nothing comes of it.
const NOWHERE: &str = "/dev/null";

/// As whom, and within which folders, something is executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confinement {
    /// None for the user of this process.
    user: Option<NodeUser>,
    /// Where it may write; none for wherever its user may.
    writes: Option<Vec<PathBuf>>,
}

impl Confinement {
    /// None: what is executed may what this process may.
    pub fn none() -> Self {
        Self { user: None, writes: None }
    }

    /// That of the node of a home, which writes in its own folders alone, and beside them what the system holds in memory, and runs as
    /// `user` where that is another than this process'. The folders have to be there.
    pub fn of_node(home: &Home, config: &Config, user: Option<NodeUser>) -> Self {
        let writes = home.of_the_node(config).into_iter().chain([home.system_memory()]).collect();
        Self { user, writes: Some(writes) }
    }

    /// The user, where it is another than this process'.
    pub fn user(&self) -> Option<NodeUser> {
        self.user
    }

    /// Does something as this user, and within no folders.
    ///
    /// # Errors
    /// When this process may not do that.
    pub fn as_its_user<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        act_as(self.user, work)
    }

    /// Does something within this confinement; a process that is started there stays within it.
    ///
    /// # Errors
    /// When this process may not become that user, or the kernel has Landlock and refuses; then nothing is done.
    pub fn within<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        if *self == Self::none() {
            return work();
        }
        apart(|| {
            if let Some(user) = self.user {
                user.take_thread()?;
            }
            if let Some(writes) = &self.writes {
                keep_to(writes).map_err(io::Error::other)?;
            }
            work()
        })
    }

    /// Whether the kernel keeps what is confined to its folders.
    pub fn is_enforced() -> bool {
        apart(|| keep_to(&[]).map_err(io::Error::other)).is_ok_and(|kept| kept != RulesetStatus::NotEnforced)
    }
}

/// Keeps the calling thread, and what it starts, to writing in folders, as far as the kernel can.
fn keep_to(folders: &[PathBuf]) -> Result<RulesetStatus, RulesetError> {
    let writing = AccessFs::from_write(CONFINED);
    let places = folders.iter().map(PathBuf::as_path).chain([Path::new(NOWHERE)]);
    let ruleset = Ruleset::default().handle_access(writing)?.create()?;
    let status = ruleset.add_rules(path_beneath_rules(places, writing))?.restrict_self()?;
    Ok(status.ruleset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::geteuid;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    use std::process::{Command, Stdio};

    /// Tries to write and to make a file in each place, by a process of its own; those where it could.
    fn reached(confinement: &Confinement, places: &[PathBuf]) -> Vec<PathBuf> {
        let could = |place: &&PathBuf| {
            let script = "echo x >> \"$0/file\" || exit 1; echo x > \"$0/new\" && rm \"$0/new\"";
            let mut command = Command::new("sh");
            command.arg("-c").arg(script).arg(place).stdout(Stdio::null()).stderr(Stdio::null());
            confinement.within(|| command.status()).unwrap().success()
        };
        places.iter().filter(could).cloned().collect()
    }

    /// A home with a file in each folder, the node's and others.
    fn home() -> (tempfile::TempDir, Home, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let others = [home.releases(), home.releases().join("slots/a"), home.path().join("config"), home.path().into()];
        let places: Vec<PathBuf> = home.of_the_node(&Config::default()).into_iter().chain(others).collect();
        for place in &places {
            fs::create_dir_all(place).unwrap();
            fs::write(place.join("file"), "").unwrap();
        }
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        (folder, home, places)
    }

    #[test]
    fn h20_what_is_confined_writes_in_the_nodes_folders_alone_and_what_is_not_everywhere() {
        let (_folder, home, places) = home();
        assert_eq!(reached(&Confinement::none(), &places), places);
        let config = Config::default();
        let confined = reached(&Confinement::of_node(&home, &config, None), &places);
        if Confinement::is_enforced() {
            assert_eq!(confined, home.of_the_node(&config));
        } else {
            assert_eq!(confined, places, "nothing but the kernel keeps one user from its files");
        }
        assert_eq!(reached(&Confinement::none(), &places), places, "this process is what it was");
    }

    #[test]
    fn h20_another_user_reaches_what_is_its_own() {
        if geteuid().as_raw() != 0 {
            return;
        }
        let (_folder, home, places) = home();
        let (config, user) = (Config::default(), NodeUser::named("65533").unwrap().unwrap());
        for place in home.of_the_node(&config) {
            chown(&place, Some(user.uid()), None).unwrap();
            chown(place.join("file"), Some(user.uid()), None).unwrap();
        }
        // The user alone, as on a kernel without Landlock.
        let apart = Confinement { user: Some(user), writes: None };
        assert_eq!(reached(&apart, &places), home.of_the_node(&config));
        assert_eq!(reached(&Confinement::of_node(&home, &config, Some(user)), &places), home.of_the_node(&config));
        let made = apart.within(|| fs::write(home.staging().join("made"), "")).map(|()| home.staging().join("made"));
        assert_eq!(fs::metadata(made.unwrap()).unwrap().uid(), user.uid());
    }
}
