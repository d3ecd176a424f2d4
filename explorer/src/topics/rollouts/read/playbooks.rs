//! The playbooks of a plan, and how they were tried.

use super::super::answer::{DrillLine, PlaybookLine, PlaybooksAnswer};
use super::super::clock::IndexClock;
use super::super::playbook_name;
use super::plan::plan_now;
use crate::store::column::parsed;
use crate::store::{Index, QueryError};
use crate::topics::accounts;
use primitives::Name;
use rollouts::deadline::ChangeDeadline;
use rollouts::plan::{DrillRules, Plan, Playbook};
use rollouts::verdict::FindingState;
use rpc::views::DueEstimate;
use sqlx::Row as _;

/// How many drills of a playbook are shown.
const MOST_DRILLS: u64 = 10;

/// The playbooks of a plan; none of a plan that there never was.
///
/// # Errors
/// The database cannot be read.
pub async fn playbooks(index: &Index, name: &Name) -> Result<Option<PlaybooksAnswer>, QueryError> {
    let Some(plan) = plan_now(index, name).await? else { return Ok(None) };
    let clock = super::clock(index).await?;
    let mut playbooks = Vec::new();
    for playbook in plan.plan.playbooks.iter() {
        let drills = drills(index, name, playbook).await?;
        let (state, until) = playbook.drill.map(|rules| stands(clock, rules, drills.first())).unzip();
        playbooks.push(PlaybookLine { playbook: playbook.clone(), state, until: until.flatten(), drills });
    }
    let drills = playbooks.iter().flat_map(|line| line.drills.iter());
    let words = drills.flat_map(|drill| std::iter::once(&drill.began).chain(&drill.ended));
    let named = words.map(|word| word.by.account).collect();
    let described = accounts::read::described(index, named).await?;
    Ok(Some(PlaybooksAnswer { at: clock.at, plan: name.clone(), playbooks, described }))
}

/// The domains of the playbooks of a plan that have to be tried.
pub(super) async fn stale(index: &Index, clock: IndexClock, plan: &Plan) -> Result<Vec<Name>, QueryError> {
    let mut stale = Vec::new();
    for playbook in plan.playbooks.iter() {
        let Some(rules) = playbook.drill else { continue };
        let drills = drills(index, &plan.name, playbook).await?;
        if !stands(clock, rules, drills.first()).0.is_settled() {
            stale.push(playbook.domain.clone());
        }
    }
    Ok(stale)
}

async fn drills(index: &Index, plan: &Name, playbook: &Playbook) -> Result<Vec<DrillLine>, QueryError> {
    let sql = "SELECT drill FROM drills WHERE playbook=$1 ORDER BY height DESC LIMIT $2";
    let key = playbook_name(plan.as_str(), playbook.domain.as_str());
    let rows = index.all(sql, vec![key.into(), MOST_DRILLS.into()]).await?;
    let drills: Result<Vec<DrillLine>, _> = rows.iter().map(|row| parsed("a drill", row.get(0))).collect();
    Ok(drills?)
}

/// How a drill stands, by the rules by which the chain judges the check that asks for it; and when it will be too old.
fn stands(clock: IndexClock, rules: DrillRules, last: Option<&DrillLine>) -> (FindingState, Option<DueEstimate>) {
    let Some(last) = last else { return (FindingState::Missing, None) };
    let Some(ended) = &last.ended else { return (FindingState::Missing, None) };
    if !ended.outcome.meets() {
        return (FindingState::Failed, None);
    }
    let took = rules.window.since(last.began.at, ended.at);
    if !last.began.outcome.meets() || (took.is_enough() && took.have != took.need) {
        return (FindingState::Missing, None);
    }
    if rules.every.since(ended.at, clock.at).is_enough() {
        return (FindingState::Expired, None);
    }
    (FindingState::Met, Some(clock.due(ChangeDeadline::after(ended.at, rules.every))))
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::DrillWord;
    use super::*;
    use primitives::{Moment, Span};
    use rollouts::statement::StatementOutcome;
    use rpc::views::BlockPace;
    use runtime::testing::examples::{AT, actor};

    /// A word so many minutes after the first block of the example.
    fn word(minutes: u64, outcome: StatementOutcome) -> DrillWord {
        DrillWord { by: actor(), at: later(minutes), outcome }
    }

    fn later(minutes: u64) -> Moment {
        Moment { running: AT.running + minutes * 60_000, ..AT }
    }

    fn at(minutes: u64) -> IndexClock {
        IndexClock { at: later(minutes), pace: BlockPace::new(AT.position(), None, 10, 2_000) }
    }

    const RULES: DrillRules = DrillRules { every: Span::minutes(90), window: Span::minutes(10) };

    #[test]
    fn a_drill_stands_by_how_long_it_took_what_came_out_and_how_old_it_is() {
        use StatementOutcome::{Failed, Passed};
        let drill = |ended: Option<(u64, StatementOutcome)>| DrillLine {
            began: word(0, Passed),
            ended: ended.map(|(minutes, outcome)| word(minutes, outcome)),
            took: None,
        };
        for (ended, now, state) in [
            (None, 1, FindingState::Missing),
            (Some((10, Passed)), 11, FindingState::Met),
            (Some((11, Passed)), 12, FindingState::Missing),
            (Some((5, Failed)), 6, FindingState::Failed),
            (Some((5, Passed)), 95, FindingState::Expired),
            (Some((5, Passed)), 94, FindingState::Met),
        ] {
            let (found, until) = stands(at(now), RULES, Some(&drill(ended)));
            assert_eq!(found, state, "{ended:?} after {now} minutes");
            assert_eq!(until.is_some(), state == FindingState::Met);
        }
        assert_eq!(stands(at(0), RULES, None).0, FindingState::Missing);
    }
}
