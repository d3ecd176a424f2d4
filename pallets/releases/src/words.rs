//! How releases are spoken of.

use crate::{Advertisement, Call, Departure, Error, Event, HeldPower, Manifest, Motion, ReleaseVote, Roster};
use crate::{StageName, StageReport, Verdict};
use primitives::{AccountId, BuildHash, Subject};
use state::Told;
use std::fmt::{Display, Formatter, Result};

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::RecordInstall { build_hash, stage } => {
                let for_a_reason = |word: &str| {
                    stage.reason().map(|reason| format!(", {word} {:?}", reason.as_str())).unwrap_or_default()
                };
                match stage.name() {
                    StageName::Booted => {
                        let warning = for_a_reason("and warns:");
                        format!("puts on record that its node has booted build {build_hash}{warning}")
                    }
                    other => {
                        let because = for_a_reason("because");
                        format!("puts on record that build {build_hash} is {other} on its node{because}")
                    }
                }
            }
            Call::AttestRebuild { build_hash, source_hash, source_commit } => {
                let commit = source_commit.as_ref().map(|commit| format!(", at commit {:?}", commit.as_str()));
                let source = source_hash.map(|hash| format!(", with source hash {hash}"));
                let from = format!("{}{}", commit.unwrap_or_default(), source.unwrap_or_default());
                format!("puts on record that it built {build_hash} from source{from} and got the same bytes")
            }
            Call::Reveal { build_hash, manifest, .. } => {
                format!("reveals what the sealed proposal for build {build_hash} is about{}", version(manifest))
            }
            Call::LeaveRoster { signer, version, .. } => {
                format!(
                    "takes the key {signer} out of release roster {version} from the next epoch on, by that key's own \
                     signature"
                )
            }
            Call::Advertise(advertisement) => format!("says that its node {advertisement}"),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Call::RecordInstall { build_hash, .. }
            | Call::AttestRebuild { build_hash, .. }
            | Call::Reveal { build_hash, .. }
            | Call::Advertise(Advertisement { build: build_hash, .. }) => vec![Subject::Build(*build_hash)],
            Call::LeaveRoster { .. } => Vec::new(),
        }
    }
}

