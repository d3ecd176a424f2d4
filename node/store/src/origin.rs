//! Whether a home is the one in which its validator key signed last, or a copy of it, or an older one.
//!
//! What was signed is remembered in the home, and a copy takes that along as it was when the copy was made. So the home also has a mark
//! that no copy takes along: a file, `origin`, of which `origin.json` says by which inode and when it was made. `cp`, `tar` and `rsync`
//! make another file. A snapshot of a file system brings back the same one; what it does not bring back is what the system holds in
//! memory (`/dev/shm`): how often this home was begun with, and the height that was being decided last. Where that is gone, as after a
//! restart of the machine or of a container, it says nothing.
//!
//! Beside it lie what is known of a [twin](HomeOrigin::keep_twin), and the operator's word that the key may sign here again.
//!
//! # Invariants
//! - Nothing here is written where a home is in doubt, until the key may sign again.
//! - Every step of writing that a crash can leave behind is a home in doubt, or the one that it was.

use host::config::Home;
use primitives::{AccountId, Height};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// For the owner alone.
const SECRET: u32 = 0o600;
/// How many letters an id has.
const ID: usize = 32;
/// The file with what is known of a twin.
const TWIN: &str = "twin";
/// The file with the operator's word.
const RESUME: &str = "resume";

/// What a home is, as far as signing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing was ever signed here.
    New,
    /// The key signed here last.
    Same,
    /// The key may have signed more than this home remembers.
    Doubtful(Doubt),
}

/// Why a key may have signed more than its home remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It has blocks, and no key has signed here.
    #[error("no key has signed in this home before")]
    Unmarked,
    /// Another key signed here.
    #[error("it was another key that signed in this home")]
    OtherKey,
    /// The mark is another file than it was.
    #[error("this home is a copy, or was restored from one")]
    Copied,
    /// The system remembers more than the home.
    #[error("this home is older than it was on this machine, as after a snapshot was restored")]
    Older,
}

/// The marks of a home for one key.
#[derive(Debug, Clone)]
pub struct HomeOrigin {
    folder: PathBuf,
    memory: PathBuf,
    key: AccountId,
}

/// The mark of a home in which the key signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    remembered: PathBuf,
    starts: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    id: String,
    key: AccountId,
    witness: Witness,
    starts: u64,
}

/// What tells a file from a copy of it; the moment, in nanoseconds since 1970, where the file system knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Witness {
    inode: u64,
    born_ns: Option<u64>,
}

/// What the system's memory has of a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    starts: u64,
    deciding: Height,
}

impl HomeOrigin {
    /// The marks of a home whose validator key is that of an account.
    pub fn of(home: &Home, key: AccountId) -> Self {
        Self { folder: home.consensus(), memory: home.system_memory(), key }
    }

    /// The same on a system that holds its memory elsewhere.
    pub fn remembering(self, memory: &Path) -> Self {
        Self { memory: memory.into(), ..self }
    }

