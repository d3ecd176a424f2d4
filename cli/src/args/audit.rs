//! `contract audit`.

use clap::{Args, Subcommand, ValueEnum};
use primitives::{Epoch, Height, Name, Path, typed_number};
use std::path::PathBuf;

/// The commands on the audit log, and on the tree of blocks that proves what is in it.
#[derive(Debug, Subcommand)]
pub enum AuditArgs {
    /// Whether the audit log that the node keeps hangs together; exit code 1 when it does not
    Integrity,
    /// Fetch the proof that something is on record, as a file
    Proof(FactProven),
    /// Verify such a file without a node, from the genesis of the home, and say what is on record
    Verify(ProofFile),
    /// Show what the tree of blocks was in the first block of an epoch, and who cosigned that
    Checkpoint {
        /// The epoch; without it, the newest of which there is a checkpoint
        #[arg(long, value_name = "EPOCH")]
        epoch: Option<Epoch>,
        /// Print the signed note alone, as tools of C2SP read it
        #[arg(long)]
        note: bool,
    },
    /// Take the audit log out of an explorer, or out of a home who was denied flags, as a file for other systems
    Export(AuditExport),
}

/// Something that is on record.
#[derive(Debug, Clone, Args)]
pub struct FactProven {
    /// The block
    #[arg(long, value_name = "HEIGHT")]
    pub height: Height,
    /// Its place in the record of that, from 0
    #[arg(long, value_name = "N", value_parser = typed_number)]
    pub index: u64,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Prove it to a program of yours that trusts the block at this height; `verify` trusts genesis alone
    #[arg(long, value_name = "HEIGHT")]
    pub from: Option<Height>,
    /// Take the record from this node, because the one that is asked does not keep the block any more; that need not be trusted
    #[arg(long, value_name = "URL")]
    pub record_from: Option<String>,
}

/// A proof in a file.
#[derive(Debug, Clone, Args)]
pub struct ProofFile {
    /// The file, as `contract audit proof` wrote it, or an explorer
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
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
