//! `flags.*`

use super::answers::Answers;
use super::rollout::require_plan;
use crate::api::FlagsApiServer;
use crate::chain_view::{ChainView, state_of};
use crate::error::{ReadError, RpcRefusal};
use crate::views::*;
use flags::Audience;
use http::Extensions;
use light::{FlagQuestion, FlagTicket};
use primitives::{Height, Moment, Name, Path};
use runtime::moment_of;
use state::State;

fn unknown(plan: &Name, key: &Name) -> RpcRefusal {
    RpcRefusal::UnknownFlag { plan: plan.clone(), key: key.clone() }
}

fn newest(view: &dyn ChainView, state: &State) -> Result<Moment, ReadError> {
    let at = view.head()?.at;
    Ok(moment_of(state, at.height, at.time))
}

impl FlagsApiServer for Answers {
    fn flags_list(
        &self,
        asked: &Extensions,
        plan: Name,
        scope: Option<Path>,
        audience: Option<Audience>,
    ) -> Result<FlagsOfPlan, RpcRefusal> {
        let scope = scope.unwrap_or_default();
        self.ask_much(asked, |view| {
            let state = state_of(view);
            require_plan(&state, &plan)?;
            Ok(flags_of_plan(&state, newest(view, &state)?, &plan, &scope, audience, || view.go_on())?)
        })
    }

    fn flags_flag(&self, asked: &Extensions, plan: Name, key: Name) -> Result<FlagDetail, RpcRefusal> {
        self.ask_much(asked, |view| {
            let state = state_of(view);
            require_plan(&state, &plan)?;
            flag(&state, newest(view, &state)?, &plan, &key).ok_or_else(|| unknown(&plan, &key))
        })
    }

    fn flags_evaluate(
        &self,
        plan: Name,
        key: Name,
        scope: Option<Path>,
        context: Option<EvaluationAttributes>,
    ) -> Result<FlagEvaluation, RpcRefusal> {
        let (scope, context) = (scope.unwrap_or_default(), context.unwrap_or_default().context()?);
        self.ask_state(|state, at| {
            require_plan(state, &plan)?;
            let answer = evaluation(state, at.height, (&plan, &key), &scope, &context);
            answer.ok_or_else(|| unknown(&plan, &key))
        })
    }

    fn flags_proof(
        &self,
        asked: &Extensions,
        plan: Name,
        key: Name,
        scope: Option<Path>,
        from: Option<Height>,
    ) -> Result<FlagTicket, RpcRefusal> {
        let question = FlagQuestion { plan, key, scope: scope.unwrap_or_default() };
        self.ask_much(asked, |view| {
            let (state, FlagQuestion { plan, key, .. }) = (state_of(view), &question);
            require_plan(&state, plan)?;
            if flags::queries::flag(&state, plan, key).is_none() {
                return Err(unknown(plan, key));
            }
            flag_ticket(view, self.source.genesis(), &question, from.unwrap_or_default())
        })
    }

    fn flags_snapshot(
        &self,
        asked: &Extensions,
        plan: Name,
        scope: Option<Path>,
        audience: Option<Audience>,
    ) -> Result<FlagsSnapshot, RpcRefusal> {
        let scope = scope.unwrap_or_default();
        self.ask_much(asked, |view| {
            let state = state_of(view);
            require_plan(&state, &plan)?;
            Ok(flags_snapshot(&state, view.head()?.at.height, &plan, &scope, audience, || view.go_on())?)
        })
    }
}