    /// What the home is. `has_signed` where it has blocks, or consensus' own files; `next` is the height after its head.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub fn look(&self, has_signed: bool, next: Height) -> io::Result<Found> {
        let Some(bytes) = files::if_there(fs::read(self.record()))? else {
            return Ok(if has_signed { Found::Doubtful(Doubt::Unmarked) } else { Found::New });
        };
        let witness = files::if_there(fs::metadata(self.witness()))?.map(|found| Witness::of(&found));
        let Some(record) = self.read(&bytes) else { return Ok(Found::Doubtful(Doubt::Unmarked)) };
        if record.key != self.key {
            return Ok(Found::Doubtful(Doubt::OtherKey));
        }
        if witness != Some(record.witness) {
            return Ok(Found::Doubtful(Doubt::Copied));
        }
        let remembered = fs::read(self.remembered(&record.id)).ok();
        let remembered: Option<Remembered> = remembered.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let is_older = |known: Remembered| known.starts > record.starts || known.deciding > next;
        Ok(if remembered.is_some_and(is_older) { Found::Doubtful(Doubt::Older) } else { Found::Same })
    }

    /// Begins to sign in the home in which the key signed last.
    ///
    /// # Errors
    /// When the home cannot be written, or is not the one.
    pub fn begin(&self, next: Height) -> io::Result<Mark> {
        let bytes = fs::read(self.record())?;
        let record = self.read(&bytes).ok_or(io::ErrorKind::InvalidData)?;
        self.write(Record { starts: record.starts.saturating_add(1), ..record }, next)
    }

    /// Makes this the home in which the key signs; copies of it are known as such from now on.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn claim(&self, next: Height) -> io::Result<Mark> {
        fs::create_dir_all(&self.folder)?;
        files::if_there(fs::remove_file(self.witness()))?;
        files::create_new(&self.witness(), None, b"where this validator signs; a copy of this file is another file\n")?;
        let witness = Witness::of(&fs::metadata(self.witness())?);
        let drawn = (self.folder.as_os_str().as_encoded_bytes(), std::process::id(), UNIX_EPOCH.elapsed().ok());
        let mut id = blake3::hash(format!("{drawn:?} {witness:?}").as_bytes()).to_hex().to_string();
        id.truncate(ID);
        self.write(Record { id, key: self.key, witness, starts: 1 }, next)
    }

    fn write(&self, record: Record, next: Height) -> io::Result<Mark> {
        files::replace(&self.record(), None, &serde_json::to_vec(&record)?)?;
        let mark = Mark { remembered: self.remembered(&record.id), starts: record.starts };
        mark.note(next);
        Ok(mark)
    }

    /// Keeps that another node has the key, and what showed it.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn keep_twin(&self, shown: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        files::replace(&self.folder.join(TWIN), None, shown.as_bytes())
    }

    /// What showed that another node has the key; none as long as nothing did.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn twin(&self) -> io::Result<Option<String>> {
        let kept = files::if_there(fs::read(self.folder.join(TWIN)))?;
        Ok(kept.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Keeps the operator's word that the key signs in no other home and has signed nothing that this one does not know; for the next
    /// start.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn resume(home: &Home) -> io::Result<()> {
        files::replace(&home.consensus().join(RESUME), None, b"no later state exists\n")
    }

    /// Takes the operator's word, if there is one: what was in doubt, or known of a twin, is over.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn resumed(&self, next: Height) -> io::Result<Option<Mark>> {
        if files::if_there(fs::metadata(self.folder.join(RESUME)))?.is_none() {
            return Ok(None);
        }
        let mark = self.claim(next)?;
        for file in [TWIN, RESUME] {
            files::if_there(fs::remove_file(self.folder.join(file)))?;
        }
        files::sync_folder(&self.folder)?;
        Ok(Some(mark))
    }

    fn read(&self, bytes: &[u8]) -> Option<Record> {
        let is_an_id =
            |record: &Record| record.id.len() == ID && record.id.bytes().all(|byte| byte.is_ascii_hexdigit());
        serde_json::from_slice(bytes).ok().filter(is_an_id)
    }

    fn witness(&self) -> PathBuf {
        self.folder.join("origin")
    }

    fn record(&self) -> PathBuf {
        self.folder.join("origin.json")
    }

    fn remembered(&self, id: &str) -> PathBuf {
        self.memory.join(format!("the-block-{id}"))
    }
}

impl Mark {
    /// Has the system remember which height is being decided. Where it cannot, only a copy is known, and no snapshot.
    pub fn note(&self, deciding: Height) {
        let remembered = Remembered { starts: self.starts, deciding };
        let kept = serde_json::to_vec(&remembered)
            .map_err(io::Error::from)
            .and_then(|bytes| files::replace(&self.remembered, Some(SECRET), &bytes));
        if let Err(error) = kept {
            tracing::debug!(%error, "the height being decided cannot be kept in {}", self.remembered.display());
        }
    }
}

