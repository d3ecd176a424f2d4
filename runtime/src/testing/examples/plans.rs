//! Examples of flags, plans and changes.
#![expect(missing_docs, reason = "each is an example of the type that it gives")]

use super::*;
use flags::{Audience, Expiry, Flag, FlagKind, Risk, Targeting, Value, Variant};
use primitives::*;
use rollouts::change::*;
use rollouts::check::*;
use rollouts::deadline::ChangeDeadline;
use rollouts::install::*;
use rollouts::plan::*;
use rollouts::statement::*;
use rollouts::verdict::Answer;

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    List::truncate_from(items.into_iter().collect())
}

fn names<const N: u32>(texts: &[&str]) -> List<Name, N> {
    list(texts.iter().map(|text| named(text)))
}

pub(super) fn ticket_form() -> Pattern {
    "CHG-{n}".parse().unwrap_or_else(|_| state::corrupt("an example is no pattern"))
}

/// One of an application's plan.
pub fn flag() -> Flag {
    let variants = [("on", true), ("off", false)];
    Flag {
        key: named("checkout"),
        kind: FlagKind::Permission,
        variants: list(variants.map(|(name, value)| Variant { name: named(name), value: Value::Bool(value) })),
        fallback: 1,
        off: 1,
        owner: named("OWNER"),
        expires: Expiry::Never,
        risk: Risk::Low,
        audience: Audience::Server,
        emergency: true,
        requires: list([]),
        bypass: list([]),
        salt: named("checkout"),
        text: text("the new way to pay"),
    }
}

pub fn reference() -> Reference {
    Reference { path: text("docs/plan.md"), anchor: named("rules"), hash: digest(), owner: None }
}

fn check(key: &str, ask: Ask) -> Check {
    Check {
        key: named(key),
        text: text(""),
        code: named("MISSING"),
        by: Some(named("OWNER")),
        blocker: false,
        skip: list([]),
        fresh: None,
        missing: IfMissing::Deferred,
        ask,
    }
}

fn ballot_rules() -> VoteRules {
    VoteRules { role: named("OWNER"), share: Fraction::TWO_THIRDS, within: Span::days(7), by_class: list([]) }
}

fn stage() -> Stage {
    let needs = names(&["tested"]);
    Stage {
        name: named("DEV"),
        channel: named("dev"),
        window: named("daily"),
        production: false,
        freezes: false,
        thaws: None,
        ticket: None,
        public_report: false,
        values: list([(named("checkout"), named("on"))]),
        limits: list([]),
        readiness: names(&["tested"]),
        steps: list([ActivationStep { key: named("deploy"), text: text("deploy it"), needs, sets: list([]) }]),
        leave: list([]),
        close: list([]),
        release_checks: list([]),
        recovery_playbook: reference(),
        playbook: named("server"),
    }
}

fn procedure(of: ChangeKind) -> Procedure {
    Procedure {
        of,
        stage: None,
        approve: names(&["council"]),
        at_once: false,
        window: false,
        ticket: None,
        causes: list([]),
        sources: list([]),
        execute_within: Span::days(14),
        close: list([]),
    }
}

/// A plan of an application, without a mistake.
pub fn plan() -> Plan {
    let tested = Ask::Word { about: AboutKind::Change, predicate: None, refs: Refs::Any, within: None };
    let grants = ["promote.submit **", "set.submit **", "flag **"];
    let grants = grants.iter().filter_map(|grant| grant.parse().ok());
    Plan {
        name: named("shop"),
        version: 1,
        bundle: digest(),
        profile: digest(),
        document: PlanDocument {
            title: text("Shop"),
            version: text("1.0"),
            status: text("Active"),
            date: text("2026-11-28"),
            owner: text("OWNER"),
            references: list([]),
            roadmap: text(""),
        },
        governs: Governs::Application { owner: named("OWNER") },
        levels: list([]),
        stages: list([stage()]),
        checks: list([check("tested", tested), check("council", Ask::Vote { ballot: ballot_rules() })]),
        procedures: list([procedure(ChangeKind::Promote), procedure(ChangeKind::Set)]),
        windows: list([Window {
            name: named("daily"),
            rule: WindowRule::Weekly { days: 0x7f, from_minute: 480, minutes: 600 },
        }]),
        phases: list([Phase {
            key: named("P1"),
            requires: list([]),
            start: list([]),
            exit: names(&["tested"]),
            allows: list([Nature::Fix]),
        }]),
        playbooks: list([Playbook {
            domain: named("server"),
            doc: reference(),
            owner: named("OWNER"),
            drill: None,
            disables: list([]),
            profile: None,
        }]),
        signals: list([Signal {
            key: named("regression"),
            severity: AlertSeverity::Warn,
            by: Speakers::Roles(names(&["OWNER"])),
            opens_incident: false,
            opens_rollback: false,
        }]),
        roles: list([(named("OWNER"), roles::Role { grants: list(grants), least_members: 1 })]),
        flags: list([flag()]),
        artifacts: None,
        policy: Policy {
            one_way: false,
            monotonic: false,
            self_approval: true,
            amend: Some(ballot_rules()),
            never_frozen: list([]),
            freeze_at_most: Span::hours(72),
            hold_at_most: Span::days(90),
            open_emergencies: 3,
            retain: list(RecordClass::ALL.map(|class| (class, Span::days(180)))),
            deposit: Amount(100),
            test: false,
        },
    }
}