impl Told for Motion {
    fn sentence(&self) -> String {
        match self {
            Motion::Approve(vote) => approval(vote),
            Motion::SetRoster(change) => {
                let Roster { version, signers, threshold } = &change.roster;
                format!(
                    "to replace the release signers by roster {version} of {} ({}), of whom {threshold} must sign, with {} \
                     approvals",
                    signers.len(),
                    listed(signers),
                    change.approvals.len()
                )
            }
            Motion::Revoke { build_hashes, reason } => {
                format!("to revoke build {} for good, because {:?}", listed(build_hashes), reason.as_str())
            }
            Motion::RaiseMinimumSequence { minimum, reason } => {
                format!("to let no release below {minimum} run, because {:?}", reason.as_str())
            }
            Motion::EndSupport { build_hash, epoch } => {
                format!("to end the support of the release with build {build_hash} at epoch {epoch}")
            }
            Motion::Amend { build_hash, manifest } => {
                let signatures = manifest.signed_root.as_ref().map_or(0, |signed| signed.signatures.len());
                format!(
                    "to correct what is said about the release with build {build_hash}{}, with {signatures} signatures",
                    version(manifest)
                )
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Motion::Approve(vote) => vote.targets().map(|target| Subject::Build(target.build_hash)).collect(),
            Motion::Revoke { build_hashes, .. } => builds(build_hashes),
            Motion::EndSupport { build_hash, .. } | Motion::Amend { build_hash, .. } => {
                vec![Subject::Build(*build_hash)]
            }
            Motion::SetRoster(_) | Motion::RaiseMinimumSequence { .. } => Vec::new(),
        }
    }
}

impl Event {
    /// Whose word it is, where a node or a builder says something of a build; what was decided is nobody's.
    pub fn speaker(&self) -> Option<AccountId> {
        match self {
            Event::Installed { node: who, .. }
            | Event::Reported { node: who, .. }
            | Event::Held { node: who, .. }
            | Event::Advertised { node: who, .. }
            | Event::Rebuilt { builder: who, .. } => Some(*who),
            _ => None,
        }
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::ParamsSet { chain_id, level, params } => format!(
                "on network {chain_id}, which begins with level {level}, what takes a build out of use is announced {} epochs before, \
                 who is no validator needs {} bonded tokens to report on builds, and {} of the validators' power must hold a release \
                 before it passes",
                params.notice_epochs,
                params.reporter_stake.grouped(),
                params.available_share
            ),
            Event::Approved { builds, superseded, .. } => {
                let sequence = builds.first().map(|build| build.sequence).unwrap_or_default();
                let builds = listed(builds.iter().map(|build| build.build_hash));
                let instead = match superseded.as_slice() {
                    [] => String::new(),
                    old => format!("; it takes the place of {}", listed(old.iter().map(|old| old.build_hash))),
                };
                format!("release {sequence} is approved to run: {builds}{instead}")
            }
            Event::Installed { build_hash, node, report, .. } => {
                format!("{node} booted build {build_hash}{}", because(report))
            }
            Event::Reported { build_hash, node, report, .. } => {
                format!("{node} says that build {build_hash} is {}{}", report.stage.name(), because(report))
            }
            Event::Rebuilt { build_hash, builder, .. } => {
                format!("{builder} built {build_hash} from source and got the same bytes")
            }
            Event::Revealed { proposal_id, build_hash, manifest, .. } => format!(
                "it is public what the sealed proposal {proposal_id} for build {build_hash} is about{}",
                version(manifest)
            ),
            Event::RosterSet(record) => {
                let Roster { version, signers, threshold } = &record.roster;
                format!("roster {version} signs releases from now on: {threshold} of {} keys", signers.len())
            }
            Event::SignerLeft { version, departure: Departure { signer, from_epoch } } => {
                format!("{signer} left roster {version} by its own word, and does not count from epoch {from_epoch} on")
            }
            Event::Revoked { build_hashes, reason, effective_epoch, reinstated } => {
                let instead = match reinstated.as_slice() {
                    [] => String::new(),
                    builds => format!("; in use again: {}", listed(builds)),
                };
                format!("{} may not run from epoch {effective_epoch} on: {reason}{instead}", listed(build_hashes))
            }
            Event::MinimumSequenceRaised { minimum, level, reason } => {
                let from = minimum.latest().map(|step| step.effective_epoch).unwrap_or_default();
                format!(
                    "releases before {} may not run from epoch {from} on, by when level {level} is in force: {reason}",
                    minimum.highest()
                )
            }
            Event::SupportEnds { build_hashes, epoch } => {
                format!("the support of {} ends at epoch {epoch}", listed(build_hashes))
            }
            Event::Held { build_hash, node, counted, .. } => {
                format!("{node} says that it holds build {build_hash}; now {}", listed(counted))
            }
            Event::Amended { builds } => {
                let sequence = builds.first().map(|build| build.sequence).unwrap_or_default();
                let builds = listed(builds.iter().map(|build| build.build_hash));
                format!("what is said about release {sequence} is corrected: {builds}")
            }
            Event::Advertised { node, advertisement } => format!("{node} says that it {advertisement}"),
            Event::LeftFleet { nodes } => {
                format!(
                    "what these nodes advertised is kept no longer, because they may not any more: {}",
                    listed(nodes)
                )
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::ParamsSet { .. }
            | Event::RosterSet(_)
            | Event::SignerLeft { .. }
            | Event::MinimumSequenceRaised { .. } => Vec::new(),
            Event::Approved { builds: new, superseded, .. } => {
                let new = new.iter().map(|build| build.build_hash);
                new.chain(superseded.iter().map(|old| old.build_hash)).map(Subject::Build).collect()
            }
            Event::Installed { build_hash, .. }
            | Event::Reported { build_hash, .. }
            | Event::Rebuilt { build_hash, .. } => vec![Subject::Build(*build_hash)],
            Event::Revealed { proposal_id, build_hash, .. } => {
                vec![Subject::Build(*build_hash), Subject::Proposal(*proposal_id)]
            }
            Event::Revoked { build_hashes, reinstated, .. } => builds(build_hashes.iter().chain(reinstated)),
            Event::SupportEnds { build_hashes, .. } => builds(build_hashes),
            Event::Held { build_hash, counted, .. } => {
                let proposals = counted.iter().map(|held| Subject::Proposal(held.proposal_id));
                std::iter::once(Subject::Build(*build_hash)).chain(proposals).collect()
            }
            Event::Amended { builds: amended } => builds(amended.iter().map(|build| &build.build_hash)),
            Event::Advertised { advertisement, .. } => vec![Subject::Build(advertisement.build)],
            Event::LeftFleet { nodes } => nodes.iter().map(|node| Subject::Account(*node)).collect(),
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "releases.refused"
    }

    fn about(&self) -> Vec<Subject> {
        let build_hash = match self {
            Error::HashTaken(hash)
            | Error::DuplicateTarget(hash)
            | Error::NotApproved(hash)
            | Error::AlreadyRevoked(hash)
            | Error::NotProposed(hash)
            | Error::SealedAndOpen(hash)
            | Error::NothingSealed(hash)
            | Error::SealBroken(hash)
            | Error::AlreadyRevealed(hash)
            | Error::StillSealed(hash)
            | Error::StillSecret(hash)
            | Error::WithoutPower(hash)
            | Error::AlreadyHeld(hash)
            | Error::TargetsDiffer(hash)
            | Error::SupportNotAmended(hash)
            | Error::LevelNotAmended(hash)
            | Error::RevealedTooLate(hash) => hash,
            Error::BadSignature { build_hash, .. }
            | Error::WouldStrand { build_hash, .. }
            | Error::AlreadyAttested { build_hash, .. }
            | Error::AlreadyRecorded { build_hash, .. }
            | Error::SupportMoved { build_hash, .. }
            | Error::SupportEnded { build_hash, .. }
            | Error::Unavailable { build_hash, .. }
            | Error::BadSignatureFor { build_hash, .. }
            | Error::ManifestQuorumMissing { build_hash, .. }
            | Error::ManifestMixed { build_hash, .. }
            | Error::BadManifestSignature { build_hash, .. }
            | Error::ManifestMoved { build_hash, .. }
            | Error::LevelTooLow { build_hash, .. } => build_hash,
            _ => return Vec::new(),
        };
        vec![Subject::Build(*build_hash)]
    }
}

/// As the end of a sentence about a build: `this build ..`. The reason is a stranger's, and escaped.
impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Verdict::Approved => f.write_str("may run"),
            Verdict::NotApproved => f.write_str("may not run: governance never approved it"),
            Verdict::Revoked { reason } => write!(f, "may not run: it was revoked: {reason:?}"),
            Verdict::BelowMinimumSequence { sequence, minimum } => {
                write!(f, "may not run: it is release {sequence}, and governance demands at least {minimum}")
            }
            Verdict::EndOfSupport { epoch } => write!(f, "may not run: its support ended at epoch {epoch}"),
        }
    }
}

