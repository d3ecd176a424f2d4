//! Installs a release with the product's own code on a disk that stops working at a chosen step: for the test that goes through
//! all of them.
//!
//!     crash_install HOME ARTIFACT SEQUENCE (kill|fail) STEP        installs
//!     crash_install HOME - 0 (kill|fail) STEP                      gives the release on trial up for the one before
//!
//! With `kill` the process ends as in a power cut at that step, with `fail` that step is refused. A write that is cut off leaves
//! half of its bytes. Exit code 0: the release is installed, and there is no such step; 1: it was refused, with the reason.

use anyhow::{Context as _, bail};
use host::clock;
use host::config::Home;
use primitives::{Epoch, Reading, Timestamp};
use releases::{ApprovedRelease, Manifest, MinimumSequence, Standing, Target};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use update::release_file;
use update::{
    Approval, Disk, DownloadedRelease, Installer, RealDisk, Releases, Rules, Step, install_release,
    rollback_failed_startup, silent,
};

/// A disk that stops working at a step.
struct Failing {
    at: u64,
    kill: bool,
    done: AtomicU64,
}

impl Failing {
    /// Counts a step; does not return from the one at which the power goes.
    fn step(&self, before: impl FnOnce()) -> io::Result<()> {
        if self.done.fetch_add(1, Ordering::SeqCst) != self.at {
            return Ok(());
        }
        before();
        if self.kill {
            let own = rustix::process::getpid();
            let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
        }
        Err(io::Error::new(io::ErrorKind::StorageFull, "the test's disk is full"))
    }
}

impl Disk for Failing {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step(|| {})?;
        RealDisk.make_folder(path)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        self.step(|| {})?;
        RealDisk.create(path)
    }

    fn append(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let half = &bytes[..bytes.len() / 2];
        self.step(|| {
            let _ = file.write_all(half);
        })?;
        RealDisk.append(file, bytes)
    }

    fn make_executable(&self, file: &File) -> io::Result<()> {
        self.step(|| {})?;
        RealDisk.make_executable(file)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.step(|| {})?;
        RealDisk.sync(file)
    }

    fn link(&self, target: &Path, link: &Path) -> io::Result<()> {
        self.step(|| {})?;
        RealDisk.link(target, link)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|| {})?;
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|| {})?;
        RealDisk.remove(path)
    }
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [home, artifact, sequence, how, step] = arguments.as_slice() else {
        bail!("usage: crash_install HOME ARTIFACT SEQUENCE (kill|fail) STEP");
    };
    let disk = Failing { at: step.parse()?, kill: how == "kill", done: AtomicU64::new(0) };
    if artifact == "-" {
        return undo(home, &disk);
    }
    let path = PathBuf::from(artifact);
    let file = File::open(&path).context("cannot open the artifact")?;
    let release = release_file::inspect_open(&file)?;
    let approval = approved(release.build_hash, sequence.parse()?);
    let downloaded = DownloadedRelease { release, path, file };
    let installer = Installer::open(Releases::of(&Home::at(home)), &disk)?;
    let of_genesis = approval.release.iter().map(|release| release.target.clone()).collect();
    let rules = Rules { of_genesis, ..Rules::default() };
    install_release(&installer, &downloaded, &approval, &rules, Reading::alone(clock::now()), &silent())?;
    Ok(())
}

/// Gives the release on trial up.
fn undo(home: &str, disk: &Failing) -> anyhow::Result<()> {
    let releases = Releases::of(&Home::at(home));
    let live = releases.running();
    let installer = Installer::open(releases, disk)?;
    let Step::Trying { hash, .. } = installer.journal()?.step else { bail!("nothing is on trial") };
    rollback_failed_startup(&installer, hash, &live, None, "the test gives it up", &|_| Ok(()))?;
    Ok(())
}

/// The record of a build that needs no signatures, as genesis approves them.
fn approved(build_hash: primitives::BuildHash, sequence: u64) -> Approval {
    let release = ApprovedRelease {
        build_hash,
        proposal_id: None,
        proposer: None,
        activated_epoch: Epoch(0),
        activated: None,
        sequence,
        level: 1,
        standing: Standing::Active,
        target: Target { build_hash, platform: release_file::host_platform(), sha256: None, size: None },
        manifest: Manifest::default(),
        signatures: Default::default(),
        signature_threshold: 0,
        signer_set: Default::default(),
        long_parts: Default::default(),
        support_end: None,
        amended: None,
    };
    Approval {
        release: Some(release),
        minimum_sequence: MinimumSequence::default(),
        epoch: Epoch(1),
        time: Timestamp(0),
        unchanged_for: Duration::ZERO,
    }
}
