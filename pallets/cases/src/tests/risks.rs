//! The risk register (REQ-134).

use super::*;
use AlertSeverity::{Critical, Warn};

#[test]
fn a_risk_is_mitigated_or_accepted_before_it_is_closed() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), ANN, &open_risk("PROD", Warn)).unwrap();
    let early = refused(&state, at(2), ANN, &close_risk(1));
    assert_eq!(early, Error::OtherStep { case: CaseId(1), step: CaseStep::Open });
    assert!(early.to_string().ends_with("next, mitigate or accept it"), "{early}");
    make(&mut state, at(2), ANN, &mitigate(1)).unwrap();
    assert_eq!(refused(&state, at(3), ANN, &mitigate(1)).code(), "E_CASE_STEP");
    for review in [at(8).time, at(20).time] {
        make(&mut state, at(3), ANN, &accept(1, review)).unwrap();
        let Some(CaseBody::Risk(body)) = queries::body(&state, CaseId(1)) else { panic!() };
        let acceptance = body.acceptance.unwrap();
        assert_eq!((acceptance.by.account, acceptance.review, body.mitigation), (ANN, review, text("two keys")));
    }
    make(&mut state, at(4), ANN, &close_risk(1)).unwrap();
    for call in [mitigate(1), accept(1, at(20).time), close_risk(1)] {
        assert_eq!(refused(&state, at(5), ANN, &call).code(), "E_CASE_STEP", "{call:?}");
    }
}

#[test]
fn p06_an_acceptance_names_a_day_after_this_block_and_within_a_year() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, at(1), ANN, &open_risk("", Critical)).unwrap();
    let last = Timestamp(2_000 + MOST_REVIEW_MS);
    for (review, fits) in [(Timestamp(2_000), false), (Timestamp(2_001), true), (last, true), (last.next(), false)] {
        let outcome = accept(1, review).decide(&state, at(2), ANN);
        assert_eq!(outcome.is_ok(), fits, "{review}");
        assert_eq!(outcome.err().map(|error| error.code()), (!fits).then_some("E_RISK_REVIEW"));
    }
}

#[test]
fn a_risk_has_words_and_an_owner_that_the_plan_has() {
    let memory = Memory::default();
    let state = shop(&memory);
    let risk = |said: &str, owner: &str| owned_risk("PROD", Warn, said, owner);
    for (call, number) in [(risk(" ", OWNER), 306), (risk("x", "NOBODY"), 307)] {
        let refusal = refused(&state, at(1), ANN, &call);
        assert_eq!((refusal.code(), refusal.number()), ("E_CASE_FIELD", number));
    }
    assert_eq!(refused(&state, at(1), CARL, &risk("x", OWNER)).code(), "E_ROLE");
}
