//! What a list of checks comes to (ROLLOUTS 7.2): the one function behind preflight, readiness, go/no-go, ratification, closing and
//! whoever explains them.
//!
//! It is pure and total, and stores nothing. NO-GO dominates: something failed, or is missing that means no. Else it is DEFERRED with
//! everything that is missing, too old or not yet long enough.

use super::asked::{JudgedIn, path_of};
use super::fleet::FleetAsked;
use super::lists::ListedCheck;
use super::outcome::AskOutcome;
use super::soak::SoakAsked;
use super::word::WordAsked;
use super::{build, chorus, clear, drill, fleet, forbid, lists, poll, recoverable, rows, soak, watch, word};
use crate::change::{ChangeProgress, DutyState, OwedDuty, SubmittedChange};
use crate::check::{AboutKind, Ask, Check, IfMissing};
use crate::deadline::ChangeDeadline;
use crate::plan::{AskedCheck, ListOf};
use crate::plans::KeptRef;
use crate::statement::TalliedWord;
use crate::storage::WAIVERS;
use crate::tally::{is_expired, is_present};
use crate::verdict::{Answer, Finding, FindingState, ListVerdict};
use cases::DutyOfChange;
use primitives::{CaseId, Moment, Name, Path};
use state::State;

/// Judges a list at a moment: of a change with how it stands, or of none before anything is submitted. Each check reads one row a key.
pub fn verdict(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    change: Option<&SubmittedChange>,
    progress: Option<&ChangeProgress>,
    list: &[AskedCheck],
) -> ListVerdict {
    let judged = JudgedIn::new(state, at, plan, change, progress);
    over(&judged, &lists::listed(state, plan, list.to_vec()))
}

/// The same for whoever only goes by it: its findings say how each check stands, and what would be put together to tell of it is not.
pub(crate) fn bare_verdict(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: Option<&ChangeProgress>,
    list: &[ListedCheck],
) -> ListVerdict {
    over(&JudgedIn::new(state, at, plan, Some(change), progress).untold(), list)
}

fn over(judged: &JudgedIn<'_>, list: &[ListedCheck]) -> ListVerdict {
    let mut verdict = ListVerdict { answer: Answer::Go, findings: Vec::with_capacity(list.len()) };
    for ListedCheck { asked, check } in list {
        let finding = finding(judged, asked, check.as_ref());
        let missing = check.as_ref().map(|check| check.missing).unwrap_or_default();
        verdict.answer = worse(verdict.answer, answer_of(finding.state, missing));
        verdict.findings.push(finding);
    }
    verdict
}

/// Whether a duty of a change that was carried out is met now. A vote is met by its poll and by nothing else; of others, where the plan
/// says so, an incident may stand for one (REQ-035).
pub(crate) fn duty_is_met(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: &ChangeProgress,
    duty: &OwedDuty,
) -> bool {
    let stage = super::asked::stage_of(plan, change);
    let asked = AskedCheck { key: duty.check.clone(), stage, from: ListOf::Close };
    let listed = lists::listed(state, plan, vec![asked]);
    let verdict = bare_verdict(state, at, plan, change, Some(progress), &listed);
    verdict.findings.iter().all(|finding| finding.state.is_settled())
}

/// What one state of a check means for its list.
fn answer_of(state: FindingState, missing: IfMissing) -> Answer {
    match state {
        FindingState::Met | FindingState::Waived | FindingState::Skipped => Answer::Go,
        FindingState::Failed => Answer::NoGo,
        FindingState::Missing | FindingState::Expired | FindingState::Overdue => match missing {
            IfMissing::Deferred => Answer::Deferred,
            IfMissing::NoGo => Answer::NoGo,
        },
    }
}

/// NO-GO dominates, then DEFERRED, whatever the order.
fn worse(one: Answer, other: Answer) -> Answer {
    match (one, other) {
        (Answer::NoGo, _) | (_, Answer::NoGo) => Answer::NoGo,
        (Answer::Deferred, _) | (_, Answer::Deferred) => Answer::Deferred,
        (Answer::Go, Answer::Go) => Answer::Go,
    }
}

fn finding(judged: &JudgedIn<'_>, asked: &AskedCheck, check: Option<&Check>) -> Finding {
    let outcome = outcome(judged, asked, check);
    let code = outcome.code.and_then(Name::new);
    let measured = check.is_some_and(|check| is_measured(&check.ask));
    Finding {
        key: asked.key.clone(),
        from: asked.from.clone(),
        stage: asked.stage.clone(),
        state: outcome.state,
        code: code.or_else(|| check.map(|check| check.code.clone())).unwrap_or_else(|| asked.key.clone()),
        owner: check.and_then(|check| check.by.clone()),
        measured,
        have: outcome.have,
        need: outcome.need,
        missing: outcome.missing,
        until: outcome.until,
    }
}

