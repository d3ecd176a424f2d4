//! Under which plan, and in which role: what nobody has to type where only one comes into question.

use crate::failure::{Failure, failed, usage};
use crate::session::Session;
use primitives::{AccountId, Name};
use roles::Grant;
use rpc::api::{RolesApiClient as _, RolloutApiClient as _};
use rpc::views::{HeldRole, MOST_PER_PAGE, PlanSummary};

/// The plan that is named, else that of this network.
///
/// # Errors
/// When none is named and none governs the network, and when the node does not answer.
pub async fn network_plan(session: &Session, named: Option<&Name>) -> Result<Name, Failure> {
    if let Some(named) = named {
        return Ok(named.clone());
    }
    let is_meant = |plan: &PlanSummary| plan.is_of_node && !plan.head.retired;
    let mut page = 0;
    loop {
        let plans = session.node.rollout_plans(Some(page), Some(MOST_PER_PAGE)).await;
        let plans = plans.map_err(|error| session.explain(error))?.answer;
        if let Some(plan) = plans.entries.iter().find(|plan| is_meant(plan)) {
            return Ok(plan.name.clone());
        }
        page += 1;
        if plans.entries.is_empty() || page * u64::from(MOST_PER_PAGE) >= plans.total {
            return Err(usage("no plan governs this network; name one, as `contract rollout plans` lists them"));
        }
    }
}

/// Who acts under a plan, and in which of its roles.
pub struct ActingAs<'a> {
    /// The account.
    pub who: AccountId,
    /// The plan.
    pub plan: &'a Name,
    /// The role that was named.
    pub named: Option<&'a Name>,
}

impl ActingAs<'_> {
    /// The role that was named, else the only one of the account with a grant for an action. Where that is granted only the chain
    /// decides.
    ///
    /// # Errors
    /// When none or several have one, and when the node does not answer.
    pub async fn by_grant(&self, session: &Session, action: &str) -> Result<Name, Failure> {
        let may = |grant: &Grant| grant.action.as_str() == action;
        self.only(session, &format!("{action} is granted to"), |held| held.grants.iter().any(may)).await
    }

    /// The role that was named, else the only one of the account that is among some.
    ///
    /// # Errors
    /// The same.
    pub async fn among(&self, session: &Session, roles: &[Name]) -> Result<Name, Failure> {
        let all: Vec<&str> = roles.iter().map(Name::as_str).collect();
        let asked = format!("this is for a member of {} to say; the account is", all.join(" or "));
        self.only(session, &asked, |held| roles.contains(&held.role)).await
    }

    /// The role that was named, else the only one that the account has.
    ///
    /// # Errors
    /// The same.
    pub async fn of_any(&self, session: &Session) -> Result<Name, Failure> {
        self.only(session, "the account is", |_| true).await
    }

    async fn only(&self, session: &Session, asked: &str, may: impl Fn(&HeldRole) -> bool) -> Result<Name, Failure> {
        if let Some(named) = self.named {
            return Ok(named.clone());
        }
        let held = self.held(session).await?;
        chosen(self.plan, asked, &held, may)
    }

    /// The roles of the plan that the account has.
    async fn held(&self, session: &Session) -> Result<Vec<HeldRole>, Failure> {
        let (mut held, mut page) = (Vec::new(), 0);
        loop {
            let answer = session.node.roles_of(self.who, Some(page), Some(MOST_PER_PAGE)).await;
            let roles = answer.map_err(|error| session.explain(error))?.answer;
            let (is_last, total) = (roles.entries.is_empty(), roles.total);
            held.extend(roles.entries.into_iter().filter(|role| role.plan == *self.plan));
            page += 1;
            if is_last || page * u64::from(MOST_PER_PAGE) >= total {
                return Ok(held);
            }
        }
    }
}

/// The only role that may.
fn chosen(plan: &Name, asked: &str, held: &[HeldRole], may: impl Fn(&HeldRole) -> bool) -> Result<Name, Failure> {
    let roles: Vec<&Name> = held.iter().filter(|held| may(held)).map(|held| &held.role).collect();
    let named = |roles: &[&Name]| roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" and ");
    match roles.as_slice() {
        [role] => Ok((*role).clone()),
        [] if held.is_empty() => Err(failed(format!(
            "the account of the --key has no role of plan {plan}; sign with the key of a member, or name what \
                it acts as with --as"
        ))),
        [] => {
            let all: Vec<&Name> = held.iter().map(|held| &held.role).collect();
            Err(failed(format!(
                "{asked} no role of plan {plan} that may; it is {}; sign with another --key, or name \
                what it acts as with --as",
                named(&all)
            )))
        }
        several => {
            Err(usage(format!("{asked} {} under plan {plan}; say with --as in which of these it acts", named(several))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roles::Member;

    fn held(role: &str, grants: &[&str]) -> HeldRole {
        HeldRole {
            plan: Name::new("chain").unwrap(),
            role: Name::new(role).unwrap(),
            member: Member::default(),
            grants: grants.iter().map(|grant| grant.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn the_role_is_the_only_one_that_may_and_otherwise_it_is_asked_for() {
        let plan = Name::new("chain").unwrap();
        let all = [held("commander", &["promote.submit **"]), held("council", &["set.submit **"]), held("sre", &[])];
        let choose = |held: &[HeldRole], action: &str| {
            chosen(&plan, "it is granted to", held, |held| {
                held.grants.iter().any(|grant| grant.action.as_str() == action)
            })
        };
        assert_eq!(choose(&all, "promote.submit").unwrap().as_str(), "commander");
        let none = choose(&all, "hold").unwrap_err();
        assert!(none.exit_code() == 1 && none.to_string().contains("commander and council and sre"), "{none}");
        assert!(choose(&[], "hold").unwrap_err().to_string().contains("has no role of plan chain"));
        let both = [held("a", &["hold **"]), held("b", &["hold **"])];
        let several = choose(&both, "hold").unwrap_err();
        assert!(several.exit_code() == 2 && several.to_string().contains("a and b under plan chain"), "{several}");
    }
}
