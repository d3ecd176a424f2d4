//! Examples of cases, and of what is asked, happens and is refused about them.
#![expect(missing_docs, reason = "each is an example of the type that it gives")]

use super::plans::owner;
use super::*;
use cases::{
    Acceptance, CaseBody, CaseHead, CaseKind, CaseRegister, CaseRules, CaseStep, Containment, ContainmentFlaw,
    DutyOfChange, HoldBody, HoldFlaw, IncidentBody, IncidentCause, OpenedCase, PublicReport, Recovery, ReportBody,
};
use governance::DepositEnd;
use primitives::{AlertSeverity, CaseId, Height, List, Path, Reason, Span};

pub const CASE: CaseId = CaseId(7);

fn case_path() -> Path {
    Path::new([named("DEV")]).unwrap_or_default()
}

fn why() -> Reason {
    reason("the court asked for it")
}

pub fn case_rules() -> CaseRules {
    let stages = List::truncate_from(vec![(named("DEV"), true)]);
    let (hold_at_most, retain) = (Span::days(365), Span::days(180));
    CaseRules { depth: 3, stages, hold_at_most, retain, deposit: TEN }
}

pub fn duty_of_change() -> DutyOfChange {
    DutyOfChange { change: CHANGE, check: named("close.audit") }
}

pub fn recovery() -> Recovery {
    Recovery {
        statement: text("the queue is empty again"),
        root_cause: text("a limit was too low"),
        verification: digest(),
        public_report: Some(PublicReport { uri: text("https://shop.example/incidents/7"), digest: digest() }),
        unfounded: false,
    }
}

pub fn hold_body() -> HoldBody {
    let reference = text("4 C 17/26");
    let (from, asked, until) = (Height(1), AT.time.plus(1), AT.time.plus(1));
    let (by, until_epoch, confirmed, released) = (owner(), None, None, None);
    HoldBody { reason: why(), reference, from, asked, until, until_epoch, by, confirmed, released }
}

pub fn report_body() -> ReportBody {
    let observation = text("nobody can pay");
    ReportBody { observation, deposit: Some(deposit()), signal: None, taken: None, dismissed: None }
}

pub fn incident_body() -> IncidentBody {
    IncidentBody {
        cause: IncidentCause::ByHand { report: None, duty: Some(duty_of_change()) },
        observation: text("nobody can pay"),
        impact: text("all shops"),
        stage: Some(named("DEV")),
        gates: flags::Gates::without_plan(),
        module: Some(named("checkout")),
        classified_by: Some(owner()),
        containments: List::truncate_from(vec![Containment::FeatureFlag(CHANGE)]),
        recovery: Some(Box::new(recovery())),
    }
}

pub fn case_body() -> CaseBody {
    CaseBody::Incident(Box::new(incident_body()))
}

pub fn case_head() -> CaseHead {
    CaseHead {
        plan: named("shop"),
        kind: CaseKind::Incident,
        path: case_path(),
        step: CaseStep::Classified,
        since: AT,
        severity: Some(AlertSeverity::Critical),
        opened: AT,
        by: Some(WHO),
        keeps_from: AT.height,
        register: Some(CaseRegister::Cases),
        wider: List::truncate_from(vec![Path::ROOT]),
        drops: None,
    }
}

pub fn opened_case() -> OpenedCase {
    OpenedCase {
        id: CASE,
        path: Path::ROOT,
        floor: AlertSeverity::Critical,
        cause: IncidentCause::Missed(duty_of_change()),
        stage: None,
        gates: flags::Gates::without_plan(),
        as_report: false,
    }
}

/// Each call about cases.
pub(super) fn calls_of_cases() -> [Call; 12] {
    use cases::Call::*;
    let (plan, acting, case, path) = (|| named("shop"), || named("OWNER"), CASE, case_path);
    let containments = List::truncate_from(vec![Containment::FeatureFlag(CHANGE), Containment::PolicyLock(None)]);
    let (module, severity, owner) = (named("checkout"), AlertSeverity::Critical, named("OWNER"));
    let duty = Some(duty_of_change());
    let calls = [
        Report { plan: plan(), path: path(), observation: text("nobody can pay") },
        Dismiss { plan: plan(), acting: acting(), case, unfounded: true, reason: why() },
        Detect {
            plan: plan(),
            acting: acting(),
            path: path(),
            observation: text("nobody can pay"),
            impact: text("all shops"),
            report: Some(CASE),
            duty,
        },
        Classify { plan: plan(), acting: acting(), case, severity, module },
        Respond { plan: plan(), acting: acting(), case, containments },
        Resolve { plan: plan(), acting: acting(), case, recovery: Box::new(recovery()) },
        OpenRisk { plan: plan(), acting: acting(), path: path(), severity, text: text("one key for all"), owner },
        Mitigate { plan: plan(), acting: acting(), case, mitigation: text("two keys") },
        Accept { plan: plan(), acting: acting(), case, review: AT.time, reason: why() },
        CloseRisk { plan: plan(), acting: acting(), case, reason: why() },
        Hold {
            plan: plan(),
            acting: acting(),
            path: path(),
            reason: why(),
            reference: text("4 C 17/26"),
            from: Height(1),
            until: AT.time,
            confirms: None,
        },
        Release { plan: plan(), acting: acting(), case, reason: why() },
    ];
    calls.map(Call::Cases)
}

