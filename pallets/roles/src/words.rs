//! How roles are spoken of.

use crate::{Actor, Call, Error, Event, Motion, Scopes};
use primitives::{AccountId, ScopePattern, Subject};
use state::Told;

impl Told for Call {
    fn sentence(&self) -> String {
        match self {
            Call::Appoint { key, acting, account, scopes } => {
                format!("appoints {account} {key}{}, as {acting}", within(scopes))
            }
            Call::Dismiss { key, acting, account } => format!("dismisses {account} as {key}, as {acting}"),
            Call::Resign { key } => format!("resigns as {key}"),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Call::Appoint { account, .. } | Call::Dismiss { account, .. } => vec![Subject::Account(*account)],
            Call::Resign { .. } => Vec::new(),
        }
    }
}

impl Told for Motion {
    fn sentence(&self) -> String {
        let Motion::SetMembers { key, members, reason } = self;
        let all = members.iter().map(|seat| format!("{}{}", seat.account, within(&seat.scopes)));
        format!("to make {key} of these alone: {}; because {:?}", listed(all), reason.as_str())
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        let Motion::SetMembers { members, .. } = self;
        accounts(members.iter().map(|seat| &seat.account))
    }
}

impl Told for Event {
    fn sentence(&self) -> String {
        match self {
            Event::MemberCame { key, account, member, by, .. } => {
                format!("{account} is {key} now{}{}", within(&member.scopes), by_whom("appointed", by))
            }
            Event::MemberWent { key, account, by: None, .. } => format!("{account} resigned as {key}"),
            Event::MemberWent { key, account, by, .. } => {
                format!("{account} is {key} no longer{}", by_whom("dismissed", by))
            }
            Event::MembersSet { key, came, went, reason, .. } => {
                let came = came.iter().map(|one| format!("{}{}", one.account, within(&one.member.scopes)));
                let went = went.iter().map(ToString::to_string);
                format!("{key} gains {} and loses {}: {reason}", listed(came), listed(went))
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Event::MemberCame { account, .. } | Event::MemberWent { account, .. } => vec![Subject::Account(*account)],
            Event::MembersSet { came, went, .. } => accounts(came.iter().map(|one| &one.account).chain(went.iter())),
        }
    }
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "roles.refused"
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Error::AlreadyMember { account, .. } | Error::NotMember { account, .. } | Error::NamedTwice(account) => {
                vec![Subject::Account(*account)]
            }
            Error::Role { .. }
            | Error::UnknownRole(_)
            | Error::LastMember { .. }
            | Error::OutsideScope { .. }
            | Error::WiderRole { .. }
            | Error::Full { .. } => Vec::new(),
        }
    }
}

fn accounts<'a>(all: impl Iterator<Item = &'a AccountId>) -> Vec<Subject> {
    all.copied().map(Subject::Account).collect()
}

/// Where somebody may act.
fn within(scopes: &Scopes) -> String {
    let all: Vec<&str> = scopes.iter().map(shown).collect();
    if all.is_empty() { " to vote alone".into() } else { format!(" in {}", all.join(" and ")) }
}

fn shown(scope: &ScopePattern) -> &str {
    if scope.as_str().is_empty() { "the root" } else { scope.as_str() }
}

fn by_whom(what: &str, by: &Option<Actor>) -> String {
    by.as_ref().map(|actor| format!(", {what} by {actor}")).unwrap_or_default()
}

fn listed(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    if all.is_empty() { "nobody".into() } else { all.join(", ") }
}
