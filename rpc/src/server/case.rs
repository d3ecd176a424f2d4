//! `case.*`

use super::answers::Answers;
use super::rollout::{height_of, require_known};
use crate::api::CaseApiServer;
use crate::chain_view::state_of;
use crate::error::RpcRefusal;
use crate::views::*;
use cases::CaseKind;
use http::Extensions;
use primitives::{CaseId, Name, Path};

impl CaseApiServer for Answers {
    fn case_list(
        &self,
        asked: &Extensions,
        plan: Option<Name>,
        kind: Option<CaseKind>,
        state: Option<CaseStateName>,
        scope: Option<Path>,
        page: Option<u64>,
        page_size: Option<u32>,
        before: Option<CaseId>,
    ) -> Result<AtHeight<FoundPage<CaseSummary>>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        let filter = CaseFilter { plan, kind, state, scope };
        self.ask_much(asked, |view| {
            let state = state_of(view);
            filter.plan.as_ref().map_or(Ok(()), |plan| require_known(&state, plan))?;
            let answer = case_page(&state, &filter, before, range, || view.go_on())?;
            Ok(AtHeight { height: height_of(view)?, answer })
        })
    }

    fn case_get(&self, id: CaseId) -> Result<CaseDetail, RpcRefusal> {
        self.ask_state(|state, at| case_detail(state, at.height, id).ok_or(RpcRefusal::UnknownCase(id)))
    }
}