/// Whether the chain measures the answer. A drill is told by people, and the chain only measures how long that took.
fn is_measured(ask: &Ask) -> bool {
    match ask {
        Ask::Soak { .. }
        | Ask::Fleet { .. }
        | Ask::Installed { .. }
        | Ask::Build { .. }
        | Ask::Clear { .. }
        | Ask::Recoverable
        | Ask::Vote { .. } => true,
        Ask::Word { .. }
        | Ask::Chorus { .. }
        | Ask::Rows { .. }
        | Ask::Watch { .. }
        | Ask::Forbid { .. }
        | Ask::Drill { .. } => false,
    }
}

/// How a check comes out on its list.
fn outcome(judged: &JudgedIn<'_>, asked: &AskedCheck, check: Option<&Check>) -> AskOutcome {
    if let Some(outcome) = of_step(judged, asked, check) {
        return outcome;
    }
    let Some(check) = check else { return AskOutcome::missing("", "a check that the plan has") };
    if is_skipped(judged, asked, check) {
        return AskOutcome::new(FindingState::Skipped, "left out for this class", "");
    }
    if is_about_what_was_submitted(&check.ask) && judged.asked_change(asked).is_first() {
        return AskOutcome::met("it stands since the first version of the plan, by which nothing moved", "");
    }
    let duty = judged.progress.filter(|_| asked.from == ListOf::Close).and_then(|progress| progress.duty(&asked.key));
    if let Some(duty) = duty.filter(|duty| duty.state.is_met()) {
        let have = if duty.state == DutyState::MetLate { "met late" } else { "met in time" };
        return AskOutcome::met(have, "");
    }
    let asked_since = duty.map(|duty| duty.from);
    let outcome = answer(judged, asked, check, asked_since);
    if outcome.state.is_settled() {
        return outcome;
    }
    if let Some(case) = duty.and_then(|duty| standing_incident(judged, check, duty)) {
        return AskOutcome::met(judged.words(|| format!("incident {case} stands for it")), outcome.need);
    }
    match (waiver(judged, asked, check), duty) {
        (Some(waiver), _) => waived(judged, &waiver, outcome),
        (None, Some(duty)) => owed(judged.at, duty, outcome),
        (None, None) => outcome,
    }
}

/// The incident that stands for a duty which one may stand for; never for a vote.
fn standing_incident(judged: &JudgedIn<'_>, check: &Check, duty: &OwedDuty) -> Option<CaseId> {
    if !duty.or_incident || check.ask.is_vote() {
        return None;
    }
    let change = judged.change?;
    let of = DutyOfChange { change: change.id, check: duty.check.clone() };
    let path = path_of(judged.plan, change);
    cases::queries::stands_for(judged.state, &judged.plan.name, &path, &of, duty.from)
}

/// What a stage that is to be left says of a step: that it is not taken; or nothing, and its needs are judged. Of genesis, and of a first
/// installation, every step is taken and nothing is asked. A step that needs nothing stands in the list under its own key.
fn of_step(judged: &JudgedIn<'_>, asked: &AskedCheck, check: Option<&Check>) -> Option<AskOutcome> {
    let ListOf::Step(step) = &asked.from else { return None };
    let of = judged.asked_change(asked);
    let taken = || AskOutcome::met(judged.words(|| format!("step {step} is taken")), "");
    if !of.is_before {
        return None;
    }
    if !of.has_taken(step) {
        // What was found wrong there is no less wrong because the step is still to come.
        let found = check.map(|check| answer(judged, asked, check, None));
        let failed = found.filter(|found| found.state == FindingState::Failed);
        let untaken = || {
            let have = judged.words(|| format!("step {step} is not taken"));
            AskOutcome::missing(have, judged.words(|| format!("step {step} taken")))
        };
        return Some(failed.unwrap_or_else(untaken));
    }
    (of.is_first() || (check.is_none() && asked.key == *step)).then(taken)
}

/// Whether a question is about what somebody submitted: who acknowledges it, and what moves by it. Of the first change there is neither,
/// and it could never be answered before its stage is left.
fn is_about_what_was_submitted(ask: &Ask) -> bool {
    match ask {
        Ask::Chorus { .. } | Ask::Installed { .. } | Ask::Build { .. } => true,
        Ask::Word { about, .. } | Ask::Rows { about, .. } | Ask::Watch { about, .. } => *about == AboutKind::Artifact,
        _ => false,
    }
}

