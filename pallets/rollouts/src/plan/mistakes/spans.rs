//! Is every span long enough to be measured, and short enough to end?

use super::{Found, duty_lists, place};
use crate::check::{Ask, Check};
use crate::plan::{Plan, WindowRule};
use primitives::{RecordClass, Span};

/// Milliseconds of a minute. A proposer's clock may be off by some seconds, so less cannot be told.
const MINUTE: u64 = 60_000;
/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * MINUTE;
/// How many days records are kept at least, and at most.
const KEPT: (u64, u64) = (30, 3_650);

pub(super) fn find(plan: &Plan, found: &mut Found) {
    for (place, span) in all(plan) {
        found.require(!span.is_nothing(), &place, || "it is of no length; say how long".into());
        let short = matches!(span, Span::Millis(millis) if millis < MINUTE) && !span.is_nothing();
        found.require(!short || plan.policy.test, &place, || {
            format!("{span} is less than a minute, and blocks do not tell time so finely; say 1 min or more")
        });
    }
    records(plan, found);
}

/// Every span of a plan, with its place.
fn all(plan: &Plan) -> Vec<(String, Span)> {
    let mut spans = vec![
        ("policy.freeze_at_most".to_owned(), plan.policy.freeze_at_most),
        ("policy.hold_at_most".to_owned(), plan.policy.hold_at_most),
    ];
    spans.extend(plan.policy.amend.iter().map(|vote| ("policy.amend.within".to_owned(), vote.within)));
    spans.extend(plan.policy.retain.iter().map(|(class, span)| (format!("policy.retain.{class}"), *span)));
    spans.extend(plan.checks.iter().flat_map(of_check));
    spans.extend(of_windows(plan));
    for (at, procedure) in plan.procedures.iter().enumerate() {
        // What is carried out at once has nothing to wait for.
        if !(procedure.at_once && procedure.execute_within.is_nothing()) {
            spans.push((format!("procedures[{at}].execute_within"), procedure.execute_within));
        }
    }
    for list in duty_lists(plan) {
        let timed = list.duties.iter().enumerate();
        let timed = timed.filter_map(|(at, duty)| Some((format!("{}[{at}].within", list.place), duty.within?)));
        spans.extend(timed);
    }
    for playbook in &plan.playbooks {
        let place = place::playbook(&playbook.domain);
        let drill = playbook.drill.iter();
        spans.extend(drill.flat_map(|drill| {
            [(format!("{place}.drill.every"), drill.every), (format!("{place}.drill.window"), drill.window)]
        }));
    }
    spans
}

fn of_check(check: &Check) -> Vec<(String, Span)> {
    let place = place::check(&check.key);
    let asked = match &check.ask {
        Ask::Watch { lasted, .. } => Some(("watch.lasted", *lasted)),
        Ask::Soak { span, .. } => Some(("soak.span", *span)),
        Ask::Vote { ballot } => Some(("vote.within", ballot.within)),
        _ => None,
    };
    let fresh = check.fresh.map(|fresh| ("fresh", fresh));
    [fresh, asked].into_iter().flatten().map(|(field, span)| (format!("{place}.{field}"), span)).collect()
}

fn of_windows(plan: &Plan) -> Vec<(String, Span)> {
    let mut spans = Vec::new();
    for window in &plan.windows {
        if let WindowRule::Announced { notice, longest } = window.rule {
            let place = place::window(&window.name);
            spans.push((format!("{place}.notice"), notice));
            spans.push((format!("{place}.longest"), longest));
        }
    }
    spans
}

/// Records of every class are kept for a while that the plan says (REQ-156).
fn records(plan: &Plan, found: &mut Found) {
    let retain = &plan.policy.retain;
    for class in RecordClass::ALL {
        found.require(retain.iter().any(|(said, _)| *said == class), format!("policy.retain.{class}"), || {
            "nothing says how long these records are kept; say it in days".into()
        });
    }
    let (least, most) = KEPT;
    for (class, span) in retain {
        let Span::Millis(millis) = span else { continue };
        let days = millis.checked_div(DAY).unwrap_or(0);
        let too_long = *millis > most.saturating_mul(DAY);
        let fits = !too_long && (days >= least || plan.policy.test);
        found.require(fits, format!("policy.retain.{class}"), || {
            format!("records are kept for {least} to {most} days, and this is {span}; say a time between")
        });
    }
}
