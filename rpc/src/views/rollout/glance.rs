//! A plan at a glance, read from a state.

use super::board::{
    BoardCell, BoardFlag, BoardFreeze, BoardNext, BoardPause, BoardSoak, BoardStage, MOST_ON_BOARD, RolloutBoard,
};
use super::change::ChangeSummary;
use super::clock::RolloutClock;
use super::detail::steps;
use super::explain::{ExplainedFinding, ExplainedList};
use super::plan::PlanSummary;
use crate::views::{Descriptions, FlagServed};
use flags::Flag;
use primitives::{AccountId, ChangeId, Name, Path, Span};
use rollouts::check::Ask;
use rollouts::deadline::ChangeDeadline;
use rollouts::plan::{ChangeKind, Plan, Stage};
use rollouts::plans::{self, KeptRef};
use rollouts::queries;
use state::State;
use std::collections::BTreeSet;

/// The board of a plan; none when there is no such plan, or it is retired.
pub(crate) fn rollout_board<E>(
    state: &State,
    clock: &RolloutClock,
    name: &Name,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<Option<RolloutBoard>, E> {
    let Some((kept, head)) = plans::current(state, name).ok().zip(plans::head(state, name)) else { return Ok(None) };
    let whole = kept.whole(state);
    go_on()?;
    let live = summaries(state, clock, queries::live(state, name), &go_on)?;
    let late: BTreeSet<ChangeId> = queries::overdue(state, name).map(|(_, id)| id).collect();
    let overdue = summaries(state, clock, late, &go_on)?;
    let plan = PlanSummary::of(state, name.clone(), head);
    let sealer = staking::queries::sealer(state).filter(|_| plan.is_of_node);
    let emergencies = queries::live(state, name).filter(|id| is_emergency(state, *id));
    let emergencies = summaries(state, clock, emergencies, &go_on)?;
    let drills = queries::drills(state, clock.at, &kept).into_iter().filter(|drill| !drill.state.is_settled());
    let described = Descriptions::of(state, named(&[&live, &overdue, &emergencies]).chain(sealer));
    go_on()?;
    Ok(Some(RolloutBoard {
        height: clock.at.height,
        at: clock.at,
        stages: stages(state, clock, &kept, &whole, plan.stage.as_ref()),
        flags: flags(state, clock, &whole),
        next: plan.next_stage.as_ref().map(|stage| next(state, clock, &kept, stage)),
        freeze: freeze(state, clock, name),
        pauses: pauses(state, clock, name),
        plan,
        emergencies,
        overdue,
        live,
        stale_drills: drills.map(|drill| drill.domain).collect(),
        sealer,
        described,
    }))
}

fn named<'c>(lists: &[&'c Vec<ChangeSummary>]) -> impl Iterator<Item = AccountId> + use<'c> {
    let all: Vec<AccountId> =
        lists.iter().flat_map(|list| list.iter()).filter_map(|change| Some(change.by.as_ref()?.account)).collect();
    all.into_iter()
}

fn summaries<E>(
    state: &State,
    clock: &RolloutClock,
    ids: impl IntoIterator<Item = ChangeId>,
    go_on: &impl Fn() -> Result<(), E>,
) -> Result<Vec<ChangeSummary>, E> {
    let mut shown = Vec::new();
    for id in ids.into_iter().take(MOST_ON_BOARD) {
        go_on()?;
        shown.extend(ChangeSummary::of(state, clock, id));
    }
    Ok(shown)
}

/// What is done at once, and decided afterwards.
fn is_emergency(state: &State, id: ChangeId) -> bool {
    let kind = queries::change(state, id).map(|change| change.kind());
    let is_active = queries::progress(state, id).is_some_and(|progress| !progress.state.waits());
    is_active && matches!(kind, Some(ChangeKind::Disable | ChangeKind::Rollback | ChangeKind::Freeze))
}

fn stages(
    state: &State,
    clock: &RolloutClock,
    kept: &KeptRef,
    whole: &Plan,
    current: Option<&Name>,
) -> Vec<BoardStage> {
    let shown = whole.stages.iter().map(|stage| {
        let standing = kept.standing(state, &stage.name);
        let rule = whole.window(&stage.window).map(|window| window.rule.clone());
        let next = rule.as_ref().and_then(|rule| rule.next_start(clock.at.time));
        let by = standing.as_ref().map(|standing| standing.change);
        BoardStage {
            name: stage.name.clone(),
            channel: stage.channel.clone(),
            production: stage.production,
            freezes: stage.freezes,
            is_current: current == Some(&stage.name),
            window: stage.window.clone(),
            window_rule: rule,
            next_window: next.map(|start| clock.due(ChangeDeadline::Time(start))),
            steps: by.map_or_else(|| untaken(stage), |id| steps(stage, id, queries::progress(state, id).as_ref())),
            standing,
        }
    });
    shown.collect()
}

/// The steps of a stage that nobody has entered yet.
fn untaken(stage: &Stage) -> Vec<super::change::StageStep> {
    steps(stage, ChangeId(u64::MAX), None)
}

