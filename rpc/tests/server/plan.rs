//! A plan of a network, without a mistake, and what happens under it: a stage stands, the next one is asked for, and an emergency waits
//! to be ratified.

use crate::world::World;
use flags::{Audience, Expiry, Flag, FlagKind, Gate, Risk, Value, Variant};
use primitives::{
    AccountId, Amount, ChangeId, Digest, Fraction, List, Name, Path, Reason, RecordClass, ReleaseClass, ScopePattern,
    SecretKey, Span, Text,
};
use roles::{Grant, Role, Seat};
use rollouts::change::{ChangeDraft, ChangeRequest};
use rollouts::check::{AboutKind, Ask, Check, IfMissing, Refs, SoakSince};
use rollouts::install::{RoleSeats, SegmentFill};
use rollouts::plan::*;
use rollouts::statement::{Statement, StatementOutcome, StatementSubject};
use rollouts::{Call, RolloutsGenesis};
use rpc::ServerConfig;
use runtime::Genesis;
use runtime::testing::{genesis, holder, validator};

/// What the plan is called.
pub const PLAN: &str = "chain";
/// The promotion of the story.
pub const PROMOTION: ChangeId = ChangeId(1);
/// The emergency of the story.
pub const EMERGENCY: ChangeId = ChangeId(2);

/// Who submits changes and carries them out.
pub fn commander() -> SecretKey {
    validator(1)
}

