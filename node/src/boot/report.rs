//! The answer of the boot check, for people, scripts and exit codes.

use super::evidence::Evidence;
use primitives::{BuildHash, Digest, Epoch, Height, StateRoot};
use releases::{ApprovedRelease, queries::Verdict};
use rpc::views::NodeVersion;
use serde::{Deserialize, Serialize};
use store::Mistrust;
use store::db::DbError;

/// The word of what nothing proves.
pub(super) const UNPROVEN: &str = "E_PROOF";
/// What to do when another build is wanted.
const UPGRADE: &str = "install the active release, which `contract gov releases` lists";
/// The word of a level that is not what it should be.
pub(super) const LEVEL_WORD: &str = "E_LEVEL";

/// What the boot check decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The build is approved.
    Run,
    /// The build was never approved.
    NotApproved,
    /// The build was approved and may no longer run.
    NoLongerApproved,
    /// The store does not hold together, or nobody whom this home trusts has decided its head.
    StoreDamaged,
    /// The approved release was built from other sources.
    SourceDiffers,
    /// The build knows another level than its release says, or less than is in force (ROLLOUTS 3.3).
    LevelDiffers,
    /// The build is unknown here, and the ticket that should show its approval proves nothing.
    TicketInvalid,
    /// The build is unknown here, and nobody could say whether it was approved since. That may pass.
    Unanswered,
    /// The build is unknown here, and the clock cannot be believed by which tickets are judged: it is behind what was proven here, or what a
    /// ticket proves. That passes once it is set.
    ClockWrong,
}

/// What an approval was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// The genesis file, before the first start.
    Genesis,
    /// This node's own verified store.
    Store,
    /// A verified ticket.
    Ticket {
        /// The file or the node it came from.
        from: String,
    },
}

impl Decision {
    /// The process' exit code, as INTERFACES pins it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Decision::Run => 0,
            Decision::NotApproved => 10,
            Decision::NoLongerApproved => 11,
            Decision::StoreDamaged | Decision::TicketInvalid => 12,
            Decision::SourceDiffers | Decision::LevelDiffers => 13,
            Decision::Unanswered => 14,
            // The question could not be asked, and may be asked again.
            Decision::ClockWrong => 1,
        }
    }
}

/// The answer of the boot check; `the-block check` prints it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootReport {
    /// What is decided.
    pub decision: Decision,
    /// The exit code that goes with it.
    pub exit_code: u8,
    /// Why, in one sentence, and what to do next.
    pub reason: String,
    /// The word of it, as refused updates have it, such as `E_PROOF`: of the attack that this may be, or `E_LEVEL`; none else.
    pub code: Option<String>,
    /// The measured hash of this executable.
    pub build_bin_hash: BuildHash,
    /// The digest of the sources this executable was built from.
    pub build_source_hash: Digest,
    /// The height whose state was asked.
    pub height: Option<Height>,
    /// The epoch that the build was judged in.
    pub epoch: Option<Epoch>,
    /// The certified root that the approval was proven against; none before the first start.
    pub state_root: Option<StateRoot>,
    /// The approval record.
    pub release: Option<ApprovedRelease>,
    /// What it was read from; none when nothing could be believed.
    pub witness: Option<Witness>,
}

impl BootReport {
    /// Judges a build by its evidence.
    pub(super) fn over(build: NodeVersion, evidence: Evidence) -> Self {
        let compiled_in = CompiledIn { source: build.build_source_hash, level: build.level };
        let (decision, reason) = judge(&build.build_bin_hash, Some(compiled_in), &evidence);
        Self {
            decision,
            exit_code: decision.exit_code(),
            reason,
            code: (decision == Decision::LevelDiffers).then(|| LEVEL_WORD.to_owned()),
            build_bin_hash: build.build_bin_hash,
            build_source_hash: build.build_source_hash,
            height: Some(evidence.height),
            epoch: Some(evidence.epoch),
            state_root: evidence.state_root,
            release: evidence.release,
            witness: Some(evidence.witness),
        }
    }

    /// The answer when nothing that was found can be believed.
    pub(super) fn unbelieved(build: NodeVersion, disbelief: Disbelief) -> Self {
        let Disbelief { decision, code, why } = disbelief;
        Self {
            decision,
            exit_code: decision.exit_code(),
            reason: why,
            code: code.map(str::to_owned),
            build_bin_hash: build.build_bin_hash,
            build_source_hash: build.build_source_hash,
            height: None,
            epoch: None,
            state_root: None,
            release: None,
            witness: None,
        }
    }
}

/// Why nothing of what was found is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disbelief {
    /// What follows.
    pub decision: Decision,
    /// The word of the attack that this may be; none where it is no sign of one.
    pub code: Option<&'static str>,
    /// The sentence; it ends with the word.
    pub why: String,
}