fn flags(state: &State, clock: &RolloutClock, plan: &Plan) -> Vec<BoardFlag> {
    let shown = plan.flags.iter().filter_map(|flag| {
        Some(BoardFlag {
            key: flag.key.clone(),
            kind: flag.kind,
            owner: flag.owner.clone(),
            expires: flag.expires,
            is_expired: flag.expires.is_over(clock.at.time),
            cells: plan.stages.iter().filter_map(|stage| cell(plan, stage, flag)).collect(),
            now: FlagServed::at(state, &plan.name, &flag.key, &Path::ROOT)?,
            takes_effect: BoardFlag::takes_effect(plan, &flag.key),
        })
    });
    shown.collect()
}

fn cell(plan: &Plan, stage: &Stage, flag: &Flag) -> Option<BoardCell> {
    let (_, served) = plan.values_at(&stage.name).into_iter().find(|(key, _)| **key == flag.key)?;
    Some(BoardCell {
        stage: stage.name.clone(),
        variant: served.variant.clone(),
        is_on: flag.place_of(served.variant).is_some_and(|place| flag.is_on(place)),
        only: served.only.cloned(),
    })
}

/// Judged for the promotion that waits, where there is one.
fn next(state: &State, clock: &RolloutClock, plan: &KeptRef, stage: &Name) -> BoardNext {
    let change = queries::promotion_to(state, &plan.name, stage);
    let judged = change.and_then(|id| queries::list_of(state, clock.at, id));
    let judged = judged.unwrap_or_else(|| queries::list_to_enter(state, clock.at, plan, stage));
    let unmet: Vec<Name> = judged.unmet().map(|finding| finding.key.clone()).collect();
    let checks = judged.findings.len();
    let list = ExplainedList::of(clock, judged);
    BoardNext {
        stage: stage.clone(),
        change,
        answer: list.answer,
        settled: count(checks.saturating_sub(unmet.len())),
        checks: count(checks),
        unmet: unmet.into_iter().take(MOST_ON_BOARD).collect(),
        soaks: list.findings.into_iter().filter_map(|finding| soak(state, clock, plan, finding)).collect(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn soak(state: &State, clock: &RolloutClock, plan: &KeptRef, explained: ExplainedFinding) -> Option<BoardSoak> {
    let ExplainedFinding { finding, due } = explained;
    let Ask::Soak { stage, span, .. } = plan.check(state, &finding.key)?.ask else { return None };
    let runs = finding.state.is_settled() || finding.until.is_some();
    let left = finding.until.filter(|_| !finding.state.is_settled());
    Some(BoardSoak {
        check: finding.key,
        stage,
        state: finding.state,
        have: if runs { passed(clock, span, left) } else { nothing(span) },
        need: span,
        said: finding.have,
        due,
    })
}

/// What has passed of a span of which so much is left.
fn passed(clock: &RolloutClock, span: Span, left: Option<ChangeDeadline>) -> Span {
    match (span, left) {
        (Span::Millis(span), Some(ChangeDeadline::Running(end))) => {
            Span::Millis(span.saturating_sub(end.saturating_sub(clock.at.running)))
        }
        (Span::Epochs(span), Some(ChangeDeadline::Epoch(end))) => {
            Span::Epochs(span.saturating_sub(end.0.saturating_sub(clock.at.epoch.0)))
        }
        (span, _) => span,
    }
}

fn nothing(span: Span) -> Span {
    match span {
        Span::Millis(_) => Span::Millis(0),
        Span::Epochs(_) => Span::Epochs(0),
    }
}

fn freeze(state: &State, clock: &RolloutClock, plan: &Name) -> Option<BoardFreeze> {
    let (change, freeze) = queries::frozen(state, clock.at, plan)?;
    let ends = freeze.ends.or(freeze.window.map(|(_, until)| ChangeDeadline::Time(until)));
    Some(BoardFreeze { change, due: ends.map(|ends| clock.due(ends)), freeze })
}

fn pauses(state: &State, clock: &RolloutClock, plan: &Name) -> Vec<BoardPause> {
    let all = queries::pauses(state, clock.at, plan).take(MOST_ON_BOARD);
    let shown = all.map(|(path, change, pause)| BoardPause {
        change,
        path,
        since: pause.since,
        role: pause.role,
        due: pause.ends.map(|ends| clock.due(ends)),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::BlockPace;
    use primitives::{ChainPosition, Epoch, Height, Moment, Timestamp};

    fn clock(epoch: u64, running: u64) -> RolloutClock {
        let at = ChainPosition { height: Height(epoch * 10), epoch: Epoch(epoch), time: Timestamp(running) };
        RolloutClock::new(Moment::of(at, running, 1), BlockPace::new(at, None, 10, 1_000))
    }

    /// What a bar shows is what the clock of the chain says, from the start to the moment at which it is enough.
    #[test]
    fn a_soak_has_as_much_as_has_passed_in_its_own_unit() {
        let start = Moment::of(ChainPosition { height: Height(25), epoch: Epoch(2), time: Timestamp(7) }, 500, 1);
        for span in [Span::Millis(4_000), Span::Epochs(4)] {
            let end = ChangeDeadline::after(start, span);
            for (epoch, running) in [(2, 500), (3, 1_500), (5, 3_000), (6, 4_499)] {
                let clock = clock(epoch, running);
                assert_eq!(passed(&clock, span, Some(end)), span.since(start, clock.at).have, "{span} at {epoch}");
            }
            assert_eq!(passed(&clock(9, 9_000), span, None), span, "what is enough is all of it");
        }
    }
}
