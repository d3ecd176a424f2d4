//! Whether a home is the one in which its validator key signed last, or a copy of it, or an older one.
//!
//! What was signed is remembered in the home, and a copy takes that along as it was when the copy was made. So the home also has a mark
//! that no copy takes along: a file, `origin`, of which `origin.json` says by which inode and when it was made. `cp`, `tar` and `rsync`
//! make another file. A snapshot of a file system brings back the same one; what it does not bring back is what the system holds in
//! memory (`/dev/shm`): how often this home was begun with, and the height that was being decided last. Where that is gone, as after a
//! restart of the machine or of a container, it says nothing.
//!
//! A version before these marks left none. What tells its home from a copy is consensus' log: it is at the height after the head, and was
//! written last where it lies, at about the time of the head.
//!
//! Beside it lie what is known of a [twin](HomeOrigin::keep_twin), and the operator's word that the key may sign here again.
//!
//! # Invariants
//! - Nothing here is written where a home is in doubt, until the key may sign again.
//! - Every step of writing that a crash can leave behind is a home in doubt, or the one that it was.

use crate::watermark::{Watermarks, log_in};
use host::config::Home;
use primitives::{AccountId, Height, Timestamp};
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
const TWIN: &str = "twin.json";
/// The file with the operator's word.
const RESUME: &str = "resume";
/// A file is copied within so many seconds, and one that was made longer before it was written last was written where it lies.
const COPYING: i64 = 3;
/// An earlier version's log was written last within so many seconds of the head's time.
const ABOUT: u64 = 600;

/// What a home is, as far as signing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing was ever signed here.
    New,
    /// The key signed here last.
    Same,
    /// The key signed here last, under a version that left no mark.
    Earlier,
    /// The key may have signed more than this home remembers.
    Doubtful(Doubt),
}

/// Why a key may have signed more than its home remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It has blocks, and no mark of a key.
    #[error("nothing shows that its key signed in this home last")]
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
    /// What was warned of when it was made: that the system does not remember it; none where it does.
    said: Option<String>,
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

