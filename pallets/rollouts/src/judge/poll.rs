//! Whether those who vote agree (ROLLOUTS 7.2, `Vote`): decided by their poll, and read from what came of it.

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use crate::check::VoteRules;
use crate::plan::{AskedCheck, ListOf};
use primitives::ProposalId;

/// Judges a check that asks for a vote: of an approval, whether the change was approved; of a duty, whether that is met.
pub(super) fn judge(judged: &JudgedIn<'_>, asked: &AskedCheck, ballot: &VoteRules) -> AskOutcome {
    let of = judged.asked_change(asked);
    let duty = of.progress.as_ref().filter(|_| asked.from == ListOf::Close);
    let duty = duty.and_then(|progress| progress.duty(&asked.key));
    let share = of.change.as_ref().map_or(ballot.share, |change| ballot.share_of(change.asked.class));
    let need = judged.words(|| format!("a yes of {share} of {}", ballot.role));
    let is_met = duty.map_or_else(|| of.is_approved() && asked.from != ListOf::Close, |duty| duty.state.is_met());
    let poll = duty.map_or_else(|| of.progress.as_ref().and_then(|progress| progress.poll), |duty| duty.poll);
    AskOutcome::of(is_met, judged.words(|| told(is_met, poll)), need)
}

fn told(is_met: bool, poll: Option<ProposalId>) -> String {
    match (is_met, poll) {
        (true, Some(poll)) => format!("poll {poll} passed"),
        (true, None) => "agreed".into(),
        (false, Some(poll)) => format!("poll {poll} has not passed"),
        (false, None) => "no poll yet".into(),
    }
}
