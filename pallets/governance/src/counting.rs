//! How a poll of members is counted, and when it is decided.

use crate::{Choice, Electorate, Shortfall, Tally, TrackRules, queries};
use primitives::{Amount, ProposalId};
use state::State;

/// The count of a poll from its ballots, and all the weight there is, as both are now: whoever went is in neither. A role that
/// votes has a hundred members at most, and so a poll of theirs as many ballots.
pub(crate) fn count(state: &State, id: ProposalId, electorate: &Electorate) -> (Tally, Amount) {
    let mut tally = Tally::default();
    for ballot in queries::ballots(state, id) {
        tally.add(ballot.choice, electorate.weight_of(state, &ballot.voter));
    }
    (tally, electorate.total(state))
}

/// How a poll of members ends, if that is certain: it passes if it does even when all who have not voted say no, and fails if it does
/// even when they all say yes. None while they decide it. A share above a half is certain as soon as it is reached, because then the
/// others are fewer.
pub(crate) fn settled(rules: &TrackRules, tally: &Tally, total: Amount) -> Option<Result<(), Shortfall>> {
    if total == Amount::ZERO {
        return Some(Err(Shortfall::Voters));
    }
    let to_come = total.saturating_sub(tally.turnout());
    let if_all_say = |choice| {
        let mut tally = *tally;
        tally.add(choice, to_come);
        rules.shortfall(&tally, total)
    };
    match (if_all_say(Choice::No), if_all_say(Choice::Yes)) {
        (None, _) => Some(Ok(())),
        (_, Some(shortfall)) => Some(Err(shortfall)),
        (Some(_), None) => None,
    }
}