/// What is known of a twin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Twin {
    /// Who has it; another key's twin is none of this one's.
    key: AccountId,
    shown: String,
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

    /// What the home is, beside the marks of its consensus: `next` is the height after its head, which bears a time.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub fn look(&self, marks: &Watermarks, next: Height, head: Timestamp) -> io::Result<Found> {
        let Some(bytes) = files::if_there(fs::read(self.record()))? else {
            if next <= Height(1) && marks.height().is_none() {
                return Ok(Found::New);
            }
            let is_left = self.is_as_it_was_left(marks, next, head)?;
            return Ok(if is_left { Found::Earlier } else { Found::Doubtful(Doubt::Unmarked) });
        };
        let witness = files::if_there(fs::metadata(self.witness()))?.map(|found| Witness::of(&found));
        let Some(record) = self.read(&bytes) else { return Ok(Found::Doubtful(Doubt::Unmarked)) };
        if record.key != self.key {
            return Ok(Found::Doubtful(Doubt::OtherKey));
        }
        if !witness.is_some_and(|found| record.witness.is(found)) {
            return Ok(Found::Doubtful(Doubt::Copied));
        }
        let is_older = |known: Remembered| known.starts > record.starts || known.deciding > next;
        let remembered = self.recalls(&record.id)?;
        Ok(if remembered.is_some_and(is_older) { Found::Doubtful(Doubt::Older) } else { Found::Same })
    }

    /// What the system's memory has of the home. There every user may leave a file, and only those of the home's own say anything.
    fn recalls(&self, id: &str) -> io::Result<Option<Remembered>> {
        let owner = fs::metadata(self.record())?.uid();
        let kept = self.remembered(id);
        let is_ours = fs::symlink_metadata(&kept).is_ok_and(|found| found.is_file() && found.uid() == owner);
        let bytes = if is_ours { fs::read(kept).ok() } else { None };
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Whether consensus' log is as an earlier version left it. It begins with a height when that begins, a moment after the head was
    /// kept. In a copy it is a file that is hardly older than its last byte, or one whose times were set; and one that an older
    /// file was copied over is younger than the head.
    fn is_as_it_was_left(&self, marks: &Watermarks, next: Height, head: Timestamp) -> io::Result<bool> {
        let Some(log) = files::if_there(fs::metadata(log_in(&self.folder)))? else { return Ok(false) };
        let is_at_the_head = marks.logged().is_some_and(|logged| logged == next || logged.next() == next);
        let (written, head) = (log.mtime(), i64::try_from(head.0 / 1000).unwrap_or(i64::MAX));
        let born = log.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
        let born = born.and_then(|born| i64::try_from(born.as_secs()).ok());
        let was_written_here = born.is_none_or(|born| written.saturating_sub(born) >= COPYING);
        let times_were_set = log.ctime().saturating_sub(written) >= COPYING;
        // Before the first block, no head has a time.
        let is_of_its_time = next <= Height(1) || written.abs_diff(head) < ABOUT;
        Ok(is_at_the_head && was_written_here && !times_were_set && is_of_its_time)
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
        files::replace(&self.record(), Some(SECRET), &serde_json::to_vec(&record)?)?;
        let mut mark = Mark { remembered: self.remembered(&record.id), starts: record.starts, said: None };
        // Said once, when the node starts: nothing else will show it before a snapshot is restored, and then it is too late.
        if let Err(error) = mark.keep(next) {
            let sentence = mark.unkept(&error);
            tracing::warn!("{sentence}");
            mark.said = Some(sentence);
        }
        Ok(mark)
    }

    /// Keeps that another node has the key, and what showed it.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn keep_twin(&self, shown: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let twin = Twin { key: self.key, shown: shown.into() };
        files::replace(&self.folder.join(TWIN), None, &serde_json::to_vec(&twin)?)
    }

    /// What showed that another node has this key; none as long as nothing did.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn twin(&self) -> io::Result<Option<String>> {
        let Some(kept) = files::if_there(fs::read(self.folder.join(TWIN)))? else { return Ok(None) };
        let twin: Twin = serde_json::from_slice(&kept)?;
        Ok((twin.key == self.key).then_some(twin.shown))
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
        if let Err(error) = self.keep(deciding) {
            tracing::debug!(%error, "the height being decided cannot be kept in {}", self.remembered.display());
        }
    }

    fn keep(&self, deciding: Height) -> io::Result<()> {
        let remembered = Remembered { starts: self.starts, deciding };
        files::replace(&self.remembered, Some(SECRET), &serde_json::to_vec(&remembered)?)
    }

    /// That the system does not remember this home, why, and what to do: what somebody else left is in the way, or there is no room, or
    /// this user may not write there.
    fn unkept(&self, error: &io::Error) -> String {
        let file = self.remembered.display();
        let what = format!("this node cannot keep its mark {file} in the system's memory: {error}");
        let harm =
            "It goes on, but a snapshot of this home that is restored is not noticed, and its key could sign twice";
        let found = fs::symlink_metadata(&self.remembered).ok();
        let is_own = |found: &fs::Metadata| found.is_file() && found.uid() == rustix::process::geteuid().as_raw();
        if let Some(found) = found.filter(|found| !is_own(found)) {
            let owner = found.uid();
            let whose = if found.is_file() {
                format!("The file belongs to user {owner}, as after a node was run on this home by hand")
            } else {
                format!("What is there is no file, and belongs to user {owner}, for no node left it")
            };
            return format!(
                "{what}. {whose}. {harm}: remove it as that user or as root, with `rm -r {file}`, and start this node again"
            );
        }
        let folder = self.remembered.parent().unwrap_or(Path::new("/")).display();
        format!("{what}. {harm}: make room in, or let this node's user write to, {folder}, and start it again")
    }
}

impl Witness {
    fn of(found: &fs::Metadata) -> Self {
        let born = found.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
        Self { inode: found.ino(), born_ns: born.and_then(|born| u64::try_from(born.as_nanos()).ok()) }
    }

