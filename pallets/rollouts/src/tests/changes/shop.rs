//! A shop beside the network: it has a plan, artifacts and tenants of its own. Ann commands, Ben answers for the operation, and Dan owns
//! what one tenant is served.

use super::chain::*;
use crate::change::{ChangeDraft, ChangeRequest};
use crate::check::{AboutKind, Ask, Refs};
use crate::install::{Installation, RoleSeats, SegmentFill};
use crate::plan::{ChangeKind, Duty, Missed, Nature, Phase, PhaseState, Plan, Procedure, Signal, Speakers};
use crate::statement::{Statement, StatementOutcome, StatementSubject};
use crate::tests::sample::*;
use crate::{Call, Error, Event};
use artifacts::{ArtifactEntry, ArtifactRules, ArtifactStanding};
use primitives::{AccountId, AlertSeverity, ChangeId, Digest, List, Path, ScopePattern, Span, Text};
use roles::{Grant, Role, Seat};
use state::{Apply as _, Decide as _};

/// The role of the tenant's owner.
pub(super) const TENANT: &str = "tenant";

fn procedure(of: ChangeKind, close: impl IntoIterator<Item = Duty>) -> Procedure {
    Procedure {
        of,
        stage: None,
        approve: list([]),
        at_once: true,
        window: false,
        ticket: None,
        causes: list([]),
        sources: list([]),
        execute_within: Span::Millis(0),
        close: list(close),
    }
}

fn procedures() -> [Procedure; 7] {
    let audit = duty("audit", Some(Span::hours(24)), Missed::Block);
    let mut disable = procedure(ChangeKind::Disable, [duty("ticket", Some(Span::hours(72)), Missed::Block)]);
    disable.causes = names(&["CONTAINMENT"]);
    let mut rollback = procedure(ChangeKind::Rollback, [duty("smoke", Some(Span::hours(4)), Missed::Block)]);
    (rollback.causes, rollback.sources) = (names(&["isolation"]), names(&["telemetry"]));
    [
        procedure(ChangeKind::Promote, [Duty { or_incident: true, ..audit }]),
        procedure(ChangeKind::Demote, []),
        procedure(ChangeKind::Set, []),
        disable,
        rollback,
        procedure(ChangeKind::Freeze, []),
        procedure(ChangeKind::Phase, []),
    ]
}

fn role(grants: &[&str]) -> Role {
    let grants = grants.iter().map(|action| Grant { action: name(action), scope: ScopePattern::everywhere() });
    Role { grants: list(grants), least_members: 0 }
}

/// The plan of a shop in which one person does most: every change is at once.
pub(super) fn shop_plan() -> Plan {
    let mut plan = application();
    plan.levels = names(&["tenant"]);
    let target = (name("target"), "{name}".parse().unwrap());
    let (format, keep) = ("shop-{n}".parse().unwrap(), list([(name("mainnet"), 30)]));
    plan.artifacts = Some(ArtifactRules { format, meta: list([target]), keep });
    for stage in plan.stages.iter_mut() {
        (stage.readiness, stage.leave, stage.close) = (names(&["ci"]), list([]), list([]));
        (stage.steps, stage.limits) = (list([step("deploy", &[])]), list([]));
        (stage.freezes, stage.thaws) = (false, None);
    }
    plan.procedures = list(procedures());
    let about = |about| Ask::Word { about, predicate: None, refs: Refs::Any, within: None };
    let ticket = Ask::Word {
        about: AboutKind::Change,
        predicate: None,
        refs: Refs::Matching("CHG-{n}".parse().unwrap()),
        within: None,
    };
    plan.checks = list([
        check("ci", about(AboutKind::Artifact)),
        check("audit", about(AboutKind::Change)),
        check("smoke", about(AboutKind::Change)),
        check("traced", about(AboutKind::Phase)),
        check("ticket", ticket),
        check("council", Ask::Vote { ballot: vote("council") }),
    ]);
    plan.signals = list([Signal {
        key: name("isolation"),
        severity: AlertSeverity::Critical,
        by: Speakers::Roles(names(&["sre"])),
        opens_incident: true,
        opens_rollback: true,
    }]);
    let kinds = ["promote", "demote", "set", "disable", "rollback", "freeze", "phase"];
    let actions = kinds.iter().flat_map(|kind| ["submit", "execute", "close"].map(|what| format!("{kind}.{what}")));
    let actions: Vec<String> = actions.chain(["artifact".into(), "incident".into()]).collect();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    plan.roles = list([
        (name("commander"), role(&actions)),
        (name("council"), Role { least_members: 1, ..role(&["disable.submit", "hold"]) }),
        (name("sre"), role(&["waive", "incident"])),
        (name(TENANT), role(&["set.submit", "disable.submit", "disable.close"])),
    ]);
    plan.playbooks = list([playbook_without_flags()]);
    plan.stages.iter_mut().for_each(|stage| stage.playbook = name("chain"));
    plan
}