impl Witness {
    fn of(found: &fs::Metadata) -> Self {
        let born = found.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
        Self { inode: found.ino(), born_ns: born.and_then(|born| u64::try_from(born.as_nanos()).ok()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    struct Scene {
        dir: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            for folder in ["memory", "home/consensus"] {
                fs::create_dir_all(dir.path().join(folder)).unwrap();
            }
            Self { dir }
        }

        fn of(&self, home: &str, key: u8) -> HomeOrigin {
            let origin = HomeOrigin::of(&Home::at(self.dir.path().join(home)), AccountId([key; 32]));
            origin.remembering(&self.dir.path().join("memory"))
        }

        fn run(&self, command: &str) {
            let status = Command::new("sh").args(["-ec", command]).current_dir(self.dir.path()).status().unwrap();
            assert!(status.success(), "{command}");
        }
    }

    fn look(origin: &HomeOrigin) -> Found {
        origin.look(true, Height(8)).unwrap()
    }

    #[test]
    fn o26_a_plain_restart_is_known_and_so_is_a_home_that_was_moved_or_given_to_another_user() {
        let scene = Scene::new();
        let origin = scene.of("home", 1);
        assert_eq!(origin.look(false, Height(1)).unwrap(), Found::New);
        origin.claim(Height(1)).unwrap();
        for _ in 0..3 {
            assert_eq!(look(&origin), Found::Same);
            origin.begin(Height(8)).unwrap();
        }
        scene.run("chmod -R go-rwx home; touch home/consensus/origin; mv home moved");
        assert_eq!(look(&scene.of("moved", 1)), Found::Same);
        // After a restart of the machine.
        scene.run("rm memory/*");
        assert_eq!(look(&scene.of("moved", 1)), Found::Same);
    }

    #[test]
    fn o26_a_copy_by_cp_tar_or_rsync_is_known_beside_the_home_and_in_its_place() {
        let scene = Scene::new();
        scene.of("home", 1).claim(Height(8)).unwrap();
        let rsync = Command::new("rsync").arg("--version").output().is_ok_and(|ran| ran.status.success());
        let ways = [
            Some("cp -r home copy"),
            Some("cp -a home copy"),
            Some("mkdir copy; tar -C home -cp . | tar -C copy -xp"),
            rsync.then_some("rsync -a home/ copy"),
        ];
        for way in ways.into_iter().flatten() {
            scene.run(way);
            assert_eq!(look(&scene.of("copy", 1)), Found::Doubtful(Doubt::Copied), "{way}");
            scene.run("mv home kept; mv copy home");
            assert_eq!(look(&scene.of("home", 1)), Found::Doubtful(Doubt::Copied), "{way}");
            scene.run("rm -r home; mv kept home");
            assert_eq!(look(&scene.of("home", 1)), Found::Same, "{way}");
        }
    }

    #[test]
    fn o26_a_snapshot_of_an_earlier_start_or_height_is_known_by_what_the_system_remembers() {
        let scene = Scene::new();
        let origin = scene.of("home", 1);
        let mark = origin.claim(Height(8)).unwrap();
        let record = fs::read(origin.record()).unwrap();
        origin.begin(Height(8)).unwrap();
        // A snapshot brings the same file back, with the bytes of then.
        fs::write(origin.record(), record).unwrap();
        assert_eq!(look(&origin), Found::Doubtful(Doubt::Older), "begun with once more");
        let mark = Mark { starts: 1, ..mark };
        mark.note(Height(8));
        assert_eq!(look(&origin), Found::Same);
        mark.note(Height(9));
        assert_eq!(look(&origin), Found::Doubtful(Doubt::Older), "it was deciding the height after");
    }

    #[test]
    fn o26_a_home_with_blocks_and_no_mark_or_with_another_key_is_in_doubt() {
        let scene = Scene::new();
        assert_eq!(look(&scene.of("home", 1)), Found::Doubtful(Doubt::Unmarked));
        scene.of("home", 1).claim(Height(8)).unwrap();
        assert_eq!(look(&scene.of("home", 2)), Found::Doubtful(Doubt::OtherKey));
        fs::write(scene.of("home", 1).record(), b"{}").unwrap();
        assert_eq!(look(&scene.of("home", 1)), Found::Doubtful(Doubt::Unmarked));
    }

    #[test]
    fn o25_a_twin_is_remembered_until_the_operator_has_spoken_and_the_word_counts_once() {
        let scene = Scene::new();
        let (home, origin) = (Home::at(scene.dir.path().join("home")), scene.of("home", 1));
        origin.claim(Height(8)).unwrap();
        origin.keep_twin("a vote").unwrap();
        assert_eq!(origin.twin().unwrap().as_deref(), Some("a vote"));
        assert_eq!(origin.resumed(Height(8)).unwrap(), None, "nobody has said so");
        scene.run("cp -r home copy");
        HomeOrigin::resume(&home).unwrap();
        assert!(origin.resumed(Height(8)).unwrap().is_some());
        assert_eq!((origin.twin().unwrap(), look(&origin)), (None, Found::Same));
        assert_eq!(origin.resumed(Height(8)).unwrap(), None);
        assert!(scene.of("copy", 1).twin().unwrap().is_some(), "the other home was not spoken of");
    }
}
