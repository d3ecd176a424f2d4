//! What would be gone back to exists (ROLLOUTS 7.2, `Recoverable`; REQ-093).

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use crate::plan::AskedCheck;
use artifacts::{ArtifactStanding, RegisteredArtifact};
use primitives::{BuildHash, Digest, Epoch};
use releases::ApprovedRelease;
use state::State;

/// How many of the latest builds are looked at for one that would be gone back to.
const MOST_LOOKED_AT: u64 = 64;

/// Judges a check that asks for something to go back to.
pub(super) fn judge(judged: &JudgedIn<'_>, asked: &AskedCheck) -> AskOutcome {
    if judged.plan.kept.is_of_node() { of_node(judged, asked) } else { of_application(judged, asked) }
}

/// An artifact that is good there stood there besides the one that goes; or there is nothing that would be gone back to: none has stood
/// there yet, nothing stands there any more, or what stands there is bad, from which the way on is the only one.
fn of_application(judged: &JudgedIn<'_>, asked: &AskedCheck) -> AskOutcome {
    let need = "an artifact that is good in the stage, or a stage in which nothing stands but what is bad";
    let (state, plan) = (judged.state, &judged.plan.name);
    let Some(stage) = judged.stage_of(asked).filter(|stage| artifacts::queries::has_stood(state, plan, stage)) else {
        return AskOutcome::met("nothing has stood in the stage yet", need);
    };
    let artifact = |digest: &Digest| artifacts::queries::artifact(state, plan, digest);
    let named = |found: &RegisteredArtifact| found.artifact.name.to_string();
    let goes = judged.asked_change(asked).subject;
    // What stands there now is what would be gone back to once another one does.
    if let Some(good) = artifacts::queries::good_before(state, plan, &stage, goes.as_ref()) {
        let name = || artifact(&good).as_ref().map(named).unwrap_or_default();
        return AskOutcome::met(judged.words(|| format!("{} is good", name())), need);
    }
    let Some(stands) = artifacts::queries::standing_in(state, plan, &stage) else {
        return AskOutcome::met("nothing stands in the stage any more", need);
    };
    match artifact(&stands).filter(|found| found.standing == ArtifactStanding::Bad) {
        Some(bad) => AskOutcome::met(judged.words(|| format!("{} stands there and is bad", named(&bad))), need),
        None => AskOutcome::missing("no other artifact is known as good in the stage", need),
    }
}

/// The stage before has its values in the plan, or there is none; and a build from before may run, or there was none that may.
fn of_node(judged: &JudgedIn<'_>, asked: &AskedCheck) -> AskOutcome {
    let need = "the values of the stage before, and an earlier build that may run";
    let before = judged.stage_of(asked).and_then(|stage| judged.plan.predecessor(&stage).cloned());
    let is_written = before.is_none_or(|before| {
        let stage = judged.plan.stage(judged.state, &before);
        stage.is_ok_and(|stage| !stage.values.is_empty())
    });
    if !is_written {
        return AskOutcome::missing("the stage before has no values", need);
    }
    let named = judged.asked_change(asked).build();
    let running = named.or_else(|| releases::queries::active(judged.state).last().copied());
    let release = running.and_then(|build| releases::queries::release(judged.state, &build));
    let Some(release) = release else { return AskOutcome::missing("no build is approved", need) };
    let minimum = releases::queries::minimum_sequence(judged.state).at(judged.at.epoch).max(1);
    if release.sequence <= minimum {
        let have = judged.words(|| format!("release {} is the first that may run", release.sequence));
        return AskOutcome::met(have, need);
    }
    match earlier(judged.state, judged.at.epoch, &release) {
        Some(earlier) => AskOutcome::met(judged.words(|| format!("release {} may run", earlier.sequence)), need),
        None => AskOutcome::missing("no earlier build may run", need),
    }
}

/// The latest release before that one of which a build may run.
fn earlier(state: &State, now: Epoch, release: &ApprovedRelease) -> Option<ApprovedRelease> {
    let last = releases::queries::listed_count(state, None);
    let numbers = (last.saturating_sub(MOST_LOOKED_AT)..last).rev().map(|before| before.saturating_add(1));
    let builds = numbers.filter_map(|number| releases::queries::listed(state, None, number));
    let may_run =
        |build: &BuildHash| releases::queries::verdict_now(state, build, now) == releases::queries::Verdict::Approved;
    let approved = builds.filter(may_run).filter_map(|build| releases::queries::release(state, &build));
    approved.filter(|other| other.sequence < release.sequence).max_by_key(|other| other.sequence)
}
