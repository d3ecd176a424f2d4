//! Whether an executable can run on this machine, before anything points to it.
//!
//! The header must be of this platform; nothing may have to be unpacked; it may need no library, interpreter or library path
//! that is no part of a plain system; the system's glibc must be new enough; and, run alone with an empty environment, it must
//! say its own hash, and the source and the level that were said of it. What this machine lacks for that is not held against it.

mod elf;

use super::confine::Confinement;
use super::error::UpdateError;
use super::executable::MeasuredExecutable;
use crate::release_file;
use elf::Needs;
use primitives::{BuildHash, Digest};
use releases::Platform;
use rpc::views::NodeVersion;
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long the self-check may take: it hashes the executable, from a disk that may be slow.
const SELF_CHECK: Duration = Duration::from_secs(60);
/// The signal by which the system ends a process to get its memory.
const KILLED: i32 = 9;
/// The most bytes of its answer that are read.
const ANSWER: u64 = 64 << 10;

/// Libraries of a plain system; an executable that needs another one brings files that nobody approved.
const SYSTEM_LIBRARIES: [&str; 9] = [
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "librt.so.1",
    "libpthread.so.0",
    "libgcc_s.so.1",
    "libstdc++.so.6",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];

/// Looks at an executable without running it. `platform` is what chain state says it is for: both it and the header must be of
/// this machine.
///
/// # Errors
/// The first thing that keeps it from running here.
pub fn inspect(executable: &MeasuredExecutable, platform: &Platform) -> Result<(), UpdateError> {
    let (hash, file) = (executable.hash(), executable.file());
    let unreadable = |error: io::Error| UpdateError::disk("read", executable.path())(error);
    if let Some(what) = packed(file).map_err(unreadable)? {
        return Err(UpdateError::Archive { hash, what });
    }
    let host = release_file::host_platform();
    let found = release_file::platform_of_file(file).map_err(unreadable)?;
    if let Some(other) = [found.as_ref(), Some(platform)].into_iter().find(|found| *found != Some(&host)) {
        let found = other.map_or_else(|| "no platform this product knows".into(), Platform::to_string);
        return Err(UpdateError::WrongTarget { hash, found, host: host.to_string() });
    }
    let needs = Needs::of(file).map_err(unreadable)?;
    require_plain(hash, &needs)?;
    require_system(hash, &needs)
}

/// What kind of container a file is; none when it is no such thing.
fn packed(file: &File) -> io::Result<Option<&'static str>> {
    use std::os::unix::fs::FileExt as _;
    let mut start = [0; 512];
    let read = file.read_at(&mut start, 0)?;
    let start = &start[..read];
    let kinds: [(&[u8], usize, &str); 8] = [
        (b"\x1f\x8b", 0, "a gzip archive"),
        (b"\x28\xb5\x2f\xfd", 0, "a zstd archive"),
        (b"\xfd7zXZ\0", 0, "an xz archive"),
        (b"BZh", 0, "a bzip2 archive"),
        (b"PK\x03\x04", 0, "a zip archive"),
        (b"!<arch>", 0, "an ar archive"),
        (b"ustar", 257, "a tar archive"),
        (b"#!", 0, "a script"),
    ];
    let is = |(magic, at, _): &&(&[u8], usize, &str)| start.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    Ok(kinds.iter().find(is).map(|(_, _, what)| *what))
}

/// Refuses what needs files beside itself (T8).
fn require_plain(hash: BuildHash, needs: &Needs) -> Result<(), UpdateError> {
    let extra = |what: String| Err(UpdateError::Extra { hash, what });
    if let Some(path) = &needs.library_path {
        return extra(format!("libraries from {path:?}"));
    }
    if let Some(library) = needs.libraries.iter().find(|name| !SYSTEM_LIBRARIES.contains(&name.as_str())) {
        return extra(format!("the library {library:?}"));
    }
    match &needs.interpreter {
        Some(loader) if !is_system_loader(loader) => extra(format!("the interpreter {loader:?}")),
        _ => Ok(()),
    }
}

/// Whether a program loader is the system's own, and there.
fn is_system_loader(path: &str) -> bool {
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    let known =
        name.is_some_and(|name| name.starts_with("ld-linux") || name.starts_with("ld-musl") || name == "ld64.so.2");
    known && (path.starts_with("/lib") || path.starts_with("/usr/lib")) && Path::new(path).exists()
}

fn require_system(hash: BuildHash, needs: &Needs) -> Result<(), UpdateError> {
    let (Some(need), Some(have)) = (needs.glibc, elf::glibc_of_this_system()) else { return Ok(()) };
    let text = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    if need > have { Err(UpdateError::OldSystem { hash, need: text(need), have: text(have) }) } else { Ok(()) }
}

