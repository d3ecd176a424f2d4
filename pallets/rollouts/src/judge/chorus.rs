//! Words of the members of a segment about a change, each for itself (ROLLOUTS 7.2, `Chorus`).
//!
//! Who may speak are those who were in the segment when the change was submitted and still are. A failure of one of them is a yes less,
//! and no NO-GO. A tally keeps who said yes and not when, so a check of this kind has no age.

use super::asked::JudgedIn;
use super::outcome::AskOutcome;
use crate::check::Least;
use crate::plan::{AskedCheck, VALIDATORS};
use crate::storage::{CHORUS_TALLIES, CHORUSES};
use crate::tally::accounts_in;
use primitives::{AccountId, Amount, Name};

/// Who of a segment may speak, and who has said yes.
struct ChorusCount {
    /// Those who may, with what each counts by power.
    speakers: Vec<(AccountId, Amount, bool)>,
}

/// Judges a check that asks for a chorus.
pub(super) fn judge(
    judged: &JudgedIn<'_>,
    asked: &AskedCheck,
    segment: &Name,
    least: Least,
    after_announced: bool,
) -> AskOutcome {
    let need = judged.words(|| need_of(segment, least, after_announced));
    let count = ChorusCount::of(judged, asked, segment, after_announced);
    if count.speakers.is_empty() {
        return AskOutcome::of_nobody(segment.as_str(), need);
    }
    let silent = count.speakers.iter().filter(|(.., yes)| !yes).map(|(account, ..)| account);
    let have = judged.words(|| count.have(segment, least));
    AskOutcome::of(count.is_enough(segment, least), have, need).naming(judged.named(silent))
}

fn need_of(segment: &Name, least: Least, after_announced: bool) -> String {
    let how_many = match least {
        Least::Count(count) => format!("{count} of {segment}"),
        Least::Share(share) if is_by_power(segment) => format!("{share} of {segment}, by power"),
        Least::Share(share) => format!("{share} of {segment}"),
    };
    if after_announced { format!("{how_many}, after the latest announcement") } else { how_many }
}

fn is_by_power(segment: &Name) -> bool {
    segment.as_str() == VALIDATORS
}

/// Who is in a segment now, with the power of each where that counts. Reads as much as [`accounts_in`].
fn members_now(judged: &JudgedIn<'_>, segment: &Name) -> Vec<(AccountId, Amount)> {
    if is_by_power(segment) {
        let candidates = staking::queries::candidates(judged.state, judged.at.epoch).validators;
        return candidates.iter().map(|candidate| (candidate.account, candidate.power)).collect();
    }
    let members = accounts_in(judged.state, judged.at, &judged.plan.name, segment);
    members.into_iter().map(|account| (account, Amount::ZERO)).collect()
}

impl ChorusCount {
    fn of(judged: &JudgedIn<'_>, asked: &AskedCheck, segment: &Name, after_announced: bool) -> Self {
        let of = judged.asked_change(asked);
        let announced = of.progress.as_ref().map(|progress| progress.announced).unwrap_or_default();
        let after = after_announced.then_some(announced);
        let place = |key: &Name| of.id.map(|id| (id, key.clone()));
        let roll = place(segment).and_then(|place| CHORUSES.get(judged.state, &place));
        let tally = place(&asked.key).and_then(|place| CHORUS_TALLIES.get(judged.state, &place)).unwrap_or_default();
        let speakers = members_now(judged, segment).into_iter().filter_map(|(account, power)| match &roll {
            Some(roll) => Some((account, power, tally.has_said(roll.place_of(&account)?, after))),
            // Before anything is submitted it is those who would be asked.
            None if of.id.is_none() => Some((account, power, false)),
            None => None,
        });
        Self { speakers: speakers.collect() }
    }

    fn said(&self) -> impl Iterator<Item = Amount> {
        self.speakers.iter().filter(|(.., yes)| *yes).map(|(_, power, _)| *power)
    }

    /// Of validators a share counts by power, and where all are wanted, by heads too: one with no power is one of them.
    fn is_enough(&self, segment: &Name, least: Least) -> bool {
        let (said, heads) = (heads(self.said().count()), heads(self.speakers.len()));
        match least {
            Least::Count(count) => said >= Amount(count.into()) && said > Amount::ZERO,
            Least::Share(share) if is_by_power(segment) => {
                let total: Amount = self.speakers.iter().map(|(_, power, _)| *power).sum();
                let has_power = total > Amount::ZERO && share.is_met(self.said().sum(), total);
                has_power && (!share.is_all() || said == heads)
            }
            Least::Share(share) => share.is_met(said, heads),
        }
    }

    fn have(&self, segment: &Name, least: Least) -> String {
        let heads = format!("{} of {} {segment}", self.said().count(), self.speakers.len());
        if !(is_by_power(segment) && matches!(least, Least::Share(_))) {
            return heads;
        }
        let (said, total): (Amount, Amount) =
            (self.said().sum(), self.speakers.iter().map(|(_, power, _)| *power).sum());
        format!("{heads}, with {} percent of the power", percent(said, total))
    }
}

fn heads(count: usize) -> Amount {
    Amount(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A part in percent of a whole, rounded down; of nothing none.
pub(super) fn percent(part: Amount, whole: Amount) -> u128 {
    u128::from(part.0).saturating_mul(100).checked_div(u128::from(whole.0)).unwrap_or_default()
}