/// A class drops out of what is asked before a promotion alone, and never a blocker (REQ-036, REQ-037).
fn is_skipped(judged: &JudgedIn<'_>, asked: &AskedCheck, check: &Check) -> bool {
    let is_asked_before = matches!(asked.from, ListOf::Readiness | ListOf::Approve);
    let class = judged.change.map(|change| change.asked.class);
    is_asked_before && !check.blocker && class.is_some_and(|class| check.skip.contains(&class))
}

fn answer(judged: &JudgedIn<'_>, asked: &AskedCheck, check: &Check, from: Option<Moment>) -> AskOutcome {
    match &check.ask {
        Ask::Word { about, predicate, refs, within } => {
            let asks = WordAsked { about: *about, predicate: predicate.as_ref(), refs, within: within.as_ref() };
            word::judge(judged, asked, check, &asks, from)
        }
        Ask::Chorus { segment, least, after_announced } => {
            chorus::judge(judged, asked, segment, *least, *after_announced)
        }
        Ask::Rows { about, .. } => rows::judge(judged, asked, check, *about, from),
        Ask::Watch { about, lasted } => watch::judge(judged, asked, check, (*about, *lasted), from),
        Ask::Forbid { keys } => forbid::judge(judged, asked, keys),
        Ask::Soak { stage, span, since, unless } => {
            soak::judge(judged, &SoakAsked { stage, span: *span, since, unless })
        }
        Ask::Fleet { profile, share, fresh, bundle } => {
            let asks = FleetAsked { profile: *profile, share: *share, fresh: *fresh, bundle: *bundle };
            fleet::judge(judged, asked, &asks)
        }
        Ask::Installed { segment, stage } => build::installed(judged, asked, segment, *stage),
        Ask::Build { sbom, provenance, commit_of } => build::judge(judged, asked, (*sbom, *provenance), commit_of),
        Ask::Clear { register, severity } => clear::judge(judged, asked, *register, *severity),
        Ask::Drill { playbook } => drill::judge(judged, playbook),
        Ask::Recoverable => recoverable::judge(judged, asked),
        Ask::Vote { ballot } => poll::judge(judged, asked, ballot),
    }
}

/// The waiver of a check that counts: not expired, by somebody who may still waive there. A blocker has none, and neither has a vote,
/// which is not one role's to set aside (REQ-021, REQ-037).
fn waiver(judged: &JudgedIn<'_>, asked: &AskedCheck, check: &Check) -> Option<TalliedWord> {
    if check.blocker || check.ask.is_vote() {
        return None;
    }
    let of = judged.asked_change(asked);
    let waiver = WAIVERS.get(judged.state, &(of.id?, asked.key.clone()))?;
    let path = judged.path_of(&of);
    let counts = !is_expired(&waiver, judged.at)
        && is_present(judged.state, judged.at, &judged.plan.name, &waiver.by)
        && may_waive(judged.state, &judged.plan.name, &waiver, &path);
    counts.then_some(waiver)
}

fn may_waive(state: &State, plan: &Name, waiver: &TalliedWord, path: &Path) -> bool {
    roles::queries::require(state, plan, &waiver.by.role, waiver.by.account, WAIVE, path).is_ok()
}

/// What a role has to be granted to waive a check.
pub(crate) const WAIVE: &str = "waive";

fn waived(judged: &JudgedIn<'_>, waiver: &TalliedWord, outcome: AskOutcome) -> AskOutcome {
    AskOutcome {
        state: FindingState::Waived,
        have: judged.words(|| format!("waived by {}; {}", waiver.by.role, outcome.have)),
        until: waiver.expires.map(ChangeDeadline::Time),
        ..outcome
    }
}

/// A duty that is not met: overdue once its time is over, and missed by itself then.
fn owed(at: Moment, duty: &OwedDuty, outcome: AskOutcome) -> AskOutcome {
    let is_over = duty.state == DutyState::Overdue || duty.ends.is_some_and(|ends| ends.is_over(at));
    match outcome.state {
        // That somebody found it wrong says more than that it is late.
        FindingState::Failed => outcome,
        _ if is_over => AskOutcome { state: FindingState::Overdue, until: None, ..outcome },
        _ => AskOutcome { until: duty.ends.or(outcome.until), ..outcome },
    }
}
