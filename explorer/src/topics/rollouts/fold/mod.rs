//! What happened to plans, to what they govern, and what was said about it.
//!
//! A change is folded by the rules by which the chain applies its events: what stands here of it is what a node's state has. Whatever a
//! node computes when it is asked, such as what a list comes to, is no fact, and not here.

mod changes;
mod flags;
mod kept;
mod plans;

pub(crate) use self::changes::opened;
pub use self::flags::write as write_flag;
pub(crate) use self::kept::{ChangeStop, FlagKept, InstalledVersion, SettingKept};

use super::{MARKS, STATEMENTS};
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::json;
use primitives::{Moment, Name};
use rollouts::Event;
use rollouts::statement::Stated;

/// What one event writes, of a block at a moment.
///
/// # Errors
/// The database refuses, or has no such plan or change.
pub async fn write(block: &mut BlockWriter<'_>, at: Moment, event: &Event) -> Result<(), FoldError> {
    match event {
        Event::Installed { installation, by, deposit, effects } => {
            plans::installed(block, at, installation, *by, *deposit, effects).await
        }
        Event::Retired { plan, .. } => plans::retired(block, plan).await,
        Event::Stated { plan, stated, marks } => {
            say(block, at, plan, stated, marks.as_ref());
            Ok(())
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
        | Event::Voided { .. } => changes::write(block, at, event).await,
    }
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
