//! Nothing of this stands as failed (ROLLOUTS 7.2, `Forbid`).

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use crate::check::Ask;
use crate::plan::{AskedCheck, Signal, Speakers, VALIDATORS};
use crate::statement::{StatementOutcome, StatementSubject};
use crate::storage::{STATEMENTS, TALLIES};
use crate::verdict::FindingState;
use primitives::{AccountId, Amount, Decimal, Fraction, Moment, Name, Path};
use staking::ValidatorSet;
use state::State;

/// Judges a check that forbids: everything that stands as failed, at the path of the change or above, or of its stage.
pub(super) fn judge(judged: &JudgedIn<'_>, asked: &AskedCheck, keys: &[Name]) -> AskOutcome {
    let standing: Vec<&Name> = keys.iter().filter(|key| stands(judged, asked, key)).collect();
    let need = "none of them stands as failed";
    let have = judged.words(|| format!("{} of {} stand as failed", standing.len(), keys.len()));
    let state = if standing.is_empty() { FindingState::Met } else { FindingState::Failed };
    AskOutcome::new(state, have, need).naming(judged.named(standing))
}

fn stands(judged: &JudgedIn<'_>, asked: &AskedCheck, key: &Name) -> bool {
    match judged.plan.signal(judged.state, key) {
        Some(Signal { by: Speakers::Validators, .. }) => is_found_by_a_third(judged.state, judged.at, key, None),
        Some(Signal { by: Speakers::Roles(roles), .. }) => {
            let subjects = noticed_about(judged, asked);
            roles.iter().any(|role| subjects.iter().any(|subject| has_failed(judged, key, role, subject)))
        }
        None => check_has_failed(judged, asked, key),
    }
}

/// What a signal counts for a change that is about its path: what was said there or above, and of its stage.
fn noticed_about(judged: &JudgedIn<'_>, asked: &AskedCheck) -> Vec<StatementSubject> {
    let path = judged.path_of(&judged.asked_change(asked));
    let scopes = path.ancestors().map(StatementSubject::Scope);
    scopes.chain(judged.stage_of(asked).map(StatementSubject::Stage)).collect()
}

fn check_has_failed(judged: &JudgedIn<'_>, asked: &AskedCheck, key: &Name) -> bool {
    let Some(check) = judged.plan.check(judged.state, key) else { return false };
    let about = match &check.ask {
        Ask::Word { about, .. } | Ask::Rows { about, .. } | Ask::Watch { about, .. } => *about,
        // Of a chorus a failure is a yes less; of the others nobody says anything.
        _ => return false,
    };
    let subject = judged.subject(asked, about);
    subject.zip(check.by).is_some_and(|(subject, role)| has_failed(judged, key, &role, &subject))
}

fn has_failed(judged: &JudgedIn<'_>, key: &Name, role: &Name, subject: &StatementSubject) -> bool {
    let row = (judged.plan.name.clone(), key.clone(), (judged.digest_of(subject), role.clone()));
    let tally = TALLIES.get(judged.state, &row);
    tally.is_some_and(|tally| tally.stands_failed(judged.state, judged.at, &judged.plan.name))
}

/// Whether candidates with more than a third of the power say that something failed at the same height, which each names as its value:
/// one alone may be wrong, and one of so many is honest. It is said once, in the node's plan, whichever plan asks (ROLLOUTS 7.3). Who is
/// about to say so may be counted as if it had.
pub(crate) fn is_found_by_a_third(
    state: &State,
    at: Moment,
    key: &Name,
    about_to: Option<(&AccountId, Option<Decimal>)>,
) -> bool {
    let Some(plan) = flags::queries::node_plan(state) else { return false };
    let about = StatementSubject::Scope(Path::ROOT).digest();
    let set = staking::queries::candidates(state, at.epoch);
    let found = |who: &AccountId| match about_to {
        Some((speaker, value)) if speaker == who => Some(value),
        _ => {
            let said = STATEMENTS.get(state, &(plan.clone(), key.clone(), (about, *who)))?;
            let counts = said.statement.outcome == StatementOutcome::Failed
                && said.actor.role.as_str() == VALIDATORS
                && said.statement.expires.is_none_or(|end| end > at.time);
            counts.then_some(said.statement.value)
        }
    };
    let found: Vec<(Option<Decimal>, Amount)> =
        set.validators.iter().filter_map(|member| Some((found(&member.account)?, member.power))).collect();
    is_more_than_a_third(&set, &found)
}

fn is_more_than_a_third(set: &ValidatorSet, found: &[(Option<Decimal>, Amount)]) -> bool {
    let total = set.total_power();
    let agreeing = |value: &Option<Decimal>| -> Amount {
        found.iter().filter(|(other, _)| other == value).map(|(_, power)| *power).sum()
    };
    found.iter().any(|(value, _)| value.is_some() && Fraction::THIRD.is_exceeded(agreeing(value), total))
}
