//! How plans and changes look on terminals of three widths. `BLESS=1` rewrites the golden files.

mod case_views;
mod drawn;
mod governed;
mod served;

use cli::render;
use drawn::golden;
use governed::{governed, name};
use primitives::{ChangeId, Digest, List, Path, Reason, ReleaseClass, Text};
use rollouts::change::{ChangeDraft, ChangeRequest};
use rollouts::plan::Nature;
use rpc::api::{RolesApiClient as _, RolloutApiClient as _};
use rpc::client::Node;
use runtime::Call;
use runtime::testing::validator;
use served::Served;
use tokio::runtime::Runtime;

/// The emergency of the story.
const EMERGENCY: ChangeId = ChangeId(1);

/// A network in which pruning was switched off in an emergency, a block ago.
fn in_an_emergency() -> Served {
    let genesis = governed();
    let bundle: Digest = genesis.rollouts.as_ref().unwrap().plan.bundle;
    let served = Served::of(genesis, |_, _| ());
    let flags = List::truncate_from(vec![name("pruning")]);
    let change = Box::new(ChangeDraft {
        version: 1,
        bundle,
        request: ChangeRequest::Disable { flags, scope: Path::ROOT, cause: name("SAFETY") },
        class: ReleaseClass::Minor,
        nature: Nature::Fix,
        phase: None,
        sealer: None,
        ticket: None,
        reason: Reason::new("nodes forget blocks\nthat \x1b[2Jothers need").unwrap(),
        milestone: None,
        impact: Text::default(),
        features: List::default(),
    });
    let (plan, acting) = (name("chain"), name("release_commander"));
    served.memory.send(&validator(0), Call::Rollouts(rollouts::Call::Submit { plan, acting, change }));
    served.memory.make_block();
    served.memory.make_block();
    served
}

/// What a node of it is asked.
fn asked<T>(ask: impl AsyncFnOnce(&Node) -> T) -> T {
    let served = in_an_emergency();
    let node = Node::open(&served.url).unwrap();
    Runtime::new().unwrap().block_on(ask(&node))
}

#[test]
fn a_board_shows_stages_and_flags_and_what_is_urgent() {
    let view = asked(async |node: &Node| node.rollout_board(name("chain")).await.unwrap());
    golden("rollout_board", |screen| render::rollout::board(screen, &view));
}

#[test]
fn a_change_shows_what_it_owes_and_whose_turn_it_is() {
    let view = asked(async |node: &Node| node.rollout_change(EMERGENCY).await.unwrap());
    golden("rollout_change", |screen| render::rollout::change(screen, &view));
}

#[test]
fn changes_and_plans_are_listed() {
    let (changes, plans) = asked(async |node: &Node| {
        let changes = node.rollout_changes(None, None, None, None, None, None, None).await.unwrap();
        (changes.answer, node.rollout_plans(None, None).await.unwrap().answer)
    });
    golden("rollout_changes", |screen| render::rollout::changes(screen, &changes));
    golden("rollout_plans", |screen| render::rollout::plans(screen, &plans));
}

#[test]
fn an_explanation_shows_what_is_open_first() {
    let view = asked(async |node: &Node| node.rollout_explain(None, None, None, None).await.unwrap());
    golden("rollout_explanation", |screen| render::rollout::explanation(screen, &view));
}

#[test]
fn a_plan_shows_its_stages_its_flags_and_its_checks() {
    let view = asked(async |node: &Node| node.rollout_plan(name("chain")).await.unwrap());
    golden("rollout_plan", |screen| render::rollout::plan(screen, &view));
}

#[test]
fn a_fleet_shows_who_advertises_nothing() {
    let view = asked(async |node: &Node| node.rollout_fleet(name("chain")).await.unwrap());
    golden("rollout_fleet", |screen| render::rollout::fleet(screen, &view));
}

#[test]
fn roles_show_what_they_may_and_who_has_them() {
    let (roles, role, held) = asked(async |node: &Node| {
        let held = node.roles_of(validator(0).account(), None, None).await.unwrap().answer;
        let role = node.roles_role(name("chain"), name("governance_council")).await.unwrap();
        (node.roles_list(name("chain")).await.unwrap(), role, held)
    });
    golden("roles", |screen| render::roles::list(screen, &roles));
    golden("role", |screen| render::roles::role(screen, &role));
    golden("roles_of", |screen| render::roles::held(screen, &held));
}
