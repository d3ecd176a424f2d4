//! The plan of an application, a guest of the network (ROLLOUTS 2). Its one owner moves its one flag at once and owes a word for each time
//! within a day, and pauses what it does.

use crate::network::{Network, name};
use crate::people::{Asked, Person, draft, stranger, text};
use flags::Targeting;
use primitives::{List, Path, ScopePattern, Span};
use roles::{Grant, Role, Seat};
use rollouts::change::{ChangeDraft, ChangeRequest, Effect, EffectTo, FlagSide};
use rollouts::install::{Installation, RoleSeats};
use rollouts::plan::{ChangeKind, Duty, Missed, Plan, Procedure};
use runtime::Call;
use runtime::testing::examples;

/// What the plan is called.
pub const SHOP: &str = "shop";
/// Its role.
const OWNER: &str = "OWNER";
/// Its flag.
const CHECKOUT: &str = "checkout";

/// Its owner, who has nothing to do with the network's own plan.
pub fn owner() -> Person {
    stranger(0).acting_as(OWNER)
}

/// The plan. What its changes owe is a word on the check `tested`.
fn shop() -> Plan {
    let plan = examples::plan();
    let promote = plan.procedures.iter().find(|procedure| procedure.of == ChangeKind::Promote).cloned().unwrap();
    let at_once = |of, close| Procedure { of, approve: List::new(), at_once: true, close, ..promote.clone() };
    let owed = Duty { check: name("tested"), within: Some(Span::hours(24)), missed: Missed::Block, or_incident: false };
    let set = at_once(ChangeKind::Set, List::truncate_from(vec![owed]));
    let freeze = at_once(ChangeKind::Freeze, List::new());
    let grants = ["set.submit **", "freeze.submit **", "freeze.close **"];
    let grants: Vec<Grant> = grants.iter().map(|grant| grant.parse().unwrap()).collect();
    let role = Role { grants: List::truncate_from(grants), least_members: 1 };
    Plan {
        procedures: List::truncate_from(vec![promote, set, freeze]),
        roles: List::truncate_from(vec![(name(OWNER), role)]),
        ..plan
    }
}

/// The owner installs the plan.
pub fn installs() -> Asked {
    let scopes = List::truncate_from(vec![ScopePattern::everywhere()]);
    let seats = List::truncate_from(vec![Seat { account: owner().account(), scopes }]);
    let members = List::truncate_from(vec![RoleSeats { role: name(OWNER), seats }]);
    let (plan, segments, moves) = (shop(), List::new(), List::new());
    let installation = Installation { plan, document: None, stage: None, members, segments, moves };
    (owner().key, Call::Rollouts(rollouts::Call::Install { installation: Box::new(installation) }))
}

/// The owner moves the flag so many times, on and off in turn, each time against what the time before leaves.
pub fn flips(network: &Network, count: usize) -> Vec<Asked> {
    let mut stands = checkout(network);
    let mut flip = || {
        let place = u8::from(stands.targeting == Some(Targeting::constant(0)));
        let (targeting, was) = (Targeting::constant(place), stands.digest());
        stands = FlagSide { targeting: Some(targeting.clone()), disabled: false };
        let to = EffectTo::Setting(targeting);
        let effect = Effect::Flag { flag: name(CHECKOUT), path: Path::ROOT, to, was };
        submits(ChangeRequest::Set { effects: List::truncate_from(vec![effect]) })
    };
    (0..count).map(|_| flip()).collect()
}

/// The owner pauses its own changes.
pub fn pauses() -> Asked {
    submits(ChangeRequest::Freeze { scope: Path::ROOT, announcement: text("we count the till") })
}

fn submits(request: ChangeRequest) -> Asked {
    let change = Box::new(ChangeDraft { bundle: examples::plan().bundle, ..draft(request) });
    let Person { key, acting } = owner();
    (key, Call::Rollouts(rollouts::Call::Submit { plan: name(SHOP), acting, change }))
}

fn checkout(network: &Network) -> FlagSide {
    let setting = flags::queries::setting(&network.state(), &name(SHOP), &name(CHECKOUT), &Path::ROOT);
    FlagSide { targeting: setting.map(|setting| setting.targeting), disabled: false }
}
