//! What can stand behind the `?` of the audit log, and of its export.

use crate::queries::{Parameters, number, time, typed};
use primitives::{AccountId, AlertSeverity, BuildHash, Name, Path, RecordClass, Timestamp};
use serde::Deserialize;

/// Which facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only of this kind, such as `governance.voted`.
    pub kind: Option<String>,
    /// Only granted ones, or only refused ones.
    pub outcome: Option<AuditOutcome>,
    /// Only those about this account: what it asked for, and what concerns it.
    #[serde(default, deserialize_with = "typed")]
    pub account: Option<AccountId>,
    /// Only those about this release.
    #[serde(default, deserialize_with = "typed")]
    pub build_hash: Option<BuildHash>,
    /// Only those about this proposal.
    #[serde(default, deserialize_with = "number")]
    pub proposal_id: Option<u64>,
    /// Only those that are exactly this bad: `INFO`, `WARN` or `CRITICAL`.
    #[serde(default, deserialize_with = "typed")]
    pub severity: Option<AlertSeverity>,
    /// Only those of this class of records: `AUDIT`, `SECURITY`, `COMPLIANCE` or `METRICS`.
    #[serde(default, deserialize_with = "typed")]
    pub class: Option<RecordClass>,
    /// Only those under this plan.
    #[serde(default, deserialize_with = "typed")]
    pub plan: Option<Name>,
    /// Only those at this path or below it, such as `PROD/t1`.
    #[serde(default, deserialize_with = "typed")]
    pub scope: Option<Path>,
    /// Only what was done, or refused, in this role.
    #[serde(default, deserialize_with = "typed")]
    pub role: Option<Name>,
    /// Only what was done, or refused, under this action, such as `promote.submit`.
    #[serde(default, deserialize_with = "typed")]
    pub action: Option<Name>,
    /// Only those of blocks of this time or later.
    #[serde(default, deserialize_with = "time")]
    pub from: Option<Timestamp>,
    /// Only those of blocks before this time.
    #[serde(default, deserialize_with = "time")]
    pub to: Option<Timestamp>,
    /// Only those about this change.
    #[serde(default, deserialize_with = "number")]
    pub change_id: Option<u64>,
    /// Only those about this case.
    #[serde(default, deserialize_with = "number")]
    pub case_id: Option<u64>,
    /// Only those before this one, which is not included: `height.index`, as `next` of an answer names it.
    pub before: Option<String>,
    /// How many, 1 to 100; 20 when left out.
    pub page_size: Option<u32>,
}

/// How a decision went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was granted.
    Granted,
    /// It was refused.
    Refused,
}

impl Parameters for AuditQuery {
    const NAMES: &'static [&'static str] = &[
        "kind",
        "outcome",
        "account",
        "build_hash",
        "proposal_id",
        "severity",
        "class",
        "plan",
        "scope",
        "role",
        "action",
        "from",
        "to",
        "change_id",
        "case_id",
        "before",
        "page_size",
    ];
}

impl AuditQuery {
    /// Whether any fact is left out.
    pub fn is_filtered(&self) -> bool {
        let Self { before, page_size, .. } = self;
        *self != Self { before: before.clone(), page_size: *page_size, ..Self::default() }
    }
}

/// Which facts are exported, in which form (REQ-154).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// The form.
    pub format: ExportFormat,
    /// Only those of blocks of this time or later.
    #[serde(default, deserialize_with = "time")]
    pub from: Option<Timestamp>,
    /// Only those of blocks before this time.
    #[serde(default, deserialize_with = "time")]
    pub to: Option<Timestamp>,
    /// Only those under this plan.
    #[serde(default, deserialize_with = "typed")]
    pub plan: Option<Name>,
    /// Only those at this path or below it.
    #[serde(default, deserialize_with = "typed")]
    pub scope: Option<Path>,
    /// Only those of this class of records.
    #[serde(default, deserialize_with = "typed")]
    pub class: Option<RecordClass>,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A JSON object on each line.
    Json,
    /// A table, by RFC 4180.
    Csv,
    /// An event of the Open Cybersecurity Schema Framework on each line.
    Ocsf,
}

impl Parameters for ExportQuery {
    const NAMES: &'static [&'static str] = &["format", "from", "to", "plan", "scope", "class"];
}

impl ExportQuery {
    /// The same question to the log.
    pub fn as_audit(&self) -> AuditQuery {
        let Self { from, to, plan, scope, class, .. } = self.clone();
        AuditQuery { from, to, plan, scope, class, ..AuditQuery::default() }
    }
}
