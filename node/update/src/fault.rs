//! What a source can do wrong: one variant, one code and one sentence for each, so that an operator knows which attack or
//! which accident it was.

/// Why a source was given up. The sentence completes "source NAME: ...".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It sent bytes that are not of the release (T1).
    #[error("the bytes from {offset} on are not those of the approved release")]
    OtherBytes {
        /// Where the first group that does not hold begins.
        offset: u64,
    },
    /// Its hash tree is not the release's (T1).
    #[error("its hash tree does not lead to the approved hash")]
    OtherTree,
    /// It says that the artifact has another size than chain state says, or than was proven (T6, T10).
    #[error("it announces {said} bytes, and the release has {need}")]
    OtherSize {
        /// What it says.
        said: u64,
        /// What is right.
        need: u64,
    },
    /// It says that the artifact is larger than this node fetches; nothing on chain says so (T6, T10).
    #[error(
        "it announces {said} bytes, and {most} are fetched at most; raise update.max_artifact_bytes if the release has them"
    )]
    TooLarge {
        /// What it says.
        said: u64,
        /// The most.
        most: u64,
    },
    /// It says that the artifact is larger than what is free on the disk; nothing on chain says so (T10).
    #[error("it announces {said} bytes, and the disk has room for {free}; free some space if the release has them")]
    NoRoom {
        /// What it says.
        said: u64,
        /// What is free.
        free: u64,
    },
    /// It does not stop where the artifact ends (T6).
    #[error("it sent more than the {most} bytes that were asked for; the transfer was cut off there")]
    Endless {
        /// The bytes asked for.
        most: u64,
    },
    /// It stopped too early.
    #[error("it ended after {have} of {need} bytes")]
    Short {
        /// What came.
        have: u64,
        /// What was asked for.
        need: u64,
    },
    /// It sends less than the least allowed (T7).
    #[error("it sent {bytes} bytes in {seconds} s, less than {least} a second")]
    TooSlow {
        /// What came in the window.
        bytes: u64,
        /// The window.
        seconds: u64,
        /// The least a second.
        least: u64,
    },
    /// The time of the whole fetch was over before it had sent the release (T7).
    #[error("the {seconds} s that this fetch may take were over before it had sent the release")]
    Late {
        /// All the time there was.
        seconds: u64,
    },
    /// It does not have the artifact (T10).
    #[error("it does not have this release ({0})")]
    NotHeld(String),
    /// It answers with something else than the artifact (T10).
    #[error("it answered with HTTP status {0}")]
    Status(u16),
    /// It sends the request in circles.
    #[error("it redirects the request too often, or to somewhere that is no mirror: {0}")]
    Redirects(String),
    /// Its certificate cannot be trusted, or the encryption failed.
    #[error("its TLS connection cannot be trusted: {0}")]
    Tls(String),
    /// Nobody answers (T16).
    #[error("it does not answer: {0}")]
    Silent(String),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// It encodes what it sends; a release is sent as it is (T28).
    #[error("it sends the release encoded as {0:?}; a mirror must serve the file as it is")]
    Encoded(String),
}

impl Fault {
    /// A word that scripts and tests can hold on to; those of attacks follow the list of attacks.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::OtherBytes { .. } | Fault::OtherTree => "E_ARBITRARY",
            Fault::OtherSize { .. } => "E_SIZE",
            Fault::Endless { .. } | Fault::TooLarge { .. } => "E_ENDLESS",
            Fault::NoRoom { .. } => "E_DISK_FULL",
            Fault::Short { .. } => "E_SHORT",
            Fault::TooSlow { .. } | Fault::Late { .. } => "E_SLOW",
            Fault::NotHeld(_) => "E_NOT_HELD",
            Fault::Status(_) => "E_STATUS",
            Fault::Redirects(_) => "E_REDIRECT",
            Fault::Tls(_) => "E_TLS",
            Fault::Silent(_) => "E_SILENT",
            Fault::Broken(_) => "E_BROKEN",
            Fault::Encoded(_) => "E_ARCHIVE",
        }
    }

    /// Whether the source may do better in a moment; what it sent so far was right.
    pub fn may_pass(&self) -> bool {
        matches!(self, Fault::Broken(_) | Fault::Short { .. })
    }

    /// Whether it may be an accident: nothing that came was wrong.
    pub(super) fn is_accident(&self) -> bool {
        self.weight() <= 6
    }

    /// How much it says about the source: a forgery goes before a failure, a failure before an absence.
    pub(super) fn weight(&self) -> u8 {
        match self {
            Fault::OtherBytes { .. } | Fault::OtherTree => 9,
            Fault::Endless { .. } | Fault::TooLarge { .. } | Fault::OtherSize { .. } | Fault::Encoded(_) => 8,
            Fault::Tls(_) | Fault::Redirects(_) => 7,
            Fault::TooSlow { .. } | Fault::Late { .. } | Fault::NoRoom { .. } => 6,
            Fault::Short { .. } | Fault::Broken(_) => 5,
            Fault::Status(_) => 4,
            Fault::Silent(_) => 3,
            Fault::NotHeld(_) => 2,
        }
    }
}
