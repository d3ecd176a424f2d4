//! A plan at a glance.

use super::changes::table;
use super::plan::window_rule;
use super::{due, joined, joined_or_dash, place};
use crate::render::names;
use crate::render::screen::{Screen, TableCell};
use crate::render::words::or_dash;
use rpc::views::{BoardCell, BoardFlag, BoardNext, BoardStage, ChangeSummary, FlagServed, RolloutBoard};

/// Draws a board.
pub fn board(screen: &Screen, view: &RolloutBoard) -> String {
    let mut parts = vec![screen.fields(&head(screen, view)), stages(screen, view), flags(screen, view)];
    parts.extend(view.next.as_ref().and_then(|next| soaks(screen, next)));
    let lists = [("Emergencies", &view.emergencies), ("Overdue", &view.overdue), ("Live changes", &view.live)];
    parts.extend(lists.iter().filter_map(|(title, list)| changes(screen, title, list)));
    parts.join("\n")
}

fn head(screen: &Screen, view: &RolloutBoard) -> Vec<(&'static str, String)> {
    let plan = &view.plan;
    let mut fields = vec![
        ("Plan", format!("{}, version {}", plan.name, plan.head.version)),
        ("As of", format!("block {}, {}", view.height, screen.time(view.at.time))),
        ("Stands", or_dash(plan.stage.as_ref())),
    ];
    fields.extend(view.next.as_ref().map(|next| ("Next", next_stage(next))));
    fields.extend(
        view.next.as_ref().filter(|next| !next.unmet.is_empty()).map(|next| ("Waits for", joined(&next.unmet))),
    );
    if let Some(freeze) = &view.freeze {
        let until = freeze.due.as_ref().map(|until| format!(", until {} at the latest", due(screen, until)));
        let (stage, by, until) = (&freeze.freeze.stage, freeze.change, until.unwrap_or_default());
        fields.push(("Frozen", format!("while {stage} is entered, by change {by}{until}")));
    }
    fields.extend(view.pauses.iter().map(|pause| {
        let until = pause.due.as_ref().map(|until| format!(", until {}", due(screen, until))).unwrap_or_default();
        ("Paused", format!("{}, by change {} of {}{until}", place(&pause.path), pause.change, pause.role))
    }));
    if !view.stale_drills.is_empty() {
        fields.push(("To be tried", joined(&view.stale_drills)));
    }
    fields.extend(view.sealer.as_ref().map(|sealer| ("Sealed by", names::named(&view.described, sealer))));
    fields
}

fn next_stage(next: &BoardNext) -> String {
    let asked = next.change.map(|change| format!(", asked for by change {change}")).unwrap_or_default();
    format!("{}: {}, {} of {} checks{asked}", next.stage, next.answer, next.settled, next.checks)
}

fn stages(screen: &Screen, view: &RolloutBoard) -> String {
    let rows: Vec<Vec<TableCell>> = view.stages.iter().map(|stage| stage_row(screen, stage)).collect();
    screen.table(&["STAGE", "STANDS", "STEPS", "WINDOW", "NEXT WINDOW"], &rows, "No stages.")
}

fn stage_row(screen: &Screen, stage: &BoardStage) -> Vec<TableCell> {
    let stands = stage.standing.as_ref().map(|standing| {
        let mark = if stage.is_current { "current, " } else { "" };
        format!("{mark}since block {}, by change {}", standing.since.height, standing.change)
    });
    let taken = stage.steps.iter().filter(|step| step.is_taken).count();
    vec![
        TableCell::text(&stage.name),
        TableCell::text(or_dash(stands)),
        TableCell::text(format!("{taken} of {}", stage.steps.len())),
        TableCell::text(or_dash(stage.window_rule.as_ref().map(window_rule))),
        TableCell::text(or_dash(stage.next_window.as_ref().map(|next| due(screen, next)))),
    ]
}

/// A row for each flag: what each stage says that it serves, and what it serves.
fn flags(screen: &Screen, view: &RolloutBoard) -> String {
    let stages: Vec<&str> = view.stages.iter().map(|stage| stage.name.as_str()).collect();
    let header: Vec<&str> = std::iter::once("FLAG").chain(stages).chain(["NOW", "OWNER", "MOVES"]).collect();
    let row = |flag: &BoardFlag| {
        let cells = view.stages.iter().map(|stage| flag.cells.iter().find(|cell| cell.stage == stage.name));
        let key = if flag.is_expired { format!("{}, expired", flag.key) } else { flag.key.to_string() };
        let mut row = vec![TableCell::text(key)];
        row.extend(cells.map(|cell| TableCell::text(or_dash(cell.map(said)))));
        let moves = or_dash(flag.takes_effect.as_ref());
        row.extend([TableCell::text(served(&flag.now)), TableCell::text(&flag.owner), TableCell::text(moves)]);
        row
    };
    let rows: Vec<Vec<TableCell>> = view.flags.iter().map(row).collect();
    screen.table(&header, &rows, "No flags.")
}

/// What a stage says that a flag serves there.
fn said(cell: &BoardCell) -> String {
    let only = cell.only.as_ref().map(|segment| format!(" for {segment}")).unwrap_or_default();
    format!("{}{only}", cell.variant)
}

/// What a flag serves.
pub(super) fn served(served: &FlagServed) -> String {
    if let Some(path) = &served.disabled_at {
        return format!(
            "{}, disabled {}",
            served.variant,
            if path.is_root() { "everywhere".into() } else { format!("at {path}") }
        );
    }
    let others = served.may_serve.iter().filter(|variant| **variant != served.variant);
    let others = joined(others);
    match (others.is_empty(), served.segments.is_empty()) {
        (true, _) => served.variant.to_string(),
        (false, true) => format!("{}, or {others}", served.variant),
        (false, false) => format!("{}, or {others} for {}", served.variant, joined(&served.segments)),
    }
}

fn soaks(screen: &Screen, next: &BoardNext) -> Option<String> {
    let row = |soak: &rpc::views::BoardSoak| {
        vec![
            TableCell::text(&soak.check),
            TableCell::text(&soak.stage),
            TableCell::text(soak.state),
            TableCell::text(&soak.said),
            TableCell::text(soak.need),
            TableCell::text(or_dash(soak.due.as_ref().map(|enough| due(screen, enough)))),
        ]
    };
    let rows: Vec<Vec<TableCell>> = next.soaks.iter().map(row).collect();
    let header = ["SOAK", "IN", "STATE", "HAVE", "NEED", "ENOUGH"];
    (!rows.is_empty()).then(|| screen.table(&header, &rows, ""))
}

fn changes(screen: &Screen, title: &str, list: &[ChangeSummary]) -> Option<String> {
    (!list.is_empty()).then(|| format!("{title}\n{}", table(screen, list, "")))
}

/// What steps a stage has, with those that are taken marked.
pub(super) fn steps(screen: &Screen, steps: &[rpc::views::StageStep]) -> String {
    let row = |step: &rpc::views::StageStep| {
        vec![
            TableCell::text(&step.key),
            TableCell::text(if step.is_taken { "taken" } else { "open" }),
            TableCell::text(joined_or_dash(&step.needs)),
            TableCell::text(&step.text),
        ]
    };
    let rows: Vec<Vec<TableCell>> = steps.iter().map(row).collect();
    screen.table(&["STEP", "STATE", "NEEDS", "WHAT"], &rows, "No steps.")
}