/// What is wrong by a report, when something is.
fn because(report: &StageReport) -> String {
    report.stage.reason().map(|reason| format!(": {reason}")).unwrap_or_default()
}

/// As the end of a sentence about a node. Gates have numbers here; what each is called, others know.
impl Display for Advertisement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Advertisement { channel, gates, known, held, bundle, build } = self;
        let numbers = |bits: u64| {
            let set = (0..u64::BITS).filter(|number| bits.checked_shr(*number).is_some_and(|bits| bits & 1 == 1));
            let numbers = listed(set);
            if numbers.is_empty() { "none".to_owned() } else { numbers }
        };
        let (gates, known, held) = (numbers(*gates), numbers(*known), numbers(*held));
        write!(
            f,
            "runs build {build} of channel {channel} with bundle {bundle}; of the gates it sees {gates} on, knows {known} and declines \
             {held}"
        )
    }
}

/// As a part of a sentence: how much power holds a build, by which proposal.
impl Display for HeldPower {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (power, total) = (self.power.grouped(), self.total.grouped());
        write!(f, "{power} of {total} power does, by proposal {}", self.proposal_id)
    }
}

fn approval(vote: &ReleaseVote) -> String {
    let sealed =
        if vote.sealed.is_some() { ", sealed: what it is about is revealed before its activation" } else { "" };
    let others = match vote.manifest.other_targets.len() {
        0 => String::new(),
        more => format!(" and {more} more of the same release"),
    };
    format!(
        "to approve build {}{} for running on {}{others}, with {} signatures of {} needed{sealed}",
        vote.build_hash,
        version(&vote.manifest),
        vote.platform,
        vote.signatures.len(),
        vote.signature_threshold
    )
}

fn version(manifest: &Manifest) -> String {
    manifest.version.as_ref().map(|version| format!(" (version {:?})", version.as_str())).unwrap_or_default()
}

fn builds<'b>(hashes: impl IntoIterator<Item = &'b BuildHash>) -> Vec<Subject> {
    hashes.into_iter().copied().map(Subject::Build).collect()
}

fn listed(words: impl IntoIterator<Item: Display>) -> String {
    words.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join(", ")
}
