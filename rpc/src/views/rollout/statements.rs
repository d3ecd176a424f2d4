//! Who said what.

use crate::views::{PageOf, PageRange};
use primitives::Name;
use rollouts::queries;
use rollouts::statement::{Stated, StatementSubject};
use state::State;

/// A page of what was stated under a plan, on a key and about a subject where they are named, for as long as somebody waits for it: in
/// the order of the keys.
pub(crate) fn statement_page<E>(
    state: &State,
    plan: &Name,
    key: Option<&Name>,
    about: Option<&StatementSubject>,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<Stated>, E> {
    let all: Box<dyn Iterator<Item = Stated> + '_> = match key.zip(about) {
        Some((key, about)) => Box::new(queries::statements_about(state, plan, key, about)),
        None => queries::statements(state, plan, key),
    };
    let all = all.map(|stated| go_on().map(|()| stated));
    let is_about = |stated: &Stated| about.is_none_or(|about| stated.statement.about == *about);
    range.counted(all.filter(|stated| stated.as_ref().map_or(true, is_about)))
}