fn playbook_without_flags() -> crate::plan::Playbook {
    let mut playbook = node().playbook(&name("chain")).cloned().unwrap();
    (playbook.disables, playbook.profile) = (list([]), None);
    playbook
}

/// The same with two phases: what enters a stage belongs to one.
pub(super) fn phased() -> Plan {
    let mut plan = shop_plan();
    let phase = |key: &str, requires, start: &[&str], exit: &[&str]| Phase {
        key: name(key),
        requires,
        start: names(start),
        exit: names(exit),
        allows: list([Nature::Hardening]),
    };
    plan.phases = list([
        phase("one", list([]), &[], &["traced"]),
        phase("two", list([(name("one"), PhaseState::Frozen)]), &["traced"], &[]),
    ]);
    plan
}

fn seats(role: &str, accounts: &[AccountId], pattern: &str) -> RoleSeats {
    let seat = |account: &AccountId| Seat { account: *account, scopes: list([pattern.parse().unwrap()]) };
    RoleSeats { role: name(role), seats: list(accounts.iter().map(seat)) }
}

/// The first version of a plan, in which everybody has the roles of the shop.
pub(super) fn first(plan: Plan) -> Installation {
    let members = [
        seats("commander", &[ANN], "**"),
        seats("council", &[CAT], "**"),
        seats("sre", &[BEN], "**"),
        seats(TENANT, &[DAN], "*/t1/**"),
    ];
    let segments = list([SegmentFill { segment: name("cohort"), members: list([Text::new("ann").unwrap()]) }]);
    Installation { plan, document: None, stage: None, members: list(members), segments, moves: List::new() }
}

/// A network beside which Ann opened the shop.
pub(super) fn open<'m>(memory: &'m state::Memory, plan: Plan) -> Chain<'m> {
    assert_eq!(plan.mistakes(), []);
    let mut chain = Chain::begin(memory);
    chain.call(ANN, &Call::Install { installation: Box::new(first(plan)) }).unwrap();
    chain
}

pub(super) fn submits_to_shop(acting: &str, change: ChangeDraft) -> Call {
    Call::Submit { plan: name("shop"), acting: name(acting), change: Box::new(change) }
}

/// What comes of a change that somebody asks for in the shop.
pub(super) fn ask(chain: &mut Chain<'_>, who: AccountId, acting: &str, change: ChangeDraft) -> Result<ChangeId, Error> {
    match chain.call(who, &submits_to_shop(acting, change))? {
        Event::Submitted { change, .. } => Ok(change.id),
        other => panic!("{other:?}"),
    }
}

/// An artifact of that number, for mainnet, of which Ben says that it is well.
pub(super) fn artifact(chain: &mut Chain<'_>, number: u8, phase: Option<&str>) -> Digest {
    let digest = registered(chain, number, phase, "mainnet");
    says(chain, "ci", StatementSubject::Artifact(digest)).unwrap();
    digest
}

