//! `rollout.*`

use super::answers::Answers;
use crate::api::RolloutApiServer;
use crate::chain_view::{ChainView, state_of};
use crate::error::RpcRefusal;
use crate::views::*;
use http::Extensions;
use primitives::{AccountId, ChangeId, Height, Name, Path};
use rollouts::plan::ChangeKind;
use rollouts::plans::KeptRef;
use rollouts::queries::StatementPlace;
use rollouts::statement::StatementSubject;
use runtime::{Call, moment_of};
use state::State;

impl Answers {
    /// Asks what takes many rows, with the moment of the newest block and the pace of blocks.
    fn ask_about_rollouts<T>(
        &self,
        asked: &Extensions,
        mut question: impl FnMut(&dyn ChainView, &State, &RolloutClock) -> Result<T, RpcRefusal>,
    ) -> Result<T, RpcRefusal> {
        self.ask_much(asked, |view| {
            let state = state_of(view);
            let clock = RolloutClock::of(view, &state)?;
            question(view, &state, &clock)
        })
    }
}

pub(super) fn height_of(view: &dyn ChainView) -> Result<Height, RpcRefusal> {
    Ok(view.head()?.at.height)
}

/// Refuses a plan that there is not, or that is retired.
pub(super) fn require_plan(state: &State, plan: &Name) -> Result<(), RpcRefusal> {
    in_force(state, plan).map(|_| ())
}

impl RolloutApiServer for Answers {
    fn rollout_plans(
        &self,
        asked: &Extensions,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<AtHeight<PageOf<PlanSummary>>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        self.ask_much(asked, |view| {
            let answer = plan_page(&state_of(view), range, || view.go_on())?;
            Ok(AtHeight { height: height_of(view)?, answer })
        })
    }

    fn rollout_plan(&self, asked: &Extensions, plan: Name) -> Result<PlanDetail, RpcRefusal> {
        self.ask_much(asked, |view| {
            let detail = plan_detail(&state_of(view), height_of(view)?, &plan);
            detail.ok_or_else(|| RpcRefusal::UnknownPlan(plan.clone()))
        })
    }

    fn rollout_board(&self, asked: &Extensions, plan: Name) -> Result<RolloutBoard, RpcRefusal> {
        self.ask_about_rollouts(asked, |view, state, clock| {
            let board = rollout_board(state, clock, &plan, || view.go_on())?;
            board.ok_or_else(|| RpcRefusal::UnknownPlan(plan.clone()))
        })
    }

