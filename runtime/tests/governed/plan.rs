//! A small plan with nothing wrong, in a few shapes: three stages, of which the first is decided by one validator alone, and what is not
//! urgent stands still while the last one is entered.

use ::rollouts::check::{AboutKind, Ask, Check, IfMissing, Refs, SoakSince, VoteRules};
use ::rollouts::plan::*;
use flags::{Audience, Expiry, Flag, FlagKind, Gate, Risk, Value, Variant};
use primitives::{AlertSeverity, Amount, Digest, Fraction, List, Name, RecordClass, ScopePattern, Span, Text};
use roles::{Grant, Role};

/// What the plan is called.
pub const PLAN: &str = "chain";
/// The bundle of its first version.
pub const BUNDLE: Digest = Digest([1; 32]);
pub const MINUTE: u64 = 60_000;
pub const HOUR: u64 = 60 * MINUTE;
/// How long a freeze lasts at most, in milliseconds.
pub const FREEZE_AT_MOST: u64 = 5 * HOUR;
/// How many emergencies of one account wait to be decided at most.
pub const OPEN_EMERGENCIES: u8 = 2;
/// The segment for which something is on before it is on for all.
pub const COHORT: &str = "cohort";
/// What somebody notices.
pub const ALERT: &str = "alert";

/// In what one small plan differs from the next.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Whether nothing is ever demoted.
    pub one_way: bool,
    /// Whether whoever submits a change may agree to it.
    pub self_approval: bool,
    /// What comes of a disable that nobody ratifies in time.
    pub lapse: Missed,
    /// Whether what is owed is owed by epochs, and not by hours.
    pub by_epochs: bool,
    /// Whether the last two stages ask for a ticket.
    pub tickets: bool,
    /// Whether the window of the last stage is announced; otherwise it is always open.
    pub announced: bool,
    /// Whether a freeze spares the expedited track.
    pub spares_expedited: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            one_way: false,
            self_approval: false,
            lapse: Missed::Hold,
            by_epochs: false,
            tickets: false,
            announced: false,
            spares_expedited: true,
        }
    }
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn names<const N: u32>(texts: &[&str]) -> List<Name, N> {
    list(texts.iter().map(|text| name(text)))
}

pub fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    items.into_iter().collect::<Vec<_>>().try_into().ok().unwrap()
}

pub fn text<const N: u32>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

pub fn gate_key(gate: Gate) -> Name {
    name(&gate.to_string())
}

/// The place of the stage from which on a gate is on.
fn on_from(gate: Gate) -> usize {
    match gate {
        Gate::MalachiteConsensus | Gate::TimetokeRewards => 1,
        Gate::WitnessNetwork => 2,
        Gate::Pruning | Gate::RecursiveProofs | Gate::Reconstruction | Gate::ConsensusEnforcement => 0,
    }
}

fn reference() -> Reference {
    Reference { path: text("docs/rollout.md"), anchor: name("rules"), hash: Digest([7; 32]), owner: None }
}

