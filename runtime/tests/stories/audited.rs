//! What the audit log says of facts beside how bad they are: what they are records of, and what the polls that the chain opens are about.

use primitives::{AlertSeverity, AuditActivity, EntityActivity, FactMarks, FindingActivity, RecordClass};
use runtime::testing::examples::{errors, events, motions};
use runtime::{Cause, Error, Event, Fact, Motion};

fn happened(event: Event) -> Fact {
    Fact { cause: Cause::Clock, outcome: Ok(event) }
}

/// What an event of a kind is a record of (REQ-156).
fn class_of(kind: &str) -> RecordClass {
    match kind {
        "staking.punished" | "staking.slashed" | "staking.unjailed" | "staking.unenforced" => RecordClass::Security,
        "flags.tokens_revoked" => RecordClass::Security,
        "releases.installed" | "releases.reported" | "releases.rebuilt" => RecordClass::Metrics,
        "releases.held" | "releases.advertised" | "releases.left_fleet" => RecordClass::Metrics,
        "rewards.began" | "rewards.attended" | "rewards.dropped" => RecordClass::Metrics,
        "artifacts.artifact_released" => RecordClass::Compliance,
        "rollouts.approved" | "rollouts.announced" | "rollouts.closed" | "rollouts.stated" => RecordClass::Compliance,
        "rollouts.met" | "rollouts.missed" | "rollouts.ended" | "rollouts.thawed" => RecordClass::Compliance,
        "rollouts.voided" | "rollouts.dropped" | "rollouts.amendment_ended" => RecordClass::Compliance,
        _ if kind.starts_with("witnesses.") => RecordClass::Security,
        _ if kind.starts_with("cases.") => RecordClass::Compliance,
        _ => RecordClass::Audit,
    }
}

#[test]
fn each_event_is_a_record_of_its_class_and_each_refusal_of_security() {
    for event in events() {
        let kind = event.told().kind();
        assert_eq!(happened(event).record_class(), class_of(kind), "{kind}");
    }
    for error in errors() {
        let refused = Fact { cause: Cause::Clock, outcome: Err(error) };
        assert_eq!(refused.record_class(), RecordClass::Security, "{refused:?}");
    }
}

/// What the events of a pallet are said to have done, each kind once and with a word if there is one.
fn activities(pallet: &str) -> Vec<(&'static str, AuditActivity)> {
    let mut said: Vec<_> = Vec::new();
    for event in events() {
        let (kind, activity) = (event.told().kind(), happened(event).activity().unwrap());
        if kind.starts_with(pallet) && !said.contains(&(kind, activity)) {
            said.push((kind, activity));
        }
    }
    said
}

#[test]
fn req_154_each_event_says_what_it_did_and_what_was_refused_did_nothing() {
    use AuditActivity::{Entity, Incident};
    let flags = [
        ("flags.defined", Entity(EntityActivity::Created)),
        ("flags.edited", Entity(EntityActivity::Updated)),
        ("flags.retired", Entity(EntityActivity::Deleted)),
        ("flags.tokens_revoked", Entity(EntityActivity::Deactivated)),
        ("flags.expired", Entity(EntityActivity::Updated)),
    ];
    let mut said = activities("flags.");
    said.sort_by_key(|(kind, _)| flags.iter().position(|(known, _)| known == kind));
    assert_eq!(said, flags);
    let incidents = [
        ("cases.detected", Incident(FindingActivity::Created)),
        ("cases.classified", Incident(FindingActivity::Updated)),
        ("cases.responded", Incident(FindingActivity::Updated)),
        ("cases.resolved", Incident(FindingActivity::Closed)),
    ];
    let of_cases = activities("cases.");
    for incident in incidents {
        assert!(of_cases.contains(&incident), "{incident:?} of {of_cases:?}");
    }
    for error in errors() {
        assert_eq!(Fact { cause: Cause::Clock, outcome: Err(error) }.activity(), None);
    }
}

/// How bad a refusal is, and where, in which role and with which code it was given.
fn refused(error: impl Into<Error>) -> (AlertSeverity, FactMarks) {
    let fact = Fact { cause: Cause::Clock, outcome: Err(error.into()) };
    (fact.severity(), fact.marks())
}

#[test]
fn a_refusal_that_only_carries_another_is_had_as_that_one() {
    let of_roles = errors().into_iter().filter_map(|error| match error {
        Error::Roles(error) => Some(error),
        _ => None,
    });
    let mut codes = 0;
    for error in of_roles {
        let carried = [
            refused(flags::Error::from(error.clone())),
            refused(artifacts::Error::from(error.clone())),
            refused(cases::Error::from(error.clone())),
            refused(rollouts::Error::from(error.clone())),
            refused(rollouts::Error::from(flags::Error::from(error.clone()))),
        ];
        let itself = refused(error);
        assert!(carried.iter().all(|carried| *carried == itself), "{carried:?} {itself:?}");
        codes += usize::from(itself.1.code.is_some());
    }
    assert!(codes > 0, "some refusal of roles is among the examples");
}

#[test]
fn a_poll_that_the_chain_opens_is_about_the_change_or_the_plan_of_its_motion() {
    let is_opened = |event: &Event| matches!(event, Event::Governance(governance::Event::Opened { .. }));
    let example = events().into_iter().find(is_opened).expect("the chain opens a poll");
    for motion in motions() {
        let nothing = FactMarks::default();
        let said = match &motion {
            Motion::Rollouts(rollouts::Motion::Decide { change, .. } | rollouts::Motion::Abort { change, .. }) => {
                FactMarks { action: Some("poll".into()), change_id: Some(*change), ..nothing }
            }
            Motion::Rollouts(rollouts::Motion::Install(installation)) => {
                FactMarks { plan: Some(installation.plan.name.clone()), action: Some("poll".into()), ..nothing }
            }
            Motion::Releases(_) | Motion::Governance(_) | Motion::Roles(_) => nothing,
        };
        let mut opened = example.clone();
        if let Event::Governance(governance::Event::Opened { proposal, .. }) = &mut opened {
            proposal.motion = motion;
        }
        assert_eq!(happened(opened).marks(), said);
    }
}
