//! When a check of a change is waived (REQ-021): for a while, with a reason, by somebody who may and did not submit it, and never a
//! blocker (REQ-037).

use super::key::AskedKey;
use super::speaker::{WhoSays, path_of_subject};
use super::subject::{FoundSubject, wrong};
use crate::Error;
use crate::judge::verdict::WAIVE;
use crate::statement::{LONGEST_WAIVER_MS, Statement};
use primitives::{Moment, Reason};
use roles::Actor;
use state::State;

/// A day in milliseconds.
const DAY_MS: u64 = 86_400_000;

/// Who acts, if it may waive this.
///
/// # Errors
/// [`Error::Role`], [`Error::WaiverScope`], [`Error::NeverWaived`], [`Error::WaivedByOneself`] and [`Error::ExpiryMissing`]; and
/// [`Error::WrongSubject`] for what is no check.
pub(crate) fn require(
    state: &State,
    at: Moment,
    says: WhoSays<'_>,
    found: &FoundSubject,
    asked: &AskedKey,
    statement: &Statement,
) -> Result<Actor, Error> {
    let key = || statement.key.clone();
    let path = path_of_subject(found, statement);
    let actor = roles::queries::require(state, &found.plan.name, says.acting, says.who, WAIVE, &path)?;
    let AskedKey::Check(check) = asked else { return Err(wrong(statement)) };
    // A vote is not one role's to set aside either.
    if check.blocker || check.ask.is_vote() {
        return Err(Error::NeverWaived { key: key() });
    }
    let is_blank = Reason::new(statement.reason.as_str()).is_none();
    let change = found.change.as_ref().filter(|(_, progress)| progress.state.is_live() && !is_blank);
    let Some((change, _)) = change else { return Err(Error::WaiverScope { key: key() }) };
    if change.submitter() == Some(says.who) {
        return Err(Error::WaivedByOneself { key: key() });
    }
    let longest = at.time.plus(LONGEST_WAIVER_MS);
    if statement.expires.is_none_or(|end| end <= at.time || end > longest) {
        let most_days = u16::try_from(LONGEST_WAIVER_MS.checked_div(DAY_MS).unwrap_or_default()).unwrap_or(u16::MAX);
        return Err(Error::ExpiryMissing { key: key(), most_days });
    }
    Ok(actor)
}