/// Who says how the network is.
pub fn sre() -> SecretKey {
    validator(2)
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn names<const N: u32>(texts: &[&str]) -> List<Name, N> {
    list(texts.iter().map(|text| name(text)))
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    items.into_iter().collect::<Vec<_>>().try_into().ok().unwrap()
}

fn text<const N: u32>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn reference() -> Reference {
    Reference { path: text("docs/rollout.md"), anchor: name("rules"), hash: Digest([7; 32]), owner: None }
}

fn check(key: &str, ask: Ask) -> Check {
    Check {
        key: name(key),
        text: text(""),
        code: name("MISSING"),
        by: Some(name("sre")),
        blocker: false,
        skip: list([]),
        fresh: None,
        missing: IfMissing::Deferred,
        ask,
    }
}

fn word() -> Ask {
    Ask::Word { about: AboutKind::Change, predicate: None, refs: Refs::Any, within: None }
}

fn vote() -> Ask {
    let ballot =
        VoteRules { role: name("council"), share: Fraction::TWO_THIRDS, within: Span::days(7), by_class: list([]) };
    Ask::Vote { ballot }
}

fn soak() -> Ask {
    let unless = names(&["emergency"]);
    Ask::Soak { stage: name("testnet"), span: Span::hours(48), since: SoakSince::Entered, unless }
}

fn gate(gate: &Gate) -> Flag {
    let variants = [("on", true), ("off", false)];
    let key = name(&gate.to_string());
    let is_on = !matches!(gate, Gate::MalachiteConsensus | Gate::TimetokeRewards | Gate::WitnessNetwork);
    Flag {
        kind: FlagKind::Gate,
        variants: list(variants.map(|(variant, value)| Variant { name: name(variant), value: Value::Bool(value) })),
        fallback: u8::from(!is_on),
        off: 1,
        owner: name("commander"),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Node,
        emergency: !matches!(gate, Gate::MalachiteConsensus | Gate::ConsensusEnforcement),
        requires: match gate {
            Gate::TimetokeRewards => names(&["malachite_consensus"]),
            Gate::WitnessNetwork => names(&["recursive_proofs"]),
            _ => list([]),
        },
        bypass: list([]),
        salt: key.clone(),
        text: text(""),
        key,
    }
}

/// The stages, and from which one on a gate is on that was not from the start.
fn stage(place: usize, of: &str) -> Stage {
    let values = Gate::ALL.iter().map(|gate| {
        let from = match gate {
            Gate::MalachiteConsensus | Gate::TimetokeRewards => 1,
            Gate::WitnessNetwork => 2,
            _ => 0,
        };
        (name(&gate.to_string()), name(if place >= from { "on" } else { "off" }))
    });
    Stage {
        name: name(of),
        channel: name(of),
        window: name("daily"),
        production: false,
        freezes: false,
        thaws: None,
        ticket: None,
        public_report: false,
        values: list(values),
        limits: list([]),
        readiness: names(&["ci"]),
        steps: list([ActivationStep {
            key: name("deploy"),
            text: text("deploy it"),
            needs: names(&["deployed"]),
            sets: list([]),
        }]),
        leave: list([]),
        close: list([]),
        release_checks: list([]),
        recovery_playbook: reference(),
        playbook: name("chain"),
    }
}

fn stages() -> [Stage; 3] {
    let mut testnet = stage(1, "testnet");
    testnet.limits = list([Limit { flag: name("timetoke_rewards"), segment: name("cohort") }]);
    let mut mainnet = stage(2, "mainnet");
    mainnet.readiness = names(&["soak", "ci"]);
    (mainnet.production, mainnet.freezes, mainnet.thaws) = (true, true, Some(name("audit")));
    [stage(0, "development"), testnet, mainnet]
}

fn procedure(of: ChangeKind, approve: &[&str], close: Duty) -> Procedure {
    let is_voted = !approve.is_empty();
    Procedure {
        of,
        stage: None,
        approve: names(approve),
        at_once: !is_voted,
        window: is_voted,
        ticket: None,
        causes: if of == ChangeKind::Disable { names(&["SAFETY"]) } else { list([]) },
        sources: list([]),
        execute_within: if is_voted { Span::days(14) } else { Span::Millis(0) },
        close: list([close]),
    }
}

fn duty(check: &str, missed: Missed) -> Duty {
    Duty { check: name(check), within: Some(Span::hours(24)), missed, or_incident: false }
}

fn procedures() -> [Procedure; 4] {
    let (audit, ratify) = (|| duty("audit", Missed::Block), |missed| duty("ratify", missed));
    [
        procedure(ChangeKind::Promote, &["council"], audit()),
        procedure(ChangeKind::Set, &["council"], audit()),
        procedure(ChangeKind::Disable, &[], ratify(Missed::Hold)),
        procedure(ChangeKind::Freeze, &[], ratify(Missed::Restore)),
    ]
}

fn role(of: &str, least_members: u8, actions: &[&str]) -> (Name, Role) {
    let grants = actions.iter().map(|action| Grant { action: name(action), scope: ScopePattern::everywhere() });
    (name(of), Role { grants: list(grants), least_members })
}

fn policy() -> Policy {
    Policy {
        one_way: false,
        monotonic: true,
        self_approval: false,
        amend: None,
        never_frozen: names(&["expedited"]),
        freeze_at_most: Span::hours(72),
        hold_at_most: Span::days(90),
        open_emergencies: 3,
        retain: list(RecordClass::ALL.map(|class| (class, Span::days(180)))),
        deposit: Amount(1_000),
        test: false,
    }
}

/// The plan.
pub fn plan() -> Plan {
    Plan {
        name: name(PLAN),
        version: 1,
        bundle: Digest([1; 32]),
        profile: Digest([2; 32]),
        document: PlanDocument {
            title: text("Gates"),
            version: text("1.0"),
            status: text("Active"),
            date: text("2026-11-28"),
            owner: text("commander"),
            references: list([text("docs/rollout.md")]),
            roadmap: text(""),
        },
        governs: Governs::Node,
        levels: list([]),
        stages: list(stages()),
        checks: list([
            check("ci", word()),
            check("soak", soak()),
            check("deployed", word()),
            check("audit", word()),
            check("council", vote()),
            check("ratify", vote()),
        ]),
        procedures: list(procedures()),
        windows: list([Window {
            name: name("daily"),
            rule: WindowRule::Weekly { days: 0x7f, from_minute: 480, minutes: 600 },
        }]),
        phases: list([]),
        playbooks: list([Playbook {
            domain: name("chain"),
            doc: reference(),
            owner: name("sre"),
            drill: None,
            disables: list([]),
            profile: None,
        }]),
        signals: list([]),
        roles: list([
            role("commander", 1, &["promote.submit", "promote.execute", "disable.submit", "disable.close"]),
            role("council", 3, &[]),
            role("sre", 1, &["waive", "incident", "risk", "hold"]),
        ]),
        flags: list(Gate::ALL.iter().map(gate)),
        artifacts: None,
        policy: policy(),
    }
}

fn seats(role: &str, accounts: impl IntoIterator<Item = AccountId>) -> RoleSeats {
    let seat = |account| Seat { account, scopes: list([ScopePattern::everywhere()]) };
    RoleSeats { role: name(role), seats: list(accounts.into_iter().map(seat)) }
}

/// A network that the plan governs from its first block on, at its second stage.
pub fn governed() -> Genesis {
    let members = [
        seats("commander", [commander().account()]),
        seats("council", (0..3).map(|index| holder(index).account())),
        seats("sre", [sre().account()]),
    ];
    let cohort = SegmentFill { segment: name("cohort"), members: list([text(&validator(0).account().to_string())]) };
    let rollouts = RolloutsGenesis {
        plan: plan(),
        members: list(members),
        segments: list([cohort]),
        stage: Some(name("testnet")),
        sealer: None,
    };
    Genesis { rollouts: Some(Box::new(rollouts)), ..genesis() }
}

fn draft(request: ChangeRequest, reason: &str) -> ChangeDraft {
    ChangeDraft {
        version: 1,
        bundle: Digest([1; 32]),
        request,
        class: ReleaseClass::Minor,
        nature: Nature::Feature,
        phase: None,
        sealer: None,
        ticket: None,
        reason: Reason::new(reason).unwrap(),
        milestone: None,
        impact: Text::default(),
        features: list([]),
    }
}

/// A change that the commander asks for.
pub fn submit(request: ChangeRequest, reason: &str) -> runtime::Call {
    let change = Box::new(draft(request, reason));
    runtime::Call::Rollouts(Call::Submit { plan: name(PLAN), acting: name("commander"), change })
}

/// To enter the last stage.
pub fn promote() -> ChangeRequest {
    ChangeRequest::Promote { to: name("mainnet"), artifact: None }
}

/// To disable rewards everywhere.
pub fn disable() -> ChangeRequest {
    let flags = names(&["timetoke_rewards"]);
    ChangeRequest::Disable { flags, scope: Path::ROOT, cause: name("SAFETY") }
}

/// To carry a change out.
pub fn execute(change: ChangeId) -> runtime::Call {
    let (plan, acting) = (name(PLAN), name("commander"));
    runtime::Call::Rollouts(Call::Execute { plan, acting, change, sealer_proof: None })
}

/// A word of the role that owns the checks, about the promotion.
pub fn say(key: &str, outcome: StatementOutcome) -> runtime::Call {
    let statement = Statement::new(name(key), StatementSubject::Change(PROMOTION), outcome);
    runtime::Call::Rollouts(Call::State { plan: name(PLAN), acting: name("sre"), statement: Box::new(statement) })
}

/// Something that somebody noticed, who has no role.
pub fn report(observation: &str) -> runtime::Call {
    let (plan, path) = (name(PLAN), Path::ROOT);
    runtime::Call::Cases(cases::Call::Report { plan, path, observation: text(observation) })
}

impl World {
    /// A chain under a plan, of which a stage stands: the next one is asked for and one check of it is said, an emergency waits to be
    /// ratified, both polls are open, and somebody reported something. It is height 12, epoch 1.
    pub async fn under_a_plan() -> Self {
        let world = Self::of(governed(), ServerConfig { requests_per_second: 0, ..ServerConfig::default() }).await;
        world.memory.send(&commander(), submit(promote(), "it is time"));
        world.memory.make_block();
        world.memory.send(&sre(), say("ci", StatementOutcome::Passed));
        world.memory.send(&commander(), submit(disable(), "rewards are wrong"));
        world.memory.send(&holder(1), report("pages are slow"));
        world.memory.make_blocks_to(12);
        world
    }
}
