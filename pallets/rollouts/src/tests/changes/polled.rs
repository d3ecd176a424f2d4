//! Polls that wait are found by the roles in which somebody votes: held against looking at all of them, in every block of every
//! [story](super).

use super::chain::*;
use super::found::{Act, guest, install};
use super::shop::{ask, first};
use crate::change::ChangeDraft;
use crate::install::Installation;
use crate::plan::Plan;
use crate::storage::{AMENDMENTS, CHANGES, PROGRESS, TO_AMEND, TO_ASK, TO_OPEN, VOTING};
use crate::tests::sample::name;
use crate::{Event, Motion, plans, polls};
use primitives::{ChangeId, List, Moment, Name};
use roles::{Actor, RoleKey};
use state::{Apply as _, Memory, State};
use std::collections::BTreeSet;

/// Checks of changes, and later versions, that wait for the vote of a role.
type Awaiting = (BTreeSet<(RoleKey, ChangeId, Name)>, BTreeSet<(RoleKey, u64)>);

/// What of applications waits so, by looking at all that waits.
fn waiting_for_roles(state: &State) -> Awaiting {
    let changes = TO_OPEN.iter(state).filter_map(|((plan, id, check), _)| {
        let (change, progress) = (CHANGES.get(state, &id)?, PROGRESS.get(state, &id)?);
        let in_force = plans::head(state, &plan)?.version;
        let is_superseded = progress.state.waits() && change.asked.version != in_force;
        let kept = plans::of_version(state, &plan, change.asked.version).ok().filter(|_| !is_superseded)?;
        let ballot = polls::vote_rules(state, &kept, &check).filter(|_| !kept.kept.is_of_node())?;
        Some((RoleKey { plan, role: ballot.role }, id, check))
    });
    let amendments = AMENDMENTS.iter(state).filter(|(_, asked)| asked.poll.is_none());
    let amendments = amendments.filter_map(|((plan, number), _)| {
        let amend = plans::current(state, &plan).ok()?.kept.policy.amend?;
        Some((RoleKey { plan, role: amend.role }, number))
    });
    (changes.collect(), amendments.collect())
}

/// What waits is found by its role, that by whether anybody votes in it, and everything that is found so can be opened: the first of it
/// is, behind what the node's plan waits for.
pub(super) fn no_poll_is_passed_over(state: &State, at: Moment) {
    let (changes, amendments) = waiting_for_roles(state);
    assert_eq!(TO_ASK.iter(state).collect::<BTreeSet<_>>(), changes);
    assert_eq!(TO_AMEND.iter(state).collect::<BTreeSet<_>>(), amendments);
    let keys = changes.iter().map(|(key, ..)| key).chain(amendments.iter().map(|(key, _)| key));
    let votes = |key: &&RoleKey| {
        let version = roles::queries::head(state, key).version;
        !roles::queries::voters(state, key, version).is_empty()
    };
    let voting: BTreeSet<RoleKey> = keys.filter(votes).cloned().collect();
    assert_eq!(VOTING.iter(state).collect::<BTreeSet<_>>(), voting);

    let due = |change: &ChangeId, check: &Name| polls::due_poll(state, at, *change, check.clone());
    let node = flags::queries::node_plan(state);
    let mut of_node = TO_OPEN.iter(state).filter(|((plan, ..), _)| node.as_ref() == Some(plan));
    let of_node = of_node.find_map(|((_, change, check), _)| due(&change, &check));
    let votable = changes.iter().filter(|(key, ..)| voting.contains(key));
    let of_guests: Vec<_> = votable.map(|(key, change, check)| (key, due(change, check))).collect();
    assert!(of_guests.iter().all(|(_, poll)| poll.is_some()), "{of_guests:?} cannot be opened");
    let first = of_node.or_else(|| {
        let role = voting.first()?;
        of_guests.into_iter().find(|(key, _)| *key == role)?.1
    });
    let next = polls::next_poll(state, at);
    assert_eq!(next.is_some(), first.is_some() || !voting.is_empty());
    assert!(first.is_none() || next == first, "{first:?} is passed over");
}

fn council() -> RoleKey {
    RoleKey { plan: name("shop"), role: name("council") }
}

/// A shop with two changes on which nobody votes: Cat has the council in some place alone.
fn unasked(memory: &Memory) -> (Chain<'_>, [ChangeId; 2]) {
    let mut chain = Chain::begin(memory);
    install(&mut chain, first(guest("shop", true)), Some(CAT));
    chain.seat(&council(), CAT, "development/**");
    let requests = [Act::Promotes, Act::Sets].map(|act| act.request(&chain, &name("shop")).unwrap());
    let ticket = || Some(name("CHG-7"));
    let changes = requests
        .map(|request| ask(&mut chain, ANN, "commander", ChangeDraft { ticket: ticket(), ..draft(request) }).unwrap());
    chain.block();
    (chain, changes)
}

/// The roles by which something is found that waits.
fn voting(chain: &Chain<'_>) -> Vec<RoleKey> {
    VOTING.iter(&chain.state).collect()
}

#[test]
fn what_nobody_votes_on_is_found_once_somebody_does() {
    let memory = Memory::default();
    let (mut chain, changes) = unasked(&memory);
    assert_eq!((chain.next_rules(), voting(&chain)), (None, Vec::new()));
    chain.seat(&council(), CAT, "**");
    assert_eq!(voting(&chain), [council()], "one row for both");
    chain.seat(&council(), CAT, "development/**");
    assert_eq!((chain.next_rules(), voting(&chain)), (None, Vec::new()), "and back");
    chain.seat(&council(), CAT, "**");
    let next = polls::next_poll(&chain.state, chain.at).map(|poll| poll.motion);
    assert!(matches!(next, Some(Motion::Decide { change, .. }) if change == changes[0]), "{next:?}");
    chain.block();
    assert!(changes.iter().all(|change| chain.progress(*change).poll.is_some()));
    assert_eq!(voting(&chain), [], "nothing waits any more");
}

#[test]
fn a_later_version_waits_for_somebody_who_votes_too_and_nothing_is_asked_under_the_one_before() {
    let memory = Memory::default();
    let (mut chain, _) = unasked(&memory);
    let later = Installation { members: List::new(), ..first(Plan { version: 2, ..guest("shop", true) }) };
    let by = Actor { account: CAT, role: name("council") };
    let asked = Event::AmendmentAsked { plan: name("shop"), number: 1, installation: Box::new(later.clone()), by };
    asked.apply(&mut chain.state, chain.at);
    assert_eq!((chain.next_rules(), TO_AMEND.iter(&chain.state).count()), (None, 1));
    no_poll_is_passed_over(&chain.state, chain.at);
    install(&mut chain, later, None);
    chain.seat(&council(), CAT, "**");
    assert_eq!((chain.next_rules(), voting(&chain)), (None, Vec::new()));
    no_poll_is_passed_over(&chain.state, chain.at);
}