impl Disbelief {
    /// In a store that does not hold together.
    pub fn damaged(what: &str) -> Self {
        Self { decision: Decision::StoreDamaged, code: None, why: damage(what) }
    }

    /// In a store that holds together, and that somebody may have made (T21, T22).
    pub fn mistrusted(mistrust: &Mistrust) -> Self {
        let why = format!("{} ({UNPROVEN})", damage(&mistrust.to_string()));
        Self { decision: Decision::StoreDamaged, code: Some(UNPROVEN), why }
    }

    /// In a store that the system does not let be read; it may be another time.
    pub fn unreadable(error: &DbError) -> Self {
        Self { decision: Decision::Unanswered, code: None, why: error.to_string() }
    }

    /// In what is known here, as far as it does not know a build; `why` says what it need not know.
    pub fn unanswered(hash: &BuildHash, why: &str) -> Self {
        let why = format!(
            "build {hash} is not known here, and whether it was approved since is not either: {why}; pass its --ticket, or name a \
             node that has caught up under boot.ticket_sources"
        );
        Self { decision: Decision::Unanswered, code: None, why }
    }

    /// In this build, as far as it cannot read what a network at level `needs` has written.
    pub fn newer_level(needs: u32) -> Self {
        let why = format!(
            "the chain is at level {needs}, and this build knows levels up to {have}, so it cannot read all of it; {UPGRADE} \
             ({LEVEL_WORD})",
            have = runtime::LEVEL
        );
        Self { decision: Decision::LevelDiffers, code: Some(LEVEL_WORD), why }
    }

    /// In a ticket; `why` names what failed in it.
    pub fn ticket(code: &'static str, why: &str) -> Self {
        Self { decision: Decision::TicketInvalid, code: Some(code), why: format!("{why} ({code})") }
    }
}

/// What only a build itself knows of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct CompiledIn {
    /// What it was compiled from.
    pub source: Digest,
    /// The level that its code knows.
    pub level: u32,
}

/// Judges a build by its evidence: what is decided, and why. What is compiled into it is asked of the running build alone.
pub(super) fn judge(hash: &BuildHash, own: Option<CompiledIn>, evidence: &Evidence) -> (Decision, String) {
    match (&evidence.verdict, own.and_then(|own| differs(hash, own, evidence))) {
        (Verdict::Approved, Some(differs)) => differs,
        (Verdict::Approved, None) => {
            let ticket = if matches!(evidence.witness, Witness::Ticket { .. }) { ", as its ticket proves" } else { "" };
            let reason = format!("build {hash} is approved by the chain state of height {}{ticket}", evidence.height);
            (Decision::Run, reason)
        }
        (Verdict::NotApproved, _) => {
            let reason = format!(
                "build {hash} is not approved by the chain state of height {}; {UPGRADE}, pass its --ticket if it was approved \
                 later, or propose it with `contract gov propose-release --hash {hash}`",
                evidence.height
            );
            (Decision::NotApproved, reason)
        }
        (
            stopped @ (Verdict::Revoked { .. } | Verdict::BelowMinimumSequence { .. } | Verdict::EndOfSupport { .. }),
            _,
        ) => (Decision::NoLongerApproved, format!("build {hash} {stopped}; {UPGRADE}")),
    }
}

/// In what a build is not the one that its release describes, or not one for this network.
fn differs(hash: &BuildHash, own: CompiledIn, evidence: &Evidence) -> Option<(Decision, String)> {
    let CompiledIn { source, level } = own;
    if let Some(approved) = approved_source(evidence).filter(|approved| *approved != source) {
        let reason = format!(
            "build {hash} was compiled from source {source}, and governance approved it for source {approved}; fetch the release \
             again from a mirror you trust"
        );
        return Some((Decision::SourceDiffers, reason));
    }
    let said = evidence.release.as_ref().and_then(|release| release.manifest.level);
    if let Some(said) = said.filter(|said| *said != level) {
        let reason = format!(
            "build {hash} knows level {level}, and was approved as one that knows level {said}; {UPGRADE}, and have this one made \
             and proposed anew with what its `self-check` says ({LEVEL_WORD})"
        );
        return Some((Decision::LevelDiffers, reason));
    }
    let in_force = evidence.level.filter(|in_force| *in_force > level)?;
    let reason = format!(
        "build {hash} knows levels up to {level}, and level {in_force} is in force in epoch {}; {UPGRADE} ({LEVEL_WORD})",
        evidence.epoch
    );
    Some((Decision::LevelDiffers, reason))
}

/// What is said of a store that does not hold together.
fn damage(what: &str) -> String {
    let what = what.trim_end_matches('.');
    if what.contains("restore this") {
        return what.to_string();
    }
    format!(
        "the store is damaged: {what}; restore this home from a backup, or remove the database and fill it with `the-block \
         import-state`"
    )
}

fn approved_source(evidence: &Evidence) -> Option<Digest> {
    evidence.release.as_ref().and_then(ApprovedRelease::boots_from)
}