/// One of each event of cases.
pub(super) fn events_of_cases() -> [Event; 15] {
    use cases::Event::*;
    let (plan, case, path, by, severity) = (|| named("shop"), CASE, case_path, owner, AlertSeverity::Warn);
    let returned = Some(DepositEnd::Returned(deposit()));
    let wider = || List::truncate_from(vec![Path::ROOT]);
    let containments = List::truncate_from(vec![Containment::Rollback(CHANGE), Containment::PolicyLock(Some(CHANGE))]);
    let acceptance = Acceptance { by: owner(), review: AT.time, reason: why() };
    let events = [
        Reported { plan: plan(), case, path: path(), by: WHO, report: Box::new(report_body()) },
        Dismissed {
            plan: plan(),
            case,
            path: path(),
            by: by(),
            unfounded: true,
            reason: why(),
            deposit: Some(DepositEnd::Burned(deposit())),
        },
        Detected {
            plan: plan(),
            case,
            path: path(),
            by: by(),
            severity,
            observation: text("nobody can pay"),
            impact: text("all shops"),
            stage: Some(named("DEV")),
            gates: flags::Gates::without_plan(),
            report: Some(CASE),
            duty: Some(duty_of_change()),
            deposit: returned,
        },
        Classified {
            plan: plan(),
            case,
            path: path(),
            by: by(),
            asked: AlertSeverity::Info,
            severity,
            module: named("checkout"),
            wider: wider(),
        },
        Responded { plan: plan(), case, path: path(), by: by(), severity, containments },
        Resolved { plan: plan(), case, path: path(), by: by(), severity, recovery: Box::new(recovery()) },
        RiskOpened {
            plan: plan(),
            case,
            path: path(),
            by: by(),
            severity,
            text: text("one key for all"),
            owner: named("OWNER"),
            wider: wider(),
        },
        RiskMitigated { plan: plan(), case, path: path(), by: by(), severity, mitigation: text("two keys") },
        RiskAccepted { plan: plan(), case, path: path(), severity, acceptance },
        RiskClosed { plan: plan(), case, path: path(), by: by(), severity, reason: why() },
        Held { plan: plan(), case, path: path(), by: by(), hold: Box::new(hold_body()) },
        Released { plan: plan(), case, path: path(), by: Some(by()), reason: Some(why()) },
        Abandoned { plan: plan(), case, kind: CaseKind::Report, path: path(), deposit: returned },
        Dropped { plan: plan(), case, path: path() },
        Retained { plan: plan(), case, path: path(), by: CASE },
    ];
    events.map(Event::Cases)
}

/// Refusals about cases: of each way in which they are told, one.
pub(super) fn errors_of_cases() -> [Error; 13] {
    use cases::Error::*;
    let (plan, case) = (|| named("shop"), CASE);
    let full = |tenant| Full { plan: plan(), register: CaseRegister::Reports, most: 8, tenant };
    let errors = [
        PlanUnknown { plan: plan() },
        BadPath { plan: plan(), path: case_path(), most: 0 },
        CaseUnknown { plan: plan(), case },
        OtherKind { case, is: CaseKind::Risk, wanted: CaseKind::Incident },
        OtherStep { case, step: CaseStep::Detected },
        OtherStep { case, step: CaseStep::Resolved },
        FieldMissing { field: text("impact") },
        OwnerUnknown { plan: plan(), owner: named("nobody") },
        Containment(ContainmentFlaw::NoSuchChange { change: CHANGE }),
        ReviewDate { review: AT.time, at: AT.time },
        Hold(HoldFlaw::OwnHold { case }),
        full(None),
        full(Some(named("t1"))),
    ];
    errors.map(Error::Cases)
}
