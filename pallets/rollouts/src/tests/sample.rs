//! Two small plans with nothing wrong: one of a node, with three stages, and one of an application.

use crate::check::{AboutKind, Ask, Check, IfMissing, Refs, SoakSince};
use crate::plan::{
    ActivationStep, ChangeKind, DrillRules, Duty, Governs, Limit, Missed, Plan, PlanDocument, Playbook, Policy,
    Procedure, Reference, Signal, Speakers, Stage, VoteRules, Window, WindowRule,
};
use flags::{Audience, Expiry, Flag, FlagKind, Risk, Value, Variant};
use primitives::{AlertSeverity, Amount, Digest, Fraction, List, Name, RecordClass, ScopePattern, Span, Text};
use roles::{Grant, Role};

/// The gates of a network, and at which of the three stages each is on.
pub(super) const GATES: [(&str, [bool; 3]); 7] = [
    ("pruning", [true, true, true]),
    ("recursive_proofs", [true, true, true]),
    ("reconstruction", [true, true, true]),
    ("consensus_enforcement", [true, true, true]),
    ("malachite_consensus", [false, true, true]),
    ("timetoke_rewards", [false, true, true]),
    ("witness_network", [false, false, true]),
];
/// Their places among the flags.
pub(super) const PRUNING: usize = 0;
pub(super) const QUORUM: usize = 4;
pub(super) const REWARDS: usize = 5;
/// The places of the stages.
pub(super) const DEVELOPMENT: usize = 0;
pub(super) const TESTNET: usize = 1;
pub(super) const MAINNET: usize = 2;
/// The places of the procedures.
pub(super) const PROMOTE: usize = 0;
pub(super) const DEMOTE: usize = 1;
pub(super) const SET: usize = 2;
pub(super) const DISABLE: usize = 3;
pub(super) const ROLLBACK: usize = 4;

pub(super) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(super) fn names<const N: u32>(texts: &[&str]) -> List<Name, N> {
    list(texts.iter().map(|text| name(text)))
}

pub(super) fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    items.into_iter().collect::<Vec<_>>().try_into().ok().unwrap()
}

fn text<const N: u32>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

pub(super) fn reference(path: &str, owner: Option<&str>) -> Reference {
    Reference { path: text(path), anchor: name("anchor"), hash: Digest([7; 32]), owner: owner.map(name) }
}

