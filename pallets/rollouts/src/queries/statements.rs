//! What was stated under a plan, for whoever shows it or looks for a word of its own.

use crate::statement::{Stated, StatementSubject};
use crate::storage::STATEMENTS;
use primitives::{AccountId, Digest, Name};
use serde::{Deserialize, Serialize};
use state::{Key, State};
use std::fmt;
use std::iter::successors;
use std::str::FromStr;

/// What no place on a key comes behind.
const LAST: (Digest, AccountId) = (Digest([u8::MAX; 32]), AccountId([u8::MAX; 32]));

/// The place of a statement among those of its plan, which are in the order of their keys, then of what they are about, then of who said
/// them. As text these three stand between slashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatementPlace {
    /// The key.
    pub key: Name,
    /// What it is about, by its [digest](StatementSubject::digest).
    pub about: Digest,
    /// Who said it.
    pub account: AccountId,
}

impl StatementPlace {
    /// That of a statement.
    pub fn of(stated: &Stated) -> Self {
        let Stated { statement, actor, .. } = stated;
        Self { key: statement.key.clone(), about: statement.about.digest(), account: actor.account }
    }

    fn row(&self, plan: &Name) -> (Name, Name, (Digest, AccountId)) {
        (plan.clone(), self.key.clone(), (self.about, self.account))
    }
}

impl fmt::Display for StatementPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.key, self.about, self.account)
    }
}

impl FromStr for StatementPlace {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (key, rest) = text.trim().split_once('/')?;
            let (about, account) = rest.split_once('/')?;
            Some(Self { key: Name::new(key)?, about: about.parse().ok()?, account: account.parse().ok()? })
        };
        read().ok_or_else(|| {
            format!("{text:?} is no place of a statement; write KEY/BLAKE3/ACCOUNT, as a list says where it goes on")
        })
    }
}

/// The latest that a speaker stated on a key about a subject.
pub fn statement(state: &State, plan: &Name, place: &StatementPlace) -> Option<Stated> {
    STATEMENTS.get(state, &place.row(plan))
}

/// What was stated under a plan, the latest of each speaker on each key about each subject: on one key and about one subject where these are
/// named, from a place on where one is, in the order of places. No row is read before it is asked for, and none that is not given, but
/// for one of each key where a subject alone is named.
pub fn statements<'s>(
    state: &'s State<'s>,
    plan: &Name,
    key: Option<&Name>,
    about: Option<&StatementSubject>,
    from: Option<&StatementPlace>,
) -> Box<dyn Iterator<Item = Stated> + 's> {
    match (key, about.map(StatementSubject::digest)) {
        (None, None) => under(state, plan, plan, from),
        (Some(key), None) => under(state, plan, &(plan.clone(), key.clone()), from),
        (Some(key), Some(about)) => under(state, plan, &(plan.clone(), key.clone(), about), from),
        (None, Some(about)) => {
            let (plan, from) = (plan.clone(), from.cloned());
            let keys = keys(state, &plan, from.as_ref().map(|from| &from.key));
            Box::new(keys.flat_map(move |key| under(state, &plan, &(plan.clone(), key, about), from.as_ref())))
        }
    }
}

/// The statements whose places begin so, from one on.
fn under<'s, H: Key>(
    state: &'s State<'s>,
    plan: &Name,
    head: &H,
    from: Option<&StatementPlace>,
) -> Box<dyn Iterator<Item = Stated> + 's> {
    match from {
        Some(from) => Box::new(STATEMENTS.iter_under_from(state, head, &from.row(plan)).map(|(_, stated)| stated)),
        None => Box::new(STATEMENTS.values_under(state, head)),
    }
}

/// The keys on which something was stated, from one on: each is that of the first statement behind those on the key before.
fn keys<'s>(state: &'s State<'s>, plan: &Name, from: Option<&Name>) -> impl Iterator<Item = Name> + use<'s> {
    let plan = plan.clone();
    let first = || STATEMENTS.iter_under(state, &plan).map(|((_, key, _), _)| key).next();
    let first = from.cloned().or_else(first);
    successors(first, move |key| {
        let behind = STATEMENTS.iter_under_from(state, &plan, &(plan.clone(), key.clone(), LAST));
        behind.map(|((_, next, _), _)| next).find(|next| next > key)
    })
}
