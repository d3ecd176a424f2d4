//! What happened to plans, to what they govern, and what was said about it.
//!
//! A change is folded by the rules by which the chain applies its events: what stands here of it is what a node's state has. Whatever a
//! node computes when it is asked, such as what a list comes to, is no fact, and not here.

mod changes;
mod drills;
mod flags;
mod kept;
mod plans;
mod spans;
mod stand;

pub(crate) use self::changes::opened;
pub use self::flags::write as write_flag;
pub(crate) use self::kept::{ChangeStop, FlagKept, InstalledVersion, SettingKept};

use super::{MARKS, STATEMENTS};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::json;
use crate::topics::cases;
use ::cases::OpenedCase;
use primitives::{Moment, Name};
use rollouts::Event;
use rollouts::statement::Stated;
use state::Told as _;

/// What one event writes, of a block at a moment.
///
/// # Errors
/// The database refuses, or has no such plan or change.
pub async fn write(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    if let Some((plan, opened)) = opened_by(event) {
        cases::fold::open(block, at, plan, opened, (event.kind(), event.sentence()));
    }
    match event {
        Event::Installed { installation, by, deposit, effects } => {
            plans::installed(block, at, installation, *by, *deposit, effects).await
        }
        Event::Retired { plan, .. } => plans::retired(block, at, plan).await,
        Event::Stated { plan, stated, marks, .. } => {
            say(block, at, plan, stated, marks.as_ref());
            drills::stated(block, plan, stated).await
        }
        Event::Submitted { .. }
        | Event::Approved { .. }
        | Event::Announced { .. }
        | Event::Executed { .. }
        | Event::Stepped { .. }
        | Event::Closed { .. }
        | Event::Met { .. }
        | Event::Missed { .. }
        | Event::Reverted { .. }
        | Event::Ended { .. }
        | Event::Thawed { .. }
        | Event::Voided { .. }
        | Event::Dropped { .. } => changes::write(block, at, event).await,
        // What is asked for is told by its poll, and what comes of it by the installation.
        Event::AmendmentAsked { .. } | Event::AmendmentEnded { .. } => Ok(()),
    }
}

/// What the chain opens in the fact that brings it, and under which plan.
fn opened_by(event: &Event) -> Option<(&Name, &OpenedCase)> {
    let (plan, opened) = match event {
        Event::Submitted { change, execution, .. } => (&change.plan, execution.as_ref()?.opened.as_deref()),
        Event::Executed { plan, execution, .. } => (plan, execution.opened.as_deref()),
        Event::Stated { plan, opened, .. } | Event::Missed { plan, opened, .. } => (plan, opened.as_deref()),
        _ => return None,
    };
    Some((plan, opened?))
}

/// The latest word of each speaker stays.
fn say(block: &mut BlockWriter<'_>, at: Moment, plan: &Name, stated: &Stated, marks: Option<&Name>) {
    let (plan, key) = (plan.as_str(), stated.statement.key.as_str());
    let (about, speaker) = (stated.statement.about.digest(), stated.actor.account);
    block.put(
        &STATEMENTS,
        vec![
            plan.into(),
            key.into(),
            about.to_string().into(),
            speaker.to_string().into(),
            at.height.0.into(),
            json(stated).into(),
        ],
    );
    if let Some(stage) = marks {
        block.put(&MARKS, vec![plan.into(), stage.as_str().into(), key.into(), json(&at).into()]);
    }
}
