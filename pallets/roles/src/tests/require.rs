//! Who may do what, and where.

use super::*;

fn may(state: &State, who: AccountId, acting: &str, action: &str, scope: &str) -> Result<Actor, Error> {
    queries::require(state, &name("pos"), &name(acting), who, action, &path(scope))
}

#[test]
fn a_member_may_do_what_a_grant_of_the_role_says_where_both_reach() {
    let memory = Memory::default();
    let state = shop(&memory);
    assert_eq!(may(&state, BEN, TENANT, "set.submit", "PROD/t1"), Ok(Actor { account: BEN, role: name(TENANT) }));
    for (who, acting, action, scope, granted) in [
        (BEN, TENANT, "set.submit", "PROD/t1/b2", true),
        (BEN, TENANT, "set.submit", "DEV/t1", true),
        (BEN, TENANT, "set.submit", "PROD/t2", false),
        (BEN, TENANT, "set.submit", "PROD", false),
        (BEN, TENANT, "set.submit", "", false),
        (BEN, TENANT, "hold", "PROD/t1", true),
        (BEN, TENANT, "hold", "PROD/t1/b2", false),
        (BEN, TENANT, "promote.submit", "PROD/t1", false),
        (BEN, OWNER, "set.submit", "PROD/t1", false),
        (ANN, OWNER, "promote.submit", "", true),
        (ANN, OWNER, "promote", "", false),
        (ANN, TENANT, "set.submit", "PROD/t1", false),
        (DAN, AUDITOR, "audit", "PROD/t1/b2/c3", true),
    ] {
        assert_eq!(may(&state, who, acting, action, scope).is_ok(), granted, "{who} {acting} {action} {scope}");
    }
}

#[test]
fn req_018_a_refusal_names_what_was_asked_for_where_and_who_may_do_it() {
    let memory = Memory::default();
    let state = shop(&memory);
    let refused = may(&state, BEN, TENANT, "promote.submit", "PROD/t1").unwrap_err();
    let expected = Error::Role {
        plan: name("pos"),
        role: name(TENANT),
        action: "promote.submit".parse().unwrap(),
        scope: Box::new("PROD/t1".parse().unwrap()),
        held_by: List::truncate_from(vec![name(OWNER)]),
        insider: true,
    };
    assert_eq!((refused.code(), &refused), ("E_ROLE", &expected));
    let said = "as TENANT of plan pos this account may not promote.submit in PROD/t1; ask a member of OWNER";
    assert_eq!(refused.sentence(), said);
    let refused = may(&state, BEN, TENANT, "fly", "").unwrap_err();
    assert!(refused.sentence().ends_with("may not fly at the root; no role of the plan may"), "{refused}");
}

#[test]
fn a_refusal_says_whether_the_account_has_any_role_of_the_plan_and_a_stranger_has_none() {
    let memory = Memory::default();
    let state = shop(&memory);
    let insider = |who, acting: &str| match may(&state, who, acting, "fly", "") {
        Err(Error::Role { insider, .. }) => insider,
        other => panic!("{other:?}"),
    };
    let stranger = AccountId([0xfe; 32]);
    assert!(insider(BEN, TENANT) && insider(BEN, OWNER), "of whichever role it acts in");
    assert!(!insider(stranger, TENANT));
}

#[test]
fn the_roles_that_may_do_something_are_named_wherever_it_is() {
    let memory = Memory::default();
    let state = shop(&memory);
    let granted = |plan: &str, action: &str| queries::granted(&state, &name(plan), action);
    assert_eq!(granted("pos", "hold"), [name(LEAD), name(OWNER), name(TENANT)]);
    assert_eq!(granted("pos", "audit"), [name(AUDITOR)]);
    assert!(granted("pos", "fly").is_empty() && granted("chain", "hold").is_empty());
}

#[test]
fn a_role_or_a_plan_that_is_not_there_is_none_to_act_in() {
    let memory = Memory::default();
    let state = shop(&memory);
    let unknown = Error::UnknownRole(key("KING"));
    assert_eq!(may(&state, ANN, "KING", "set.submit", ""), Err(unknown.clone()));
    assert_eq!(unknown.code(), "E_UNKNOWN_ROLE");
    let elsewhere = queries::require(&state, &name("chain"), &name(OWNER), ANN, "set.submit", &Path::ROOT);
    assert!(matches!(elsewhere, Err(Error::UnknownRole(_))));
}

#[test]
fn a_member_without_scopes_votes_and_does_nothing_else() {
    let memory = Memory::default();
    let mut state = shop(&memory);
    make(&mut state, ANN, &appoint(OWNER, OWNER, DAN, &[])).unwrap();
    assert!(may(&state, DAN, OWNER, "hold", "").is_err() && may(&state, DAN, OWNER, "hold", "PROD").is_err());
    assert!(queries::has_vote(&state, &key(OWNER), &DAN, 2));
}

#[test]
fn a_grant_reads_and_prints_as_a_profile_has_it() {
    for text in ["promote.submit **", "hold", "appoint.TENANT */north/**"] {
        let grant: Grant = text.parse().unwrap();
        assert_eq!((grant.to_string().as_str(), serde_json::to_value(&grant).unwrap()), (text, text.into()));
        assert_eq!(serde_json::from_value::<Grant>(text.into()).unwrap(), grant);
    }
    assert_eq!(" hold   ** ".parse::<Grant>(), "hold **".parse());
    for bad in ["", "**", "hold a**", "hold ** **", "-x **"] {
        let said = bad.parse::<Grant>().unwrap_err();
        assert!(said.starts_with(&format!("{bad:?} is no grant such as ")), "{said}");
    }
    assert!(serde_json::from_value::<Grant>("hold  **".into()).is_err(), "JSON has one form");
}

#[test]
fn every_refusal_has_a_number_of_its_own_from_100_on() {
    let (key, account, acting) = (key(OWNER), ANN, name(OWNER));
    let (scope, held_by) = (primitives::ScopePattern::everywhere(), List::default());
    let all = [
        Error::Role {
            plan: name("pos"),
            role: acting.clone(),
            action: "a".parse().unwrap(),
            scope: Box::new(scope.clone()),
            held_by,
            insider: false,
        },
        Error::UnknownRole(key.clone()),
        Error::AlreadyMember { key: key.clone(), account },
        Error::NotMember { key: key.clone(), account },
        Error::LastMember { key: key.clone(), left: 0, least: 1 },
        Error::OutsideScope { acting: acting.clone(), scope },
        Error::WiderRole { key: key.clone(), acting },
        Error::Full { key, places: 128 },
        Error::NamedTwice(account),
    ];
    let numbers: Vec<u16> = all.iter().map(Error::number).collect();
    assert_eq!(numbers, (100..109).collect::<Vec<u16>>());
    assert!(all.iter().all(|error| error.code().starts_with("E_") && !error.sentence().ends_with('.')));
}
