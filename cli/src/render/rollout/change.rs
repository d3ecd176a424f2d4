//! One change: what it asks, how its list stands, what it owes, and who acts next.

use super::{board, changes, due, explanation, joined, moved};
use crate::render::names;
use crate::render::screen::{Screen, TableCell};
use crate::render::words::{or_dash, start, word};
use rollouts::queries::NextAct;
use rpc::views::{ChangeDetail, ChangeDuty};

/// Draws a change.
pub fn change(screen: &Screen, view: &ChangeDetail) -> String {
    let mut parts = vec![screen.fields(&head(screen, view)), next(screen, view)];
    let list = explanation::findings(screen, &view.list);
    parts.push(format!("Before it is carried out: {}\n{list}", view.list.answer));
    if !view.duties.is_empty() {
        parts.push(format!("Owed\n{}", duties(screen, &view.duties)));
    }
    if !view.steps.is_empty() {
        parts.push(format!("Steps\n{}", board::steps(screen, &view.steps)));
    }
    let title = if view.is_foreseen { "Would move" } else { "Moved" };
    parts.push(format!("{title}\n{}", moved::table(screen, &view.effects, "Nothing.")));
    parts.push(format!("Undone by\n{}", moved::table(screen, &view.inverse, "Nothing.")));
    parts.push(format!("So far\n{}", timeline(screen, view)));
    parts.join("\n")
}

fn head(screen: &Screen, view: &ChangeDetail) -> Vec<(&'static str, String)> {
    let (summary, asked) = (&view.summary, &view.asked);
    let mut fields = vec![
        ("Change", format!("{}, {}, {}", summary.id, summary.kind, summary.label)),
        ("Plan", format!("{}, version {}", summary.plan, summary.version)),
        ("About", changes::about(summary)),
        ("Class", word(&summary.class)),
    ];
    fields.extend(
        summary.by.as_ref().map(|by| ("By", format!("{} as {}", names::named(&view.described, &by.account), by.role))),
    );
    fields.push(("Submitted", format!("in block {}, {}", summary.created.height, screen.time(summary.created.time))));
    fields.push(("Reason", summary.reason.to_string()));
    fields.extend(summary.ticket.as_ref().map(|ticket| ("Ticket", ticket.to_string())));
    fields.extend(summary.milestone.as_ref().map(|milestone| ("Milestone", milestone.to_string())));
    if !asked.impact.as_str().is_empty() {
        fields.push(("Impact", asked.impact.to_string()));
    }
    fields.extend(asked.features.iter().map(|feature| {
        let flag = feature.flag.as_ref().map(|flag| format!(", behind {flag}")).unwrap_or_default();
        ("Brings", format!("{}, of {} risk{flag}", feature.name, feature.risk))
    }));
    fields.extend(asked.sealer.as_ref().map(|sealer| ("Seals", names::named(&view.described, sealer))));
    fields.push(("Content", view.digest.to_string()));
    fields.extend(summary.poll.map(|poll| ("Poll", format!("proposal {poll}"))));
    fields.extend(summary.not_before.as_ref().map(|from| ("Not before", start(from, screen))));
    fields.extend(summary.window.as_ref().map(|window| {
        let open = if window.is_open { ", open now" } else { "" };
        ("Window", format!("from {} until {}{open}", screen.time(window.from), screen.time(window.until)))
    }));
    fields.extend(summary.expires.as_ref().map(|expires| ("Expires", due(screen, expires))));
    if !summary.overdue.is_empty() {
        fields.push(("Overdue", joined(&summary.overdue)));
    }
    fields
}

fn next(screen: &Screen, view: &ChangeDetail) -> String {
    let row = |act: &NextAct| {
        let who = match &act.segment {
            Some(segment) => format!("each of {segment}"),
            None if act.roles.is_empty() => "the stake".into(),
            None => act.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or "),
        };
        vec![TableCell::text(act.what), TableCell::text(or_dash(act.key.as_ref())), TableCell::text(who)]
    };
    let rows: Vec<Vec<TableCell>> = view.next.iter().map(row).collect();
    screen.table(&["NEXT", "WHAT", "WHO"], &rows, "Nobody has anything to do about it.")
}

fn duties(screen: &Screen, duties: &[ChangeDuty]) -> String {
    let row = |owed: &ChangeDuty| {
        vec![
            TableCell::text(&owed.duty.check),
            TableCell::text(owed.duty.state),
            TableCell::text(or_dash(owed.due.as_ref().map(|end| due(screen, end)))),
            TableCell::text(word(&owed.duty.missed)),
            TableCell::text(or_dash(owed.duty.poll.map(|poll| format!("proposal {poll}")))),
        ]
    };
    let rows: Vec<Vec<TableCell>> = duties.iter().map(row).collect();
    screen.table(&["DUTY", "STATE", "UNTIL", "IF MISSED", "POLL"], &rows, "")
}

fn timeline(screen: &Screen, view: &ChangeDetail) -> String {
    let rows = view.timeline.iter().map(|moment| {
        let by = moment.by.as_ref().map(|by| names::short_named(&view.described, by));
        vec![
            TableCell::number(moment.at.height),
            TableCell::text(screen.time(moment.at.time)),
            TableCell::text(word(&moment.what).replace('_', " ")),
            TableCell::text(or_dash(moment.check.as_ref())),
            TableCell::text(or_dash(by)),
        ]
    });
    screen.table(&["BLOCK", "TIME", "WHAT", "CHECK", "BY"], &rows.collect::<Vec<_>>(), "Nothing is remembered.")
}
