//! A stage has stood for a while in which nothing happened that restarts the clock (ROLLOUTS 7.2, `Soak`). It counts in the stage that is
//! named, and nothing leaves it out but a waiver, which a blocker forbids.

use super::asked::JudgedIn;
use super::outcome::{AskOutcome, passed};
use crate::change::ChangeState;
use crate::check::SoakSince;
use crate::deadline::ChangeDeadline;
use crate::plans::FIRST_CHANGE;
use crate::standing::StageStanding;
use crate::storage::{MARKS, PROGRESS};
use primitives::{Moment, Name, Path, Span};

/// What a check asks that asks for a soak.
pub(super) struct SoakAsked<'s> {
    pub stage: &'s Name,
    pub span: Span,
    pub since: &'s SoakSince,
    pub unless: &'s [Name],
}

/// When a clock started, and what restarted it last.
struct SoakStart<'s> {
    at: Moment,
    restarted_by: Option<&'s Name>,
}

/// Judges a check that asks for a soak.
pub(super) fn judge(judged: &JudgedIn<'_>, asked: &SoakAsked<'_>) -> AskOutcome {
    let need = judged.words(|| need_of(asked));
    let start = match start(judged, asked) {
        Ok(start) => start,
        Err(have) => return AskOutcome::missing(have, need),
    };
    let elapsed = asked.span.since(start.at, judged.at);
    let have = judged.words(|| {
        let restarted = start.restarted_by.map(|signal| format!(", restarted by {signal}")).unwrap_or_default();
        format!("{}{restarted}", passed(elapsed))
    });
    let ends = (!elapsed.is_enough()).then(|| ChangeDeadline::after(start.at, asked.span));
    AskOutcome::of(elapsed.is_enough(), have, need).until(ends)
}

fn need_of(asked: &SoakAsked<'_>) -> String {
    let since = match asked.since {
        SoakSince::Entered => "was entered".into(),
        SoakSince::Verified => "was entered and verified".into(),
        SoakSince::On(flag) => format!("has {flag} on"),
    };
    format!("{} since {} {since}", asked.span, asked.stage)
}

/// When the clock started, or why it has not.
fn start<'s>(judged: &JudgedIn<'_>, asked: &SoakAsked<'s>) -> Result<SoakStart<'s>, String> {
    let standing = judged.plan.standing(judged.state, asked.stage);
    let standing = standing.ok_or_else(|| judged.words(|| format!("{} does not stand", asked.stage)))?;
    let since = match asked.since {
        SoakSince::Entered => standing.since,
        SoakSince::Verified => verified(judged, asked.stage, &standing)?,
        SoakSince::On(flag) => later(standing.since, turned_on(judged, asked.stage, flag, &standing)?),
    };
    let mut start = SoakStart { at: since, restarted_by: None };
    for signal in asked.unless {
        let place = (judged.plan.name.clone(), asked.stage.clone(), signal.clone());
        // One in the same block may have come before or after: it restarts nothing then that has not just begun.
        let mark = MARKS.get(judged.state, &place).filter(|mark| mark.height > start.at.height);
        if let Some(mark) = mark {
            start = SoakStart { at: mark, restarted_by: Some(signal) };
        }
    }
    Ok(start)
}

fn later(one: Moment, other: Moment) -> Moment {
    if other.height > one.height { other } else { one }
}

/// When the change by which a stage stands was closed, and so audited.
fn verified(judged: &JudgedIn<'_>, stage: &Name, standing: &StageStanding) -> Result<Moment, String> {
    if standing.change == FIRST_CHANGE {
        return Ok(standing.since);
    }
    let progress =
        PROGRESS.get(judged.state, &standing.change).filter(|progress| progress.state == ChangeState::Closed);
    let closed = progress.map(|progress| progress.since);
    let told = || format!("change {}, which entered {stage}, is not closed", standing.change);
    closed.ok_or_else(|| judged.words(told))
}

/// When a flag was set to what is on there, for anybody. Of one that nothing sets, since the stage stands.
fn turned_on(judged: &JudgedIn<'_>, stage: &Name, flag: &Name, standing: &StageStanding) -> Result<Moment, String> {
    let of_stage = || Path::new([stage.clone()]).unwrap_or_default();
    let path = if judged.plan.kept.is_of_node() { Path::ROOT } else { of_stage() };
    let scoped = flags::queries::scoped(judged.state, &judged.plan.name, flag, &path);
    let on = scoped.filter(flags::ScopedFlag::is_on_for_some);
    let on = on.ok_or_else(|| judged.words(|| format!("{flag} is off")))?;
    // Paths are in order, each below the one before: the last is the closest.
    Ok(on.settings.into_values().next_back().map_or(standing.since, |setting| setting.since))
}