pub(super) fn registered(chain: &mut Chain<'_>, number: u8, phase: Option<&str>, target: &str) -> Digest {
    let digest = Digest([number; 32]);
    let artifact = ArtifactEntry {
        name: name(&format!("shop-{number}")),
        digest,
        phase: phase.map(name),
        meta: list([(name("target"), Text::new(target).unwrap())]),
    };
    let call = artifacts::Call::Register { plan: name("shop"), acting: name("commander"), artifact };
    call.decide(&chain.state, chain.at, ANN).unwrap().apply(&mut chain.state, chain.at);
    digest
}

/// Ben says that something passed.
pub(super) fn says(chain: &mut Chain<'_>, key: &str, about: StatementSubject) -> Result<Event, Error> {
    chain.call(BEN, &states_in_shop(key, about, StatementOutcome::Passed, &[]))
}

pub(super) fn states_in_shop(key: &str, about: StatementSubject, outcome: StatementOutcome, refs: &[&str]) -> Call {
    let (digest, refs) = (Some(Digest([5; 32])), names(refs));
    let statement = Statement { digest, refs, ..Statement::new(name(key), about, outcome) };
    Call::State { plan: name("shop"), acting: name("sre"), statement: Box::new(statement) }
}

pub(super) fn promotes_artifact(to: &str, artifact: Digest) -> ChangeDraft {
    let ticket = Some(name("CHG-7"));
    ChangeDraft { ticket, ..draft(ChangeRequest::Promote { to: name(to), artifact: Some(artifact) }) }
}

pub(super) fn rolls_back(stage: &str) -> ChangeDraft {
    let (trigger, source) = (name(crate::change::MANUAL), name("telemetry"));
    draft(ChangeRequest::Rollback { stage: name(stage), trigger, source })
}

/// Promotes an artifact, takes the step of its stage, and has its audit said.
pub(super) fn enter(chain: &mut Chain<'_>, to: &str, artifact: Digest) -> ChangeId {
    let change = ask(chain, ANN, "commander", promotes_artifact(to, artifact)).unwrap();
    let deploys = Call::Step { plan: name("shop"), acting: name("commander"), change, step: name("deploy") };
    chain.call(ANN, &deploys).unwrap();
    says(chain, "audit", StatementSubject::Change(change)).unwrap();
    chain.block();
    change
}

/// The same, and closes it, so that the artifact is good.
pub(super) fn enter_and_close(chain: &mut Chain<'_>, to: &str, artifact: Digest) -> ChangeId {
    let change = enter(chain, to, artifact);
    close_in_shop(chain, change).unwrap();
    change
}

pub(super) fn close_in_shop(chain: &mut Chain<'_>, change: ChangeId) -> Result<Event, Error> {
    chain.call(ANN, &Call::Close { plan: name("shop"), acting: name("commander"), change })
}

/// Has an artifact go through all stages.
pub(super) fn walk(chain: &mut Chain<'_>, artifact: Digest) -> ChangeId {
    enter_and_close(chain, "development", artifact);
    enter_and_close(chain, "testnet", artifact);
    enter_and_close(chain, "mainnet", artifact)
}

pub(super) fn standing_of(chain: &Chain<'_>, artifact: Digest) -> ArtifactStanding {
    artifacts::queries::artifact(&chain.state, &name("shop"), &artifact).unwrap().standing
}

/// What stands in a stage, and by which change.
pub(super) fn stands(chain: &Chain<'_>, stage: &str) -> Option<(Option<Digest>, ChangeId)> {
    let plan = crate::plans::current(&chain.state, &name("shop")).unwrap();
    plan.standing(&chain.state, &name(stage)).map(|standing| (standing.subject, standing.change))
}

pub(super) fn path(text: &str) -> Path {
    text.parse().unwrap()
}
