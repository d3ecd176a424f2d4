//! Spans that are too short, too long, or missing.

use super::super::sample::*;
use super::{fine, only};
use crate::check::Ask;
use crate::plan::{Missed, Plan, WindowRule};
use primitives::{RecordClass, Span};

const SECONDS: Span = Span::Millis(59_999);

/// Gives a span of a plan another length.
type Setter = fn(&mut Plan, Span);

/// Every span of the sample, with the place that it has in a profile.
const SPANS: [(&str, Setter); 13] = [
    ("policy.freeze_at_most", |plan, span| plan.policy.freeze_at_most = span),
    ("policy.hold_at_most", |plan, span| plan.policy.hold_at_most = span),
    ("checks.ci.fresh", |plan, span| plan.checks[0].fresh = Some(span)),
    ("checks.soak.soak.span", |plan, to| {
        if let Ask::Soak { span, .. } = &mut plan.checks[1].ask {
            *span = to;
        }
    }),
    ("checks.watched.watch.lasted", |plan, span| {
        if let Ask::Watch { lasted, .. } = &mut plan.checks[4].ask {
            *lasted = span;
        }
    }),
    ("checks.council.vote.within", |plan, span| {
        if let Ask::Vote { ballot } = &mut plan.checks[6].ask {
            ballot.within = span;
        }
    }),
    ("windows.maintenance.notice", |plan, span| {
        plan.windows[1].rule = WindowRule::Announced { notice: span, longest: Span::hours(8) };
    }),
    ("windows.maintenance.longest", |plan, span| {
        plan.windows[1].rule = WindowRule::Announced { notice: Span::days(14), longest: span };
    }),
    ("procedures[0].execute_within", |plan, span| plan.procedures[PROMOTE].execute_within = span),
    ("procedures[3].close[0].within", |plan, span| plan.procedures[DISABLE].close[0].within = Some(span)),
    ("stage.mainnet.close[0].within", |plan, span| plan.stages[MAINNET].close[0].within = Some(span)),
    ("playbooks.chain.drill.every", |plan, span| {
        plan.playbooks[0].drill = plan.playbooks[0].drill.map(|drill| crate::plan::DrillRules { every: span, ..drill });
    }),
    ("playbooks.chain.drill.window", |plan, span| {
        plan.playbooks[0].drill =
            plan.playbooks[0].drill.map(|drill| crate::plan::DrillRules { window: span, ..drill });
    }),
];

#[test]
fn no_span_is_shorter_than_a_minute() {
    for (place, set) in SPANS {
        only(place, "less than a minute", |plan| set(plan, SECONDS));
        fine(|plan| set(plan, Span::minutes(1)));
        fine(|plan| set(plan, Span::Epochs(1)));
    }
}

#[test]
fn a_plan_for_tests_says_so_and_may_have_shorter_ones() {
    for (_, set) in SPANS {
        fine(|plan| {
            plan.policy.test = true;
            set(plan, Span::Millis(1));
        });
    }
}

#[test]
fn no_span_is_left_out_for_tests_neither() {
    for (place, set) in SPANS {
        for nothing in [Span::Millis(0), Span::Epochs(0)] {
            only(place, "it is of no length", |plan| {
                plan.policy.test = true;
                set(plan, nothing);
            });
        }
    }
}

#[test]
fn the_vote_of_an_owner_has_its_time_too() {
    let mut amended = vote("council");
    amended.within = SECONDS;
    super::only_of_application("policy.amend.within", "less than a minute", |plan| plan.policy.amend = Some(amended));
}

#[test]
fn what_is_carried_out_at_once_may_say_how_long_it_waits_and_need_not() {
    fine(|plan| plan.procedures[DISABLE].execute_within = Span::days(1));
    only("procedures[3].execute_within", "less than a minute", |plan| {
        plan.procedures[DISABLE].execute_within = SECONDS;
    });
}

#[test]
fn req_156_records_of_every_class_are_kept_for_thirty_to_so_many_days() {
    let keep = |span: Span| move |plan: &mut Plan| plan.policy.retain[0] = (RecordClass::Audit, span);
    fine(keep(Span::days(30)));
    fine(keep(Span::days(3_650)));
    fine(keep(Span::Epochs(10)));
    only("policy.retain.AUDIT", "30 to 3650 days, and this is 29 d", keep(Span::days(29)));
    only("policy.retain.AUDIT", "30 to 3650 days", keep(Span::Millis(3_650 * 86_400_000 + 1)));
    only("policy.retain.METRICS", "nothing says how long", |plan| {
        plan.policy.retain.remove(3);
    });
    only("policy.retain.AUDIT", "it stands twice", |plan| {
        plan.policy.retain.try_push((RecordClass::Audit, Span::days(90))).unwrap();
    });
    fine(|plan| {
        plan.policy.test = true;
        plan.policy.retain[0].1 = Span::minutes(1);
    });
}

#[test]
fn what_comes_of_a_missed_duty_comes_at_a_time() {
    only("procedures[3].close[0].within", "can never be missed", |plan| {
        plan.procedures[DISABLE].close[0].within = None;
    });
    fine(|plan| plan.procedures[DEMOTE].close = list([duty("audit", None, Missed::Block)]));
}
