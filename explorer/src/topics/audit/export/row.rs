//! One fact, as it is exported.

use super::super::answer::AuditEntry;
use super::ocsf;
use crate::pages::text::machine_date;
use crate::store::column::json;
use primitives::Timestamp;
use runtime::Fact;
use serde::Serialize;
use serde_json::Value;

/// One fact with all that is filed about it. Words in capitals are those that audits and plans have for them.
#[derive(Debug, Clone, Serialize)]
pub struct ExportRow<'a> {
    /// The block.
    pub height: u64,
    /// The place of the fact in its record.
    pub index: u64,
    /// The time of the block, in RFC 3339.
    pub time: String,
    /// The same, in milliseconds since 1970.
    pub time_ms: u64,
    /// What happened, as a word.
    pub kind: &'a str,
    /// `ALLOW`, or `DENY` of a refusal.
    pub decision: &'static str,
    /// `INFO`, `WARN` or `CRITICAL`.
    pub severity: String,
    /// `AUDIT`, `SECURITY`, `COMPLIANCE` or `METRICS`.
    pub class: String,
    /// Who asked.
    pub account: Option<String>,
    /// In which role.
    pub role: Option<&'a str>,
    /// Under which plan.
    pub plan: Option<&'a str>,
    /// Where; the empty text is the root.
    pub scope: Option<&'a str>,
    /// What for.
    pub action: Option<&'a str>,
    /// The name of the refusal.
    pub code: Option<&'static str>,
    /// The change.
    pub change_id: Option<u64>,
    /// The case.
    pub case_id: Option<u64>,
    /// The proposal.
    pub proposal_id: Option<u64>,
    /// The release.
    pub build_hash: Option<String>,
    /// What happened, or why not, as a sentence.
    pub sentence: &'a str,
    /// Until when it is kept, in RFC 3339.
    pub retention_expires_at: Option<String>,
    /// Whether a hold keeps it.
    pub legal_hold_active: bool,
    /// The fact itself.
    pub fact: &'a Fact,
}

impl<'a> ExportRow<'a> {
    /// The row of an entry.
    pub fn of(entry: &'a AuditEntry) -> Self {
        let marks = &entry.marks;
        Self {
            height: entry.height.0,
            index: entry.index,
            time: written(entry.time),
            time_ms: entry.time.0,
            kind: &entry.kind,
            decision: if entry.refused { "DENY" } else { "ALLOW" },
            severity: entry.severity.to_string(),
            class: entry.class.to_string(),
            account: entry.account.map(|account| account.to_string()),
            role: marks.role.as_ref().map(|role| role.as_str()),
            plan: marks.plan.as_ref().map(|plan| plan.as_str()),
            scope: marks.scope.as_deref(),
            action: marks.action.as_deref(),
            code: marks.code,
            change_id: marks.change_id.map(|change| change.0),
            case_id: marks.case_id.map(|case| case.0),
            proposal_id: entry.proposal_id,
            build_hash: entry.build_hash.map(|hash| hash.to_string()),
            sentence: &entry.sentence,
            retention_expires_at: entry.retention_expires_at.map(written),
            legal_hold_active: entry.legal_hold_active,
            fact: &entry.fact,
        }
    }

    /// As a JSON object on one line.
    pub(super) fn json(&self) -> String {
        json(self)
    }

    /// As an event of the Open Cybersecurity Schema Framework.
    pub fn event(&self) -> Value {
        ocsf::event(self)
    }
}

/// A time in RFC 3339; after the year 9999, which has none there, in milliseconds.
fn written(at: Timestamp) -> String {
    machine_date(at).unwrap_or_else(|| at.0.to_string())
}