/// Runs `--self-check` within a confinement, with an empty environment and a time limit; the executable must know its own hash.
///
/// # Errors
/// When it does not run, does not end, or is another build than was approved (T18).
pub fn run_self_check(executable: &MeasuredExecutable, confinement: &Confinement) -> Result<NodeVersion, UpdateError> {
    let hash = executable.hash();
    let child = executable.execute(confinement, start_self_check).map_err(|error| match error {
        UpdateError::Disk { source, .. } => not_started(&source).about(hash),
        of_the_file => of_the_file,
    })?;
    // Whoever may end it, where it does not end.
    let judged = confinement.as_its_user(|| judge_self_check(hash, executable.path(), child, SELF_CHECK));
    judged.unwrap_or_else(|error| Err(NoAnswer::OfTheMachine(error.to_string()).about(hash)))
}

/// Holds what an executable says it was compiled from against what is said of the release.
///
/// # Errors
/// When they differ (T4).
pub fn require_source(version: &NodeVersion, said: Option<Digest>) -> Result<(), UpdateError> {
    let (hash, found) = (version.build_bin_hash, version.build_source_hash);
    match said.filter(|said| *said != found) {
        None => Ok(()),
        Some(expected) => Err(UpdateError::OtherSource { hash, expected, found }),
    }
}

/// Holds the level that an executable says it knows against what is said of the release.
///
/// # Errors
/// When they differ: it would not boot.
pub fn require_level(version: &NodeVersion, said: Option<u32>) -> Result<(), UpdateError> {
    let (hash, found) = (version.build_bin_hash, version.level);
    match said.filter(|said| *said != found) {
        None => Ok(()),
        Some(expected) => Err(UpdateError::OtherLevel { hash, expected, found }),
    }
}

fn start_self_check(mut command: Command) -> io::Result<Child> {
    let command = command.arg("--self-check").env_clear().current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
}

fn judge_self_check(hash: BuildHash, path: &Path, child: Child, limit: Duration) -> Result<NodeVersion, UpdateError> {
    let failed = |why: String| UpdateError::SelfCheck { hash, why };
    let answer = answer_of(child, limit).map_err(|missing| missing.about(hash))?;
    let version: NodeVersion =
        serde_json::from_str(&answer).map_err(|error| failed(format!("its answer cannot be read: {error}")))?;
    if version.build_bin_hash != hash {
        return Err(UpdateError::OtherBuild { path: path.into(), expected: hash, found: version.build_bin_hash });
    }
    Ok(version)
}

/// Why an executable has not said what it is.
enum NoAnswer {
    /// It did not, or as if it could not.
    OfTheBuild(String),
    /// This machine did not let it, or was too slow.
    OfTheMachine(String),
}

impl NoAnswer {
    fn about(self, hash: BuildHash) -> UpdateError {
        match self {
            NoAnswer::OfTheBuild(why) => UpdateError::SelfCheck { hash, why },
            NoAnswer::OfTheMachine(why) => UpdateError::NotChecked { hash, why },
        }
    }
}

/// Why the system does not start an executable: what it says of the file is the build's fault, what it lacks its own.
fn not_started(error: &io::Error) -> NoAnswer {
    let why = format!("it does not start: {error}");
    let advice = match Errno::from_io_error(error) {
        Some(Errno::NOEXEC | Errno::NOENT) => return NoAnswer::OfTheBuild(why),
        Some(Errno::ACCESS | Errno::PERM) => "let files be executed there, such as by a mount without noexec",
        Some(Errno::AGAIN) => "raise the limit of processes (TasksMax, ulimit -u)",
        Some(Errno::NOMEM) => "raise the limit of memory (MemoryMax, ulimit -v), or free some",
        Some(Errno::MFILE | Errno::NFILE) => "raise the limit of open files (LimitNOFILE, ulimit -n)",
        Some(Errno::NOSPC) => "free some space",
        _ => "look at this machine's log",
    };
    NoAnswer::OfTheMachine(format!("{why}: {advice}"))
}

