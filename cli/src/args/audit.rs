//! `contract audit`.

use clap::{Args, Subcommand, ValueEnum};
use primitives::{Name, Path};
use std::path::PathBuf;

/// The commands on the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditArgs {
    /// Whether the audit log that the node keeps hangs together; exit code 1 when it does not
    Integrity,
    /// Take the audit log out of an explorer, or out of a home who was denied flags, as a file for other systems
    Export(AuditExport),
}

/// What of the log is taken, from where, and in which form.
#[derive(Debug, Clone, Args)]
pub struct AuditExport {
    /// The explorer, such as http://127.0.0.1:26690
    #[arg(long, value_name = "URL", required_unless_present = "node")]
    pub explorer: Option<String>,
    /// Instead, whom the node of the home denied values of flags, a JSON object on each line, each held to the hash of the one before;
    /// these are in no block, because strangers would write there
    #[arg(long, conflicts_with_all = ["explorer", "format", "from", "to", "plan", "scope", "class"])]
    pub node: bool,
    /// The form: json, csv, or ocsf, an event of the Open Cybersecurity Schema Framework on each line
    #[arg(long, value_enum, default_value_t = AuditFormat::Json)]
    pub format: AuditFormat,
    /// Only blocks of this time or later: milliseconds since 1970, a day such as 2026-03-01, or 2026-03-01T09:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only blocks before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Only what is under this plan
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Only what is at this path or below it, such as PROD/t1
    #[arg(long, value_name = "PATH")]
    pub scope: Option<Path>,
    /// Only records of this class
    #[arg(long, value_enum)]
    pub class: Option<AuditClass>,
    /// The file it is written to, which must not be there yet; without it, the export is printed
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// An array of JSON objects
    Json,
    /// A table
    Csv,
    /// A line for each event
    Ocsf,
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditClass {
    /// Who did what
    Audit,
    /// Who was refused what
    Security,
    /// What was promised and held
    Compliance,
    /// What was measured
    Metrics,
}

impl AuditExport {
    /// The path and parameters that an explorer is asked for.
    pub fn path(&self) -> String {
        let format = match self.format {
            AuditFormat::Json => "json",
            AuditFormat::Csv => "csv",
            AuditFormat::Ocsf => "ocsf",
        };
        let class = self.class.map(|class| match class {
            AuditClass::Audit => "AUDIT",
            AuditClass::Security => "SECURITY",
            AuditClass::Compliance => "COMPLIANCE",
            AuditClass::Metrics => "METRICS",
        });
        let given = [
            ("from", self.from.clone()),
            ("to", self.to.clone()),
            ("plan", self.plan.as_ref().map(ToString::to_string)),
            ("scope", self.scope.as_ref().map(ToString::to_string)),
            ("class", class.map(str::to_owned)),
        ];
        let given = given.into_iter().filter_map(|(name, value)| value.map(|value| format!("&{name}={value}")));
        format!("/audit/export?format={format}{}", given.collect::<String>())
    }
}
