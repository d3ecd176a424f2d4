//! A fact as an event of the Open Cybersecurity Schema Framework: what moved as an entity that was managed, incidents and verdicts as
//! findings, and refusals as calls of an API that failed (ROLLOUTS 9).

use super::ExportRow;
use primitives::{AuditActivity, EntityActivity, FindingActivity};
use runtime::Fact;
use serde_json::{Value, json};
use state::Told as _;

/// The version of the framework.
const VERSION: &str = "1.4.0";

const ENTITY: u64 = 3004;
const INCIDENT: u64 = 2005;
const VERDICT: u64 = 2003;
const CALL: u64 = 6003;
/// What has no number of its own; its name says what it was.
const OTHER: u64 = 99;

/// A finding that was made, and one of which more is known; any other is over.
const FINDING_CREATED: u64 = 1;
const FINDING_UPDATED: u64 = 2;

/// The class of a fact, and the number of what was done within that.
fn numbers(fact: &Fact) -> (u64, u64) {
    match fact.activity() {
        None => (CALL, OTHER),
        Some(AuditActivity::Entity(activity)) => (ENTITY, of_entity(activity)),
        Some(AuditActivity::Incident(activity)) => (INCIDENT, of_finding(activity)),
        Some(AuditActivity::Verdict(activity)) => (VERDICT, of_finding(activity)),
    }
}

fn of_entity(activity: EntityActivity) -> u64 {
    match activity {
        EntityActivity::Created => 1,
        EntityActivity::Updated => 3,
        EntityActivity::Deleted => 4,
        EntityActivity::Enrolled => 6,
        EntityActivity::Unenrolled => 7,
        EntityActivity::Enabled => 8,
        EntityActivity::Disabled => 9,
        EntityActivity::Activated => 10,
        EntityActivity::Deactivated => 11,
        EntityActivity::Suspended => 12,
        EntityActivity::Resumed => 13,
        EntityActivity::Other => OTHER,
    }
}

fn of_finding(activity: FindingActivity) -> u64 {
    match activity {
        FindingActivity::Created => FINDING_CREATED,
        FindingActivity::Updated => FINDING_UPDATED,
        FindingActivity::Closed => 3,
    }
}

/// A fact as an event.
pub(super) fn event(row: &ExportRow<'_>) -> Value {
    let (class, activity) = numbers(row.fact);
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
                FINDING_CREATED => 1,
                FINDING_UPDATED => 2,
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