fn gate(gate: Gate) -> Flag {
    let variants = [("on", true), ("off", false)];
    let key = gate_key(gate);
    Flag {
        kind: FlagKind::Gate,
        variants: list(variants.map(|(variant, value)| Variant { name: name(variant), value: Value::Bool(value) })),
        fallback: u8::from(on_from(gate) > 0),
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

fn check(key: &str, by: &str, missing: IfMissing, ask: Ask) -> Check {
    Check {
        key: name(key),
        text: text(""),
        code: name("MISSING"),
        by: Some(name(by)),
        // Only what is no blocker is ever waived, and of this plan that is one check.
        blocker: key != "ci",
        skip: list([]),
        fresh: None,
        missing,
        ask,
    }
}

fn word(refs: Refs) -> Ask {
    Ask::Word { about: AboutKind::Change, predicate: None, refs, within: None }
}

fn vote() -> Ask {
    let (role, share, within) = (name("council"), Fraction::TWO_THIRDS, Span::hours(8));
    Ask::Vote { ballot: VoteRules { role, share, within, by_class: list([]) } }
}

fn checks() -> [Check; 9] {
    let soak = Ask::Soak {
        stage: name("testnet"),
        span: Span::hours(2),
        since: SoakSince::Entered,
        unless: names(&["emergency", ALERT]),
    };
    let ticket = Refs::Matching("CHG-{n}".parse().unwrap());
    [
        check("ci", "sre", IfMissing::Deferred, word(Refs::Any)),
        check("preflight", "sre", IfMissing::NoGo, word(Refs::Any)),
        check("calm", "sre", IfMissing::Deferred, Ask::Forbid { keys: names(&[ALERT]) }),
        check("soak", "sre", IfMissing::Deferred, soak),
        check("deployed", "sre", IfMissing::Deferred, word(Refs::Any)),
        check("audit", "sre", IfMissing::Deferred, word(Refs::Any)),
        check("ticket", "commander", IfMissing::Deferred, word(ticket)),
        check("council", "sre", IfMissing::Deferred, vote()),
        check("ratify", "sre", IfMissing::Deferred, vote()),
    ]
}

fn step(key: &str, needs: &[&str]) -> ActivationStep {
    ActivationStep { key: name(key), text: text("do it"), needs: names(needs), sets: list([]) }
}

fn stage(shape: Shape, place: usize, key: &str) -> Stage {
    let value = |gate: &Gate| (gate_key(*gate), name(if place >= on_from(*gate) { "on" } else { "off" }));
    let has_ticket = shape.tickets && place > 0;
    Stage {
        name: name(key),
        channel: name(key),
        window: name("always"),
        production: false,
        freezes: false,
        thaws: None,
        ticket: has_ticket.then(|| "CHG-{n}".parse().unwrap()),
        public_report: false,
        values: list(Gate::ALL.iter().map(value)),
        limits: list([]),
        readiness: names(&["ci"]),
        steps: list([step("deploy", &["deployed"])]),
        leave: list([]),
        close: list([]),
        release_checks: list([]),
        recovery_playbook: reference(),
        playbook: name("chain"),
    }
}

fn stages(shape: Shape) -> [Stage; 3] {
    let mut testnet = stage(shape, 1, "testnet");
    testnet.readiness = names(&["ci", "preflight"]);
    testnet.limits = list([Limit { flag: gate_key(Gate::TimetokeRewards), segment: name(COHORT) }]);
    let mut relays = step("relays", &["ci"]);
    relays.sets = list([(gate_key(Gate::WitnessNetwork), name("on"), Some(name(COHORT)))]);
    testnet.steps = list([step("deploy", &["deployed"]), relays]);
    let mut mainnet = stage(shape, 2, "mainnet");
    mainnet.readiness = names(&["soak", "ci", "preflight"]);
    mainnet.window = name(if shape.announced { "announced" } else { "always" });
    (mainnet.production, mainnet.freezes, mainnet.thaws) = (true, true, Some(name("audit")));
    [stage(shape, 0, "development"), testnet, mainnet]
}

fn duty(shape: Shape, check: &str, hours: u64, missed: Missed) -> Duty {
    let within = if shape.by_epochs { Span::Epochs(1) } else { Span::hours(hours) };
    Duty { check: name(check), within: Some(within), missed, or_incident: false }
}

fn procedure(of: ChangeKind, approve: &[&str], close: impl IntoIterator<Item = Duty>) -> Procedure {
    let waits = !approve.is_empty();
    Procedure {
        of,
        stage: None,
        approve: names(approve),
        at_once: !waits,
        window: of == ChangeKind::Promote,
        ticket: None,
        causes: if of == ChangeKind::Disable { names(&["SAFETY"]) } else { list([]) },
        sources: list([]),
        execute_within: if waits { Span::hours(12) } else { Span::Millis(0) },
        close: list(close),
    }
}

fn procedures(shape: Shape) -> Vec<Procedure> {
    let audit = || [duty(shape, "audit", 3, Missed::Block)];
    let mut emergency = vec![duty(shape, "ratify", 3, shape.lapse)];
    emergency.extend(shape.tickets.then(|| duty(shape, "ticket", 4, Missed::Block)));
    let mut all = vec![
        procedure(ChangeKind::Promote, &["calm", "council"], audit()),
        procedure(ChangeKind::Set, &["ci", "council"], audit()),
        procedure(ChangeKind::Disable, &[], emergency),
        procedure(ChangeKind::Freeze, &[], [duty(shape, "ratify", 3, Missed::Restore)]),
    ];
    all.extend((!shape.one_way).then(|| procedure(ChangeKind::Demote, &["council"], audit())));
    all
}

fn role(of: &str, least_members: u8, actions: &[&str]) -> (Name, Role) {
    let grants = actions.iter().map(|action| Grant { action: name(action), scope: ScopePattern::everywhere() });
    (name(of), Role { grants: list(grants), least_members })
}

fn roles() -> [(Name, Role); 3] {
    let kinds = ["promote", "demote", "set", "disable", "freeze"];
    let of_kinds = kinds.iter().flat_map(|kind| ["submit", "execute", "close"].map(|what| format!("{kind}.{what}")));
    let mut actions: Vec<String> = of_kinds.collect();
    actions.extend(["announce", "waive", "appoint.sre"].map(str::to_owned));
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    [role("commander", 1, &actions), role("council", 3, &[]), role("sre", 1, &["waive"])]
}

fn policy(shape: Shape) -> Policy {
    Policy {
        one_way: shape.one_way,
        monotonic: true,
        self_approval: shape.self_approval,
        amend: None,
        never_frozen: if shape.spares_expedited { names(&["expedited"]) } else { list([]) },
        freeze_at_most: Span::Millis(FREEZE_AT_MOST),
        hold_at_most: Span::days(90),
        open_emergencies: OPEN_EMERGENCIES,
        retain: list(RecordClass::ALL.map(|class| (class, Span::days(180)))),
        deposit: Amount(1_000),
        test: true,
    }
}

fn windows() -> [Window; 2] {
    let always = WindowRule::Weekly { days: 0x7f, from_minute: 0, minutes: 1_440 };
    let announced = WindowRule::Announced { notice: Span::minutes(30), longest: Span::hours(4) };
    [Window { name: name("always"), rule: always }, Window { name: name("announced"), rule: announced }]
}

fn document() -> PlanDocument {
    PlanDocument {
        title: text("Gates"),
        version: text("1.0"),
        status: text("Active"),
        date: text("2026-11-28"),
        owner: text("commander"),
        references: list([]),
        roadmap: text(""),
    }
}

/// The plan of a network, in one of its shapes.
pub fn plan(shape: Shape) -> Plan {
    let playbook = Playbook {
        domain: name("chain"),
        doc: reference(),
        owner: name("sre"),
        drill: None,
        disables: list([]),
        profile: None,
    };
    let alert = Signal {
        key: name(ALERT),
        severity: AlertSeverity::Warn,
        by: Speakers::Roles(names(&["sre"])),
        opens_incident: false,
        opens_rollback: false,
    };
    Plan {
        name: name(PLAN),
        version: 1,
        bundle: BUNDLE,
        profile: Digest([2; 32]),
        document: document(),
        governs: Governs::Node,
        levels: list([]),
        stages: list(stages(shape)),
        checks: list(checks()),
        procedures: list(procedures(shape)),
        windows: list(windows()),
        phases: list([]),
        playbooks: list([playbook]),
        signals: list([alert]),
        roles: list(roles()),
        flags: list(Gate::ALL.iter().copied().map(gate)),
        artifacts: None,
        policy: policy(shape),
    }
}

/// The document that a version after the first comes with.
pub fn reason_to_amend() -> Reference {
    reference()
}