pub(super) fn check(key: &str, ask: Ask) -> Check {
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

pub(super) fn word(refs: Refs) -> Ask {
    Ask::Word { about: AboutKind::Change, predicate: None, refs, within: None }
}

pub(super) fn vote(role: &str) -> VoteRules {
    VoteRules { role: name(role), share: Fraction::TWO_THIRDS, within: Span::days(7), by_class: list([]) }
}

pub(super) fn soak(stage: &str) -> Ask {
    let (span, unless) = (Span::hours(48), names(&["paging_alert", "emergency"]));
    Ask::Soak { stage: name(stage), span, since: SoakSince::Verified, unless }
}

pub(super) fn duty(check: &str, within: Option<Span>, missed: Missed) -> Duty {
    Duty { check: name(check), within, missed, or_incident: false }
}

pub(super) fn step(key: &str, needs: &[&str]) -> ActivationStep {
    ActivationStep { key: name(key), text: text("what is done"), needs: names(needs), sets: list([]) }
}

pub(super) fn gate(key: &str, on: bool) -> Flag {
    let variants = [("on", true), ("off", false)];
    Flag {
        key: name(key),
        kind: FlagKind::Gate,
        variants: list(variants.map(|(variant, value)| Variant { name: name(variant), value: Value::Bool(value) })),
        fallback: u8::from(!on),
        off: 1,
        owner: name("commander"),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Node,
        emergency: !["malachite_consensus", "consensus_enforcement"].contains(&key),
        requires: match key {
            "timetoke_rewards" => names(&["malachite_consensus"]),
            "witness_network" => names(&["recursive_proofs"]),
            _ => list([]),
        },
        bypass: list([]),
        salt: name(key),
        text: text(""),
    }
}

fn role(name_of: &str, least_members: u8, actions: &[&str]) -> (Name, Role) {
    let grants = actions.iter().map(|action| Grant { action: name(action), scope: ScopePattern::everywhere() });
    (name(name_of), Role { grants: list(grants), least_members })
}

fn stage(place: usize, key: &str, window: &str) -> Stage {
    let values = GATES.map(|(gate, on)| (name(gate), name(if on[place] { "on" } else { "off" })));
    Stage {
        name: name(key),
        channel: name(key),
        window: name(window),
        production: false,
        freezes: false,
        thaws: None,
        ticket: None,
        public_report: false,
        values: list(values),
        limits: list([]),
        readiness: names(&["ci"]),
        steps: list([step("deploy", &["deployed"])]),
        leave: list([]),
        close: list([]),
        release_checks: list([reference("docs/rollout.md", Some("commander"))]),
        recovery_playbook: reference("docs/rollout.md", None),
        playbook: name("chain"),
    }
}

fn stages() -> [Stage; 3] {
    let mut testnet = stage(TESTNET, "testnet", "daily");
    testnet.readiness = names(&["soak", "ci"]);
    testnet.limits = list([Limit { flag: name("timetoke_rewards"), segment: name("cohort") }]);
    testnet.leave = names(&["deployed", "watched"]);
    let mut mainnet = stage(MAINNET, "mainnet", "maintenance");
    (mainnet.production, mainnet.freezes, mainnet.thaws) = (true, true, Some(name("audit")));
    mainnet.close = list([duty("watched", Some(Span::days(3)), Missed::Block)]);
    mainnet.playbook = name("back");
    [stage(DEVELOPMENT, "development", "daily"), testnet, mainnet]
}

fn procedure(of: ChangeKind, approve: &[&str], duties: impl IntoIterator<Item = Duty>) -> Procedure {
    Procedure {
        of,
        stage: None,
        approve: names(approve),
        at_once: approve.is_empty(),
        window: !approve.is_empty(),
        ticket: None,
        causes: list([]),
        sources: list([]),
        execute_within: if approve.is_empty() { Span::Millis(0) } else { Span::days(14) },
        close: list(duties),
    }
}

fn procedures() -> [Procedure; 6] {
    let audit = || duty("audit", Some(Span::hours(24)), Missed::Block);
    let ratify = |missed| duty("ratify", Some(Span::hours(24)), missed);
    let mut disable = procedure(ChangeKind::Disable, &[], [ratify(Missed::Hold)]);
    disable.causes = names(&["SAFETY"]);
    let mut rollback = procedure(ChangeKind::Rollback, &[], [ratify(Missed::Hold)]);
    rollback.sources = names(&["telemetry"]);
    [
        procedure(ChangeKind::Promote, &["signoff", "council"], [audit()]),
        procedure(ChangeKind::Demote, &["council"], [audit()]),
        procedure(ChangeKind::Set, &["council"], [audit()]),
        disable,
        rollback,
        procedure(ChangeKind::Freeze, &[], [ratify(Missed::Restore)]),
    ]
}

fn playbook(domain: &str) -> Playbook {
    Playbook {
        domain: name(domain),
        doc: reference("docs/recovery.md", None),
        owner: name("sre"),
        drill: Some(DrillRules { every: Span::days(90), window: Span::minutes(30) }),
        disables: list([]),
        profile: None,
    }
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

/// A plan of a node.
pub(super) fn node() -> Plan {
    let mut back = playbook("back");
    (back.disables, back.profile) = (names(&["timetoke_rewards"]), Some(name("testnet")));
    let weekly = WindowRule::Weekly { days: 0x7f, from_minute: 480, minutes: 600 };
    let announced = WindowRule::Announced { notice: Span::days(14), longest: Span::hours(8) };
    let watched = Ask::Watch { about: AboutKind::Change, lasted: Span::hours(24) };
    let signal = |key: &str, by| Signal {
        key: name(key),
        severity: AlertSeverity::Warn,
        by,
        opens_incident: false,
        opens_rollback: false,
    };
    Plan {
        name: name("chain"),
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
            check("ci", word(Refs::Any)),
            check("soak", soak("development")),
            check("signoff", word(Refs::Waivers)),
            check("deployed", word(Refs::Any)),
            check("watched", watched),
            check("audit", word(Refs::ReleaseChecks)),
            check("council", Ask::Vote { ballot: vote("council") }),
            check("ratify", Ask::Vote { ballot: vote("council") }),
        ]),
        procedures: list(procedures()),
        windows: list([
            Window { name: name("daily"), rule: weekly },
            Window { name: name("maintenance"), rule: announced },
        ]),
        phases: list([]),
        playbooks: list([playbook("chain"), back]),
        signals: list([
            signal("paging_alert", Speakers::Roles(names(&["sre"]))),
            signal("audit_integrity", Speakers::Validators),
        ]),
        roles: list([
            role("commander", 1, &["promote.submit", "promote.execute", "announce", "appoint.sre"]),
            role("council", 3, &[]),
            role("sre", 1, &["waive", "rollback.submit", "incident"]),
        ]),
        flags: list(GATES.map(|(gate_of, on)| gate(gate_of, on[DEVELOPMENT]))),
        artifacts: None,
        policy: policy(),
    }
}

/// A plan of an application, of the same stages.
pub(super) fn application() -> Plan {
    let mut plan = node();
    plan.name = name("shop");
    plan.governs = Governs::Application { owner: name("council") };
    plan.policy.amend = Some(vote("council"));
    plan.stages[MAINNET].ticket = Some("CHG-{n}".parse().unwrap());
    plan
}