/// What a process prints until it ends well; it is killed when it does not in time.
fn answer_of(mut child: Child, limit: Duration) -> Result<String, NoAnswer> {
    let stdout = child.stdout.take();
    let (done, ended) = mpsc::channel();
    let reading = thread::spawn(move || {
        let mut answer = String::new();
        let read = stdout.map_or(Ok(0), |stdout| stdout.take(ANSWER).read_to_string(&mut answer));
        let _ = done.send(());
        read.map(|_| answer)
    });
    // Standard output closes when the process ends; one that closes it and goes on is ended too.
    let in_time = ended.recv_timeout(limit).is_ok();
    if !in_time {
        let _ = child.kill();
    }
    let unknown = |error: io::Error| NoAnswer::OfTheMachine(error.to_string());
    let status = wait_briefly(&mut child).map_err(unknown)?;
    let answer = reading.join().unwrap_or_else(|_| Err(io::Error::other("its answer could not be read")));
    if !in_time {
        let why = format!("it did not end within {} s: this machine may have too much to do", limit.as_secs());
        return Err(NoAnswer::OfTheMachine(why));
    }
    match status {
        Some(status) if status.success() => answer.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => NoAnswer::OfTheBuild(error.to_string()),
            _ => unknown(error),
        }),
        Some(status) if status.signal() == Some(KILLED) => {
            let why = "it was killed, as happens where memory runs out: give it more (MemoryMax), or free some";
            Err(NoAnswer::OfTheMachine(why.into()))
        }
        Some(status) => Err(NoAnswer::OfTheBuild(format!("it ended with {status}"))),
        None => Err(NoAnswer::OfTheBuild("it closed its answer and went on".into())),
    }
}

