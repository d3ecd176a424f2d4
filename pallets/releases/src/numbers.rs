//! The numbers by which programs know refusals (ROLLOUTS 16).

use crate::Error;

impl Error {
    /// The number by which programs know it, from 560 on; it never changes, and is of no other refusal (REQ-137).
    pub fn number(&self) -> u16 {
        match self {
            Error::QuorumMissing { .. } => 560,
            Error::UnknownSigner(_) => 561,
            Error::DuplicateSigner(_) => 562,
            Error::BadSignature { .. } => 563,
            Error::ThresholdOutOfRange { .. } => 564,
            Error::RosterChanged { .. } => 565,
            Error::HashTaken(_) => 566,
            Error::DuplicateTarget(_) => 567,
            Error::SupportEndsTooSoon { .. } => 568,
            Error::NotApproved(_) => 569,
            Error::RosterVersion { .. } => 570,
            Error::RosterUnusable { .. } => 571,
            Error::UnusableKey(_) => 572,
            Error::RosterUnchanged => 573,
            Error::BadApproval(_) => 574,
            Error::ApprovalsMissing { .. } => 575,
            Error::AlreadyRevoked(_) => 576,
            Error::NothingToRevoke => 577,
            Error::WouldStrand { .. } => 578,
            Error::MinimumOutOfRange { .. } => 579,
            Error::NotProposed(_) => 580,
            Error::AlreadyAttested { .. } => 581,
            Error::SealedAndOpen(_) => 582,
            Error::NothingSealed(_) => 583,
            Error::SealBroken(_) => 584,
            Error::AlreadyRevealed(_) => 585,
            Error::StillSealed(_) => 586,
            Error::AlreadyRecorded { .. } => 587,
            Error::SupportMoved { .. } => 588,
            Error::AlreadyLeft { .. } => 589,
            Error::NotReporter { .. } => 590,
            Error::SupportEnded { .. } => 591,
            Error::Unavailable { .. } => 592,
            Error::StillSecret(_) => 593,
            Error::WithoutPower(_) => 594,
            Error::AlreadyHeld(_) => 595,
            Error::HoldersMissing { .. } => 596,
            Error::BadSignatureFor { .. } => 597,
            Error::ManifestQuorumMissing { .. } => 598,
            Error::ManifestMixed { .. } => 599,
            Error::BadManifestSignature { .. } => 600,
            Error::TargetsDiffer(_) => 601,
            Error::SupportNotAmended(_) => 602,
            Error::ManifestMoved { .. } => 603,
            Error::RevealedTooLate(_) => 604,
            Error::AlreadyAdvertised { .. } => 605,
            Error::LevelTooLow { .. } => 606,
            Error::LevelNotAmended(_) => 607,
        }
    }
}