pub fn installation() -> Installation {
    let seats = list([roles::Seat { account: WHO, scopes: list([ScopePattern::everywhere()]) }]);
    Installation {
        plan: plan(),
        document: None,
        stage: None,
        members: list([RoleSeats { role: named("OWNER"), seats }]),
        segments: list([SegmentFill { segment: named("testers"), members: list([text("ann")]) }]),
        moves: list([ListedMove { flag: named("checkout"), to: named("on") }]),
    }
}

pub(super) fn owner() -> roles::Actor {
    roles::Actor { account: WHO, role: named("OWNER") }
}

pub const CHANGE: ChangeId = ChangeId(3);

pub(super) fn targeting() -> Targeting {
    Targeting::constant(0)
}

pub fn draft() -> ChangeDraft {
    let (path, was) = (Path::ROOT, FlagSide::default().digest());
    let effect = Effect::Flag { flag: named("checkout"), path, to: EffectTo::Setting(targeting()), was };
    ChangeDraft {
        version: 1,
        bundle: digest(),
        request: ChangeRequest::Set { effects: list([effect]) },
        class: ReleaseClass::Minor,
        nature: Nature::Feature,
        phase: None,
        sealer: None,
        ticket: Some(named("CHG-7")),
        reason: reason("it was tried for a week"),
        milestone: None,
        impact: text("a button more"),
        features: list([Feature { name: named("pay"), risk: Risk::High, flag: Some(named("checkout")) }]),
    }
}

pub fn change() -> SubmittedChange {
    SubmittedChange::new(CHANGE, named("shop"), Some(owner()), AT, draft())
}

pub(super) fn effects() -> List<Effected, MOST_EFFECTS> {
    let after = FlagSide { targeting: Some(targeting()), disabled: false };
    list([
        Effected::Flag { flag: named("checkout"), path: Path::ROOT, before: FlagSide::default(), after },
        Effected::Segment { name: named("testers"), added: list([text("ben")]), removed: list([]) },
    ])
}

pub(super) fn duties() -> List<OwedDuty, 64> {
    list([OwedDuty {
        check: named("council"),
        from: AT,
        ends: Some(ChangeDeadline::Running(90_000_000)),
        missed: Missed::Hold,
        or_incident: false,
        state: DutyState::Owed,
        poll: None,
    }])
}

pub(super) fn execution() -> Execution {
    Execution {
        verdict: Answer::Go,
        map: list([FlagServing { flag: named("checkout"), variant: named("on"), only: None }]),
        effects: effects(),
        duties: duties(),
        reverts: list([]),
        subject: None,
        left: list([]),
        stands_by: None,
        incident: None,
        opened: None,
        freeze: None,
        pause_ends: None,
        emergencies: 0,
        closed: false,
        bypasses: false,
    }
}

pub fn statement() -> Statement {
    Statement {
        predicate: text("https://in-toto.io/attestation/test-result/v0.1"),
        digest: Some(digest()),
        uri: text("https://shop.example/tests/7"),
        refs: names(&["CHG-7"]),
        ..Statement::new(named("tested"), StatementSubject::Change(CHANGE), StatementOutcome::Passed)
    }
}

pub fn stated() -> Stated {
    Stated { statement: statement(), actor: owner(), at: AT }
}
