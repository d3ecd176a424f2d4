//! What can be stated.

use super::ActingIn;
use crate::args::values::{block_time, subject};
use clap::Args;
use primitives::{Decimal, Digest, Name, Text, Timestamp};
use rollouts::statement::{StatementOutcome, StatementSubject};
use std::path::PathBuf;

/// A statement. With a file, what that says is not said again.
#[derive(Debug, Clone, Args)]
pub struct AttestArgs {
    /// Under which plan, and as what: the role that owns the check, or the segment that the account is in.
    #[command(flatten)]
    pub within: ActingIn,
    /// The check, the signal, the step or the row
    #[arg(long, value_name = "CHECK")]
    pub check: Name,
    /// About what: plan, stage:NAME, change:ID, artifact:BLAKE3, phase:NAME or scope:PATH; without it, the subject of the file
    #[arg(long, value_name = "SUBJECT", value_parser = subject, required_unless_present = "statement")]
    pub about: Option<StatementSubject>,
    /// What came out; without it, the result in the file.
    #[command(flatten)]
    pub outcome: OutcomeArgs,
    /// The body, an in-toto Statement v1 as JSON of at most 1 MiB; its BLAKE3 goes on chain, and the file stays where it is
    #[arg(long, value_name = "FILE")]
    pub statement: Option<PathBuf>,
    /// The BLAKE3 of a body of another form
    #[arg(long, value_name = "HEX", conflicts_with = "statement")]
    pub digest: Option<Digest>,
    /// The type of that body, as in-toto names predicates
    #[arg(long, value_name = "TYPE", conflicts_with = "statement", requires = "digest")]
    pub predicate: Option<Text<96>>,
    /// Where the body lies; nothing is fetched from there
    #[arg(long, value_name = "URI")]
    pub uri: Option<Text<256>>,
    /// What it refers to, such as a ticket, a waiver or a release check; repeat it
    #[arg(long = "ref", value_name = "NAME")]
    pub refs: Vec<Name>,
    /// The commit that was looked at, as 40 hex digits
    #[arg(long, value_name = "COMMIT")]
    pub commit: Option<Text<64>>,
    /// What was measured, such as 0.25
    #[arg(long, value_name = "NUMBER")]
    pub value: Option<Decimal>,
    /// When what it is about began, such as 2026-12-01T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = block_time)]
    pub began: Option<Timestamp>,
    /// When it counts no longer; of a waiver in at most 30 days
    #[arg(long, value_name = "TIME", value_parser = block_time, required_if_eq("waived", "true"))]
    pub expires: Option<Timestamp>,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT", required_if_eq("waived", "true"))]
    pub reason: Option<Text<1024>>,
}

/// The drill of a playbook, which is two statements of the role that keeps it: that it began, and that it ended.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("drilled").required(true).args(["begin", "end"]))]
pub struct DrillArgs {
    /// Under which plan, and as what: the role that keeps the playbook.
    #[command(flatten)]
    pub within: ActingIn,
    /// The domain of the playbook
    #[arg(long, value_name = "PLAYBOOK")]
    pub playbook: Name,
    /// It begins; the time that the chain runs from here on is measured
    #[arg(long)]
    pub begin: bool,
    /// It ended, and came out so
    #[arg(long)]
    pub end: bool,
    /// What came out; that it began is passed where nothing is said.
    #[command(flatten)]
    pub outcome: OutcomeArgs,
    /// The BLAKE3 of what shows it
    #[arg(long, value_name = "HEX")]
    pub digest: Option<Digest>,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Text<1024>>,
}

/// What came out.
#[derive(Debug, Clone, Copy, Args)]
#[group(multiple = false)]
pub struct OutcomeArgs {
    /// It is so
    #[arg(long)]
    pub passed: bool,
    /// It is so, and somebody should look
    #[arg(long)]
    pub warned: bool,
    /// It is not so; under a signal, that was noticed
    #[arg(long)]
    pub failed: bool,
    /// It is not asked for, of one change, for a while
    #[arg(long)]
    pub waived: bool,
}

impl OutcomeArgs {
    /// The outcome, if one is typed.
    pub fn said(self) -> Option<StatementOutcome> {
        let Self { passed, warned, failed, waived } = self;
        let words = [
            (passed, StatementOutcome::Passed),
            (warned, StatementOutcome::Warned),
            (failed, StatementOutcome::Failed),
            (waived, StatementOutcome::Waived),
        ];
        words.into_iter().find(|(is_said, _)| *is_said).map(|(_, outcome)| outcome)
    }
}
