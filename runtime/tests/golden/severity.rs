//! How bad each kind of fact is, at the least: never less than it was once committed to be (REQ-139, REQ-152).

use primitives::AlertSeverity;
use rollouts::change::{ChangeRequest, Effected, Execution};
use rollouts::plan::Missed;
use rollouts::statement::StatementOutcome;
use runtime::testing::examples::*;
use runtime::{Cause, Error, Event, Fact};
use std::collections::BTreeMap;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/severity.txt");

/// The events of which another form is worse, or better, than the example, each with what tells it.
fn forms() -> Vec<(&'static str, Event)> {
    let of_rollouts = events().into_iter().filter_map(|event| match event {
        Event::Rollouts(event) => Some(event),
        _ => None,
    });
    let forms = of_rollouts.flat_map(|event| match event {
        rollouts::Event::Submitted { .. } => submitted(&event),
        rollouts::Event::Executed { .. } => executed(&event),
        rollouts::Event::Missed { .. } => missed(&event),
        rollouts::Event::Stated { .. } => stated_forms(&event),
        _ => Vec::new(),
    });
    forms.map(|(form, event)| (form, Event::Rollouts(event))).chain(classified()).collect()
}

/// Incidents, as bad as somebody said or worse.
fn classified() -> Vec<(&'static str, Event)> {
    use AlertSeverity::*;
    let example = events().into_iter().find(|event| matches!(event, Event::Cases(cases::Event::Classified { .. })));
    let form = |(form, said, counts)| {
        let mut event = example.clone().expect("an incident is classified");
        if let Event::Cases(cases::Event::Classified { asked, severity, .. }) = &mut event {
            (*asked, *severity) = (said, counts);
        }
        (form, event)
    };
    [("info", Info, Info), ("warn", Warn, Warn), ("critical", Critical, Critical), ("raised", Info, Warn)]
        .map(form)
        .into()
}

