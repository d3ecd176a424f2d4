//! `contract incident`.

use super::{ActingOnCase, CasesArgs, OneCase};
use crate::args::Send;
use crate::args::rollout::ActingIn;
use crate::args::values::{duty, word};
use cases::DutyOfChange;
use clap::{Args, Subcommand};
use primitives::{AlertSeverity, CaseId, ChangeId, Digest, Name, Path, Reason, Text};

/// The commands on incidents, and on the reports that they are made of.
#[derive(Debug, Subcommand)]
pub enum IncidentArgs {
    /// Tell of something that was noticed; anybody may, for a deposit that comes back unless it was unfounded
    Report(Box<Send<ReportArgs>>),
    /// Say that nothing comes of a report
    Dismiss(Box<Send<DismissReport>>),
    /// Open an incident, which stops promotions where it is and below until it is resolved
    Detect(Box<Send<DetectArgs>>),
    /// Say how bad an incident is, and what it is about
    Classify(Box<Send<ClassifyArgs>>),
    /// Say what contains an incident
    Respond(Box<Send<RespondArgs>>),
    /// Say that an incident is over, why it happened, and what shows that it is over
    Resolve(Box<Send<ResolveArgs>>),
    /// List the incidents, the latest first; with --reports, what was reported
    List(IncidentsArgs),
    /// Show an incident or a report: what was said about it, and what comes next
    Show(OneCase),
}

/// Something that was noticed.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// The plan that it is about; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Where, such as PROD/t1; everywhere when it is left out
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// What was noticed, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub observation: Text<1024>,
}

/// A report of which nothing comes.
#[derive(Debug, Clone, Args)]
pub struct DismissReport {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// There was nothing to it, so that its deposit is forfeited
    #[arg(long)]
    pub unfounded: bool,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

/// Something that went wrong.
#[derive(Debug, Clone, Args)]
pub struct DetectArgs {
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// Where, such as PROD/t1; everywhere when it is left out
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// What was noticed; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub observation: Text<1024>,
    /// What it did to whom; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub impact: Text<1024>,
    /// The report that it takes up
    #[arg(long, value_name = "CASE")]
    pub report: Option<CaseId>,
    /// The duty for which it stands, such as 7:audit, where the plan takes an incident in its place
    #[arg(long, value_name = "CHANGE:CHECK", value_parser = duty)]
    pub duty: Option<DutyOfChange>,
}

/// How bad an incident is.
#[derive(Debug, Clone, Args)]
pub struct ClassifyArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// How bad; less than what opened it, or than was said before, is raised to that
    #[arg(long, value_parser = word::<AlertSeverity>(), ignore_case = true)]
    pub severity: AlertSeverity,
    /// What it is about, such as checkout
    #[arg(long, value_name = "NAME")]
    pub module: Name,
}

/// What contains an incident.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("containing").required(true).multiple(true).args(["flag", "rollback", "freeze", "lock"]))]
pub struct RespondArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// A change that disabled or set a flag; repeat it
    #[arg(long = "flag", value_name = "CHANGE")]
    pub flag: Vec<ChangeId>,
    /// A rollback; repeat it
    #[arg(long = "rollback", value_name = "CHANGE")]
    pub rollback: Vec<ChangeId>,
    /// A pause or freeze; repeat it
    #[arg(long = "freeze", value_name = "CHANGE")]
    pub freeze: Vec<ChangeId>,
    /// The lock that the incident itself is: nothing is promoted there while it is open
    #[arg(long)]
    pub lock: bool,
}

/// An incident that is over.
#[derive(Debug, Clone, Args)]
pub struct ResolveArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// How things came back to what they were; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub recovery: Text<1024>,
    /// Why it happened; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub root_cause: Text<1024>,
    /// The BLAKE3 of what shows that it is over
    #[arg(long, value_name = "HEX")]
    pub verification: Digest,
    /// Where the public can read about it; of a stage whose users are told
    #[arg(long, value_name = "URI", requires = "report_digest")]
    pub public_report: Option<Text<256>>,
    /// The BLAKE3 of the bytes there
    #[arg(long, value_name = "HEX", requires = "public_report")]
    pub report_digest: Option<Digest>,
    /// There was nothing wrong; the next signal of whoever was wrong is a report
    #[arg(long)]
    pub unfounded: bool,
}

/// Which incidents are listed.
#[derive(Debug, Clone, Args)]
pub struct IncidentsArgs {
    /// List what was reported instead: with --state reported, what nobody has looked at
    #[arg(long)]
    pub reports: bool,
    /// Which of them.
    #[command(flatten)]
    pub which: CasesArgs,
}
