//! What a vote counts for, counted from the ballots and from who came and went.

use super::chronicle::{Chronicle, PollCourse};
use super::lists::every_word_is_there;
use ::rollouts::change::{ChangeState, SubmittedChange};
use governance::{Ballot, Choice, Electorate, Shortfall, Tally};
use primitives::{AccountId, Amount, ChangeId, Name, ProposalId};
use runtime::{Event, Fact};
use std::collections::BTreeSet;

/// Law 2: "A vote counts for the digest it named, and for members who still are."
pub fn l02_a_vote_counts_for_what_was_read_and_for_members_who_still_are(told: &Chronicle, fact: &Fact) {
    match &fact.outcome {
        Ok(Event::Governance(governance::Event::Voted { ballot, .. })) => voted(told, ballot),
        Ok(Event::Governance(governance::Event::Decided { proposal_id, tally, total, shortfall })) => {
            decided(told, *proposal_id, tally, *total, *shortfall);
        }
        Ok(Event::Rollouts(::rollouts::Event::Approved { change, poll, .. })) => {
            agreed(told, *poll, *change, None);
            let course = &told.changes[change];
            assert_eq!(course.state, ChangeState::Open, "{change} is approved");
        }
        Ok(Event::Rollouts(::rollouts::Event::Met { change, check, poll, .. })) => {
            let is_vote = check.as_str() == "ratify";
            assert_eq!(is_vote, poll.is_some(), "{check} of {change} is met");
            if let Some(poll) = poll {
                agreed(told, *poll, *change, Some(check));
            }
        }
        Ok(Event::Rollouts(::rollouts::Event::Reverted { change, poll, check, .. })) => {
            let lost = &told.polls[poll];
            assert_eq!(lost.decides().map(|(id, key, _)| (id, key)), Some((*change, check)));
            let said_no = matches!(lost.outcome, Some(Err(shortfall)) if shortfall != Shortfall::Voters);
            assert!(said_no && !lost.cancelled, "{change} is reverted by {:?}", lost.outcome);
        }
        _ => {}
    }
}

/// A ballot on a change is on the very text that was submitted, and a yes to its approval is given on a list that is GO, by another.
fn voted(told: &Chronicle, ballot: &Ballot) {
    let poll = &told.polls[&ballot.proposal_id];
    let Some((id, _, digest)) = poll.decides() else { return };
    let course = &told.changes[&id];
    let SubmittedChange { plan, by, asked, .. } = &course.change;
    assert_eq!(SubmittedChange::digest_of(plan, by.as_ref(), asked), digest, "another text than was read");
    if let Electorate::Members { key, version } = &poll.proposal.electorate {
        assert!(voters(told, &key.role, *version).contains(&ballot.voter), "{ballot:?} of nobody who has a vote");
    }
    if course.state == ChangeState::Open && ballot.choice == Choice::Yes {
        every_word_is_there(told, &course.change);
        let may_agree = told.plan_of(course).policy.self_approval;
        assert!(may_agree || course.change.submitter() != Some(ballot.voter), "{ballot:?} agrees with itself");
    }
}

fn voters(told: &Chronicle, role: &Name, version: u64) -> BTreeSet<AccountId> {
    let roster = told.rosters.get(role).map(|roster| &roster.joined);
    let since = |(who, joined): (&AccountId, &u64)| (*joined <= version).then_some(*who);
    roster.into_iter().flatten().filter_map(since).collect()
}

/// Of members, the ballots of those count who had a vote when the poll was opened and still are members; of the stake all.
fn decided(told: &Chronicle, id: ProposalId, tally: &Tally, total: Amount, shortfall: Option<Shortfall>) {
    let poll = &told.polls[&id];
    let Electorate::Members { key, version } = &poll.proposal.electorate else {
        assert_eq!(*tally, counted(poll, |_| true), "poll {id}");
        return;
    };
    let voters = voters(told, &key.role, *version);
    let counted = counted(poll, |who| voters.contains(who));
    assert_eq!((*tally, total), (counted, Amount(voters.len() as u64)), "poll {id}");
    let (yes, all) = (tally.yes.0, total.0);
    let passes = all > 0 && yes * 3 >= all * 2 && yes > tally.no.0;
    assert_eq!(shortfall.is_none(), passes, "poll {id} by {tally:?} of {all}");
}

fn counted(poll: &PollCourse, counts: impl Fn(&AccountId) -> bool) -> Tally {
    let mut tally = Tally::default();
    for ballot in poll.ballots.values().filter(|ballot| counts(&ballot.voter)) {
        tally.add(ballot.choice, ballot.weight);
    }
    tally
}

/// What a poll decided is what was asked, and it was decided so.
fn agreed(told: &Chronicle, poll: ProposalId, change: ChangeId, check: Option<&Name>) {
    let poll = &told.polls[&poll];
    let (id, asked, digest) = poll.decides().expect("it is about a change");
    assert_eq!((id, digest), (change, told.changes[&change].change.digest));
    assert!(check.is_none_or(|check| check == asked), "{check:?} is met by the vote on {asked}");
    assert!(poll.outcome == Some(Ok(())) && !poll.cancelled, "{change} by {:?}", poll.outcome);
}