type Form = (&'static str, rollouts::Event);

fn submitted(example: &rollouts::Event) -> Vec<Form> {
    let (flags, scope, cause) = (list([named("checkout")]), primitives::Path::ROOT, named("SAFETY"));
    let (stage, trigger, source) = (named("PROD"), named("manual"), named("telemetry"));
    let requests = [
        ("disable", ChangeRequest::Disable { flags, scope, cause }),
        ("rollback", ChangeRequest::Rollback { stage, trigger, source }),
    ];
    let form = |(form, request)| {
        let mut event = example.clone();
        if let rollouts::Event::Submitted { change, execution: at_once, .. } = &mut event {
            change.asked.request = request;
            *at_once = Some(execution());
        }
        (form, event)
    };
    requests.into_iter().map(form).collect()
}

/// What carrying a change out came to in the example of that.
fn execution() -> Box<Execution> {
    let found = events().into_iter().find_map(|event| match event {
        Event::Rollouts(rollouts::Event::Executed { execution, .. }) => Some(execution),
        _ => None,
    });
    found.expect("a change is carried out")
}

fn executed(example: &rollouts::Event) -> Vec<Form> {
    let (mut disables, mut rollback, mut bypasses) = (example.clone(), example.clone(), example.clone());
    if let rollouts::Event::Executed { execution, .. } = &mut disables {
        let off = |effect: &Effected| {
            let mut effect = effect.clone();
            if let Effected::Flag { before, after, .. } = &mut effect {
                (before.disabled, after.disabled) = (false, true);
            }
            effect
        };
        let effects: Vec<_> = execution.effects.iter().map(off).collect();
        execution.effects = list(effects);
    }
    if let rollouts::Event::Executed { execution, .. } = &mut rollback {
        execution.incident = Some(primitives::CaseId(1));
    }
    if let rollouts::Event::Executed { execution, .. } = &mut bypasses {
        execution.bypasses = true;
    }
    vec![("switches_off", disables), ("rollback", rollback), ("bypasses", bypasses)]
}

fn missed(example: &rollouts::Event) -> Vec<Form> {
    let form = |(form, what)| {
        let mut event = example.clone();
        if let rollouts::Event::Missed { then, .. } = &mut event {
            *then = what;
        }
        (form, event)
    };
    [("block", Missed::Block), ("hold", Missed::Hold), ("restore", Missed::Restore)].map(form).into()
}

fn stated_forms(example: &rollouts::Event) -> Vec<Form> {
    use StatementOutcome::*;
    let form = |(form, key, outcome)| {
        let mut event = example.clone();
        if let rollouts::Event::Stated { stated, .. } = &mut event {
            (stated.statement.key, stated.statement.outcome) = (named(key), outcome);
        }
        (form, event)
    };
    let forms = [
        ("passed", "tested", Passed),
        ("warned", "tested", Warned),
        ("waived", "tested", Waived),
        ("failed", "tested", Failed),
        ("audit_integrity_failed", "audit_integrity", Failed),
    ];
    forms.map(form).into()
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> primitives::List<T, N> {
    primitives::List::truncate_from(items.into_iter().collect())
}

/// The refusals of which another form is worse, or better, than the example.
fn refusals() -> Vec<(String, Error)> {
    let mut all = Vec::new();
    for (action, insider) in [("promote.submit", false), ("rollback.submit", false), ("rollback.submit", true)] {
        let (plan, role) = (named("shop"), named("OWNER"));
        let scope = Box::new(primitives::ScopePattern::everywhere());
        let (action_text, held_by) = (text(action), list([]));
        let error = roles::Error::Role { plan, role, action: action_text, scope, held_by, insider };
        let who = if insider { "insider" } else { "stranger" };
        all.push((format!("{action} {who}"), error.clone().into()));
        let nested = rollouts::Error::from(error);
        all.push((format!("{action} {who}, of a change"), nested.into()));
    }
    let (plan, change, stage, path) = (named("shop"), CHANGE, named("PROD"), primitives::Path::ROOT);
    let stopped = [
        rollouts::Error::Frozen { plan, change, stage },
        rollouts::Error::Paused { change, path },
        rollouts::Error::TooManyEmergencies { have: 4, most: 3 },
    ];
    all.extend(stopped.into_iter().map(|error| (name_of(&Error::from(error.clone())), Error::from(error))));
    all
}

/// The name of the variant of a refusal: the pallet's, and its own.
fn name_of(error: &Error) -> String {
    let json = serde_json::to_value(error).unwrap();
    let inner = json.as_object().and_then(|of| of.values().next()).unwrap();
    inner.as_str().map_or_else(|| inner.as_object().unwrap().keys().next().unwrap().clone(), str::to_owned)
}

/// How bad each is, by what tells them apart.
fn found() -> BTreeMap<String, AlertSeverity> {
    let mut found = BTreeMap::new();
    for event in events().into_iter().chain(event_forms()) {
        let kind = event.told().kind().to_owned();
        let severity = found.entry(kind).or_insert(event.severity());
        *severity = event.severity().min(*severity);
    }
    for (form, event) in forms() {
        found.insert(format!("{} {form}", event.told().kind()), event.severity());
    }
    for error in errors() {
        found.insert(format!("{} {}", error.told().kind(), name_of(&error)), error.severity());
    }
    for (form, error) in refusals() {
        found.insert(format!("{} {form}", error.told().kind()), error.severity());
    }
    found
}

fn lines(all: &BTreeMap<String, AlertSeverity>) -> String {
    all.iter().map(|(what, severity)| format!("{what}: {severity}\n")).collect()
}

fn read(text: &str) -> BTreeMap<String, AlertSeverity> {
    let line = |line: &str| {
        let (what, severity) = line.rsplit_once(": ").unwrap();
        (what.to_owned(), severity.parse().unwrap())
    };
    text.lines().map(line).collect()
}

/// What is committed and would count for less now, or would not be told of any more.
fn lowered(kept: &BTreeMap<String, AlertSeverity>, found: &BTreeMap<String, AlertSeverity>) -> Vec<String> {
    let lost = |(what, severity): (&String, &AlertSeverity)| match found.get(what) {
        Some(now) if now >= severity => None,
        Some(now) => Some(format!("{what} was {severity} and would be {now}")),
        None => Some(format!("{what} was {severity} and is told of no more")),
    };
    kept.iter().filter_map(lost).collect()
}

#[test]
fn req_139_nothing_counts_for_less_than_it_was_committed_to_not_even_when_files_are_blessed() {
    let (found, kept) = (found(), std::fs::read_to_string(FILE).unwrap_or_default());
    let lowered = lowered(&read(&kept), &found);
    assert!(
        lowered.is_empty(),
        "{lowered:#?}\nthe audit log promises that nothing is lowered; give it back what it was"
    );
    crate::golden("severity.txt", &lines(&found));
}

#[test]
fn req_139_a_lower_class_and_a_lost_one_are_seen() {
    let of = |text: &str| read(text);
    let kept = of("a: CRITICAL\nb: WARN\nc: INFO\n");
    assert!(lowered(&kept, &of("a: CRITICAL\nb: CRITICAL\nc: INFO\nd: INFO\n")).is_empty(), "more is no less");
    let seen = lowered(&kept, &of("a: WARN\nc: INFO\n"));
    assert_eq!(seen, ["a was CRITICAL and would be WARN", "b was WARN and is told of no more"]);
}

#[test]
fn req_152_how_bad_a_fact_is_hangs_on_nothing_that_who_asks_can_choose() {
    for event in events() {
        let severity = event.severity();
        let causes = [Cause::Clock, Cause::Genesis, Cause::Proposal(ID)];
        for cause in causes {
            assert_eq!(Fact { cause, outcome: Ok(event.clone()) }.severity(), severity);
        }
    }
}

#[test]
fn a_stranger_pages_nobody() {
    let strangers = refusals().into_iter().filter(|(form, _)| form.contains("stranger"));
    let paged: Vec<_> = strangers.filter(|(_, error)| error.severity() > AlertSeverity::Info).collect();
    assert!(paged.is_empty(), "{paged:?}");
}

#[test]
fn what_switches_off_takes_back_or_misses_a_vote_is_critical() {
    let found = found();
    for what in [
        "rollouts.submitted disable",
        "rollouts.submitted rollback",
        "rollouts.executed switches_off",
        "rollouts.executed rollback",
        "rollouts.missed hold",
        "rollouts.missed restore",
        "rollouts.reverted",
        "rollouts.stated audit_integrity_failed",
        "cases.classified raised",
        "staking.punished",
        "roles.refused rollback.submit insider",
    ] {
        assert_eq!(found.get(what), Some(&AlertSeverity::Critical), "{what}");
    }
}
