//! How a change stands, in the one word that people use (ROLLOUTS 7.4).

use super::{change, progress};
use crate::change::{ChangeProgress, ChangeState, EndedWhy};
use crate::plans::version_of;
use crate::{freeze, polls};
use primitives::{ChangeId, Moment, Name};
use serde::{Deserialize, Serialize};
use state::State;

/// How a change stands. It follows from its state and from what it owes; whoever shows a change shows this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::VariantArray)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeLabel {
    /// Its list is looked at, and no vote is open.
    #[strum(serialize = "review")]
    Review,
    /// Its approval is voted on.
    #[strum(serialize = "voting")]
    Voting,
    /// It may be carried out.
    #[strum(serialize = "approved")]
    Approved,
    /// Its window is announced.
    #[strum(serialize = "scheduled")]
    Scheduled,
    /// It was carried out, and owes something that has no time of its own.
    #[strum(serialize = "active")]
    Active,
    /// It owes something by a time.
    #[strum(serialize = "audit due")]
    AuditDue,
    /// It owes something whose time is over.
    #[strum(serialize = "AuditOverdue")]
    AuditOverdue,
    /// Its ratification is voted on.
    #[strum(serialize = "ratify due")]
    RatifyDue,
    /// It is ratified.
    #[strum(serialize = "ratified")]
    Ratified,
    /// It was not ratified in time.
    #[strum(serialize = "Lapsed")]
    Lapsed,
    /// It owes a ticket that an emergency did without.
    #[strum(serialize = "backfill due")]
    BackfillDue,
    /// It pauses others.
    #[strum(serialize = "paused")]
    Paused,
    /// It freezes others.
    #[strum(serialize = "frozen")]
    Frozen,
    /// It is done with.
    #[strum(serialize = "closed")]
    Closed,
    /// It was undone, or gone back from.
    #[strum(serialize = "reverted")]
    Reverted,
    /// Its vote was lost.
    #[strum(serialize = "rejected")]
    Rejected,
    /// It was not carried out in time.
    #[strum(serialize = "expired")]
    Expired,
    /// Who submitted it took it back.
    #[strum(serialize = "withdrawn")]
    Withdrawn,
    /// The stake ended it.
    #[strum(serialize = "aborted")]
    Aborted,
    /// Another version of its plan is in force.
    #[strum(serialize = "superseded")]
    Superseded,
}

/// The check that asks for the ticket of an emergency afterwards (ROLLOUTS 7.7).
const TICKET: &str = "ticket";

/// What others have to do with how a change stands, beside what it is itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LabelledBy {
    /// Whether it pauses others now.
    pub pauses: bool,
    /// Whether it freezes others now.
    pub freezes: bool,
}

/// How a change stands at a moment; none of a change that there is not.
pub fn label(state: &State, at: Moment, id: ChangeId) -> Option<ChangeLabel> {
    let (change, progress) = (change(state, id)?, progress(state, id)?);
    if progress.state != ChangeState::Active {
        return Some(label_of(at, &progress, LabelledBy::default(), |_| false));
    }
    let plan = version_of(state, &change).ok();
    let by = LabelledBy {
        pauses: freeze::pause_of(state, &change).is_some_and(|pause| pause.holds(at)),
        freezes: freeze::frozen(state, at, &change.plan).is_some_and(|(frozen, _)| frozen == id),
    };
    let is_vote = |check: &Name| plan.as_ref().is_some_and(|plan| polls::vote_rules(state, plan, check).is_some());
    Some(label_of(at, &progress, by, is_vote))
}

/// The same from what whoever follows facts knows: where the change stands, whether it stops others, and which checks ask for votes.
pub fn label_of(at: Moment, progress: &ChangeProgress, by: LabelledBy, is_vote: impl Fn(&Name) -> bool) -> ChangeLabel {
    match progress.state {
        ChangeState::Open | ChangeState::Approved => waiting(at, progress),
        ChangeState::Active => active(progress, by, is_vote),
        ChangeState::Closed => ChangeLabel::Closed,
        ChangeState::Reverted { .. } => ChangeLabel::Reverted,
        ChangeState::Ended { why } => match why {
            EndedWhy::Rejected => ChangeLabel::Rejected,
            EndedWhy::Withdrawn => ChangeLabel::Withdrawn,
            EndedWhy::Expired => ChangeLabel::Expired,
            EndedWhy::Aborted => ChangeLabel::Aborted,
            EndedWhy::Superseded => ChangeLabel::Superseded,
        },
    }
}

fn waiting(at: Moment, progress: &ChangeProgress) -> ChangeLabel {
    let is_scheduled = progress.window.is_some_and(|(_, until)| at.time < until);
    match progress.state {
        ChangeState::Approved if is_scheduled => ChangeLabel::Scheduled,
        ChangeState::Approved => ChangeLabel::Approved,
        _ if progress.poll.is_some() => ChangeLabel::Voting,
        _ => ChangeLabel::Review,
    }
}

/// What is late says most, then what stops others, then what is owed next.
fn active(progress: &ChangeProgress, by: LabelledBy, is_vote: impl Fn(&Name) -> bool) -> ChangeLabel {
    if let Some(duty) = progress.overdue().next() {
        return if is_vote(&duty.check) { ChangeLabel::Lapsed } else { ChangeLabel::AuditOverdue };
    }
    if by.pauses {
        return ChangeLabel::Paused;
    }
    if by.freezes {
        return ChangeLabel::Frozen;
    }
    if progress.owed_in_time().any(|duty| is_vote(&duty.check)) {
        return ChangeLabel::RatifyDue;
    }
    if progress.owed_in_time().any(|duty| duty.check.as_str() == TICKET) {
        return ChangeLabel::BackfillDue;
    }
    if progress.owed_in_time().any(|duty| duty.ends.is_some()) {
        return ChangeLabel::AuditDue;
    }
    let is_ratified = progress.duties.iter().any(|duty| duty.state.is_met() && is_vote(&duty.check));
    if is_ratified { ChangeLabel::Ratified } else { ChangeLabel::Active }
}