/// The end of a process that has closed its output; none when it does not end soon, and is killed.
fn wait_briefly(child: &mut Child) -> io::Result<Option<std::process::ExitStatus>> {
    for _ in 0..100 {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executable::patiently;
    use std::os::unix::fs::PermissionsExt as _;

    const HASH: BuildHash = BuildHash([7; 32]);

    fn here() -> Platform {
        release_file::host_platform()
    }

    fn file(content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("build");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        (folder, path)
    }

    /// What build 9 says of itself.
    fn version() -> NodeVersion {
        NodeVersion {
            version: "1.0.0".into(),
            build_source_hash: Digest([8; 32]),
            build_bin_hash: BuildHash([9; 32]),
            target: release_file::host_platform().to_string(),
            rustc: "rustc 1.95.0".into(),
            profile: "dev".into(),
            level: 1,
            log_vkey: String::new(),
        }
    }

    /// Looks at a file as an installation does.
    fn look(path: &Path, platform: &Platform) -> Result<(), UpdateError> {
        inspect(&MeasuredExecutable::open(path).unwrap(), platform)
    }

    /// What the self-check of a script comes to. It is started by its path: a script's interpreter opens it once more, and the
    /// descriptor is closed by then. (A release is no script.)
    fn self_check_of(script: &[u8], hash: BuildHash, limit: Duration) -> Result<NodeVersion, UpdateError> {
        let (_folder, path) = file(script);
        let child = patiently(|| start_self_check(Command::new(&path))).unwrap();
        judge_self_check(hash, &path, child, limit)
    }

    #[test]
    fn this_very_executable_passes() {
        look(&std::env::current_exe().unwrap(), &here()).unwrap();
    }

    #[test]
    fn t28_what_would_have_to_be_unpacked_is_refused() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for content in [b"\x1f\x8b\x08rest".to_vec(), b"PK\x03\x04".to_vec(), b"#!/bin/sh\nexit 0\n".to_vec(), tar] {
            let (_folder, path) = file(&content);
            assert_eq!(look(&path, &here()).unwrap_err().code(), "E_ARCHIVE");
        }
    }

    #[test]
    fn t09_an_executable_for_another_platform_is_refused() {
        let mut other = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        other.truncate(1 << 16);
        let machine = if cfg!(target_arch = "aarch64") { 62u16 } else { 183 };
        other[18..20].copy_from_slice(&machine.to_le_bytes());
        let (_folder, path) = file(&other);
        assert_eq!(look(&path, &here()).unwrap_err().code(), "E_WRONG_TARGET");
        let said = "riscv64-linux".parse().unwrap();
        let error = look(&std::env::current_exe().unwrap(), &said).unwrap_err();
        assert_eq!(error.code(), "E_WRONG_TARGET");
        assert!(error.to_string().contains("riscv64-linux"), "{error}");
        let (_folder, path) = file(b"MZ this is for another system");
        assert_eq!(look(&path, &here()).unwrap_err().code(), "E_WRONG_TARGET");
    }

    #[test]
    fn t08_a_library_of_its_own_a_library_path_and_an_interpreter_are_refused() {
        let plain = || Needs { libraries: vec!["libc.so.6".into()], ..Needs::default() };
        require_plain(HASH, &plain()).unwrap();
        let extra = [
            Needs { libraries: vec!["libc.so.6".into(), "libevil.so".into()], ..plain() },
            Needs { library_path: Some("$ORIGIN/lib".into()), ..plain() },
            Needs { interpreter: Some("/tmp/ld-linux-x86-64.so.2".into()), ..plain() },
            Needs { interpreter: Some("/lib/../tmp/loader".into()), ..plain() },
        ];
        for needs in extra {
            assert_eq!(require_plain(HASH, &needs).unwrap_err().code(), "E_EXTRA", "{needs:?}");
        }
    }

    #[test]
    fn a_build_for_a_newer_system_is_refused() {
        let needs = Needs { glibc: Some((99, 1)), ..Needs::default() };
        let error = require_system(HASH, &needs).unwrap_err();
        assert_eq!(error.code(), "E_OLD_SYSTEM");
        assert!(error.to_string().contains("needs glibc 99.1"), "{error}");
    }

    #[test]
    fn h09_t04_a_build_of_another_source_than_is_said_of_it_is_not_installed() {
        let version = version();
        for said in [None, Some(version.build_source_hash)] {
            require_source(&version, said).unwrap();
        }
        assert_eq!(require_source(&version, Some(Digest([7; 32]))).unwrap_err().code(), "E_MIXMATCH");
    }

    #[test]
    fn a_build_of_another_level_than_is_said_of_it_is_not_installed() {
        let version = version();
        for said in [None, Some(1)] {
            require_level(&version, said).unwrap();
        }
        for said in [0, 2] {
            let refused = require_level(&version, Some(said)).unwrap_err();
            assert!(refused.code() == "E_LEVEL" && refused.is_of_the_build(), "{refused}");
        }
        let mut before = serde_json::to_value(&version).unwrap();
        before.as_object_mut().unwrap().remove("level");
        let before: NodeVersion = serde_json::from_value(before).unwrap();
        assert_eq!(before.level, 0, "a build from before there were levels");
    }

    #[test]
    fn t18_a_build_that_says_another_hash_hangs_or_fails_does_not_pass() {
        let version = version();
        let says = format!("#!/bin/sh\necho '{}'\n", serde_json::to_string(&version).unwrap());
        assert_eq!(self_check_of(says.as_bytes(), HASH, SELF_CHECK).unwrap_err().code(), "E_ARBITRARY");
        let right = BuildHash([9; 32]);
        assert_eq!(self_check_of(says.as_bytes(), right, SELF_CHECK).unwrap(), version);
        for bad in ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho nonsense\n"] {
            let refused = self_check_of(bad.as_bytes(), HASH, SELF_CHECK).unwrap_err();
            assert_eq!(refused.code(), "E_SELF_CHECK", "{bad}");
        }
        let endless = b"#!/bin/sh\nexec sleep 1000\n";
        let error = self_check_of(endless, HASH, Duration::from_millis(200)).unwrap_err();
        assert!(error.to_string().contains("did not end"), "{error}");
    }

    #[test]
    fn o21_what_the_machine_lacks_is_not_the_builds_fault() {
        // Nobody may execute it, as on a mount with noexec.
        let (_folder, path) = file(&std::fs::read("/bin/true").unwrap());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        let refused = run_self_check(&MeasuredExecutable::open(&path).unwrap(), &Confinement::none()).unwrap_err();
        assert!(refused.code() == "E_MACHINE" && refused.to_string().contains("noexec"), "{refused}");
        let slow = self_check_of(b"#!/bin/sh\nexec sleep 1000\n", HASH, Duration::from_millis(100)).unwrap_err();
        let killed = self_check_of(b"#!/bin/sh\nkill -9 $$\n", HASH, SELF_CHECK).unwrap_err();
        let lacks = [Errno::AGAIN, Errno::NOMEM, Errno::NOSPC, Errno::MFILE, Errno::PERM, Errno::IO]
            .map(|errno| not_started(&errno.into()).about(HASH));
        for error in lacks.iter().chain([&refused, &slow, &killed]) {
            assert!(error.code() == "E_MACHINE" && !error.is_of_the_build(), "{error}");
        }
        // A file of another format, and an answer that is none, are.
        let (_folder, path) = file(b"\x7fELF and nothing that follows");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o555)).unwrap();
        let format = run_self_check(&MeasuredExecutable::open(&path).unwrap(), &Confinement::none()).unwrap_err();
        let nonsense = self_check_of(b"#!/bin/sh\nprintf '\\377'\n", HASH, SELF_CHECK).unwrap_err();
        for error in [format, nonsense, not_started(&Errno::NOEXEC.into()).about(HASH)] {
            assert!(error.code() == "E_SELF_CHECK" && error.is_of_the_build(), "{error}");
        }
    }
}
