//! What a plan is on the wire and in JSON.

use super::sample::{application, name, node};
use crate::check::{Ask, IfMissing};
use crate::plan::{ChangeKind, Missed, PhaseState, Plan};
use parity_scale_codec::{DecodeAll, Encode};
use primitives::{AlertSeverity, RecordClass};

#[test]
fn a_plan_comes_back_from_its_bytes_and_from_its_json() {
    for plan in [node(), application()] {
        assert_eq!(Plan::decode_all(&mut &plan.encode()[..]).unwrap(), plan);
        let json = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
    }
}

#[test]
fn json_with_a_field_that_a_plan_has_not_is_refused() {
    let mut json = serde_json::to_value(node()).unwrap();
    json["policy"]["two_way"] = true.into();
    let refused = serde_json::from_value::<Plan>(json).unwrap_err().to_string();
    assert!(refused.contains("two_way"), "{refused}");
}

/// What is encoded is only ever added to: these places are for good (ROLLOUTS 3.3).
#[test]
fn questions_and_kinds_keep_their_numbers() {
    assert_eq!(Ask::Recoverable.encode(), [11]);
    assert_eq!(ChangeKind::Phase.encode(), [6]);
    assert_eq!([Missed::Block, Missed::Hold, Missed::Restore].encode(), [0, 1, 2]);
    assert_eq!([PhaseState::Planned, PhaseState::Locked].encode(), [0, 3]);
    assert_eq!([AlertSeverity::Info, AlertSeverity::Critical].encode(), [0, 2]);
    assert_eq!(RecordClass::ALL.encode(), [0, 1, 2, 3]);
}

#[test]
fn words_of_a_profile_are_read_as_they_are_shown() {
    for class in RecordClass::ALL {
        assert_eq!(class.to_string().parse(), Ok(class));
    }
    assert_eq!((RecordClass::Audit.to_string(), PhaseState::Locked.to_string()), ("AUDIT".into(), "LOCKED".into()));
    assert_eq!(("no-go".parse(), "WARN".parse()), (Ok(IfMissing::NoGo), Ok(AlertSeverity::Warn)));
    assert_eq!("promote".parse(), Ok(ChangeKind::Promote));
    assert!("Promote".parse::<ChangeKind>().is_err() && "warn".parse::<AlertSeverity>().is_err());
}

#[test]
fn a_reference_is_shown_as_it_is_written() {
    let stage = node().stage(&name("testnet")).cloned().unwrap();
    assert_eq!(stage.recovery_playbook.to_string(), "docs/rollout.md#anchor");
}
