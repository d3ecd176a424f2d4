//! Plans, and one of them.

use super::{joined, joined_or_dash};
use crate::render::names;
use crate::render::screen::{Screen, TableCell, grouped};
use crate::render::words::or_dash;
use rollouts::plan::{Governs, WindowRule};
use rpc::views::{PageOf, PlanDetail, PlanSummary};

/// The days of a week, from its first bit on.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Draws a page of plans.
pub fn plans(screen: &Screen, page: &PageOf<PlanSummary>) -> String {
    let header = ["PLAN", "VERSION", "GOVERNS", "STAGE", "NEXT", "OPEN", "ACTIVE"];
    let rows: Vec<Vec<TableCell>> = page.entries.iter().map(row).collect();
    screen.table(&header, &rows, "No plans.") + &crate::render::releases::remainder(screen, page)
}

fn row(plan: &PlanSummary) -> Vec<TableCell> {
    vec![
        TableCell::text(&plan.name),
        TableCell::number(plan.head.version),
        TableCell::text(governs(plan)),
        TableCell::text(or_dash(plan.stage.as_ref())),
        TableCell::text(or_dash(plan.next_stage.as_ref())),
        TableCell::number(plan.live.open),
        TableCell::number(plan.live.active),
    ]
}

fn governs(plan: &PlanSummary) -> String {
    match &plan.governs {
        _ if plan.head.retired => "nothing, it is retired".into(),
        Some(Governs::Node) => "this network".into(),
        Some(Governs::Application { owner }) => format!("an application of {owner}"),
        None => "-".into(),
    }
}

/// Draws a plan; the page of it is another text.
pub fn plan(screen: &Screen, view: &PlanDetail) -> String {
    let (summary, plan) = (&view.summary, &view.plan);
    let installed = &summary.head.installed;
    let mut fields = vec![
        ("Plan", format!("{}, version {}", summary.name, summary.head.version)),
        ("Title", plan.document.title.to_string()),
        ("Governs", governs(summary)),
        ("Bundle", plan.bundle.to_string()),
        ("Profile", plan.profile.to_string()),
        ("Installed", format!("in block {}, {}", installed.height, screen.time(installed.time))),
    ];
    if let Some(owner) = &summary.head.owner {
        fields.push(("Owner", names::named(&view.described, owner)));
        fields.push(("Deposit", grouped(summary.head.deposit)));
    }
    fields.extend([
        ("Stands", or_dash(summary.stage.as_ref())),
        ("Next", or_dash(summary.next_stage.as_ref())),
        ("Roles", joined(plan.roles.iter().map(|(role, _)| role))),
        ("Live", format!("{} open, {} active", summary.live.open, summary.live.active)),
    ]);
    [screen.fields(&fields), stages(screen, view), flags(screen, view), checks(screen, view)].join("\n")
}

fn stages(screen: &Screen, view: &PlanDetail) -> String {
    let rows = view.plan.stages.iter().map(|stage| {
        let rule =
            view.plan.windows.iter().find(|window| window.name == stage.window).map(|window| window_rule(&window.rule));
        vec![
            TableCell::text(&stage.name),
            TableCell::text(&stage.channel),
            TableCell::text(or_dash(rule)),
            TableCell::text(joined_or_dash(stage.steps.iter().map(|step| &step.key))),
            TableCell::text(if stage.production { "yes" } else { "no" }),
        ]
    });
    screen.table(&["STAGE", "CHANNEL", "WINDOW", "STEPS", "PRODUCTION"], &rows.collect::<Vec<_>>(), "No stages.")
}

fn flags(screen: &Screen, view: &PlanDetail) -> String {
    let rows = view.plan.flags.iter().map(|flag| {
        vec![
            TableCell::text(&flag.key),
            TableCell::text(flag.kind),
            TableCell::text(joined(flag.variants.iter().map(|variant| &variant.name))),
            TableCell::text(&flag.owner),
            TableCell::text(joined_or_dash(&flag.requires)),
        ]
    });
    screen.table(&["FLAG", "KIND", "VARIANTS", "OWNER", "REQUIRES"], &rows.collect::<Vec<_>>(), "No flags.")
}

fn checks(screen: &Screen, view: &PlanDetail) -> String {
    let rows = view.plan.checks.iter().map(|check| {
        vec![
            TableCell::text(&check.key),
            TableCell::text(or_dash(check.by.as_ref())),
            TableCell::text(if check.blocker { "yes" } else { "no" }),
            TableCell::text(&check.text),
        ]
    });
    screen.table(&["CHECK", "OWNER", "BLOCKER", "ASKS"], &rows.collect::<Vec<_>>(), "No checks.")
}

/// When a window is, in UTC.
pub fn window_rule(rule: &WindowRule) -> String {
    match rule {
        WindowRule::Weekly { days, from_minute, minutes } => {
            let set = DAYS.iter().enumerate().filter(|(bit, _)| days & (1 << bit) != 0).map(|(_, day)| *day);
            let days = if *days == 0x7f { "daily".into() } else { set.collect::<Vec<_>>().join(" ") };
            let end = (u32::from(*from_minute) + u32::from(*minutes)) % 1_440;
            format!("{days} {} to {} UTC", clock(u32::from(*from_minute)), clock(end))
        }
        WindowRule::Announced { notice, longest } => format!("announced {notice} before, at most {longest}"),
    }
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Span;

    #[test]
    fn a_window_is_told_by_its_days_and_its_hours() {
        let weekly = |days, from_minute, minutes| window_rule(&WindowRule::Weekly { days, from_minute, minutes });
        assert_eq!(weekly(0x7f, 480, 600), "daily 08:00 to 18:00 UTC");
        assert_eq!(weekly(0b000_0110, 540, 60), "Tue Wed 09:00 to 10:00 UTC");
        assert_eq!(weekly(1, 1_380, 120), "Mon 23:00 to 01:00 UTC", "it reaches into the next day");
        let announced = WindowRule::Announced { notice: Span::hours(72), longest: Span::hours(4) };
        assert_eq!(window_rule(&announced), "announced 3 d before, at most 4 h");
    }
}
