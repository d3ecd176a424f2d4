//! Later versions of an application's plan come by the vote of the role that owns it (ROLLOUTS 7.4).

use super::chain::*;
use super::shop::*;
use crate::change::EndedWhy;
use crate::install::{Installation, MOST_AMENDMENTS};
use crate::plan::Plan;
use crate::storage::{AMENDMENT_POLLS, AMENDMENTS, TO_AMEND};
use crate::tests::sample::{name, reference};
use crate::{Call, Error, Event, plans};
use governance::Choice;
use primitives::{AccountId, List, ProposalId};
use state::Memory;

/// The second version, for a reason that stands in a document.
fn second(document: &str) -> Installation {
    Installation {
        plan: Plan { version: 2, ..shop_plan() },
        document: Some(reference(document, None)),
        stage: None,
        members: List::new(),
        segments: List::new(),
        moves: List::new(),
    }
}

fn asks(chain: &mut Chain<'_>, who: AccountId, asked: Installation) -> Result<Event, Error> {
    chain.call(who, &Call::Install { installation: Box::new(asked) })
}

fn latest_poll(chain: &Chain<'_>) -> ProposalId {
    governance::queries::latest(&chain.state)
}

fn version(chain: &Chain<'_>) -> u32 {
    plans::head(&chain.state, &name("shop")).unwrap().version
}

fn nothing_is_left(chain: &Chain<'_>) -> bool {
    let asked = AMENDMENTS.iter(&chain.state).next().is_some() || TO_AMEND.iter(&chain.state).next().is_some();
    !asked && AMENDMENT_POLLS.iter(&chain.state).next().is_none()
}

#[test]
fn a_later_version_is_in_force_once_its_owner_agrees() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    asks(&mut chain, CAT, second("docs/why.md")).unwrap();
    assert_eq!(version(&chain), 1);
    chain.block();
    let poll = latest_poll(&chain);
    chain.vote(CAT, poll, Choice::Yes).unwrap();
    assert_eq!(kinds(&chain.block()), ["installed"]);
    assert_eq!(version(&chain), 2);
    assert!(nothing_is_left(&chain));
    assert_eq!(chain.block(), []);
}

#[test]
fn one_that_its_owner_does_not_want_ends() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    asks(&mut chain, CAT, second("docs/why.md")).unwrap();
    chain.block();
    let poll = latest_poll(&chain);
    chain.vote(CAT, poll, Choice::No).unwrap();
    let events = chain.block();
    assert!(
        matches!(events.as_slice(), [Event::AmendmentEnded { number: 1, why: EndedWhy::Rejected, .. }]),
        "{events:?}"
    );
    assert!(nothing_is_left(&chain));
    assert_eq!(version(&chain), 1);
}

#[test]
fn the_first_wins_and_the_others_are_superseded() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    asks(&mut chain, CAT, second("docs/why.md")).unwrap();
    chain.block();
    let first = latest_poll(&chain);
    asks(&mut chain, CAT, second("docs/otherwise.md")).unwrap();
    chain.block();
    asks(&mut chain, CAT, second("docs/too_late.md")).unwrap();
    chain.vote(CAT, first, Choice::Yes).unwrap();
    assert_eq!(kinds(&chain.block()), ["installed"]);
    let events = chain.block();
    assert!(
        matches!(events.as_slice(), [Event::AmendmentEnded { number: 2, why: EndedWhy::Superseded, .. }]),
        "{events:?}"
    );
    assert!(nothing_is_left(&chain), "and what had no poll yet needs none");
}

#[test]
fn of_two_that_are_alike_nothing_is_left_whichever_is_voted_for() {
    for (agreed, other) in [(vec![0], 2), (vec![1], 1), (vec![0, 1], 2)] {
        let memory = Memory::default();
        let mut chain = open(&memory, shop_plan());
        for _ in 0..2 {
            asks(&mut chain, CAT, second("docs/why.md")).unwrap();
        }
        chain.block();
        let ProposalId(last) = latest_poll(&chain);
        let polls = [last - 1, last].map(ProposalId);
        for place in agreed {
            chain.vote(CAT, polls[place], Choice::Yes).unwrap();
        }
        let events = [chain.block(), chain.block()].concat();
        let [Event::Installed { .. }, Event::AmendmentEnded { number, why: EndedWhy::Superseded, .. }] =
            events.as_slice()
        else {
            panic!("{events:?}")
        };
        assert_eq!(*number, other);
        assert!(nothing_is_left(&chain));
        assert_eq!(governance::queries::unmet(&chain.state).next(), None, "and no block looks for it");
    }
}

#[test]
fn who_does_not_own_the_plan_and_what_is_not_its_next_version_is_refused() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let third = Installation { plan: Plan { version: 3, ..shop_plan() }, ..second("docs/why.md") };
    let undocumented = Installation { document: None, ..second("docs/why.md") };
    let tried = [
        (ANN, second("docs/why.md"), "E_ROLE"),
        (CAT, third, "E_PLAN_VERSION"),
        (CAT, undocumented, "E_DOCUMENT"),
        (CAT, Installation { plan: shop_plan(), ..second("docs/why.md") }, "E_PLAN_TAKEN"),
    ];
    for (who, asked, expected) in tried {
        assert_eq!(code(asks(&mut chain, who, asked)), expected);
        assert!(nothing_is_left(&chain), "{expected}");
    }
    for number in 0..MOST_AMENDMENTS {
        asks(&mut chain, CAT, second(&format!("docs/{number}.md"))).unwrap();
    }
    assert_eq!(code(asks(&mut chain, CAT, second("docs/five.md"))), "E_FULL");
}
