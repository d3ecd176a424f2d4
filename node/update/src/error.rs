//! Why an update did not happen. The running release is untouched whenever one of these is returned.

use super::fault::Fault;
use super::mirror::MirrorError;
use crate::forked::fork_warning;
use host::clock::ClockError;
use host::provenance::ProvenanceError;
use light::Fork;
use primitives::{BuildHash, Digest, Epoch};
use std::io;
use std::path::{Path, PathBuf};

/// That the approved record contradicts itself, in a word.
const MIXED: &str = "E_MIXMATCH";
/// The words for why a fetch fails.
const FETCHING: [&str; 17] = [
    MIXED,
    "E_ARBITRARY",
    "E_ARCHIVE",
    "E_BROKEN",
    "E_DISK",
    "E_DISK_FULL",
    "E_ENDLESS",
    "E_MIRROR",
    "E_NOT_HELD",
    "E_NO_SOURCE",
    "E_REDIRECT",
    "E_SHORT",
    "E_SILENT",
    "E_SIZE",
    "E_SLOW",
    "E_STATUS",
    "E_TLS",
];

/// Why a build may not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct StartRefusal {
    /// The exit code of a start that ends for this.
    pub exit_code: u8,
    /// In words.
    pub why: String,
}

/// Why a release is not fetched, not installed or not rolled back.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// Nobody is named to fetch from.
    #[error(
        "no source is named for release {0}; set TB_RELEASE_SOURCE_URL to a mirror, pass --source URL, or let peers serve it"
    )]
    NoSource(BuildHash),
    /// A mirror's address cannot be used.
    #[error(transparent)]
    NoMirror(#[from] MirrorError),
    /// Every source failed.
    #[error("release {hash} cannot be fetched: {}{}; name another mirror with --source", told(.faults), remaining(*.kept))]
    SourcesFailed {
        /// The release.
        hash: BuildHash,
        /// What each source did, the first one first.
        faults: Vec<(String, Fault)>,
        /// Verified bytes that wait beside the destination for the next try.
        kept: u64,
    },
    /// Whoever fetches in the node's name could not.
    #[error("{why}")]
    NotFetched {
        /// The release.
        hash: BuildHash,
        /// Its word for why.
        code: &'static str,
        /// Its sentence.
        why: String,
    },
    /// Larger than this node fetches.
    #[error(
        "release {hash} has {size} bytes, more than the {most} that are fetched at most; raise update.max_artifact_bytes"
    )]
    TooLarge {
        /// The release.
        hash: BuildHash,
        /// Its size.
        size: u64,
        /// The most.
        most: u64,
    },
    /// The approved record contradicts itself (T4).
    #[error(
        "release {hash} is whole, and its SHA-256 is {found} where chain state names {expected}: the record mixes two \
         releases; report it to the release signers and install nothing"
    )]
    OtherSha256 {
        /// The release.
        hash: BuildHash,
        /// What chain state names.
        expected: Digest,
        /// What the bytes have.
        found: Digest,
    },
    /// The approved record names other sources than the build was compiled from (T4).
    #[error(
        "release {hash} was compiled from source {found}, and chain state names {expected}: report it to the release signers, who \
         can have it amended, and install nothing"
    )]
    OtherSource {
        /// The release.
        hash: BuildHash,
        /// What chain state names.
        expected: Digest,
        /// What the build says.
        found: Digest,
    },
    /// The approved record names another level than the build knows: it would not boot.
    #[error(
        "release {hash} knows level {found}, and chain state names {expected}: report it to the release signers, and install \
         nothing"
    )]
    OtherLevel {
        /// The release.
        hash: BuildHash,
        /// What chain state names.
        expected: u32,
        /// What the build says.
        found: u32,
    },
    /// A file does not hold the release (T1, T18).
    #[error("{} holds build {found}, and {expected} is approved; fetch it again", .path.display())]
    OtherBuild {
        /// The file.
        path: PathBuf,
        /// What is approved.
        expected: BuildHash,
        /// What it holds.
        found: BuildHash,
    },
    /// A slot does not hold what was installed there (T1, T18).
    #[error(
        "{} holds build {found}, and {} was installed there: somebody changed the file, and nothing of it is started; install an \
         approved release with `contract gov fetch-release --install`",
        .path.display(), named(*.expected)
    )]
    SelfHash {
        /// The file.
        path: PathBuf,
        /// What the journal has for the slot; none when it has nothing.
        expected: Option<BuildHash>,
        /// What it holds.
        found: BuildHash,
    },
    /// Somebody could change a file between its measuring and its execution (T18).
    #[error(
        "{}, build {hash}, {what}: what runs could be something else than what was measured; install the release again with \
         `contract gov fetch-release --install`, as the user that runs the node",
        .path.display()
    )]
    UnsafeFile {
        /// The file.
        path: PathBuf,
        /// What it held when it was measured.
        hash: BuildHash,
        /// Who could, or that somebody did; completes "the file ...".
        what: String,
    },
    /// The disk, a folder or a file refuses.
    #[error("cannot {doing} {}: {}", .path.display(), disk(.source))]
    Disk {
        /// What was tried, such as "write".
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Governance does not let the build run.
    #[error("{0}")]
    NotAuthorized(String),
    /// The approval cannot be shown (T21).
    #[error(
        "no proof shows that build {hash} is approved: {why}; ask a node of this network with --rpc, or get a ticket with \
         `contract gov ticket`"
    )]
    Unproven {
        /// The build.
        hash: BuildHash,
        /// What failed.
        why: String,
    },
    /// The node does not say what is needed for going on. That is no answer, and not taken for one.
    #[error("the node does not say {what}: {why}; look at its log")]
    Unanswered {
        /// What.
        what: String,
        /// What it said instead, or what was wrong with it.
        why: String,
    },
    /// Two blocks of one height were decided (T30).
    #[error("{}", fork_warning(.0))]
    Forked(Box<Fork>),
    /// Too few roster signatures on the record (T11).
    #[error("build {hash} has {have} valid signatures of the release signers and needs {need}; do not install it")]
    QuorumMissing {
        /// The build.
        hash: BuildHash,
        /// Valid ones.
        have: u32,
        /// Needed ones.
        need: u32,
    },
    /// What is said about a release is not what its signers signed (T4).
    #[error(
        "what chain state says about release {0} is not what its signers signed: the record mixes two releases; report it to the \
         release signers, who can have it amended, and install nothing"
    )]
    MixedRecord(BuildHash),
    /// Signatures over what is said that do not hold on this network (T14).
    #[error(
        "signatures over what is said about release {0} are not valid on this network: they were made for another one, or for \
         another purpose; do not install it"
    )]
    OtherDomain(BuildHash),
    /// The operator's own signers have not signed.
    #[error(transparent)]
    Provenance(#[from] ProvenanceError),
    /// Older than what was installed here (T2).
    #[error(
        "build {hash} is release {sequence}, and release {highest} was installed here already; going back needs --allow-rollback"
    )]
    Rollback {
        /// The build.
        hash: BuildHash,
        /// Its number.
        sequence: u64,
        /// The highest number ever installed here.
        highest: u64,
    },
    /// The chain this node sees may be held back (T3).
    #[error(
        "the newest proven block is {age_s} s old, and installing needs one of the last {most_s} s: this node may be held in \
         the past; check its peers and its clock"
    )]
    Frozen {
        /// Age in seconds.
        age_s: u64,
        /// The most, in seconds.
        most_s: u64,
    },
    /// The clock is behind the chain (T26).
    #[error("the newest proven block is {ahead_s} s ahead of this machine's clock; set the clock, then try again")]
    ClockBehind {
        /// By how much, in seconds.
        ahead_s: u64,
    },
    /// The clock was set back, or was wrong before (T3, T26).
    #[error(
        "this machine's clock is {behind_s} s behind the latest time that was seen here; set it, or confirm it with `the-block clock \
         accept`, then try again"
    )]
    ClockSetBack {
        /// By how much, in seconds.
        behind_s: u64,
    },
    /// It is not known what time was seen here before.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// Installing ended with the support of the release.
    #[error(
        "support for build {hash} ends at epoch {epoch}; install the active release, which `contract gov releases` lists"
    )]
    Expired {
        /// The build.
        hash: BuildHash,
        /// From when.
        epoch: Epoch,
    },
    /// It failed here before.
    #[error("build {hash} failed on this machine: {reason}; pass --retry-bad to try it again")]
    MarkedBad {
        /// The build.
        hash: BuildHash,
        /// How it failed.
        reason: String,
    },
    /// For another machine (T9).
    #[error("build {hash} is for {found}, and this machine is {host}; install the target for this platform")]
    WrongTarget {
        /// The build.
        hash: BuildHash,
        /// What it is for.
        found: String,
        /// What this is.
        host: String,
    },
    /// Not an executable but something that would have to be unpacked (T28).
    #[error("build {hash} is {what}, not an executable; a release is one raw file and is never unpacked")]
    Archive {
        /// The build.
        hash: BuildHash,
        /// What it is.
        what: &'static str,
    },
    /// It needs files that are no part of the release (T8).
    #[error("build {hash} needs {what}, which is no part of the release; do not install it")]
    Extra {
        /// The build.
        hash: BuildHash,
        /// What it needs.
        what: String,
    },
    /// It needs a newer system.
    #[error(
        "build {hash} needs glibc {need}, and this machine has {have}; upgrade the system, or install a build made for it"
    )]
    OldSystem {
        /// The build.
        hash: BuildHash,
        /// What it needs.
        need: String,
        /// What there is.
        have: String,
    },
    /// It cannot even say who it is.
    #[error("build {hash} fails its self-check: {why}; it stays uninstalled")]
    SelfCheck {
        /// The build.
        hash: BuildHash,
        /// How.
        why: String,
    },
    /// It could not be asked who it is, by the fault of this machine.
    #[error(
        "build {hash} cannot be asked what it is: {why}; nothing is held against it, mend that and it is tried again"
    )]
    NotChecked {
        /// The build.
        hash: BuildHash,
        /// What this machine lacks, with what to do.
        why: String,
    },
    /// It cannot be started on this home, which the build that runs can.
    #[error(
        "build {hash} does not take this home: {why}, and that of the build that runs does not; it is not changed to"
    )]
    HomeRefused {
        /// The build.
        hash: BuildHash,
        /// How.
        why: String,
    },
    /// Another update is under way.
    #[error("another update of {} is under way; wait for it, or stop it", .0.display())]
    Busy(PathBuf),
    /// The latest installation has not proven itself.
    #[error(
        "build {0} is still on trial, and the build before it must not be overwritten meanwhile; wait until it is healthy, or \
         roll back"
    )]
    OnTrial(BuildHash),
    /// Nothing to go back to.
    #[error("there is no earlier release to go back to in {}; fetch one with `contract gov fetch-release --install`", .0.display())]
    NoPrevious(PathBuf),
    /// The build that would take the place of one that was given up may not run either (T19).
    #[error("build {hash} may not take its place: {why}; nothing is started, install an approved release")]
    PreviousRefused {
        /// That build.
        hash: BuildHash,
        /// Why not.
        why: StartRefusal,
    },
    /// What tells which slot runs is not the link it was.
    #[error("{} {found}, where a link to a slot belongs, so nothing is started or installed; {mend}", .path.display())]
    Altered {
        /// The place of the link.
        path: PathBuf,
        /// What is there, as it follows its name.
        found: String,
        /// What puts it right, with the command.
        mend: String,
    },
    /// The journal, or what it speaks of, cannot be read.
    #[error("{} is damaged: {why}; remove it, and install the wanted release again", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl UpdateError {
    /// A word that scripts and tests can hold on to; those of attacks follow the list of attacks.
    pub fn code(&self) -> &'static str {
        match self {
            UpdateError::NoMirror(_) => "E_MIRROR",
            UpdateError::NoSource(_) => "E_NO_SOURCE",
            UpdateError::SourcesFailed { faults, .. } => faults
                .iter()
                .map(|(_, fault)| fault)
                .max_by_key(|fault| fault.weight())
                .map_or("E_NO_SOURCE", Fault::code),
            UpdateError::NotFetched { code, .. } => code,
            UpdateError::TooLarge { .. } => "E_ENDLESS",
            UpdateError::OtherSha256 { .. } | UpdateError::OtherSource { .. } | UpdateError::MixedRecord(_) => MIXED,
            UpdateError::OtherLevel { .. } => "E_LEVEL",
            UpdateError::OtherDomain(_) => "E_DOMAIN",
            UpdateError::OtherBuild { .. } => "E_ARBITRARY",
            UpdateError::SelfHash { .. } => "E_SELF_HASH",
            UpdateError::UnsafeFile { .. } => "E_UNSAFE_FILE",
            UpdateError::Disk { source, .. } if is_full(source) => "E_DISK_FULL",
            UpdateError::Disk { .. } => "E_DISK",
            UpdateError::NotAuthorized(_) => "E_NOT_APPROVED",
            UpdateError::Unproven { .. } => "E_PROOF",
            UpdateError::Unanswered { .. } => "E_UNANSWERED",
            UpdateError::Forked(_) => "E_FORK",
            UpdateError::QuorumMissing { .. } => "E_QUORUM",
            UpdateError::Provenance(_) => "E_PROVENANCE",
            UpdateError::Rollback { .. } => "E_ROLLBACK",
            UpdateError::Frozen { .. } => "E_FREEZE",
            UpdateError::ClockBehind { .. } | UpdateError::ClockSetBack { .. } | UpdateError::Clock(_) => "E_CLOCK",
            UpdateError::Expired { .. } => "E_EXPIRED",
            UpdateError::MarkedBad { .. } => "E_MARKED_BAD",
            UpdateError::WrongTarget { .. } => "E_WRONG_TARGET",
            UpdateError::Archive { .. } => "E_ARCHIVE",
            UpdateError::Extra { .. } => "E_EXTRA",
            UpdateError::OldSystem { .. } => "E_OLD_SYSTEM",
            UpdateError::SelfCheck { .. } => "E_SELF_CHECK",
            UpdateError::NotChecked { .. } => "E_MACHINE",
            UpdateError::HomeRefused { .. } => "E_HOME",
            UpdateError::Busy(_) => "E_BUSY",
            UpdateError::OnTrial(_) => "E_ON_TRIAL",
            UpdateError::NoPrevious(_) => "E_NO_PREVIOUS",
            UpdateError::PreviousRefused { .. } => "E_PREVIOUS_REFUSED",
            UpdateError::Altered { .. } => "E_CURRENT",
            UpdateError::Damaged { .. } => "E_DAMAGED",
        }
    }

    /// What another process that fetches says about why it could not.
    pub fn not_fetched(hash: BuildHash, code: &str, why: String) -> Self {
        let known = FETCHING.into_iter().find(|known| *known == code);
        UpdateError::NotFetched { hash, code: known.unwrap_or("E_NO_SOURCE"), why }
    }

    /// Whether the build itself cannot run here, so that trying again would change nothing.
    pub fn is_of_the_build(&self) -> bool {
        matches!(
            self,
            UpdateError::WrongTarget { .. }
                | UpdateError::Archive { .. }
                | UpdateError::Extra { .. }
                | UpdateError::OldSystem { .. }
                | UpdateError::SelfCheck { .. }
                | UpdateError::HomeRefused { .. }
                | UpdateError::OtherSha256 { .. }
                | UpdateError::OtherLevel { .. }
                | UpdateError::NotFetched { code: MIXED, .. }
        )
    }

    /// Whether it hangs on the time, so that its sentence is another one each time it is asked.
    pub fn is_of_the_time(&self) -> bool {
        matches!(
            self,
            UpdateError::Frozen { .. }
                | UpdateError::ClockBehind { .. }
                | UpdateError::ClockSetBack { .. }
                | UpdateError::Clock(_)
        )
    }

    /// Whether nothing was decided, and may be once it is asked again, though nobody does anything here.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            UpdateError::Unproven { .. }
                | UpdateError::ClockBehind { .. }
                | UpdateError::ClockSetBack { .. }
                | UpdateError::Clock(_)
                | UpdateError::Busy(_)
        )
    }

    /// The build whose file is not what was installed, or need not stay it, so that nothing of it may be executed; none when the
    /// error is another one.
    pub fn spoiled(&self) -> Option<BuildHash> {
        match self {
            UpdateError::SelfHash { expected, found, .. } => Some(expected.unwrap_or(*found)),
            UpdateError::UnsafeFile { hash, .. } => Some(*hash),
            _ => None,
        }
    }

    /// The refusal of a file or folder.
    pub fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| UpdateError::Disk { doing, path, source }
    }
}

/// What was expected, in words.
fn named(expected: Option<BuildHash>) -> String {
    expected.map_or_else(|| "nothing that the journal knows".into(), |hash| format!("build {hash}"))
}

/// Whether it is space that is missing.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

fn disk(error: &io::Error) -> String {
    let advice = match error.kind() {
        _ if is_full(error) => "free some space, then try again",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "let the user that updates write there, or choose another folder"
        }
        _ => "check the folder, then try again",
    };
    format!("{error}; {advice}")
}

fn told(faults: &[(String, Fault)]) -> String {
    faults.iter().map(|(name, fault)| format!("{name}: {fault} ({})", fault.code())).collect::<Vec<_>>().join("; ")
}

fn remaining(bytes: u64) -> String {
    if bytes == 0 { String::new() } else { format!("; {bytes} verified bytes are kept for the next try") }
}
