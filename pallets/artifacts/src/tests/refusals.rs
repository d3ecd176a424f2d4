//! What is refused, and that nothing is stored of it.

use super::*;

/// What a call of an account is refused with; nothing is written for it.
fn refused_as(state: &State, who: AccountId, call: &Call) -> Error {
    call.decide(state, at(50), who).unwrap_err()
}

fn refused(state: &State, call: &Call) -> (&'static str, String) {
    let error = refused_as(state, ANN, call);
    (error.code(), error.to_string())
}

#[test]
fn req_117_a_name_has_the_form_of_the_plan_and_a_date_that_exists() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let right = ["2026.11.28.0", "2024.02.29.1", "2000.02.29.999999999999999999", "2026.12.31.7"];
    for (number, end) in right.into_iter().enumerate() {
        let named = ArtifactEntry { name: name(&format!("cfgp-pos-{end}")), ..artifact(number as u64) };
        make(&mut state, 1, &register(named)).unwrap();
    }
    let wrong = [
        "cfgp-pos-2026.02.29.1",
        "cfgp-pos-2100.02.29.1",
        "cfgp-pos-2026.04.31.1",
        "cfgp-pos-2026.00.10.1",
        "cfgp-pos-2026.13.10.1",
        "cfgp-pos-2026.11.00.1",
        "cfgp-pos-2026.11.32.1",
        "cfgp-pos-26.11.28.1",
        "cfgp-pos-2026.11.28.01",
        "cfgp-pos-2026.11.28.1000000000000000000",
        "cfgp-pos-2026.11.28.x",
        "cfgp-pos-2026.11.28",
        "cfgp-pos-2026.11.28.1-rc1",
        "CFGP-pos-2026.11.28.1",
        "pos-2026.11.28.1",
    ];
    for wrong in wrong {
        let call = register(ArtifactEntry { name: name(wrong), ..artifact(9) });
        let (code, said) = refused(&state, &call);
        assert!(code == "E_ARTIFACT_NAME" && said.contains("cfgp-pos-{YYYY}.{MM}.{DD}.{n}"), "{wrong}: {said}");
    }
    assert_eq!(queries::count(&state, &name("pos")), right.len() as u32);
}

#[test]
fn req_118_everything_that_is_asked_is_said_in_its_form_and_nothing_else() {
    let memory = Memory::default();
    let state = shop(&memory);
    let twice = {
        let mut twice = saying(1, "dv", None);
        let again = twice.meta.iter().find(|(key, _)| key.as_str() == "rv").unwrap().clone();
        twice.meta.try_push(again).unwrap();
        twice
    };
    let bad: [(ArtifactEntry, &str); 12] = [
        (saying(1, "commit", None), "does not say its \"commit\""),
        (saying(1, "rv", None), "does not say its \"rv\""),
        (saying(1, "dv", None), "does not say its \"dv\""),
        (saying(1, TARGET, None), "does not say its \"target\""),
        (saying(1, "built_at", None), "does not say its \"built_at\""),
        (saying(1, "commit", Some("0123abcd")), "does not look like \"{hex40}\""),
        (saying(1, "rv", Some("RV-2026.02.30.1")), "does not look like \"RV-"),
        (saying(1, "dv", Some("DV-2026-7")), "does not look like \"DV-"),
        (saying(1, "built_at", Some("2026-11-28T09:30:00+01:00")), "does not look like \"{utc}\""),
        (saying(1, TARGET, Some("MOON")), "no stage of its plan"),
        (saying(1, "colour", Some("red")), "says \"colour\", which the plan does not ask for"),
        (twice, "does not say its \"dv\""),
    ];
    for (artifact, part) in bad {
        let (code, said) = refused(&state, &register(artifact));
        assert!(code == "E_ARTIFACT_META" && said.contains(part), "{said}");
    }
    let mut twice = artifact(1);
    let again = twice.meta.first().unwrap().clone();
    twice.meta.try_push(again).unwrap();
    assert!(matches!(refused_as(&state, ANN, &register(twice)), Error::MetaNotAsked { .. }));
    assert_eq!(queries::count(&state, &name("pos")), 0);
}