    fn rollout_changes(
        &self,
        asked: &Extensions,
        plan: Option<Name>,
        state: Option<ChangeStateName>,
        kind: Option<ChangeKind>,
        scope: Option<Path>,
        page: Option<u64>,
        page_size: Option<u32>,
        before: Option<ChangeId>,
    ) -> Result<AtHeight<FoundPage<ChangeSummary>>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        let filter = ChangeFilter { plan, state, kind, scope };
        self.ask_about_rollouts(asked, |view, state, clock| {
            filter.plan.as_ref().map_or(Ok(()), |plan| require_known(state, plan))?;
            let answer = change_page(state, clock, &filter, before, range, || view.go_on())?;
            Ok(AtHeight { height: clock.at.height, answer })
        })
    }

    fn rollout_change(&self, asked: &Extensions, id: ChangeId) -> Result<ChangeDetail, RpcRefusal> {
        self.ask_about_rollouts(asked, |_, state, clock| {
            change_detail(state, clock, id).ok_or(RpcRefusal::UnknownChange(id))
        })
    }

    fn rollout_explain(
        &self,
        asked: &Extensions,
        plan: Option<Name>,
        stage: Option<Name>,
        phase: Option<Name>,
        change: Option<ChangeId>,
    ) -> Result<RolloutExplanation, RpcRefusal> {
        if [stage.is_some(), phase.is_some(), change.is_some()].into_iter().filter(|named| *named).count() > 1 {
            return Err(RpcRefusal::Parameter(
                "more than one of stage, phase and change is named; name the change alone, or the plan with one of the others".into(),
            ));
        }
        self.ask_about_rollouts(asked, |_, state, clock| {
            if let Some(id) = change {
                let explained = explained_change(state, clock, id)?;
                let is_of_it = plan.as_ref().is_none_or(|plan| *plan == explained.plan);
                return if is_of_it { Ok(explained) } else { Err(RpcRefusal::UnknownChange(id)) };
            }
            let plan = plan.clone().or_else(|| flags::queries::node_plan(state)).ok_or(RpcRefusal::NoPlan)?;
            match &phase {
                Some(phase) => explained_phase(state, clock, &plan, phase),
                None => explained_stage(state, clock, &plan, stage.as_ref()),
            }
        })
    }

    fn rollout_simulate(
        &self,
        asked: &Extensions,
        call: Call,
        account: Option<AccountId>,
    ) -> Result<RolloutSimulation, RpcRefusal> {
        let now = self.source.now();
        self.ask_about_rollouts(asked, |view, state, clock| {
            let head = view.head()?;
            let next = head.next(now);
            let clock = clock.at_moment(moment_of(state, next.height, next.time));
            simulation(state, head.at.height, &clock, &call, account)
        })
    }

    fn rollout_statements(
        &self,
        asked: &Extensions,
        plan: Name,
        key: Option<Name>,
        about: Option<StatementSubject>,
        from: Option<StatementPlace>,
        page_size: Option<u32>,
    ) -> Result<AtHeight<StatementPage>, RpcRefusal> {
        let size = size_of_page(page_size)?;
        let (key, about, from) = (key.as_ref(), about.as_ref(), from.as_ref());
        self.ask_much(asked, |view| {
            let state = state_of(view);
            require_known(&state, &plan)?;
            let answer = statement_page(&state, &plan, key, about, from, size, || view.go_on())?;
            Ok(AtHeight { height: height_of(view)?, answer })
        })
    }

    fn rollout_fleet(&self, asked: &Extensions, plan: Name) -> Result<RolloutFleet, RpcRefusal> {
        self.ask_about_rollouts(asked, |_, state, clock| {
            rollout_fleet(state, clock.at, &plan).ok_or_else(|| RpcRefusal::UnknownPlan(plan.clone()))
        })
    }

    fn rollout_artifacts(
        &self,
        asked: &Extensions,
        plan: Name,
        stage: Option<Name>,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<AtHeight<PageOf<ArtifactView>>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        self.ask_much(asked, |view| {
            let state = state_of(view);
            match &stage {
                Some(stage) => require_stage(&in_force(&state, &plan)?, stage)?,
                None => require_known(&state, &plan)?,
            }
            let answer = artifact_page(&state, &plan, stage.as_ref(), range, || view.go_on())?;
            Ok(AtHeight { height: height_of(view)?, answer })
        })
    }

    fn rollout_phases(&self, asked: &Extensions, plan: Name) -> Result<PhasesOfPlan, RpcRefusal> {
        self.ask_much(asked, |view| {
            let state = state_of(view);
            Ok(phases_of_plan(&state, height_of(view)?, &in_force(&state, &plan)?))
        })
    }

    fn rollout_playbooks(&self, asked: &Extensions, plan: Name) -> Result<PlaybooksOfPlan, RpcRefusal> {
        self.ask_about_rollouts(asked, |_, state, clock| Ok(playbooks_of_plan(state, clock, &in_force(state, &plan)?)))
    }
}

/// The version of a plan that is in force.
fn in_force(state: &State, plan: &Name) -> Result<KeptRef, RpcRefusal> {
    rollouts::plans::current(state, plan).map_err(|_| RpcRefusal::UnknownPlan(plan.clone()))
}

/// Refuses a plan that there never was: of one that is retired, what happened under it is still known.
pub(super) fn require_known(state: &State, plan: &Name) -> Result<(), RpcRefusal> {
    let head = rollouts::plans::head(state, plan);
    head.map(|_| ()).ok_or_else(|| RpcRefusal::UnknownPlan(plan.clone()))
}
