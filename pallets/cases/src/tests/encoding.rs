//! How cases are encoded: for good (ROLLOUTS 3.3).

use super::*;
use parity_scale_codec::{Decode, DecodeAll, Encode};
use state::{Key, KeyBytes, Told};
use std::fmt::Debug;

fn stays<T: Encode + Decode + serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: &T) {
    assert_eq!(&T::decode_all(&mut &value.encode()[..]).unwrap(), value);
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
}

#[test]
fn what_is_asked_happens_and_is_kept_is_read_again_from_scale_and_from_json() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let known = Recovery { public_report: public(), ..recovery() };
    let calls = [
        (DORA, report("PROD")),
        (ANN, taking_up(1, "PROD")),
        (ANN, classify(2, AlertSeverity::Critical)),
        (ANN, respond(2, &[Containment::PolicyLock(None), Containment::FeatureFlag(ChangeId(1))])),
        (ANN, resolve(2, known)),
        (ANN, open_risk("DEV", AlertSeverity::Warn)),
        (ANN, mitigate(3)),
        (ANN, accept(3, at(9).time)),
        (ANN, close_risk(3)),
        (ANN, hold("DEV", 1, at(9).time)),
        (ANN, release(4)),
        (DORA, report("DEV")),
        (ANN, dismiss(5, true)),
    ];
    let mut told = BTreeSet::new();
    for (who, call) in calls {
        stays(&call);
        let event = make(&mut state, at(1), who, &call).unwrap();
        stays(&event);
        assert!(!call.sentence().is_empty() && !event.sentence().is_empty());
        told.insert(event.kind());
    }
    assert_eq!(told.len(), 12, "every event that a call brings");
    for case in 1..=5 {
        stays(&queries::case(&state, CaseId(case)).unwrap());
        stays(&queries::body(&state, CaseId(case)).unwrap());
    }
    stays(&rules());
    stays(&Error::Hold(HoldFlaw::TooLong { most: Span::days(1), latest: Timestamp(1) }));
    let unheard = serde_json::json!({ "change": 1, "check": "a", "plan": "shop" });
    assert!(serde_json::from_value::<DutyOfChange>(unheard).is_err());
}

#[test]
fn variants_keep_their_numbers() {
    assert_eq!([CaseKind::Report, CaseKind::Hold].encode(), [0, 3]);
    assert_eq!([CaseStep::Reported, CaseStep::Abandoned].encode(), [0, 13]);
    assert_eq!([AlertSeverity::Info, AlertSeverity::Critical].encode(), [0, 2]);
    assert_eq!(Containment::PolicyLock(None).encode(), [2, 0]);
    assert_eq!(serde_json::to_string(&Containment::PolicyLock(None)).unwrap(), "{\"policy_lock\":null}");
}

#[test]
fn keys_sort_as_kinds_do() {
    let written = |kind: &CaseKind| {
        let mut bytes = KeyBytes::new();
        kind.write(&mut bytes);
        assert_eq!(CaseKind::read(&mut &bytes[..]), Some(*kind));
        bytes.to_vec()
    };
    let keys: Vec<Vec<u8>> = <CaseKind as strum::VariantArray>::VARIANTS.iter().map(written).collect();
    assert!(keys.is_sorted() && keys.len() == 4);
}

#[test]
fn every_refusal_has_a_code_and_a_number_of_its_own_and_says_what_to_do() {
    let (plan, case) = (|| name("shop"), CaseId(1));
    let all = [
        Error::Deposit(accounts::Error::InsufficientBalance { have: Amount(1), need: Amount(2) }),
        Error::PlanUnknown { plan: plan() },
        Error::BadPath { plan: plan(), path: path("LIVE"), most: 3 },
        Error::CaseUnknown { plan: plan(), case },
        Error::OtherKind { case, is: CaseKind::Risk, wanted: CaseKind::Incident },
        Error::OtherStep { case, step: CaseStep::Detected },
        Error::FieldMissing { field: text("impact") },
        Error::OwnerUnknown { plan: plan(), owner: name("NOBODY") },
        Error::Containment(ContainmentFlaw::Nothing),
        Error::PublicReport { case },
        Error::ReviewDate { review: Timestamp(1), at: Timestamp(2) },
        Error::Hold(HoldFlaw::OwnHold { case }),
        Error::Full { plan: plan(), register: CaseRegister::Holds, most: 64, tenant: None },
    ];
    let numbers: Vec<u16> = all.iter().map(Error::number).collect();
    assert_eq!(numbers, (300..313).collect::<Vec<u16>>());
    for error in all {
        assert!(error.code().starts_with("E_") && error.to_string().contains([';', ':', ',']), "{error}");
    }
}

#[test]
fn whatever_is_over_says_that_there_is_nothing_more_to_do() {
    for step in <CaseStep as strum::VariantArray>::VARIANTS {
        let told = Error::OtherStep { case: CaseId(1), step: *step }.to_string();
        assert_eq!(told.contains("which is the end of it"), step.is_last(), "{told}");
    }
    let full = |tenant| Error::Full { plan: name("shop"), register: CaseRegister::Reports, most: 8, tenant };
    let told = full(Some(name("t1"))).to_string();
    assert!(told.starts_with("tenant t1 of plan shop has 8 reports"), "{told}");
    assert!(full(None).to_string().starts_with("plan shop has 8 reports"));
}