#[test]
fn a_name_and_a_digest_are_of_one_artifact_for_good() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, 1, &register(artifact(1))).unwrap();
    let (named, weighed) = (artifact(1).name, artifact(1).digest);
    let same_name = register(ArtifactEntry { name: named.clone(), ..artifact(2) });
    let same_bytes = register(ArtifactEntry { digest: weighed, ..artifact(2) });
    let plan = name("pos");
    assert_eq!(refused_as(&state, ANN, &same_name), Error::NameTaken { plan: plan.clone(), name: named.clone() });
    assert_eq!(refused_as(&state, ANN, &same_bytes), Error::DigestTaken { plan: plan.clone(), name: named.clone() });
    make(&mut state, 2, &mark(1, ArtifactStanding::Released)).unwrap();
    for call in [same_name, same_bytes] {
        assert_eq!(refused(&state, &call).0, "E_ARTIFACT_TAKEN", "also when it was let go");
    }
    assert_eq!(queries::by_name(&state, &plan, &named), Some(weighed));
}

#[test]
fn who_may_register_for_one_stage_may_not_for_another_and_a_tenants_owner_for_none() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let as_ci = |artifact| Call::Register { plan: name("pos"), acting: name(CI), artifact };
    assert_eq!(refused_as(&state, BUILDER, &as_ci(artifact(1))).code(), "E_ROLE");
    let event = make_as(&mut state, BUILDER, 1, &as_ci(saying(1, TARGET, Some("DEV")))).unwrap();
    assert!(matches!(&event, Event::Registered { scope, .. } if *scope == path("DEV")), "{event:?}");
    for target in ["DEV", "PROD"] {
        let call = register(saying(2, TARGET, Some(target)));
        assert_eq!(refused_as(&state, BEN, &call).code(), "E_ROLE");
    }
    assert_eq!(refused_as(&state, BEN, &mark(1, ArtifactStanding::Bad)).code(), "E_ROLE");
    assert_eq!(queries::count(&state, &name("pos")), 1);
}

#[test]
fn a_plan_without_rules_has_no_artifacts() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, 1, &register(artifact(1))).unwrap();
    let elsewhere = Call::Register { plan: name("chain"), acting: name(OWNER), artifact: artifact(2) };
    assert_eq!(refused(&state, &elsewhere).0, "E_PLAN");
    apply::install(&mut state, &name("pos"), None);
    for call in [register(artifact(2)), mark(1, ArtifactStanding::Bad)] {
        assert_eq!(refused(&state, &call).0, "E_PLAN");
    }
    let required = queries::require_for(&state, &name("pos"), &digest(1), &name("DEV"));
    assert_eq!(required.unwrap_err().code(), "E_PLAN");
}

#[test]
fn an_artifact_is_of_a_phase_exactly_where_the_plan_has_some() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    let of_phase = |number, phase: &str| ArtifactEntry { phase: Some(name(phase)), ..artifact(number) };
    assert_eq!(refused(&state, &register(of_phase(1, "6"))).0, "E_PHASE");
    apply::install(&mut state, &name("pos"), Some(&InstalledArtifactRules { phases: list([name("6")]), ..rules() }));
    for call in [register(artifact(1)), register(of_phase(1, "7"))] {
        assert_eq!(refused(&state, &call).0, "E_PHASE");
    }
    make(&mut state, 1, &register(of_phase(1, "6"))).unwrap();
    assert_eq!(queries::artifact(&state, &name("pos"), &digest(1)).unwrap().artifact.phase, Some(name("6")));
}

#[test]
fn a_plan_has_512_artifacts_and_a_place_again_when_one_is_let_go() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    for number in 0..u64::from(MOST_ARTIFACTS) {
        make(&mut state, 1, &register(artifact(number))).unwrap();
    }
    assert_eq!(refused(&state, &register(artifact(600))).0, "E_FULL");
    make(&mut state, 2, &mark(0, ArtifactStanding::Released)).unwrap();
    make(&mut state, 3, &register(artifact(600))).unwrap();
    assert_eq!(queries::count(&state, &name("pos")), MOST_ARTIFACTS);
}

