//! `roles.*`

use super::answers::Answers;
use super::rollout::require_plan;
use crate::api::RolesApiServer;
use crate::chain_view::state_of;
use crate::error::RpcRefusal;
use crate::views::*;
use http::Extensions;
use primitives::{AccountId, Name};
use roles::RoleKey;

impl RolesApiServer for Answers {
    fn roles_list(&self, plan: Name) -> Result<RolesOfPlan, RpcRefusal> {
        self.ask_state(|state, at| {
            require_plan(state, &plan)?;
            Ok(roles_of_plan(state, at.height, &plan))
        })
    }

    fn roles_role(&self, plan: Name, role: Name) -> Result<RoleDetail, RpcRefusal> {
        let key = RoleKey { plan, role };
        self.ask_state(|state, at| {
            require_plan(state, &key.plan)?;
            crate::views::role(state, at.height, &key).ok_or_else(|| RpcRefusal::UnknownRole(key.clone()))
        })
    }

    fn roles_of(
        &self,
        asked: &Extensions,
        account: AccountId,
        page: Option<u64>,
        page_size: Option<u32>,
    ) -> Result<AtHeight<PageOf<HeldRole>>, RpcRefusal> {
        let range = PageRange::new(page, page_size)?;
        self.ask_much(asked, |view| {
            let answer = held_roles(&state_of(view), &account, range, || view.go_on())?;
            Ok(AtHeight { height: view.head()?.at.height, answer })
        })
    }
}