    /// Whether a file is the one that was kept. A kernel may begin to tell when a file was made, or cease to.
    fn is(self, found: Self) -> bool {
        let were_born = self.born_ns.zip(found.born_ns);
        self.inode == found.inode && were_born.is_none_or(|(kept, found)| kept == found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;
    use std::time::Duration;

    /// How homes are copied; `scripts/setup.sh test` installs what is not everywhere.
    const WAYS: [&str; 4] = [
        "cp -r home copy",
        "cp -a home copy",
        "mkdir copy; tar -C home -cp . | tar -C copy -xp",
        "rsync -a home/ copy",
    ];

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

    /// The time of a head that was kept just now.
    fn now() -> Timestamp {
        Timestamp(u64::try_from(UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap())
    }

    fn look(origin: &HomeOrigin) -> Found {
        let marks = Watermarks::read(&origin.folder).unwrap();
        origin.look(&marks, Height(8), now()).unwrap()
    }

    #[test]
    fn o26_a_plain_restart_is_known_and_so_is_a_home_that_was_moved_or_given_to_another_user() {
        let scene = Scene::new();
        let origin = scene.of("home", 1);
        assert_eq!(origin.look(&Watermarks::default(), Height(1), Timestamp(0)).unwrap(), Found::New);
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
        for way in WAYS {
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
    fn o26_a_home_of_an_earlier_version_goes_on_and_a_copy_of_it_or_a_store_of_another_time_waits() {
        let scene = Scene::new();
        let origin = scene.of("home", 1);
        fs::create_dir_all(scene.dir.path().join("home/consensus/wal")).unwrap();
        let log = |height: u64| {
            let bytes = [&1u32.to_be_bytes()[..], &height.to_be_bytes()].concat();
            fs::write(log_in(&origin.folder), bytes).unwrap();
        };
        log(6);
        assert_eq!(look(&origin), Found::Doubtful(Doubt::Unmarked), "the store is ahead, as after an import");
        std::thread::sleep(Duration::from_millis(COPYING.unsigned_abs() * 1000 + 100));
        for at in [7, 8] {
            log(at);
            assert_eq!(look(&origin), Found::Earlier, "{at}");
        }
        let marks = Watermarks::read(&origin.folder).unwrap();
        let earlier = now().minus(2 * ABOUT * 1000);
        let found = origin.look(&marks, Height(8), earlier).unwrap();
        assert_eq!(found, Found::Doubtful(Doubt::Unmarked), "an old backup was copied over it");
        let is_born = fs::metadata(log_in(&origin.folder)).unwrap().created().is_ok();
        // Where it is not told when a file was made, a copy of just now passes for the home.
        for way in WAYS.iter().filter(|_| is_born) {
            scene.run(way);
            assert_eq!(look(&scene.of("copy", 1)), Found::Doubtful(Doubt::Unmarked), "{way}");
            scene.run("rm -r copy");
        }
        scene.run("mv home moved");
        let moved = scene.of("moved", 1);
        assert_eq!(look(&moved), Found::Earlier);
        scene.run("touch -d '1 minute ago' moved/consensus/wal/consensus.wal");
        assert_eq!(look(&moved), Found::Doubtful(Doubt::Unmarked), "as `cp -a` and `rsync -a` leave it");
        moved.claim(Height(8)).unwrap();
        assert_eq!(look(&moved), Found::Same, "it is asked once");
    }

    #[test]
    fn o26_a_kernel_that_begins_to_tell_when_a_file_was_made_makes_no_copy_of_it() {
        let (told, untold) = (Witness { inode: 7, born_ns: Some(3) }, Witness { inode: 7, born_ns: None });
        assert!(untold.is(told) && told.is(untold) && told.is(told));
        assert!(!told.is(Witness { born_ns: Some(4), ..told }) && !untold.is(Witness { inode: 8, ..untold }));
    }

    #[test]
    fn o26_what_somebody_else_leaves_in_the_systems_memory_says_nothing() {
        let scene = Scene::new();
        let origin = scene.of("home", 1);
        let mark = origin.claim(Height(8)).unwrap();
        assert_eq!(fs::metadata(origin.record()).unwrap().mode() & 0o777, SECRET, "its id is a secret");
        // A link leads to what this user has; another user's file takes another user to make.
        let kept = scene.dir.path().join("elsewhere");
        fs::write(&kept, serde_json::to_vec(&Remembered { starts: u64::MAX, deciding: Height(8) }).unwrap()).unwrap();
        fs::remove_file(&mark.remembered).unwrap();
        std::os::unix::fs::symlink(&kept, &mark.remembered).unwrap();
        assert_eq!(look(&origin), Found::Same);
        fs::remove_file(&mark.remembered).unwrap();
        fs::rename(&kept, &mark.remembered).unwrap();
        assert_eq!(look(&origin), Found::Doubtful(Doubt::Older), "its own does");
        if std::os::unix::fs::chown(&mark.remembered, Some(65_534), None).is_ok() {
            assert_eq!(look(&origin), Found::Same, "another user's");
        }
    }

    #[test]
    fn o26_a_mark_that_cannot_be_kept_is_told_of_with_what_to_do_and_the_node_goes_on() {
        let scene = Scene::new();
        let origin = scene.of("home", 1);
        let mark = origin.claim(Height(8)).unwrap();
        assert!(mark.keep(Height(8)).is_ok());
        // Nobody can put a file in the place of a folder, not even root.
        fs::remove_file(&mark.remembered).unwrap();
        fs::create_dir(&mark.remembered).unwrap();
        let mark = origin.begin(Height(9)).expect("it goes on");
        let (file, owner) = (mark.remembered.display().to_string(), fs::metadata(&mark.remembered).unwrap().uid());
        let said = mark.said.clone().expect("it is said at the start");
        for part in [format!("mark {file} "), format!("belongs to user {owner},"), format!("`rm -r {file}`")] {
            assert!(said.contains(&part), "{said}");
        }
        assert_eq!(look(&origin), Found::Same, "as after a restart of the machine");
        // Where there is no folder to write to.
        scene.run("rm -r memory");
        let said = origin.begin(Height(9)).unwrap().said.expect("it is said at each start");
        assert!(said.contains("let this node's user write to") && !said.contains("belongs"), "{said}");
        scene.run("mkdir memory");
        let mark = origin.begin(Height(9)).unwrap();
        assert!(mark.said.is_none() && mark.keep(Height(9)).is_ok(), "it is kept again once that is mended");
    }

    #[test]
    fn o26_a_mark_of_its_own_that_cannot_be_kept_is_not_to_be_removed_and_another_users_is() {
        let scene = Scene::new();
        let mark = scene.of("home", 1).claim(Height(8)).unwrap();
        let unkept = || mark.unkept(&io::ErrorKind::StorageFull.into());
        let (said, full) = (unkept(), io::Error::from(io::ErrorKind::StorageFull).to_string());
        let folder = scene.dir.path().join("memory").display().to_string();
        for part in [full, format!("make room in, or let this node's user write to, {folder}")] {
            assert!(said.contains(&part), "{said}");
        }
        assert!(!said.contains("rm ") && !said.contains("belongs"), "{said}");
        // A link is nothing that this node leaves there.
        fs::rename(&mark.remembered, scene.dir.path().join("kept")).unwrap();
        std::os::unix::fs::symlink("../kept", &mark.remembered).unwrap();
        assert!(unkept().contains("no file") && unkept().contains("`rm -r "), "{}", unkept());
        fs::remove_file(&mark.remembered).unwrap();
        fs::rename(scene.dir.path().join("kept"), &mark.remembered).unwrap();
        if std::os::unix::fs::chown(&mark.remembered, Some(65_534), None).is_ok() {
            assert!(unkept().contains("The file belongs to user 65534,"), "{}", unkept());
        }
    }

    #[test]
    fn o25_another_keys_twin_does_not_silence_a_key() {
        let scene = Scene::new();
        scene.of("home", 1).keep_twin("a vote").unwrap();
        assert_eq!(scene.of("home", 2).twin().unwrap(), None);
        assert!(scene.of("home", 1).twin().unwrap().is_some());
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