#[test]
fn what_is_unknown_bad_let_go_or_for_an_earlier_stage_is_not_promoted() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    for number in 1..=3 {
        make(&mut state, 1, &register(artifact(number))).unwrap();
    }
    make(&mut state, 1, &register(saying(4, TARGET, Some("DEV")))).unwrap();
    make(&mut state, 2, &mark(2, ArtifactStanding::Bad)).unwrap();
    make(&mut state, 2, &mark(3, ArtifactStanding::Released)).unwrap();
    let asked = |state: &State, number, stage: &str| {
        queries::require_for(state, &name("pos"), &digest(number), &name(stage)).map_err(|error| error.code())
    };
    assert_eq!([asked(&state, 1, "DEV"), asked(&state, 1, "PROD"), asked(&state, 4, "DEV")], [Ok(()), Ok(()), Ok(())]);
    assert_eq!(asked(&state, 2, "DEV"), Err("E_ARTIFACT_BAD"));
    assert_eq!(asked(&state, 3, "DEV"), Err("E_ARTIFACT_UNKNOWN"));
    assert_eq!(asked(&state, 4, "PROD"), Err("E_ARTIFACT_META"));
    assert_eq!(asked(&state, 9, "DEV"), Err("E_ARTIFACT_UNKNOWN"));
    // The version in force is what counts, not the one under which it was registered.
    let mut stricter = rules();
    stricter.rules.meta.try_push((name("sbom"), "{hex40}".parse().unwrap())).unwrap();
    apply::install(&mut state, &name("pos"), Some(&stricter));
    assert_eq!(asked(&state, 1, "DEV"), Err("E_ARTIFACT_META"));
}

#[test]
fn a_call_makes_nothing_good_and_nothing_of_what_was_let_go() {
    use ArtifactStanding::{Bad, Candidate, Good, Released};
    for (before, allowed) in [(Candidate, vec![Bad, Released]), (Good, vec![Bad, Released]), (Bad, vec![Released])] {
        for standing in [Candidate, Good, Bad, Released] {
            let memory = Memory::default();
            let mut state = shop(&memory);
            make(&mut state, 1, &register(artifact(1))).unwrap();
            apply::mark(&mut state, &name("pos"), &digest(1), before);
            let made = make(&mut state, 2, &mark(1, standing));
            match made {
                Ok(Event::Marked { before: was, standing: is, .. }) => {
                    assert!(allowed.contains(&standing) && was == before && is == standing);
                    assert_eq!(super::standing(&state, 1), standing);
                }
                Err(error) => {
                    assert!(!allowed.contains(&standing) && error.code() == "E_ARTIFACT_STANDING", "{error}");
                    assert_eq!(super::standing(&state, 1), before);
                }
                other => panic!("{other:?}"),
            }
        }
    }
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, 1, &register(artifact(1))).unwrap();
    make(&mut state, 2, &mark(1, Released)).unwrap();
    assert_eq!(refused(&state, &mark(1, Bad)).0, "E_ARTIFACT_UNKNOWN");
    assert_eq!(refused(&state, &mark(9, Bad)).0, "E_ARTIFACT_UNKNOWN");
}

#[test]
fn every_refusal_has_a_code_and_a_number_of_its_own() {
    let (plan, key, form) = (name("pos"), name("rv"), "RV-{n}".parse::<primitives::Pattern>().unwrap());
    let this = || name("a");
    let all = [
        Error::NoRules { plan: plan.clone() },
        Error::BadName { name: this(), format: form.clone() },
        Error::Phase { plan: plan.clone(), name: this(), phase: None },
        Error::MetaMissing { name: this(), key: key.clone(), form: form.clone() },
        Error::BadMeta { name: this(), key: key.clone(), form },
        Error::MetaNotAsked { name: this(), key },
        Error::NoSuchTarget { name: this() },
        Error::ShortTarget { name: this(), target: name("DEV"), stage: name("PROD") },
        Error::NameTaken { plan: plan.clone(), name: this() },
        Error::DigestTaken { plan: plan.clone(), name: this() },
        Error::Unknown { plan: plan.clone(), digest: digest(1) },
        Error::Gone { plan: plan.clone(), name: this() },
        Error::Bad { plan: plan.clone(), name: this() },
        Error::NotMarkable { name: this(), before: ArtifactStanding::Bad, standing: ArtifactStanding::Good },
        Error::Needed { name: this(), by: ArtifactPin::Hold(CaseId(7)) },
        Error::Full { plan, most: MOST_ARTIFACTS },
    ];
    let numbers: Vec<u16> = all.iter().map(Error::number).collect();
    assert_eq!(numbers, (270..286).collect::<Vec<u16>>());
    assert!(all.iter().all(|error| error.code().starts_with("E_") && error.to_string().contains([';', ':'])));
}
