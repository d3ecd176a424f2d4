//! Whose are the files of a home? Where a user of its own runs the node, its supervisor's are not for it to write, and its own not for
//! others; where one user does all, what is said of the two is one thing.

use crate::config::{Config, Home};
use crate::secret::{Whose, is_kept};
use crate::user::NodeUser;
use rustix::process::geteuid;
use std::fs::{Metadata, metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The permission bits that let others than the owner write.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// The permission bits that let others than the owner do anything.
const OPEN_TO_OTHERS: u32 = 0o077;
/// The user who may do everything on a machine, whatever a file's owner and mode.
const ROOT: u32 = 0;

/// A file of a home is not whose it has to be.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} {what} (E_OWNER): what runs the node could change what decides about it; give the home to its two users as \
     docs/operations/run_a_node.md says",
    .path.display()
)]
pub struct WrongOwner {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it; completes "it ...".
    pub what: String,
}

/// Requires that a home is laid out for a supervisor, which is this process' user, and for another user that runs the node: what
/// decides what runs is not the node's to write, and the node's own is its alone.
///
/// # Errors
/// The first file that is not so, or cannot be looked at.
pub fn check(home: &Home, config: &Config, node: NodeUser) -> Result<(), WrongOwner> {
    let me = geteuid().as_raw();
    let may_decide = |found: &Metadata| {
        let is_ours = [me, ROOT].contains(&found.uid());
        (!is_ours).then(|| format!("belongs to user {}, and user {me} supervises", found.uid()))
    };
    for path in of_the_supervisor(home) {
        require(&path, WRITABLE_BY_OTHERS, may_decide)?;
    }
    let is_the_nodes = |found: &Metadata| {
        let is_its = found.uid() == node.uid();
        (!is_its).then(|| format!("belongs to user {}, and user {} runs the node", found.uid(), node.uid()))
    };
    for folder in home.of_the_node(config) {
        if !folder.is_dir() {
            return Err(WrongOwner { path: folder, what: "is no folder, and the node cannot make it".into() });
        }
        require(&folder, WRITABLE_BY_OTHERS, is_the_nodes)?;
    }
    // A key that the node's group reads of another user's is the node's as well.
    let is_lent = |key: &PathBuf| {
        metadata(key).is_ok_and(|found| {
            let is_read_by_group = [me, ROOT].contains(&found.uid()) && found.mode() & OPEN_TO_OTHERS != 0;
            is_read_by_group && is_kept(&Whose::of(&found), node.uid(), &[node.gid()])
        })
    };
    for key in [Some(home.node_key()), home.validator_key(config), home.witness_key(config)].into_iter().flatten() {
        if is_lent(&key) {
            continue;
        }
        require(&key, OPEN_TO_OTHERS, is_the_nodes)?;
    }
    Ok(())
}

/// What decides which build runs, and as whom. What is not there yet, the supervisor makes.
fn of_the_supervisor(home: &Home) -> Vec<PathBuf> {
    let releases = home.releases();
    let below = ["journal.json", "audit.log", "slots", "slots/a", "slots/b"].map(|name| releases.join(name));
    let config = home.config().parent().map(Path::to_path_buf);
    let above = [home.path().to_path_buf(), home.config(), home.genesis(), home.release_signers(), releases];
    above.into_iter().chain(config).chain(below).collect()
}

/// Requires an owner, and that a mode has none of these bits.
fn require(path: &Path, bits: u32, wrong: impl Fn(&Metadata) -> Option<String>) -> Result<(), WrongOwner> {
    let found = match metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(WrongOwner { path: path.into(), what: format!("cannot be looked at: {error}") }),
    };
    let mode = found.mode() & 0o7777;
    let open = (mode & bits != 0).then(|| format!("is open to other users (mode {mode:04o})"));
    match wrong(&found).or(open) {
        Some(what) => Err(WrongOwner { path: path.into(), what }),
        None => Ok(()),
    }
}

