//! Whether a statement is its speaker's to make: another's word is refused, not ignored (`E_STATEMENT_OWNER`).

use super::key::{AskedKey, roles_of};
use super::subject::FoundSubject;
use crate::Error;
use crate::check::Ask;
use crate::judge::asked::path_of;
use crate::plan::{Speakers, VALIDATORS};
use crate::statement::{Statement, StatementSubject};
use crate::storage::CHORUSES;
use crate::tally::accounts_in;
use primitives::{AccountId, ChangeId, List, Moment, Name, Path, ScopePattern, Text};
use roles::{Actor, Member, RoleKey};
use state::State;

/// Who takes a step, and so may say something about one.
const STEPS: &str = "promote.execute";
/// What somebody asks for who speaks, as refusals name it.
const STATE: &str = "state";

/// Who speaks, and as what it says that it does.
#[derive(Clone, Copy)]
pub(crate) struct WhoSays<'w> {
    pub who: AccountId,
    pub acting: &'w Name,
}

/// Who acts, if a statement is for it to make.
///
/// # Errors
/// [`Error::ForeignWord`], and [`Error::Role`] for whoever is no member of the role, or not for that place.
pub(crate) fn require(
    state: &State,
    at: Moment,
    says: WhoSays<'_>,
    found: &FoundSubject,
    asked: &AskedKey,
    statement: &Statement,
) -> Result<Actor, Error> {
    let plan = &found.plan.name;
    match asked {
        AskedKey::Check(check) => match &check.ask {
            Ask::Chorus { segment, .. } => in_chorus(state, at, says, found, statement, segment)?,
            _ => of_role(state, says, found, statement, &roles_of(state, &found.plan, check))?,
        },
        AskedKey::Row(rows) => {
            let kind = statement.about.kind();
            let roles: Vec<Name> =
                rows.iter().filter(|(about, _)| *about == kind).map(|(_, role)| role.clone()).collect();
            of_role(state, says, found, statement, &roles)?;
        }
        AskedKey::Drill(owner) => of_role(state, says, found, statement, std::slice::from_ref(owner))?,
        AskedKey::Signal(signal) => match &signal.by {
            Speakers::Roles(roles) => notices(state, says, found, statement, roles)?,
            Speakers::Validators => could_be_elected(state, at, says, &statement.key)?,
        },
        AskedKey::Step => {
            roles::queries::require(state, plan, says.acting, says.who, STEPS, &path_of_subject(found, statement))?;
        }
    }
    Ok(Actor { account: says.who, role: says.acting.clone() })
}

/// Where what a statement is about lies.
pub(crate) fn path_of_subject(found: &FoundSubject, statement: &Statement) -> Path {
    let of_stage = |stage: &Name| Path::new([stage.clone()]).unwrap_or_default();
    match (&statement.about, &found.change) {
        _ if found.plan.kept.is_of_node() => Path::ROOT,
        (StatementSubject::Scope(path), _) => path.clone(),
        (StatementSubject::Stage(stage), _) => of_stage(stage),
        (_, Some((change, _))) => path_of(&found.plan, change),
        _ => Path::ROOT,
    }
}

fn foreign(key: &Name, acting: &Name, owner: Option<&Name>) -> Error {
    let owner = owner.unwrap_or(key);
    Error::ForeignWord { key: key.clone(), acting: acting.clone(), owner: owner.clone() }
}

fn member_of(state: &State, plan: &Name, says: WhoSays<'_>) -> Result<Member, Error> {
    let key = RoleKey { plan: plan.clone(), role: says.acting.clone() };
    let member = roles::queries::member(state, &key, &says.who);
    member.ok_or_else(|| roles::Error::NotMember { key, account: says.who }.into())
}

/// A member of one of some roles. One whose scopes are given speaks within them; one that has none, because it votes alone, has a word
/// wherever its role has.
fn of_role(
    state: &State,
    says: WhoSays<'_>,
    found: &FoundSubject,
    statement: &Statement,
    roles: &[Name],
) -> Result<(), Error> {
    if !roles.contains(says.acting) {
        return Err(foreign(&statement.key, says.acting, roles.first()));
    }
    let member = member_of(state, &found.plan.name, says)?;
    let is_narrow = matches!(statement.about, StatementSubject::Change(_) | StatementSubject::Scope(_));
    if is_narrow && !member.scopes.is_empty() {
        require_covered(says, &member, found, statement)?;
    }
    Ok(())
}

/// A member of one of the roles that may notice something, within its scopes (ROLLOUTS 7.3).
fn notices(
    state: &State,
    says: WhoSays<'_>,
    found: &FoundSubject,
    statement: &Statement,
    roles: &[Name],
) -> Result<(), Error> {
    if !roles.contains(says.acting) {
        return Err(foreign(&statement.key, says.acting, roles.first()));
    }
    let member = member_of(state, &found.plan.name, says)?;
    require_covered(says, &member, found, statement)
}

fn require_covered(
    says: WhoSays<'_>,
    member: &Member,
    found: &FoundSubject,
    statement: &Statement,
) -> Result<(), Error> {
    let path = path_of_subject(found, statement);
    if member.scopes.iter().any(|scope| scope.covers(&path)) {
        return Ok(());
    }
    let scope = Box::new(ScopePattern::exactly(&path));
    let (plan, role, action) = (found.plan.name.clone(), says.acting.clone(), Text::new(STATE).unwrap_or_default());
    Err(roles::Error::Role { plan, role, action, scope, held_by: List::new(), insider: true }.into())
}

fn could_be_elected(state: &State, at: Moment, says: WhoSays<'_>, key: &Name) -> Result<(), Error> {
    let validators = Name::new(VALIDATORS);
    let is_one = staking::queries::candidates(state, at.epoch).power_of(&says.who).is_some();
    let fits = is_one && says.acting.as_str() == VALIDATORS;
    if fits { Ok(()) } else { Err(foreign(key, says.acting, validators.as_ref())) }
}

/// Whoever was in the segment when the change was submitted, and still is.
fn in_chorus(
    state: &State,
    at: Moment,
    says: WhoSays<'_>,
    found: &FoundSubject,
    statement: &Statement,
    segment: &Name,
) -> Result<(), Error> {
    let StatementSubject::Change(id) = &statement.about else { return Err(super::subject::wrong(statement)) };
    let was_in = place_in(state, *id, segment, &says.who).is_some();
    let is_in = || accounts_in(state, at, &found.plan.name, segment).contains(&says.who);
    let fits = says.acting == segment && was_in && is_in();
    if fits { Ok(()) } else { Err(foreign(&statement.key, says.acting, Some(segment))) }
}

/// The place of a speaker in the chorus of a segment about a change.
pub(crate) fn place_in(state: &State, id: ChangeId, segment: &Name, who: &AccountId) -> Option<u16> {
    CHORUSES.get(state, &(id, segment.clone()))?.place_of(who)
}
