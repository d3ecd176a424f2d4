//! When the window of a change is announced (REQ-067).

use super::{acting, known, require_state};
use crate::change::{MOST_ANNOUNCEMENTS, SubmittedChange};
use crate::plan::{ChangeKind, Stage, WindowRule};
use crate::plans::{KeptRef, version_of};
use crate::{Error, Event, scope};
use primitives::{AccountId, ChangeId, Moment, Name, Span, Text, Timestamp};
use state::State;

pub(super) fn decide(
    state: &State,
    at: Moment,
    who: AccountId,
    (plan, acting): (&Name, &Name),
    id: ChangeId,
    (from, until): (Timestamp, Timestamp),
    text: &Text<1024>,
) -> Result<Event, Error> {
    let (change, progress) = known(state, plan, id)?;
    let version = version_of(state, &change)?;
    let paths = scope::paths_of(state, &change);
    let by = acting::require_at(state, &version, acting, who, "announce", &paths)?;
    require_state(id, progress.state, progress.state.waits())?;
    let (stage, notice, longest) = announced_stage(state, &version, &change)?;
    let longest_ms = millis(longest);
    let length = until.0.saturating_sub(from.0);
    if length == 0 || length > longest_ms {
        return Err(Error::WindowTooLong { longest_ms });
    }
    if progress.announced >= MOST_ANNOUNCEMENTS {
        return Err(Error::AnnouncedTwice { change: id, most: MOST_ANNOUNCEMENTS });
    }
    let soonest = at.time.plus(millis(notice));
    if from < soonest {
        return Err(Error::NoticeTooShort { from, soonest });
    }
    Ok(Event::Announced {
        plan: plan.clone(),
        change: id,
        by,
        number: progress.announced.saturating_add(1),
        from,
        until,
        text: text.clone(),
        freezes: stage.freezes && change.kind() == ChangeKind::Promote,
    })
}

/// The stage in whose announced window a change is carried out, with the notice that it takes and how long it may be.
fn announced_stage(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Result<(Stage, Span, Span), Error> {
    let mut weekly = None;
    for stage in scope::touched(state, plan, &change.asked.request)? {
        match plan.window(state, &stage.window).map(|window| window.rule) {
            Some(WindowRule::Announced { notice, longest }) => return Ok((stage, notice, longest)),
            _ => weekly = Some(stage.window),
        }
    }
    let kind = change.kind();
    let none = || Error::ProcedureMissing { plan: plan.name.clone(), kind };
    Err(weekly.map_or_else(none, |window| Error::NotAnnounceable { window }))
}

/// Windows and notices are judged by block time, of which no epoch is a measure.
fn millis(span: Span) -> u64 {
    match span {
        Span::Millis(millis) => millis,
        Span::Epochs(_) => u64::MAX,
    }
}
