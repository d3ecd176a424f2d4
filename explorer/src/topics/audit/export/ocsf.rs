//! A fact as an event of the Open Cybersecurity Schema Framework: what moved as an entity that was managed, incidents and verdicts as
//! findings, and refusals as calls of an API that failed (ROLLOUTS 9).

use super::ExportRow;
use rollouts::change::{ChangeRequest, Effected, Execution};
use runtime::{Event, Fact};
use serde_json::{Value, json};
use state::Told as _;

/// The version of the framework.
const VERSION: &str = "1.4.0";

/// What kind of event it is, by the numbers of the framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OcsfKind {
    /// Its class.
    pub class: u64,
    /// What was done.
    pub activity: u64,
}

const ENTITY: u64 = 3004;
const INCIDENT: u64 = 2005;
const VERDICT: u64 = 2003;
const CALL: u64 = 6003;
/// What has no number of its own; its name says what it was.
const OTHER: u64 = 99;

/// What was done to an entity.
mod entity {
    pub const CREATE: u64 = 1;
    pub const UPDATE: u64 = 3;
    pub const DELETE: u64 = 4;
    pub const ENROLL: u64 = 6;
    pub const UNENROLL: u64 = 7;
    pub const ENABLE: u64 = 8;
    pub const DISABLE: u64 = 9;
    pub const ACTIVATE: u64 = 10;
    pub const DEACTIVATE: u64 = 11;
    pub const SUSPEND: u64 = 12;
    pub const RESUME: u64 = 13;
}

/// How far a finding has come.
mod finding {
    pub const CREATE: u64 = 1;
    pub const UPDATE: u64 = 2;
    pub const CLOSE: u64 = 3;
}

/// What kind of event a fact is.
pub(super) fn kind(fact: &Fact) -> OcsfKind {
    let Ok(event) = &fact.outcome else { return OcsfKind { class: CALL, activity: OTHER } };
    match event {
        Event::Cases(event) => of_case(event),
        Event::Rollouts(event) => of_rollout(event),
        Event::Flags(event) => of_entity(of_flag(event)),
        Event::Artifacts(event) => of_entity(match event {
            artifacts::Event::Registered { .. } => entity::CREATE,
            artifacts::Event::Marked { .. } => entity::UPDATE,
            artifacts::Event::ArtifactReleased { .. } => entity::DELETE,
        }),
        Event::Roles(event) => of_entity(match event {
            roles::Event::MemberCame { .. } => entity::ENROLL,
            roles::Event::MemberWent { .. } => entity::UNENROLL,
            roles::Event::MembersSet { .. } => entity::UPDATE,
        }),
        Event::Witnesses(event) => of_entity(match event {
            witnesses::Event::Registered { .. } => entity::ENROLL,
            witnesses::Event::Retired { .. } => entity::UNENROLL,
            witnesses::Event::Cosigned { .. } => OTHER,
        }),
        // The framework has no number for what others do.
        _ => of_entity(OTHER),
    }
}

fn of_entity(activity: u64) -> OcsfKind {
    OcsfKind { class: ENTITY, activity }
}

fn of_flag(event: &flags::Event) -> u64 {
    use flags::Event::*;
    match event {
        Defined { .. } => entity::CREATE,
        Edited { .. } | Expired { .. } => entity::UPDATE,
        Retired { .. } => entity::DELETE,
        TokensRevoked { .. } => entity::DEACTIVATE,
    }
}

fn of_case(event: &cases::Event) -> OcsfKind {
    use cases::Event::*;
    let incident = |activity| OcsfKind { class: INCIDENT, activity };
    match event {
        Detected { .. } => incident(finding::CREATE),
        Classified { .. } | Responded { .. } => incident(finding::UPDATE),
        Resolved { .. } => incident(finding::CLOSE),
        Reported { .. } | RiskOpened { .. } => of_entity(entity::CREATE),
        RiskMitigated { .. } | RiskAccepted { .. } | Retained { .. } => of_entity(entity::UPDATE),
        Dismissed { .. } | RiskClosed { .. } | Abandoned { .. } | Dropped { .. } => of_entity(entity::DELETE),
        Held { .. } => of_entity(entity::SUSPEND),
        Released { .. } => of_entity(entity::RESUME),
    }
}

fn of_rollout(event: &rollouts::Event) -> OcsfKind {
    use rollouts::Event::*;
    let verdict = |activity| OcsfKind { class: VERDICT, activity };
    match event {
        Stated { .. } | Approved { .. } => verdict(finding::CREATE),
        Missed { .. } => verdict(finding::UPDATE),
        Met { .. } | Voided { .. } => verdict(finding::CLOSE),
        Installed { installation, .. } if installation.plan.version > 1 => of_entity(entity::UPDATE),
        Installed { .. } => of_entity(entity::CREATE),
        Submitted { execution: None, .. } | AmendmentAsked { .. } => of_entity(entity::CREATE),
        Submitted { change, execution: Some(execution), .. } => of_entity(match change.asked.request {
            ChangeRequest::Freeze { .. } => entity::SUSPEND,
            ChangeRequest::Rollback { .. } => entity::DEACTIVATE,
            _ => carried_out(execution),
        }),
        Executed { execution, .. } => of_entity(carried_out(execution)),
        Stepped { .. } => of_entity(entity::ACTIVATE),
        Announced { .. } | Closed { .. } => of_entity(entity::UPDATE),
        Reverted { .. } => of_entity(entity::DEACTIVATE),
        Thawed { .. } => of_entity(entity::RESUME),
        Retired { .. } | Ended { .. } | AmendmentEnded { .. } | Dropped { .. } => of_entity(entity::DELETE),
    }
}