/// Makes the folders of a node that its own user does not make: whoever is confined to folders cannot make them.
///
/// # Errors
/// When the home cannot be written.
pub fn make_folders(home: &Home, config: &Config) -> io::Result<()> {
    home.of_the_node(config).into_iter().try_for_each(std::fs::create_dir_all)
}

/// Whether this process could change which build runs in a home: its user owns the releases there.
pub fn decides_what_runs(home: &Home) -> bool {
    let me = geteuid().as_raw();
    me == ROOT || metadata(home.releases()).is_ok_and(|found| found.uid() == me)
}

/// What an operator should know where one user supervises a node and runs it.
pub fn one_user_warning(home: &Home) -> Option<String> {
    decides_what_runs(home).then(|| {
        "E_ONE_USER: this node runs as the user that owns its releases, so that whoever takes it over decides what runs here \
         next; run it as a user of its own (supervise.node_user)"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown};

    const NODE: u32 = 65_533;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// A home as an installation for two users leaves it.
    fn laid_out(home: &Home, config: &Config) {
        for path in [home.releases().join("slots/a"), home.releases().join("slots/b"), home.path().join("config")] {
            fs::create_dir_all(&path).unwrap();
        }
        for path in [home.config(), home.genesis(), home.releases().join("journal.json")] {
            fs::write(&path, "").unwrap();
            mode(&path, 0o644);
        }
        for path in of_the_supervisor(home).into_iter().filter(|path| path.is_dir()) {
            mode(&path, 0o755);
        }
        make_folders(home, config).unwrap();
        for path in home.of_the_node(config) {
            chown(&path, Some(NODE), None).unwrap();
            mode(&path, 0o700);
        }
        for path in [home.node_key(), home.default_validator_key()].into_iter().chain(home.witness_key(config)) {
            fs::write(&path, "").unwrap();
            chown(&path, Some(NODE), None).unwrap();
            mode(&path, 0o600);
        }
    }

    #[test]
    fn h20_one_user_that_owns_the_releases_is_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        fs::create_dir_all(home.releases()).unwrap();
        assert!(one_user_warning(&home).unwrap().starts_with("E_ONE_USER"));
        if geteuid().as_raw() == ROOT {
            mode(folder.path(), 0o755);
            let other = NodeUser::named("65533").unwrap().unwrap();
            assert_eq!(other.act(|| one_user_warning(&home)).unwrap(), None);
        }
    }

    #[test]
    fn h20_a_home_of_two_users_is_refused_whenever_one_could_write_what_is_the_others() {
        if geteuid().as_raw() != ROOT {
            // Nobody else gives files away.
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (home, mut config) = (Home::at(folder.path()), Config::default());
        config.witness.key = "config/witness.key".into();
        let node = NodeUser::named("65533").unwrap().unwrap();
        laid_out(&home, &config);
        check(&home, &config, node).unwrap();
        let refused = |path: &Path| {
            let wrong = check(&home, &config, node).unwrap_err();
            assert_eq!(wrong.path, path, "{wrong}");
            assert!(wrong.to_string().contains("(E_OWNER)"), "{wrong}");
        };
        for path in of_the_supervisor(&home).into_iter().filter(|path| path.exists()) {
            let was = fs::metadata(&path).unwrap().mode() & 0o7777;
            chown(&path, Some(NODE), None).unwrap();
            refused(&path);
            chown(&path, Some(ROOT), None).unwrap();
            mode(&path, was | 0o002);
            refused(&path);
            mode(&path, was);
        }
        let keys = [home.node_key(), home.default_validator_key()].into_iter().chain(home.witness_key(&config));
        for path in home.of_the_node(&config).into_iter().chain(keys) {
            chown(&path, Some(ROOT), None).unwrap();
            refused(&path);
            chown(&path, Some(NODE), None).unwrap();
        }
        mode(&home.node_key(), 0o644);
        refused(&home.node_key());
        mode(&home.node_key(), 0o600);
        fs::remove_dir(home.staging()).unwrap();
        refused(&home.staging());
    }
}
