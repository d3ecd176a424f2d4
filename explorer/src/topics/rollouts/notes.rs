//! Release notes as a document. Everything that comes from the chain stands in code spans.

use super::answer::{NoteEntry, NoteGroup, NotesAnswer};
use crate::pages::text::machine_date;
use primitives::{Moment, code_span as code};
use std::fmt::Write as _;

/// The notes in Markdown.
pub(super) fn markdown(answer: &NotesAnswer) -> String {
    let title = answer.milestone.as_ref().map(|milestone| format!(", {}", code(milestone))).unwrap_or_default();
    let mut out = format!("# Release notes of {}{title}\n\n", code(&answer.plan));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "As of block {}, {}.", answer.at.height, moment(&answer.at));
    for group in NoteGroup::ALL {
        let entries: String = answer.of_group(group).map(entry).collect();
        if !entries.is_empty() {
            let _ = write!(out, "\n## {}\n\n{entries}", group.title());
        }
    }
    if answer.entries.is_empty() {
        out.push_str("\nNothing is noted.\n");
    }
    out
}

fn entry(entry: &NoteEntry) -> String {
    let summary = &entry.summary;
    let impact = if entry.impact.is_empty() {
        "nothing is said about what users will notice".into()
    } else {
        code(&entry.impact)
    };
    let stage = summary.stage.as_ref().map(|stage| format!(" {}", code(stage))).unwrap_or_default();
    let mut out = format!("- {impact}\n  - change {}: {}{stage}, {}\n", summary.id, summary.kind, summary.label);
    if !summary.flags.is_empty() {
        let flags: Vec<String> = summary.flags.iter().map(code).collect();
        let _ = writeln!(out, "  - flags {}", flags.join(", "));
    }
    for feature in &entry.features {
        let flag = feature.flag.as_ref().map(|flag| format!(", behind {}", code(flag))).unwrap_or_default();
        let _ = writeln!(out, "  - feature {}, of {} risk{flag}", code(&feature.name), feature.risk);
    }
    if let Some(artifact) = &entry.artifact {
        let _ = writeln!(out, "  - artifact {}", code(artifact));
    }
    if let Some(executed) = &summary.executed {
        let _ = writeln!(out, "  - carried out in block {}, {}", executed.height, moment(executed));
    }
    if let Some(ticket) = &summary.ticket {
        let _ = writeln!(out, "  - ticket {}", code(ticket));
    }
    out
}

/// When a block was made; of genesis, which has no time, and after the year 9999, its milliseconds.
fn moment(at: &Moment) -> String {
    machine_date(at.time).unwrap_or_else(|| format!("{} ms", at.time.0))
}