/// What came of a change, by what moved; a map of what a stage serves is there of a promotion or a demotion alone.
fn carried_out(execution: &Execution) -> u64 {
    let switched = |to_off: bool| {
        execution.effects.iter().any(|effect| match effect {
            Effected::Flag { before, after, .. } => before.disabled != after.disabled && after.disabled == to_off,
            Effected::Segment { .. } => false,
        })
    };
    if execution.incident.is_some() || !execution.reverts.is_empty() {
        entity::DEACTIVATE
    } else if switched(true) {
        entity::DISABLE
    } else if switched(false) {
        entity::ENABLE
    } else if execution.map.is_empty() {
        entity::UPDATE
    } else {
        entity::ACTIVATE
    }
}

/// A fact as an event.
pub(super) fn event(row: &ExportRow<'_>) -> Value {
    let OcsfKind { class, activity } = kind(row.fact);
    let is_granted = row.fact.outcome.is_ok();
    let uid = format!("{}.{}", row.height, row.index);
    let mut event = json!({
        "activity_id": activity,
        "activity_name": row.kind,
        "category_uid": class / 1_000,
        "class_uid": class,
        "type_uid": class * 100 + activity,
        "time": row.time_ms,
        "severity_id": severity(&row.severity),
        "severity": row.severity,
        "status_id": if is_granted { 1 } else { 2 },
        "status_code": row.code,
        "message": row.sentence,
        "metadata": metadata(class, &uid),
        "actor": actor(row),
        "unmapped": row,
    });
    if let Some(fields) = event.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
        fields.extend(of_class(class, activity, row, &uid));
    }
    event
}

/// What an event says of itself. A finding names its actor by a profile of the framework; the other classes have one anyway.
fn metadata(class: u64, uid: &str) -> Value {
    let mut metadata = json!({
        "version": VERSION,
        "uid": uid,
        "log_name": "audit",
        "product": { "name": "the-block", "vendor_name": "the-block" },
    });
    if [INCIDENT, VERDICT].contains(&class) {
        metadata["profiles"] = json!(["host"]);
    }
    metadata
}

/// What an event of a class has besides.
fn of_class(class: u64, activity: u64, row: &ExportRow<'_>, uid: &str) -> Vec<(String, Value)> {
    let field = |name: &str, value: Value| (name.to_owned(), value);
    match class {
        INCIDENT => {
            let case = row.case_id.map_or_else(|| uid.to_owned(), |case| format!("case/{case}"));
            // New, in progress, or resolved.
            let status = match activity {
                finding::CREATE => 1,
                finding::UPDATE => 2,
                _ => 4,
            };
            vec![
                field("finding_info_list", json!([{ "title": row.kind, "uid": case }])),
                field("status_id", status.into()),
                field("assignee_group", json!({ "name": row.role.or(row.plan).unwrap_or("chain") })),
            ]
        }
        VERDICT => vec![
            field("finding_info", json!({ "title": row.kind, "uid": uid })),
            field("compliance", json!({ "standards": [row.plan.unwrap_or("chain")], "control": row.kind })),
        ],
        CALL => vec![
            field(
                "api",
                json!({
                    "operation": row.action.unwrap_or(row.kind),
                    "response": { "code": 1, "error": row.code.unwrap_or(row.kind) },
                }),
            ),
            field("src_endpoint", json!({ "uid": row.account.as_deref().unwrap_or("chain") })),
        ],
        _ => vec![field("entity", json!({ "uid": entity_of(row), "name": entity_of(row), "type": pallet(row.kind) }))],
    }
}

/// What was managed: the case, the change, or what the fact is about first; the plan, or the chain, where it is about no other.
fn entity_of(row: &ExportRow<'_>) -> String {
    let about = || row.fact.about().first().map(ToString::to_string);
    let case = row.case_id.map(|case| format!("case/{case}"));
    let change = row.change_id.map(|change| format!("change/{change}"));
    let plan = || row.plan.map(|plan| format!("plan/{plan}"));
    case.or(change).or_else(plan).or_else(about).unwrap_or_else(|| "chain".to_owned())
}

fn pallet(kind: &str) -> &str {
    kind.split('.').next().unwrap_or(kind)
}

fn actor(row: &ExportRow<'_>) -> Value {
    match &row.account {
        Some(account) => {
            let groups: Vec<Value> = row.role.iter().map(|role| json!({ "name": role })).collect();
            json!({ "user": { "uid": account, "groups": groups } })
        }
        None => json!({ "app_name": "the-block", "user": { "uid": "chain" } }),
    }
}

/// Informational, medium or critical.
fn severity(of: &str) -> u64 {
    match of {
        "CRITICAL" => 5,
        "WARN" => 3,
        _ => 1,
    }
}
