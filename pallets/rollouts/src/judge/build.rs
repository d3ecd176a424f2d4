//! The build of a change: whether it was approved with what is asked for, and how far it has come on nodes (ROLLOUTS 7.2, `Build` and
//! `Installed`). An application's artifacts are no builds, so both are unmet in its plan.

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use super::said::{Heard, WantedWord, WordWorth, hear};
use crate::check::{AboutKind, Ask};
use crate::plan::AskedCheck;
use crate::statement::StatementSubject;
use crate::tally::accounts_in;
use primitives::{AccountId, BuildHash, Digest, Name, Text};
use releases::{ApprovedRelease, StageName};

/// Judges a check that asks for a build with its bill of materials, its signatures, and the commit that was tested.
pub(super) fn judge(
    judged: &JudgedIn<'_>,
    asked: &AskedCheck,
    (sbom, provenance): (bool, bool),
    commit_of: &[Name],
) -> AskOutcome {
    let need = judged.words(|| need_of(sbom, provenance, commit_of));
    let Some(build) = judged.asked_change(asked).build() else {
        return AskOutcome::missing("the change names no build", need);
    };
    let Some(release) = releases::queries::release(judged.state, &build) else {
        return AskOutcome::missing("the build is not approved", need);
    };
    if releases::queries::verdict_now(judged.state, &build, judged.at.epoch) != releases::queries::Verdict::Approved {
        return AskOutcome::missing("the build may not run any more", need);
    }
    let mut missing = Vec::new();
    if sbom && release.manifest.sbom_hash.is_none() {
        missing.push("its sbom".to_owned());
    }
    if provenance && !is_signed(&release) {
        missing.push("its signatures".to_owned());
    }
    // In the first stage the tests are still to come.
    let is_first = judged.stage_of(asked).is_some_and(|stage| judged.plan.predecessor(&stage).is_none());
    let untested = commit_of.iter().filter(|key| !is_first && !is_of_tested_commit(judged, asked, key, &release));
    missing.extend(untested.map(|key| format!("the commit of {key}")));
    let have = if missing.is_empty() { "approved" } else { "approved, and not with all of it" };
    AskOutcome::of(missing.is_empty(), have, need).naming(missing)
}

fn need_of(sbom: bool, provenance: bool, commit_of: &[Name]) -> String {
    let mut parts = Vec::new();
    if sbom {
        parts.push("its sbom".to_owned());
    }
    if provenance {
        parts.push("its signatures".to_owned());
    }
    parts.extend(commit_of.iter().map(|key| format!("the commit of {key}")));
    format!("an approved build with {}", parts.join(", "))
}

/// A build of genesis needs no signatures, because genesis itself is what all agree on.
fn is_signed(release: &ApprovedRelease) -> bool {
    let count = u32::try_from(release.signatures.len()).unwrap_or(u32::MAX);
    release.proposal_id.is_none() || (count > 0 && count >= release.signature_threshold)
}

/// Whether it was built from the commit that a check was answered about: of this build, or of the one that stands in a stage before.
fn is_of_tested_commit(judged: &JudgedIn<'_>, asked: &AskedCheck, key: &Name, release: &ApprovedRelease) -> bool {
    let is_it = |tested: &Digest| tested.0 == release.build_hash.0;
    tested(judged, asked, key, Digest(release.build_hash.0)).is_some_and(|(tested, commit)| {
        let commit = commit.or_else(|| commit_of_build(judged, &tested));
        is_it(&tested) || (commit.is_some() && commit == release.manifest.source_commit)
    })
}

/// What a check was answered about last of this build and those that stand below the stage that is asked about, the nearest first.
fn tested(judged: &JudgedIn<'_>, asked: &AskedCheck, key: &Name, build: Digest) -> Option<(Digest, Option<Text<64>>)> {
    let check = judged.plan.check(judged.state, key)?;
    let (Ask::Word { about: AboutKind::Artifact, .. }, Some(role)) = (&check.ask, &check.by) else { return None };
    let mut stage = judged.stage_of(asked);
    let before = std::iter::from_fn(|| {
        let next = judged.plan.predecessor(stage.as_ref()?).cloned()?;
        stage = Some(next.clone());
        Some(judged.plan.standing(judged.state, &next).and_then(|standing| standing.subject))
    });
    let mut subjects = std::iter::once(Some(build)).chain(before).flatten();
    subjects.find_map(|subject| {
        let about = StatementSubject::Artifact(subject);
        let wanted = WantedWord { key, role, subject: &about, fresh: None, from: None };
        match hear(judged, &wanted, |_| WordWorth::Enough) {
            Heard::Yes(word) => Some((subject, word.commit)),
            _ => None,
        }
    })
}

fn commit_of_build(judged: &JudgedIn<'_>, build: &Digest) -> Option<Text<64>> {
    releases::queries::release(judged.state, &BuildHash(build.0))?.manifest.source_commit
}

/// Judges a check that asks how far the build has come on the nodes of a segment: on all of them, at least so far.
pub(super) fn installed(judged: &JudgedIn<'_>, asked: &AskedCheck, segment: &Name, stage: StageName) -> AskOutcome {
    let need = judged.words(|| format!("{stage} on every node of {segment}"));
    let nodes = accounts_in(judged.state, judged.at, &judged.plan.name, segment);
    if nodes.is_empty() {
        return AskOutcome::of_nobody(segment.as_str(), need);
    }
    let Some(build) = judged.asked_change(asked).build() else {
        return AskOutcome::missing("the change names no build", need);
    };
    let missing: Vec<&AccountId> = nodes.iter().filter(|node| !has_come(judged, &build, node, stage)).collect();
    let have = judged.words(|| format!("{} of {} nodes", nodes.len().saturating_sub(missing.len()), nodes.len()));
    AskOutcome::of(missing.is_empty(), have, need).naming(judged.named(missing))
}

/// Whether a node said of the build, or of the one for its own platform of the same release, that it has come so far.
fn has_come(judged: &JudgedIn<'_>, build: &BuildHash, node: &AccountId, stage: StageName) -> bool {
    let is_so_far = |hash: &BuildHash| {
        let report = releases::queries::stage(judged.state, hash, node);
        report.is_some_and(|report| rank(report.stage.name()).is_some_and(|said| Some(said) >= rank(stage)))
    };
    let sequence = |hash: &BuildHash| releases::queries::release(judged.state, hash).map(|release| release.sequence);
    let is_sibling = |running: &BuildHash| sequence(running).is_some() && sequence(running) == sequence(build);
    is_so_far(build)
        || releases::queries::running(judged.state, node).is_some_and(|it| is_sibling(&it) && is_so_far(&it))
}

/// How far a stage is; none of one where the build failed.
fn rank(stage: StageName) -> Option<u8> {
    match stage {
        StageName::Held => Some(0),
        StageName::Staged => Some(1),
        StageName::Booted => Some(2),
        StageName::Healthy => Some(3),
        StageName::RolledBack | StageName::Unusable => None,
    }
}
